/*
 * Sinks that know which checkpoint the outside world has seen: the job goes on from that one,
 * whatever is newer on the disk, and never loses it. Semantics sheet, section 19.
 */
#include "base/files.h"
#include "base/log.h"
#include "base/mem.h"
#include "scratch.h"

#include <weir/weir.h>

#include <check.h>
#include <stdlib.h>

enum { EVENTS = 10, LIVES = 5 };

static char directory[SCRATCH_PATH];

/* The outside world. */
static struct {
    int64_t committed;      /* what it says; -1: it does not know */
    enum weir_status fails; /* what a commit answers; WEIR_OK: it succeeds */
    int64_t restored;       /* from which checkpoint the last life went on */
    int64_t written;        /* in the last life */
} outside;

static void say_nothing(enum weir__log_level level, const char *line, void *user)
{
    (void)level;
    (void)line;
    (void)user;
}

static void setup(void)
{
    scratch_make(directory, "committed");
    outside.committed = 0;
    outside.fails = WEIR_OK;
    weir__log_set_writer(say_nothing, NULL);
}

static void teardown(void)
{
    struct weir_error error;
    ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, directory, &error), WEIR_OK);
}

/* ---- its sink ---- */

static void *writer_new(const void *config)
{
    (void)config;
    return weir__alloc(1);
}

static enum weir_status open_writer(void *writer, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    (void)writer;
    (void)error;
    outside.restored = context->restored_checkpoint;
    outside.written = 0;
    return WEIR_OK;
}

static enum weir_status write_value(void *writer, const void *value, int64_t timestamp,
                                    struct weir_error *error)
{
    (void)writer;
    (void)value;
    (void)timestamp;
    (void)error;
    outside.written++;
    return WEIR_OK;
}

static enum weir_status prepare(void *writer, int64_t checkpoint, struct weir_str *state,
                                struct weir_error *error)
{
    (void)writer;
    (void)checkpoint;
    (void)error;
    *state = WEIR_STR("prepared");
    return WEIR_OK;
}

static enum weir_status commit(void *writer, const struct weir_sink_commit *commit,
                               struct weir_error *error)
{
    (void)writer;
    if (outside.fails != WEIR_OK) {
        return weir_error_set(error, outside.fails, NULL, "not committed");
    }
    outside.committed = commit->checkpoint;
    return WEIR_OK;
}

static enum weir_status restore(void *writer, struct weir_str state, struct weir_error *error)
{
    (void)writer;
    (void)state;
    (void)error;
    return WEIR_OK;
}

static enum weir_status committed(const void *config, const struct weir_sink_context *context,
                                  int64_t *checkpoint, struct weir_error *error)
{
    (void)config;
    (void)context;
    (void)error;
    *checkpoint = outside.committed;
    return WEIR_OK;
}

static const struct weir_sink_ops outside_ops = {.kind = "Outside",
                                                 .writer_new = writer_new,
                                                 .open = open_writer,
                                                 .write = write_value,
                                                 .prepare = prepare,
                                                 .commit = commit,
                                                 .restore = restore,
                                                 .committed = committed,
                                                 .writer_free = weir__free};

/* ---- a life of the job: ten numbers, and the checkpoint at its end ---- */

static int live(const char *keep, const char *restart, int64_t *restarts)
{
    int64_t numbers[EVENTS] = {0};
    char *argv[] = {"job",
                    "--checkpoint-interval",
                    "1h",
                    "--checkpoint-dir",
                    directory,
                    "--checkpoint-keep",
                    (char *)keep,
                    "--restart",
                    (char *)restart,
                    NULL};
    weir_env *env = weir_env_new("job", 9, argv);
    weir_stream *source =
        weir_from_source(env, weir_collection_source(&weir_int64_type, numbers, EVENTS));
    weir_sink_to(source, weir_sink_new(&outside_ops, "outside", NULL, NULL));
    int code = weir_execute(env);
    if (restarts != NULL) {
        *restarts = weir_metric(env, NULL, "numRestarts");
    }
    weir_env_free(env);
    return code;
}

/* ---- the tests ---- */

/* Fault list, row 8. */
START_TEST(the_job_goes_on_from_what_was_committed_and_not_from_the_newest)
{
    ck_assert_int_eq(live("3", "none", NULL), 0);
    ck_assert_int_eq(outside.committed, 1);
    outside.fails = WEIR_TIMED_OUT; /* checkpoint 2 is complete, and nobody has seen its results */
    ck_assert_int_eq(live("3", "none", NULL), 1);
    ck_assert_int_eq(live("3", "none", NULL), 1);
    ck_assert_int_eq(outside.restored, 1);
}
END_TEST

START_TEST(nothing_committed_means_to_begin_anew_though_a_checkpoint_is_complete)
{
    outside.fails = WEIR_TIMED_OUT;
    ck_assert_int_eq(live("3", "none", NULL), 1);
    outside.fails = WEIR_OK;
    ck_assert_int_eq(live("3", "none", NULL), 0);
    ck_assert_int_eq(outside.restored, 0);
    ck_assert_int_eq(outside.written, EVENTS);
}
END_TEST

START_TEST(what_was_committed_last_is_never_removed)
{
    ck_assert_int_eq(live("1", "none", NULL), 0);
    outside.fails = WEIR_TIMED_OUT;
    for (int i = 0; i < LIVES; i++) {
        ck_assert_int_eq(live("1", "none", NULL), 1);
        ck_assert_int_eq(outside.restored, 1);
    }
    outside.fails = WEIR_OK;
    ck_assert_int_eq(live("1", "none", NULL), 0);
    ck_assert_int_eq(outside.restored, 1);
    ck_assert_int_eq(outside.written, 0);
}
END_TEST

/* Fault list, row 7. */
START_TEST(a_fenced_job_does_not_start_again)
{
    int64_t restarts = -1;
    outside.fails = WEIR_FENCED;
    ck_assert_int_eq(live("3", "fixed-delay:5,0", &restarts), 1);
    ck_assert_int_eq(restarts, 0);
    outside.fails = WEIR_TIMED_OUT; /* any other does */
    ck_assert_int_eq(live("3", "fixed-delay:5,0", &restarts), 1);
    ck_assert_int_eq(restarts, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime committed");
    TCase *tests = tcase_create("committed");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_job_goes_on_from_what_was_committed_and_not_from_the_newest);
    tcase_add_test(tests, nothing_committed_means_to_begin_anew_though_a_checkpoint_is_complete);
    tcase_add_test(tests, what_was_committed_last_is_never_removed);
    tcase_add_test(tests, a_fenced_job_does_not_start_again);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
