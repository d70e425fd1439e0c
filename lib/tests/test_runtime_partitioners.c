/*
 * Who sends to whom: rebalance, rescale and custom partitioners, at several parallelisms, under
 * both schedulers.
 */
#include "graph/plan.h"
#include "test_runtime_event.inc"

enum { EVENTS = 600, SEEDS = 10 };

/* Puts the subtask that an event came to into its time. */
static void say_where(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    struct event event = *(const struct event *)value;
    event.time = weir_subtask_index(context);
    weir_emit_at(out, &event, event.number);
}

static const struct weir_process_function where = {
    .name = "where", .in_type = &event_type, .out_type = &event_type, .process = say_where};

/* Events that came to each subtask, by sender: split s of n has the numbers s, s + n, … */
struct arrivals {
    pthread_mutex_t lock;
    int senders;
    int64_t count[8][8]; /* [sender][receiver]; under lock */
};

static void note(const void *value, int64_t timestamp, void *user)
{
    (void)timestamp;
    struct arrivals *arrivals = user;
    const struct event *event = value;
    pthread_mutex_lock(&arrivals->lock);
    arrivals->count[event->number % arrivals->senders][event->time]++;
    pthread_mutex_unlock(&arrivals->lock);
}

typedef weir_stream *partition_function(weir_stream *in);

static void run(const char *const *args, int senders, int receivers, partition_function *partition,
                struct arrivals *arrivals)
{
    weir_env *env = event_env(args);
    weir_stream *events = weir_from_source(env, event_source(EVENTS, senders, NULL));
    weir_set_parallelism(events, senders);
    weir_stream *placed = weir_process(partition(events), &where);
    weir_set_parallelism(placed, receivers);
    *arrivals = (struct arrivals){.senders = senders};
    pthread_mutex_init(&arrivals->lock, NULL);
    weir_sink_to(placed, weir_collect(note, arrivals));
    ck_assert_int_eq(weir_execute(env), 0);
    weir_env_free(env);
    pthread_mutex_destroy(&arrivals->lock);
}

typedef void check_function(const struct arrivals *arrivals, int senders, int receivers);

static void run_everywhere(int senders, int receivers, partition_function *partition,
                           check_function *check)
{
    struct arrivals arrivals;
    run((const char *const[]){NULL}, senders, receivers, partition, &arrivals);
    check(&arrivals, senders, receivers);
    for (int i = 0; i < SEEDS; i++) {
        char seed[12];
        snprintf(seed, sizeof(seed), "%d", i);
        run((const char *const[]){"--scheduler=simulation", "--seed", seed, NULL}, senders,
            receivers, partition, &arrivals);
        check(&arrivals, senders, receivers);
    }
}

/* ---- rebalance ---- */

static weir_stream *rebalance(weir_stream *in)
{
    return weir_rebalance(in);
}

/* Every sender takes all receivers in turn, so none gets more than one event more than another. */
static void check_rebalance(const struct arrivals *arrivals, int senders, int receivers)
{
    for (int from = 0; from < senders; from++) {
        int64_t sum = 0;
        for (int to = 0; to < receivers; to++) {
            int64_t got = arrivals->count[from][to];
            ck_assert_int_ge(got, EVENTS / senders / receivers);
            ck_assert_int_le(got, EVENTS / senders / receivers + 1);
            sum += got;
        }
        ck_assert_int_eq(sum, EVENTS / senders);
    }
}

START_TEST(rebalance_spreads_evenly_over_all_subtasks)
{
    static const int parallelisms[][2] = {{1, 2}, {2, 3}, {3, 2}, {4, 4}, {1, 7}};
    for (size_t i = 0; i < sizeof(parallelisms) / sizeof(parallelisms[0]); i++) {
        run_everywhere(parallelisms[i][0], parallelisms[i][1], rebalance, check_rebalance);
    }
}
END_TEST

/* ---- rescale ---- */

static weir_stream *rescale(weir_stream *in)
{
    return weir_rescale(in);
}

/* Every sender spreads its events evenly over its own range, and over nothing else. */
static void check_rescale(const struct arrivals *arrivals, int senders, int receivers)
{
    for (int from = 0; from < senders; from++) {
        int first;
        int end;
        weir__rescale_range(from, senders, receivers, &first, &end);
        for (int to = 0; to < receivers; to++) {
            int64_t expected = to >= first && to < end ? EVENTS / senders / (end - first) : 0;
            ck_assert_int_eq(arrivals->count[from][to], expected);
        }
    }
}

START_TEST(rescale_spreads_over_its_own_share)
{
    static const int parallelisms[][2] = {{1, 1}, {1, 2}, {1, 4}, {2, 1}, {2, 2}, {2, 4},
                                          {4, 1}, {4, 2}, {4, 4}, {2, 3}, {3, 2}};
    for (size_t i = 0; i < sizeof(parallelisms) / sizeof(parallelisms[0]); i++) {
        run_everywhere(parallelisms[i][0], parallelisms[i][1], rescale, check_rescale);
    }
}
END_TEST

/* Written down by hand from Flink's rule, so that the range above is not its own judge. */
START_TEST(rescale_ranges_are_flinks)
{
    static const int cases[][5] = {/* sender, senders, receivers, first, end */
                                   {0, 2, 4, 0, 2}, {1, 2, 4, 2, 4}, {0, 2, 3, 0, 2},
                                   {1, 2, 3, 2, 3}, {0, 3, 2, 0, 1}, {1, 3, 2, 1, 2},
                                   {2, 3, 2, 1, 2}, {1, 5, 2, 0, 1}, {2, 5, 2, 1, 2},
                                   {3, 4, 4, 3, 4}, {0, 4, 6, 0, 2}, {1, 4, 6, 2, 3}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int first;
        int end;
        weir__rescale_range(cases[i][0], cases[i][1], cases[i][2], &first, &end);
        ck_assert_int_eq(first, cases[i][3]);
        ck_assert_int_eq(end, cases[i][4]);
    }
}
END_TEST

START_TEST(rescale_reaches_every_subtask_from_every_subtask)
{
    for (int senders = 1; senders <= 128; senders++) {
        for (int receivers = 1; receivers <= 128; receivers++) {
            int reached = 0; /* receivers 0 … reached - 1 hear from somebody */
            bool good = true;
            for (int from = 0; from < senders; from++) {
                int first;
                int end;
                weir__rescale_range(from, senders, receivers, &first, &end);
                good = good && first < end && first <= reached;
                reached = end > reached ? end : reached;
            }
            ck_assert_msg(good && reached == receivers, "%d to %d", senders, receivers);
        }
    }
}
END_TEST

/* ---- custom ---- */

static int by_hundreds(const void *value, int subtasks, void *user)
{
    const struct event *event = value;
    ck_assert_str_eq(user, "mine");
    return (int)(event->number / 100 % subtasks);
}

static weir_stream *by_function(weir_stream *in)
{
    static char user[] = "mine";
    return weir_partition_custom(in, by_hundreds, user);
}

static void check_custom(const struct arrivals *arrivals, int senders, int receivers)
{
    int64_t expected[8][8] = {{0}};
    for (int64_t number = 0; number < EVENTS; number++) {
        expected[number % senders][number / 100 % receivers]++;
    }
    ck_assert_mem_eq(arrivals->count, expected, sizeof(expected));
}

START_TEST(custom_partitioner_is_obeyed)
{
    for (int senders = 1; senders <= 4; senders *= 2) {
        for (int receivers = 1; receivers <= 4; receivers *= 2) {
            run_everywhere(senders, receivers, by_function, check_custom);
        }
    }
}
END_TEST

static int choose(const void *value, int subtasks, void *user)
{
    (void)value;
    (void)subtasks;
    return *(const int *)user;
}

static void expect_failure(int chosen, const char *message)
{
    weir_env *env = event_env((const char *const[]){NULL});
    weir_stream *events = weir_from_source(env, event_source(EVENTS, 2, NULL));
    weir_stream *placed = weir_process(weir_partition_custom(events, choose, &chosen), &where);
    weir_set_parallelism(placed, 3);
    struct lines lines = {0};
    weir_sink_to(placed, weir_collect(lines_collect, &lines));
    ck_assert_int_eq(weir_execute(env), 1);
    ck_assert_str_eq(weir_env_error(env)->where, "events");
    ck_assert_str_eq(weir_env_error(env)->message, message);
    weir_env_free(env);
    lines_clear(&lines);
}

START_TEST(custom_partitioner_that_chooses_nobody_fails_the_job)
{
    event_quiet();
    expect_failure(3, "its custom partitioner chose subtask 3 of 3, which are numbered from 0");
    expect_failure(-1, "its custom partitioner chose subtask -1 of 3, which are numbered from 0");
}
END_TEST

START_TEST(custom_partitioner_must_be_there)
{
    event_quiet();
    weir_env *env = event_env((const char *const[]){NULL});
    weir_stream *events = weir_from_source(env, event_source(1, 1, NULL));
    weir_process(weir_partition_custom(events, NULL, NULL), &where);
    ck_assert_str_eq(weir_env_error(env)->message, "its partitioner is NULL");
    weir_env_free(env);
}
END_TEST

/* ---- plan ---- */

static void expect_plan(partition_function *partition, const char *text)
{
    weir_env *env = event_env((const char *const[]){NULL});
    weir_stream *events = weir_from_source(env, event_source(1, 1, NULL));
    struct lines lines = {0};
    weir_sink_to(weir_process(partition(events), &where), weir_collect(lines_collect, &lines));
    struct weir__plan *plan = weir__plan_new(env);
    struct weir__buf out = {0};
    weir__plan_text(plan, &out);
    weir__buf_put_u8(&out, '\0');
    ck_assert_str_eq(out.data, text);
    weir__buf_fini(&out);
    weir__plan_free(plan);
    weir_env_free(env);
}

START_TEST(plan_shows_partitioners_and_chains_nothing_over_them)
{
    expect_plan(rescale, "Job test: 2 tasks, 3 operators, 1 slot\n"
                         "\n"
                         "task 1, parallelism 1: events\n"
                         "    events -> task 2 by rescale\n"
                         "\n"
                         "task 2, parallelism 1: where -> Collect\n");
    expect_plan(by_function, "Job test: 2 tasks, 3 operators, 1 slot\n"
                             "\n"
                             "task 1, parallelism 1: events\n"
                             "    events -> task 2 by custom\n"
                             "\n"
                             "task 2, parallelism 1: where -> Collect\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("partitioners");
    TCase *tcase = tcase_create("partitioners");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, rebalance_spreads_evenly_over_all_subtasks);
    tcase_add_test(tcase, rescale_spreads_over_its_own_share);
    tcase_add_test(tcase, rescale_ranges_are_flinks);
    tcase_add_test(tcase, rescale_reaches_every_subtask_from_every_subtask);
    tcase_add_test(tcase, custom_partitioner_is_obeyed);
    tcase_add_test(tcase, custom_partitioner_that_chooses_nobody_fails_the_job);
    tcase_add_test(tcase, custom_partitioner_must_be_there);
    tcase_add_test(tcase, plan_shows_partitioners_and_chains_nothing_over_them);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
