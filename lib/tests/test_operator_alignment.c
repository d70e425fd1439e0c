/*
 * Alignment of sources: two assigners that share what a job's sources share, then whole jobs.
 * Semantics sheet, section 14.
 */
#include "operator_fixture.h"

#include "operator/aligned.h"
#include "test_runtime_event.inc"
#include "time/alignment.h"

static struct weir__alignment *shared;
static struct fixture left;
static struct fixture right;
static int left_pauses; /* as their tasks would count */
static int right_pauses;

static struct weir_watermark_strategy strategy_of(const char *group, int64_t drift_ms)
{
    struct weir_watermark_strategy strategy = weir_monotonous_timestamps();
    strategy = weir_with_interval(strategy, -1); /* a watermark after every event */
    return weir_with_alignment(strategy, group, drift_ms, 0);
}

static void open_one(struct fixture *fixture, struct weir_watermark_strategy strategy, int *pauses)
{
    fixture_init(fixture, weir__watermark_factory(strategy, NULL), &weir_int64_type,
                 &weir_int64_type);
    fixture->context.alignment = shared;
    fixture->context.pauses = pauses;
    fixture_open(fixture);
}

static void start(struct weir_watermark_strategy left_strategy,
                  struct weir_watermark_strategy right_strategy)
{
    shared = weir__alignment_new();
    left_pauses = 0;
    right_pauses = 0;
    open_one(&left, left_strategy, &left_pauses);
    open_one(&right, right_strategy, &right_pauses);
}

static void stop(void)
{
    fixture_free(&left);
    fixture_free(&right);
    weir__alignment_free(shared);
}

/* Its watermark becomes `watermark`. */
static void reach(struct fixture *fixture, int64_t watermark)
{
    int64_t value = 0;
    push(fixture, &value, watermark + 1);
}

/* Both report once a second; the second time both know what the other said. */
static void compare_notes(void)
{
    int64_t now_ms = left.clock.ms;
    for (int i = 0; i < 2; i++) {
        now_ms += 1000;
        set_clock(&left, now_ms);
        set_clock(&right, now_ms);
    }
}

START_TEST(pauses_iff_announced_is_below_the_last_emitted_watermark)
{
    start(strategy_of("g", 50), strategy_of("g", 50));
    reach(&left, 100);
    reach(&right, 50);
    compare_notes();
    ck_assert_int_eq(left_pauses, 0); /* announced 100 is not below 100 */
    reach(&left, 101);
    ck_assert_int_eq(left_pauses, 1); /* checked at every watermark against what was announced */
    ck_assert_int_eq(right_pauses, 0);
    reach(&right, 51);
    ck_assert_int_eq(left_pauses, 1); /* nobody said so yet */
    compare_notes();
    ck_assert_int_eq(left_pauses, 0);
    stop();
}
END_TEST

START_TEST(nothing_pauses_before_the_first_announcement)
{
    start(strategy_of("g", 0), strategy_of("g", 0));
    reach(&left, 1000000);
    ck_assert_int_eq(left_pauses, 0);
    set_clock(&left, 999);
    ck_assert_int_eq(left_pauses, 0);
    set_clock(&left, 1000); /* the default interval */
    ck_assert_int_eq(left_pauses, 1);
    ck_assert_int_eq(weir__metric_value(left.context.metrics, WEIR__ALIGNMENT_PAUSES), 1);
    stop();
}
END_TEST

START_TEST(source_without_a_watermark_holds_its_group)
{
    start(strategy_of("g", 1000000), strategy_of("g", 1000000));
    reach(&left, -5);
    compare_notes();
    ck_assert_int_eq(left_pauses, 1);
    reach(&right, -5);
    compare_notes();
    ck_assert_int_eq(left_pauses, 0);
    stop();
}
END_TEST

START_TEST(idle_source_reports_the_end_of_time)
{
    start(strategy_of("g", 10), weir_with_idleness(strategy_of("g", 10), 5000));
    reach(&left, 100);
    reach(&right, 0);
    compare_notes();
    ck_assert_int_eq(left_pauses, 1);
    for (int i = 0; i < 3; i++) {
        compare_notes(); /* probes meanwhile see that nothing comes */
    }
    expect(&right, "0@1 W0 idle");
    ck_assert_int_eq(left_pauses, 0);
    reach(&right, 20); /* active again: it counts again */
    compare_notes();
    ck_assert_int_eq(left_pauses, 1);
    stop();
}
END_TEST

START_TEST(source_that_ended_holds_nobody)
{
    start(strategy_of("g", 10), strategy_of("g", 10));
    reach(&left, 100);
    compare_notes();
    ck_assert_int_eq(left_pauses, 1);
    weir__operator_advance(right.op, WEIR_TIME_MAX);
    set_clock(&left, left.clock.ms + 1000);
    ck_assert_int_eq(left_pauses, 0);
    ck_assert_int_eq(right.op->ops->next_tick(right.op), WEIR_TIME_MAX);
    stop();
}
END_TEST

START_TEST(paused_source_that_ends_is_let_go)
{
    start(strategy_of("g", 10), strategy_of("g", 10));
    reach(&left, 100);
    compare_notes();
    ck_assert_int_eq(left_pauses, 1);
    weir__operator_advance(left.op, WEIR_TIME_MAX);
    ck_assert_int_eq(left_pauses, 0);
    stop();
}
END_TEST

START_TEST(groups_do_not_know_each_other)
{
    start(strategy_of("g", 10), strategy_of("h", 10));
    reach(&left, 100);
    compare_notes();
    ck_assert_int_eq(left_pauses, 0);
    ck_assert_int_eq(right_pauses, 0);
    stop();
}
END_TEST

START_TEST(drift_does_not_overflow)
{
    start(strategy_of("g", WEIR_TIME_MAX), strategy_of("g", WEIR_TIME_MAX));
    reach(&left, WEIR_TIME_MAX - 2);
    reach(&right, 1);
    compare_notes();
    ck_assert_int_eq(left_pauses, 0);
    stop();
}
END_TEST

/* While paused no time passes for idleness (as in newer Flink): the source is held, not silent. */
START_TEST(paused_source_does_not_become_idle)
{
    start(weir_with_idleness(strategy_of("g", 10), 5000), strategy_of("g", 10));
    reach(&left, 100);
    reach(&right, 0);
    for (int i = 0; i < 20; i++) {
        compare_notes();
    }
    ck_assert_int_eq(left_pauses, 1);
    expect(&left, "0@101 W100");
    reach(&right, 200);
    for (int i = 0; i < 20; i++) {
        compare_notes();
    }
    ck_assert_int_eq(left_pauses, 0);
    expect(&left, "idle");
    stop();
}
END_TEST

/* ---- jobs ---- */

/* Both cover the same time; the fast one gets there with fewer events. */
enum { SLOW_EVENTS = 4000, FASTER = 10, FAST_EVENTS = SLOW_EVENTS / FASTER };

static bool make_slow(int64_t index, void *value, int64_t *timestamp, void *user)
{
    (void)user;
    event_make(index, value, timestamp, NULL);
    struct event *event = value;
    event->key = WEIR_STR("slow");
    event->time = *timestamp = index;
    return true;
}

static bool make_fast(int64_t index, void *value, int64_t *timestamp, void *user)
{
    make_slow(index, value, timestamp, user);
    struct event *event = value;
    event->key = WEIR_STR("fast");
    event->time = *timestamp = index * FASTER;
    return true;
}

/* How far the fast source was ahead, summed over its events; simulation only (one thread). */
static struct {
    int64_t slow_time;
    int64_t lead;
} seen;

static void note(const void *value, void *out, void *user)
{
    (void)user;
    const struct event *event = value;
    if (event->key.data[0] == 's') {
        seen.slow_time = event->time > seen.slow_time ? event->time : seen.slow_time;
    } else {
        seen.lead += event->time - seen.slow_time;
    }
    *(struct event *)out = *event;
}

static weir_stream *source(weir_env *env, const char *name, int64_t count,
                           struct weir_watermark_strategy strategy,
                           bool (*next)(int64_t, void *, int64_t *, void *))
{
    weir_stream *events = weir_from_source(
        env, weir_generator_source(&(struct weir_generator_source_config){
                 .name = name, .type = &event_type, .next = next, .count = count, .splits = 2}));
    events = weir_assign_watermarks(events, strategy, WEIR_FIELD(event, time));
    return weir_set_name(events, name);
}

/* Returns how often the fast source paused. */
static int64_t run(const char *const *args, bool aligned, bool simulation, struct lines *lines)
{
    memset(&seen, 0, sizeof(seen));
    weir_env *env = event_env(args);
    struct weir_watermark_strategy strategy = weir_with_interval(weir_monotonous_timestamps(), 1);
    if (aligned) {
        strategy = weir_with_alignment(strategy, "group", 100, 1);
    }
    weir_stream *slow = source(env, "slow marks", SLOW_EVENTS, strategy, make_slow);
    weir_stream *fast = source(env, "fast marks", FAST_EVENTS, strategy, make_fast);
    if (simulation) {
        slow = weir_map(slow, "note", &event_type, note, NULL);
        fast = weir_map(fast, "note", &event_type, note, NULL);
    }
    weir_stream *both = weir_union(slow, fast);
    weir_stream *sums = weir_keyed_process(weir_key_by(both, WEIR_FIELD(event, key)), &event_sum);
    weir_sink_to(sums, weir_collect(lines_collect, lines));
    ck_assert_int_eq(weir_execute(env), 0);
    int64_t pauses = weir_metric(env, "fast marks", WEIR__ALIGNMENT_PAUSES);
    weir_env_free(env);
    return pauses;
}

START_TEST(jobs_give_the_same_results_aligned_or_not)
{
    static const char *const parallelisms[] = {"1", "2", "4"};
    struct lines expected = {0};
    run((const char *const[]){"-p", "1", NULL}, false, false, &expected);
    for (size_t i = 0; i < 3; i++) {
        struct lines lines = {0};
        run((const char *const[]){"-p", parallelisms[i], NULL}, true, false, &lines);
        lines_assert_same(&lines, &expected);
        lines_clear(&lines);
    }
    lines_clear(&expected);
}
END_TEST

START_TEST(alignment_keeps_the_fast_source_near_the_slow_one)
{
    int64_t lead[2] = {0, 0};
    int64_t pauses = 0;
    for (int i = 0; i < 20; i++) {
        char seed[12];
        snprintf(seed, sizeof(seed), "%d", i);
        const char *args[] = {"--scheduler=simulation", "--seed", seed, "-p",
                              i % 2 == 0 ? "1" : "2",   NULL};
        struct lines lines[2] = {{0}, {0}};
        for (int aligned = 0; aligned < 2; aligned++) {
            pauses += run(args, aligned != 0, true, &lines[aligned]);
            lead[aligned] += seen.lead;
        }
        lines_assert_same(&lines[0], &lines[1]);
        lines_clear(&lines[0]);
        lines_clear(&lines[1]);
    }
    ck_assert_int_gt(pauses, 20);
    ck_assert_int_lt(lead[1] * 3, lead[0] * 2);
}
END_TEST

/* ---- mistakes ---- */

static void expect_mistake(struct weir_watermark_strategy strategy, const char *message)
{
    weir_env *env = event_env((const char *const[]){NULL});
    weir_assign_watermarks(weir_from_source(env, event_source(1, 1, NULL)), strategy,
                           WEIR_FIELD(event, time));
    ck_assert_int_eq(weir_env_error(env)->code, WEIR_INVALID);
    ck_assert_str_eq(weir_env_error(env)->message, message);
    weir_env_free(env);
}

START_TEST(wrong_settings_are_mistakes)
{
    expect_mistake(strategy_of(NULL, 1), "the group that it is aligned with has no name");
    expect_mistake(strategy_of("g", -1), "the drift must not be negative");
    expect_mistake(weir_with_alignment(weir_monotonous_timestamps(), "g", 1, -1),
                   "the update interval must not be negative");
}
END_TEST

static void expect_wrong_plan(weir_env *env, weir_stream *stream, const char *beginning)
{
    struct lines lines = {0};
    weir_sink_to(stream, weir_collect(lines_collect, &lines));
    ck_assert_int_eq(weir_execute(env), 2);
    ck_assert_int_eq(strncmp(weir_env_error(env)->message, beginning, strlen(beginning)), 0);
    weir_env_free(env);
}

START_TEST(assigner_must_run_in_the_task_of_its_source)
{
    event_quiet();
    weir_env *env = event_env((const char *const[]){"-p", "2", NULL});
    weir_stream *events = weir_rebalance(weir_from_source(env, event_source(1, 1, NULL)));
    events = weir_assign_watermarks(events, strategy_of("g", 1), WEIR_FIELD(event, time));
    expect_wrong_plan(env, events, "it aligns a source, but does not run in its task");
}
END_TEST

START_TEST(source_is_aligned_only_once)
{
    event_quiet();
    weir_env *env = event_env((const char *const[]){NULL});
    weir_stream *events = weir_from_source(env, event_source(1, 1, NULL));
    weir_stream *first =
        weir_assign_watermarks(events, strategy_of("g", 1), WEIR_FIELD(event, time));
    weir_stream *second =
        weir_assign_watermarks(events, strategy_of("g", 1), WEIR_FIELD(event, time));
    expect_wrong_plan(env, weir_union(first, second), "its source is aligned twice");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alignment");
    TCase *tcase = tcase_create("section 14");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, pauses_iff_announced_is_below_the_last_emitted_watermark);
    tcase_add_test(tcase, nothing_pauses_before_the_first_announcement);
    tcase_add_test(tcase, source_without_a_watermark_holds_its_group);
    tcase_add_test(tcase, idle_source_reports_the_end_of_time);
    tcase_add_test(tcase, source_that_ended_holds_nobody);
    tcase_add_test(tcase, paused_source_that_ends_is_let_go);
    tcase_add_test(tcase, groups_do_not_know_each_other);
    tcase_add_test(tcase, drift_does_not_overflow);
    tcase_add_test(tcase, paused_source_does_not_become_idle);
    tcase_add_test(tcase, jobs_give_the_same_results_aligned_or_not);
    tcase_add_test(tcase, alignment_keeps_the_fast_source_near_the_slow_one);
    tcase_add_test(tcase, wrong_settings_are_mistakes);
    tcase_add_test(tcase, assigner_must_run_in_the_task_of_its_source);
    tcase_add_test(tcase, source_is_aligned_only_once);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
