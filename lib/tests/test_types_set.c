/*
 * String sets: counts, order of first addition, merging, against a plain array.
 */
#include "base/rand.h"

#include <weir/type.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(set_counts_how_often_a_member_was_added)
{
    struct weir_string_set set = {0};
    ck_assert_uint_eq(weir_string_set_size(&set), 0);
    ck_assert_int_eq(weir_string_set_add(&set, WEIR_STR("a"), 1), 1);
    ck_assert_int_eq(weir_string_set_add(&set, WEIR_STR("b"), 3), 3);
    ck_assert_int_eq(weir_string_set_add(&set, WEIR_STR("a"), 2), 3);
    ck_assert_uint_eq(weir_string_set_size(&set), 2);
    ck_assert_int_eq(weir_string_set_count(&set, WEIR_STR("c")), 0);
    ck_assert_int_eq(weir_string_set_add(&set, WEIR_STR("a"), INT64_MAX), INT64_MAX);
    weir_string_set_clear(&set);
    ck_assert_ptr_null(set.table);
}
END_TEST

START_TEST(set_tells_empty_string_from_null)
{
    struct weir_string_set set = {0};
    ck_assert_int_eq(weir_string_set_add(&set, (struct weir_str){NULL, 0}, 1), 0);
    ck_assert_uint_eq(weir_string_set_size(&set), 0);
    weir_string_set_add(&set, WEIR_STR(""), 1);
    ck_assert_int_eq(weir_string_set_count(&set, WEIR_STR("")), 1);
    ck_assert(!weir_str_is_null(weir_string_set_at(&set, 0, NULL)));
    weir_string_set_add(&set, WEIR_STR("\0"), 1);
    ck_assert_uint_eq(weir_string_set_size(&set), 2);
    weir_string_set_clear(&set);
}
END_TEST

START_TEST(set_keeps_order_and_counts_through_growth)
{
    enum { MEMBERS = 1000 };
    int64_t counts[MEMBERS] = {0};
    int order[MEMBERS];
    int seen = 0;
    struct weir_string_set set = {0};
    struct weir__rand rand;
    weir__rand_init(&rand, 17);
    for (int i = 0; i < 5000; i++) {
        int member = (int)weir__rand_below(&rand, MEMBERS);
        char text[16];
        snprintf(text, sizeof(text), "user-%d", member);
        if (counts[member]++ == 0) {
            order[seen++] = member;
        }
        ck_assert_int_eq(weir_string_set_add(&set, weir_str_from(text), 1), counts[member]);
        ck_assert_uint_eq(weir_string_set_size(&set), (unsigned)seen);
    }
    for (int i = 0; i < seen; i++) {
        int64_t times;
        char text[16];
        snprintf(text, sizeof(text), "user-%d", order[i]);
        ck_assert(weir_str_equals(weir_string_set_at(&set, (uint32_t)i, &times), text));
        ck_assert_int_eq(times, counts[order[i]]);
        ck_assert_int_eq(weir_string_set_count(&set, weir_str_from(text)), times);
    }
    weir_string_set_clear(&set);
}
END_TEST

START_TEST(merge_adds_counts_and_leaves_the_other_alone)
{
    struct weir_string_set a = {0}, b = {0};
    weir_string_set_add(&a, WEIR_STR("x"), 1);
    weir_string_set_add(&b, WEIR_STR("y"), 2);
    weir_string_set_add(&b, WEIR_STR("x"), 3);
    weir_string_set_merge(&a, &b);
    weir_string_set_merge(&a, &(struct weir_string_set){0});
    ck_assert_int_eq(weir_string_set_count(&a, WEIR_STR("x")), 4);
    ck_assert_int_eq(weir_string_set_count(&a, WEIR_STR("y")), 2);
    ck_assert_int_eq(weir_string_set_count(&b, WEIR_STR("x")), 3);
    weir_string_set_merge(&a, &a);
    ck_assert_int_eq(weir_string_set_count(&a, WEIR_STR("y")), 4);
    weir_string_set_clear(&a);
    weir_string_set_clear(&b);
}
END_TEST

START_TEST(member_may_be_a_piece_of_the_set_itself)
{
    struct weir_string_set set = {0};
    weir_string_set_add(
        &set, WEIR_STR("0123456789012345678901234567890123456789012345678901234567890123"), 1);
    for (uint32_t len = 1; len < 60; len++) {
        struct weir_str whole = weir_string_set_at(&set, 0, NULL);
        weir_string_set_add(&set, (struct weir_str){whole.data, len}, 1);
    }
    ck_assert_uint_eq(weir_string_set_size(&set), 60);
    ck_assert(weir_str_equals(weir_string_set_at(&set, 4, NULL), "0123"));
    weir_string_set_clear(&set);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("types set");
    TCase *tests = tcase_create("set");
    tcase_add_test(tests, set_counts_how_often_a_member_was_added);
    tcase_add_test(tests, set_tells_empty_string_from_null);
    tcase_add_test(tests, set_keeps_order_and_counts_through_growth);
    tcase_add_test(tests, merge_adds_counts_and_leaves_the_other_alone);
    tcase_add_test(tests, member_may_be_a_piece_of_the_set_itself);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
