/*
 * The trace as its readers see it: what lines a job's calls become, in which order, and what
 * happens when a reader is slow, absent or goes away.
 */
#include "trace/trace.h"

#include "base/mem.h"

#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char directory[] = "/tmp/weir-trace-XXXXXX";
static char path[64];
static struct weir_manual_clock manual;

static void make_directory(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/trace", directory);
    weir_manual_clock_init(&manual, 5000);
}

static void remove_directory(void)
{
    unlink(path);
    ck_assert_int_eq(rmdir(directory), 0);
    memcpy(directory + sizeof directory - 7, "XXXXXX", 6);
}

static struct weir__trace *open_trace(const char *target)
{
    struct weir__trace *trace = NULL;
    struct weir_error error;
    ck_assert_msg(weir__trace_open(target, &manual.clock, &trace, &error) == WEIR_OK, "%s",
                  error.message);
    return trace;
}

/* The whole file, NUL-terminated; the caller frees it. */
static char *read_all(void)
{
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = weir__alloc(size + 1);
    ck_assert_uint_eq(fread(text, 1, size, file), size);
    text[size] = '\0';
    fclose(file);
    return text;
}

static void expect_file(const char *expected)
{
    char *text = read_all();
    ck_assert_str_eq(text, expected);
    weir__free(text);
}

START_TEST(every_call_becomes_the_line_that_the_design_describes)
{
    struct weir__trace *trace = open_trace(path);
    struct weir__tracer *t = weir__trace_tracer(trace);
    weir__trace_job(t, "\"name\":\"job\",\"operators\":[]");
    manual.ms = 5001;
    weir__trace_record(t, weir__trace_next_id(t), 2, 0, "p1", WEIR_STR("/home"), 1000,
                       WEIR_STR("{}"));
    weir__trace_watermark(t, 2, 0, "p1", 995);
    weir__trace_watermark(t, 2, 0, NULL, INT64_MIN);
    weir__trace_idle(t, 2, 0, "p1", true);
    weir__trace_window(t, "add", 3, 1, WEIR_STR("/home"), 0, 10, 4, (struct weir_str){NULL, 0});
    weir__trace_merge(t, 3, 1, WEIR_STR("a"), 0, 30, 3, (const int64_t[][2]){{0, 10}, {9, 30}}, 2);
    weir__trace_late(t, 7, 3, WEIR_STR("a"), 1, 20, "side-output");
    weir__trace_timer(t, "register", 3, 1, WEIR_STR("a"), 29, "event");
    weir__trace_queue(t, 3, 1, "0", 2, 8);
    weir__trace_failure(t, 3, 1, "boom", 2);
    weir__trace_result(t, 4, WEIR_STR("a"), 29, WEIR_STR("3"));
    weir__trace_close(trace);
    expect_file("{\"t\":\"job\",\"seq\":0,\"at\":0,\"name\":\"job\",\"operators\":[]}\n"
                "{\"t\":\"record\",\"seq\":1,\"at\":1000000,\"id\":1,\"op\":2,\"sub\":0,\"from\":"
                "\"p1\",\"key\":\"/home\","
                "\"ts\":1000,\"value\":\"{}\"}\n"
                "{\"t\":\"watermark\",\"seq\":2,\"at\":1000000,\"op\":2,\"sub\":0,\"channel\":"
                "\"p1\",\"value\":995}\n"
                "{\"t\":\"watermark\",\"seq\":3,\"at\":1000000,\"op\":2,\"sub\":0,\"value\":-"
                "9223372036854775808}\n"
                "{\"t\":\"idle\",\"seq\":4,\"at\":1000000,\"op\":2,\"sub\":0,\"channel\":\"p1\","
                "\"idle\":true}\n"
                "{\"t\":\"window\",\"seq\":5,\"at\":1000000,\"action\":\"add\",\"op\":3,\"sub\":1,"
                "\"key\":\"/home\","
                "\"start\":0,\"end\":10,\"n\":4,\"value\":null}\n"
                "{\"t\":\"window\",\"seq\":6,\"at\":1000000,\"action\":\"merge\",\"op\":3,\"sub\":"
                "1,\"key\":\"a\","
                "\"start\":0,\"end\":30,\"n\":3,\"from\":[[0,10],[9,30]],\"value\":null}\n"
                "{\"t\":\"late\",\"seq\":7,\"at\":1000000,\"id\":7,\"op\":3,\"key\":\"a\",\"ts\":1,"
                "\"watermark\":20,"
                "\"to\":\"side-output\"}\n"
                "{\"t\":\"timer\",\"seq\":8,\"at\":1000000,\"action\":\"register\",\"op\":3,"
                "\"sub\":1,\"key\":\"a\","
                "\"ts\":29,\"domain\":\"event\"}\n"
                "{\"t\":\"queue\",\"seq\":9,\"at\":1000000,\"op\":3,\"sub\":1,\"channel\":\"0\","
                "\"used\":2,\"capacity\":8}\n"
                "{\"t\":\"failure\",\"seq\":10,\"at\":1000000,\"op\":3,\"sub\":1,\"reason\":"
                "\"boom\",\"attempt\":2}\n"
                "{\"t\":\"result\",\"seq\":11,\"at\":1000000,\"op\":4,\"key\":\"a\",\"ts\":29,"
                "\"value\":\"3\"}\n");
}
END_TEST

START_TEST(hostile_text_is_escaped_and_cut_between_characters)
{
    struct weir__trace *trace = open_trace(path);
    struct weir__tracer *t = weir__trace_tracer(trace);
    char text[260];
    memset(text, 'x', sizeof text);
    memcpy(text + 199, "\xC3\xA9", 2); /* the 200th byte is the first of two */
    weir__trace_result(t, 0, WEIR_STR("\x1b[2J\"\\\xff\xc2\x9b"), 0,
                       (struct weir_str){text, sizeof text});
    weir__trace_close(trace);
    char *line = read_all();
    ck_assert_ptr_nonnull(strstr(line, "\"key\":\"\\u001b[2J\\\"\\\\\\ufffd\\u009b\""));
    ck_assert_ptr_nonnull(strstr(line, "xxx\"}\n"));
    ck_assert_uint_eq(strlen(strstr(line, "\"value\":\"")) - strlen("\"value\":\"\"}\n"), 199);
    weir__free(line);
}
END_TEST

enum { THREADS = 3, TURNS = 600 };

struct relay {
    struct weir__tracer *tracer;
    int number;
    int *turn;
    pthread_mutex_t *lock;
    pthread_cond_t *changed;
};

/* Threads take turns, and each says which turn it was: every event is caused by the one before, in
 * another thread. */
static void *run_relay(void *user)
{
    struct relay *relay = user;
    pthread_mutex_lock(relay->lock);
    while (*relay->turn < TURNS) {
        if (*relay->turn % THREADS == relay->number) {
            weir__trace_queue(relay->tracer, relay->number, 0, NULL, *relay->turn, 0);
            (*relay->turn)++;
            pthread_cond_broadcast(relay->changed);
        } else {
            pthread_cond_wait(relay->changed, relay->lock);
        }
    }
    pthread_mutex_unlock(relay->lock);
    return NULL;
}

START_TEST(causes_are_written_before_effects_across_threads)
{
    struct weir__trace *trace = open_trace(path);
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    int turn = 0;
    pthread_t threads[THREADS];
    struct relay relays[THREADS];
    for (int i = 0; i < THREADS; i++) {
        relays[i] = (struct relay){weir__trace_tracer(trace), i, &turn, &lock, &changed};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run_relay, &relays[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    weir__trace_close(trace);

    char *text = read_all();
    const char *at = text;
    long last = -1;
    while ((at = strstr(at, "\"used\":")) != NULL) {
        long used = strtol(at + 7, NULL, 10);
        ck_assert_int_gt(used, last); /* some may be dropped, none may be out of order */
        last = used;
        at++;
    }
    ck_assert_int_eq(last, TURNS - 1);
    weir__free(text);
}
END_TEST

static int listen_at(const char *where)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", where);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    return fd;
}

/* Sums what arrived and what the gaps say is missing. */
static void count_events(FILE *in, int64_t *events, int64_t *dropped)
{
    char line[1024];
    while (fgets(line, sizeof line, in) != NULL) {
        const char *gap = strstr(line, "\"dropped\":");
        *dropped += gap != NULL ? strtoll(gap + 10, NULL, 10) : 0;
        *events += gap == NULL;
    }
}

static void *run_reader(void *user)
{
    int64_t *sums = user;
    FILE *in = fdopen((int)sums[2], "r");
    count_events(in, &sums[0], &sums[1]);
    fclose(in);
    return NULL;
}

/* Fault list, row 20: a full socket. */
START_TEST(slow_reader_loses_counted_events_and_never_stops_the_job)
{
    int listener = listen_at(path);
    char target[80];
    snprintf(target, sizeof target, "unix:%s", path);
    struct weir__trace *trace = open_trace(target);
    struct weir__tracer *t = weir__trace_tracer(trace);
    int64_t sums[3] = {0, 0, accept(listener, NULL, NULL)};
    int64_t said = 350000; /* more than ring and socket hold; nobody reads yet */
    for (int64_t i = 0; i < said; i++) {
        weir__trace_queue(t, 0, 0, "channel", i, 0);
    }
    pthread_t reader;
    ck_assert_int_eq(pthread_create(&reader, NULL, run_reader, sums), 0);
    weir__trace_close(trace);
    pthread_join(reader, NULL);
    close(listener);
    ck_assert_int_gt(sums[1], 0);
    ck_assert_int_eq(sums[0] + sums[1], said);
}
END_TEST

START_TEST(reader_that_goes_away_does_not_hurt_the_job)
{
    int listener = listen_at(path);
    char target[80];
    snprintf(target, sizeof target, "unix:%s", path);
    struct weir__trace *trace = open_trace(target);
    struct weir__tracer *t = weir__trace_tracer(trace);
    close(accept(listener, NULL, NULL));
    close(listener);
    for (int i = 0; i < 1000; i++) {
        weir__trace_queue(t, 0, 0, "channel", i, 0);
    }
    weir__trace_close(trace);
}
END_TEST

START_TEST(reader_that_stops_reading_does_not_keep_the_job_from_ending)
{
    int listener = listen_at(path);
    char target[80];
    snprintf(target, sizeof target, "unix:%s", path);
    struct weir__trace *trace = open_trace(target);
    struct weir__tracer *t = weir__trace_tracer(trace);
    int silent = accept(listener, NULL, NULL);
    for (int i = 0; i < 20000; i++) {
        weir__trace_queue(t, 0, 0, "channel", i, 0);
    }
    weir__trace_close(trace); /* would hang here */
    close(silent);
    close(listener);
}
END_TEST

START_TEST(targets_that_cannot_be_opened_say_why)
{
    struct weir__trace *trace = NULL;
    struct weir_error error;
    ck_assert_int_eq(weir__trace_open("/nowhere/trace", &manual.clock, &trace, &error), WEIR_IO);
    ck_assert_ptr_nonnull(strstr(error.message, "cannot write the trace"));
    char target[80];
    snprintf(target, sizeof target, "unix:%s", path);
    ck_assert_int_eq(weir__trace_open(target, &manual.clock, &trace, &error), WEIR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(error.message, "weir viz --listen"));
    char longest[300] = "unix:";
    memset(longest + 5, 'x', sizeof longest - 6);
    longest[sizeof longest - 1] = '\0';
    ck_assert_int_eq(weir__trace_open(longest, &manual.clock, &trace, &error), WEIR_INVALID);
}
END_TEST

START_TEST(full_disk_is_reported_once_and_the_job_goes_on)
{
    if (access("/dev/full", W_OK) != 0) {
        return;
    }
    struct weir__trace *trace = open_trace("/dev/full");
    struct weir__tracer *t = weir__trace_tracer(trace);
    weir__trace_queue(t, 0, 0, "channel", 1, 0);
    weir__trace_close(trace);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("writer");
    tcase_add_checked_fixture(tests, make_directory, remove_directory);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_call_becomes_the_line_that_the_design_describes);
    tcase_add_test(tests, hostile_text_is_escaped_and_cut_between_characters);
    tcase_add_test(tests, causes_are_written_before_effects_across_threads);
    tcase_add_test(tests, slow_reader_loses_counted_events_and_never_stops_the_job);
    tcase_add_test(tests, reader_that_goes_away_does_not_hurt_the_job);
    tcase_add_test(tests, reader_that_stops_reading_does_not_keep_the_job_from_ending);
    tcase_add_test(tests, targets_that_cannot_be_opened_say_why);
    tcase_add_test(tests, full_disk_is_reported_once_and_the_job_goes_on);
    Suite *suite = suite_create("trace");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
