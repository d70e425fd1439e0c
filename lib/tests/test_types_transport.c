/*
 * Transport: whatever goes into a buffer comes out equal, flat types without being decoded; damaged
 * bytes are refused.
 */
#include "base/rand.h"
#include "test_types_sample.inc"
#include "types/transport.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define TRIP_FIELDS(F, T)                                                                          \
    F(T, string, user, "user", required)                                                           \
    F(T, structure, from, "from", required, point)                                                 \
    F(T, boolean, paid, "paid", required)                                                          \
    F(T, structure, to, "to", required, point)                                                     \
    F(T, int64, seconds, "seconds", required)
WEIR_DECLARE_TYPE(trip, TRIP_FIELDS);
WEIR_DEFINE_TYPE(trip, TRIP_FIELDS);

/* Puts the value into a buffer and gets it out again. */
static void expect_round_trip(const struct weir_type *type, const void *value)
{
    struct weir__transport sender;
    struct weir__transport receiver;
    struct weir__buf buffer = {0};
    weir__transport_init(&sender, type);
    weir__transport_init(&receiver, type);
    weir__transport_put(&sender, value, &buffer);
    const void *got = weir__transport_get(&receiver, buffer.data, buffer.len);
    ck_assert_ptr_nonnull(got);
    ck_assert(weir_value_equals(type, got, value));
    if (sender.is_flat) {
        ck_assert_ptr_eq(got, buffer.data); /* it is used where it lies */
    }
    weir__transport_release(&receiver);
    weir__transport_fini(&sender);
    weir__transport_fini(&receiver);
    weir__buf_fini(&buffer);
}

START_TEST(flat_values_with_nested_strings_come_back_equal)
{
    struct trip trip = {.user = WEIR_STR("ada"),
                        .from = {1, 2, WEIR_STR("")},
                        .paid = true,
                        .to = {3, 4, {NULL, 0}},
                        .seconds = -7};
    expect_round_trip(&trip_type, &trip);
    trip.user = (struct weir_str){NULL, 0};
    trip.to.label = WEIR_STR("a\0b");
    expect_round_trip(&trip_type, &trip);
}
END_TEST

START_TEST(scalars_come_back_equal)
{
    const struct weir_str text = WEIR_STR("text");
    const int64_t number = INT64_MIN;
    const double ratio = -0.5;
    const bool flag = true;
    expect_round_trip(&weir_string_type, &text);
    expect_round_trip(&weir_int64_type, &number);
    expect_round_trip(&weir_double_type, &ratio);
    expect_round_trip(&weir_bool_type, &flag);
}
END_TEST

START_TEST(values_with_lists_and_sets_come_back_equal)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct weir__rand rand;
        struct sample sample;
        weir__rand_init(&rand, seed);
        sample_random(&rand, &sample);
        expect_round_trip(&sample_type, &sample);
        weir_value_fini(&sample_type, &sample);
    }
}
END_TEST

START_TEST(cut_values_are_refused)
{
    struct trip trip = {.user = WEIR_STR("ada"), .from = {.label = WEIR_STR("home")}};
    struct weir__transport transport;
    struct weir__buf buffer = {0};
    weir__transport_init(&transport, &trip_type);
    weir__transport_put(&transport, &trip, &buffer);
    for (size_t len = 0; len < buffer.len; len++) {
        char *copy = malloc(buffer.len);
        memcpy(copy, buffer.data, buffer.len);
        ck_assert_ptr_null(weir__transport_get(&transport, copy, len));
        free(copy);
    }
    weir__transport_fini(&transport);
    weir__buf_fini(&buffer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("types transport");
    TCase *tests = tcase_create("transport");
    tcase_add_test(tests, flat_values_with_nested_strings_come_back_equal);
    tcase_add_test(tests, scalars_come_back_equal);
    tcase_add_test(tests, values_with_lists_and_sets_come_back_equal);
    tcase_add_test(tests, cut_values_are_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
