/*
 * The same job event by event and in micro-batches: the same results, and the price in latency to
 * the millisecond, under a clock that the source moves.
 */
#include "test_runtime_event.inc"

#include "base/files.h"
#include "graph/env.h"

#include <stdatomic.h>
#include <unistd.h>

enum { EVENTS = 600, SEEDS = 10, MOST_LATENCIES = 100 };

static weir_source *paced_source(int64_t count, int64_t per_second)
{
    return weir_generator_source(&(struct weir_generator_source_config){.name = "events",
                                                                        .type = &event_type,
                                                                        .next = event_make,
                                                                        .count = count,
                                                                        .per_second = per_second,
                                                                        .splits = 2});
}

/* Windows and totals a key, over the same events. */
static void run(struct lines *lines, const char *const *args)
{
    weir_env *env = event_env(args);
    weir_stream *events = weir_assign_watermarks(weir_from_source(env, paced_source(EVENTS, 1000)),
                                                 weir_monotonous_timestamps(), NULL);
    weir_keyed_stream *keyed = weir_key_by(events, WEIR_FIELD(event, key));
    weir_sink_to(weir_window_aggregate(keyed, weir_tumbling_event_time(100), &event_sum_of_window),
                 weir_collect(lines_collect, lines));
    weir_sink_to(weir_keyed_process(keyed, &event_sum), weir_collect(lines_collect, lines));
    ck_assert_int_eq(weir_execute(env), 0);
    weir_env_free(env);
}

START_TEST(results_are_those_of_event_by_event)
{
    static const char *const parallelisms[] = {"1", "2", "3"};
    struct lines expected = {NULL, 0};
    run(&expected, (const char *const[]){"--scheduler", "simulation", NULL});
    ck_assert_uint_eq(expected.count, 70);
    for (int seed = 1; seed <= SEEDS; seed++) {
        char text[12];
        snprintf(text, sizeof(text), "%d", seed);
        struct lines lines = {NULL, 0};
        run(&lines, (const char *const[]){"--scheduler", "simulation", "--seed", text, "-p",
                                          parallelisms[seed % 3], "--micro-batch", "70ms", NULL});
        lines_assert_same(&lines, &expected);
        lines_clear(&lines);
    }
    struct lines lines = {NULL, 0};
    run(&lines, (const char *const[]){"-p", "2", "--micro-batch", "70ms", NULL});
    lines_assert_same(&lines, &expected);
    lines_clear(&lines);
    lines_clear(&expected);
}
END_TEST

/* ---- latencies ---- */

/* A clock that stands still until the source moves it. */
struct moved_clock {
    struct weir_clock clock;
    atomic_llong ms;
};

static int64_t moved_ms(const struct weir_clock *clock)
{
    return atomic_load(&((const struct moved_clock *)clock)->ms);
}

static int64_t moved_ns(const struct weir_clock *clock)
{
    return moved_ms(clock) * 1000000;
}

/* An event every 100 ms, stamped by the clock: from 100 on. */
static bool tick_and_make(int64_t index, void *value, int64_t *timestamp, void *user)
{
    struct moved_clock *clock = user;
    struct event *event = value;
    *timestamp = atomic_fetch_add(&clock->ms, 100) + 100;
    *event = (struct event){.key = WEIR_STR("k"), .number = index, .time = *timestamp};
    return true;
}

static atomic_int latency_count;
static int64_t latencies[MOST_LATENCIES];

static void measure(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    latencies[latency_count++] =
        weir_current_processing_time(context) - ((const struct event *)value)->time;
    weir_emit(out, value);
}

static const struct weir_process_function measuring = {
    .name = "measure", .in_type = &event_type, .out_type = &event_type, .process = measure};

static void forget(const void *value, int64_t timestamp, void *user)
{
    (void)value, (void)timestamp, (void)user;
}

/* 40 events in four seconds. */
static void measure_latencies(int64_t micro_batch_ms)
{
    struct moved_clock clock = {.clock = {moved_ms, moved_ns}};
    weir_env *env = event_env((const char *const[]){NULL});
    weir_env_set_clock(env, &clock.clock);
    weir_env_set_micro_batch(env, micro_batch_ms);
    weir_stream *events = weir_from_source(
        env, weir_generator_source(&(struct weir_generator_source_config){.type = &event_type,
                                                                          .next = tick_and_make,
                                                                          .user = &clock,
                                                                          .count = 40,
                                                                          .per_second = 10}));
    weir_sink_to(weir_process(events, &measuring), weir_collect(forget, NULL));
    latency_count = 0;
    ck_assert_int_eq(weir_execute(env), 0);
    ck_assert_int_eq(latency_count, 40);
    weir_env_free(env);
}

START_TEST(event_by_event_a_result_is_there_at_once)
{
    measure_latencies(0);
    for (int i = 0; i < 40; i++) {
        ck_assert_int_eq(latencies[i], 0);
    }
}
END_TEST

/* Events at 100, 200, … 1000 go on at 1000: 900, 800, … 0. */
START_TEST(in_batches_an_event_waits_for_the_end_of_its_own)
{
    measure_latencies(1000);
    int64_t sum = 0;
    for (int i = 0; i < 40; i++) {
        ck_assert_int_eq(latencies[i], 900 - i % 10 * 100);
        sum += latencies[i];
    }
    ck_assert_int_eq(sum / 40, 450); /* half the interval, nearly */
}
END_TEST

/* ---- stopping ---- */

/* Runs a source of 100 events a second, in simulation; how many arrive. */
static int64_t arrivals(int64_t count, const char *const *args)
{
    weir_env *env = event_env(args);
    weir_stream *events = weir_from_source(env, paced_source(count, 100));
    weir_sink_to(weir_rebalance(events), weir_collect(forget, NULL));
    ck_assert_int_eq(weir_execute(env), 0);
    int64_t arrived = weir_metric(env, "Collect", "numRecordsIn");
    ck_assert_int_eq(arrived, weir_metric(env, "events", "numRecordsOut"));
    weir_env_free(env);
    return arrived;
}

START_TEST(job_that_is_stopped_processes_what_it_holds)
{
    int64_t arrived = arrivals(0, (const char *const[]){"--scheduler", "simulation", "--duration",
                                                        "2s", "--micro-batch", "30s", NULL});
    ck_assert_int_ge(arrived, 190);
    ck_assert_int_le(arrived, 210);
}
END_TEST

START_TEST(source_that_holds_is_not_quiet)
{
    ck_assert_int_eq(arrivals(500, (const char *const[]){"--scheduler", "simulation", "--stop-idle",
                                                         "1s", "--micro-batch", "30s", NULL}),
                     500);
}
END_TEST

/* ---- checkpoints ---- */

/* Five seconds in batches of one; how many checkpoints there were. */
static int64_t checkpoints(const char *parallelism)
{
    char directory[] = "/tmp/weir-micro-batch-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(directory));
    weir_env *env = event_env((const char *const[]){
        "--scheduler", "simulation", "--micro-batch", "1s", "--checkpoint-interval", "1ms",
        "--checkpoint-dir", directory, "-p", parallelism, NULL});
    weir_stream *events = weir_from_source(env, paced_source(500, 100));
    weir_sink_to(weir_rebalance(events), weir_collect(forget, NULL));
    ck_assert_int_eq(weir_execute(env), 0);
    int64_t completed = weir_metric(env, NULL, "numberOfCompletedCheckpoints");
    ck_assert_int_eq(weir_metric(env, NULL, "numberOfFailedCheckpoints"), 0);
    weir_env_free(env);
    struct weir_error error;
    ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, directory, &error), WEIR_OK);
    return completed;
}

START_TEST(checkpoint_follows_each_batch_and_not_the_clock)
{
    int64_t completed = checkpoints("1");
    ck_assert_int_ge(completed, 5);
    ck_assert_int_le(completed, 8);
    completed = checkpoints("2"); /* two sources, which may come to it one after the other */
    ck_assert_int_ge(completed, 5);
    ck_assert_int_le(completed, 14);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime micro-batch");
    TCase *tcase = tcase_create("micro-batch");
    tcase_add_test(tcase, results_are_those_of_event_by_event);
    tcase_add_test(tcase, event_by_event_a_result_is_there_at_once);
    tcase_add_test(tcase, in_batches_an_event_waits_for_the_end_of_its_own);
    tcase_add_test(tcase, job_that_is_stopped_processes_what_it_holds);
    tcase_add_test(tcase, source_that_holds_is_not_quiet);
    tcase_add_test(tcase, checkpoint_follows_each_batch_and_not_the_clock);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
