/*
 * `weir savepoint` on real jobs: this program is also the job, when its first argument is --out. It
 * makes events for ever, as fast as it is asked to.
 */
#include "base/mem.h"
#include "commands.h"
#include "runtime/checkpoint_store.h"
#include "runtime/pid_file.h"
#include "tests/scratch.h"

#include <weir/weir.h>

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NUMBER_FIELDS(F, T) F(T, int64, n, "n", required)
WEIR_DECLARE_TYPE(number, NUMBER_FIELDS);
WEIR_DEFINE_TYPE(number, NUMBER_FIELDS);

enum { MAX_ARGUMENTS = 16 };

/* ---- the job ---- */

static bool make(int64_t index, void *value, int64_t *timestamp, void *user)
{
    (void)user;
    ((struct number *)value)->n = index;
    *timestamp = index;
    return true;
}

static int run_job(int argc, char **argv)
{
    weir_env *env = weir_env_new("counting", argc, argv);
    const char *out = weir_option_string(env, "out", "", "folder of the part files");
    int64_t count = weir_option_int(env, "count", 0, 0, INT64_MAX, "numbers; 0: for ever");
    weir_stream *numbers = weir_from_source(
        env, weir_generator_source(&(struct weir_generator_source_config){
                 .type = &number_type, .next = make, .per_second = 5000, .count = count}));
    weir_sink_to(numbers, weir_file_sink(&(struct weir_file_sink_config){
                              .path = out, .format = weir_json(&number_type), .bucket = ""}));
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

/* ---- running it, and the command ---- */

static char folder[SCRATCH_PATH];
static char checkpoints[96];
static char savepoints[96];
static struct weir__buf out; /* what the last call printed, NUL-terminated */
static struct weir__buf err;

static void setup(void)
{
    scratch_make(folder, "savepoint");
    snprintf(checkpoints, sizeof(checkpoints), "%s/checkpoints", folder);
    snprintf(savepoints, sizeof(savepoints), "%s/savepoints", folder);
}

static void teardown(void)
{
    ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, folder, NULL), WEIR_OK);
    weir__buf_fini(&out);
    weir__buf_fini(&err);
}

static const char *in_folder(const char *name)
{
    static char path[96];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

/* The job in a process of its own, with more arguments, up to NULL. */
static pid_t start_job(const char *const *more)
{
    char parts[96];
    snprintf(parts, sizeof(parts), "%s/parts", folder);
    const char *arguments[MAX_ARGUMENTS] = {
        "counting",         "--out",    parts, "--checkpoint-interval", "20ms",
        "--checkpoint-dir", checkpoints};
    for (size_t used = 7; *more != NULL; more++) {
        arguments[used++] = *more;
    }
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        int log = open(in_folder("log"), O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(log, STDERR_FILENO);
        execv("/proc/self/exe", (char **)arguments);
        _exit(127);
    }
    return pid;
}
#define JOB(...) start_job((const char *const[]){__VA_ARGS__, NULL})

static int wait_for(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The process that runs the job, once it holds its file. */
static pid_t await_job(void)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    for (;;) {
        pid_t pid = 0;
        char *where = NULL;
        if (weir__pid_file_find(checkpoints, &pid, &where, NULL) == WEIR_OK) {
            weir__free(where);
            return pid;
        }
        nanosleep(&pause, NULL);
    }
}

static void read_output(const char *name, struct weir__buf *buf)
{
    buf->len = 0;
    ck_assert_int_eq(weir__files_read(&weir__real_files, in_folder(name), 100000, buf, NULL),
                     WEIR_OK);
    weir__buf_put_u8(buf, 0);
}

static int redirect(FILE *stream, const char *name)
{
    fflush(stream);
    int before = dup(fileno(stream));
    int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    dup2(fd, fileno(stream));
    close(fd);
    return before;
}

static void put_back(FILE *stream, int before)
{
    fflush(stream);
    dup2(before, fileno(stream));
    close(before);
}

/* `weir savepoint` with these arguments, up to NULL; its exit code. */
static int command_with(const char *const *words)
{
    char *arguments[6] = {(char *)"savepoint"};
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++) {
        arguments[argc] = (char *)words[argc - 1];
    }
    int out_before = redirect(stdout, "stdout");
    int err_before = redirect(stderr, "stderr");
    int code = weir_savepoint_main(argc, arguments);
    put_back(stdout, out_before);
    put_back(stderr, err_before);
    read_output("stdout", &out);
    read_output("stderr", &err);
    return code;
}
#define COMMAND(...) command_with((const char *const[]){__VA_ARGS__, NULL})

static void expect_err(const char *part)
{
    ck_assert_msg(strstr(err.data, part) != NULL, "expected \"%s\" in \"%s\"", part, err.data);
}

/* ---- tests ---- */

START_TEST(a_job_stops_and_goes_on_from_the_path_that_is_printed)
{
    char path[128];
    struct weir__checkpoint savepoint;
    struct weir_error error = {0};
    pid_t job = JOB("--savepoint-dir", savepoints);
    ck_assert_int_eq(await_job(), job);
    ck_assert_msg(COMMAND(checkpoints) == 0, "%s", err.data);
    ck_assert_str_eq(err.data, "");
    ck_assert_int_eq(wait_for(job), 0);
    ck_assert_int_eq(strncmp(out.data, savepoints, strlen(savepoints)), 0);
    snprintf(path, sizeof(path), "%.*s", (int)strcspn(out.data, "\n"), out.data);
    ck_assert_int_eq(weir__checkpoint_load(&weir__real_files, path, &savepoint, &error), WEIR_OK);
    ck_assert_int_eq(savepoint.kind, WEIR__SAVEPOINT);
    weir__checkpoint_fini(&savepoint);
    ck_assert_int_eq(wait_for(JOB("--from", path, "--count", "1")), 0); /* it has had that one */
}
END_TEST

START_TEST(a_process_can_be_named_instead)
{
    char number[24];
    pid_t job = JOB("-p", "1");
    await_job();
    snprintf(number, sizeof(number), "%ld", (long)job);
    ck_assert_msg(COMMAND(number) == 0, "%s", err.data);
    ck_assert_int_eq(strncmp(out.data, checkpoints, strlen(checkpoints)), 0);
    ck_assert_int_eq(wait_for(job), 0);
}
END_TEST

START_TEST(a_job_manager_and_its_task_manager_both_end)
{
    char number[24];
    pid_t manager = JOB("--cluster");
    ck_assert_int_ne(await_job(), manager);
    snprintf(number, sizeof(number), "%ld", (long)manager);
    ck_assert_msg(COMMAND(number) == 0, "%s", err.data);
    ck_assert_ptr_nonnull(strstr(out.data, "/savepoint-"));
    ck_assert_int_eq(wait_for(manager), 0);
}
END_TEST

START_TEST(what_a_killed_job_has_left_deceives_nobody)
{
    pid_t job = JOB("-p", "1");
    await_job();
    ck_assert_int_eq(kill(job, SIGKILL), 0);
    wait_for(job);
    ck_assert_int_eq(access(in_folder("checkpoints/" WEIR__PID_FILE), F_OK), 0);
    ck_assert_int_eq(COMMAND(checkpoints), 1);
    expect_err("the job that took checkpoints here is gone; it goes on from the latest one when it "
               "is started with --from latest");
}
END_TEST

START_TEST(a_second_job_in_the_same_directory_is_told_so)
{
    char expected[200];
    pid_t job = JOB("-p", "1");
    await_job();
    wait_for(JOB("--count", "1")); /* the two disturb each other: it may well fail */
    read_output("log", &err);
    snprintf(expected, sizeof(expected), "%s: process %ld takes checkpoints here, too", checkpoints,
             (long)job);
    expect_err(expected);
    ck_assert_int_eq(await_job(), job); /* it is still found */
    ck_assert_int_eq(kill(job, SIGKILL), 0);
    wait_for(job);
}
END_TEST

START_TEST(wrong_uses_are_refused_in_words)
{
    char number[24];
    ck_assert_int_eq(COMMAND("/does/not/exist"), 1);
    expect_err("/does/not/exist: no job takes checkpoints here: it has no job.pid; expected the "
               "--checkpoint-dir of a running job");
    snprintf(number, sizeof(number), "%ld", (long)getpid());
    ck_assert_int_eq(COMMAND(number), 1);
    expect_err("runs no job that takes checkpoints, or is not yours");
    ck_assert_int_eq(COMMAND("a", "b"), 2);
    expect_err("expected one directory of checkpoints, or one process");
    ck_assert_int_eq(COMMAND("--timeout", "soon", "a"), 2);
    expect_err("--timeout: expected a duration such as 30s, got \"soon\"");
    ck_assert_int_eq(COMMAND("--help"), 0);
    ck_assert_ptr_nonnull(strstr(out.data, "Usage: weir savepoint "));
}
END_TEST

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--out") == 0) {
        return run_job(argc, argv);
    }
    Suite *suite = suite_create("savepoint command");
    TCase *tests = tcase_create("jobs");
    tcase_set_timeout(tests, 100);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_job_stops_and_goes_on_from_the_path_that_is_printed);
    tcase_add_test(tests, a_process_can_be_named_instead);
    tcase_add_test(tests, a_job_manager_and_its_task_manager_both_end);
    tcase_add_test(tests, what_a_killed_job_has_left_deceives_nobody);
    tcase_add_test(tests, a_second_job_in_the_same_directory_is_told_so);
    tcase_add_test(tests, wrong_uses_are_refused_in_words);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
