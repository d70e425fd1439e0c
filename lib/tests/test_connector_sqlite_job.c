/*
 * The SQLite sink in jobs that fail at any moment and go on from a checkpoint: each row is there
 * once.
 */
#include <stdio.h>

#ifndef WEIR_HAVE_SQLITE3
int main(void)
{
    puts("# SKIP SQLite is not installed");
    return 0;
}
#else

#include "base/files.h"
#include "random_cases.h"
#include "scratch.h"

#include <weir/weir.h>

#include <check.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <unistd.h>

enum { EVENTS = 2000, SEEDS = 12, SPLITS = 3 };

#define NUMBER_FIELDS(F, T) F(T, int64, n, "n", required)
WEIR_DECLARE_TYPE(number, NUMBER_FIELDS);
WEIR_DEFINE_TYPE(number, NUMBER_FIELDS);

static char directory[SCRATCH_PATH];
static char path[96];

static void set_up(void)
{
    scratch_make(directory, "sqlite-job");
    snprintf(path, sizeof path, "%s/numbers.db", directory);
}

static void tear_down(void)
{
    struct weir_error error;
    ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, directory, &error), WEIR_OK);
}

static bool make(int64_t index, void *value, int64_t *timestamp, void *user)
{
    (void)user;
    *(struct number *)value = (struct number){.n = index};
    *timestamp = index;
    return true;
}

/* How many more events may pass before the job fails; negative: it never does. */
static atomic_long until_failure;

static void fragile(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    if (atomic_fetch_sub(&until_failure, 1) == 0) {
        weir_fail(context, "no more");
        return;
    }
    weir_emit(out, value);
}

static const struct weir_process_function fragile_function = {
    .name = "fragile", .in_type = &number_type, .out_type = &number_type, .process = fragile};

/* Runs the job; returns how often it began again. */
static int64_t run(const char *seed, const char *parallelism)
{
    char checkpoints[96];
    snprintf(checkpoints, sizeof checkpoints, "%s/checkpoints", directory);
    char *args[] = {"numbers",
                    "--scheduler=simulation",
                    "--seed",
                    (char *)seed,
                    "-p",
                    (char *)parallelism,
                    "--checkpoint-dir",
                    checkpoints,
                    "--checkpoint-interval",
                    "3ms",
                    "--restart",
                    "fixed-delay:3,1ms",
                    NULL};
    weir_env *env = weir_env_new("numbers", (int)(sizeof args / sizeof args[0]) - 1, args);
    weir_stream *numbers = weir_process(
        weir_from_source(
            env, weir_generator_source(&(struct weir_generator_source_config){.name = "numbers",
                                                                              .type = &number_type,
                                                                              .next = make,
                                                                              .count = EVENTS,
                                                                              .splits = SPLITS})),
        &fragile_function);
    weir_sink_to(numbers, weir_sqlite_sink(&(struct weir_sqlite_sink_config){
                              .path = path, .table = "numbers", .type = &number_type}));
    ck_assert_int_eq(weir_execute(env), 0);
    int64_t restarts = weir_metric(env, NULL, "numRestarts");
    weir_env_free(env);
    return restarts;
}

static int64_t ask(const char *query)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, query, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

START_TEST(each_row_is_there_once_whenever_the_job_fails)
{
    struct random_cases cases = random_seeds("failures", SEEDS);
    int64_t restarts = 0;
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        char seed_text[24];
        char parallelism[12];
        snprintf(seed_text, sizeof seed_text, "%" PRIu64, seed);
        snprintf(parallelism, sizeof parallelism, "%d", 1 + (int)(seed % SPLITS));
        atomic_store(&until_failure, (long)(seed * 37 % EVENTS));
        restarts += run(seed_text, parallelism);
        int64_t rows = ask("SELECT COUNT(*) FROM numbers");
        int64_t distinct = ask("SELECT COUNT(DISTINCT n) FROM numbers");
        ck_assert_msg(rows == EVENTS && distinct == EVENTS,
                      "SEED=%" PRIu64 ": %" PRId64 " rows, %" PRId64 " of them different", seed,
                      rows, distinct);
        ck_assert_int_eq(ask("SELECT COUNT(*) FROM numbers__pending"), 0);
        tear_down();
        set_up();
    }
    ck_assert_int_ge(restarts, (int64_t)(cases.end - cases.first));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connector sqlite job");
    TCase *tests = tcase_create("job");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, each_row_is_there_once_whenever_the_job_fails);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
#endif
