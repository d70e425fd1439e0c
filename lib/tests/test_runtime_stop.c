/*
 * How jobs end before their sources do: failures, signals, --duration, --stop-idle. And how they
 * wait: full sinks, quiet sources.
 */
#include "base/mem.h"
#include "graph/env.h"
#include "test_runtime_event.inc"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a source that is told when to do what ---- */

struct script {
    int64_t emit; /* events, then: */
    enum weir_poll then;
    bool fail_open;
    int waits;        /* polls after the events that say that more is to come */
    int raise;        /* this signal after the events, once; 0: none */
    atomic_int polls; /* after the events */
};

struct script_reader {
    struct script *script;
    int64_t next;
    bool raised;
};

static void *reader_new(const void *config)
{
    struct script_reader *reader = WEIR__NEW(struct script_reader);
    reader->script = (struct script *)config;
    return reader;
}

static enum weir_status reader_open(void *self, const struct weir_source_context *context,
                                    struct weir_error *error)
{
    (void)context;
    struct script_reader *reader = self;
    return reader->script->fail_open
               ? weir_error_set(error, WEIR_UNAVAILABLE, NULL, "nobody answers")
               : WEIR_OK;
}

static enum weir_poll reader_poll(void *self, weir_source_output *out, int budget,
                                  struct weir_error *error)
{
    struct script_reader *reader = self;
    struct script *script = reader->script;
    if (reader->next == 0) {
        weir_source_split_added(out, 0);
    }
    for (; budget > 0 && reader->next < script->emit; budget--, reader->next++) {
        struct event event = {.key = WEIR_STR("k0"), .number = reader->next};
        weir_source_emit(out, 0, &event, reader->next);
    }
    if (reader->next < script->emit) {
        return WEIR_POLL_MORE;
    }
    if (atomic_fetch_add(&script->polls, 1) < script->waits) {
        return WEIR_POLL_WAITING;
    }
    if (script->raise != 0 && !reader->raised) {
        reader->raised = true;
        raise(script->raise);
    }
    if (script->then == WEIR_POLL_FAILED) {
        weir_error_set(error, WEIR_IO, NULL, "the wire broke");
    }
    return script->then;
}

static void reader_free(void *reader)
{
    weir__free(reader);
}

static const struct weir_source_ops script_ops = {.kind = "Script",
                                                  .reader_new = reader_new,
                                                  .open = reader_open,
                                                  .poll = reader_poll,
                                                  .reader_free = reader_free};

static weir_source *script_source(struct script *script)
{
    return weir_source_new(&script_ops, "script", &event_type, script);
}

/* ---- a sink that is told when to fail ---- */

struct basin {
    bool fail_open;
    int64_t fail_at;  /* -1: never */
    int refusals;     /* WEIR_LIMIT so often for each value */
    bool raise_twice; /* SIGTERM, at the first value */
    atomic_int refused;
    atomic_int written;
    atomic_int flushed;
};

static void *writer_new(const void *config)
{
    return (void *)config;
}

static enum weir_status writer_open(void *self, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    (void)context;
    struct basin *basin = self;
    return basin->fail_open ? weir_error_set(error, WEIR_IO, NULL, "read-only file system")
                            : WEIR_OK;
}

static enum weir_status writer_write(void *self, const void *value, int64_t timestamp,
                                     struct weir_error *error)
{
    (void)timestamp;
    struct basin *basin = self;
    const struct event *event = value;
    if (basin->raise_twice) {
        raise(SIGTERM);
        raise(SIGTERM);
    }
    if (basin->fail_at >= 0 && event->number == basin->fail_at) {
        return weir_error_set(error, WEIR_IO, NULL, "no space left on device");
    }
    if (basin->refusals > 0 &&
        atomic_fetch_add(&basin->refused, 1) % (basin->refusals + 1) < basin->refusals) {
        return WEIR_LIMIT;
    }
    atomic_fetch_add(&basin->written, 1);
    return WEIR_OK;
}

static enum weir_status writer_flush(void *self, struct weir_error *error)
{
    (void)error;
    atomic_fetch_add(&((struct basin *)self)->flushed, 1);
    return WEIR_OK;
}

static void writer_free(void *writer)
{
    (void)writer;
}

static const struct weir_sink_ops basin_ops = {.kind = "Basin",
                                               .writer_new = writer_new,
                                               .open = writer_open,
                                               .write = writer_write,
                                               .flush = writer_flush,
                                               .writer_free = writer_free};

static weir_sink *basin_sink(struct basin *basin)
{
    return weir_sink_new(&basin_ops, "basin", &event_type, basin);
}

/*
 * ---- jobs: script -> rebalance -> basin, so that there is a channel, and everything can be
 * blocked ----
 */

static const char *const drivers[][5] = {
    {"-p", "1"},
    {"-p", "3"},
    {"-p", "1", "--scheduler=simulation", "--seed=1"},
    {"-p", "3", "--scheduler=simulation", "--seed=2"},
};
enum { DRIVERS = sizeof(drivers) / sizeof(drivers[0]) };

static weir_env *job(const char *const *args, struct script *script, struct basin *basin)
{
    weir_env *env = event_env(args);
    env->settings.buffer_bytes = 64;
    env->settings.channel_buffers = 1;
    weir_sink_to(weir_rebalance(weir_from_source(env, script_source(script))), basin_sink(basin));
    return env;
}

static void note_finish(weir_env *env, void *user)
{
    (void)env;
    *(bool *)user = true;
}

static void expect_failure(struct script script, struct basin basin, const char *where,
                           const char *message)
{
    for (int i = 0; i < DRIVERS; i++) {
        bool finished = false;
        weir_env *env = job(drivers[i], &script, &basin);
        weir_env_on_finish(env, note_finish, &finished);
        ck_assert_int_eq(weir_execute(env), 1);
        ck_assert_ptr_nonnull(strstr(weir_env_error(env)->where, where));
        ck_assert_str_eq(weir_env_error(env)->message, message);
        ck_assert(!finished);
        weir_env_free(env);
    }
}

START_TEST(source_that_fails_ends_the_job)
{
    expect_failure((struct script){.emit = 50, .then = WEIR_POLL_FAILED},
                   (struct basin){.fail_at = -1}, "script", "the wire broke");
}
END_TEST

START_TEST(source_that_does_not_open_ends_the_job)
{
    expect_failure((struct script){.fail_open = true}, (struct basin){.fail_at = -1}, "script",
                   "nobody answers");
}
END_TEST

START_TEST(sink_that_does_not_open_ends_the_job)
{
    expect_failure((struct script){.emit = 5, .then = WEIR_POLL_END},
                   (struct basin){.fail_at = -1, .fail_open = true}, "basin",
                   "read-only file system");
}
END_TEST

START_TEST(sink_that_fails_ends_a_job_that_would_run_for_ever)
{
    expect_failure((struct script){.emit = INT64_MAX}, (struct basin){.fail_at = 1000}, "basin",
                   "no space left on device");
    expect_failure((struct script){.emit = 50, .then = WEIR_POLL_NOTHING},
                   (struct basin){.fail_at = 49}, "basin", "no space left on device");
}
END_TEST

START_TEST(failure_names_the_subtask)
{
    struct script script = {.emit = 2, .then = WEIR_POLL_END};
    struct basin basin = {.fail_at = 1};
    weir_env *env = event_env((const char *const[]){"-p", "2", NULL});
    weir_stream *stream = weir_set_parallelism(weir_from_source(env, script_source(&script)), 1);
    weir_sink_to(weir_rebalance(stream), basin_sink(&basin));
    ck_assert_int_eq(weir_execute(env), 1);
    ck_assert_str_eq(weir_env_error(env)->where, "basin (subtask 2 of 2)");
    weir_env_free(env);
}
END_TEST

/* ---- full sinks ---- */

/* Fault list, row 20. */
START_TEST(full_sink_slows_the_job_down_and_loses_nothing)
{
    for (int i = 0; i < DRIVERS; i++) {
        struct script script = {.emit = 200, .then = WEIR_POLL_END};
        struct basin basin = {.fail_at = -1, .refusals = 1};
        weir_env *env = job(drivers[i], &script, &basin);
        int subtasks = env->settings.parallelism;
        ck_assert_int_eq(weir_execute(env), 0);
        ck_assert_int_eq(basin.written, 200 * subtasks);
        ck_assert_int_ge(basin.flushed, subtasks);
        weir_env_free(env);
    }
}
END_TEST

/* ---- ends that are wanted ---- */

static void expect_events(const char *const *args, int64_t per_second, int64_t count, int64_t low,
                          int64_t high)
{
    struct lines lines = {0};
    weir_env *env = event_env(args);
    weir_stream *stream = weir_from_source(
        env, weir_generator_source(&(struct weir_generator_source_config){.name = "events",
                                                                          .type = &event_type,
                                                                          .next = event_make,
                                                                          .per_second = per_second,
                                                                          .count = count}));
    weir_sink_to(stream, weir_collect(lines_collect, &lines));
    ck_assert_int_eq(weir_execute(env), 0);
    ck_assert_int_ge((int64_t)lines.count, low);
    ck_assert_int_le((int64_t)lines.count, high);
    lines_clear(&lines);
    weir_env_free(env);
}

START_TEST(duration_ends_the_sources)
{
    /*
     * In virtual time, so the number of events follows. A step of the simulation may take up to
     * 65 ms.
     */
    expect_events((const char *const[]){"--scheduler=simulation", "--duration", "10s", NULL}, 100,
                  0, 980, 1020);
    /* By the wall clock: it ends. */
    expect_events((const char *const[]){"--duration", "20ms", "-p", "2", NULL}, 0, 0, 0, INT64_MAX);
}
END_TEST

START_TEST(sources_that_stay_quiet_end_the_job)
{
    for (int i = 0; i < DRIVERS; i++) {
        const char *args[8] = {"--stop-idle", "50ms"};
        memcpy(args + 2, drivers[i], sizeof(drivers[i]));
        struct script script = {.emit = 30, .then = WEIR_POLL_NOTHING};
        struct basin basin = {.fail_at = -1};
        weir_env *env = job(args, &script, &basin);
        int subtasks = env->settings.parallelism;
        ck_assert_int_eq(weir_execute(env), 0);
        ck_assert_int_eq(basin.written, 30 * subtasks);
        weir_env_free(env);
    }
}
END_TEST

START_TEST(slow_source_is_not_a_quiet_one)
{
    /* An event each 100 ms: never quiet for a second, but it ends after its last. */
    expect_events((const char *const[]){"--scheduler=simulation", "--stop-idle", "1s", NULL}, 10,
                  50, 50, 50);
}
END_TEST

START_TEST(source_that_waits_is_not_a_quiet_one)
{
    /* Far longer than the second after which it would count as quiet. */
    struct script script = {.emit = 5, .waits = 5000, .then = WEIR_POLL_NOTHING};
    struct basin basin = {.fail_at = -1};
    weir_env *env = job((const char *const[]){"--scheduler=simulation", "--stop-idle", "1s", NULL},
                        &script, &basin);
    ck_assert_int_eq(weir_execute(env), 0);
    ck_assert_int_gt(script.polls, 5000);
    weir_env_free(env);
}
END_TEST

START_TEST(source_that_is_held_up_is_not_a_quiet_one)
{
    struct script script = {.emit = 40, .then = WEIR_POLL_NOTHING};
    struct basin basin = {.fail_at = -1, .refusals = 20};
    weir_env *env =
        job((const char *const[]){"--scheduler=simulation", "-p", "3", "--stop-idle", "5ms", NULL},
            &script, &basin);
    ck_assert_int_eq(weir_execute(env), 0);
    ck_assert_int_eq(basin.written, 3 * 40);
    weir_env_free(env);
}
END_TEST

START_TEST(job_that_finishes_calls_back_once_with_metrics_at_hand)
{
    bool finished = false;
    struct script script = {.emit = 5, .then = WEIR_POLL_END};
    struct basin basin = {.fail_at = -1};
    weir_env *env = job(drivers[0], &script, &basin);
    weir_env_on_finish(env, note_finish, &finished);
    ck_assert_int_eq(weir_execute(env), 0);
    ck_assert(finished);
    ck_assert_int_eq(weir_metric(env, "basin", "numRecordsIn"), 5);
    ck_assert_int_eq(weir_env_error(env)->code, WEIR_OK);
    weir_env_free(env);
}
END_TEST

static void find_fault(weir_env *env, void *user)
{
    (void)user;
    weir_env_fail(env);
}

START_TEST(finisher_that_finds_the_results_wrong_fails_the_program)
{
    bool finished = false;
    struct script script = {.emit = 5, .then = WEIR_POLL_END};
    struct basin basin = {.fail_at = -1};
    weir_env *env = job(drivers[0], &script, &basin);
    weir_env_on_finish(env, find_fault, NULL);
    weir_env_on_finish(env, note_finish, &finished);
    ck_assert_int_eq(weir_execute(env), 1);
    ck_assert(finished); /* those behind it are called all the same */
    ck_assert_int_eq(weir_env_error(env)->code, WEIR_OK);
    weir_env_free(env);
}
END_TEST

/* ---- signals ---- */

START_TEST(first_signal_stops_the_sources_and_the_job_finishes)
{
    static const int signals[] = {SIGINT, SIGTERM};
    for (int i = 0; i < DRIVERS; i++) {
        for (int s = 0; s < 2; s++) {
            bool finished = false;
            struct script script = {.emit = 100, .then = WEIR_POLL_NOTHING};
            struct script raising = {.emit = 10, .then = WEIR_POLL_NOTHING, .raise = signals[s]};
            struct basin basin = {.fail_at = -1};
            weir_env *env = job(drivers[i], &script, &basin);
            weir_stream *second =
                weir_set_parallelism(weir_from_source(env, script_source(&raising)), 1);
            weir_sink_to(second, basin_sink(&basin));
            weir_env_on_finish(env, note_finish, &finished);
            ck_assert_int_eq(weir_execute(env), 128 + signals[s]);
            ck_assert(finished);
            ck_assert_int_eq(weir_metric(env, "basin", "numRecordsIn"), basin.written);
            weir_env_free(env);
        }
    }
}
END_TEST

START_TEST(second_signal_ends_the_process)
{
    pid_t child = fork();
    if (child == 0) {
        struct script script = {.emit = INT64_MAX};
        struct basin basin = {.fail_at = -1, .raise_twice = true};
        weir_execute(job(drivers[0], &script, &basin));
        _exit(0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 128 + SIGTERM);
}
END_TEST

START_TEST(handlers_of_the_program_are_put_back)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &action, NULL);
    struct script script = {.emit = 5, .then = WEIR_POLL_END};
    struct basin basin = {.fail_at = -1};
    weir_env *env = job(drivers[0], &script, &basin);
    ck_assert_int_eq(weir_execute(env), 0);
    sigaction(SIGINT, NULL, &action);
    ck_assert(action.sa_handler == SIG_IGN);
    weir_env_free(env);
}
END_TEST

/* ---- waiting ---- */

START_TEST(quiet_source_is_asked_now_and_then_not_all_the_time)
{
    /* A second of virtual time at one question each 10 ms; the simulation's own steps add some. */
    struct script script = {.emit = 1, .then = WEIR_POLL_NOTHING};
    struct basin basin = {.fail_at = -1};
    weir_env *env = job((const char *const[]){"--scheduler=simulation", "--duration=1s", NULL},
                        &script, &basin);
    ck_assert_int_eq(weir_execute(env), 0);
    ck_assert_int_le(script.polls, 300);
    weir_env_free(env);
}
END_TEST

/* ---- a source whose data comes from another thread, which wakes the task ---- */

enum { HANDSHAKES = 200 };

struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int put;   /* events that the other thread has put */
    int sent;  /* events that the source has emitted */
    int taken; /* events that the job has written */
    bool open; /* the source can be woken */
    void (*wake)(void *waker);
    void *waker;
};

static void *post_new(const void *config)
{
    return (void *)config;
}

static enum weir_status post_open(void *self, const struct weir_source_context *context,
                                  struct weir_error *error)
{
    (void)error;
    struct mailbox *mailbox = self;
    pthread_mutex_lock(&mailbox->lock);
    mailbox->wake = context->wake;
    mailbox->waker = context->waker;
    mailbox->open = true;
    pthread_cond_broadcast(&mailbox->changed);
    pthread_mutex_unlock(&mailbox->lock);
    return WEIR_OK;
}

static enum weir_poll post_poll(void *self, weir_source_output *out, int budget,
                                struct weir_error *error)
{
    (void)budget;
    (void)error;
    struct mailbox *mailbox = self;
    pthread_mutex_lock(&mailbox->lock);
    bool any = mailbox->put > mailbox->sent;
    int number = mailbox->sent;
    mailbox->sent += any;
    pthread_mutex_unlock(&mailbox->lock);
    if (!any) {
        return number == HANDSHAKES ? WEIR_POLL_END : WEIR_POLL_NOTHING;
    }
    struct event event = {.key = WEIR_STR("k"), .number = number};
    weir_source_emit(out, 0, &event, number);
    return WEIR_POLL_NOTHING;
}

static void post_free(void *self)
{
    (void)self;
}

static const struct weir_source_ops post_ops = {.kind = "Post",
                                                .reader_new = post_new,
                                                .open = post_open,
                                                .poll = post_poll,
                                                .reader_free = post_free};

static void take_post(const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    struct mailbox *mailbox = user;
    pthread_mutex_lock(&mailbox->lock);
    mailbox->taken++;
    pthread_cond_broadcast(&mailbox->changed);
    pthread_mutex_unlock(&mailbox->lock);
}

/* Puts an event, wakes the task, and waits until the job has written it. */
static void *put_post(void *arg)
{
    struct mailbox *mailbox = arg;
    pthread_mutex_lock(&mailbox->lock);
    while (!mailbox->open) {
        pthread_cond_wait(&mailbox->changed, &mailbox->lock);
    }
    for (int i = 0; i < HANDSHAKES; i++) {
        mailbox->put++;
        pthread_mutex_unlock(&mailbox->lock);
        mailbox->wake(mailbox->waker);
        pthread_mutex_lock(&mailbox->lock);
        while (mailbox->taken < mailbox->put) {
            pthread_cond_wait(&mailbox->changed, &mailbox->lock);
        }
    }
    pthread_mutex_unlock(&mailbox->lock);
    return NULL;
}

START_TEST(source_wakes_its_task_from_another_thread)
{
    struct mailbox mailbox = {.lock = PTHREAD_MUTEX_INITIALIZER,
                              .changed = PTHREAD_COND_INITIALIZER};
    weir_env *env = event_env((const char *const[]){"-p", "2", NULL});
    weir_source *source = weir_source_new(&post_ops, "post", &event_type, &mailbox);
    source->max_parallelism = 1;
    weir_sink_to(weir_from_source(env, source), weir_collect(take_post, &mailbox));
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, put_post, &mailbox), 0);
    ck_assert_int_eq(weir_execute(env), 0);
    pthread_join(thread, NULL);
    ck_assert_int_eq(mailbox.taken, HANDSHAKES);
    weir_env_free(env);
}
END_TEST

int main(void)
{
    event_quiet();
    Suite *suite = suite_create("runtime stop");
    TCase *tests = tcase_create("stop");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, source_that_fails_ends_the_job);
    tcase_add_test(tests, source_that_does_not_open_ends_the_job);
    tcase_add_test(tests, sink_that_does_not_open_ends_the_job);
    tcase_add_test(tests, sink_that_fails_ends_a_job_that_would_run_for_ever);
    tcase_add_test(tests, failure_names_the_subtask);
    tcase_add_test(tests, full_sink_slows_the_job_down_and_loses_nothing);
    tcase_add_test(tests, duration_ends_the_sources);
    tcase_add_test(tests, sources_that_stay_quiet_end_the_job);
    tcase_add_test(tests, slow_source_is_not_a_quiet_one);
    tcase_add_test(tests, source_that_waits_is_not_a_quiet_one);
    tcase_add_test(tests, source_that_is_held_up_is_not_a_quiet_one);
    tcase_add_test(tests, job_that_finishes_calls_back_once_with_metrics_at_hand);
    tcase_add_test(tests, finisher_that_finds_the_results_wrong_fails_the_program);
    tcase_add_test(tests, first_signal_stops_the_sources_and_the_job_finishes);
    tcase_add_test(tests, second_signal_ends_the_process);
    tcase_add_test(tests, handlers_of_the_program_are_put_back);
    tcase_add_test(tests, source_wakes_its_task_from_another_thread);
    tcase_add_test(tests, quiet_source_is_asked_now_and_then_not_all_the_time);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
