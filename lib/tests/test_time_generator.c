/*
 * Watermark generators and idleness, rule by rule: semantics sheet, section 11.
 */
#include "time/generator.h"

#include <check.h>
#include <stdlib.h>

enum { MS = 1000000 }; /* nanoseconds */

static struct weir__generator new_generator(const struct weir_watermark_strategy *strategy)
{
    struct weir__generator generator;
    weir__generator_init(&generator, strategy);
    return generator;
}

static void event(struct weir__generator *generator, const struct weir_watermark_strategy *strategy,
                  int64_t timestamp)
{
    int64_t watermark;
    ck_assert_int_eq(weir__generator_event(generator, strategy, NULL, timestamp, 0, &watermark),
                     WEIR__EVENT_NOTHING);
}

static int64_t probe(struct weir__generator *generator,
                     const struct weir_watermark_strategy *strategy)
{
    int64_t watermark;
    ck_assert_int_eq(weir__generator_probe(generator, strategy, 0, &watermark),
                     WEIR__PROBE_WATERMARK);
    return watermark;
}

START_TEST(bounded_is_max_timestamp_minus_bound_minus_one)
{
    struct weir_watermark_strategy strategy = weir_bounded_out_of_orderness(10);
    struct weir__generator generator = new_generator(&strategy);
    event(&generator, &strategy, 1337);
    ck_assert_int_eq(probe(&generator, &strategy), 1326);
    event(&generator, &strategy, 1300); /* out of order: the largest counts */
    ck_assert_int_eq(probe(&generator, &strategy), 1326);
}
END_TEST

START_TEST(monotonous_is_bound_zero)
{
    struct weir_watermark_strategy strategy = weir_monotonous_timestamps();
    struct weir__generator generator = new_generator(&strategy);
    event(&generator, &strategy, 1337);
    ck_assert_int_eq(probe(&generator, &strategy), 1336);
}
END_TEST

START_TEST(before_any_event_the_watermark_is_the_minimum)
{
    int64_t bounds[] = {0, 10, INT64_MAX};
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        struct weir_watermark_strategy strategy = weir_bounded_out_of_orderness(bounds[i]);
        struct weir__generator generator = new_generator(&strategy);
        ck_assert_int_eq(probe(&generator, &strategy), WEIR_TIME_MIN);
    }
}
END_TEST

START_TEST(timestamps_at_the_ends_of_time_do_not_overflow)
{
    int64_t bounds[] = {0, 1, 10, INT64_MAX};
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        struct weir_watermark_strategy strategy = weir_bounded_out_of_orderness(bounds[i]);
        struct weir__generator generator = new_generator(&strategy);
        event(&generator, &strategy, INT64_MIN);
        ck_assert_int_eq(probe(&generator, &strategy), WEIR_TIME_MIN);
        event(&generator, &strategy, INT64_MAX);
        ck_assert_int_eq(probe(&generator, &strategy), INT64_MAX - bounds[i] - 1);
    }
}
END_TEST

START_TEST(none_never_says_anything)
{
    struct weir_watermark_strategy strategy = {.kind = WEIR_WATERMARK_NONE};
    struct weir__generator generator = new_generator(&strategy);
    event(&generator, &strategy, 5);
    int64_t watermark;
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 0, &watermark),
                     WEIR__PROBE_NOTHING);
}
END_TEST

static bool every_tenth(const void *value, int64_t timestamp, int64_t *watermark, void *user)
{
    (void)value;
    *watermark = timestamp - *(const int64_t *)user;
    return timestamp % 10 == 0;
}

START_TEST(punctuated_answers_at_the_event_and_not_at_the_probe)
{
    int64_t behind = 1;
    struct weir_watermark_strategy strategy = {
        .kind = WEIR_WATERMARK_PUNCTUATED, .punctuated = every_tenth, .user = &behind};
    struct weir__generator generator = new_generator(&strategy);
    int64_t watermark = 0;
    event(&generator, &strategy, 9);
    ck_assert_int_eq(weir__generator_event(&generator, &strategy, NULL, 10, 0, &watermark),
                     WEIR__EVENT_WATERMARK);
    ck_assert_int_eq(watermark, 9);
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 0, &watermark),
                     WEIR__PROBE_NOTHING);
}
END_TEST

/* Elapsed time is counted from the first quiet probe and must EXCEED the timeout. */
START_TEST(idle_after_more_than_the_timeout_counted_from_the_first_quiet_probe)
{
    struct weir_watermark_strategy strategy = weir_with_idleness(weir_monotonous_timestamps(), 100);
    struct weir__generator generator = new_generator(&strategy);
    int64_t watermark;
    event(&generator, &strategy, 7);
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 0 * MS, &watermark),
                     WEIR__PROBE_WATERMARK);
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 500LL * MS, &watermark),
                     WEIR__PROBE_WATERMARK);
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 600LL * MS, &watermark),
                     WEIR__PROBE_WATERMARK);
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 601LL * MS, &watermark),
                     WEIR__PROBE_IDLE);
}
END_TEST

START_TEST(one_event_needs_three_probes)
{
    struct weir_watermark_strategy strategy = weir_with_idleness(weir_monotonous_timestamps(), 1);
    struct weir__generator generator = new_generator(&strategy);
    int64_t watermark;
    event(&generator, &strategy, 7);
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 1000LL * MS, &watermark),
                     WEIR__PROBE_WATERMARK);
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 2000LL * MS, &watermark),
                     WEIR__PROBE_WATERMARK);
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 3000LL * MS, &watermark),
                     WEIR__PROBE_IDLE);
}
END_TEST

START_TEST(an_event_resets_the_countdown)
{
    struct weir_watermark_strategy strategy = weir_with_idleness(weir_monotonous_timestamps(), 100);
    struct weir__generator generator = new_generator(&strategy);
    int64_t watermark;
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 0, &watermark),
                     WEIR__PROBE_WATERMARK);
    event(&generator, &strategy, 7);
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 101LL * MS, &watermark),
                     WEIR__PROBE_WATERMARK);
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 150LL * MS, &watermark),
                     WEIR__PROBE_WATERMARK);
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 250LL * MS, &watermark),
                     WEIR__PROBE_WATERMARK);
    ck_assert_int_eq(weir__generator_probe(&generator, &strategy, 251LL * MS, &watermark),
                     WEIR__PROBE_IDLE);
}
END_TEST

START_TEST(without_a_timeout_a_split_is_never_idle)
{
    struct weir_watermark_strategy strategy = weir_monotonous_timestamps();
    struct weir__generator generator = new_generator(&strategy);
    int64_t watermark;
    for (int64_t at = 0; at < 10; at++) {
        ck_assert_int_eq(
            weir__generator_probe(&generator, &strategy, at * 3600000 * MS, &watermark),
            WEIR__PROBE_WATERMARK);
    }
}
END_TEST

/* Fault list, row 14: an event dated far in the future. */
START_TEST(event_beyond_the_skew_guard_does_not_move_the_watermark)
{
    struct weir_watermark_strategy strategy =
        weir_with_max_future_skew(weir_monotonous_timestamps(), 1000);
    struct weir__generator generator = new_generator(&strategy);
    int64_t watermark;
    ck_assert_int_eq(weir__generator_event(&generator, &strategy, NULL, 6000, 5000, &watermark),
                     WEIR__EVENT_NOTHING); /* exactly the guard: trusted */
    ck_assert_int_eq(weir__generator_event(&generator, &strategy, NULL, 6001, 5000, &watermark),
                     WEIR__EVENT_FUTURE);
    ck_assert_int_eq(
        weir__generator_event(&generator, &strategy, NULL, INT64_MAX, 5000, &watermark),
        WEIR__EVENT_FUTURE);
    ck_assert_int_eq(probe(&generator, &strategy), 5999);
}
END_TEST

START_TEST(without_a_guard_any_timestamp_moves_the_watermark)
{
    struct weir_watermark_strategy strategy = weir_monotonous_timestamps();
    struct weir__generator generator = new_generator(&strategy);
    event(&generator, &strategy, INT64_MAX);
    ck_assert_int_eq(probe(&generator, &strategy), INT64_MAX - 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("generator");
    TCase *tcase = tcase_create("section 11");
    tcase_add_test(tcase, bounded_is_max_timestamp_minus_bound_minus_one);
    tcase_add_test(tcase, monotonous_is_bound_zero);
    tcase_add_test(tcase, before_any_event_the_watermark_is_the_minimum);
    tcase_add_test(tcase, timestamps_at_the_ends_of_time_do_not_overflow);
    tcase_add_test(tcase, none_never_says_anything);
    tcase_add_test(tcase, punctuated_answers_at_the_event_and_not_at_the_probe);
    tcase_add_test(tcase, idle_after_more_than_the_timeout_counted_from_the_first_quiet_probe);
    tcase_add_test(tcase, one_event_needs_three_probes);
    tcase_add_test(tcase, an_event_resets_the_countdown);
    tcase_add_test(tcase, without_a_timeout_a_split_is_never_idle);
    tcase_add_test(tcase, event_beyond_the_skew_guard_does_not_move_the_watermark);
    tcase_add_test(tcase, without_a_guard_any_timestamp_moves_the_watermark);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
