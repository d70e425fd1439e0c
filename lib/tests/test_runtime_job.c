/*
 * Whole jobs: the same results whatever the parallelism, the scheduler, the seed and the size of
 * the buffers.
 */
#include "graph/env.h"
#include "random_cases.h"
#include "test_runtime_event.inc"

#include <unistd.h>

enum { EVENTS = 3000, SEEDS = 20 };

/* A graph on `env` whose results go into `lines`. */
typedef void build_function(weir_env *env, struct lines *lines);

struct setup {
    const char *args[8];    /* NULL-terminated */
    size_t buffer_bytes;    /* 0: default */
    size_t channel_buffers; /* 0: default */
};

static void run(build_function *build, const struct setup *setup, struct lines *lines)
{
    weir_env *env = event_env(setup->args);
    env->settings.buffer_bytes = setup->buffer_bytes;
    env->settings.channel_buffers = setup->channel_buffers;
    build(env, lines);
    ck_assert_int_eq(weir_execute(env), 0);
    weir_env_free(env);
}

/*
 * Threads at parallelism 1, 2 and 4, tiny buffers, and twenty seeds: all the same multiset,
 * which is not empty.
 */
static void expect_same_everywhere(build_function *build)
{
    static const struct setup threads[] = {
        {.args = {"-p", "2"}},
        {.args = {"-p", "4"}},
        {.args = {"-p", "4", "--buffer-timeout", "0"}},
        {.args = {"-p", "2"}, .buffer_bytes = 1, .channel_buffers = 1},
        {.args = {"-p", "3"}, .buffer_bytes = 100, .channel_buffers = 2},
    };
    struct lines expected = {0};
    run(build, &(struct setup){.args = {"-p", "1"}}, &expected);
    ck_assert_uint_gt(expected.count, 0);
    for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
        struct lines lines = {0};
        run(build, &threads[i], &lines);
        lines_assert_same(&lines, &expected);
        lines_clear(&lines);
    }
    struct random_cases cases = random_seeds("schedules", SEEDS);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        char seed_text[24];
        char parallelism[12];
        snprintf(seed_text, sizeof(seed_text), "%" PRIu64, seed);
        snprintf(parallelism, sizeof(parallelism), "%d", 1 + (int)(seed % 4));
        struct lines lines = {0};
        run(build,
            &(struct setup){
                .args = {"--scheduler=simulation", "--seed", seed_text, "-p", parallelism},
                .buffer_bytes = seed % 2 == 0 ? 0 : 1u << (seed / 2 % 10),
                .channel_buffers = seed % 3 == 0 ? 0 : 1},
            &lines);
        lines_assert_same(&lines, &expected);
        lines_clear(&lines);
    }
    lines_clear(&expected);
}

/* ---- graphs ---- */

static bool is_odd(const void *value, void *user)
{
    (void)user;
    return (((const struct event *)value)->number & 1) != 0;
}

static void collect_sums(weir_stream *in, struct lines *lines)
{
    weir_stream *sums = weir_keyed_process(weir_key_by(in, WEIR_FIELD(event, key)), &event_sum);
    weir_sink_to(sums, weir_collect(lines_collect, lines));
}

static void build_sums(weir_env *env, struct lines *lines)
{
    weir_stream *stream = weir_from_source(env, event_source(EVENTS, 4, NULL));
    stream = weir_assign_watermarks(weir_filter(stream, "odd", is_odd, NULL),
                                    weir_bounded_out_of_orderness(10), WEIR_FIELD(event, time));
    collect_sums(stream, lines);
}

START_TEST(keyed_sums_are_the_same_everywhere)
{
    expect_same_everywhere(build_sums);
}
END_TEST

static void negate(const void *value, void *out, void *user)
{
    (void)user;
    struct event *event = out;
    *event = *(const struct event *)value;
    event->number = -event->number;
}

static void build_diamond(weir_env *env, struct lines *lines)
{
    weir_stream *stream = weir_from_source(env, event_source(EVENTS, 2, NULL));
    weir_stream *odd = weir_filter(stream, "odd", is_odd, NULL);
    weir_stream *negative = weir_map(weir_rebalance(stream), "negative", &event_type, negate, NULL);
    collect_sums(weir_union(odd, negative), lines);
}

START_TEST(diamond_brings_both_branches_once)
{
    expect_same_everywhere(build_diamond);
}
END_TEST

static void build_union(weir_env *env, struct lines *lines)
{
    static const int three = 3;
    weir_stream *one = weir_from_source(env, event_source(EVENTS, 1, NULL));
    weir_stream *two = weir_from_source(env, event_source(EVENTS / 2, 3, &three));
    weir_stream *both = weir_union(one, weir_union(two, one)); /* one of them twice */
    collect_sums(both, lines);
}

START_TEST(union_brings_every_event_of_every_stream)
{
    expect_same_everywhere(build_union);
}
END_TEST

static const struct weir_output_tag thirds = {"thirds", &event_type};

static void split(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    if (((const struct event *)value)->number % 3 == 0) {
        weir_side_emit(context, &thirds, value);
    } else {
        weir_emit(out, value);
    }
}

static void build_sides(weir_env *env, struct lines *lines)
{
    static const struct weir_output_tag *const tags[] = {&thirds, NULL};
    static const struct weir_process_function splitter = {.name = "split",
                                                          .in_type = &event_type,
                                                          .out_type = &event_type,
                                                          .process = split,
                                                          .side_outputs = tags};
    weir_stream *main =
        weir_process(weir_from_source(env, event_source(EVENTS, 2, NULL)), &splitter);
    weir_stream *side =
        weir_map(weir_side_output(main, &thirds), "negative", &event_type, negate, NULL);
    collect_sums(main, lines);
    weir_sink_to(weir_rebalance(side), weir_collect(lines_collect, lines));
}

START_TEST(side_output_and_main_output_share_the_events)
{
    expect_same_everywhere(build_sides);
}
END_TEST

/* One event in, many out: the rest of an emission has to go somewhere when the ring is full. */
static void burst(const void *value, weir_collector *out, void *user)
{
    (void)user;
    struct event event = *(const struct event *)value;
    for (int i = 0; i < 50; i++) {
        event.time = i;
        weir_emit(out, &event);
    }
}

static void build_burst(weir_env *env, struct lines *lines)
{
    weir_stream *stream = weir_from_source(env, event_source(100, 2, NULL));
    stream = weir_flat_map(weir_rebalance(stream), "burst", &event_type, burst, NULL);
    weir_sink_to(weir_rebalance(stream), weir_collect(lines_collect, lines));
}

START_TEST(burst_of_one_event_passes_full_rings)
{
    expect_same_everywhere(build_burst);
}
END_TEST

/* ---- windows ---- */

static void count_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    (void)user;
    ++*(int64_t *)accumulator;
}

static void count_merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    *(int64_t *)accumulator += *(const int64_t *)other;
}

static void count_result(const void *accumulator, const struct weir_window_context *context,
                         void *out, void *user)
{
    (void)user;
    struct event *event = out;
    event->key = *(const struct weir_str *)context->key;
    event->number = *(const int64_t *)accumulator;
    event->time = context->window.start;
}

static const struct weir_aggregate count_aggregate = {
    .name = "count",
    .in_type = &event_type,
    .accumulator_type = &weir_int64_type,
    .out_type = &event_type,
    .add = count_add,
    .merge = count_merge,
    .result = count_result,
};

/* Out of order by up to 8 ms, within the bound; so nothing is late, and windows are complete. */
static bool make_shuffled(int64_t index, void *value, int64_t *timestamp, void *user)
{
    event_make(index, value, timestamp, user);
    struct event *event = value;
    event->time = index + index * 5 % 8;
    *timestamp = event->time;
    return true;
}

static void build_windows(weir_env *env, struct lines *lines)
{
    weir_stream *stream = weir_from_source(
        env, weir_generator_source(&(struct weir_generator_source_config){
                 .type = &event_type, .next = make_shuffled, .count = EVENTS, .splits = 3}));
    stream =
        weir_assign_watermarks(stream, weir_bounded_out_of_orderness(10), WEIR_FIELD(event, time));
    weir_keyed_stream *keyed = weir_key_by(stream, WEIR_FIELD(event, key));
    weir_stream *tumbling =
        weir_window_aggregate(keyed, weir_tumbling_event_time(100), &count_aggregate);
    weir_stream *sliding =
        weir_window_aggregate(keyed, weir_sliding_event_time(200, 50), &count_aggregate);
    weir_stream *session =
        weir_window_aggregate(keyed, weir_session_event_time(9), &count_aggregate);
    weir_sink_to(weir_union(tumbling, weir_union(sliding, session)),
                 weir_collect(lines_collect, lines));
}

START_TEST(window_results_are_the_same_everywhere)
{
    expect_same_everywhere(build_windows);
}
END_TEST

/* ---- values with memory of their own ---- */

#define BASKET_FIELDS(F, T)                                                                        \
    F(T, string, key, "key", required)                                                             \
    F(T, list, events, "events", required, event)                                                  \
    F(T, string_set, names, "names", required)
WEIR_DECLARE_TYPE(basket, BASKET_FIELDS);
WEIR_DEFINE_TYPE(basket, BASKET_FIELDS);

static void fill_basket(const void *value, weir_collector *out, void *user)
{
    (void)user;
    const struct event *event = value;
    struct basket basket = {.key = event->key};
    for (int64_t i = 0; i <= event->number % 3; i++) {
        weir_list_append(&basket.events, &event_type, event);
        weir_string_set_add(&basket.names, event->key, 1 + i);
    }
    weir_emit(out, &basket);
    weir_list_clear(&basket.events, &event_type);
    weir_string_set_clear(&basket.names);
}

static void collect_basket(const void *value, int64_t timestamp, void *user)
{
    const struct basket *basket = value;
    struct event event = {.key = basket->key, .number = basket->events.count};
    event.time = weir_string_set_count(&basket->names, basket->key);
    lines_collect(&event, timestamp, user);
}

static void build_baskets(weir_env *env, struct lines *lines)
{
    weir_stream *stream = weir_from_source(env, event_source(500, 2, NULL));
    stream = weir_flat_map(stream, "fill", &basket_type, fill_basket, NULL);
    weir_sink_to(weir_rebalance(stream), weir_collect(collect_basket, lines));
}

START_TEST(lists_and_sets_travel_through_channels)
{
    expect_same_everywhere(build_baskets);
}
END_TEST

static void grow(const void *value, weir_collector *out, void *user)
{
    (void)user;
    struct event event = *(const struct event *)value;
    size_t len = 50000;
    char *text = malloc(len);
    memset(text, 'x', len);
    event.key = (struct weir_str){text, (uint32_t)len};
    weir_emit(out, &event);
    free(text);
}

static void shrink(const void *value, void *out, void *user)
{
    (void)user;
    struct event *event = out;
    *event = *(const struct event *)value;
    event->time = event->key.len;
    event->key = WEIR_STR("x");
}

static void build_large(weir_env *env, struct lines *lines)
{
    weir_stream *stream = weir_flat_map(weir_from_source(env, event_source(100, 2, NULL)), "grow",
                                        &event_type, grow, NULL);
    stream = weir_map(weir_rebalance(stream), "shrink", &event_type, shrink, NULL);
    weir_sink_to(stream, weir_collect(lines_collect, lines));
}

START_TEST(records_larger_than_a_buffer_pass)
{
    expect_same_everywhere(build_large);
}
END_TEST

/* ---- order and determinism ---- */

struct order {
    int64_t last[10]; /* by key */
    bool broken;
};

static void check_order(const void *value, int64_t timestamp, void *user)
{
    (void)timestamp;
    struct order *order = user;
    const struct event *event = value;
    int key = event->key.data[1] - '0';
    order->broken = order->broken || event->number < order->last[key];
    order->last[key] = event->number;
}

static void pass_on(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)context;
    (void)user;
    weir_emit(out, value);
}

START_TEST(events_of_a_key_keep_the_order_of_their_split)
{
    static const struct weir_process_function passing = {
        .name = "pass", .in_type = &event_type, .out_type = &event_type, .process = pass_on};
    static const char *const args[][5] = {{"-p", "4"},
                                          {"-p", "3", "--scheduler=simulation", "--seed=5"}};
    for (size_t i = 0; i < 2; i++) {
        struct order order = {0};
        weir_env *env = event_env(args[i]);
        weir_stream *stream = weir_from_source(env, event_source(EVENTS, 1, NULL));
        stream = weir_keyed_process(weir_key_by(stream, WEIR_FIELD(event, key)), &passing);
        weir_sink_to(stream, weir_collect(check_order, &order));
        ck_assert_int_eq(weir_execute(env), 0);
        ck_assert(!order.broken);
        ck_assert_int_eq(weir_metric(env, "pass", "numRecordsIn"), EVENTS);
        weir_env_free(env);
    }
}
END_TEST

/* The results in the order in which they came. */
static char *trail_of_seed(const char *seed)
{
    struct lines lines = {0};
    run(build_sides, &(struct setup){.args = {"--scheduler=simulation", "-p", "3", "--seed", seed}},
        &lines);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; i < lines.count; i++) {
        fprintf(out, "%s\n", lines.items[i]);
    }
    fclose(out);
    lines_clear(&lines);
    return text;
}

START_TEST(seed_decides_the_order_of_everything)
{
    char *first = trail_of_seed("1");
    char *again = trail_of_seed("1");
    char *other = trail_of_seed("2");
    ck_assert_str_eq(first, again);
    ck_assert_str_ne(first, other);
    free(first);
    free(again);
    free(other);
}
END_TEST

/* ---- the trace ---- */

/* The trace of a simulated job, as text on the heap. */
static char *trace_of_seed(const char *seed)
{
    char path[] = "weir-trace-XXXXXX";
    close(mkstemp(path));
    struct lines lines = {0};
    run(build_sums,
        &(struct setup){
            .args = {"--scheduler=simulation", "-p", "2", "--seed", seed, "--trace", path}},
        &lines);
    lines_clear(&lines);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    char *text = NULL;
    size_t size = 0;
    ck_assert_int_gt(getdelim(&text, &size, '\0', file), 0);
    fclose(file);
    remove(path);
    return text;
}

START_TEST(trace_tells_the_plan_queues_and_watermarks)
{
    char *text = trace_of_seed("1");
    ck_assert_ptr_eq(strstr(text, "{\"t\":\"job\",\"seq\":0,"), text);
    ck_assert_ptr_nonnull(strstr(text, "\"name\":\"sum\",\"kind\":\"KeyedProcess\""));
    ck_assert_ptr_nonnull(strstr(text, "\"op\":4,\"sub\":1,\"channel\":\"3.0\",\"used\":1,"));
    ck_assert_ptr_nonnull(
        strstr(text, "\"op\":4,\"sub\":0,\"channel\":\"3.1\",\"value\":9223372036854775807}"));
    ck_assert_ptr_nonnull(strstr(text, "\"op\":4,\"sub\":1,\"value\":9223372036854775807}"));
    free(text);
}
END_TEST

START_TEST(trace_of_a_seed_repeats_to_the_byte)
{
    char *first = trace_of_seed("3");
    char *again = trace_of_seed("3");
    ck_assert(strcmp(first, again) == 0);
    free(first);
    free(again);
}
END_TEST

/* ---- metrics ---- */

START_TEST(metrics_are_summed_over_subtasks)
{
    struct lines lines = {0};
    weir_env *env = event_env((const char *const[]){"-p", "4", NULL});
    build_sums(env, &lines);
    ck_assert_int_eq(weir_metric(env, "sum", "numRecordsIn"), 0);
    ck_assert_int_eq(weir_execute(env), 0);
    ck_assert_int_eq(weir_metric(env, "events", "numRecordsOut"), EVENTS);
    ck_assert_int_eq(weir_metric(env, "odd", "numRecordsIn"), EVENTS);
    ck_assert_int_eq(weir_metric(env, "odd", "numRecordsOut"), EVENTS / 2);
    ck_assert_int_eq(weir_metric(env, "sum", "numRecordsIn"), EVENTS / 2);
    ck_assert_int_eq(weir_metric(env, "sum", "numRecordsOut"), 5);
    ck_assert_int_eq(weir_metric(env, "sum", "numNothing"), 0);
    ck_assert_int_eq(weir_metric(env, "nobody", "numRecordsIn"), 0);
    lines_clear(&lines);
    weir_env_free(env);
}
END_TEST

static void count_odd(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    if (is_odd(value, NULL)) {
        weir_count(context, "odd", 1);
    }
    weir_emit(out, value);
}

START_TEST(counters_of_the_program_are_metrics_too)
{
    static const struct weir_process_function counting = {
        .name = "count", .in_type = &event_type, .out_type = &event_type, .process = count_odd};
    struct lines lines = {0};
    weir_env *env = event_env((const char *const[]){"-p", "2", NULL});
    weir_stream *stream =
        weir_process(weir_from_source(env, event_source(100, 2, NULL)), &counting);
    weir_sink_to(stream, weir_collect(lines_collect, &lines));
    ck_assert_int_eq(weir_execute(env), 0);
    ck_assert_int_eq(weir_metric(env, "count", "odd"), 50);
    lines_clear(&lines);
    weir_env_free(env);
}
END_TEST

static void measure(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct event *event = value;
    (void)user;
    weir_gauge(context, "newest", (double)event->number);
    weir_meter(context, "speed", 2);
    weir_histogram(context, "spread", (double)event->number);
    weir_emit(out, value);
}

START_TEST(gauges_meters_and_histograms_are_left_when_the_job_is_over)
{
    static const struct weir_process_function measuring = {
        .name = "measure", .in_type = &event_type, .out_type = &event_type, .process = measure};
    struct lines lines = {0};
    weir_env *env = event_env((const char *const[]){"-p", "1", NULL});
    weir_stream *stream =
        weir_process(weir_from_source(env, event_source(100, 1, NULL)), &measuring);
    weir_sink_to(stream, weir_collect(lines_collect, &lines));
    ck_assert_int_eq(weir_execute(env), 0);
    ck_assert_int_eq(weir_metric(env, "measure", "newest"), 99);
    ck_assert_int_eq(weir_metric(env, "measure", "speed"), 200);
    ck_assert_int_eq(weir_metric(env, "measure", "spread"), 100);
    lines_clear(&lines);
    weir_env_free(env);
}
END_TEST

/* Largest parallelism: 128 threads, 16384 channels. */
START_TEST(parallelism_of_128_works)
{
    struct lines lines = {0};
    struct lines expected = {0};
    run(build_sums, &(struct setup){.args = {"-p", "128", "--scheduler=simulation"}}, &lines);
    run(build_sums, &(struct setup){.args = {"-p", "1"}}, &expected);
    lines_assert_same(&lines, &expected);
    lines_clear(&lines);
    lines_clear(&expected);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime job");
    TCase *tests = tcase_create("job");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, keyed_sums_are_the_same_everywhere);
    tcase_add_test(tests, diamond_brings_both_branches_once);
    tcase_add_test(tests, union_brings_every_event_of_every_stream);
    tcase_add_test(tests, side_output_and_main_output_share_the_events);
    tcase_add_test(tests, burst_of_one_event_passes_full_rings);
    tcase_add_test(tests, window_results_are_the_same_everywhere);
    tcase_add_test(tests, lists_and_sets_travel_through_channels);
    tcase_add_test(tests, records_larger_than_a_buffer_pass);
    tcase_add_test(tests, events_of_a_key_keep_the_order_of_their_split);
    tcase_add_test(tests, seed_decides_the_order_of_everything);
    tcase_add_test(tests, trace_tells_the_plan_queues_and_watermarks);
    tcase_add_test(tests, trace_of_a_seed_repeats_to_the_byte);
    tcase_add_test(tests, metrics_are_summed_over_subtasks);
    tcase_add_test(tests, counters_of_the_program_are_metrics_too);
    tcase_add_test(tests, gauges_meters_and_histograms_are_left_when_the_job_is_over);
    tcase_add_test(tests, parallelism_of_128_works);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
