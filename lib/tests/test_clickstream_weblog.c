/*
 * Access logs through a job: every line is an event or a dead letter, and the dead letters say why.
 * WEIR_WEBLOG_ELB names a file of real lines to be tried too.
 */
#include <clickstream/generator.h>
#include <clickstream/weblog_generator.h>
#include <weir/weir.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINES = 5000 };

static char path[] = "/tmp/weir-test-weblog-XXXXXX";

static void count_event(const void *value, int64_t timestamp, void *user)
{
    const struct elb_request *request = value;
    (void)timestamp;
    *(int64_t *)user += request->timestamp > 0;
}

static void count_letter(const void *value, int64_t timestamp, void *user)
{
    const struct weir_dead_letter *letter = value;
    (void)timestamp;
    *(int64_t *)user += letter->reason.len > 0 && letter->payload.data != NULL;
}

struct counts {
    int64_t events;
    int64_t dead_letters;
};

static struct counts run(const char *file, int splits)
{
    struct counts counts = {0, 0};
    char *args[] = {"weblog", "-p", "2", NULL};
    weir_env *env = weir_env_new("weblog", 3, args);
    weir_stream *requests = weir_from_source(
        env, weir_file_source(&(struct weir_file_source_config){
                 .path = file, .format = weir_elb(&elb_request_type), .splits = splits}));
    weir_sink_to(requests, weir_collect(count_event, &counts.events));
    weir_sink_to(weir_side_output(requests, &weir_dead_letters),
                 weir_collect(count_letter, &counts.dead_letters));
    ck_assert_int_eq(weir_execute(env), 0);
    weir_env_free(env);
    return counts;
}

/* Writes generated lines, every tenth of them damaged; returns how many were. */
static int write_lines(FILE *file)
{
    static const char *const damaged[] = {
        "", "GET / HTTP/1.1", "2015-07-22T09:00:28.019143Z shop 1.2.3.4:5 -",
        "yesterday shop 1.2.3.4:5 - -1 -1 -1 504 0 0 0 \"GET / HTTP/1.1\" \"-\" - -",
        "2015-07-22T09:00:28Z shop 1.2.3.4:5 - -1 -1 -1 504 0 0 0 \"GET /\xff HTTP/1.1\" \"-\" - "
        "-"};
    struct weblog_generator generator = {
        .seed = 5, .users = WEBLOG_GENERATOR_USERS, .pages = CLICK_GENERATOR_PAGES};
    weir_encoder *encoder = weir_encoder_new(weir_elb(&elb_request_type));
    int bad = 0;
    for (int i = 0; i < LINES; i++) {
        if (i % 10 == 3) {
            fprintf(file, "%s\n", damaged[bad++ % 5]);
            continue;
        }
        struct elb_request request;
        weblog_generator_event(&generator, (uint64_t)i, INT64_C(1437555628019143) + i * 1000,
                               &request);
        struct weir_str line = weir_encoder_encode(encoder, &request);
        fprintf(file, "%.*s\n", WEIR_STR_ARG(line));
    }
    weir_encoder_free(encoder);
    return bad;
}

START_TEST(every_line_is_an_event_or_a_dead_letter)
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "w");
    ck_assert_ptr_nonnull(file);
    int bad = write_lines(file);
    ck_assert_int_eq(fclose(file), 0);
    for (int splits = 1; splits <= 3; splits++) {
        struct counts counts = run(path, splits);
        ck_assert_int_eq(counts.dead_letters, bad);
        ck_assert_int_eq(counts.events, LINES - bad);
    }
    unlink(path);
}
END_TEST

START_TEST(no_line_of_a_real_log_is_lost)
{
    const char *real = getenv("WEIR_WEBLOG_ELB");
    FILE *file = real != NULL && *real != '\0' ? fopen(real, "r") : NULL;
    int64_t lines = 0;
    if (file == NULL) {
        puts("WEIR_WEBLOG_ELB names no file: not tried");
        return;
    }
    for (int c; (c = getc(file)) != EOF;) {
        lines += c == '\n';
    }
    fclose(file);
    struct counts counts = run(real, 2);
    ck_assert_int_eq(counts.events + counts.dead_letters, lines);
    ck_assert_int_gt(counts.events, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clickstream weblog");
    TCase *tests = tcase_create("weblog");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_line_is_an_event_or_a_dead_letter);
    tcase_add_test(tests, no_line_of_a_real_log_is_lost);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
