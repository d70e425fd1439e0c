/*
 * A split that is added while windows are in flight, as a partition of a topic is (FAULTS.md, row
 * 6): it holds the watermark back from then on, so that no window ends without its events; and a
 * job that fails in the midst of it, or goes on at another parallelism, still counts each event
 * once.
 */
#include "graph/env.h"
#include "random_cases.h"
#include "scratch.h"
#include "test_runtime_event.inc"

#include "base/buf.h"
#include "base/files.h"
#include "base/mem.h"

#include <weir/weir.h>

#include <stdatomic.h>

enum { EVENTS = 400, WINDOW = 20, SEEDS = 20 };

/* ---- the source: split 1 comes when split 0 is at `added_at`, and begins with that time ---- */

static int64_t added_at;

struct reader {
    int64_t next[2];
    bool announced;
    bool added;
    struct weir__buf position;
};

static void *reader_new(const void *config)
{
    (void)config;
    return WEIR__NEW(struct reader);
}

static enum weir_status reader_open(void *self, const struct weir_source_context *context,
                                    struct weir_error *error)
{
    (void)context, (void)error;
    ((struct reader *)self)->next[1] = added_at;
    return WEIR_OK;
}

static void emit(struct reader *reader, weir_source_output *out, int32_t split)
{
    struct event event = {.key = WEIR_STR("k0"), .number = 1, .time = reader->next[split]};
    weir_source_emit(out, split, &event, reader->next[split]++);
}

static enum weir_poll reader_poll(void *self, weir_source_output *out, int budget,
                                  struct weir_error *error)
{
    struct reader *reader = self;
    (void)budget, (void)error;
    if (!reader->announced) {
        weir_source_split_added(out, 0);
        reader->announced = true;
    }
    if (!reader->added && reader->next[0] >= added_at) {
        weir_source_split_added(out, 1);
        reader->added = true;
    }
    if (reader->next[0] < EVENTS) {
        emit(reader, out, 0);
    }
    /* The new one is read behind the other, and catches up at the end. */
    if (reader->added && reader->next[1] < EVENTS &&
        (reader->next[0] == EVENTS || reader->next[0] % 3 == 0)) {
        emit(reader, out, 1);
    }
    return reader->next[0] == EVENTS && reader->next[1] == EVENTS ? WEIR_POLL_END : WEIR_POLL_MORE;
}

static struct weir_str reader_snapshot(void *self)
{
    struct reader *reader = self;
    reader->position.len = 0;
    weir__buf_put_i64(&reader->position, reader->next[0]);
    weir__buf_put_i64(&reader->position, reader->next[1]);
    return (struct weir_str){reader->position.data, (uint32_t)reader->position.len};
}

static enum weir_status reader_restore(void *self, struct weir_str position,
                                       struct weir_error *error)
{
    struct reader *reader = self;
    struct weir__reader in = weir__reader_of(position);
    (void)error;
    reader->next[0] = weir__read_i64(&in);
    reader->next[1] = weir__read_i64(&in);
    return WEIR_OK;
}

static void reader_free(void *self)
{
    struct reader *reader = self;
    weir__buf_fini(&reader->position);
    weir__free(reader);
}

static const struct weir_source_ops ops = {.kind = "Growing",
                                           .reader_new = reader_new,
                                           .open = reader_open,
                                           .poll = reader_poll,
                                           .snapshot = reader_snapshot,
                                           .restore = reader_restore,
                                           .reader_free = reader_free};

/* ---- the job: counts in windows; a map before them fails once ---- */

static atomic_long until_failure; /* negative: it never does */

static void pass(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    if (atomic_fetch_sub(&until_failure, 1) == 0) {
        weir_fail(context, "on purpose");
    }
    weir_emit(out, value);
}

static const struct weir_process_function passing = {
    .name = "passing", .in_type = &event_type, .out_type = &event_type, .process = pass};

/* The last result of each window is the whole one: after a failure some come again. */
static void expect_counts(const struct lines *lines, uint64_t seed)
{
    for (int64_t start = 0; start < EVENTS; start += WINDOW) {
        int64_t of_new = start + WINDOW - (added_at > start ? added_at : start);
        int64_t expected = WINDOW + (of_new > 0 ? of_new : 0);
        long long got = -1;
        for (size_t i = 0; i < lines->count; i++) {
            long long number = 0;
            long long last = 0;
            ck_assert_int_eq(sscanf(lines->items[i], "k0 %lld %*d at %lld", &number, &last), 2);
            got = last == start + WINDOW - 1 ? number : got;
        }
        ck_assert_msg(got == expected,
                      "seed %llu, added at %lld: window %lld has %lld events instead of %lld",
                      (unsigned long long)seed, (long long)added_at, (long long)start, got,
                      (long long)expected);
    }
}

static void run(uint64_t seed, const char *directory)
{
    char seed_text[24];
    char parallelism[12];
    struct lines lines = {0};
    snprintf(seed_text, sizeof seed_text, "%llu", (unsigned long long)seed);
    snprintf(parallelism, sizeof parallelism, "%d", 1 + (int)(seed % 3));
    const char *const args[] = {
        "--scheduler=simulation", "--seed", seed_text,          "-p",      parallelism,
        "--checkpoint-interval",  "2ms",    "--checkpoint-dir", directory, "--restart",
        "fixed-delay:1,1ms",      NULL};
    weir_env *env = event_env(args);
    weir_source *source = weir_source_new(&ops, "growing", &event_type, NULL);
    source->max_parallelism = 1;
    /* In one task with the source: only there is it known which split an event is of. */
    weir_stream *events = weir_set_parallelism(
        weir_assign_watermarks(weir_set_parallelism(weir_from_source(env, source), 1),
                               weir_with_interval(weir_monotonous_timestamps(), -1), NULL),
        1);
    weir_stream *passed = weir_process(events, &passing);
    weir_sink_to(weir_window_aggregate(weir_key_by(passed, WEIR_FIELD(event, key)),
                                       weir_tumbling_event_time(weir_milliseconds(WINDOW)),
                                       &event_sum_of_window),
                 weir_collect(lines_collect, &lines));
    ck_assert_int_eq(weir_execute(env), 0);
    expect_counts(&lines, seed);
    lines_clear(&lines);
    weir_env_free(env);
}

/* Fault list, row 6. */
START_TEST(a_split_added_with_windows_in_flight_loses_no_event)
{
    struct random_cases cases = random_seeds("splits", SEEDS);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        char directory[SCRATCH_PATH];
        struct weir_error error = {0};
        scratch_make(directory, "splits");
        added_at = (int64_t)(seed * 37 % EVENTS);
        atomic_store(&until_failure, (long)(seed * 61 % (2 * EVENTS))); /* at times: never */
        run(seed, directory);
        ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, directory, &error), WEIR_OK);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime splits");
    TCase *tests = tcase_create("added");
    tcase_add_checked_fixture(tests, event_quiet, NULL);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_split_added_with_windows_in_flight_loses_no_event);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
