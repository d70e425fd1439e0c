/*
 * Triggers: when contents become results. Semantics sheet, section 3.
 */
#include "test_window_lab.inc"

#include <weir/trigger.h>

static void tumbling(int64_t size, struct weir_trigger trigger)
{
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_event_time(size), .aggregate = &lab_sum,
                        .trigger = trigger));
}

static void global(struct weir_trigger trigger)
{
    lab_open(
        LAB_CONFIG(.assigner = weir_global_window(), .aggregate = &lab_sum, .trigger = trigger));
}

#define COUNT(n) ((struct weir_trigger){.kind = WEIR_TRIGGER_COUNT, .count = (n)})
#define CONTINUOUS(ms)                                                                             \
    ((struct weir_trigger){.kind = WEIR_TRIGGER_CONTINUOUS_EVENT_TIME, .interval_ms = (ms)})
#define CONTINUOUS_CLOCK(ms)                                                                       \
    ((struct weir_trigger){.kind = WEIR_TRIGGER_CONTINUOUS_PROCESSING_TIME, .interval_ms = (ms)})
#define DELTA(limit)                                                                               \
    ((struct weir_trigger){.kind = WEIR_TRIGGER_DELTA, .threshold = (limit), .delta = lab_delta})

/* ---- count ---- */

START_TEST(count_fires_at_n_and_keeps_the_contents)
{
    tumbling(100, COUNT(2));
    event("a", 1, 1);
    event("a", 2, 2);
    event("b", 3, 50);
    event("a", 4, 4);
    event("a", 5, 8);
    expect("a[0,100)=3@99 a[0,100)=15@99");
    watermark(WEIR_TIME_MAX);
    expect("wm-max"); /* b's one element is dropped silently */
    expect_empty();
}
END_TEST

START_TEST(purging_count_starts_afresh_and_leaves_nothing_in_a_global_window)
{
    struct weir_trigger trigger = COUNT(2);
    trigger.purging = true;
    global(trigger);
    event("a", 1, 1);
    event("a", 2, 2);
    expect_empty();
    event("a", 3, 4);
    event("a", 4, 8);
    expect("a*=3@max a*=12@max");
    expect_empty();
}
END_TEST

START_TEST(a_count_survives_a_restart)
{
    global(COUNT(3));
    event("a", 1, 1);
    event("a", 2, 2);
    restart();
    event("a", 3, 4);
    expect("a*=7@max");
}
END_TEST

/* ---- continuous event time ---- */

START_TEST(a_watermark_jump_fires_once_for_each_missed_interval)
{
    tumbling(10, CONTINUOUS(3));
    event("a", 1, 1);
    watermark(100);
    expect("a[0,10)=1@9 a[0,10)=1@9 a[0,10)=1@9 wm100"); /* at 3, 6, 9 */
    expect_empty();
}
END_TEST

START_TEST(the_first_element_fixes_the_phase)
{
    tumbling(20, CONTINUOUS(5));
    event("a", 12, 1); /* next: 15 */
    event("a", 2, 2);  /* older: does not pull it to 5 */
    watermark(14);
    expect("wm14");
    watermark(15);
    expect("a[0,20)=3@19 wm15");
    watermark(19);
    expect("a[0,20)=3@19 wm19");
    expect_empty();
}
END_TEST

START_TEST(the_grid_of_continuous_firing_rounds_towards_zero)
{
    tumbling(100, CONTINUOUS(4));
    event("a", -9, 1); /* base -8, next -4 */
    watermark(-5);
    expect("wm-5");
    watermark(-4);
    expect("a[-100,0)=1@-1 wm-4");
    watermark(-1);
    expect("a[-100,0)=1@-1 wm-1");
    expect_empty();
}
END_TEST

START_TEST(continuous_fires_late_elements_at_once)
{
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_event_time(10), .aggregate = &lab_sum,
                        .trigger = CONTINUOUS(4), .allowed_lateness_ms = 10));
    event("a", 1, 1);
    watermark(9);
    event("a", 2, 2);
    expect("a[0,10)=1@9 a[0,10)=1@9 a[0,10)=1@9 wm9 a[0,10)=3@9");
    watermark(19);
    expect_empty();
}
END_TEST

START_TEST(merged_windows_fire_at_the_earliest_of_their_times)
{
    lab_open(LAB_CONFIG(.assigner = weir_session_event_time(10), .aggregate = &lab_sum,
                        .trigger = CONTINUOUS(7)));
    event("a", 15, 1); /* [15,25): next 21 */
    event("a", 3, 2);  /* [3,13): next 7 */
    event("a", 9, 4);  /* [3,25): next 7 */
    watermark(7);
    expect("a[3,25)=7@24 wm7");
    watermark(24);
    expect("a[3,25)=7@24 a[3,25)=7@24 a[3,25)=7@24 wm24"); /* 14, 21, 24 */
    expect_empty();
}
END_TEST

START_TEST(the_final_watermark_ends_a_window_without_end)
{
    global(CONTINUOUS(3));
    event("a", 1, 1);
    watermark(6);
    expect("a*=1@max a*=1@max wm6");
    watermark(WEIR_TIME_MAX);
    expect("a*=1@max a*=1@max wm-max"); /* the time that was next, and the end */
    ck_assert_int_eq(lab_holdings().event_timers, 0);
}
END_TEST

START_TEST(a_jump_over_millions_of_intervals_fires_for_the_last_alone)
{
    global(CONTINUOUS(1));
    event("a", 0, 1);
    watermark(3000000000);
    expect("a*=1@max a*=1@max wm3000000000");
    watermark(3000000001);
    expect("a*=1@max wm3000000001");
}
END_TEST

/* ---- processing time ---- */

START_TEST(processing_time_fires_an_event_time_window_by_the_clock)
{
    tumbling(10, (struct weir_trigger){.kind = WEIR_TRIGGER_PROCESSING_TIME});
    event("a", 3, 1);
    clock_to(9);
    expect("a[0,10)=1@9");
    event("a", 4, 2);
    clock_to(10);
    expect("a[0,10)=3@9"); /* registered in the past: on the next advance */
    watermark(9);
    expect("wm9");
    expect_empty();
}
END_TEST

START_TEST(continuous_processing_time_fires_by_the_clock_and_at_the_end)
{
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_processing_time(10), .aggregate = &lab_sum,
                        .trigger = CONTINUOUS_CLOCK(4)));
    clock_to(1);
    event("a", 0, 1);
    clock_to(4);
    expect("a[0,10)=1@9");
    event("a", 0, 2);
    clock_to(30);
    expect("a[0,10)=3@9 a[0,10)=3@9"); /* at 8 and 9 */
    expect_empty();
}
END_TEST

START_TEST(continuous_processing_time_on_old_event_time_windows_comes_to_an_end)
{
    tumbling(10, CONTINUOUS_CLOCK(100));
    clock_to(1000);
    event("a", 3, 1);
    clock_to(1100);
    expect("a[0,10)=1@9");
    clock_to(1250);
    expect("a[0,10)=1@9");
    watermark(9);
    expect("wm9");
    expect_empty();
}
END_TEST

START_TEST(continuous_processing_time_stops_with_the_clock_at_the_end_of_time)
{
    tumbling(10, CONTINUOUS_CLOCK(INT64_MAX / 2));
    event("a", 3, 1);
    clock_to(WEIR_TIME_MAX);
    expect("a[0,10)=1@9 a[0,10)=1@9 a[0,10)=1@9"); /* 9, 9 + an interval, the end */
    watermark(9);
    expect("wm9");
    expect_empty();
}
END_TEST

START_TEST(results_by_the_clock_of_a_global_window_have_no_event_time)
{
    global(CONTINUOUS_CLOCK(10));
    event("a", 3, 1);
    clock_to(10);
    expect("a*=1@-");
}
END_TEST

/* ---- delta ---- */

START_TEST(delta_fires_strictly_above_and_moves_its_reference_only_then)
{
    global(DELTA(5));
    event("a", 1, 10); /* the reference */
    event("a", 2, 15); /* 5: not above */
    event("a", 3, 16); /* 6 */
    expect("a*=41@max");
    restart();
    event("a", 4, 21); /* against 16 */
    event("a", 5, 22);
    expect("a*=84@max");
}
END_TEST

/* ---- end of stream, never ---- */

START_TEST(end_of_stream_fires_with_the_final_watermark)
{
    global((struct weir_trigger){.kind = WEIR_TRIGGER_END_OF_STREAM});
    event("a", 1, 1);
    event("b", 2, 2);
    watermark(WEIR_TIME_MAX - 1);
    expect("wm9223372036854775806");
    watermark(WEIR_TIME_MAX);
    expect("a*=1@max b*=2@max wm-max");
}
END_TEST

START_TEST(never_keeps_silent_and_still_cleans_up)
{
    tumbling(10, (struct weir_trigger){.kind = WEIR_TRIGGER_NEVER});
    event("a", 1, 1);
    watermark(9);
    expect("wm9");
    expect_empty();
}
END_TEST

START_TEST(an_empty_pane_emits_nothing)
{
    struct weir_trigger trigger = COUNT(1);
    trigger.purging = true;
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_event_time(10), .aggregate = &lab_sum,
                        .trigger = trigger));
    event("a", 1, 1);
    expect("a[0,10)=1@9");
    ck_assert_int_eq(lab_holdings().windows, 1); /* the window itself is still there */
    watermark(9);
    expect("wm9");
    expect_empty();
}
END_TEST

/* ---- a learner's own ---- */

/* Fires at once for a value above 100, and at the end; remembers the largest value, and purges when
 * it falls below it. */
static enum weir_trigger_result own_on_element(const void *value, int64_t timestamp,
                                               struct weir_window window,
                                               weir_trigger_context *context, void *user)
{
    (void)timestamp;
    (void)user;
    (void)window;
    const struct lab_event *event = value;
    int64_t *largest = weir_trigger_state(context);
    weir_trigger_register_event_timer(context, weir_trigger_max_timestamp(context));
    if (event->value < *largest) {
        return WEIR_PURGE;
    }
    *largest = event->value;
    return event->value > 100 ? WEIR_FIRE : WEIR_CONTINUE;
}

static enum weir_trigger_result own_on_event_time(int64_t time, struct weir_window window,
                                                  weir_trigger_context *context, void *user)
{
    (void)user;
    (void)context;
    return time == window.end - 1 ? WEIR_FIRE : WEIR_CONTINUE;
}

static void own_merge(void *state, const void *other, void *user)
{
    (void)user;
    if (*(const int64_t *)other > *(int64_t *)state) {
        *(int64_t *)state = *(const int64_t *)other;
    }
}

static void own_clear(struct weir_window window, weir_trigger_context *context, void *user)
{
    (void)user;
    weir_trigger_delete_event_timer(context, window.end - 1);
}

static const struct weir_trigger_ops own = {
    .name = "own",
    .state_type = &weir_int64_type,
    .can_merge = true,
    .on_element = own_on_element,
    .on_event_time = own_on_event_time,
    .merge = own_merge,
    .clear = own_clear,
};

START_TEST(a_learners_trigger_has_state_timers_and_purges)
{
    tumbling(10, (struct weir_trigger){.kind = WEIR_TRIGGER_CUSTOM, .ops = &own});
    event("a", 1, 50);
    event("a", 2, 101);
    expect("a[0,10)=151@9");
    event("a", 3, 7); /* purged, itself included */
    watermark(9);
    expect("wm9");
    expect_empty();
    event("b", 12, 1);
    watermark(19);
    expect("b[10,20)=1@19 wm19");
    expect_empty();
}
END_TEST

START_TEST(a_learners_trigger_merges_with_sessions)
{
    lab_open(LAB_CONFIG(.assigner = weir_session_event_time(10), .aggregate = &lab_sum,
                        .trigger = {.kind = WEIR_TRIGGER_CUSTOM, .ops = &own}));
    event("a", 0, 50);
    event("a", 15, 3);
    event("a", 8, 40); /* bridges; 40 < 50, so all is purged */
    watermark(100);
    expect("wm100");
    expect_empty();
}
END_TEST

/* ---- configurations that cannot work ---- */

static void refused(const struct weir_window_config *config, const char *part)
{
    struct weir_error error = {0};
    ck_assert_int_eq(weir__window_config_check(config, &lab_event_type, &error), WEIR_INVALID);
    ck_assert_msg(strstr(error.message, part) != NULL, "'%s' lacks '%s'", error.message, part);
}

START_TEST(wrong_configurations_are_refused_in_words)
{
    struct weir_window_assigner shifted = weir_tumbling_event_time(10);
    shifted.offset_ms = 10;
    struct weir_aggregate unmergeable = lab_sum;
    unmergeable.merge = NULL;
    struct weir_trigger_ops alone = own;
    alone.can_merge = false;
#define REFUSED(part, ...) refused(LAB_CONFIG(.aggregate = &lab_sum, __VA_ARGS__), part)
    REFUSED("window size 0 ms", .assigner = weir_tumbling_event_time(0));
    REFUSED("window size -1 ms", .assigner = weir_tumbling_event_time(-1));
    REFUSED("offset 10 ms", .assigner = shifted);
    REFUSED("slide 0 ms", .assigner = weir_sliding_event_time(10, 0));
    REFUSED("longer slide", .assigner = weir_sliding_event_time(INT64_MAX, 1));
    REFUSED("session gap 0 ms", .assigner = weir_session_event_time(0));
    REFUSED("lateness -1 ms", .assigner = weir_tumbling_event_time(10), .allowed_lateness_ms = -1);
    REFUSED("delta trigger", .assigner = weir_session_event_time(10), .trigger = DELTA(1));
    REFUSED("count is 0", .assigner = weir_tumbling_event_time(10), .trigger = COUNT(0));
    REFUSED("interval 0 ms", .assigner = weir_tumbling_event_time(10), .trigger = CONTINUOUS(0));
    REFUSED("a global window has none", .assigner = weir_global_window(),
            .trigger = {.kind = WEIR_TRIGGER_EVENT_TIME});
    REFUSED("a global window has none", .assigner = weir_global_window(),
            .trigger = {.kind = WEIR_TRIGGER_PROCESSING_TIME, .purging = true});
    REFUSED("can merge", .assigner = weir_session_event_time(10),
            .trigger = {.kind = WEIR_TRIGGER_CUSTOM, .ops = &alone});
    refused(LAB_CONFIG(.assigner = weir_session_event_time(10), .aggregate = &unmergeable),
            "merge function");
    refused(LAB_CONFIG(.assigner = weir_tumbling_event_time(10)), "a reduce or a window function");
    struct weir_error error;
    ck_assert_int_eq(weir__window_config_check(LAB_CONFIG(.assigner = weir_tumbling_event_time(10),
                                                          .aggregate = &lab_sum),
                                               &weir_int64_type, &error),
                     WEIR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(error.message, "lab_event"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        count_fires_at_n_and_keeps_the_contents,
        purging_count_starts_afresh_and_leaves_nothing_in_a_global_window,
        a_count_survives_a_restart,
        a_watermark_jump_fires_once_for_each_missed_interval,
        the_first_element_fixes_the_phase,
        the_grid_of_continuous_firing_rounds_towards_zero,
        continuous_fires_late_elements_at_once,
        merged_windows_fire_at_the_earliest_of_their_times,
        the_final_watermark_ends_a_window_without_end,
        a_jump_over_millions_of_intervals_fires_for_the_last_alone,
        processing_time_fires_an_event_time_window_by_the_clock,
        continuous_processing_time_fires_by_the_clock_and_at_the_end,
        continuous_processing_time_on_old_event_time_windows_comes_to_an_end,
        continuous_processing_time_stops_with_the_clock_at_the_end_of_time,
        results_by_the_clock_of_a_global_window_have_no_event_time,
        delta_fires_strictly_above_and_moves_its_reference_only_then,
        end_of_stream_fires_with_the_final_watermark,
        never_keeps_silent_and_still_cleans_up,
        an_empty_pane_emits_nothing,
        a_learners_trigger_has_state_timers_and_purges,
        a_learners_trigger_merges_with_sessions,
        wrong_configurations_are_refused_in_words,
    };
    return lab_main("window triggers", tests, sizeof(tests) / sizeof(tests[0]));
}
