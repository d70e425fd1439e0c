/*
 * The harness itself: what a learner's test can rely on.
 */
#include <weir/harness.h>

#include <check.h>
#include <stdlib.h>

#define CLICK_FIELDS(F, T)                                                                         \
    F(T, string, user, "user", required)                                                           \
    F(T, int64, at, "at", required)
WEIR_DECLARE_TYPE(click, CLICK_FIELDS);
WEIR_DEFINE_TYPE(click, CLICK_FIELDS);

static weir_env *env;
static weir_harness *harness;

static void setup(void)
{
    env = weir_env_new("harness test", 0, NULL);
}

static void teardown(void)
{
    weir_harness_free(harness);
    harness = NULL;
    weir_env_free(env);
}

static weir_stream *clicks(void)
{
    return weir_harness_input(env, &click_type);
}

static weir_stream *numbers(void)
{
    return weir_harness_input(env, &weir_int64_type);
}

static void push_number(int64_t number, int64_t timestamp)
{
    weir_harness_push(harness, &number, timestamp);
}

static void push_click(const char *user, int64_t at)
{
    weir_harness_push(harness, &(struct click){weir_str_from(user), at}, at);
}

static void expect(const char *text)
{
    ck_assert_str_eq(weir_harness_take_text(harness), text);
}

static bool is_even(const void *value, void *user)
{
    (void)user;
    return *(const int64_t *)value % 2 == 0;
}

static void negate(const void *value, void *out, void *user)
{
    (void)user;
    *(int64_t *)out = -*(const int64_t *)value;
}

START_TEST(one_operator_answers_at_once)
{
    harness = weir_harness_new(env, weir_filter(numbers(), NULL, is_even, NULL));
    push_number(1, 10);
    push_number(2, 20);
    push_number(4, WEIR_TIME_MIN);
    weir_harness_watermark(harness, 15);
    weir_harness_watermark(harness, 15);
    weir_harness_idle(harness, true);
    weir_harness_idle(harness, false);
    expect("2@20 4@- W15 idle active");
    expect("");
    weir_harness_finish(harness);
    expect("Wmax");
}
END_TEST

START_TEST(ingestion_time_comes_from_the_clock)
{
    harness = weir_harness_new(env, weir_assign_watermarks(numbers(), weir_ingestion_time(), NULL));
    weir_harness_set_time(harness, 150);
    push_number(1, 99999);
    weir_harness_watermark(harness, 70000); /* what came before does not matter */
    weir_harness_set_time(harness, 200);
    expect("1@150 W199");
    push_number(2, 5);
    weir_harness_finish(harness);
    expect("2@200 Wmax");
}
END_TEST

START_TEST(all_operators_up_to_the_stream_take_part)
{
    weir_stream *even = weir_filter(numbers(), NULL, is_even, NULL);
    harness = weir_harness_new(env, weir_map(even, NULL, &weir_int64_type, negate, NULL));
    push_number(1, 10);
    push_number(2, 20);
    expect("-2@20");
    ck_assert_int_eq(weir_harness_metric(harness, "numRecordsIn"), 3); /* two and one */
}
END_TEST

START_TEST(outputs_can_be_read_one_by_one)
{
    harness = weir_harness_new(env, weir_filter(numbers(), NULL, is_even, NULL));
    push_number(2, 20);
    weir_harness_watermark(harness, 30);
    ck_assert_uint_eq(weir_harness_count(harness), 2);
    const struct weir_harness_output *first = weir_harness_at(harness, 0);
    ck_assert_int_eq(first->kind, WEIR_OUT_RECORD);
    ck_assert_ptr_eq(first->type, &weir_int64_type);
    ck_assert_int_eq(*(const int64_t *)first->value, 2);
    ck_assert_int_eq(first->timestamp, 20);
    ck_assert_int_eq(weir_harness_at(harness, 1)->kind, WEIR_OUT_WATERMARK);
    ck_assert_int_eq(weir_harness_at(harness, 1)->timestamp, 30);
    weir_harness_clear(harness);
    ck_assert_uint_eq(weir_harness_count(harness), 0);
}
END_TEST

static bool is_named(const void *value, void *user)
{
    (void)user;
    return ((const struct click *)value)->user.len > 0;
}

START_TEST(results_are_copies)
{
    harness = weir_harness_new(env, weir_filter(clicks(), NULL, is_named, NULL));
    char user[] = "ann";
    weir_harness_push(harness, &(struct click){{user, 3}, 2}, 2);
    memset(user, 'x', 3);
    expect("{\"user\":\"ann\",\"at\":2}@2");
}
END_TEST

/* ---- watermarks, per split, with the clock ---- */

START_TEST(clock_jumps_and_what_is_due_fires)
{
    harness = weir_harness_new(
        env, weir_assign_watermarks(clicks(), weir_monotonous_timestamps(), WEIR_FIELD(click, at)));
    weir_harness_split_added(harness, 0);
    weir_harness_split_added(harness, 1);
    weir_harness_push_from(harness, 0, &(struct click){WEIR_STR("a"), 50}, WEIR_TIME_MIN);
    weir_harness_set_time(harness, 1700000000000);
    expect("{\"user\":\"a\",\"at\":50}@50");
    weir_harness_push_from(harness, 1, &(struct click){WEIR_STR("b"), 30}, WEIR_TIME_MIN);
    weir_harness_set_time(harness, 1700000000200);
    expect("{\"user\":\"b\",\"at\":30}@30 W29");
    weir_harness_split_finished(harness, 1);
    weir_harness_set_time(harness, 1700000000400);
    expect("W49");
}
END_TEST

/* ---- state, timers, side outputs ---- */

static const struct weir_state_descriptor seen = {
    .name = "seen", .kind = WEIR_STATE_VALUE, .type = &weir_int64_type};
static const struct weir_state_descriptor *const states[] = {&seen, NULL};
static const struct weir_output_tag again = {"again", &weir_string_type};
static const struct weir_output_tag *const tags[] = {&again, NULL};

/* Counts clicks a user, tells repeated ones aside, and reports 100 ms after the last of them. */
static void count(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)out;
    (void)user;
    const struct click *click = value;
    int64_t *count = weir_value_state_edit(context, &seen);
    if (++*count > 1) {
        weir_side_emit(context, &again, &click->user);
    }
    weir_register_event_timer(context, click->at + 100);
    weir_count(context, "clicks", 1);
}

static void report(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                   void *user)
{
    (void)time;
    (void)event_time;
    (void)user;
    const int64_t *count = weir_value_state_get(context, &seen);
    if (count != NULL) {
        weir_emit(out, count);
        weir_state_clear(context, &seen);
    }
}

static const struct weir_process_function counter = {
    .name = "counter",
    .in_type = &click_type,
    .out_type = &weir_int64_type,
    .process = count,
    .on_timer = report,
    .states = states,
    .side_outputs = tags,
};

static weir_stream *counts(void)
{
    return weir_keyed_process(weir_key_by(clicks(), WEIR_FIELD(click, user)), &counter);
}

START_TEST(side_outputs_and_state_show)
{
    harness = weir_harness_new(env, counts());
    push_click("ann", 1);
    push_click("ann", 2);
    push_click("bob", 3);
    expect("again:\"ann\"@2");
    struct weir_harness_state held = weir_harness_state(harness);
    ck_assert_int_eq(held.entries, 2);
    ck_assert_int_eq(held.event_timers, 3);
    weir_harness_finish(harness);
    expect("2@101 1@103 Wmax");
    held = weir_harness_state(harness);
    ck_assert_int_eq(held.entries, 0);
    ck_assert_int_eq(held.event_timers, 0);
}
END_TEST

START_TEST(state_survives_a_restore_and_the_watermark_does_not)
{
    harness = weir_harness_new(env, counts());
    push_click("ann", 1);
    weir_harness_watermark(harness, 50);
    struct weir_str snapshot = weir_harness_snapshot(harness);
    ck_assert_int_eq(weir_harness_restore(harness, &snapshot, 1), WEIR_OK);
    weir_harness_watermark(harness, 50); /* rises again: it started anew */
    push_click("ann", 2);
    weir_harness_finish(harness);
    expect("W50 W50 again:\"ann\"@2 2@101 Wmax");
    ck_assert_int_eq(weir_harness_metric(harness, "clicks"), 2); /* counters go on */
}
END_TEST

START_TEST(snapshots_of_all_subtasks_restore_at_another_parallelism)
{
    weir_stream *out = counts();
    const char *users[] = {"ann", "bob", "cid", "dan", "eve", "fay"};
    harness = weir_harness_new(env, out);
    for (size_t i = 0; i < 6; i++) {
        push_click(users[i], 1);
    }
    struct weir_str snapshot = weir_harness_snapshot(harness);
    int64_t entries = 0;
    for (int subtask = 0; subtask < 3; subtask++) {
        weir_harness *part = weir_harness_new_subtask(env, out, subtask, 3);
        ck_assert_int_eq(weir_harness_restore(part, &snapshot, 1), WEIR_OK);
        entries += weir_harness_state(part).entries;
        weir_harness_free(part);
    }
    ck_assert_int_eq(entries, 6);
}
END_TEST

START_TEST(damaged_snapshot_is_refused)
{
    harness = weir_harness_new(env, counts());
    push_click("ann", 1);
    struct weir_str snapshot = weir_harness_snapshot(harness);
    for (uint32_t len = 0; len < snapshot.len; len++) {
        weir_harness *other = weir_harness_new(env, counts());
        struct weir_str cut = {snapshot.data, len};
        ck_assert_int_ne(weir_harness_restore(other, &cut, 1), WEIR_OK);
        ck_assert_int_ne(weir_harness_error(other)->code, WEIR_OK);
        weir_harness_free(other);
    }
}
END_TEST

/* ---- what is wrong is told ---- */

START_TEST(mistake_in_the_graph_is_told_and_pushing_is_harmless)
{
    harness = weir_harness_new(env, weir_filter(numbers(), "evens", NULL, NULL));
    ck_assert_int_eq(weir_harness_error(harness)->code, WEIR_INVALID);
    push_number(1, 1);
    weir_harness_watermark(harness, 1);
    weir_harness_idle(harness, true);
    weir_harness_split_added(harness, 1);
    weir_harness_set_time(harness, 1);
    weir_harness_finish(harness);
    weir_harness_snapshot(harness);
    ck_assert_int_ne(weir_harness_restore(harness, NULL, 0), WEIR_OK);
    ck_assert_ptr_nonnull(strstr(weir_harness_take_text(harness), "failed(evens: "));
}
END_TEST

START_TEST(input_alone_is_nothing_to_test)
{
    harness = weir_harness_new(env, numbers());
    ck_assert_int_eq(weir_harness_error(harness)->code, WEIR_INVALID);
}
END_TEST

START_TEST(operator_that_reads_three_streams_is_refused_by_name)
{
    weir_stream *all = weir_union(weir_union(numbers(), numbers()), numbers());
    harness = weir_harness_new(env, weir_filter(all, "evens", is_even, NULL));
    ck_assert_int_eq(weir_harness_error(harness)->code, WEIR_UNSUPPORTED);
    ck_assert_str_eq(weir_harness_error(harness)->where, "evens");
}
END_TEST

START_TEST(union_of_a_stream_with_itself_is_refused)
{
    weir_stream *in = numbers();
    harness = weir_harness_new(env, weir_filter(weir_union(in, in), "evens", is_even, NULL));
    ck_assert_int_eq(weir_harness_error(harness)->code, WEIR_UNSUPPORTED);
}
END_TEST

static void push_second(int64_t number, int64_t timestamp)
{
    weir_harness_push2(harness, &number, timestamp);
}

START_TEST(union_is_one_stream_with_the_smaller_watermark)
{
    weir_stream *both = weir_union(numbers(), numbers());
    harness = weir_harness_new(env, weir_map(both, NULL, &weir_int64_type, negate, NULL));
    push_number(1, 10);
    push_second(2, 5);
    weir_harness_watermark1(harness, 9);
    push_second(3, 6);
    weir_harness_watermark2(harness, 7);
    push_number(4, 20);
    expect("-1@10 -2@5 -3@6 W7 -4@20");
    weir_harness_idle2(harness, true);
    expect("W9"); /* an idle stream holds nothing back */
    weir_harness_idle1(harness, true);
    weir_harness_watermark2(harness, 12);
    expect("idle active W12");
    weir_harness_finish(harness);
    expect("Wmax");
}
END_TEST

START_TEST(repartitioned_streams_are_the_same_stream)
{
    weir_stream *in = weir_rescale(weir_broadcast(weir_rebalance(numbers())));
    harness = weir_harness_new(env, weir_map(in, NULL, &weir_int64_type, negate, NULL));
    push_number(1, 10);
    push_number(2, WEIR_TIME_MIN);
    weir_harness_watermark(harness, 5);
    expect("-1@10 -2@- W5");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("harness");
    TCase *tcase = tcase_create("harness");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, one_operator_answers_at_once);
    tcase_add_test(tcase, ingestion_time_comes_from_the_clock);
    tcase_add_test(tcase, all_operators_up_to_the_stream_take_part);
    tcase_add_test(tcase, outputs_can_be_read_one_by_one);
    tcase_add_test(tcase, results_are_copies);
    tcase_add_test(tcase, clock_jumps_and_what_is_due_fires);
    tcase_add_test(tcase, side_outputs_and_state_show);
    tcase_add_test(tcase, state_survives_a_restore_and_the_watermark_does_not);
    tcase_add_test(tcase, snapshots_of_all_subtasks_restore_at_another_parallelism);
    tcase_add_test(tcase, damaged_snapshot_is_refused);
    tcase_add_test(tcase, mistake_in_the_graph_is_told_and_pushing_is_harmless);
    tcase_add_test(tcase, input_alone_is_nothing_to_test);
    tcase_add_test(tcase, operator_that_reads_three_streams_is_refused_by_name);
    tcase_add_test(tcase, union_of_a_stream_with_itself_is_refused);
    tcase_add_test(tcase, union_is_one_stream_with_the_smaller_watermark);
    tcase_add_test(tcase, repartitioned_streams_are_the_same_stream);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
