/*
 * Operators at the ends of time: timestamps, watermarks, clocks and durations drawn from
 * WEIR_TIME_MIN, WEIR_TIME_MAX and what lies next to them, with snapshots at random points. Nothing
 * overflows (that is for the sanitizers to say), no watermark falls, every case comes to an end,
 * and every event is accounted for: rejected, late, or taken. Semantics sheet, sections 1 to 17.
 */
#include "base/rand.h"
#include "random_cases.h"
#include "test_runtime_event.inc"

#include <weir/connect.h>
#include <weir/harness.h>
#include <weir/pattern.h>

#include <check.h>
#include <stdlib.h>

enum { CASES = 400, STEPS = 50, RESULTS_MAX = 1000000 };

static struct weir__rand rand_of_case;

static int below(int n)
{
    return (int)weir__rand_below(&rand_of_case, (uint64_t)n);
}

static int64_t any_time(void)
{
    static const int64_t times[] = {
        INT64_MIN, INT64_MIN + 1,    INT64_MIN + 2, INT64_MIN + 1000, -1000,    -10, -1, 0, 1, 10,
        1000,      INT64_MAX - 1000, INT64_MAX - 2, INT64_MAX - 1,    INT64_MAX};
    switch (below(4)) {
    case 0:
        return (int64_t)weir__rand_next(&rand_of_case);
    case 1:
        return below(100) - 50;
    default:
        return times[below(sizeof(times) / sizeof(times[0]))];
    }
}

/* Above 0. */
static int64_t any_duration(void)
{
    static const int64_t durations[] = {1,        2, 1000, 86400000, INT64_MAX / 2, INT64_MAX - 1,
                                        INT64_MAX};
    return below(3) > 0 ? 1 + below(40)
                        : durations[below(sizeof(durations) / sizeof(durations[0]))];
}

/* ---- the operators ---- */

static const struct weir_output_tag late = {"late", &event_type};
static const struct weir_output_tag late_right = {"late right", &event_type};

static weir_keyed_stream *input(weir_env *env)
{
    return weir_key_by(weir_harness_input(env, &event_type), WEIR_FIELD(event, key));
}

static void add_one(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    (void)user;
    ++*(int64_t *)accumulator;
}

static void add_count(void *accumulator, const void *other, void *user)
{
    (void)user;
    *(int64_t *)accumulator += *(const int64_t *)other;
}

static void give_count(const void *accumulator, const struct weir_window_context *context,
                       void *out, void *user)
{
    (void)context;
    (void)user;
    *(int64_t *)out = *(const int64_t *)accumulator;
}

static const struct weir_aggregate count = {
    .name = "count",
    .in_type = &event_type,
    .accumulator_type = &weir_int64_type,
    .out_type = &weir_int64_type,
    .add = add_one,
    .merge = add_count,
    .result = give_count,
};

static int64_t gap_of(const void *value, void *user)
{
    (void)user;
    int64_t time = ((const struct event *)value)->time;
    return time > 0 ? time : 1 + (time & 7);
}

static double distance(const void *from, const void *to, void *user)
{
    (void)user;
    return (double)((const struct event *)to)->time - (double)((const struct event *)from)->time;
}

static struct weir_window_assigner any_assigner(bool by_events_alone)
{
    int64_t size = any_duration();
    int64_t slide = any_duration();
    struct weir_window_assigner assigner = weir_tumbling_event_time(size);
    switch (below(by_events_alone ? 3 : 6)) {
    case 0:
        assigner.offset_ms = (int64_t)weir__rand_below(&rand_of_case, (uint64_t)size);
        return assigner;
    case 1:
        slide = size / slide > 100 ? size / 100 : slide; /* each event in at most so many */
        return weir_sliding_event_time(size, slide);
    case 2:
        return weir_session_event_time(size);
    case 3:
        return weir_dynamic_session_event_time(gap_of, NULL);
    case 4:
        return weir_global_window();
    default:
        return weir_tumbling_processing_time(size);
    }
}

/* Intervals so long that no jump fires more than a thousand times. */
static struct weir_trigger any_trigger(const struct weir_window_assigner *assigner)
{
    bool merging =
        assigner->kind == WEIR_ASSIGN_SESSION || assigner->kind == WEIR_ASSIGN_DYNAMIC_SESSION;
    struct weir_trigger trigger = {.purging = below(2) > 0,
                                   .count = 1 + below(4),
                                   .interval_ms = INT64_MAX / 1000,
                                   .threshold = 3,
                                   .delta = distance};
    enum weir_trigger_kind kinds[] = {
        WEIR_TRIGGER_DEFAULT,
        WEIR_TRIGGER_COUNT,
        WEIR_TRIGGER_CONTINUOUS_EVENT_TIME,
        WEIR_TRIGGER_CONTINUOUS_PROCESSING_TIME,
        assigner->kind == WEIR_ASSIGN_GLOBAL ? WEIR_TRIGGER_NEVER : WEIR_TRIGGER_PROCESSING_TIME,
        WEIR_TRIGGER_END_OF_STREAM,
        WEIR_TRIGGER_DELTA,
    };
    trigger.kind = kinds[below(merging ? 6 : 7)];
    return trigger;
}

static weir_stream *windows(weir_env *env)
{
    struct weir_window_config config = {
        .assigner = any_assigner(false),
        .allowed_lateness_ms = below(2) > 0 ? any_duration() : 0,
        .late_output = below(2) > 0 ? &late : NULL,
        .aggregate = &count,
        .path = below(2) > 0 ? WEIR_PATH_AUTO : WEIR_PATH_GENERAL,
    };
    if (below(2) > 0) {
        config.trigger = any_trigger(&config.assigner);
    }
    if (below(3) == 0) {
        config.evictor = (struct weir_evictor){
            .kind = below(2) > 0 ? WEIR_EVICT_TIME : WEIR_EVICT_COUNT,
            .duration_ms = any_duration(),
            .count = below(3),
        };
    }
    return weir_window(input(env), &config);
}

static void emit_number(const void *left, const void *right,
                        const struct weir_join_context *context, weir_collector *out, void *user)
{
    (void)right;
    (void)context;
    (void)user;
    weir_emit(out, &((const struct event *)left)->number);
}

static const struct weir_join_function pairs = {
    .name = "pairs",
    .left_type = &event_type,
    .right_type = &event_type,
    .out_type = &weir_int64_type,
    .join = emit_number,
};

static weir_stream *window_join(weir_env *env)
{
    return weir_window_join(input(env), input(env),
                            &(struct weir_window_join_config){
                                .assigner = any_assigner(true),
                                .allowed_lateness_ms = below(2) > 0 ? any_duration() : 0,
                                .function = &pairs,
                            });
}

static weir_stream *interval_join(weir_env *env)
{
    int64_t a = any_time();
    int64_t b = any_time();
    bool tagged = below(2) > 0;
    return weir_interval_join(input(env), input(env),
                              &(struct weir_interval_join_config){
                                  .lower_ms = a < b ? a : b,
                                  .upper_ms = a < b ? b : a,
                                  .late_left = tagged ? &late : NULL,
                                  .late_right = tagged ? &late_right : NULL,
                                  .function = &pairs,
                              });
}

static void emit_time(const weir_match *match, weir_context *context, weir_collector *out,
                      void *user)
{
    (void)context;
    (void)user;
    int64_t time = weir_match_time(match, "a", 0);
    weir_emit(out, &time);
}

static bool is_even(const void *value, const weir_match *so_far, void *user)
{
    (void)so_far;
    (void)user;
    return ((const struct event *)value)->number % 2 == 0;
}

static weir_stream *pattern(weir_env *env)
{
    static const struct weir_pattern_step steps[] = {
        {.name = "a", .where = is_even}, {.name = "b", .follows = WEIR_FOLLOWED_BY}, {0}};
    return weir_pattern(input(env), &(struct weir_pattern_config){
                                        .in_type = &event_type,
                                        .out_type = &weir_int64_type,
                                        .steps = steps,
                                        .within_ms = below(3) > 0 ? any_duration() : 0,
                                        .match = emit_time,
                                        .late_output = below(2) > 0 ? &late : NULL,
                                    });
}

static struct weir_state_descriptor last = {.name = "last", .type = &weir_int64_type};
static struct weir_state_descriptor seen = {
    .name = "seen", .kind = WEIR_STATE_LIST, .type = &weir_int64_type};

static void use_state_and_timers(const void *value, weir_context *context, weir_collector *out,
                                 void *user)
{
    (void)user;
    const struct event *event = value;
    switch (event->number % 4) {
    case 0:
        weir_register_event_timer(context, event->time);
        break;
    case 1:
        weir_register_processing_timer(context, event->time);
        break;
    case 2:
        weir_value_state_get(context, &last);
        weir_list_state_count(context, &seen);
        break;
    default:
        weir_value_state_set(context, &last, &event->time);
        weir_list_state_add(context, &seen, &event->time);
    }
    weir_emit(out, &event->number);
}

static void emit_timer(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                       void *user)
{
    (void)event_time;
    (void)context;
    (void)user;
    weir_emit(out, &time);
}

static weir_stream *process(weir_env *env)
{
    static const struct weir_state_descriptor *const states[] = {&last, &seen, NULL};
    last.ttl =
        (struct weir_ttl){.ttl_ms = below(3) > 0 ? any_duration() : 0,
                          .update = below(2) > 0 ? WEIR_TTL_ON_WRITE : WEIR_TTL_ON_READ_AND_WRITE};
    seen.ttl = last.ttl;
    return weir_keyed_process(input(env), &(struct weir_process_function){
                                              .name = "process",
                                              .in_type = &event_type,
                                              .out_type = &weir_int64_type,
                                              .process = use_state_and_timers,
                                              .on_timer = emit_timer,
                                              .states = states,
                                          });
}

static weir_stream *watermarks(weir_env *env)
{
    struct weir_watermark_strategy strategy =
        below(6) == 0 ? weir_ingestion_time() : weir_bounded_out_of_orderness(any_duration());
    strategy.idle_timeout_ms = below(2) > 0 ? any_duration() : 0;
    strategy.interval_ms = below(3) > 0 ? below(300) : -1;
    return weir_assign_watermarks(weir_harness_input(env, &event_type), strategy, NULL);
}

/* ---- a case ---- */

static const struct operator_kind {
    const char *name;
    weir_stream *(*build)(weir_env *env);
    bool two_inputs;
    bool in_windows;    /* counts what windows took */
    bool at_least_once; /* something comes out for each event */
    int late_below;     /* an event is late iff its time < watermark + this; -1: by windows */
} kinds[] = {
    {"windows", windows, .in_windows = true, .late_below = -1},
    {"window join", window_join, .two_inputs = true, .in_windows = true, .late_below = -1},
    {"interval join", interval_join, .two_inputs = true, .late_below = 0},
    {"pattern", pattern, .late_below = 1},
    {"process", process, .at_least_once = true, .late_below = -1},
    {"watermarks", watermarks, .at_least_once = true, .late_below = -1},
};

struct run {
    const struct operator_kind *kind;
    uint64_t seed;
    weir_harness *harness;
    int64_t pushed;
    int64_t timeless;  /* of these, without a timestamp */
    int64_t late;      /* of these, by the operator's rule */
    int64_t results;   /* that came out */
    int64_t sent_late; /* to late outputs */
    int64_t watermark; /* that was sent in */
    int64_t last_out;  /* the last watermark that came out */
};

static void push(struct run *run, int64_t number)
{
    static const char *const keys[] = {"a", "b"};
    struct event event = {.key = weir_str_from(keys[below(2)]), .number = number};
    event.time = any_time();
    int64_t timestamp = any_time();
    int late_below = run->kind->late_below;
    run->pushed++;
    if (timestamp == WEIR_TIME_MIN) {
        run->timeless++;
    } else if (late_below >= 0) {
        run->late += late_below > 0 ? timestamp <= run->watermark : timestamp < run->watermark;
    }
    if (run->kind->two_inputs && below(2) > 0) {
        weir_harness_push2(run->harness, &event, timestamp);
    } else {
        weir_harness_push(run->harness, &event, timestamp);
    }
}

static void set_watermark(struct run *run)
{
    int64_t watermark = any_time();
    run->watermark = watermark > run->watermark ? watermark : run->watermark;
    weir_harness_watermark(run->harness, watermark);
}

static void restore(struct run *run)
{
    struct weir_str snapshot = weir_harness_snapshot(run->harness);
    ck_assert_msg(weir_harness_restore(run->harness, &snapshot, 1) == WEIR_OK, "SEED=%" PRIu64,
                  run->seed);
    run->watermark = WEIR_TIME_MIN;
    run->last_out = WEIR_TIME_MIN;
}

static void one_step(struct run *run, int64_t number)
{
    switch (below(12)) {
    case 0:
    case 1:
        set_watermark(run);
        break;
    case 2:
        weir_harness_set_time(run->harness, any_time());
        break;
    case 3:
        weir_harness_idle(run->harness, below(2) > 0);
        break;
    case 4:
        restore(run);
        break;
    default:
        push(run, number);
    }
}

static void look_at_output(struct run *run)
{
    ck_assert_msg(weir_harness_count(run->harness) < RESULTS_MAX, "SEED=%" PRIu64, run->seed);
    for (size_t i = 0; i < weir_harness_count(run->harness); i++) {
        const struct weir_harness_output *out = weir_harness_at(run->harness, i);
        if (out->kind == WEIR_OUT_WATERMARK) {
            ck_assert_msg(out->timestamp > run->last_out, "SEED=%" PRIu64 ", %s: a watermark fell",
                          run->seed, run->kind->name);
            run->last_out = out->timestamp;
        } else if (out->kind == WEIR_OUT_RECORD) {
            run->results += out->tag == NULL;
            run->sent_late += out->tag != NULL;
        }
    }
    weir_harness_clear(run->harness);
}

/* What came in is what was refused, late, and taken. */
static void account(const struct run *run)
{
    int64_t rejected = weir_harness_metric(run->harness, "numRecordsRejected");
    int64_t dropped = weir_harness_metric(run->harness, "numLateRecordsDropped");
    int64_t in_windows = weir_harness_metric(run->harness, "numRecordsInWindows");
    int64_t in_none = weir_harness_metric(run->harness, "numRecordsInNoWindow");
    const char *name = run->kind->name;
    ck_assert_int_eq(weir_harness_metric(run->harness, "numRecordsIn"), run->pushed);
    ck_assert_msg(dropped == 0 || run->sent_late == 0, "SEED=%" PRIu64 ", %s", run->seed, name);
    if (run->kind->in_windows) {
        ck_assert_msg(
            run->pushed == rejected + dropped + run->sent_late + in_windows + in_none,
            "SEED=%" PRIu64 ", %s: of %" PRId64 " events %" PRId64 " were rejected, %" PRId64
            " dropped, %" PRId64 " sent out as late, %" PRId64 " in windows, %" PRId64 " in none",
            run->seed, name, run->pushed, rejected, dropped, run->sent_late, in_windows, in_none);
    }
    if (run->kind->late_below >= 0) {
        ck_assert_msg(rejected == run->timeless && dropped + run->sent_late == run->late,
                      "SEED=%" PRIu64 ", %s: %" PRId64 " rejected of %" PRId64
                      " without time, %" PRId64 " dropped and %" PRId64 " sent out of %" PRId64
                      " late ones",
                      run->seed, name, rejected, run->timeless, dropped, run->sent_late, run->late);
    }
    if (run->kind->at_least_once) {
        ck_assert_msg(run->results >= run->pushed, "SEED=%" PRIu64 ", %s", run->seed, name);
    }
}

static void one_case(const struct operator_kind *kind, uint64_t seed)
{
    weir__rand_init(&rand_of_case, seed);
    weir_env *env = weir_env_new("extremes", 0, NULL);
    struct run run = {
        .kind = kind, .seed = seed, .watermark = WEIR_TIME_MIN, .last_out = WEIR_TIME_MIN};
    run.harness = weir_harness_new(env, kind->build(env));
    ck_assert_str_eq(weir_harness_error(run.harness)->message, "");
    for (int64_t i = 0; i < STEPS; i++) {
        one_step(&run, i);
        look_at_output(&run);
    }
    weir_harness_finish(run.harness);
    look_at_output(&run);
    ck_assert_str_eq(weir_harness_error(run.harness)->message, "");
    account(&run);
    weir_harness_free(run.harness);
    weir_env_free(env);
}

START_TEST(every_event_is_accounted_for_at_the_ends_of_time)
{
    const struct operator_kind *kind = &kinds[_i];
    struct random_cases cases = random_cases(kind->name, CASES);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        one_case(kind, seed);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("the ends of time");
    TCase *tcase = tcase_create("operators");
    tcase_set_timeout(tcase, 100);
    tcase_add_loop_test(tcase, every_event_is_accounted_for_at_the_ends_of_time, 0,
                        sizeof(kinds) / sizeof(kinds[0]));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
