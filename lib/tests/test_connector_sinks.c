/*
 * The sinks for eyes and files: labels, whole lines from several threads, when lines appear, files.
 */
#include "base/buf.h"
#include "base/mem.h"

#include <weir/connectors.h>

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define POINT_FIELDS(F, T)                                                                         \
    F(T, string, name, "name", required)                                                           \
    F(T, int64, x, "x", required)
WEIR_DECLARE_TYPE(point, POINT_FIELDS);
WEIR_DEFINE_TYPE(point, POINT_FIELDS);

enum { WRITERS = 4, LINES = 5000 };

static char path[] = "/tmp/weir-test-sink-XXXXXX";
static FILE *file;

static void make_file(void)
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    file = fdopen(fd, "w+");
}

static void remove_file(void)
{
    fclose(file);
    unlink(path);
}

static char *content(void)
{
    struct weir__buf buf = {0};
    char chunk[4096];
    size_t got;
    FILE *again = fopen(path, "r");
    ck_assert_ptr_nonnull(again);
    while ((got = fread(chunk, 1, sizeof chunk, again)) > 0) {
        weir__buf_put(&buf, chunk, got);
    }
    fclose(again);
    weir__buf_put_u8(&buf, '\0');
    return buf.data;
}

static void expect_content(const char *expected)
{
    char *text = content();
    ck_assert_str_eq(text, expected);
    weir__free(text);
}

/* ---- one subtask's writer ---- */

static int64_t restored; /* the checkpoint from which the job goes on; 0: it begins anew */

static void *open_writer(weir_sink *sink, int subtask, int parallelism)
{
    struct weir_error error = {0};
    void *writer = sink->ops->writer_new(sink->config);
    struct weir_sink_context context = {.subtask = subtask,
                                        .parallelism = parallelism,
                                        .type = &point_type,
                                        .restored_checkpoint = restored,
                                        .clock = &weir_system_clock};
    ck_assert_int_eq(sink->ops->open(writer, &context, &error), WEIR_OK);
    return writer;
}

static void write_point(weir_sink *sink, void *writer, const char *name, int64_t x)
{
    struct weir_error error = {0};
    struct point point = {.name = weir_str_from(name), .x = x};
    ck_assert_int_eq(sink->ops->write(writer, &point, 1000 + x, &error), WEIR_OK);
}

static void close_writer(weir_sink *sink, void *writer)
{
    struct weir_error error = {0};
    ck_assert_int_eq(sink->ops->flush(writer, &error), WEIR_OK);
    sink->ops->writer_free(writer);
}

static void free_sink(weir_sink *sink)
{
    sink->ops->config_free(sink->config);
    weir__free(sink);
}

/* ---- print ---- */

static weir_sink *print_to_file(const char *label, const char *heading)
{
    return weir_print_lines(
        &(struct weir_print_config){.label = label, .heading = heading, .stream = file});
}

START_TEST(label_goes_before_the_json)
{
    weir_sink *sink = print_to_file("PAGES", NULL);
    void *writer = open_writer(sink, 0, 1);
    write_point(sink, writer, "a", 1);
    close_writer(sink, writer);
    free_sink(sink);
    expect_content("PAGES> {\"name\":\"a\",\"x\":1}\n");
}
END_TEST

START_TEST(subtask_is_shown_when_there_are_several)
{
    weir_sink *sink = print_to_file("PAGES", NULL);
    void *writer = open_writer(sink, 1, 2);
    write_point(sink, writer, "a", 1);
    close_writer(sink, writer);
    free_sink(sink);
    expect_content("PAGES:2> {\"name\":\"a\",\"x\":1}\n");
}
END_TEST

START_TEST(long_values_are_printed_whole)
{
    char name[3000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    weir_sink *sink = print_to_file(NULL, NULL);
    void *writer = open_writer(sink, 0, 1);
    write_point(sink, writer, name, 7);
    close_writer(sink, writer);
    free_sink(sink);
    char *text = content();
    ck_assert_uint_eq(strlen(text), strlen("{'name':'','x':7}\n") + strlen(name));
    weir__free(text);
}
END_TEST

/* Fault 11: what came from outside never reaches the terminal raw. */
START_TEST(control_characters_are_escaped)
{
    weir_sink *sink = print_to_file(NULL, NULL);
    void *writer = open_writer(sink, 0, 1);
    write_point(sink, writer, "\033[2J\xff", 1);
    close_writer(sink, writer);
    free_sink(sink);
    expect_content("{\"name\":\"\\u001b[2J\\ufffd\",\"x\":1}\n");
}
END_TEST

static void point_line(const void *value, char *text, size_t size, void *user)
{
    const struct point *point = value;
    snprintf(text, size, "%s%.*s=%d", (const char *)user, WEIR_STR_ARG(point->name), (int)point->x);
}

START_TEST(control_characters_in_lines_of_ones_own_are_escaped)
{
    weir_sink *sink = weir_print_lines(
        &(struct weir_print_config){.write = point_line, .user = "→ ", .stream = file});
    void *writer = open_writer(sink, 0, 1);
    write_point(sink, writer, "\033[2J\n\xff\\", 1);
    close_writer(sink, writer);
    free_sink(sink);
    expect_content("→ \\x1b[2J\\x0a\\xff\\=1\n");
}
END_TEST

START_TEST(heading_is_printed_once_before_the_first_line)
{
    weir_sink *sink = weir_print_lines(&(struct weir_print_config){
        .heading = "POINT", .write = point_line, .user = "  ", .stream = file});
    void *first = open_writer(sink, 0, 1);
    void *second = open_writer(sink, 0, 1);
    expect_content("");
    write_point(sink, first, "a", 1);
    close_writer(sink, first);
    write_point(sink, second, "b", 2);
    close_writer(sink, second);
    free_sink(sink);
    expect_content("POINT\n  a=1\n  b=2\n");
}
END_TEST

START_TEST(lines_appear_when_nothing_more_comes)
{
    struct weir_error error = {0};
    weir_sink *sink = print_to_file(NULL, NULL);
    void *writer = open_writer(sink, 0, 1);
    write_point(sink, writer, "a", 1);
    ck_assert_int_eq(sink->ops->idle(writer, &error), WEIR_OK);
    expect_content("{\"name\":\"a\",\"x\":1}\n");
    close_writer(sink, writer);
    free_sink(sink);
}
END_TEST

START_TEST(full_device_is_an_error_with_the_reason)
{
    struct weir_error error = {0};
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL) {
        puts("# SKIP there is no /dev/full");
        return;
    }
    weir_sink *sink = weir_print_lines(&(struct weir_print_config){.stream = full});
    void *writer = open_writer(sink, 0, 1);
    write_point(sink, writer, "a", 1);
    ck_assert_int_eq(sink->ops->flush(writer, &error), WEIR_IO);
    ck_assert_ptr_nonnull(strstr(error.message, "No space left"));
    sink->ops->writer_free(writer);
    free_sink(sink);
    fclose(full);
}
END_TEST

/* ---- several threads ---- */

struct job {
    weir_sink *sink;
    int subtask;
};

static void *write_many(void *user)
{
    struct job *job = user;
    void *writer = open_writer(job->sink, job->subtask, WRITERS);
    for (int i = 0; i < LINES; i++) {
        write_point(job->sink, writer, "subtask", job->subtask);
    }
    close_writer(job->sink, writer);
    return NULL;
}

static void run_writers(weir_sink *sink)
{
    pthread_t threads[WRITERS];
    struct job jobs[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        jobs[i] = (struct job){sink, i};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, write_many, &jobs[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    free_sink(sink);
}

/* Every subtask's line comes LINES times, and nothing else does. */
static void expect_whole_lines(bool labelled)
{
    int counts[WRITERS] = {0};
    int lines = 0;
    char *text = content();
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"), lines++) {
        char expected[100];
        int subtask = line[strlen(line) - 2] - '0';
        ck_assert_int_ge(subtask, 0);
        ck_assert_int_lt(subtask, WRITERS);
        if (labelled) {
            snprintf(expected, sizeof expected, "P:%d> {\"name\":\"subtask\",\"x\":%d}",
                     subtask + 1, subtask);
        } else {
            snprintf(expected, sizeof expected, "{\"name\":\"subtask\",\"x\":%d}", subtask);
        }
        ck_assert_str_eq(line, expected);
        counts[subtask]++;
    }
    ck_assert_int_eq(lines, WRITERS * LINES);
    for (int i = 0; i < WRITERS; i++) {
        ck_assert_int_eq(counts[i], LINES);
    }
    weir__free(text);
}

START_TEST(printed_lines_of_several_subtasks_are_whole)
{
    run_writers(print_to_file("P", NULL));
    expect_whole_lines(true);
}
END_TEST

START_TEST(json_lines_of_several_subtasks_are_whole)
{
    run_writers(weir_jsonl_sink(path, &point_type));
    expect_whole_lines(false);
}
END_TEST

/* ---- JSON lines ---- */

START_TEST(json_lines_file_is_emptied_at_the_start)
{
    fputs("from before\n", file);
    fflush(file);
    weir_sink *sink = weir_jsonl_sink(path, &point_type);
    void *writer = open_writer(sink, 0, 1);
    write_point(sink, writer, "a", 1);
    close_writer(sink, writer);
    /* A restart of the job opens again, and goes on. */
    writer = open_writer(sink, 0, 1);
    write_point(sink, writer, "b", 2);
    close_writer(sink, writer);
    free_sink(sink);
    expect_content("{\"name\":\"a\",\"x\":1}\n{\"name\":\"b\",\"x\":2}\n");
}
END_TEST

/* A task manager that was killed, and the next one. */
START_TEST(json_lines_file_goes_on_behind_its_last_whole_line_after_a_restore)
{
    fputs("from before\nhalf a l", file);
    fflush(file);
    restored = 7;
    for (int life = 1; life <= 2; life++) {
        weir_sink *sink = weir_jsonl_sink(path, &point_type);
        void *writer = open_writer(sink, 0, 1);
        write_point(sink, writer, "a", life);
        close_writer(sink, writer);
        free_sink(sink);
    }
    restored = 0;
    expect_content("from before\n{\"name\":\"a\",\"x\":1}\n{\"name\":\"a\",\"x\":2}\n");
}
END_TEST

START_TEST(dead_letters_go_to_a_file)
{
    struct weir_error error = {0};
    struct weir_dead_letter letter = {.source = WEIR_STR("Kafka"),
                                      .split = 1,
                                      .position = 7,
                                      .reason = WEIR_STR("expected an object"),
                                      .payload = WEIR_STR("nonsense")};
    weir_sink *sink = weir_dead_letter_sink(path);
    void *writer = open_writer(sink, 0, 1);
    ck_assert_int_eq(sink->ops->write(writer, &letter, 0, &error), WEIR_OK);
    close_writer(sink, writer);
    free_sink(sink);
    expect_content("{\"source\":\"Kafka\",\"split\":1,\"position\":7,\"reason\":"
                   "\"expected an object\",\"payload\":\"nonsense\"}\n");
}
END_TEST

START_TEST(dead_letters_go_to_a_kafka_topic)
{
    weir_sink *sink = weir_dead_letter_sink("kafka:clickstream-dlq");
    ck_assert_str_eq(sink->name, "Kafka");
    ck_assert_ptr_eq(sink->type, &weir_dead_letter_type);
    free_sink(sink);
}
END_TEST

START_TEST(file_that_cannot_be_created_is_named)
{
    struct weir_error error = {0};
    weir_sink *sink = weir_jsonl_sink("/no/such/directory/file", &point_type);
    void *writer = sink->ops->writer_new(sink->config);
    struct weir_sink_context context = {.parallelism = 1, .type = &point_type};
    ck_assert_int_eq(sink->ops->open(writer, &context, &error), WEIR_IO);
    ck_assert_str_eq(error.where, "/no/such/directory/file");
    sink->ops->writer_free(writer);
    free_sink(sink);
}
END_TEST

/* ---- collect ---- */

static void add_up(const void *value, int64_t timestamp, void *user)
{
    const struct point *point = value;
    int64_t *sums = user; /* unguarded: the sink calls one at a time */
    sums[0] += point->x;
    sums[1] += timestamp;
}

START_TEST(collect_calls_one_at_a_time)
{
    int64_t sums[2] = {0, 0};
    run_writers(weir_collect(add_up, sums));
    ck_assert_int_eq(sums[0], LINES * (0 + 1 + 2 + 3));
    ck_assert_int_eq(sums[1], LINES * (4 * 1000 + 0 + 1 + 2 + 3));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connector sinks");
    TCase *tests = tcase_create("sinks");
    tcase_add_checked_fixture(tests, make_file, remove_file);
    tcase_add_test(tests, label_goes_before_the_json);
    tcase_add_test(tests, subtask_is_shown_when_there_are_several);
    tcase_add_test(tests, long_values_are_printed_whole);
    tcase_add_test(tests, control_characters_are_escaped);
    tcase_add_test(tests, control_characters_in_lines_of_ones_own_are_escaped);
    tcase_add_test(tests, heading_is_printed_once_before_the_first_line);
    tcase_add_test(tests, lines_appear_when_nothing_more_comes);
    tcase_add_test(tests, full_device_is_an_error_with_the_reason);
    tcase_add_test(tests, printed_lines_of_several_subtasks_are_whole);
    tcase_add_test(tests, json_lines_of_several_subtasks_are_whole);
    tcase_add_test(tests, json_lines_file_is_emptied_at_the_start);
    tcase_add_test(tests, json_lines_file_goes_on_behind_its_last_whole_line_after_a_restore);
    tcase_add_test(tests, dead_letters_go_to_a_file);
    tcase_add_test(tests, dead_letters_go_to_a_kafka_topic);
    tcase_add_test(tests, file_that_cannot_be_created_is_named);
    tcase_add_test(tests, collect_calls_one_at_a_time);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
