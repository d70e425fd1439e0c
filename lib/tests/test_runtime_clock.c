/*
 * A clock that is set while jobs run (FAULTS.md, row 9): an hour forward, an hour back, and right
 * again. Event time knows nothing of it; what goes by the clock goes on after it.
 *
 * The source sets the clock. It goes to the next setting when checkpoints, which go by the clock,
 * have been complete since the one before; so a job that stands still never ends.
 */
#include "graph/env.h"
#include "scratch.h"
#include "test_runtime_event.inc"

#include "base/files.h"
#include "base/mem.h"

#include <weir/weir.h>

#include <stdatomic.h>

enum { HOUR_MS = 3600000, SETTINGS = 4, CHECKPOINTS = 3 };

/* ---- the system's clock, set wrongly ---- */

static _Atomic int64_t ahead_ms;

static int64_t wrong_ms(const struct weir_clock *clock)
{
    (void)clock;
    return weir_clock_ms(&weir_system_clock) + atomic_load(&ahead_ms);
}

static int64_t steady_ns(const struct weir_clock *clock)
{
    (void)clock;
    return weir_clock_ns(&weir_system_clock);
}

static const struct weir_clock settable = {wrong_ms, steady_ns};

/* ---- the source ---- */

struct reader {
    int64_t next;
    int setting;
    int complete; /* checkpoints since the clock was set */
    char position[24];
};

static void *reader_new(const void *config)
{
    (void)config;
    return WEIR__NEW(struct reader);
}

static enum weir_status reader_open(void *self, const struct weir_source_context *context,
                                    struct weir_error *error)
{
    (void)self, (void)context, (void)error;
    return WEIR_OK;
}

static enum weir_poll reader_poll(void *self, weir_source_output *out, int budget,
                                  struct weir_error *error)
{
    static const int64_t settings[SETTINGS] = {0, HOUR_MS, -HOUR_MS, 0};
    struct reader *reader = self;
    (void)budget, (void)error;
    if (reader->complete >= CHECKPOINTS) {
        reader->complete = 0;
        if (++reader->setting == SETTINGS) {
            return WEIR_POLL_END;
        }
        atomic_store(&ahead_ms, settings[reader->setting]);
    }
    struct event event = {.key = WEIR_STR("k0"), .number = 1, .time = reader->next};
    weir_source_emit(out, 0, &event, reader->next++);
    return WEIR_POLL_NOTHING; /* so that it is asked again by the clock */
}

static struct weir_str reader_snapshot(void *self)
{
    struct reader *reader = self;
    int len = snprintf(reader->position, sizeof reader->position, "%lld", (long long)reader->next);
    return (struct weir_str){reader->position, (uint32_t)len};
}

static enum weir_status reader_restore(void *self, struct weir_str position,
                                       struct weir_error *error)
{
    (void)self, (void)position, (void)error;
    return WEIR_OK;
}

static void reader_checkpoint_complete(void *self, int64_t checkpoint)
{
    (void)checkpoint;
    ((struct reader *)self)->complete++;
}

static void reader_free(void *reader)
{
    weir__free(reader);
}

static const struct weir_source_ops ops = {.kind = "Setting",
                                           .reader_new = reader_new,
                                           .open = reader_open,
                                           .poll = reader_poll,
                                           .snapshot = reader_snapshot,
                                           .restore = reader_restore,
                                           .checkpoint_complete = reader_checkpoint_complete,
                                           .reader_free = reader_free};

/* ---- the job: counts in windows of event time, and passes a timer of the clock through ---- */

static atomic_int fired;

static void start_timer(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    weir_register_processing_timer(context, weir_current_processing_time(context) + 1);
    weir_emit(out, value);
}

static void count_timer(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                        void *user)
{
    (void)time, (void)out, (void)user, (void)context;
    ck_assert(!event_time);
    atomic_fetch_add(&fired, 1);
}

static const struct weir_process_function timing = {.name = "timing",
                                                    .in_type = &event_type,
                                                    .out_type = &event_type,
                                                    .process = start_timer,
                                                    .on_timer = count_timer};

/* Every window but the last has an event of each of its five milliseconds, whatever the clock said.
 */
static void expect_whole_windows(const struct lines *lines)
{
    ck_assert_uint_gt(lines->count, 2);
    for (size_t i = 0; i < lines->count; i++) {
        long long number = 0;
        long long last = 0;
        ck_assert_int_eq(sscanf(lines->items[i], "k0 %lld %*d at %lld", &number, &last), 2);
        ck_assert_msg(number == 5 || (size_t)last + 1 == 5 * lines->count, "%s", lines->items[i]);
    }
}

/* Fault list, row 9. */
START_TEST(a_clock_that_is_set_an_hour_forward_and_back_stops_nothing)
{
    char directory[SCRATCH_PATH];
    struct lines lines = {0};
    struct weir_error error = {0};
    scratch_make(directory, "clock");
    atomic_store(&ahead_ms, 0);
    const char *const args[] = {
        "-p",  "2", "--checkpoint-interval", "5ms", "--checkpoint-dir", directory, "--duration",
        "10h", NULL};
    weir_env *env = event_env(args);
    env->clock = &settable;
    weir_source *source = weir_source_new(&ops, "setting", &event_type, NULL);
    source->max_parallelism = 1;
    weir_stream *events = weir_assign_watermarks(
        weir_set_parallelism(weir_from_source(env, source), 1), weir_monotonous_timestamps(), NULL);
    weir_stream *timed = weir_keyed_process(weir_key_by(events, WEIR_FIELD(event, key)), &timing);
    weir_sink_to(weir_window_aggregate(weir_key_by(timed, WEIR_FIELD(event, key)),
                                       weir_tumbling_event_time(weir_milliseconds(5)),
                                       &event_sum_of_window),
                 weir_collect(lines_collect, &lines));
    ck_assert_int_eq(weir_execute(env), 0);
    expect_whole_windows(&lines);
    ck_assert_int_gt(fired, 0);
    lines_clear(&lines);
    weir_env_free(env);
    ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, directory, &error), WEIR_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime clock");
    TCase *tests = tcase_create("set");
    tcase_add_checked_fixture(tests, event_quiet, NULL);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_clock_that_is_set_an_hour_forward_and_back_stops_nothing);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
