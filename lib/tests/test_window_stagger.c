/*
 * Tumbling windows that are not aligned with each other. Semantics sheet, section 2.
 */
#include "test_window_lab.inc"

static void tumbling(struct weir_window_assigner assigner, enum weir_window_stagger stagger)
{
    assigner.stagger = stagger;
    lab_open(LAB_CONFIG(.assigner = assigner, .aggregate = &lab_sum));
}

START_TEST(natural_windows_begin_with_the_clock_of_the_first_event)
{
    tumbling(weir_tumbling_event_time(10), WEIR_STAGGER_NATURAL);
    clock_to(1003);
    event("a", 12, 1);
    clock_to(1008); /* chosen once */
    event("a", 13, 2);
    event("b", 22, 4);
    watermark(30);
    expect("a[3,13)=1@12 a[13,23)=2@22 b[13,23)=4@22 wm30");
    expect_empty();
}
END_TEST

START_TEST(natural_stagger_is_never_negative)
{
    tumbling(weir_tumbling_event_time(10), WEIR_STAGGER_NATURAL);
    clock_to(-3); /* its own window is [-10,0) */
    event("a", 8, 1);
    watermark(30);
    expect("a[7,17)=1@16 wm30");
}
END_TEST

START_TEST(stagger_and_offset_add_up)
{
    static const int64_t offsets[] = {-9, -4, 0, 4, 9};
    static const char *const expected[] = {"a[8,18)=1@17 wm30", "a[3,13)=1@12 wm30",
                                           "a[7,17)=1@16 wm30", "a[1,11)=1@10 wm30",
                                           "a[6,16)=1@15 wm30"};
    for (size_t i = 0; i < 5; i++) {
        struct weir_window_assigner assigner = weir_tumbling_event_time(10);
        assigner.offset_ms = offsets[i];
        tumbling(assigner, WEIR_STAGGER_NATURAL);
        clock_to(7);
        event("a", 9, 1);
        watermark(30);
        expect(expected[i]);
        lab_close();
    }
}
END_TEST

START_TEST(aligned_windows_ignore_the_clock)
{
    tumbling(weir_tumbling_event_time(10), WEIR_STAGGER_ALIGNED);
    clock_to(7);
    event("a", 12, 1);
    watermark(30);
    expect("a[10,20)=1@19 wm30");
}
END_TEST

START_TEST(windows_of_the_clock_are_staggered_too)
{
    tumbling(weir_tumbling_processing_time(10), WEIR_STAGGER_NATURAL);
    clock_to(7);
    event("a", WEIR_TIME_MIN, 1);
    clock_to(15);
    event("a", 0, 2);
    clock_to(16);
    expect("a[7,17)=3@16");
}
END_TEST

START_TEST(an_event_without_timestamp_chooses_nothing)
{
    tumbling(weir_tumbling_event_time(10), WEIR_STAGGER_NATURAL);
    clock_to(7);
    event("a", WEIR_TIME_MIN, 1);
    clock_to(8);
    event("a", 9, 2);
    watermark(30);
    expect("a[8,18)=2@17 wm30");
}
END_TEST

START_TEST(open_windows_stay_when_a_restart_chooses_again)
{
    tumbling(weir_tumbling_event_time(10), WEIR_STAGGER_NATURAL);
    clock_to(3);
    event("a", 3, 1);
    restart();
    clock_to(5);
    event("a", 8, 2);
    watermark(30);
    expect("a[3,13)=1@12 a[5,15)=2@14 wm30");
    expect_empty();
}
END_TEST

/* Where the windows of size 10 begin that a subtask draws: the start of the one around `ts`. */
static int64_t drawn_start(uint64_t seed, int subtask, int64_t offset_ms, int64_t ts)
{
    struct weir_window_assigner assigner = weir_tumbling_event_time(10);
    assigner.offset_ms = offset_ms;
    tumbling(assigner, WEIR_STAGGER_RANDOM);
    lab_context.seed = seed;
    lab_context.subtask = subtask;
    event("a", ts, 1);
    clock_to(7); /* the clock has no say */
    event("b", ts, 2);
    watermark(ts + 20);
    int64_t start = INT64_MIN;
    int64_t again = INT64_MIN;
    ck_assert_int_eq(sscanf(lab_log.data, " a[%" SCNd64 ",%*d)=1@%*d b[%" SCNd64, &start, &again),
                     2);
    ck_assert_int_eq(start, again); /* drawn once, for all keys */
    lab_log.len = 0;
    lab_close();
    return start;
}

START_TEST(random_windows_begin_anywhere_in_a_size)
{
    int times[10] = {0};
    for (uint64_t seed = 0; seed < 1000; seed++) {
        int64_t start = drawn_start(seed, 0, 0, 100);
        ck_assert(start > 90 && start <= 100);
        times[start % 10]++;
    }
    for (int i = 0; i < 10; i++) {
        ck_assert_int_ge(times[i], 60); /* of 100 */
    }
}
END_TEST

START_TEST(equal_seeds_draw_equally_and_subtasks_do_not)
{
    int others = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        ck_assert_int_eq(drawn_start(seed, 0, 0, 100), drawn_start(seed, 0, 0, 100));
        others += drawn_start(seed, 0, 0, 100) != drawn_start(seed, 1, 0, 100);
    }
    ck_assert_int_ge(others, 80); /* of 90 */
}
END_TEST

START_TEST(random_stagger_and_offset_add_up)
{
    for (uint64_t seed = 0; seed < 100; seed++) {
        int64_t stagger = drawn_start(seed, 0, 0, 1000) % 10;
        for (int64_t offset = -9; offset <= 9; offset++) {
            ck_assert_int_eq(drawn_start(seed, 0, offset, 1000) % 10, (stagger + offset + 10) % 10);
        }
    }
}
END_TEST

START_TEST(other_windows_cannot_be_staggered)
{
    struct weir_window_assigner assigner = weir_sliding_event_time(10, 5);
    assigner.stagger = WEIR_STAGGER_NATURAL;
    struct weir_error error = {0};
    ck_assert_int_eq(
        weir__window_config_check(LAB_CONFIG(.assigner = assigner, .aggregate = &lab_sum),
                                  &lab_event_type, &error),
        WEIR_INVALID);
    ck_assert_str_eq(error.message,
                     "only tumbling windows can be staggered, by WEIR_STAGGER_NATURAL or "
                     "WEIR_STAGGER_RANDOM");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        natural_windows_begin_with_the_clock_of_the_first_event,
        natural_stagger_is_never_negative,
        stagger_and_offset_add_up,
        aligned_windows_ignore_the_clock,
        windows_of_the_clock_are_staggered_too,
        an_event_without_timestamp_chooses_nothing,
        open_windows_stay_when_a_restart_chooses_again,
        random_windows_begin_anywhere_in_a_size,
        equal_seeds_draw_equally_and_subtasks_do_not,
        random_stagger_and_offset_add_up,
        other_windows_cannot_be_staggered,
    };
    return lab_main("window stagger", tests, sizeof(tests) / sizeof(tests[0]));
}
