/*
 * Watermarks a source split and their combination, rule by rule: semantics sheet, section 12 (and
 * 11 for what splits say).
 */
#include "time/multiplexer.h"
#include "time/split_watermarks.h"
#include "types/record.h"

#include <check.h>
#include <stdlib.h>

static void expect(struct weir__time_change change, bool active, bool rises, int64_t watermark,
                   bool idle)
{
    ck_assert_int_eq(change.active, active);
    ck_assert_int_eq(change.rises, rises);
    if (rises) {
        ck_assert_int_eq(change.watermark, watermark);
    }
    ck_assert_int_eq(change.idle, idle);
}

static void expect_nothing(struct weir__time_change change)
{
    expect(change, false, false, 0, false);
}

static void expect_watermark(struct weir__time_change change, int64_t watermark)
{
    expect(change, false, true, watermark, false);
}

static struct weir__multiplexer *mux_of(int splits)
{
    struct weir__multiplexer *mux = weir__multiplexer_new();
    for (int i = 0; i < splits; i++) {
        weir__multiplexer_add(mux, i);
    }
    return mux;
}

START_TEST(no_split_at_all_says_nothing_and_is_not_idle)
{
    struct weir__multiplexer *mux = mux_of(0);
    expect_nothing(weir__multiplexer_update(mux));
    weir__multiplexer_free(mux);
}
END_TEST

START_TEST(split_without_a_watermark_holds_everything_back)
{
    struct weir__multiplexer *mux = mux_of(2);
    weir__multiplexer_set(mux, 0, 10);
    expect_nothing(weir__multiplexer_update(mux));
    weir__multiplexer_set(mux, 1, 4);
    expect_watermark(weir__multiplexer_update(mux), 4);
    weir__multiplexer_free(mux);
}
END_TEST

START_TEST(deferred_watermarks_combine_at_the_next_update)
{
    struct weir__multiplexer *mux = mux_of(1);
    weir__multiplexer_set(mux, 0, 10);
    weir__multiplexer_set(mux, 0, 11);
    expect_watermark(weir__multiplexer_update(mux), 11);
    expect_nothing(weir__multiplexer_update(mux));
    weir__multiplexer_free(mux);
}
END_TEST

START_TEST(immediate_watermark_combines_at_once_when_it_rises)
{
    struct weir__multiplexer *mux = mux_of(2);
    expect_nothing(weir__multiplexer_set_now(mux, 0, 10));
    expect_watermark(weir__multiplexer_set_now(mux, 1, 6), 6);
    expect_nothing(weir__multiplexer_set_now(mux, 1, 5)); /* did not rise */
    expect_watermark(weir__multiplexer_set_now(mux, 1, 12), 10);
    weir__multiplexer_free(mux);
}
END_TEST

START_TEST(idle_split_is_left_out)
{
    struct weir__multiplexer *mux = mux_of(2);
    weir__multiplexer_set(mux, 0, 10);
    weir__multiplexer_set_idle(mux, 1);
    expect_watermark(weir__multiplexer_update(mux), 10);
    weir__multiplexer_free(mux);
}
END_TEST

/* Fault list, row 15: a split that wakes behind the others does not pull the watermark back. */
START_TEST(combined_watermark_never_falls_when_a_split_wakes)
{
    struct weir__multiplexer *mux = mux_of(2);
    weir__multiplexer_set(mux, 0, 10);
    weir__multiplexer_set_idle(mux, 1);
    weir__multiplexer_update(mux);
    weir__multiplexer_set(mux, 1, 3);
    expect_nothing(weir__multiplexer_update(mux));
    weir__multiplexer_set(mux, 0, 20); /* held by split 1 now */
    expect_nothing(weir__multiplexer_update(mux));
    weir__multiplexer_set(mux, 1, 15);
    expect_watermark(weir__multiplexer_update(mux), 15);
    weir__multiplexer_free(mux);
}
END_TEST

START_TEST(any_watermark_clears_the_splits_idleness_even_one_that_does_not_rise)
{
    struct weir__multiplexer *mux = mux_of(2);
    weir__multiplexer_set(mux, 0, 10);
    weir__multiplexer_set(mux, 1, 5);
    weir__multiplexer_update(mux);
    weir__multiplexer_set_idle(mux, 1);
    expect_watermark(weir__multiplexer_update(mux), 10);
    weir__multiplexer_set(mux, 1, 5);
    weir__multiplexer_set(mux, 0, 30);
    expect_nothing(weir__multiplexer_update(mux)); /* split 1, at 5, holds again */
    weir__multiplexer_free(mux);
}
END_TEST

/* FLINK-38454: 5 and 4 both idle give 5 whatever the order. */
START_TEST(all_idle_sends_the_maximum_over_splits_and_then_idle)
{
    for (int first = 0; first < 2; first++) {
        struct weir__multiplexer *mux = mux_of(2);
        weir__multiplexer_set(mux, 0, 5);
        weir__multiplexer_set(mux, 1, 4);
        expect_watermark(weir__multiplexer_update(mux), 4);
        weir__multiplexer_set_idle(mux, first);
        struct weir__time_change change = weir__multiplexer_update(mux);
        ck_assert_int_eq(change.rises, first == 1); /* the 4 fell silent: 5 is the minimum */
        weir__multiplexer_set_idle(mux, 1 - first);
        change = weir__multiplexer_update(mux);
        ck_assert(change.idle);
        ck_assert_int_eq(change.rises, first == 0);
        ck_assert(!change.rises || change.watermark == 5);
        weir__multiplexer_free(mux);
    }
}
END_TEST

START_TEST(what_a_split_brings_between_two_silences_goes_out_when_all_are_idle)
{
    struct weir__multiplexer *mux = mux_of(2);
    weir__multiplexer_set(mux, 0, 5);
    weir__multiplexer_set_idle(mux, 0);
    weir__multiplexer_set_idle(mux, 1);
    expect(weir__multiplexer_update(mux), false, true, 5, true);
    weir__multiplexer_set(mux, 1, 8);
    weir__multiplexer_set_idle(mux, 1);
    expect(weir__multiplexer_update(mux), true, true, 8, true);
    weir__multiplexer_free(mux);
}
END_TEST

START_TEST(idle_is_told_once)
{
    struct weir__multiplexer *mux = mux_of(1);
    weir__multiplexer_set_idle(mux, 0);
    expect(weir__multiplexer_update(mux), false, false, 0, true);
    weir__multiplexer_set_idle(mux, 0);
    expect_nothing(weir__multiplexer_update(mux));
    weir__multiplexer_free(mux);
}
END_TEST

START_TEST(active_is_told_with_the_next_watermark_that_rises)
{
    struct weir__multiplexer *mux = mux_of(1);
    weir__multiplexer_set(mux, 0, 5);
    weir__multiplexer_update(mux);
    weir__multiplexer_set_idle(mux, 0);
    expect(weir__multiplexer_update(mux), false, false, 0, true);
    weir__multiplexer_set(mux, 0, 5);
    expect_nothing(weir__multiplexer_update(mux)); /* did not rise: downstream stays idle */
    weir__multiplexer_set(mux, 0, 6);
    expect(weir__multiplexer_update(mux), true, true, 6, false);
    weir__multiplexer_free(mux);
}
END_TEST

START_TEST(removing_a_split_moves_nothing_by_itself)
{
    struct weir__multiplexer *mux = mux_of(2);
    weir__multiplexer_set(mux, 0, 10);
    weir__multiplexer_set(mux, 1, 4);
    weir__multiplexer_update(mux);
    weir__multiplexer_remove(mux, 1);
    weir__multiplexer_remove(mux, 7);                    /* not there */
    expect_watermark(weir__multiplexer_update(mux), 10); /* only the next update does */
    weir__multiplexer_free(mux);
}
END_TEST

START_TEST(end_sends_active_and_the_final_watermark)
{
    struct weir__multiplexer *mux = mux_of(1);
    weir__multiplexer_set_idle(mux, 0);
    weir__multiplexer_update(mux);
    expect(weir__multiplexer_end(mux), true, true, WEIR_TIME_MAX, false);
    expect_nothing(weir__multiplexer_end(mux));
    weir__multiplexer_free(mux);
}
END_TEST

/* ---- generators and multiplexer together ---- */

static struct weir__split_watermarks *all_of(struct weir_watermark_strategy strategy)
{
    return weir__split_watermarks_new(&strategy);
}

static void event(struct weir__split_watermarks *all, int32_t split, int64_t timestamp)
{
    bool future;
    expect_nothing(weir__split_watermarks_event(all, split, NULL, timestamp, 0, &future));
    ck_assert(!future);
}

START_TEST(each_split_has_its_own_largest_timestamp)
{
    struct weir__split_watermarks *all = all_of(weir_monotonous_timestamps());
    weir__split_watermarks_add(all, 0);
    weir__split_watermarks_add(all, 1);
    event(all, 0, 100);
    expect_nothing(weir__split_watermarks_probe(all, 0)); /* split 1 has none */
    event(all, 1, 50);
    expect_watermark(weir__split_watermarks_probe(all, 0), 49);
    event(all, 1, 200);
    expect_watermark(weir__split_watermarks_probe(all, 0), 99);
    weir__split_watermarks_free(all);
}
END_TEST

START_TEST(silent_split_goes_idle_and_wakes_without_pulling_back)
{
    struct weir__split_watermarks *all =
        all_of(weir_with_idleness(weir_monotonous_timestamps(), 10));
    const int64_t ms = 1000000;
    weir__split_watermarks_add(all, 0);
    weir__split_watermarks_add(all, 1);
    for (int64_t at = 0; at < 3; at++) {
        event(all, 0, 100 + at);
        struct weir__time_change change = weir__split_watermarks_probe(all, at * 20 * ms);
        ck_assert_int_eq(change.rises, at >= 1); /* first quiet probe at 0, idle at 20 */
    }
    event(all, 1, 7);
    event(all, 0, 200);
    expect_nothing(weir__split_watermarks_probe(all, 80 * ms)); /* 6 holds, and 101 is out */
    weir__split_watermarks_free(all);
}
END_TEST

START_TEST(events_without_split_share_one_generator)
{
    struct weir__split_watermarks *all = all_of(weir_bounded_out_of_orderness(5));
    event(all, WEIR__NO_SPLIT, 20);
    event(all, WEIR__NO_SPLIT, 10);
    expect_watermark(weir__split_watermarks_probe(all, 0), 14);
    weir__split_watermarks_free(all);
}
END_TEST

START_TEST(input_that_never_had_an_event_goes_idle_too)
{
    struct weir__split_watermarks *all =
        all_of(weir_with_idleness(weir_monotonous_timestamps(), 10));
    expect_nothing(weir__split_watermarks_probe(all, 0));
    expect(weir__split_watermarks_probe(all, 11000000), false, false, 0, true);
    weir__split_watermarks_free(all);
}
END_TEST

START_TEST(stand_in_for_missing_splits_gives_way_to_the_first_real_one)
{
    struct weir__split_watermarks *all = all_of(weir_monotonous_timestamps());
    expect_nothing(weir__split_watermarks_probe(all, 0));
    weir__split_watermarks_add(all, 3);
    event(all, 3, 10);
    expect_watermark(weir__split_watermarks_probe(all, 0), 9);
    weir__split_watermarks_free(all);
}
END_TEST

START_TEST(subtask_without_splits_is_idle_at_once_and_wakes_with_a_watermark)
{
    struct weir__split_watermarks *all = all_of(weir_monotonous_timestamps());
    expect(weir__split_watermarks_none(all), false, false, 0, true);
    expect_nothing(weir__split_watermarks_none(all));
    weir__split_watermarks_add(all, 0);
    expect_nothing(weir__split_watermarks_none(all));
    event(all, 0, 10);
    expect(weir__split_watermarks_probe(all, 0), true, true, 9, false);
    weir__split_watermarks_free(all);
}
END_TEST

START_TEST(probing_after_every_event_emits_after_every_event)
{
    struct weir__split_watermarks *all = all_of(weir_bounded_out_of_orderness(2));
    int64_t timestamps[] = {10, 9, 11};
    int64_t watermarks[] = {7, WEIR_TIME_MIN, 8};
    for (size_t i = 0; i < 3; i++) {
        event(all, WEIR__NO_SPLIT, timestamps[i]);
        struct weir__time_change change =
            weir__split_watermarks_probe_split(all, WEIR__NO_SPLIT, 0);
        ck_assert_int_eq(change.rises, watermarks[i] != WEIR_TIME_MIN);
        ck_assert(!change.rises || change.watermark == watermarks[i]);
    }
    weir__split_watermarks_free(all);
}
END_TEST

static bool marks(const void *value, int64_t timestamp, int64_t *watermark, void *user)
{
    (void)value;
    (void)user;
    *watermark = timestamp;
    return true;
}

START_TEST(punctuated_watermarks_combine_over_splits_at_once)
{
    struct weir__split_watermarks *all = all_of(
        (struct weir_watermark_strategy){.kind = WEIR_WATERMARK_PUNCTUATED, .punctuated = marks});
    bool future;
    weir__split_watermarks_add(all, 0);
    weir__split_watermarks_add(all, 1);
    expect_nothing(weir__split_watermarks_event(all, 0, NULL, 10, 0, &future));
    expect_watermark(weir__split_watermarks_event(all, 1, NULL, 4, 0, &future), 4);
    weir__split_watermarks_free(all);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("multiplexer");
    TCase *rules = tcase_create("section 12");
    tcase_add_test(rules, no_split_at_all_says_nothing_and_is_not_idle);
    tcase_add_test(rules, split_without_a_watermark_holds_everything_back);
    tcase_add_test(rules, deferred_watermarks_combine_at_the_next_update);
    tcase_add_test(rules, immediate_watermark_combines_at_once_when_it_rises);
    tcase_add_test(rules, idle_split_is_left_out);
    tcase_add_test(rules, combined_watermark_never_falls_when_a_split_wakes);
    tcase_add_test(rules, any_watermark_clears_the_splits_idleness_even_one_that_does_not_rise);
    tcase_add_test(rules, all_idle_sends_the_maximum_over_splits_and_then_idle);
    tcase_add_test(rules, what_a_split_brings_between_two_silences_goes_out_when_all_are_idle);
    tcase_add_test(rules, idle_is_told_once);
    tcase_add_test(rules, active_is_told_with_the_next_watermark_that_rises);
    tcase_add_test(rules, removing_a_split_moves_nothing_by_itself);
    tcase_add_test(rules, end_sends_active_and_the_final_watermark);
    suite_add_tcase(suite, rules);
    TCase *together = tcase_create("with generators");
    tcase_add_test(together, each_split_has_its_own_largest_timestamp);
    tcase_add_test(together, silent_split_goes_idle_and_wakes_without_pulling_back);
    tcase_add_test(together, events_without_split_share_one_generator);
    tcase_add_test(together, input_that_never_had_an_event_goes_idle_too);
    tcase_add_test(together, stand_in_for_missing_splits_gives_way_to_the_first_real_one);
    tcase_add_test(together, subtask_without_splits_is_idle_at_once_and_wakes_with_a_watermark);
    tcase_add_test(together, probing_after_every_event_emits_after_every_event);
    tcase_add_test(together, punctuated_watermarks_combine_over_splits_at_once);
    suite_add_tcase(suite, together);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
