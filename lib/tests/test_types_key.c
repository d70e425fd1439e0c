/*
 * Keys: Java's hashes, Flink's key groups. Source: semantics sheet, section 16.
 */
#include "types/key.h"

#include <check.h>
#include <stdlib.h>

static int32_t hash_of_text(struct weir_str text)
{
    struct weir__key key = weir__key_string(text);
    return weir__java_hash(&key);
}

static int32_t hash_of_integer(int64_t integer)
{
    struct weir__key key = weir__key_integer(WEIR_KIND_INT64, integer);
    return weir__java_hash(&key);
}

START_TEST(string_hash_is_javas)
{
    ck_assert_int_eq(hash_of_text(WEIR_STR("")), 0);
    ck_assert_int_eq(hash_of_text((struct weir_str){NULL, 0}), 0);
    ck_assert_int_eq(hash_of_text(WEIR_STR("a")), 97);
    ck_assert_int_eq(hash_of_text(WEIR_STR("hello")), 99162322);
    ck_assert_int_eq(hash_of_text(WEIR_STR("Aa")), hash_of_text(WEIR_STR("BB")));
    ck_assert_int_eq(hash_of_text(WEIR_STR("polygenelubricants")), INT32_MIN);
    ck_assert_int_eq(hash_of_text(WEIR_STR("user-0001")), 291268803);
}
END_TEST

START_TEST(string_hash_runs_over_utf16_units)
{
    ck_assert_int_eq(hash_of_text(WEIR_STR("é")), 233);
    ck_assert_int_eq(hash_of_text(WEIR_STR("😀")), 1772899); /* d83d de00 */
    ck_assert_int_eq(hash_of_text(WEIR_STR("Weir – 流")), -430549653);
    ck_assert_int_eq(hash_of_text(WEIR_STR("\xff")), 0xfffd);
}
END_TEST

START_TEST(integer_hash_is_that_of_javas_long)
{
    ck_assert_int_eq(hash_of_integer(0), 0);
    ck_assert_int_eq(hash_of_integer(1), 1);
    ck_assert_int_eq(hash_of_integer(-1), 0);
    ck_assert_int_eq(hash_of_integer(INT64_MAX), INT32_MIN);
    ck_assert_int_eq(hash_of_integer(INT64_MIN), INT32_MIN);
}
END_TEST

START_TEST(boolean_hash_is_that_of_javas_boolean)
{
    struct weir__key yes = weir__key_integer(WEIR_KIND_BOOL, 1),
                     no = weir__key_integer(WEIR_KIND_BOOL, 0);
    ck_assert_int_eq(weir__java_hash(&yes), 1231);
    ck_assert_int_eq(weir__java_hash(&no), 1237);
}
END_TEST

START_TEST(murmur_is_never_negative)
{
    ck_assert_int_eq(weir__murmur(0), 593689054);
    ck_assert_int_eq(weir__murmur(1), 68075478);
    ck_assert_int_eq(weir__murmur(INT32_MAX), 1653689534);
    ck_assert_int_eq(weir__murmur(INT32_MIN), 1718298732);
    ck_assert_int_eq(weir__murmur(-2089875627), 0); /* the one whose mixed bits are INT_MIN */
}
END_TEST

START_TEST(key_groups_are_flinks)
{
    static const struct {
        const char *key;
        int group;
    } cases[] = {{"", 94},          {"a", 81},    {"hello", 35}, {"polygenelubricants", 108},
                 {"user-0001", 44}, {"/home", 63}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct weir__key key = weir__key_string(weir_str_from(cases[i].key));
        ck_assert_int_eq(weir__key_group(&key, 128), cases[i].group);
    }
}
END_TEST

START_TEST(ranges_partition_the_groups_as_the_formula_does)
{
    for (int max = 1; max <= 130; max += 43) {
        for (int parallelism = 1; parallelism <= max; parallelism++) {
            int expected_first = 0;
            for (int subtask = 0; subtask < parallelism; subtask++) {
                int first, last;
                weir__key_group_range(subtask, max, parallelism, &first, &last);
                ck_assert_int_eq(first, expected_first);
                for (int group = first; group <= last; group++) {
                    ck_assert_int_eq(weir__key_group_subtask(group, max, parallelism), subtask);
                }
                expected_first = last + 1;
            }
            ck_assert_int_eq(expected_first, max);
        }
    }
}
END_TEST

START_TEST(default_max_parallelism_is_a_bounded_power_of_two)
{
    ck_assert_int_eq(weir__default_max_parallelism(1), 128);
    ck_assert_int_eq(weir__default_max_parallelism(85), 128);
    ck_assert_int_eq(weir__default_max_parallelism(86), 256);
    ck_assert_int_eq(weir__default_max_parallelism(171), 256);
    ck_assert_int_eq(weir__default_max_parallelism(172), 512);
    ck_assert_int_eq(weir__default_max_parallelism(30000), 32768);
}
END_TEST

START_TEST(keys_compare_by_kind_and_value)
{
    struct weir__key one = weir__key_integer(WEIR_KIND_INT64, 1),
                     yes = weir__key_integer(WEIR_KIND_BOOL, 1);
    struct weir__key null = weir__key_string((struct weir_str){NULL, 0}),
                     empty = weir__key_string(WEIR_STR(""));
    char text[24];
    ck_assert(!weir__key_equals(&one, &yes));
    ck_assert(weir__key_equals(&null, &empty));
    ck_assert(weir_str_equals(weir__key_text(&yes, text), "true"));
    one.integer = INT64_MIN;
    ck_assert(weir_str_equals(weir__key_text(&one, text), "-9223372036854775808"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("types key");
    TCase *tests = tcase_create("key");
    tcase_add_test(tests, string_hash_is_javas);
    tcase_add_test(tests, string_hash_runs_over_utf16_units);
    tcase_add_test(tests, integer_hash_is_that_of_javas_long);
    tcase_add_test(tests, boolean_hash_is_that_of_javas_boolean);
    tcase_add_test(tests, murmur_is_never_negative);
    tcase_add_test(tests, key_groups_are_flinks);
    tcase_add_test(tests, ranges_partition_the_groups_as_the_formula_does);
    tcase_add_test(tests, default_max_parallelism_is_a_bounded_power_of_two);
    tcase_add_test(tests, keys_compare_by_kind_and_value);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
