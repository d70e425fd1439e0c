/*
 * Which windows a time belongs to. Semantics sheet, sections 1 and 2.
 */
#include "window/assigner.h"

#include <check.h>
#include <stdlib.h>

static struct weir__vec windows;

static void setup(void)
{
    windows = WEIR__VEC_OF(struct weir_window);
}

static void teardown(void)
{
    weir__vec_fini(&windows);
}

static size_t assign(struct weir_window_assigner assigner, int64_t timestamp)
{
    ck_assert_int_eq(weir__assign(&assigner, NULL, timestamp, 0, &windows), WEIR__ASSIGNED);
    return windows.count;
}

static void expect_window(size_t index, int64_t start, int64_t end)
{
    const struct weir_window *window = weir__vec_at(&windows, index);
    ck_assert_int_eq(window->start, start);
    ck_assert_int_eq(window->end, end);
}

static int64_t start_of(int64_t timestamp, int64_t offset, int64_t size)
{
    struct weir_window_assigner assigner = weir_tumbling_event_time(size);
    assigner.offset_ms = offset;
    ck_assert_uint_eq(assign(assigner, timestamp), 1);
    return ((const struct weir_window *)weir__vec_at(&windows, 0))->start;
}

START_TEST(window_starts_follow_the_table)
{
    static const int64_t table[][4] = {
        /* timestamp, offset, size, start */
        {-1, 0, 10, -10}, {-10, 0, 10, -10}, {-11, 0, 10, -20}, {-8, 0, 7, -14},   {-7, 0, 7, -7},
        {-10, 3, 7, -11}, {2, 3, 7, -4},     {3, 3, 7, 3},      {-12, -2, 7, -16}, {4, -2, 7, -2},
        {1, 0, 7, 0},     {6, 0, 7, 0},      {7, 0, 7, 7},      {8, 0, 7, 7},      {9, 3, 7, 3},
        {10, 3, 7, 10},   {-2, -2, 7, -2},   {3, -2, 7, -2},    {7, -2, 7, 5},     {12, -2, 7, 12},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        ck_assert_int_eq(start_of(table[i][0], table[i][1], table[i][2]), table[i][3]);
    }
}
END_TEST

START_TEST(a_start_is_the_floor_for_all_small_numbers)
{
    for (int64_t size = 1; size <= 7; size++) {
        for (int64_t offset = -size + 1; offset < size; offset++) {
            for (int64_t timestamp = -30; timestamp <= 30; timestamp++) {
                int64_t start = start_of(timestamp, offset, size);
                ck_assert(start <= timestamp && timestamp < start + size);
                ck_assert_int_eq((start - offset) % size, 0);
            }
        }
    }
}
END_TEST

START_TEST(windows_at_the_ends_of_time_saturate)
{
    assign(weir_tumbling_event_time(10), INT64_MAX);
    expect_window(0, 9223372036854775800, INT64_MAX);
    assign(weir_tumbling_event_time(10), INT64_MIN + 1);
    expect_window(0, INT64_MIN, -9223372036854775800);
    assign(weir_tumbling_event_time(INT64_MAX), 5);
    expect_window(0, 0, INT64_MAX);
    assign(weir_tumbling_event_time(INT64_MAX), -5);
    expect_window(0, -INT64_MAX, 0);
    assign(weir_session_event_time(INT64_MAX), 5);
    expect_window(0, 5, INT64_MAX);
    struct weir_window_assigner shifted = weir_tumbling_event_time(INT64_MAX);
    shifted.offset_ms = INT64_MAX - 1;
    assign(shifted, INT64_MIN + 1);
    expect_window(0, INT64_MIN, -1);
    shifted.offset_ms = -(INT64_MAX - 1);
    assign(shifted, INT64_MAX);
    ck_assert_uint_eq(windows.count, 1);
}
END_TEST

START_TEST(sliding_windows_come_newest_start_first)
{
    ck_assert_uint_eq(assign(weir_sliding_event_time(10, 5), 7), 2);
    expect_window(0, 5, 15);
    expect_window(1, 0, 10);
    ck_assert_uint_eq(assign(weir_sliding_event_time(5, 3), 0), 2);
    expect_window(0, 0, 5);
    expect_window(1, -3, 2);
    ck_assert_uint_eq(assign(weir_sliding_event_time(5, 3), 2), 1);
    expect_window(0, 0, 5);
}
END_TEST

START_TEST(a_start_exactly_a_size_ago_is_out)
{
    ck_assert_uint_eq(assign(weir_sliding_event_time(10, 5), 10),
                      2); /* start > ts - size, strict */
    expect_window(0, 10, 20);
    expect_window(1, 5, 15);
}
END_TEST

START_TEST(a_slide_above_the_size_leaves_gaps)
{
    ck_assert_uint_eq(assign(weir_sliding_event_time(5, 8), 4), 1);
    ck_assert_uint_eq(assign(weir_sliding_event_time(5, 8), 5), 0);
    ck_assert_uint_eq(assign(weir_sliding_event_time(5, 8), 7), 0);
    ck_assert_uint_eq(assign(weir_sliding_event_time(5, 8), 8), 1);
    expect_window(0, 8, 13);
}
END_TEST

START_TEST(sliding_windows_cover_what_the_definition_says)
{
    for (int64_t size = 1; size <= 9; size++) {
        for (int64_t slide = 1; slide <= 9; slide++) {
            for (int64_t timestamp = -20; timestamp <= 20; timestamp++) {
                struct weir_window_assigner assigner = weir_sliding_event_time(size, slide);
                assigner.offset_ms = timestamp % slide; /* any valid offset */
                size_t count = assign(assigner, timestamp);
                size_t expected = 0;
                for (int64_t start = timestamp; start > timestamp - size; start--) {
                    if ((start - assigner.offset_ms) % slide == 0) {
                        ck_assert_uint_lt(expected, count);
                        expect_window(expected++, start, start + size);
                    }
                }
                ck_assert_uint_eq(count, expected);
            }
        }
    }
}
END_TEST

START_TEST(sliding_windows_at_the_ends_of_time_saturate)
{
    ck_assert_uint_eq(assign(weir_sliding_event_time(10, 5), INT64_MAX), 2);
    expect_window(0, INT64_MAX - 2, INT64_MAX);
    expect_window(1, INT64_MAX - 7, INT64_MAX);
    ck_assert_uint_eq(assign(weir_sliding_event_time(10, 5), INT64_MIN + 1), 2);
    expect_window(0, INT64_MIN, INT64_MIN + 8);
    expect_window(1, INT64_MIN, INT64_MIN + 3);
    ck_assert_uint_eq(assign(weir_sliding_event_time(INT64_MAX, INT64_MAX - 1), 0), 2);
}
END_TEST

static int64_t gap_of(const void *value, void *user)
{
    (void)user;
    return *(const int64_t *)value;
}

START_TEST(a_dynamic_gap_comes_from_the_event_and_must_be_above_zero)
{
    struct weir_window_assigner assigner = weir_dynamic_session_event_time(gap_of, NULL);
    ck_assert_int_eq(weir__assign(&assigner, &(int64_t){7}, 10, 0, &windows), WEIR__ASSIGNED);
    expect_window(0, 10, 17);
    ck_assert_int_eq(weir__assign(&assigner, &(int64_t){0}, 10, 0, &windows), WEIR__ASSIGN_BAD_GAP);
    ck_assert_int_eq(weir__assign(&assigner, &(int64_t){-1}, 10, 0, &windows),
                     WEIR__ASSIGN_BAD_GAP);
    ck_assert_int_eq(weir__assign(&assigner, &(int64_t){INT64_MAX}, INT64_MAX, 0, &windows),
                     WEIR__ASSIGNED);
}
END_TEST

START_TEST(windows_intersect_when_they_touch)
{
    ck_assert(weir__window_intersects((struct weir_window){10, 20}, (struct weir_window){20, 30}));
    ck_assert(weir__window_intersects((struct weir_window){20, 30}, (struct weir_window){10, 20}));
    ck_assert(!weir__window_intersects((struct weir_window){10, 20}, (struct weir_window){21, 30}));
    ck_assert(weir__window_intersects((struct weir_window){10, 20}, (struct weir_window){12, 15}));
}
END_TEST

START_TEST(the_global_window_has_no_end)
{
    ck_assert_uint_eq(assign(weir_global_window(), WEIR_TIME_MIN), 1);
    expect_window(0, WEIR_TIME_MIN, WEIR_TIME_MAX);
    struct weir_window_config config = {.assigner = weir_global_window(), .allowed_lateness_ms = 5};
    struct weir__window_rules rules = weir__window_rules_of(&config);
    ck_assert_int_eq(
        weir__window_max_timestamp(&rules, *(struct weir_window *)weir__vec_at(&windows, 0)),
        WEIR_TIME_MAX);
}
END_TEST

START_TEST(processing_time_assigners_take_the_clock)
{
    struct weir_window_assigner assigner = weir_tumbling_processing_time(10);
    ck_assert_int_eq(weir__assign(&assigner, NULL, WEIR_TIME_MIN, 25, &windows), WEIR__ASSIGNED);
    expect_window(0, 20, 30);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("window assigner");
    TCase *tests = tcase_create("assigner");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, window_starts_follow_the_table);
    tcase_add_test(tests, a_start_is_the_floor_for_all_small_numbers);
    tcase_add_test(tests, windows_at_the_ends_of_time_saturate);
    tcase_add_test(tests, sliding_windows_come_newest_start_first);
    tcase_add_test(tests, a_start_exactly_a_size_ago_is_out);
    tcase_add_test(tests, a_slide_above_the_size_leaves_gaps);
    tcase_add_test(tests, sliding_windows_cover_what_the_definition_says);
    tcase_add_test(tests, sliding_windows_at_the_ends_of_time_saturate);
    tcase_add_test(tests, a_dynamic_gap_comes_from_the_event_and_must_be_above_zero);
    tcase_add_test(tests, windows_intersect_when_they_touch);
    tcase_add_test(tests, the_global_window_has_no_end);
    tcase_add_test(tests, processing_time_assigners_take_the_clock);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
