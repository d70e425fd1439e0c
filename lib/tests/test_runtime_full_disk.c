/*
 * A disk that is full for a while, under a running job: fault list, row 3. When it is the
 * checkpoints', they fail and the job goes on; when it is the part files', the job fails and goes
 * on from its last checkpoint. Either way each event is in a finished part once. Semantics sheet,
 * sections 19 and 20.
 */
#include "connector/file_sink.h"
#include "graph/env.h"
#include "test_runtime_event.inc"
#include "testkit/sim_files.h"

#include "base/mem.h"

enum { EVENTS = 4000, FULL_FROM = 1000, FULL_EVENTS = 1500 };

static struct weir__sim_files *checkpoints;
static struct weir__sim_files *parts;
static struct weir__sim_files *victim; /* the one of them that will be full */
static int64_t seen;                   /* events, those of all attempts; in one thread */
static char warnings[8192];

static void keep_warning(enum weir__log_level level, const char *line, void *user)
{
    (void)user;
    size_t len = strlen(warnings);
    if (level <= WEIR__LOG_WARNING && len + strlen(line) + 2 < sizeof(warnings)) {
        snprintf(warnings + len, sizeof(warnings) - len, "%s\n", line);
    }
}

static void setup(void)
{
    checkpoints = weir__sim_files_new(1);
    parts = weir__sim_files_new(2);
    seen = 0;
    warnings[0] = '\0';
    weir__log_set_writer(keep_warning, NULL);
}

static void teardown(void)
{
    weir__log_set_writer(NULL, NULL);
    weir__sim_files_free(parts);
    weir__sim_files_free(checkpoints);
}

/* Passes everything; meanwhile the disk fills up, and is emptied. */
static bool fill_and_empty(const void *value, void *user)
{
    (void)value;
    (void)user;
    seen++;
    if (seen == FULL_FROM || seen == FULL_FROM + FULL_EVENTS) {
        weir__sim_files_set_full(victim, seen == FULL_FROM);
    }
    return true;
}

/* Runs the job, which must finish. */
static weir_env *run(struct weir__sim_files *full)
{
    const char *args[] = {
        "--scheduler=simulation", "-p",          "2",         "--checkpoint-interval", "2ms",
        "--checkpoint-dir",       "checkpoints", "--restart", "fixed-delay:1000,10ms", NULL};
    weir_env *env = event_env(args);
    victim = full;
    env->settings.checkpoints.files = weir__sim_files_table(checkpoints);
    weir_stream *events = weir_filter(weir_from_source(env, event_source(EVENTS, 4, NULL)),
                                      "fill and empty", fill_and_empty, NULL);
    weir_sink_to(events,
                 weir__file_sink(&(struct weir_file_sink_config){.path = "parts",
                                                                 .format = weir_json(&event_type),
                                                                 .bucket = "",
                                                                 .roll_on_checkpoint = true},
                                 weir__sim_files_table(parts)));
    ck_assert_msg(weir_execute(env) == 0, "%s\n%s", weir_env_error(env)->message, warnings);
    return env;
}

/* How often each event is in a finished part; no part is hidden. */
static void expect_each_event_once(void)
{
    static int found[EVENTS];
    struct weir__vec entries;
    struct weir_error error = {0};
    struct weir__files *files = weir__sim_files_table(parts);
    memset(found, 0, sizeof(found));
    ck_assert_int_eq(weir__files_list(files, "parts", &entries, &error), WEIR_OK);
    for (size_t i = 0; i < entries.count; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        struct weir__buf text = {0};
        ck_assert_msg(entry->name[0] != '.', "%s is left over", entry->name);
        char *path = weir__asprintf("parts/%s", entry->name);
        ck_assert_int_eq(weir__files_read(files, path, 1 << 20, &text, &error), WEIR_OK);
        weir__buf_put_u8(&text, '\0');
        for (const char *at = text.data; (at = strstr(at, "\"number\":")) != NULL; at++) {
            long number = strtol(at + strlen("\"number\":"), NULL, 10);
            ck_assert(number >= 0 && number < EVENTS);
            found[number]++;
        }
        weir__buf_fini(&text);
        weir__free(path);
    }
    weir__files_list_fini(&entries);
    for (int i = 0; i < EVENTS; i++) {
        ck_assert_msg(found[i] == 1, "event %d is there %d times", i, found[i]);
    }
}

START_TEST(faults_row_3_a_full_disk_fails_checkpoints_and_never_the_job)
{
    weir_env *env = run(checkpoints);
    ck_assert_int_gt(weir_metric(env, NULL, "numberOfFailedCheckpoints"), 0);
    ck_assert_int_gt(weir_metric(env, NULL, "numberOfCompletedCheckpoints"), 1);
    ck_assert_int_eq(weir_metric(env, NULL, "numRestarts"), 0);
    ck_assert_msg(strstr(warnings, "No space left on device; free some space") != NULL, "%s",
                  warnings);
    expect_each_event_once();
    weir_env_free(env);
}
END_TEST

START_TEST(faults_row_3_a_full_disk_under_the_part_files_fails_attempts_and_doubles_nothing)
{
    weir_env *env = run(parts);
    ck_assert_int_gt(weir_metric(env, NULL, "numRestarts"), 0);
    ck_assert_msg(strstr(warnings, "No space left on device; free some space") != NULL, "%s",
                  warnings);
    expect_each_event_once();
    weir_env_free(env);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("full disk");
    TCase *tests = tcase_create("row 3");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, faults_row_3_a_full_disk_fails_checkpoints_and_never_the_job);
    tcase_add_test(
        tests, faults_row_3_a_full_disk_under_the_part_files_fails_attempts_and_doubles_nothing);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
