/*
 * Operators with two inputs in whole jobs: the same results whatever the parallelism, the
 * scheduler, the seed and the size of the buffers; and what the plan and the trace say of them.
 */
#include "graph/plan.h"
#include "random_cases.h"
#include "test_runtime_event.inc"

#include <unistd.h>

enum { EVENTS = 400, OTHERS = 300, SEEDS = 20, LOWER = -20, UPPER = 5, SIZE = 40, RULES = 25 };

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

static void expect_run(build_function *build, const struct setup *setup, struct lines *expected)
{
    struct lines lines = {0};
    run(build, setup, &lines);
    lines_assert_same(&lines, expected);
    lines_clear(&lines);
}

/* Threads and twenty seeds of the simulation, parallelism 1 … 4, also with tiny buffers. */
static void expect_everywhere(build_function *build, struct lines *expected)
{
    ck_assert_uint_gt(expected->count, 0);
    expect_run(build, &(struct setup){.args = {"-p", "1"}}, expected);
    expect_run(build, &(struct setup){.args = {"-p", "4"}}, expected);
    expect_run(build,
               &(struct setup){.args = {"-p", "3"}, .buffer_bytes = 100, .channel_buffers = 1},
               expected);
    struct random_cases cases = random_seeds("schedules", SEEDS);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        char seed_text[24];
        char parallelism[12];
        snprintf(seed_text, sizeof(seed_text), "%" PRIu64, seed);
        snprintf(parallelism, sizeof(parallelism), "%d", 1 + (int)(seed % 4));
        expect_run(build,
                   &(struct setup){
                       .args = {"--scheduler=simulation", "--seed", seed_text, "-p", parallelism},
                       .buffer_bytes = seed % 2 == 0 ? 0 : 1u << (seed / 2 % 10),
                       .channel_buffers = seed % 3 == 0 ? 0 : 1},
                   expected);
    }
    lines_clear(expected);
}

static weir_stream *timed(weir_env *env, int64_t count, int splits)
{
    return weir_assign_watermarks(weir_from_source(env, event_source(count, splits, NULL)),
                                  weir_bounded_out_of_orderness(10), WEIR_FIELD(event, time));
}

static weir_keyed_stream *keyed(weir_stream *stream)
{
    return weir_key_by(stream, WEIR_FIELD(event, key));
}

static void expect_line(struct lines *lines, const char *key, int64_t number, int64_t time,
                        int64_t timestamp)
{
    struct event event = {weir_str_from(key), number, time};
    lines_collect(&event, timestamp, lines);
}

/* ---- joins: number and time of a result are those of its left and right event ---- */

static void pair(const void *left, const void *right, const struct weir_join_context *context,
                 weir_collector *out, void *user)
{
    (void)context;
    (void)user;
    struct event event = *(const struct event *)left;
    event.time = ((const struct event *)right)->time;
    weir_emit(out, &event);
}

static const struct weir_join_function pairs = {.name = "pairs",
                                                .left_type = &event_type,
                                                .right_type = &event_type,
                                                .out_type = &event_type,
                                                .join = pair};

static void expect_pairs(struct lines *lines, bool (*joins)(int64_t left, int64_t right),
                         int64_t (*timestamp)(int64_t left, int64_t right))
{
    for (int64_t left = 0; left < EVENTS; left++) {
        for (int64_t right = 0; right < OTHERS; right++) {
            if (left * 7 % 10 == right * 7 % 10 && joins(left, right)) {
                char key[24];
                snprintf(key, sizeof(key), "k%d", (int)(left * 7 % 10));
                expect_line(lines, key, left, right, timestamp(left, right));
            }
        }
    }
}

static void build_interval_join(weir_env *env, struct lines *lines)
{
    weir_stream *joined =
        weir_interval_join(keyed(timed(env, EVENTS, 2)), keyed(timed(env, OTHERS, 3)),
                           &(struct weir_interval_join_config){
                               .lower_ms = LOWER, .upper_ms = UPPER, .function = &pairs});
    weir_sink_to(joined, weir_collect(lines_collect, lines));
}

static bool near(int64_t left, int64_t right)
{
    return left + LOWER <= right && right <= left + UPPER;
}

static int64_t later(int64_t left, int64_t right)
{
    return left > right ? left : right;
}

START_TEST(interval_join_is_the_same_everywhere)
{
    struct lines expected = {0};
    expect_pairs(&expected, near, later);
    expect_everywhere(build_interval_join, &expected);
}
END_TEST

static void build_window_join(weir_env *env, struct lines *lines)
{
    weir_stream *joined =
        weir_window_join(keyed(timed(env, EVENTS, 3)), keyed(timed(env, OTHERS, 1)),
                         &(struct weir_window_join_config){
                             .assigner = weir_tumbling_event_time(SIZE), .function = &pairs});
    weir_sink_to(joined, weir_collect(lines_collect, lines));
}

static bool in_one_window(int64_t left, int64_t right)
{
    return left / SIZE == right / SIZE;
}

static int64_t end_of_window(int64_t left, int64_t right)
{
    (void)right;
    return left / SIZE * SIZE + SIZE - 1;
}

START_TEST(window_join_is_the_same_everywhere)
{
    struct lines expected = {0};
    expect_pairs(&expected, in_one_window, end_of_window);
    expect_everywhere(build_window_join, &expected);
}
END_TEST

static void build_self_join(weir_env *env, struct lines *lines)
{
    weir_keyed_stream *events = keyed(timed(env, EVENTS, 2));
    weir_stream *joined =
        weir_interval_join(events, events, &(struct weir_interval_join_config){.function = &pairs});
    weir_sink_to(joined, weir_collect(lines_collect, lines));
}

START_TEST(stream_can_be_joined_with_itself)
{
    struct lines expected = {0};
    for (int64_t i = 0; i < EVENTS; i++) {
        char key[24];
        snprintf(key, sizeof(key), "k%d", (int)(i * 7 % 10));
        expect_line(&expected, key, i, i, i);
    }
    expect_everywhere(build_self_join, &expected);
}
END_TEST

/* ---- co-process: at the end, each key's count of first events and of second ones ---- */

static const struct weir_state_descriptor counts_state = {
    .name = "counts", .kind = WEIR_STATE_VALUE, .type = &event_type};
static const struct weir_state_descriptor *const counts_states[] = {&counts_state, NULL};

static struct event *counts_of(const void *value, weir_context *context)
{
    struct event *counts = weir_value_state_edit(context, &counts_state);
    weir_str_set(&counts->key, ((const struct event *)value)->key);
    weir_register_event_timer(context, WEIR_TIME_MAX - 1);
    return counts;
}

static void count_first(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)out;
    (void)user;
    counts_of(value, context)->number++;
}

static void count_second(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)out;
    (void)user;
    counts_of(value, context)->time++;
}

static void emit_counts(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                        void *user)
{
    (void)event_time;
    (void)user;
    ck_assert_int_eq(time, WEIR_TIME_MAX - 1);
    weir_emit_at(out, weir_value_state_get(context, &counts_state), 0);
}

static const struct weir_co_process_function counter = {
    .name = "counter",
    .in_type1 = &event_type,
    .in_type2 = &event_type,
    .out_type = &event_type,
    .process1 = count_first,
    .process2 = count_second,
    .on_timer = emit_counts,
    .states = counts_states,
};

static void build_co_process(weir_env *env, struct lines *lines)
{
    weir_stream *both = weir_union(timed(env, EVENTS, 2), timed(env, 100, 1));
    weir_stream *counted =
        weir_co_process(weir_connect_keyed(keyed(both), keyed(timed(env, OTHERS, 3))), &counter);
    weir_sink_to(counted, weir_collect(lines_collect, lines));
}

START_TEST(co_process_is_the_same_everywhere)
{
    struct lines expected = {0};
    for (int i = 0; i < 10; i++) {
        char key[24];
        snprintf(key, sizeof(key), "k%d", i);
        expect_line(&expected, key, (EVENTS + 100) / 10, OTHERS / 10, 0);
    }
    expect_everywhere(build_co_process, &expected);
}
END_TEST

/* ---- broadcast ---- */

static const struct weir_state_descriptor rules_state = {.name = "rules",
                                                         .kind = WEIR_STATE_MAP,
                                                         .type = &weir_int64_type,
                                                         .key_type = &weir_int64_type};
static const struct weir_state_descriptor *const rules_states[] = {&rules_state, NULL};

static void take_rule(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)out;
    (void)user;
    const struct event *event = value;
    weir_map_state_put(context, &rules_state, &event->number, &event->time);
}

static void emit_rules(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                       void *user)
{
    (void)time;
    (void)event_time;
    (void)user;
    struct event event = *(const struct event *)weir_value_state_get(context, &counts_state);
    event.time = (int64_t)weir_map_state_count(context, &rules_state);
    weir_emit_at(out, &event, 0);
}

static const struct weir_broadcast_function ruled = {
    .name = "ruled",
    .in_type = &event_type,
    .broadcast_type = &event_type,
    .out_type = &event_type,
    .process = count_first,
    .process_broadcast = take_rule,
    .on_timer = emit_rules,
    .states = counts_states,
    .broadcast_states = rules_states,
};

static void build_broadcast(weir_env *env, struct lines *lines)
{
    weir_connected_stream *connected =
        weir_connect_keyed_broadcast(keyed(timed(env, EVENTS, 2)), timed(env, RULES, 2));
    weir_sink_to(weir_broadcast_process(connected, &ruled), weir_collect(lines_collect, lines));
}

START_TEST(broadcast_state_is_the_same_in_all_subtasks)
{
    struct lines expected = {0};
    for (int i = 0; i < 10; i++) {
        char key[24];
        snprintf(key, sizeof(key), "k%d", i);
        expect_line(&expected, key, EVENTS / 10, RULES, 0);
    }
    expect_everywhere(build_broadcast, &expected);
}
END_TEST

static void pass(const void *value, void *out, void *user)
{
    (void)user;
    *(struct event *)out = *(const struct event *)value;
}

static void build_plain_broadcast(weir_env *env, struct lines *lines)
{
    weir_stream *stream = weir_from_source(env, event_source(EVENTS, 1, NULL));
    stream = weir_map(weir_broadcast(stream), "copies", &event_type, pass, NULL);
    weir_sink_to(weir_set_parallelism(stream, 3), weir_collect(lines_collect, lines));
}

START_TEST(broadcast_stream_reaches_every_subtask)
{
    struct lines expected = {0};
    struct lines once = {0};
    run(build_plain_broadcast, &(struct setup){.args = {"-p", "1"}}, &once);
    ck_assert_uint_eq(once.count, 3 * EVENTS);
    for (int64_t i = 0; i < 3 * EVENTS; i++) {
        char key[24];
        snprintf(key, sizeof(key), "k%d", (int)(i / 3 * 7 % 10));
        expect_line(&expected, key, i / 3, i / 3, i / 3);
    }
    lines_assert_same(&once, &expected);
    lines_clear(&once);
    lines_clear(&expected);
}
END_TEST

/* ---- what is told of them ---- */

START_TEST(plan_shows_names_partitions_and_inputs)
{
    struct lines lines = {0};
    weir_env *env = event_env((const char *const[]){"-p", "2", NULL});
    weir_keyed_stream *left = keyed(weir_from_source(env, event_source(1, 1, NULL)));
    weir_keyed_stream *right = keyed(weir_from_source(env, event_source(1, 1, NULL)));
    weir_stream *joined = weir_interval_join(
        left, right,
        &(struct weir_interval_join_config){
            .lower_ms = -2000, .upper_ms = 1000, .upper_exclusive = true, .function = &pairs});
    weir_set_uid(weir_set_name(joined, "near pairs"), "near-pairs");
    weir_sink_to(joined, weir_collect(lines_collect, &lines));
    struct weir__plan *plan = weir__plan_new(env);
    ck_assert_ptr_nonnull(plan);
    struct weir__buf text = {0};
    weir__plan_text(plan, &text);
    weir__buf_put_u8(&text, '\0');
    ck_assert_str_eq(text.data, "Job test: 3 tasks, 4 operators, 2 slots\n"
                                "\n"
                                "task 1, parallelism 2: events\n"
                                "    events -> task 3 by hash of key\n"
                                "\n"
                                "task 2, parallelism 2: events\n"
                                "    events -> task 3 by hash of key, its second input\n"
                                "\n"
                                "task 3, parallelism 2: near pairs -> Collect\n"
                                "    near pairs: right - left from -2s to 1s (exclusive)\n");
    weir__buf_fini(&text);
    weir__plan_free(plan);
    weir_env_free(env);
}
END_TEST

/* Every tenth event of the long stream is late once the short one has ended. */
static bool make_unsteady(int64_t index, void *value, int64_t *timestamp, void *user)
{
    event_make(index, value, timestamp, user);
    ((struct event *)value)->time = index % 10 == 9 ? index - 50 : index;
    return true;
}

static void build_unsteady(weir_env *env, struct lines *lines)
{
    weir_source *source = weir_generator_source(&(struct weir_generator_source_config){
        .name = "unsteady", .type = &event_type, .next = make_unsteady, .count = EVENTS});
    weir_stream *left = weir_assign_watermarks(weir_from_source(env, source),
                                               weir_with_interval(weir_monotonous_timestamps(), -1),
                                               WEIR_FIELD(event, time));
    weir_stream *joined = weir_interval_join(
        keyed(left), keyed(timed(env, 10, 1)),
        &(struct weir_interval_join_config){.lower_ms = -5, .upper_ms = 5, .function = &pairs});
    weir_sink_to(joined, weir_collect(lines_collect, lines));
}

static char *read_all(const char *path)
{
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    char *text = NULL;
    size_t size = 0;
    ck_assert_int_gt(getdelim(&text, &size, '\0', file), 0);
    fclose(file);
    return text;
}

START_TEST(trace_tells_of_timers_late_events_and_results)
{
    char path[] = "weir-trace-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    struct lines lines = {0};
    run(build_unsteady,
        &(struct setup){.args = {"--scheduler=simulation", "--seed", "1", "--trace", path}},
        &lines);
    char *text = read_all(path);
    unlink(path);
    ck_assert_ptr_nonnull(strstr(text, "\"join\":\"interval\",\"lower\":-5,\"upper\":5"));
    ck_assert_ptr_nonnull(strstr(text, "\"t\":\"result\""));
    ck_assert_ptr_nonnull(strstr(text, "\"to\":\"dropped\""));
    ck_assert_ptr_nonnull(strstr(text, "\"action\":\"register\""));
    ck_assert_ptr_nonnull(strstr(text, "\"action\":\"fire\""));
    free(text);
    lines_clear(&lines);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime/connect");
    TCase *tests = tcase_create("connect");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, interval_join_is_the_same_everywhere);
    tcase_add_test(tests, window_join_is_the_same_everywhere);
    tcase_add_test(tests, stream_can_be_joined_with_itself);
    tcase_add_test(tests, co_process_is_the_same_everywhere);
    tcase_add_test(tests, broadcast_state_is_the_same_in_all_subtasks);
    tcase_add_test(tests, broadcast_stream_reaches_every_subtask);
    tcase_add_test(tests, plan_shows_names_partitions_and_inputs);
    tcase_add_test(tests, trace_tells_of_timers_late_events_and_results);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
