/*
 * The window operator, general path: one element, lateness, state, firing order. Semantics sheet,
 * sections 1, 2, 4 to 7.
 */
#include "test_window_lab.inc"

static void tumbling(int64_t size, int64_t lateness, const struct weir_output_tag *late)
{
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_event_time(size), .aggregate = &lab_sum,
                        .allowed_lateness_ms = lateness, .late_output = late,
                        .path = WEIR_PATH_GENERAL));
}

static void sliding(int64_t size, int64_t slide, int64_t lateness,
                    const struct weir_output_tag *late)
{
    lab_open(LAB_CONFIG(.assigner = weir_sliding_event_time(size, slide), .aggregate = &lab_sum,
                        .allowed_lateness_ms = lateness, .late_output = late,
                        .path = WEIR_PATH_GENERAL));
}

/* ---- section 1 ---- */

START_TEST(a_window_fires_at_its_last_millisecond_with_that_timestamp)
{
    tumbling(10, 0, NULL);
    event("a", 0, 1);
    event("a", 9, 2);
    event("a", 10, 4);
    watermark(8);
    expect("wm8");
    watermark(9);
    expect("a[0,10)=3@9 wm9");
    watermark(19);
    expect("a[10,20)=4@19 wm19");
    expect_empty();
}
END_TEST

START_TEST(negative_times_lie_in_windows_like_others)
{
    tumbling(10, 0, NULL);
    event("a", -1, 1);
    event("a", -10, 2);
    event("a", -11, 4);
    watermark(0);
    expect("a[-20,-10)=4@-11 a[-10,0)=3@-1 wm0");
}
END_TEST

START_TEST(the_ends_of_time_saturate)
{
    tumbling(10, 0, NULL);
    event("a", WEIR_TIME_MAX, 1);
    event("a", WEIR_TIME_MIN + 1, 2);
    watermark(WEIR_TIME_MAX - 2);
    expect("a[-9223372036854775808,-9223372036854775800)=2@-9223372036854775801 "
           "wm9223372036854775805");
    watermark(WEIR_TIME_MAX - 1);
    expect(
        "a[9223372036854775800,9223372036854775807)=1@9223372036854775806 wm9223372036854775806");
    expect_empty();
}
END_TEST

START_TEST(an_event_without_timestamp_is_rejected_and_the_job_goes_on)
{
    static const struct weir_window_assigner assigners[] = {
        {.kind = WEIR_ASSIGN_TUMBLING, .size_ms = 10},
        {.kind = WEIR_ASSIGN_SLIDING, .size_ms = 10, .slide_ms = 5},
        {.kind = WEIR_ASSIGN_SESSION, .gap_ms = 10},
    };
    for (size_t i = 0; i < 3; i++) {
        lab_open(LAB_CONFIG(.assigner = assigners[i], .aggregate = &lab_sum));
        event("a", WEIR_TIME_MIN, 1);
        ck_assert_int_eq(lab_metric(WEIR__RECORDS_REJECTED), 1);
        ck_assert_ptr_nonnull(strstr(lab_context.rejection.message, "timestamp"));
        ck_assert_int_eq(lab_metric(WEIR__LATE_DROPPED), 0);
        expect_empty();
        lab_close();
    }
}
END_TEST

/* ---- section 2 ---- */

START_TEST(a_late_element_fires_sliding_windows_newest_first)
{
    sliding(10, 5, 100, NULL);
    event("a", 7, 1);
    watermark(14);
    expect("a[0,10)=1@9 a[5,15)=1@14 wm14");
    event("a", 8, 2);
    expect("a[5,15)=3@14 a[0,10)=3@9");
}
END_TEST

START_TEST(the_number_of_sliding_windows_is_not_constant)
{
    sliding(5, 3, 0, NULL);
    event("a", 0, 1); /* in [0,5) and [-3,2) */
    event("a", 2, 2); /* in [0,5) alone */
    watermark(100);
    expect("a[-3,2)=1@1 a[0,5)=3@4 wm100");
}
END_TEST

START_TEST(processing_time_windows_go_by_the_clock_alone)
{
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_processing_time(10), .aggregate = &lab_sum,
                        .allowed_lateness_ms = 1000));
    watermark(5000);
    event("a", 3, 1);
    clock_to(8);
    event("a", WEIR_TIME_MIN, 2);
    ck_assert_int_eq(lab_op->ops->next_tick(lab_op), 9);
    clock_to(9);
    expect("wm5000 a[0,10)=3@9");
    expect_empty(); /* lateness does not exist there */
}
END_TEST

START_TEST(a_session_by_the_clock_ends_a_gap_after_its_last_event)
{
    lab_open(LAB_CONFIG(.assigner = weir_session_processing_time(10), .aggregate = &lab_sum));
    event("a", 0, 1);
    clock_to(8);
    event("a", 0, 2);
    clock_to(16);
    expect("");
    clock_to(17);
    expect("a[0,18)=3@17");
    expect_empty();
}
END_TEST

START_TEST(the_global_window_never_ends)
{
    lab_open(LAB_CONFIG(.assigner = weir_global_window(), .aggregate = &lab_sum));
    event("a", 5, 1);
    watermark(WEIR_TIME_MAX);
    event("a", 3, 1); /* never late */
    expect("wm-max");
    ck_assert_int_eq(lab_metric(WEIR__LATE_DROPPED), 0);
    ck_assert_int_eq(lab_holdings().windows, 1);
    ck_assert_int_eq(lab_holdings().event_timers, 0);
}
END_TEST

/* ---- section 4 ---- */

START_TEST(a_late_but_allowed_element_fires_the_full_pane_again)
{
    tumbling(10, 5, NULL);
    event("a", 1, 1);
    watermark(9);
    expect("a[0,10)=1@9 wm9");
    event("a", 2, 2);
    expect("a[0,10)=3@9");
    event("a", 3, 4);
    expect("a[0,10)=7@9");
}
END_TEST

START_TEST(a_purging_trigger_emits_only_what_is_new)
{
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_event_time(10), .aggregate = &lab_sum,
                        .trigger = {.purging = true}, .allowed_lateness_ms = 5));
    event("a", 1, 1);
    watermark(9);
    event("a", 2, 2);
    event("a", 3, 4);
    expect("a[0,10)=1@9 wm9 a[0,10)=2@9 a[0,10)=4@9");
}
END_TEST

/* ---- section 5 ---- */

START_TEST(a_window_is_late_when_its_cleanup_time_is_the_watermark)
{
    tumbling(10, 0, &lab_late);
    watermark(8);
    event("a", 5, 1);
    watermark(9);
    event("a", 5, 2);
    expect("wm8 a[0,10)=1@9 wm9 late:a=2@5");
    lab_close();
    tumbling(10, 5, &lab_late);
    watermark(13);
    event("a", 5, 1);
    watermark(14);
    event("a", 5, 2);
    expect("wm13 a[0,10)=1@9 wm14 late:a=2@5");
    expect_empty();
}
END_TEST

START_TEST(an_element_behind_the_watermark_joins_an_open_window)
{
    tumbling(4000, 0, &lab_late);
    watermark(1999);
    event("a", 1997, 1);
    watermark(3999);
    expect("wm1999 a[0,4000)=1@3999 wm3999");
}
END_TEST

START_TEST(a_partly_late_element_is_no_late_element)
{
    sliding(10, 5, 0, &lab_late);
    watermark(9);
    event("a", 7, 1); /* [0,10) is over, [5,15) takes it */
    expect("wm9");
    watermark(14);
    event("a", 7, 2); /* now both are over */
    expect("a[5,15)=1@14 wm14 late:a=2@7");
}
END_TEST

START_TEST(an_element_in_a_gap_is_late_only_when_it_is_old)
{
    sliding(5, 10, 0, NULL);
    event("a", 7, 1);
    ck_assert_int_eq(lab_metric(WEIR__LATE_DROPPED), 0);
    watermark(6);
    event("a", 7, 1);
    ck_assert_int_eq(lab_metric(WEIR__LATE_DROPPED), 0);
    watermark(7);
    event("a", 7, 1); /* ts + lateness <= wm, inclusive */
    ck_assert_int_eq(lab_metric(WEIR__LATE_DROPPED), 1);
    expect_empty();
}
END_TEST

START_TEST(dropped_elements_are_counted_only_without_a_late_output)
{
    tumbling(10, 0, NULL);
    watermark(20);
    event("a", 5, 1);
    ck_assert_int_eq(lab_metric(WEIR__LATE_DROPPED), 1);
    lab_close();
    tumbling(10, 0, &lab_late);
    watermark(20);
    event("a", 5, 1);
    ck_assert_int_eq(lab_metric(WEIR__LATE_DROPPED), 0);
    expect("wm20 late:a=1@5");
}
END_TEST

START_TEST(a_huge_lateness_saturates_and_keeps_the_window_for_ever)
{
    tumbling(10, WEIR_TIME_MAX, &lab_late);
    event("a", 5, 1);
    ck_assert_int_eq(lab_holdings().event_timers, 1); /* the trigger's; no clean-up */
    watermark(WEIR_TIME_MAX - 1);
    event("a", 6, 2);
    expect("a[0,10)=1@9 wm9223372036854775806 a[0,10)=3@9");
    watermark(WEIR_TIME_MAX);
    ck_assert_int_eq(lab_holdings().windows, 1);
    event("a", 7, 4); /* yet now everything is late */
    expect("wm-max late:a=4@7");
}
END_TEST

START_TEST(lateness_in_negative_time_does_not_saturate_too_early)
{
    tumbling(10, WEIR_TIME_MAX, &lab_late);
    event("a", -5, 1);
    watermark(-1);
    expect("a[-10,0)=1@-1 wm-1");
    watermark(WEIR_TIME_MAX - 1); /* clean-up: -1 + MAX */
    expect("wm9223372036854775806");
    expect_empty();
}
END_TEST

/* ---- section 6 ---- */

START_TEST(state_stays_until_lateness_is_over_and_not_longer)
{
    tumbling(10, 5, NULL);
    event("a", 1, 1);
    ck_assert_int_eq(lab_holdings().event_timers, 2);
    watermark(9);
    ck_assert_int_eq(lab_holdings().windows, 1);
    ck_assert_int_eq(lab_holdings().event_timers, 1);
    watermark(13);
    ck_assert_int_eq(lab_holdings().windows, 1);
    watermark(14);
    expect_empty();
}
END_TEST

START_TEST(without_lateness_one_timer_fires_and_cleans_up)
{
    tumbling(10, 0, NULL);
    event("a", 1, 1);
    event("a", 2, 1);
    ck_assert_int_eq(lab_holdings().event_timers, 1);
}
END_TEST

/* ---- section 7 ---- */

START_TEST(timers_fire_by_time_over_all_keys_then_by_registration)
{
    tumbling(10, 0, NULL);
    event("b", 15, 1);
    event("a", 12, 2);
    event("c", 3, 3);
    event("a", 4, 4);
    watermark(100);
    expect("c[0,10)=3@9 a[0,10)=4@9 b[10,20)=1@19 a[10,20)=2@19 wm100");
}
END_TEST

START_TEST(a_watermark_that_does_not_rise_is_ignored)
{
    tumbling(10, 0, &lab_late);
    watermark(50);
    watermark(5);
    watermark(50);
    event("a", 4, 1);
    expect("wm50 late:a=1@4");
}
END_TEST

START_TEST(the_final_watermark_fires_and_cleans_everything)
{
    sliding(10, 5, 3, NULL);
    event("a", 1, 1);
    event("b", 20, 2);
    watermark(WEIR_TIME_MAX);
    expect("a[-5,5)=1@4 a[0,10)=1@9 b[15,25)=2@24 b[20,30)=2@29 wm-max");
    expect_empty();
    event("a", 1000, 1);
    ck_assert_int_eq(lab_metric(WEIR__LATE_DROPPED), 1);
}
END_TEST

/* ---- snapshots: section 10 ---- */

START_TEST(a_restart_keeps_windows_and_timers_and_forgets_the_watermark)
{
    tumbling(10, 0, &lab_late);
    event("a", 5, 1);
    event("b", 5, 1);
    watermark(7);
    restart();
    event("a", 6, 2);
    watermark(9);
    expect("wm7 a[0,10)=3@9 b[0,10)=1@9 wm9");
    restart();
    event("a", 5, 7); /* late before, on time again */
    watermark(9);
    expect("a[0,10)=7@9 wm9");
}
END_TEST

START_TEST(after_a_restart_a_fired_window_within_lateness_fires_again_only_when_touched)
{
    tumbling(10, 5, NULL);
    event("a", 5, 1);
    event("b", 5, 1);
    watermark(9);
    restart();
    event("b", 6, 2);
    watermark(9);
    expect("a[0,10)=1@9 b[0,10)=1@9 wm9 b[0,10)=3@9 wm9");
    watermark(14);
    expect("wm14");
    expect_empty();
}
END_TEST

START_TEST(processing_timers_due_meanwhile_fire_on_the_first_advance_of_the_clock)
{
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_processing_time(10), .aggregate = &lab_sum));
    event("a", 0, 1);
    restart();
    clock_to(1000);
    expect("a[0,10)=1@9");
    expect_empty();
}
END_TEST

START_TEST(a_damaged_snapshot_is_refused_wherever_it_ends)
{
    struct weir__buf bytes = {0};
    lab_open(LAB_CONFIG(.assigner = weir_session_event_time(10), .process = &lab_list,
                        .trigger = {.kind = WEIR_TRIGGER_CONTINUOUS_EVENT_TIME, .interval_ms = 3}));
    event("a", 5, 1);
    event("a", 50, 1);
    event("bb", 5, 1);
    lab_op->ops->snapshot(lab_op, &bytes);
    for (uint32_t len = 0; len < bytes.len; len++) {
        lab_op->ops->free(lab_op);
        lab_make_operator();
        struct weir_error error;
        ck_assert_int_eq(lab_op->ops->restore(lab_op, (struct weir_str){bytes.data, len}, &error),
                         WEIR_CORRUPT);
    }
    weir__buf_fini(&bytes);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_window_fires_at_its_last_millisecond_with_that_timestamp,
        negative_times_lie_in_windows_like_others,
        the_ends_of_time_saturate,
        an_event_without_timestamp_is_rejected_and_the_job_goes_on,
        a_late_element_fires_sliding_windows_newest_first,
        the_number_of_sliding_windows_is_not_constant,
        processing_time_windows_go_by_the_clock_alone,
        a_session_by_the_clock_ends_a_gap_after_its_last_event,
        the_global_window_never_ends,
        a_late_but_allowed_element_fires_the_full_pane_again,
        a_purging_trigger_emits_only_what_is_new,
        a_window_is_late_when_its_cleanup_time_is_the_watermark,
        an_element_behind_the_watermark_joins_an_open_window,
        a_partly_late_element_is_no_late_element,
        an_element_in_a_gap_is_late_only_when_it_is_old,
        dropped_elements_are_counted_only_without_a_late_output,
        a_huge_lateness_saturates_and_keeps_the_window_for_ever,
        lateness_in_negative_time_does_not_saturate_too_early,
        state_stays_until_lateness_is_over_and_not_longer,
        without_lateness_one_timer_fires_and_cleans_up,
        timers_fire_by_time_over_all_keys_then_by_registration,
        a_watermark_that_does_not_rise_is_ignored,
        the_final_watermark_fires_and_cleans_everything,
        a_restart_keeps_windows_and_timers_and_forgets_the_watermark,
        after_a_restart_a_fired_window_within_lateness_fires_again_only_when_touched,
        processing_timers_due_meanwhile_fire_on_the_first_advance_of_the_clock,
        a_damaged_snapshot_is_refused_wherever_it_ends,
    };
    return lab_main("operator window", tests, sizeof(tests) / sizeof(tests[0]));
}
