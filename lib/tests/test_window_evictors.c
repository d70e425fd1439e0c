/*
 * Evictors, and window functions that see all elements. Semantics sheet, sections 4 and 9.
 */
#include "test_window_lab.inc"

#include <weir/evictor.h>

#define COUNT_EVERY ((struct weir_trigger){.kind = WEIR_TRIGGER_COUNT, .count = 1})

static void global(struct weir_evictor evictor)
{
    lab_open(LAB_CONFIG(.assigner = weir_global_window(), .process = &lab_list,
                        .trigger = COUNT_EVERY, .evictor = evictor));
}

START_TEST(a_window_function_sees_all_elements_in_order_of_arrival)
{
    lab_open(LAB_CONFIG(.assigner = weir_sliding_event_time(10, 5), .process = &lab_list));
    event("a", 7, 1);
    event("a", 6, 2);
    event("a", 12, 3);
    watermark(14);
    expect("a[0,10)=[1,2]@9 a[5,15)=[1,2,3]@14 wm14");
    watermark(100);
    expect("a[10,20)=[3]@19 wm100");
    expect_empty();
}
END_TEST

START_TEST(count_keeps_the_newest_by_arrival)
{
    global((struct weir_evictor){.kind = WEIR_EVICT_COUNT, .count = 2});
    event("a", 3, 1);
    event("a", 2, 2);
    event("a", 1, 3);
    expect("a*=[1]@max a*=[1,2]@max a*=[2,3]@max");
}
END_TEST

START_TEST(evicted_after_the_function_means_seen_once_more)
{
    global((struct weir_evictor){.kind = WEIR_EVICT_COUNT, .count = 2, .after = true});
    for (int64_t i = 1; i <= 4; i++) {
        event("a", i, i);
    }
    expect("a*=[1]@max a*=[1,2]@max a*=[1,2,3]@max a*=[2,3,4]@max");
}
END_TEST

START_TEST(time_drops_what_is_not_newer_than_the_newest_minus_the_duration)
{
    global((struct weir_evictor){.kind = WEIR_EVICT_TIME, .duration_ms = 10});
    event("a", 5, 1);
    event("a", 16, 2); /* cut-off 6 */
    event("a", 6, 3);  /* itself on the cut-off: inclusive */
    event("a", 7, 4);
    expect("a*=[1]@max a*=[2]@max a*=[2]@max a*=[2,4]@max");
}
END_TEST

START_TEST(time_does_nothing_when_the_first_element_has_no_timestamp)
{
    global((struct weir_evictor){.kind = WEIR_EVICT_TIME, .duration_ms = 10});
    event("a", WEIR_TIME_MIN, 1);
    event("a", 100, 2);
    expect("a*=[1]@max a*=[1,2]@max");
}
END_TEST

START_TEST(delta_drops_at_the_threshold_inclusive)
{
    global((struct weir_evictor){.kind = WEIR_EVICT_DELTA, .threshold = 5, .delta = lab_delta});
    event("a", 1, 1);
    event("a", 2, 5);
    event("a", 3, 10); /* deltas 9, 5, 0 */
    expect("a*=[1]@max a*=[1,5]@max a*=[10]@max");
}
END_TEST

START_TEST(eviction_is_for_good)
{
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_event_time(100), .process = &lab_list,
                        .trigger = {.kind = WEIR_TRIGGER_CONTINUOUS_EVENT_TIME, .interval_ms = 10},
                        .evictor = {.kind = WEIR_EVICT_COUNT, .count = 1}));
    event("a", 1, 1);
    event("a", 2, 2);
    watermark(10);
    event("a", 3, 3);
    watermark(20);
    expect("a[0,100)=[2]@99 wm10 a[0,100)=[3]@99 wm20");
}
END_TEST

START_TEST(when_all_is_evicted_the_function_sees_an_empty_list_once)
{
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_event_time(10), .process = &lab_list,
                        .evictor = {.kind = WEIR_EVICT_COUNT, .count = 0},
                        .allowed_lateness_ms = 10));
    event("a", 1, 1);
    watermark(9);
    expect("a[0,10)=[]@9 wm9");
    watermark(19);
    expect("wm19");
    expect_empty();
}
END_TEST

START_TEST(an_aggregate_of_nothing_is_its_result_of_nothing)
{
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_event_time(10), .aggregate = &lab_sum,
                        .evictor = {.kind = WEIR_EVICT_COUNT, .count = 0}));
    event("a", 1, 1);
    watermark(9);
    expect("a[0,10)=0@9 wm9");
    expect_empty();
}
END_TEST

START_TEST(an_aggregate_with_an_evictor_sees_only_what_stays)
{
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_event_time(10), .aggregate = &lab_sum,
                        .evictor = {.kind = WEIR_EVICT_COUNT, .count = 2},
                        .allowed_lateness_ms = 10));
    event("a", 1, 1);
    event("a", 2, 2);
    event("a", 3, 4);
    watermark(9);
    restart();
    watermark(9);
    event("a", 4, 8);
    expect("a[0,10)=6@9 wm9 wm9 a[0,10)=12@9");
}
END_TEST

START_TEST(a_purging_trigger_purges_what_the_evictor_left)
{
    struct weir_trigger trigger = COUNT_EVERY;
    trigger.purging = true;
    lab_open(LAB_CONFIG(.assigner = weir_global_window(), .process = &lab_list, .trigger = trigger,
                        .evictor = {.kind = WEIR_EVICT_COUNT, .count = 5}));
    event("a", 1, 1);
    event("a", 2, 2);
    expect("a*=[1]@max a*=[2]@max");
    expect_empty();
}
END_TEST

START_TEST(evictors_work_with_sessions)
{
    lab_open(LAB_CONFIG(.assigner = weir_session_event_time(10), .process = &lab_list,
                        .evictor = {.kind = WEIR_EVICT_TIME, .duration_ms = 10}));
    event("a", 0, 1);
    event("a", 15, 2);
    event("a", 8, 3);
    watermark(100);
    expect("a[0,25)=[2,3]@24 wm100");
    expect_empty();
}
END_TEST

/* ---- a learner's own ---- */

static const struct lab_event *event_at(const struct weir_window_element *elements, size_t index)
{
    return elements[index].value;
}

static void drop_negative(const struct weir_window_element *elements, size_t count,
                          struct weir_window window, weir_evictor_context *context, void *user)
{
    (void)window;
    (void)user;
    for (size_t i = 0; i < count; i++) {
        if (event_at(elements, i)->value < 0) {
            weir_evict(context, i);
            weir_evict(context, i);
        }
    }
}

/* All that equals the watermark, the clock, or the window's start. */
static void drop_what_is_known(const struct weir_window_element *elements, size_t count,
                               struct weir_window window, weir_evictor_context *context, void *user)
{
    (void)user;
    for (size_t i = 0; i < count; i++) {
        int64_t value = event_at(elements, i)->value;
        if (value == weir_evictor_watermark(context) ||
            value == weir_evictor_processing_time(context) || value == window.start) {
            weir_evict(context, i);
        }
    }
}

START_TEST(an_own_evictor_decides_what_the_function_sees_and_what_stays)
{
    static const struct weir_evictor_ops ops = {
        .name = "both", .evict_before = drop_negative, .evict_after = drop_what_is_known};
    lab_open(LAB_CONFIG(.assigner = weir_tumbling_event_time(100), .process = &lab_list,
                        .allowed_lateness_ms = 100,
                        .evictor = {.kind = WEIR_EVICT_CUSTOM, .ops = &ops}));
    clock_to(7);
    event("a", 101, 1);
    event("a", 102, -2);
    event("a", 103, 7);
    event("a", 104, 199);
    event("a", 105, 100);
    watermark(199);
    expect("a[100,200)=[1,7,199,100]@199 wm199");
    event("a", 106, 3);
    expect("a[100,200)=[1,3]@199");
}
END_TEST

START_TEST(an_own_evictor_works_with_an_aggregate)
{
    static const struct weir_evictor_ops ops = {.name = "before", .evict_before = drop_negative};
    lab_open(LAB_CONFIG(.assigner = weir_session_event_time(10), .aggregate = &lab_sum,
                        .evictor = {.kind = WEIR_EVICT_CUSTOM, .ops = &ops}));
    event("a", 1, 1);
    event("a", 2, -2);
    watermark(100);
    expect("a[1,12)=1@11 wm100");
    expect_empty();
}
END_TEST

START_TEST(an_own_evictor_without_functions_is_a_mistake)
{
    static const struct weir_evictor_ops nothing = {.name = "nothing"};
    const struct weir_evictor_ops *const wrong[] = {NULL, &nothing};
    for (size_t i = 0; i < 2; i++) {
        struct weir_error error = {0};
        ck_assert_int_eq(
            weir__window_config_check(
                LAB_CONFIG(.assigner = weir_tumbling_event_time(10), .aggregate = &lab_sum,
                           .evictor = {.kind = WEIR_EVICT_CUSTOM, .ops = wrong[i]}),
                &lab_event_type, &error),
            WEIR_INVALID);
        ck_assert_str_eq(error.message, "a custom evictor needs its functions (ops): "
                                        "evict_before, evict_after or both");
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_window_function_sees_all_elements_in_order_of_arrival,
        count_keeps_the_newest_by_arrival,
        evicted_after_the_function_means_seen_once_more,
        time_drops_what_is_not_newer_than_the_newest_minus_the_duration,
        time_does_nothing_when_the_first_element_has_no_timestamp,
        delta_drops_at_the_threshold_inclusive,
        eviction_is_for_good,
        when_all_is_evicted_the_function_sees_an_empty_list_once,
        an_aggregate_of_nothing_is_its_result_of_nothing,
        an_aggregate_with_an_evictor_sees_only_what_stays,
        a_purging_trigger_purges_what_the_evictor_left,
        evictors_work_with_sessions,
        an_own_evictor_decides_what_the_function_sees_and_what_stays,
        an_own_evictor_works_with_an_aggregate,
        an_own_evictor_without_functions_is_a_mistake,
    };
    return lab_main("window evictors", tests, sizeof(tests) / sizeof(tests[0]));
}
