/*
 * Real processes that are killed: whatever happens to them and whenever, the finished part files
 * hold what an undisturbed run writes, line for line. The job manager of --cluster starts task
 * managers again; without it the test does, as a user would.
 *
 * This program is also the job, when its first argument is --out: then it is started by the tests,
 * and by the job manager. Its source gives PER_LIFE events in its first life, and so many more in
 * each that follows, so that a job that is to be killed KILLS times is not done before, however
 * fast the machine. The moment of a kill is a number of changes in the folders that the job writes
 * to, so that it falls on anything that a checkpoint does.
 */
#include "random_cases.h"
#include "scratch.h"
#include "test_runtime_event.inc"

#include "base/buf.h"
#include "base/files.h"
#include "base/mem.h"
#include "base/rand.h"
#include "runtime/checkpoint_store.h"

#include <weir/weir.h>

#include <errno.h>
#include <fcntl.h>
#ifdef WEIR_HAVE_SQLITE3
#include <sqlite3.h>
#endif
#include <signal.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILLS = 10, PER_LIFE = 2000, PER_POLL = 50, KEYS = 10 };

/* ---- the job: counts and sums a key in windows, into part files ---- */

struct paced {
    const char *ended; /* a file: a byte for each life that is over; NULL: the source never waits */
    int64_t count;
};

struct paced_reader {
    const struct paced *config;
    int64_t next;
    int64_t limit;
    bool rests;
    struct weir__buf position;
};

static void *paced_new(const void *config)
{
    struct paced_reader *reader = WEIR__NEW(struct paced_reader);
    reader->config = config;
    return reader;
}

static enum weir_status paced_open(void *self, const struct weir_source_context *context,
                                   struct weir_error *error)
{
    struct paced_reader *reader = self;
    struct weir__file_info ended = {0};
    (void)context;
    reader->limit = reader->config->count;
    if (reader->config->ended == NULL) {
        return WEIR_OK;
    }
    enum weir_status status =
        weir__files_info(&weir__real_files, reader->config->ended, &ended, error);
    if ((ended.size + 1) * PER_LIFE < reader->limit) {
        reader->limit = (ended.size + 1) * PER_LIFE;
    }
    return status == WEIR_NOT_FOUND ? WEIR_OK : status;
}

/* 99 of 100 events are of one key (fault list, row 16), and now and then comes what is no event
 * (row 10). */
static enum weir_poll paced_poll(void *self, weir_source_output *out, int budget,
                                 struct weir_error *error)
{
    static const char *const keys[KEYS] = {"k0", "k1", "k2", "k3", "k4",
                                           "k5", "k6", "k7", "k8", "k9"};
    static const struct weir_error poison = {.code = WEIR_MALFORMED, .message = "no event"};
    struct paced_reader *reader = self;
    (void)error;
    if (reader->next == reader->config->count) {
        return WEIR_POLL_END;
    }
    reader->rests = !reader->rests && reader->config->ended != NULL;
    if (reader->rests || reader->next >= reader->limit) {
        return WEIR_POLL_NOTHING;
    }
    for (int i = 0; i < budget && i < PER_POLL && reader->next < reader->limit; i++) {
        int64_t index = reader->next++;
        struct event event = {.number = index, .time = index};
        event.key = weir_str_from(keys[index % 100 == 7 ? index / 100 % KEYS : 0]);
        weir_source_emit(out, 0, &event, index);
        if (index % 97 == 13) {
            weir_source_dead_letter(out, 0, index, "{", 1, &poison);
        }
    }
    return WEIR_POLL_MORE;
}

static struct weir_str paced_snapshot(void *self)
{
    struct paced_reader *reader = self;
    reader->position.len = 0;
    weir__buf_put_i64(&reader->position, reader->next);
    return (struct weir_str){reader->position.data, (uint32_t)reader->position.len};
}

static enum weir_status paced_restore(void *self, struct weir_str position,
                                      struct weir_error *error)
{
    struct weir__reader in = weir__reader_of(position);
    (void)error;
    ((struct paced_reader *)self)->next = weir__read_i64(&in);
    return WEIR_OK;
}

static void paced_free(void *self)
{
    struct paced_reader *reader = self;
    weir__buf_fini(&reader->position);
    weir__free(reader);
}

static const struct weir_source_ops paced_ops = {
    .kind = "Paced",
    .reader_new = paced_new,
    .open = paced_open,
    .poll = paced_poll,
    .snapshot = paced_snapshot,
    .restore = paced_restore,
    .reader_free = paced_free,
};

static void add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    struct event *sum = accumulator;
    const struct event *event = value;
    (void)timestamp;
    (void)user;
    weir_str_set(&sum->key, event->key);
    sum->number += event->number;
    sum->time++;
}

static void merge(void *accumulator, const void *other, void *user)
{
    struct event *sum = accumulator;
    const struct event *more = other;
    (void)user;
    weir_str_set(&sum->key, more->key);
    sum->number += more->number;
    sum->time += more->time;
}

static void result(const void *accumulator, const struct weir_window_context *context, void *out,
                   void *user)
{
    (void)context;
    (void)user;
    *(struct event *)out = *(const struct event *)accumulator;
}

/* Says that it is stuck, and is. */
static bool get_stuck(const void *value, void *user)
{
    const char *const *path = user;
    if (*path == NULL || ((const struct event *)value)->number < PER_POLL) {
        return true;
    }
    close(open(*path, O_WRONLY | O_CREAT, 0600));
    for (;;) {
        pause();
    }
}

static int run_job(int argc, char **argv)
{
    static const struct weir_aggregate sums = {.name = "sums",
                                               .in_type = &event_type,
                                               .accumulator_type = &event_type,
                                               .out_type = &event_type,
                                               .add = add,
                                               .merge = merge,
                                               .result = result};
    static struct paced paced;
    weir_env *env = weir_env_new("killed", argc, argv);
    const char *out = weir_option_string(env, "out", "", "folder of the part files");
    bool roll = weir_option_flag(env, "roll", "a part ends at each checkpoint");
    paced.count = weir_option_int(env, "count", 0, 0, INT64_MAX, "events");
    paced.ended = weir_option_string(env, "ended", NULL, "file that counts the lives before");
    weir_source *source = weir_source_new(&paced_ops, "paced", &event_type, &paced);
    source->max_parallelism = 1;
    weir_stream *made = weir_set_parallelism(weir_from_source(env, source), 1);
    weir_sink_to(
        weir_side_output(made, &weir_dead_letters),
        weir_file_sink(&(struct weir_file_sink_config){.path = out,
                                                       .format = weir_json(&weir_dead_letter_type),
                                                       .bucket = "",
                                                       .prefix = "dead",
                                                       .roll_on_checkpoint = roll}));
    static const char *stuck;
    stuck = weir_option_string(env, "stuck", NULL, "a file; stands still for ever, and makes it");
    weir_stream *events =
        weir_assign_watermarks(weir_filter(made, "stuck", get_stuck, &stuck),
                               weir_with_interval(weir_monotonous_timestamps(), -1), NULL);
    weir_stream *counts =
        weir_window_aggregate(weir_key_by(events, WEIR_FIELD(event, key)),
                              weir_tumbling_event_time(weir_milliseconds(50)), &sums);
    weir_sink_to(counts,
                 weir_file_sink(&(struct weir_file_sink_config){.path = out,
                                                                .format = weir_json(&event_type),
                                                                .bucket = "",
                                                                .roll_on_checkpoint = roll}));
    const char *database = weir_option_string(env, "sqlite", NULL, "and into this database");
    if (database != NULL) { /* without a key: a row that came twice would be there twice */
        weir_sink_to(counts, weir_sqlite_sink(&(struct weir_sqlite_sink_config){
                                 .path = database, .table = "sums", .type = &event_type}));
    }
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

/* ---- running it ---- */

static char folder[SCRATCH_PATH];

static void set_up(void)
{
    scratch_make(folder, "cluster");
}

static void tear_down(void)
{
    struct weir_error error = {0};
    ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, folder, &error), WEIR_OK);
}

/* A path in the test's folder; of the last 8 calls. */
static const char *in_folder(const char *name)
{
    static char paths[8][128];
    static int turn;
    char *path = paths[turn++ % 8];
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

enum { MAX_ARGUMENTS = 24 };

/* Starts the job with these arguments besides its usual ones, up to NULL; its stderr goes to
 * `log`. */
static pid_t start_job(const char *out, int64_t count, const char *const *more)
{
    char number[24];
    snprintf(number, sizeof(number), "%lld", (long long)count);
    const char *arguments[MAX_ARGUMENTS] = {"killed",
                                            "--out",
                                            in_folder(out),
                                            "--count",
                                            number,
                                            "--checkpoint-interval",
                                            "10ms",
                                            "--checkpoint-dir",
                                            in_folder("checkpoints"),
                                            "-p",
                                            "2"};
    size_t used = 11;
    for (; *more != NULL; more++) {
        arguments[used++] = *more;
    }
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        int fd = open(in_folder("log"), O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(fd, STDERR_FILENO);
        close(fd);
        execv("/proc/self/exe", (char **)arguments);
        _exit(127);
    }
    return pid;
}
#define JOB(out, count, ...) start_job(out, count, (const char *const[]){__VA_ARGS__, NULL})

/* Its exit code, or 128 + the signal that killed it. */
static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        ck_assert_int_eq(errno, EINTR);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static char *content(const char *path)
{
    struct weir__buf text = {0};
    struct weir_error error = {0};
    enum weir_status status =
        weir__files_read(&weir__real_files, path, (size_t)1 << 26, &text, &error);
    ck_assert_msg(status == WEIR_OK || status == WEIR_NOT_FOUND, "%s", error.message);
    weir__buf_put_u8(&text, '\0');
    return text.data;
}

static void expect_log(const char *part)
{
    char *text = content(in_folder("log"));
    ck_assert_msg(strstr(text, part) != NULL, "expected \"%s\" in\n%s", part, text);
    weir__free(text);
}

/* The job's arguments for rows beside the part files, where there is SQLite. */
#ifdef WEIR_HAVE_SQLITE3
#define IN_DATABASE , "--sqlite", in_folder("out.db")
#else
#define IN_DATABASE
#endif

/* ---- the moments ---- */

/* Waits for so many changes in the job's folders. */
static void await_changes(int watch, uint64_t changes)
{
    char events[4096] __attribute__((aligned(8)));
    for (uint64_t seen = 0; seen < changes;) {
        ssize_t len = read(watch, events, sizeof(events));
        ck_assert_msg(len > 0, "no changes can be read: %s", strerror(errno));
        for (ssize_t at = 0; at < len;) {
            const struct inotify_event *event = (const struct inotify_event *)(events + at);
            at += (ssize_t)(sizeof(*event) + event->len);
            seen++;
        }
    }
}

/* The folder of checkpoints, and those of the part files and of the database: what is written there
 * after a barrier and before its checkpoint is complete is what must not stay. */
static int watch_folders(void)
{
    int watch = inotify_init();
    ck_assert_int_ge(watch, 0);
    const char *const names[] = {"checkpoints", "out", "."};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct weir_error error = {0};
        ck_assert_int_eq(weir__files_make_directory(&weir__real_files, in_folder(names[i]), &error),
                         WEIR_OK);
        ck_assert_int_ge(
            inotify_add_watch(watch, in_folder(names[i]),
                              IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MODIFY),
            0);
    }
    return watch;
}

/* The process that runs the job, another one than `before`. Its file appears before its first
 * checkpoint does. */
static pid_t job_pid(int watch, pid_t before)
{
    for (;;) {
        char *text = content(in_folder("checkpoints/job.pid"));
        pid_t pid = strchr(text, '\n') != NULL ? (pid_t)strtol(text, NULL, 10) : 0;
        weir__free(text);
        if (pid > 0 && pid != before) {
            return pid;
        }
        await_changes(watch, 1);
    }
}

/* Ends a life: those after it are given more events. */
static void end_life(pid_t pid, int number)
{
    struct weir_error error = {0};
    struct weir__file ended = {0};
    ck_assert_int_eq(weir__file_append(&weir__real_files, in_folder("ended"), &ended, &error),
                     WEIR_OK);
    ck_assert_int_eq(weir__file_write(&ended, "x", 1, &error), WEIR_OK);
    weir__file_discard(&ended);
    ck_assert_int_eq(kill(pid, number), 0);
}

/* Waits until a checkpoint is complete. (What was begun before the first one stays hidden for ever:
 * nobody knows that it is nobody's.) */
static void await_checkpoint(int watch)
{
    for (;;) {
        struct weir__vec places;
        struct weir_error error = {0};
        ck_assert_int_eq(
            weir__checkpoint_list(&weir__real_files, in_folder("checkpoints"), &places, &error),
            WEIR_OK);
        bool any = places.count > 0;
        weir__checkpoint_list_fini(&places);
        if (any) {
            return;
        }
        await_changes(watch, 1);
    }
}

/* ---- what came out ---- */

static int compare_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of all finished parts with the prefix, sorted. No part is hidden. */
static char *sorted_output(const char *out, const char *prefix)
{
    struct weir__vec entries;
    struct weir_error error = {0};
    struct weir__buf text = {0};
    ck_assert_int_eq(weir__files_list(&weir__real_files, in_folder(out), &entries, &error),
                     WEIR_OK);
    for (size_t i = 0; i < entries.count; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        ck_assert_msg(entry->name[0] != '.', "%s is left over", entry->name);
        if (strncmp(entry->name, prefix, strlen(prefix)) != 0) {
            continue;
        }
        char *path = weir__asprintf("%s/%s", in_folder(out), entry->name);
        ck_assert_int_eq(weir__files_read(&weir__real_files, path, (size_t)1 << 26, &text, &error),
                         WEIR_OK);
        weir__free(path);
    }
    weir__files_list_fini(&entries);
    weir__buf_put_u8(&text, '\0');
    struct weir__vec lines = WEIR__VEC_OF(char *);
    for (char *line = strtok(text.data, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        weir__vec_push(&lines, &line);
    }
    ck_assert_uint_gt(lines.count, 0);
    qsort(lines.items, lines.count, sizeof(char *), compare_text);
    struct weir__buf sorted = {0};
    for (size_t i = 0; i < lines.count; i++) {
        weir__buf_printf(&sorted, "%s\n", *(char **)weir__vec_at(&lines, i));
    }
    weir__vec_fini(&lines);
    weir__buf_fini(&text);
    return sorted.data;
}

static void expect_same(const char *what, const char *disturbed, const char *clean)
{
    size_t at = 0;
    while (clean[at] == disturbed[at] && clean[at] != '\0') {
        at++;
    }
    if (clean[at] != disturbed[at]) {
        size_t from = at > 20 ? at - 20 : 0;
        ck_abort_msg("%s differ from byte %zu on: \"%.60s\" instead of \"%.60s\"\n%s", what, at,
                     disturbed + from, clean + from, content(in_folder("log")));
    }
}

/* Runs the job undisturbed, and compares. */
static void expect_output_of_a_clean_run(int64_t count)
{
    struct weir_error error = {0};
    ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, in_folder("checkpoints"), &error),
                     WEIR_OK);
    ck_assert_int_eq(wait_for(JOB("clean", count, "--checkpoint-interval", "0")), 0);
    const char *const prefixes[] = {"part", "dead"};
    for (size_t i = 0; i < 2; i++) {
        char *clean = sorted_output("clean", prefixes[i]);
        char *disturbed = sorted_output("out", prefixes[i]);
        expect_same("the part files", disturbed, clean);
        weir__free(disturbed);
        weir__free(clean);
    }
}

#ifdef WEIR_HAVE_SQLITE3
static int put_row(void *user, int columns, char **values, char **names)
{
    (void)columns;
    (void)names;
    weir__buf_printf(user, "%s\n", values[0]);
    return 0;
}

/* A line a row of the table, as the part files have it, sorted. */
static char *sorted_rows(const char *name)
{
    sqlite3 *db = NULL;
    struct weir__buf rows = {0};
    ck_assert_int_eq(sqlite3_open(in_folder(name), &db), SQLITE_OK);
    const char *query = "SELECT json_object('key', key, 'number', number, 'time', time) AS line "
                        "FROM sums ORDER BY line";
    ck_assert_int_eq(sqlite3_exec(db, query, put_row, &rows, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    weir__buf_put_u8(&rows, '\0');
    return rows.data;
}

static void expect_rows_of_the_parts(void)
{
    char *rows = sorted_rows("out.db");
    char *lines = sorted_output("out", "part");
    expect_same("the rows", rows, lines);
    weir__free(lines);
    weir__free(rows);
}
#else
static void expect_rows_of_the_parts(void)
{
}
#endif

/* ---- tests ---- */

static struct weir__rand new_rand(const char *what)
{
    struct random_cases cases = random_cases(what, 1);
    struct weir__rand rand;
    weir__rand_init(&rand, cases.first);
    return rand;
}

START_TEST(a_task_manager_killed_ten_times_leaves_the_output_of_a_clean_run)
{
    struct weir__rand rand = new_rand("cluster");
    const int64_t count = (KILLS + 1) * PER_LIFE;
    int watch = watch_folders();
    pid_t manager = JOB("out", count, "--ended", in_folder("ended"), "--cluster", "--restart",
                        "fixed-delay:100,1ms" IN_DATABASE);
    pid_t worker = 0;
    for (int i = 0; i < KILLS; i++) {
        worker = job_pid(watch, worker);
        ck_assert_int_ne(worker, manager);
        await_checkpoint(watch);
        await_changes(watch, weir__rand_below(&rand, 60));
        end_life(worker, SIGKILL);
    }
    ck_assert_int_eq(wait_for(manager), 0);
    close(watch);
    expect_log("was killed by signal 9 (Killed); restart 10 of 100 in 1ms");
    expect_rows_of_the_parts();
    expect_output_of_a_clean_run(count);
}
END_TEST

/* Fault list, rows 1 and 17: the process is gone at once, or writes a savepoint first. */
START_TEST(a_job_ended_at_random_and_started_again_leaves_the_output_of_a_clean_run)
{
    static const int signals[] = {SIGKILL, SIGINT, SIGTERM};
    struct weir__rand rand = new_rand("by hand");
    const int64_t count = (int64_t)(KILLS + 1) * PER_LIFE;
    int watch = watch_folders();
    pid_t before = 0;
    for (int i = 0; i < KILLS; i++) {
        pid_t job = JOB("out", count, "--ended", in_folder("ended"), "--from", "latest", "--roll");
        ck_assert_int_eq(job_pid(watch, before), job);
        before = job;
        await_checkpoint(watch);
        await_changes(watch, weir__rand_below(&rand, 60));
        end_life(job, signals[_i]);
        ck_assert_int_eq(wait_for(job), 128 + signals[_i]);
    }
    ck_assert_int_eq(wait_for(JOB("out", count, "--ended", in_folder("ended"), "--from", "latest")),
                     0);
    close(watch);
    expect_output_of_a_clean_run(count);
}
END_TEST

START_TEST(a_second_signal_ends_a_job_that_cannot_stop)
{
    int watch = watch_folders();
    pid_t job = JOB("out", PER_LIFE, "--stuck", in_folder("stuck"));
    while (access(in_folder("stuck"), F_OK) != 0) {
        await_changes(watch, 1);
    }
    ck_assert_int_eq(kill(job, SIGINT), 0);
    for (const char *said = NULL; said == NULL;) {
        char *log = content(in_folder("log"));
        said = strstr(log, "weir: stopping with a savepoint; an interrupt ends at once\n");
        weir__free(log);
        if (said == NULL) {
            await_changes(watch, 1);
        }
    }
    ck_assert_int_eq(kill(job, SIGINT), 0);
    ck_assert_int_eq(wait_for(job), 128 + SIGINT);
    close(watch);
}
END_TEST

START_TEST(messages_name_the_process_the_reason_the_delay_and_the_checkpoint)
{
    char expected[200];
    int watch = watch_folders();
    pid_t manager = JOB("out", 2 * PER_LIFE, "--ended", in_folder("ended"), "--cluster",
                        "--restart", "fixed-delay:3,1ms");
    pid_t worker = job_pid(watch, 0);
    snprintf(expected, sizeof(expected),
             "weir: info: job manager %ld: task manager %ld runs the job", (long)manager,
             (long)worker);
    await_checkpoint(watch);
    end_life(worker, SIGKILL);
    ck_assert_int_eq(wait_for(manager), 0);
    close(watch);
    expect_log(expected);
    snprintf(expected, sizeof(expected),
             "weir: warning: task manager %ld was killed by signal 9 (Killed); restart 1 of 3 in "
             "1ms, from its checkpoints (the latest: ",
             (long)worker);
    expect_log(expected);
    expect_log("weir: info: going on from ");
}
END_TEST

START_TEST(the_strategy_decides_when_the_job_manager_gives_up)
{
    int watch = watch_folders();
    pid_t manager = JOB("out", 9 * PER_LIFE, "--ended", in_folder("ended"), "--cluster",
                        "--restart", "fixed-delay:1,1ms");
    pid_t worker = job_pid(watch, 0);
    end_life(worker, SIGKILL);
    worker = job_pid(watch, worker);
    end_life(worker, SIGABRT);
    ck_assert_int_eq(wait_for(manager), 1);
    close(watch);
    expect_log("was killed by signal 6 (Aborted); no restart: all 1 are used up");
}
END_TEST

/* Whether all processes that hold the pipe's other end are gone. */
static void await_end(int fd)
{
    char byte;
    ck_assert_int_eq(read(fd, &byte, 1), 0);
}

/* Fault list, row 17. */
START_TEST(sigterm_to_the_job_manager_stops_both_with_a_savepoint_that_goes_on)
{
    int ends[2];
    int watch = watch_folders();
    ck_assert_int_eq(pipe(ends), 0);
    pid_t manager = JOB("out", 2 * PER_LIFE, "--ended", in_folder("ended"), "--cluster");
    close(ends[1]);
    job_pid(watch, 0);
    await_checkpoint(watch);
    end_life(manager, SIGTERM);
    ck_assert_int_eq(wait_for(manager), 128 + SIGTERM);
    await_end(ends[0]);
    close(ends[0]);
    close(watch);
    expect_log("weir: info: savepoint ");
    ck_assert_int_eq(
        wait_for(JOB("out", 2 * PER_LIFE, "--ended", in_folder("ended"), "--from", "latest")), 0);
    expect_output_of_a_clean_run(2 * PER_LIFE);
}
END_TEST

START_TEST(the_task_manager_dies_with_its_job_manager)
{
    int ends[2];
    int watch = watch_folders();
    ck_assert_int_eq(pipe(ends), 0);
    pid_t manager = JOB("out", 2 * PER_LIFE, "--ended", in_folder("ended"), "--cluster");
    close(ends[1]);
    job_pid(watch, 0);
    end_life(manager, SIGKILL);
    ck_assert_int_eq(wait_for(manager), 128 + SIGKILL);
    await_end(ends[0]);
    close(ends[0]);
    close(watch);
}
END_TEST

START_TEST(a_job_that_fails_by_itself_is_not_started_again)
{
    pid_t manager = JOB("out", PER_LIFE, "--cluster", "--from", "/does/not/exist");
    ck_assert_int_eq(wait_for(manager), 1);
    pid_t misuse = JOB("out", PER_LIFE, "--cluster", "--sise", "5");
    ck_assert_int_eq(wait_for(misuse), 2);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--out") == 0) {
        return run_job(argc, argv);
    }
    Suite *suite = suite_create("cluster");
    TCase *tests = tcase_create("processes");
    tcase_set_timeout(tests, 100);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_task_manager_killed_ten_times_leaves_the_output_of_a_clean_run);
    tcase_add_loop_test(
        tests, a_job_ended_at_random_and_started_again_leaves_the_output_of_a_clean_run, 0, 3);
    tcase_add_test(tests, a_second_signal_ends_a_job_that_cannot_stop);
    tcase_add_test(tests, messages_name_the_process_the_reason_the_delay_and_the_checkpoint);
    tcase_add_test(tests, the_strategy_decides_when_the_job_manager_gives_up);
    tcase_add_test(tests, sigterm_to_the_job_manager_stops_both_with_a_savepoint_that_goes_on);
    tcase_add_test(tests, the_task_manager_dies_with_its_job_manager);
    tcase_add_test(tests, a_job_that_fails_by_itself_is_not_started_again);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
