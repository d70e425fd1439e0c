/*
 * Values by descriptor: copies are deep and independent, equality and hash agree, printing is safe.
 */
#include "test_types_sample.inc"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(copy_does_not_share_memory_with_its_source)
{
    char name[] = "ada";
    struct sample source = {.name = weir_str_from(name), .number = 7};
    struct point point = {.x = 1, .label = weir_str_from(name)};
    weir_list_append(&source.points, &point_type, &point);
    weir_string_set_add(&source.users, WEIR_STR("u1"), 2);

    struct sample copy;
    weir_value_copy(&sample_type, &copy, &source);
    weir_list_clear(&source.points, &point_type);
    weir_string_set_clear(&source.users);
    memset(name, 'x', 3);

    ck_assert(weir_str_equals(copy.name, "ada"));
    ck_assert(weir_str_is_null(copy.note));
    ck_assert_uint_eq(copy.points.count, 1);
    const struct point *first = weir_list_at(&copy.points, &point_type, 0);
    ck_assert(weir_str_equals(first->label, "ada"));
    ck_assert_int_eq(weir_string_set_count(&copy.users, WEIR_STR("u1")), 2);
    weir_value_fini(&sample_type, &copy);
    ck_assert(copy.name.data == NULL && copy.number == 0 && copy.points.items == NULL &&
              copy.users.table == NULL);
}
END_TEST

START_TEST(copy_of_a_borrowed_list_owns_its_items)
{
    struct weir_str tags[] = {WEIR_STR("a"), WEIR_STR("b\0c")};
    struct sample source = {.name = WEIR_STR(""), .tags = {tags, 2, 0}};
    struct sample copy;
    weir_value_copy(&sample_type, &copy, &source);
    ck_assert(weir_value_equals(&sample_type, &copy, &source));
    ck_assert_ptr_ne(copy.tags.items, tags);
    ck_assert_uint_eq(copy.tags.capacity, 2);
    weir_list_append(&copy.tags, &weir_string_type, weir_list_at(&copy.tags, &weir_string_type, 1));
    ck_assert(weir_str_same(*(struct weir_str *)weir_list_at(&copy.tags, &weir_string_type, 2),
                            WEIR_STR("b\0c")));
    weir_value_fini(&sample_type, &copy);
}
END_TEST

START_TEST(equal_values_have_equal_hashes)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct weir__rand rand;
        struct sample a, b, other;
        weir__rand_init(&rand, seed);
        sample_random(&rand, &a);
        sample_random(&rand, &other);
        weir_value_copy(&sample_type, &b, &a);
        ck_assert_msg(weir_value_equals(&sample_type, &a, &b), "seed %d", (int)seed);
        ck_assert_uint_eq(weir_value_hash(&sample_type, &a), weir_value_hash(&sample_type, &b));
        ck_assert_msg(!weir_value_equals(&sample_type, &a, &other), "seed %d", (int)seed);
        ck_assert_uint_ne(weir_value_hash(&sample_type, &a), weir_value_hash(&sample_type, &other));
        weir_value_fini(&sample_type, &a);
        weir_value_fini(&sample_type, &b);
        weir_value_fini(&sample_type, &other);
    }
}
END_TEST

START_TEST(null_and_empty_string_differ)
{
    struct sample null = {.name = WEIR_STR("a")};
    struct sample empty = {.name = WEIR_STR("a"), .note = WEIR_STR("")};
    ck_assert(!weir_value_equals(&sample_type, &null, &empty));
    ck_assert_uint_ne(weir_value_hash(&sample_type, &null), weir_value_hash(&sample_type, &empty));
}
END_TEST

START_TEST(doubles_compare_as_keys_do)
{
    double zero = 0.0, minus_zero = -0.0, nan_a = NAN, nan_b = -NAN, one = 1.0;
    ck_assert(weir_value_equals(&weir_double_type, &zero, &minus_zero));
    ck_assert_uint_eq(weir_value_hash(&weir_double_type, &zero),
                      weir_value_hash(&weir_double_type, &minus_zero));
    ck_assert(weir_value_equals(&weir_double_type, &nan_a, &nan_b));
    ck_assert_uint_eq(weir_value_hash(&weir_double_type, &nan_a),
                      weir_value_hash(&weir_double_type, &nan_b));
    ck_assert(!weir_value_equals(&weir_double_type, &one, &nan_a));
}
END_TEST

START_TEST(hashes_are_the_same_on_every_machine)
{
    int64_t number = 42;
    struct weir_str text = WEIR_STR("the quick brown fox jumps over the lazy dog");
    ck_assert_uint_eq(weir_value_hash(&weir_int64_type, &number), UINT64_C(0x6ccbc96aacfb4014));
    ck_assert_uint_eq(weir_value_hash(&weir_string_type, &text), UINT64_C(0x019167bd415cdba6));
}
END_TEST

START_TEST(fields_are_found_by_their_c_name)
{
    ck_assert_ptr_eq(weir_type_field(&sample_type, "number"), WEIR_FIELD(sample, number));
    ck_assert_ptr_null(weir_type_field(&sample_type, "Number"));
}
END_TEST

START_TEST(json_shows_every_kind)
{
    struct weir_str tag = WEIR_STR("t");
    struct point point = {.x = 3, .y = 0.1};
    struct sample value = {.name = WEIR_STR("a\"\\/"),
                           .number = INT64_MIN,
                           .flag = true,
                           .ratio = NAN,
                           .tags = {&tag, 1, 0},
                           .points = {&point, 1, 0},
                           .home = {.x = 1e300, .label = WEIR_STR("é")}};
    weir_string_set_add(&value.users, WEIR_STR("u1"), 5);
    weir_string_set_add(&value.users, WEIR_STR("u0"), 1);
    char text[512];
    size_t len = weir_value_to_json(&sample_type, &value, text, sizeof(text));
    ck_assert_str_eq(
        text, "{\"name\":\"a\\\"\\\\/"
              "\",\"note\":null,\"number\":-9223372036854775808,\"flag\":true,\"ratio\":null,"
              "\"users\":[\"u1\",\"u0\"],\"points\":[{\"x\":3.0,\"y\":0.1,\"label\":null}],"
              "\"tags\":[\"t\"],"
              "\"home\":{\"x\":1e+300,\"y\":0.0,\"label\":\"é\"}}");
    ck_assert_uint_eq(len, strlen(text));
    weir_string_set_clear(&value.users);
}
END_TEST

/* FAULTS 11: nothing a terminal would obey. */
START_TEST(json_escapes_control_characters_and_invalid_utf8)
{
    struct weir_str hostile = WEIR_STR("\x1b[2J\0\n\x7f\xc2\x9b"
                                       "31m\xff\xe2\x82");
    char text[128];
    weir_value_to_json(&weir_string_type, &hostile, text, sizeof(text));
    ck_assert_str_eq(text, "\"\\u001b[2J\\u0000\\n\\u007f\\u009b31m\\ufffd\\ufffd\\ufffd\"");
}
END_TEST

START_TEST(json_that_does_not_fit_is_cut_between_characters)
{
    struct weir_str value = WEIR_STR("aé");
    char text[4];
    ck_assert_uint_eq(weir_value_to_json(&weir_string_type, &value, text, sizeof(text)), 5);
    ck_assert_str_eq(text, "\"a");
    ck_assert_uint_eq(weir_value_to_json(&weir_string_type, &value, NULL, 0), 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("types value");
    TCase *tests = tcase_create("value");
    tcase_add_test(tests, copy_does_not_share_memory_with_its_source);
    tcase_add_test(tests, copy_of_a_borrowed_list_owns_its_items);
    tcase_add_test(tests, equal_values_have_equal_hashes);
    tcase_add_test(tests, null_and_empty_string_differ);
    tcase_add_test(tests, doubles_compare_as_keys_do);
    tcase_add_test(tests, hashes_are_the_same_on_every_machine);
    tcase_add_test(tests, fields_are_found_by_their_c_name);
    tcase_add_test(tests, json_shows_every_kind);
    tcase_add_test(tests, json_escapes_control_characters_and_invalid_utf8);
    tcase_add_test(tests, json_that_does_not_fit_is_cut_between_characters);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
