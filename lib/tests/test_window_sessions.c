/*
 * Session windows: what merges, what is saved, what is late. Semantics sheet, sections 2, 5 and 8.
 */
#include "test_window_lab.inc"

#include "base/rand.h"
#include "random_cases.h"

static void sessions(int64_t gap, int64_t lateness)
{
    lab_open(LAB_CONFIG(.assigner = weir_session_event_time(gap), .aggregate = &lab_sum,
                        .allowed_lateness_ms = lateness, .late_output = &lab_late));
}

static void dynamic_sessions(int64_t lateness)
{
    lab_open(LAB_CONFIG(.assigner = weir_dynamic_session_event_time(lab_gap, NULL),
                        .aggregate = &lab_sum, .allowed_lateness_ms = lateness,
                        .late_output = &lab_late));
}

START_TEST(elements_exactly_one_gap_apart_are_one_session)
{
    sessions(10, 0);
    event("a", 0, 1);
    event("a", 10, 2);
    event("b", 0, 1);
    event("b", 11, 2);
    watermark(100);
    expect("b[0,10)=1@9 a[0,20)=3@19 b[11,21)=2@20 wm100");
    expect_empty();
}
END_TEST

START_TEST(a_late_bridge_joins_two_sessions)
{
    sessions(5, 0);
    event("a", 0, 1);
    event("a", 10, 2);
    ck_assert_int_eq(lab_holdings().windows, 2);
    event("a", 5, 4);
    ck_assert_int_eq(lab_holdings().windows, 1);
    ck_assert_int_eq(lab_holdings().event_timers, 1); /* those of the old windows are gone */
    watermark(14);
    expect("a[0,15)=7@14 wm14");
    expect_empty();
}
END_TEST

START_TEST(an_element_inside_a_session_changes_no_bounds)
{
    dynamic_sessions(0);
    event_with_gap("a", 0, 1, 20);
    event_with_gap("a", 5, 2, 3);
    watermark(19);
    expect("a[0,20)=3@19 wm19");
    expect_empty();
}
END_TEST

START_TEST(merging_comes_before_the_late_check)
{
    sessions(3000, 10);
    event("a", 11600, 1);
    watermark(14600);
    expect("a[11600,14600)=1@14599 wm14600");
    event("a", 10000, 2); /* its own clean-up was at 13009; the session's is at 14609 */
    expect("a[10000,14600)=3@14599");
    lab_close();
    sessions(3000, 0);
    event("a", 11600, 1);
    watermark(14600);
    event("a", 10000, 2);
    expect("a[11600,14600)=1@14599 wm14600 late:a=2@10000");
    expect_empty();
}
END_TEST

START_TEST(a_purged_session_still_merges)
{
    lab_open(LAB_CONFIG(.assigner = weir_session_event_time(10), .aggregate = &lab_sum,
                        .trigger = {.purging = true}, .allowed_lateness_ms = 100));
    event("a", 0, 1);
    watermark(9);
    event("a", 8, 2); /* merges to [0,18), whose contents are only this one */
    watermark(17);
    expect("a[0,10)=1@9 wm9 a[0,18)=2@17 wm17");
}
END_TEST

START_TEST(a_late_element_that_extends_a_fired_session_waits_for_its_new_end)
{
    sessions(10, 100);
    event("a", 0, 1);
    watermark(9);
    event("a", 5, 2); /* [0,15): not over yet */
    watermark(14);
    event("a", 1, 4); /* inside, and over: at once */
    expect("a[0,10)=1@9 wm9 a[0,15)=3@14 wm14 a[0,15)=7@14");
    watermark(114);
    expect("wm114");
    expect_empty();
}
END_TEST

START_TEST(a_huge_lateness_does_not_break_merging)
{
    sessions(10, WEIR_TIME_MAX);
    event("a", 0, 1);
    event("a", 5, 2);
    watermark(20);
    event("a", 6, 4);
    event("a", 12, 8);
    watermark(21);
    expect("a[0,15)=3@14 wm20 a[0,16)=7@15 a[0,22)=15@21 wm21");
}
END_TEST

START_TEST(a_window_that_equals_a_merged_one_loses_nothing)
{
    dynamic_sessions(0);
    event_with_gap("a", 5, 1, 5);
    event_with_gap("a", 3, 2, 5);
    event_with_gap("a", 3, 4, 7);
    watermark(100);
    expect("a[3,10)=7@9 wm100");
    expect_empty();
}
END_TEST

START_TEST(a_gap_that_is_not_above_zero_is_rejected)
{
    dynamic_sessions(0);
    event_with_gap("a", 5, 1, 0);
    event_with_gap("a", 5, 1, -3);
    ck_assert_int_eq(lab_metric(WEIR__RECORDS_REJECTED), 2);
    ck_assert_ptr_nonnull(strstr(lab_context.rejection.message, "gap"));
    expect_empty();
}
END_TEST

START_TEST(sessions_at_the_ends_of_time_saturate)
{
    sessions(10, 0);
    event("a", WEIR_TIME_MAX, 1);
    event("a", WEIR_TIME_MAX - 5, 2);
    event("a", WEIR_TIME_MIN + 1, 4);
    watermark(WEIR_TIME_MAX);
    expect("a[-9223372036854775807,-9223372036854775797)=4@-9223372036854775798 "
           "a[9223372036854775802,9223372036854775807)=3@9223372036854775806 wm-max");
    expect_empty();
}
END_TEST

START_TEST(a_merged_list_keeps_the_order_of_arrival)
{
    lab_open(LAB_CONFIG(.assigner = weir_session_event_time(5), .process = &lab_list));
    event("a", 10, 1);
    event("a", 0, 2);
    event("a", 11, 3);
    event("a", 1, 4);
    restart();
    event("a", 5, 5);
    watermark(100);
    expect("a[0,16)=[1,2,3,4,5]@15 wm100");
}
END_TEST

START_TEST(counts_of_merged_windows_add_up_and_merging_itself_does_not_fire)
{
    lab_open(LAB_CONFIG(.assigner = weir_session_event_time(5), .aggregate = &lab_sum,
                        .trigger = {.kind = WEIR_TRIGGER_COUNT, .count = 3}));
    event("a", 0, 1);
    event("a", 1, 2);
    event("a", 10, 4);
    event("a", 11, 8);
    expect("");
    event("a", 6, 16); /* 2 + 2 + 1 = 5 */
    expect("a[0,16)=31@15");
    watermark(100);
    expect("wm100"); /* a count trigger never fires at the end */
    expect_empty();
}
END_TEST

START_TEST(processing_time_sessions_merge_by_the_clock)
{
    lab_open(LAB_CONFIG(.assigner = weir_session_processing_time(10), .aggregate = &lab_sum));
    clock_to(100);
    event("a", 1, 1);
    clock_to(105);
    event("a", 900, 2);
    ck_assert_int_eq(lab_holdings().processing_timers, 1);
    clock_to(114);
    expect("a[100,115)=3@114");
    expect_empty();
}
END_TEST

START_TEST(a_restart_keeps_sessions_that_can_still_merge)
{
    sessions(10, 0);
    event("a", 0, 1);
    event("b", 3, 1);
    restart();
    event("a", 10, 2);
    watermark(100);
    expect("b[3,13)=1@12 a[0,20)=3@19 wm100");
    expect_empty();
}
END_TEST

/* ---- against sorting ---- */

struct point {
    int64_t ts;
    int64_t value;
};

static int by_time(const void *a, const void *b)
{
    const struct point *left = a;
    const struct point *right = b;
    return (left->ts > right->ts) - (left->ts < right->ts);
}

/* The sessions of all points, when nothing is late: in order of their ends. */
static void brute_force(struct point *points, size_t count, int64_t gap, struct weir__buf *out)
{
    qsort(points, count, sizeof(*points), by_time);
    for (size_t i = 0; i < count;) {
        int64_t start = points[i].ts;
        int64_t last = start;
        int64_t sum = 0;
        for (; i < count && points[i].ts <= weir_time_add(last, gap); i++) {
            last = points[i].ts;
            sum += points[i].value;
        }
        weir__buf_printf(out, " a[%" PRId64 ",%" PRId64 ")=%" PRId64 "@%" PRId64, start, last + gap,
                         sum, last + gap - 1);
    }
}

static void random_case(struct weir__rand *rand)
{
    struct point points[60] = {0};
    int64_t gap = weir__rand_between(rand, 1, 12);
    int64_t span = weir__rand_between(rand, 5, 600);
    size_t count = (size_t)weir__rand_between(rand, 1, 60);
    int64_t high = WEIR_TIME_MIN;
    sessions(gap, 0);
    lab_watermarks = false;
    for (size_t i = 0; i < count; i++) {
        points[i] =
            (struct point){weir__rand_between(rand, -span, span), weir__rand_between(rand, 1, 9)};
        if (high != WEIR_TIME_MIN && points[i].ts <= high + 1) {
            /* Never late, and never touching what may have fired. */
            points[i].ts = high + weir__rand_between(rand, 2, span);
        }
        event("a", points[i].ts, points[i].value);
        if (weir__rand_below(rand, 8) == 0) {
            restart();
            if (high != WEIR_TIME_MIN) {
                watermark(high);
            }
        }
        if (weir__rand_below(rand, 10) == 0) {
            int64_t rise = points[i].ts - weir__rand_between(rand, gap + 1, 100);
            high = rise > high ? rise : high;
            watermark(high);
        }
    }
    watermark(WEIR_TIME_MAX);
    struct weir__buf want = {0};
    brute_force(points, count, gap, &want);
    expect(want.data + 1);
    expect_empty();
    weir__buf_fini(&want);
    lab_close();
}

START_TEST(random_sessions_agree_with_sorting)
{
    struct random_cases cases = random_cases("sessions", 2000);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct weir__rand rand;
        weir__rand_init(&rand, seed);
        random_case(&rand);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        elements_exactly_one_gap_apart_are_one_session,
        a_late_bridge_joins_two_sessions,
        an_element_inside_a_session_changes_no_bounds,
        merging_comes_before_the_late_check,
        a_purged_session_still_merges,
        a_late_element_that_extends_a_fired_session_waits_for_its_new_end,
        a_huge_lateness_does_not_break_merging,
        a_window_that_equals_a_merged_one_loses_nothing,
        a_gap_that_is_not_above_zero_is_rejected,
        sessions_at_the_ends_of_time_saturate,
        a_merged_list_keeps_the_order_of_arrival,
        counts_of_merged_windows_add_up_and_merging_itself_does_not_fire,
        processing_time_sessions_merge_by_the_clock,
        a_restart_keeps_sessions_that_can_still_merge,
        random_sessions_agree_with_sorting,
    };
    return lab_main("window sessions", tests, sizeof(tests) / sizeof(tests[0]));
}
