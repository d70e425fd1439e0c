/*
 * The async operator: order, fences, capacity, timeouts, snapshots, and answers from other threads.
 * The rules are those of Flink's asynchronous I/O.
 */
#include "operator_fixture.h"

#include "base/rand.h"
#include "graph/graph.h"
#include "test_runtime_event.inc"

#include <weir/harness.h>

#include <pthread.h>

/* ---- a service that answers when it is told to: questions are numbers, in the order asked ---- */

enum { MOST = 64 };

static struct {
    weir_request *asked[MOST]; /* NULL: answered */
    size_t count;
} service;

static void start(weir_request *request, void *user)
{
    (void)user;
    ck_assert_uint_lt(service.count, MOST);
    service.asked[service.count++] = request;
}

static weir_request *question(int64_t number)
{
    for (size_t i = 0; i < service.count; i++) {
        weir_request *request = service.asked[i];
        if (request != NULL && *(const int64_t *)weir_request_value(request) == number) {
            service.asked[i] = NULL;
            return request;
        }
    }
    ck_abort_msg("nobody asked %lld", (long long)number);
    return NULL;
}

/* The answer to n is n * 10, `count` times. */
static void answer_with(int64_t number, size_t count)
{
    int64_t results[3] = {number * 10, number * 10, number * 10};
    weir_request_complete(question(number), results, count);
}

static void answer(int64_t number)
{
    answer_with(number, 1);
}

static void answer_rest(void)
{
    for (size_t i = 0; i < service.count; i++) {
        if (service.asked[i] != NULL) {
            weir_request_complete(service.asked[i], NULL, 0);
        }
    }
    service.count = 0;
}

static void give_minus(const void *value, weir_collector *out, void *user)
{
    (void)user;
    int64_t result = -*(const int64_t *)value;
    weir_emit(out, &result);
}

static struct weir_async_config config_of(enum weir_async_order order)
{
    return (struct weir_async_config){.in_type = &weir_int64_type,
                                      .out_type = &weir_int64_type,
                                      .start = start,
                                      .timed_out = give_minus,
                                      .order = order,
                                      .timeout_ms = 1000};
}

/* ---- in the harness ---- */

static weir_env *env;
static weir_harness *harness;

static void setup(void)
{
    env = weir_env_new("async test", 0, NULL);
}

static void teardown(void)
{
    weir_harness_free(harness);
    harness = NULL;
    weir_env_free(env);
    answer_rest(); /* nobody listens any more */
}

static void open_config(const struct weir_async_config *config)
{
    harness = weir_harness_new(env, weir_async(weir_harness_input(env, &weir_int64_type), config));
}

static void open_order(enum weir_async_order order)
{
    struct weir_async_config config = config_of(order);
    open_config(&config);
}

static void ask(int64_t number)
{
    weir_harness_push(harness, &number, number + 100);
}

/* Lets the operator see its answers, and says what came out. */
static void expect_out(const char *text)
{
    weir_harness_set_time(harness, 0);
    ck_assert_str_eq(weir_harness_take_text(harness), text);
}

START_TEST(ordered_results_come_in_the_order_of_their_events)
{
    open_order(WEIR_ORDERED);
    ask(1);
    ask(2);
    ask(3);
    answer(3);
    answer(2);
    expect_out("");
    answer(1);
    expect_out("10@101 20@102 30@103");
}
END_TEST

START_TEST(unordered_results_come_as_the_answers_do)
{
    open_order(WEIR_UNORDERED);
    ask(1);
    ask(2);
    ask(3);
    answer(3);
    expect_out("30@103");
    answer(2);
    answer(1);
    expect_out("20@102 10@101");
}
END_TEST

START_TEST(no_result_overtakes_a_watermark_and_no_watermark_a_result)
{
    open_order(WEIR_UNORDERED);
    ask(1);
    ask(2);
    weir_harness_watermark(harness, 50);
    ask(3);
    ask(4);
    weir_harness_watermark(harness, 60);
    answer(4);
    answer(3);
    answer(2);
    expect_out("20@102");
    answer(1);
    expect_out("10@101 W50 40@104 30@103 W60");
}
END_TEST

START_TEST(ordered_watermarks_wait_for_what_came_before)
{
    open_order(WEIR_ORDERED);
    weir_harness_watermark(harness, 10);
    expect_out("W10");
    ask(1);
    weir_harness_watermark(harness, 50);
    ask(2);
    answer(2);
    expect_out("");
    answer(1);
    expect_out("10@101 W50 20@102");
}
END_TEST

START_TEST(idleness_keeps_its_place_too)
{
    open_order(WEIR_UNORDERED);
    ask(1);
    weir_harness_watermark(harness, 50);
    weir_harness_idle(harness, true);
    weir_harness_idle(harness, false);
    expect_out("");
    answer(1);
    expect_out("10@101 W50 idle active");
}
END_TEST

START_TEST(answer_may_have_no_result_or_several)
{
    open_order(WEIR_ORDERED);
    ask(1);
    ask(2);
    answer_with(1, 0);
    answer_with(2, 3);
    expect_out("20@102 20@102 20@102");
    ck_assert_int_eq(weir_harness_state(harness).entries, 0);
}
END_TEST

static void answer_at_once(weir_request *request, void *user)
{
    (void)user;
    int64_t result = *(const int64_t *)weir_request_value(request) + 1;
    weir_request_complete(request, &result, 1);
}

START_TEST(answer_within_start_goes_out_at_once)
{
    struct weir_async_config config = config_of(WEIR_ORDERED);
    config.start = answer_at_once;
    open_config(&config);
    ask(1);
    weir_harness_watermark(harness, 50);
    ask(2);
    ck_assert_str_eq(weir_harness_take_text(harness), "2@101 W50 3@102");
}
END_TEST

/* ---- timeouts ---- */

START_TEST(timeout_is_in_processing_time_from_the_start_inclusive)
{
    open_order(WEIR_UNORDERED);
    ask(1);
    weir_harness_set_time(harness, 500);
    ask(2);
    weir_harness_set_time(harness, 999);
    ck_assert_str_eq(weir_harness_take_text(harness), "");
    weir_harness_set_time(harness, 1000);
    ck_assert_str_eq(weir_harness_take_text(harness), "-1@101");
    weir_harness_set_time(harness, 1500);
    ck_assert_str_eq(weir_harness_take_text(harness), "-2@102");
    ck_assert_int_eq(weir_harness_metric(harness, "numRequestsTimedOut"), 2);
}
END_TEST

START_TEST(timed_out_request_keeps_its_place)
{
    open_order(WEIR_ORDERED);
    ask(1);
    weir_harness_set_time(harness, 500);
    ask(2);
    ask(3);
    answer(3);
    weir_harness_set_time(harness, 1000);
    ck_assert_str_eq(weir_harness_take_text(harness), "-1@101");
    answer(2);
    weir_harness_set_time(harness, 1001);
    ck_assert_str_eq(weir_harness_take_text(harness), "20@102 30@103");
}
END_TEST

START_TEST(answer_after_the_timeout_is_ignored)
{
    open_order(WEIR_ORDERED);
    ask(1);
    ask(2);
    weir_harness_set_time(harness, 1000);
    ck_assert_str_eq(weir_harness_take_text(harness), "-1@101 -2@102");
    answer(2);
    answer(1);
    weir_harness_set_time(harness, 1001);
    ck_assert_str_eq(weir_harness_take_text(harness), "");
}
END_TEST

START_TEST(answer_that_is_there_at_the_timeout_is_in_time)
{
    open_order(WEIR_ORDERED);
    ask(1);
    answer(1);
    weir_harness_set_time(harness, 1000);
    ck_assert_str_eq(weir_harness_take_text(harness), "10@101");
}
END_TEST

START_TEST(timeout_fails_the_job_when_nothing_stands_for_the_result)
{
    struct weir_async_config config = config_of(WEIR_ORDERED);
    config.timed_out = NULL;
    open_config(&config);
    ask(1);
    weir_harness_set_time(harness, 1000);
    ck_assert_int_eq(weir_harness_error(harness)->code, WEIR_TIMED_OUT);
    ck_assert_str_eq(weir_harness_error(harness)->where, "Async");
}
END_TEST

START_TEST(without_a_timeout_requests_wait)
{
    struct weir_async_config config = config_of(WEIR_ORDERED);
    config.timeout_ms = 0;
    open_config(&config);
    ask(1);
    weir_harness_set_time(harness, WEIR_TIME_MAX - 1);
    ck_assert_str_eq(weir_harness_take_text(harness), "");
}
END_TEST

START_TEST(failed_request_fails_the_job)
{
    open_order(WEIR_ORDERED);
    ask(1);
    weir_request_fail(question(1), &(struct weir_error){.code = WEIR_IO, .message = "no route"});
    weir_harness_set_time(harness, 0);
    ck_assert_int_eq(weir_harness_error(harness)->code, WEIR_IO);
    ck_assert_str_eq(weir_harness_error(harness)->message, "no route");
}
END_TEST

/* ---- state ---- */

START_TEST(snapshot_holds_unfinished_requests_which_are_asked_anew)
{
    open_order(WEIR_ORDERED);
    ask(1);
    ask(2);
    ask(3);
    answer(1);
    answer(3); /* done, but not out: 2 is before it */
    expect_out("10@101");
    struct weir_str saved = weir_harness_snapshot(harness);
    ck_assert_int_eq(weir_harness_restore(harness, &saved, 1), WEIR_OK);
    ck_assert_int_eq(weir_harness_state(harness).entries, 2);
    ask(4);
    ck_assert_uint_eq(service.count, 6); /* 1, 2, 3, and then 2, 3, 4 */
    answer_with(2, 0);                   /* of the operator that is gone: nobody listens */
    expect_out("");
    answer(4);
    answer(3);
    expect_out("");
    answer(2);
    expect_out("20@102 30@103 40@104");
}
END_TEST

START_TEST(restored_requests_are_asked_without_any_event)
{
    open_order(WEIR_UNORDERED);
    ask(1);
    struct weir_str saved = weir_harness_snapshot(harness);
    answer(1);
    ck_assert_int_eq(weir_harness_restore(harness, &saved, 1), WEIR_OK);
    weir_harness_set_time(harness, 1);
    answer(1);
    expect_out("10@101");
}
END_TEST

/* The text that subtask `subtask` of `parallelism` asks after a restore from two snapshots. */
static size_t asked_after_restore(const struct weir_str *saved, int subtask, int parallelism)
{
    weir_env *other = weir_env_new("other", 0, NULL);
    struct weir_async_config config = config_of(WEIR_ORDERED);
    weir_harness *restored = weir_harness_new_subtask(
        other, weir_async(weir_harness_input(other, &weir_int64_type), &config), subtask,
        parallelism);
    ck_assert_int_eq(weir_harness_restore(restored, saved, 2), WEIR_OK);
    size_t entries = (size_t)weir_harness_state(restored).entries;
    weir_harness_free(restored);
    weir_env_free(other);
    return entries;
}

START_TEST(each_snapshot_is_restored_by_one_subtask)
{
    char *copies[2];
    struct weir_str saved[2];
    for (int subtask = 0; subtask < 2; subtask++) {
        struct weir_async_config config = config_of(WEIR_ORDERED);
        weir_stream *in = weir_harness_input(env, &weir_int64_type);
        harness = weir_harness_new_subtask(env, weir_async(in, &config), subtask, 2);
        ask(1);
        if (subtask == 1) {
            ask(2);
        }
        saved[subtask] = weir_harness_snapshot(harness);
        copies[subtask] = malloc(saved[subtask].len);
        memcpy(copies[subtask], saved[subtask].data, saved[subtask].len);
        saved[subtask].data = copies[subtask];
        weir_harness_free(harness);
    }
    harness = NULL;
    ck_assert_uint_eq(asked_after_restore(saved, 0, 1), 3);
    ck_assert_uint_eq(asked_after_restore(saved, 0, 2), 1);
    ck_assert_uint_eq(asked_after_restore(saved, 1, 2), 2);
    ck_assert_uint_eq(asked_after_restore(saved, 2, 3), 0);
    free(copies[0]);
    free(copies[1]);
}
END_TEST

/* ---- capacity, by the count that the operator's task would keep ---- */

static struct fixture f;
static int pressure;

static void open_fixture(int capacity)
{
    struct weir_async_config config = config_of(WEIR_ORDERED);
    config.capacity = capacity;
    fixture_init(&f, weir__async_factory(&config), &weir_int64_type, &weir_int64_type);
    pressure = 0;
    f.context.pressure = &pressure;
    fixture_open(&f);
}

static void feed(int64_t number)
{
    push(&f, &number, number);
}

static void close_fixture(void)
{
    fixture_free(&f);
    answer_rest();
}

START_TEST(full_at_capacity_and_no_more_is_asked)
{
    open_fixture(2);
    feed(1);
    ck_assert_int_eq(pressure, 0);
    feed(2);
    ck_assert_int_eq(pressure, 1);
    feed(3); /* a source may bring some more */
    feed(4);
    ck_assert_uint_eq(service.count, 2);
    answer(2);
    set_clock(&f, 0);
    ck_assert_uint_eq(service.count, 2); /* 2 waits for 1, and still counts */
    answer(1);
    set_clock(&f, 0);
    expect(&f, "10@1 20@2");
    ck_assert_uint_eq(service.count, 4);
    ck_assert_int_eq(pressure, 1);
    answer(3);
    set_clock(&f, 0);
    ck_assert_int_eq(pressure, 0);
    close_fixture();
}
END_TEST

START_TEST(end_of_input_awaits_all_answers)
{
    open_fixture(10);
    feed(1);
    weir__operator_advance(f.op, WEIR_TIME_MAX);
    ck_assert_int_eq(pressure, 1);
    answer(1);
    set_clock(&f, 0);
    expect(&f, "10@1 Wmax");
    ck_assert_int_eq(pressure, 0);
    close_fixture();
}
END_TEST

START_TEST(damaged_snapshot_is_refused)
{
    open_fixture(10);
    feed(1);
    feed(300);
    struct weir__buf saved = {0};
    f.op->ops->snapshot(f.op, &saved);
    close_fixture();
    for (uint32_t len = 0; len < saved.len; len++) {
        open_fixture(10);
        char *copy = weir__memdup(saved.data, len > 0 ? len : 1);
        struct weir_error error = {0};
        struct weir_str bytes = {copy, len};
        ck_assert_int_eq(f.op->ops->restore(f.op, bytes, &error), WEIR_CORRUPT);
        weir__free(copy);
        close_fixture();
    }
    weir__buf_fini(&saved);
}
END_TEST

/* ---- mistakes ---- */

static void expect_mistake(const struct weir_async_config *config, enum weir_status code,
                           const char *message)
{
    open_config(config);
    ck_assert_int_eq(weir_harness_error(harness)->code, code);
    ck_assert_str_eq(weir_harness_error(harness)->message, message);
    weir_harness_free(harness);
    weir_env_free(env);
    setup();
}

START_TEST(wrong_configurations_are_mistakes)
{
    struct weir_async_config config = config_of(WEIR_ORDERED);
    config.in_type = &weir_string_type;
    expect_mistake(&config, WEIR_MISMATCH, "it takes string, but its input is a stream of int64");
    config = config_of(WEIR_ORDERED);
    config.start = NULL;
    expect_mistake(&config, WEIR_INVALID, "its start function is NULL");
    config = config_of(WEIR_ORDERED);
    config.capacity = -1;
    expect_mistake(&config, WEIR_INVALID, "its capacity must not be negative");
    config = config_of(WEIR_ORDERED);
    config.timeout_ms = -1;
    expect_mistake(&config, WEIR_INVALID, "its timeout must not be negative");
    harness = NULL;
}
END_TEST

/* ---- jobs ---- */

enum { EVENTS = 2000, SEEDS = 20, HELD = 40 };

/* A service of several threads' questions: it holds some, and answers one of them at random. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t more;
    weir_request *held[HELD * 16];
    size_t count;
    struct weir__rand rand;
    bool stop;
} office = {.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER};

static void reply(weir_request *request)
{
    struct event event = *(const struct event *)weir_request_value(request);
    event.number = -event.number;
    weir_request_complete(request, &event, 1);
}

/* Under the lock, which it leaves while it answers. */
static void reply_to_one(void)
{
    size_t i = weir__rand_below(&office.rand, office.count);
    weir_request *request = office.held[i];
    office.held[i] = office.held[--office.count];
    pthread_mutex_unlock(&office.lock);
    reply(request);
    pthread_mutex_lock(&office.lock);
}

static void hand_in(weir_request *request, void *user)
{
    (void)user;
    pthread_mutex_lock(&office.lock);
    ck_assert_uint_lt(office.count, sizeof(office.held) / sizeof(office.held[0]));
    office.held[office.count++] = request;
    pthread_cond_signal(&office.more);
    pthread_mutex_unlock(&office.lock);
}

/* The simulation has no other threads: from time to time a question brings the answer to one. */
static void hand_in_and_maybe_reply(weir_request *request, void *user)
{
    hand_in(request, user);
    pthread_mutex_lock(&office.lock);
    while (office.count > 0 && weir__rand_below(&office.rand, 4) > 0) {
        reply_to_one();
    }
    pthread_mutex_unlock(&office.lock);
}

static void *work(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&office.lock);
    for (;;) {
        while (office.count == 0 && !office.stop) {
            pthread_cond_wait(&office.more, &office.lock);
        }
        if (office.count == 0) {
            break;
        }
        reply_to_one();
    }
    pthread_mutex_unlock(&office.lock);
    return NULL;
}

static void reply_late(const void *value, weir_collector *out, void *user)
{
    (void)user;
    struct event event = *(const struct event *)value;
    event.number = -event.number;
    weir_emit(out, &event);
}

/* The watermark never passed the events that are still to come. */
static void check_time(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    ck_assert_int_gt(weir_timestamp(context), weir_current_watermark(context));
    weir_emit(out, value);
}

static const struct weir_process_function checker = {
    .name = "check", .in_type = &event_type, .out_type = &event_type, .process = check_time};

/* Whether the numbers of each split came in order, at the one subtask behind the async operator. */
struct sequence {
    struct lines lines;
    int64_t last[4]; /* by split */
    bool in_order;
};

static void check_order(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)context;
    struct sequence *sequence = user;
    int64_t number = -((const struct event *)value)->number;
    int64_t *last = &sequence->last[number % 4];
    sequence->in_order = sequence->in_order && number > *last;
    *last = number;
    weir_emit(out, value);
}

static void build(weir_env *job, enum weir_async_order order, bool simulation,
                  struct sequence *sequence)
{
    weir_stream *events = weir_from_source(job, event_source(EVENTS, 4, NULL));
    events = weir_assign_watermarks(events, weir_with_interval(weir_monotonous_timestamps(), -1),
                                    WEIR_FIELD(event, time));
    const struct weir_async_config config = {
        .in_type = &event_type,
        .out_type = &event_type,
        .start = simulation ? hand_in_and_maybe_reply : hand_in,
        .timed_out = reply_late,
        .order = order,
        .capacity = HELD,
        .timeout_ms = simulation ? 100 : 0,
    };
    weir_stream *answers = weir_process(weir_async(events, &config), &checker);
    const struct weir_process_function one = {.name = "one",
                                              .in_type = &event_type,
                                              .out_type = &event_type,
                                              .process = check_order,
                                              .user = sequence};
    weir_stream *in_one = weir_set_parallelism(weir_process(answers, &one), 1);
    weir_sink_to(in_one, weir_collect(lines_collect, &sequence->lines));
}

static void run(const char *const *args, enum weir_async_order order, bool simulation,
                struct sequence *sequence)
{
    *sequence = (struct sequence){.last = {-1, -1, -1, -1}, .in_order = true};
    office.stop = false;
    pthread_t worker;
    if (!simulation) {
        ck_assert_int_eq(pthread_create(&worker, NULL, work, NULL), 0);
    }
    weir_env *job = event_env(args);
    build(job, order, simulation, sequence);
    ck_assert_int_eq(weir_execute(job), 0);
    weir_env_free(job);
    pthread_mutex_lock(&office.lock);
    office.stop = true;
    pthread_cond_signal(&office.more);
    while (simulation && office.count > 0) { /* those that timed out */
        reply_to_one();
    }
    pthread_mutex_unlock(&office.lock);
    if (!simulation) {
        pthread_join(worker, NULL);
    }
}

/* What all runs give: every event once, negated. */
static char *expected_lines(void)
{
    struct lines lines = {0};
    for (int64_t i = 0; i < EVENTS; i++) {
        struct event event;
        int64_t timestamp;
        event_make(i, &event, &timestamp, NULL);
        event.number = -i;
        lines_collect(&event, timestamp, &lines);
    }
    char *text = lines_join(&lines);
    lines_clear(&lines);
    return text;
}

static void expect_run(const char *const *args, enum weir_async_order order, bool simulation,
                       const char *expected)
{
    struct sequence sequence;
    run(args, order, simulation, &sequence);
    char *got = lines_join(&sequence.lines);
    ck_assert_str_eq(got, expected);
    ck_assert(order == WEIR_UNORDERED || sequence.in_order);
    free(got);
    lines_clear(&sequence.lines);
}

START_TEST(answers_from_another_thread_are_complete_and_in_order)
{
    static const char *const parallelisms[] = {"1", "2", "4"};
    char *expected = expected_lines();
    weir__rand_init(&office.rand, 1);
    for (size_t i = 0; i < 3; i++) {
        const char *args[] = {"-p", parallelisms[i], NULL};
        expect_run(args, WEIR_ORDERED, false, expected);
        expect_run(args, WEIR_UNORDERED, false, expected);
    }
    free(expected);
}
END_TEST

START_TEST(simulation_gives_the_same)
{
    char *expected = expected_lines();
    for (int i = 0; i < SEEDS; i++) {
        char seed[12];
        char parallelism[12];
        snprintf(seed, sizeof(seed), "%d", i);
        snprintf(parallelism, sizeof(parallelism), "%d", 1 + i % 4);
        const char *args[] = {"--scheduler=simulation", "--seed", seed, "-p", parallelism, NULL};
        weir__rand_init(&office.rand, (uint64_t)i);
        expect_run(args, i % 2 == 0 ? WEIR_ORDERED : WEIR_UNORDERED, true, expected);
    }
    free(expected);
}
END_TEST

START_TEST(plan_and_trace_say_how_it_asks)
{
    struct weir_async_config config = config_of(WEIR_UNORDERED);
    struct weir__operator_factory *factory = weir__async_factory(&config);
    struct weir__buf json = {0};
    factory->describe(factory, &json);
    weir__buf_put_u8(&json, '\0');
    ck_assert_str_eq(json.data, "\"async\":\"unordered\",\"capacity\":100,\"timeout\":1000");
    weir__buf_fini(&json);
    factory->free(factory);
    weir_stream *answers = weir_async(weir_harness_input(env, &weir_int64_type), &config);
    ck_assert_str_eq(weir__stream_transformation(answers)->about,
                     "unordered, capacity 100, timeout 1s");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("async");
    TCase *tcase = tcase_create("harness");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, ordered_results_come_in_the_order_of_their_events);
    tcase_add_test(tcase, unordered_results_come_as_the_answers_do);
    tcase_add_test(tcase, no_result_overtakes_a_watermark_and_no_watermark_a_result);
    tcase_add_test(tcase, ordered_watermarks_wait_for_what_came_before);
    tcase_add_test(tcase, idleness_keeps_its_place_too);
    tcase_add_test(tcase, answer_may_have_no_result_or_several);
    tcase_add_test(tcase, answer_within_start_goes_out_at_once);
    tcase_add_test(tcase, timeout_is_in_processing_time_from_the_start_inclusive);
    tcase_add_test(tcase, timed_out_request_keeps_its_place);
    tcase_add_test(tcase, answer_after_the_timeout_is_ignored);
    tcase_add_test(tcase, answer_that_is_there_at_the_timeout_is_in_time);
    tcase_add_test(tcase, timeout_fails_the_job_when_nothing_stands_for_the_result);
    tcase_add_test(tcase, without_a_timeout_requests_wait);
    tcase_add_test(tcase, failed_request_fails_the_job);
    tcase_add_test(tcase, snapshot_holds_unfinished_requests_which_are_asked_anew);
    tcase_add_test(tcase, restored_requests_are_asked_without_any_event);
    tcase_add_test(tcase, each_snapshot_is_restored_by_one_subtask);
    tcase_add_test(tcase, wrong_configurations_are_mistakes);
    tcase_add_test(tcase, plan_and_trace_say_how_it_asks);
    suite_add_tcase(suite, tcase);
    TCase *capacity = tcase_create("capacity");
    tcase_add_test(capacity, full_at_capacity_and_no_more_is_asked);
    tcase_add_test(capacity, end_of_input_awaits_all_answers);
    tcase_add_test(capacity, damaged_snapshot_is_refused);
    suite_add_tcase(suite, capacity);
    TCase *jobs = tcase_create("jobs");
    tcase_set_timeout(jobs, 0);
    tcase_add_test(jobs, answers_from_another_thread_are_complete_and_in_order);
    tcase_add_test(jobs, simulation_gives_the_same);
    suite_add_tcase(suite, jobs);
    return run_suite(suite);
}
