/*
 * The watermark valve, rule by rule: semantics sheet, section 13.
 */
#include "time/valve.h"

#include <check.h>
#include <stdlib.h>

/* What went out since the last look, as it would go downstream: "A" active, the watermark, "I"
 * idle. */
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

START_TEST(one_channel_passes_only_what_rises)
{
    struct weir__valve *valve = weir__valve_new(1);
    expect_watermark(weir__valve_watermark(valve, 0, 5), 5);
    expect_nothing(weir__valve_watermark(valve, 0, 5));
    expect_nothing(weir__valve_watermark(valve, 0, 4));
    expect_watermark(weir__valve_watermark(valve, 0, 6), 6);
    weir__valve_free(valve);
}
END_TEST

START_TEST(nothing_goes_out_until_every_active_channel_has_a_watermark)
{
    struct weir__valve *valve = weir__valve_new(3);
    expect_nothing(weir__valve_watermark(valve, 0, 10));
    expect_nothing(weir__valve_watermark(valve, 1, 20));
    expect_watermark(weir__valve_watermark(valve, 2, 5), 5);
    weir__valve_free(valve);
}
END_TEST

START_TEST(output_is_the_minimum_over_channels)
{
    struct weir__valve *valve = weir__valve_new(2);
    weir__valve_watermark(valve, 0, 10);
    expect_watermark(weir__valve_watermark(valve, 1, 3), 3);
    expect_nothing(weir__valve_watermark(valve, 0, 12));
    expect_watermark(weir__valve_watermark(valve, 1, 11), 11);
    expect_watermark(weir__valve_watermark(valve, 1, 20), 12);
    weir__valve_free(valve);
}
END_TEST

START_TEST(idle_channel_leaves_the_minimum)
{
    struct weir__valve *valve = weir__valve_new(2);
    weir__valve_watermark(valve, 0, 10);
    weir__valve_watermark(valve, 1, 3);
    expect_watermark(weir__valve_idle(valve, 1, true), 10);
    expect_watermark(weir__valve_watermark(valve, 0, 15), 15);
    weir__valve_free(valve);
}
END_TEST

START_TEST(channel_that_never_had_a_watermark_goes_idle_and_frees_the_rest)
{
    struct weir__valve *valve = weir__valve_new(2);
    expect_nothing(weir__valve_watermark(valve, 0, 10));
    expect_watermark(weir__valve_idle(valve, 1, true), 10);
    weir__valve_free(valve);
}
END_TEST

START_TEST(idle_channel_above_the_minimum_changes_nothing)
{
    struct weir__valve *valve = weir__valve_new(2);
    weir__valve_watermark(valve, 0, 10);
    weir__valve_watermark(valve, 1, 3);
    expect_nothing(weir__valve_idle(valve, 0, true));
    weir__valve_free(valve);
}
END_TEST

START_TEST(watermark_of_an_idle_channel_is_ignored)
{
    struct weir__valve *valve = weir__valve_new(2);
    weir__valve_idle(valve, 1, true);
    expect_watermark(weir__valve_watermark(valve, 0, 5), 5);
    expect_nothing(weir__valve_watermark(valve, 1, 50));
    bool idle;
    ck_assert_int_eq(weir__valve_channel(valve, 1, &idle), WEIR_TIME_MIN);
    ck_assert(idle);
    weir__valve_free(valve);
}
END_TEST

START_TEST(watermark_while_the_valve_is_idle_is_ignored)
{
    struct weir__valve *valve = weir__valve_new(1);
    expect(weir__valve_idle(valve, 0, true), false, false, 0, true);
    expect_nothing(weir__valve_watermark(valve, 0, 50));
    expect(weir__valve_idle(valve, 0, false), true, false, 0, false);
    expect_watermark(weir__valve_watermark(valve, 0, 50), 50);
    weir__valve_free(valve);
}
END_TEST

START_TEST(idleness_is_told_once)
{
    struct weir__valve *valve = weir__valve_new(2);
    expect_nothing(weir__valve_idle(valve, 0, true));
    expect(weir__valve_idle(valve, 1, true), false, false, 0, true);
    expect_nothing(weir__valve_idle(valve, 1, true));
    expect(weir__valve_idle(valve, 1, false), true, false, 0, false);
    expect_nothing(weir__valve_idle(valve, 0, false));
    weir__valve_free(valve);
}
END_TEST

/* FLINK-40475: released versions flush only if the last channel's watermark equalled the last
 * output. */
START_TEST(last_active_channel_flushes_the_maximum_before_idle_always)
{
    struct weir__valve *valve = weir__valve_new(3);
    weir__valve_watermark(valve, 0, 10);
    weir__valve_watermark(valve, 1, 5);
    expect_watermark(weir__valve_watermark(valve, 2, 3), 3);
    expect_nothing(weir__valve_idle(valve, 0, true));
    expect_nothing(weir__valve_idle(valve, 1, true)); /* min over {2} is 3 still */
    expect(weir__valve_idle(valve, 2, true), false, true, 10, true);
    weir__valve_free(valve);
}
END_TEST

START_TEST(last_active_channel_flushes_even_when_it_is_not_the_one_at_the_output)
{
    struct weir__valve *valve = weir__valve_new(2);
    weir__valve_watermark(valve, 0, 4);
    expect_watermark(weir__valve_watermark(valve, 1, 4), 4);
    expect_nothing(weir__valve_watermark(valve, 0, 9));
    expect_watermark(weir__valve_idle(valve, 1, true), 9);
    expect_nothing(weir__valve_idle(valve, 1, false)); /* 4 < 9: unaligned */
    expect_nothing(weir__valve_watermark(valve, 1, 7));
    expect_nothing(
        weir__valve_idle(valve, 0, true)); /* only the unaligned 7 is active: no output */
    expect(weir__valve_idle(valve, 1, true), false, false, 0, true);
    weir__valve_free(valve);
}
END_TEST

START_TEST(waking_channel_at_or_above_the_output_is_aligned_at_once)
{
    struct weir__valve *valve = weir__valve_new(2);
    weir__valve_watermark(valve, 0, 8);
    weir__valve_watermark(valve, 1, 8);
    weir__valve_idle(valve, 1, true);
    expect_nothing(weir__valve_idle(valve, 1, false));   /* 8 == 8 */
    expect_nothing(weir__valve_watermark(valve, 0, 20)); /* held by channel 1 */
    expect_watermark(weir__valve_watermark(valve, 1, 9), 9);
    weir__valve_free(valve);
}
END_TEST

START_TEST(waking_channel_behind_the_output_holds_nothing_until_it_has_caught_up)
{
    struct weir__valve *valve = weir__valve_new(2);
    weir__valve_watermark(valve, 0, 10);
    weir__valve_watermark(valve, 1, 3);
    weir__valve_idle(valve, 1, true); /* out: 10 */
    expect_nothing(weir__valve_idle(valve, 1, false));
    expect_watermark(weir__valve_watermark(valve, 0, 12), 12);
    expect_nothing(weir__valve_watermark(valve, 1, 11)); /* stored, still behind */
    expect_watermark(weir__valve_watermark(valve, 0, 13), 13);
    expect_nothing(weir__valve_watermark(valve, 1, 13)); /* >= output: aligned */
    expect_nothing(weir__valve_watermark(valve, 0, 20)); /* now it holds */
    expect_watermark(weir__valve_watermark(valve, 1, 15), 15);
    weir__valve_free(valve);
}
END_TEST

/* FLINK-40475: released versions stall until the next watermark. */
START_TEST(waking_channel_derives_the_minimum_again)
{
    struct weir__valve *valve = weir__valve_new(3);
    weir__valve_idle(valve, 2, true);
    weir__valve_watermark(valve, 0, 10);
    expect_watermark(weir__valve_watermark(valve, 1, 12), 10);
    weir__valve_idle(valve, 1, true);
    expect_nothing(weir__valve_idle(valve, 2, false)); /* behind: unaligned */
    expect_nothing(weir__valve_idle(valve, 0, true));  /* only channel 2 is active */
    expect_watermark(weir__valve_idle(valve, 1, false), 12);
    weir__valve_free(valve);
}
END_TEST

START_TEST(active_goes_out_before_the_watermark)
{
    struct weir__valve *valve = weir__valve_new(2);
    weir__valve_idle(valve, 0, true);
    expect(weir__valve_idle(valve, 1, true), false, false, 0, true);
    expect(weir__valve_idle(valve, 1, false), true, false, 0, false);
    expect_watermark(weir__valve_watermark(valve, 1, 5), 5);
    weir__valve_free(valve);
}
END_TEST

START_TEST(when_all_active_channels_are_behind_nothing_goes_out)
{
    struct weir__valve *valve = weir__valve_new(2);
    weir__valve_watermark(valve, 0, 10);
    weir__valve_watermark(valve, 1, 2);
    weir__valve_idle(valve, 1, true);
    expect_nothing(weir__valve_idle(valve, 1, false));
    expect_nothing(weir__valve_idle(valve, 0, true)); /* not MAX, as an old bug had it */
    expect_nothing(weir__valve_watermark(valve, 1, 9));
    expect_watermark(weir__valve_watermark(valve, 1, 11), 11);
    weir__valve_free(valve);
}
END_TEST

/* Fault list, row 15. */
START_TEST(ended_channel_does_not_send_the_final_watermark_while_another_is_idle)
{
    struct weir__valve *valve = weir__valve_new(2);
    weir__valve_watermark(valve, 0, 10);
    weir__valve_watermark(valve, 1, 8);
    expect_watermark(weir__valve_idle(valve, 1, true), 10);
    expect(weir__valve_watermark(valve, 0, WEIR_TIME_MAX), false, false, 0, true);
    expect(weir__valve_idle(valve, 1, false), true, false, 0, false);
    expect_watermark(weir__valve_watermark(valve, 1, 12), 12);
    expect_watermark(weir__valve_watermark(valve, 1, WEIR_TIME_MAX), WEIR_TIME_MAX);
    weir__valve_free(valve);
}
END_TEST

START_TEST(final_watermark_waits_for_every_channel)
{
    struct weir__valve *valve = weir__valve_new(2);
    expect_nothing(weir__valve_watermark(valve, 0, WEIR_TIME_MAX));
    expect_watermark(weir__valve_watermark(valve, 1, 4), 4);
    expect_watermark(weir__valve_watermark(valve, 1, WEIR_TIME_MAX), WEIR_TIME_MAX);
    ck_assert_int_eq(weir__valve_output(valve), WEIR_TIME_MAX);
    weir__valve_free(valve);
}
END_TEST

START_TEST(output_never_falls_whatever_comes)
{
    unsigned seed = 20260111;
    for (int run = 0; run < 200; run++) {
        struct weir__valve *valve = weir__valve_new(3);
        int64_t last = WEIR_TIME_MIN;
        bool idle = false;
        for (int step = 0; step < 100; step++) {
            seed = seed * 1103515245u + 12345u;
            size_t channel = (seed >> 16) % 3;
            unsigned what = (seed >> 20) % 8;
            struct weir__time_change change =
                what == 0 || what == 1 ? weir__valve_idle(valve, channel, what == 0)
                                       : weir__valve_watermark(valve, channel, (seed >> 8) % 50);
            ck_assert_msg(!change.active || idle, "ACTIVE while active, run %d step %d", run, step);
            idle = change.active ? false : idle;
            if (change.rises) {
                ck_assert_msg(change.watermark > last, "fell from %lld, run %d step %d",
                              (long long)last, run, step);
                ck_assert_msg(!idle, "watermark while idle, run %d step %d", run, step);
                last = change.watermark;
            }
            ck_assert_msg(!change.idle || !idle, "IDLE while idle, run %d step %d", run, step);
            idle = change.idle ? true : idle;
        }
        weir__valve_free(valve);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("valve");
    TCase *tcase = tcase_create("section 13");
    tcase_add_test(tcase, one_channel_passes_only_what_rises);
    tcase_add_test(tcase, nothing_goes_out_until_every_active_channel_has_a_watermark);
    tcase_add_test(tcase, output_is_the_minimum_over_channels);
    tcase_add_test(tcase, idle_channel_leaves_the_minimum);
    tcase_add_test(tcase, channel_that_never_had_a_watermark_goes_idle_and_frees_the_rest);
    tcase_add_test(tcase, idle_channel_above_the_minimum_changes_nothing);
    tcase_add_test(tcase, watermark_of_an_idle_channel_is_ignored);
    tcase_add_test(tcase, watermark_while_the_valve_is_idle_is_ignored);
    tcase_add_test(tcase, idleness_is_told_once);
    tcase_add_test(tcase, last_active_channel_flushes_the_maximum_before_idle_always);
    tcase_add_test(tcase, last_active_channel_flushes_even_when_it_is_not_the_one_at_the_output);
    tcase_add_test(tcase, waking_channel_at_or_above_the_output_is_aligned_at_once);
    tcase_add_test(tcase, waking_channel_behind_the_output_holds_nothing_until_it_has_caught_up);
    tcase_add_test(tcase, waking_channel_derives_the_minimum_again);
    tcase_add_test(tcase, active_goes_out_before_the_watermark);
    tcase_add_test(tcase, when_all_active_channels_are_behind_nothing_goes_out);
    tcase_add_test(tcase, ended_channel_does_not_send_the_final_watermark_while_another_is_idle);
    tcase_add_test(tcase, final_watermark_waits_for_every_channel);
    tcase_add_test(tcase, output_never_falls_whatever_comes);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
