/*
 * The file sink on S3: parts that appear when their checkpoint is complete, every line exactly
 * once, whichever request is the last one of a life, and trouble that passes. Semantics sheet,
 * section 20.
 */
#include <stdio.h>

#if !defined(WEIR_HAVE_LIBCURL) || !defined(WEIR_HAVE_LIBCRYPTO)
int main(void)
{
    puts("# SKIP libcurl or libcrypto is not installed");
    return 0;
}
#else

#include "base/log.h"
#include "connector/file_sink.h"
#include "connector/s3_request.h"
#include "connector/s3_xml.h"
#include "s3_stand_in.h"

#include <check.h>

#define POINT_FIELDS(F, T) F(T, int64, x, "x", required)
WEIR_DECLARE_TYPE(point, POINT_FIELDS);
WEIR_DEFINE_TYPE(point, POINT_FIELDS);

/* {"x":1} and a newline are 8 bytes: an upload has three lines a part. */
enum { LINE = 8, PART = 3 * LINE, MAX_WRITERS = 2 };
#define SECRET             "this-is-the-secret"

static struct s3_stand_in s3;
static char endpoint[64];
static struct weir_manual_clock now;
static weir_sink *sink;
static void *writers[MAX_WRITERS];
static int64_t interval_ms; /* of checkpoints */
static struct weir_error error;
static char log_text[2000];

static void keep_log(enum weir__log_level level, const char *line, void *user)
{
    (void)level;
    (void)user;
    size_t len = strlen(log_text);
    snprintf(log_text + len, sizeof log_text - len, "%s\n", line);
}

static void set_up(void)
{
    static const char *const variables[] = {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION",
                                            "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        unsetenv(variables[i]);
    }
    setenv("AWS_ACCESS_KEY_ID", "learner", 1);
    setenv("AWS_SECRET_ACCESS_KEY", SECRET, 1);
    s3_start(&s3);
    s3.least_part = PART;
    snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%d/", s3.port);
    weir_manual_clock_init(&now, 1729630800000); /* 2024-10-22T21:00:00Z */
    weir__log_set_writer(keep_log, NULL);
    log_text[0] = '\0';
    interval_ms = 1000;
    error = (struct weir_error){0};
}

static void end_life(void)
{
    for (int i = 0; i < MAX_WRITERS; i++) {
        if (writers[i] != NULL) {
            sink->ops->writer_free(writers[i]);
            writers[i] = NULL;
        }
    }
}

static void free_sink(void)
{
    end_life();
    if (sink != NULL) {
        sink->ops->config_free(sink->config);
        weir__free(sink);
        sink = NULL;
    }
}

static void tear_down(void)
{
    free_sink();
    s3_stop(&s3);
    ck_assert_msg(strstr(log_text, SECRET) == NULL, "%s", log_text);
    ck_assert_msg(strstr(error.message, SECRET) == NULL, "%s", error.message);
    weir__log_set_writer(NULL, NULL);
}

/* Fields of the configs; path, format and endpoint are set here. */
static void make_sink_on(struct weir_file_sink_config config, struct weir_s3_config place)
{
    static const struct weir__s3_tuning tuning = {.first_wait_ms = 1, .least_part_bytes = PART};
    free_sink();
    place.endpoint = place.endpoint != NULL ? place.endpoint : endpoint;
    place.timeout_ms = place.timeout_ms != 0 ? place.timeout_ms : 20000;
    config.s3 = &place;
    config.path = config.path != NULL ? config.path : "s3://lake/a=b/";
    config.format = weir_json(&point_type);
    sink = weir__file_sink_tuned(&config, &tuning);
}

static void make_sink(struct weir_file_sink_config config)
{
    config.bucket = "";
    make_sink_on(config, (struct weir_s3_config){0});
}

static enum weir_status start_of(int subtask)
{
    struct weir_sink_context context = {.subtask = subtask,
                                        .parallelism = MAX_WRITERS,
                                        .type = &point_type,
                                        .clock = &now.clock,
                                        .checkpoint_interval_ms = interval_ms};
    writers[subtask] = sink->ops->writer_new(sink->config);
    return sink->ops->open(writers[subtask], &context, &error);
}

#define OK(call) ck_assert_msg((call) == WEIR_OK, "%s: %s", error.where, error.message)

static void start(void)
{
    OK(start_of(0));
}

static enum weir_status put_to(int subtask, int64_t x)
{
    struct point point = {.x = x};
    return sink->ops->write(writers[subtask], &point, 0, &error);
}
static void put(int64_t first, int64_t last)
{
    for (int64_t x = first; x <= last; x++) {
        OK(put_to(0, x));
    }
}

/* A copy of the state; freed with weir__free. */
static enum weir_status try_prepare(int subtask, int64_t checkpoint, struct weir_str *state)
{
    struct weir_str borrowed = {NULL, 0};
    enum weir_status status = sink->ops->prepare(writers[subtask], checkpoint, &borrowed, &error);
    *state = status == WEIR_OK
                 ? (struct weir_str){weir__memdup(borrowed.data, borrowed.len), borrowed.len}
                 : (struct weir_str){NULL, 0};
    return status;
}
static struct weir_str prepare(int64_t checkpoint)
{
    struct weir_str state;
    OK(try_prepare(0, checkpoint, &state));
    return state;
}

static enum weir_status try_commit(int subtask, int64_t checkpoint)
{
    return sink->ops->commit(writers[subtask], &(struct weir_sink_commit){.checkpoint = checkpoint},
                             &error);
}

static void checkpoint(int64_t id)
{
    weir__free((char *)prepare(id).data);
    OK(try_commit(0, id));
}

static enum weir_status restore_to(int subtask, struct weir_str state)
{
    return sink->ops->restore(writers[subtask], state, &error);
}

/* The life ends here and now: no request of it gets through any more. */
static void crash(void)
{
    s3_trouble(&s3, NO_ANSWER, 1, 1000000);
    end_life();
    s3_trouble(&s3, NO_TROUBLE, 1, 0);
}

static void end_input(void)
{
    OK(sink->ops->finish(writers[0], &error));
}

/* "a=b/part-0-0: {"x":1} {"x":2} \n", by key. */
static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct stored *)a)->key, ((const struct stored *)b)->key);
}
static void expect_objects(const char *expected)
{
    struct weir__buf out = {0};
    pthread_mutex_lock(&s3.lock);
    if (s3.objects.count > 1) {
        qsort(s3.objects.items, s3.objects.count, sizeof(struct stored), by_key);
    }
    for (size_t i = 0; i < s3.objects.count; i++) {
        const struct stored *object = weir__vec_at(&s3.objects, i);
        weir__buf_printf(&out, "%s: ", object->key);
        for (size_t at = 0; at < object->bytes.len; at++) {
            char byte = object->bytes.data[at];
            weir__buf_put_u8(&out, (uint8_t)(byte == '\n' ? ' ' : byte));
        }
        weir__buf_put_u8(&out, '\n');
    }
    pthread_mutex_unlock(&s3.lock);
    weir__buf_put_u8(&out, '\0');
    ck_assert_str_eq(out.data, expected);
    weir__buf_fini(&out);
}

/* ---- life of a part ---- */

START_TEST(a_part_is_an_object_when_its_checkpoint_is_complete)
{
    make_sink_on((struct weir_file_sink_config){.roll_on_checkpoint = true,
                                                .suffix = ".jsonl",
                                                .bucket_utc = true},
                 (struct weir_s3_config){0});
    start();
    put(1, 2);
    weir__free((char *)prepare(1).data);
    expect_objects("");
    OK(try_commit(0, 1));
    expect_objects("a=b/2024-10-22--21/part-0-0.jsonl: {\"x\":1} {\"x\":2} \n");
    put(3, 3);
    checkpoint(2);
    expect_objects("a=b/2024-10-22--21/part-0-0.jsonl: {\"x\":1} {\"x\":2} \n"
                   "a=b/2024-10-22--21/part-0-1.jsonl: {\"x\":3} \n");
    ck_assert_uint_eq(s3_open_uploads(&s3), 0);
}
END_TEST

START_TEST(a_large_part_is_uploaded_while_it_grows)
{
    make_sink((struct weir_file_sink_config){.max_part_bytes = 7 * LINE});
    start();
    put(1, 2);
    ck_assert_uint_eq(s3_open_uploads(&s3), 0);
    put(3, 3); /* a part of the upload is full */
    ck_assert_uint_eq(s3_open_uploads(&s3), 1);
    put(4, 8);
    checkpoint(1);
    expect_objects("a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} {\"x\":4} {\"x\":5} {\"x\":6} "
                   "{\"x\":7} {\"x\":8} \n");
}
END_TEST

START_TEST(an_open_part_grows_over_checkpoints)
{
    make_sink((struct weir_file_sink_config){0});
    start();
    put(1, 4);
    checkpoint(1);
    put(5, 5);
    checkpoint(2);
    expect_objects("");
    end_input();
    checkpoint(3);
    expect_objects("a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} {\"x\":4} {\"x\":5} \n");
}
END_TEST

START_TEST(without_checkpoints_a_small_part_is_put_whole_at_the_end)
{
    interval_ms = 0;
    make_sink((struct weir_file_sink_config){.max_part_bytes = 3 * LINE});
    start();
    put(1, 6); /* a large part, finished before the end, and a small one */
    end_input();
    int before = s3_requests(&s3);
    checkpoint(1);
    ck_assert_int_eq(s3_requests(&s3), before + 2); /* one is completed, one is put */
    expect_objects("a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} {\"x\":4} \n"
                   "a=b/part-0-1: {\"x\":5} {\"x\":6} \n");
    ck_assert_uint_eq(s3_open_uploads(&s3), 0);
}
END_TEST

START_TEST(names_that_are_taken_are_passed_over)
{
    make_sink((struct weir_file_sink_config){.path = "s3://lake", .roll_on_checkpoint = true});
    start();
    put(1, 1);
    checkpoint(1);
    end_life();
    start();
    put(2, 2);
    checkpoint(1);
    expect_objects("part-0-0: {\"x\":1} \npart-0-1: {\"x\":2} \n");
}
END_TEST

/* ---- lives ---- */

START_TEST(what_a_checkpoint_has_is_completed_and_what_came_later_is_cut)
{
    make_sink((struct weir_file_sink_config){0});
    start();
    put(1, 4); /* three are uploaded, the fourth is in the state */
    struct weir_str state = prepare(1);
    put(5, 8);
    crash();
    start();
    OK(restore_to(0, state));
    put(5, 6);
    end_input();
    checkpoint(2);
    expect_objects("a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} {\"x\":4} {\"x\":5} {\"x\":6} \n");
    weir__free((char *)state.data);
}
END_TEST

START_TEST(completing_twice_is_no_error_and_makes_no_second_object)
{
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true});
    start();
    put(1, 1);
    struct weir_str state = prepare(1);
    OK(try_commit(0, 1));
    crash();
    start();
    OK(restore_to(0, state));
    expect_objects("a=b/part-0-0: {\"x\":1} \n");
    ck_assert_str_eq(log_text, "");
    weir__free((char *)state.data);
}
END_TEST

START_TEST(an_object_that_its_reader_took_away_does_not_come_back)
{
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true});
    start();
    put(1, 1);
    struct weir_str state = prepare(1);
    OK(try_commit(0, 1));
    crash();
    s3_clear(&s3);
    start();
    OK(restore_to(0, state));
    expect_objects("");
    ck_assert_ptr_nonnull(strstr(log_text, "moved it away"));
    weir__free((char *)state.data);
}
END_TEST

START_TEST(uploads_begun_after_the_checkpoint_are_aborted_and_no_others)
{
    make_sink((struct weir_file_sink_config){.max_part_bytes = 3 * LINE});
    start();
    put(1, 2);
    struct weir_str state = prepare(1);
    put(3, 8); /* part 0 is uploaded, so is part 1 begun */
    crash();
    ck_assert_uint_eq(s3_open_uploads(&s3), 2);
    s3_begin_foreign(&s3, "a=b/part-1-7");  /* another subtask's */
    s3_begin_foreign(&s3, "a=b/other-0-7"); /* another job's */
    s3_begin_foreign(&s3, "a=b/part-0-7.csv");
    start();
    OK(restore_to(0, state));
    put(3, 3);
    ck_assert_uint_eq(s3_open_uploads(&s3), 4); /* those, and part 0 again */
    end_input();
    checkpoint(2);
    expect_objects("a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} \n");
    weir__free((char *)state.data);
}
END_TEST

START_TEST(an_old_checkpoint_whose_part_was_finished_later_is_refused)
{
    make_sink((struct weir_file_sink_config){0});
    start();
    put(1, 4);
    struct weir_str state = prepare(1);
    end_input();
    checkpoint(2);
    end_life();
    start();
    ck_assert_int_eq(restore_to(0, state), WEIR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.message, "--from latest"));
    weir__free((char *)state.data);
}
END_TEST

START_TEST(states_of_two_writers_go_on_in_one)
{
    make_sink((struct weir_file_sink_config){0});
    struct weir_str states[MAX_WRITERS];
    for (int i = 0; i < MAX_WRITERS; i++) {
        OK(start_of(i));
        OK(put_to(i, i));
        OK(try_prepare(i, 1, &states[i]));
    }
    crash();
    for (int life = 0; life < 2; life++) { /* the first one dies before its first checkpoint */
        start();
        OK(restore_to(0, states[0]));
        OK(restore_to(0, states[1]));
        put(7, 7);
        if (life == 0) {
            crash();
        }
    }
    end_input();
    checkpoint(2);
    expect_objects("a=b/part-0-0: {\"x\":0} {\"x\":7} \na=b/part-1-0: {\"x\":1} \n");
    ck_assert_uint_eq(s3_open_uploads(&s3), 0);
    weir__free((char *)states[0].data);
    weir__free((char *)states[1].data);
}
END_TEST

START_TEST(a_state_of_files_is_refused_in_words)
{
    static const char bytes[] = {1, 0};
    make_sink((struct weir_file_sink_config){0});
    start();
    ck_assert_int_eq(restore_to(0, (struct weir_str){bytes, sizeof bytes}), WEIR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.message, "in a bucket of S3"));
}
END_TEST

/* ---- a job in small: fourteen lines, a checkpoint after every fourth ---- */

enum { LINES = 14, EVERY = 4 };

struct job {
    struct weir_str state; /* of the last complete checkpoint, owned */
    int64_t from;          /* the line after it */
    int64_t checkpoint;
};

static enum weir_status take_checkpoint(struct job *job, int64_t next)
{
    struct weir_str state;
    enum weir_status status = try_prepare(0, job->checkpoint + 1, &state);
    if (status == WEIR_OK) { /* durable */
        weir__free((char *)job->state.data);
        *job = (struct job){state, next, job->checkpoint + 1};
        status = try_commit(0, job->checkpoint);
    }
    return status;
}

/* Until the end, or a request that fails. */
static enum weir_status live(struct job *job)
{
    enum weir_status status = start_of(0);
    if (status == WEIR_OK && job->checkpoint > 0) {
        status = restore_to(0, job->state);
    }
    for (int64_t x = job->from; x <= LINES && status == WEIR_OK; x++) {
        status = put_to(0, x % 10);
        if (status == WEIR_OK && x % EVERY == 0) {
            status = take_checkpoint(job, x + 1);
        }
    }
    if (status == WEIR_OK) {
        status = sink->ops->finish(writers[0], &error);
    }
    return status == WEIR_OK ? take_checkpoint(job, LINES + 1) : status;
}

static const char whole_job[] = "a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} {\"x\":4} {\"x\":5} "
                                "{\"x\":6} \n"
                                "a=b/part-0-1: {\"x\":7} {\"x\":8} {\"x\":9} {\"x\":0} {\"x\":1} "
                                "{\"x\":2} \n"
                                "a=b/part-0-2: {\"x\":3} {\"x\":4} \n";

static void make_job(int attempts)
{
    make_sink_on((struct weir_file_sink_config){.bucket = "", .max_part_bytes = 5 * LINE},
                 (struct weir_s3_config){.attempts = attempts});
}

/* How many requests the job sends when nothing goes wrong. */
static int requests_of_job(void)
{
    struct job job = {.from = 1};
    make_job(1);
    OK(live(&job));
    expect_objects(whole_job);
    weir__free((char *)job.state.data);
    return s3_requests(&s3);
}

static void crash_at(int request, enum trouble how)
{
    struct job job = {.from = 1};
    s3_clear(&s3);
    make_job(1);
    s3_trouble(&s3, how, request, 1000000);
    bool died = live(&job) != WEIR_OK;
    bool anew = job.checkpoint == 0;
    ck_assert(died);
    crash();
    OK(live(&job));
    expect_objects(whole_job);
    /* What was begun before the first checkpoint nobody knows. */
    ck_assert_msg(anew || s3_open_uploads(&s3) == 0, "at %d: an upload is left", request);
    weir__free((char *)job.state.data);
    end_life();
}

START_TEST(a_crash_at_any_request_loses_and_doubles_nothing)
{
    int requests = requests_of_job();
    ck_assert_int_ge(requests, 15);
    for (int i = 1; i <= requests; i++) {
        crash_at(i, NO_ANSWER);
    }
}
END_TEST

START_TEST(a_crash_after_any_request_loses_and_doubles_nothing)
{
    int requests = requests_of_job();
    for (int i = 1; i <= requests; i++) {
        crash_at(i, LOST_ANSWER);
    }
}
END_TEST

/* Again and again, at any request of the second life. */
START_TEST(a_crash_while_recovering_from_a_crash_changes_nothing)
{
    int requests = requests_of_job();
    for (int i = requests / 2; i <= requests; i += 3) {
        for (int j = 1; j < 8; j++) {
            struct job job = {.from = 1};
            s3_clear(&s3);
            make_job(1);
            s3_trouble(&s3, LOST_ANSWER, i, 1000000);
            ck_assert_int_ne(live(&job), WEIR_OK);
            crash();
            s3_trouble(&s3, j % 2 == 0 ? NO_ANSWER : LOST_ANSWER, j, 1000000);
            bool died = live(&job) != WEIR_OK;
            crash();
            OK(died ? live(&job) : WEIR_OK);
            expect_objects(whole_job);
            ck_assert_uint_eq(s3_open_uploads(&s3), 0);
            weir__free((char *)job.state.data);
            end_life();
        }
    }
}
END_TEST

/* ---- trouble that passes ---- */

START_TEST(passing_trouble_at_any_request_is_tried_again)
{
    static const enum trouble passing[] = {INTERNAL_ERROR, SLOW_DOWN,   TOO_MANY,  NO_ANSWER,
                                           LOST_ANSWER,    HALF_ANSWER, LATE_ERROR};
    int requests = requests_of_job();
    for (size_t t = 0; t < sizeof passing / sizeof passing[0]; t++) {
        for (int i = 1; i <= requests; i++) {
            struct job job = {.from = 1};
            s3_clear(&s3);
            make_job(3);
            s3_trouble(&s3, passing[t], i, 2);
            OK(live(&job));
            expect_objects(whole_job);
            ck_assert_uint_le(s3_open_uploads(&s3), 2); /* begun, and the answer lost */
            weir__free((char *)job.state.data);
            end_life();
        }
    }
    ck_assert_ptr_nonnull(strstr(log_text, "trying again"));
}
END_TEST

START_TEST(silence_ends_with_the_time_out)
{
    struct job job = {.from = 1};
    make_sink_on((struct weir_file_sink_config){.bucket = "", .max_part_bytes = 5 * LINE},
                 (struct weir_s3_config){.timeout_ms = 300, .attempts = 100});
    s3_trouble(&s3, SILENCE, 5, 1);
    OK(live(&job));
    expect_objects(whole_job);
    weir__free((char *)job.state.data);
}
END_TEST

START_TEST(lasting_trouble_is_told_with_what_to_do)
{
    make_sink_on((struct weir_file_sink_config){0}, (struct weir_s3_config){.attempts = 3});
    s3_trouble(&s3, SLOW_DOWN, 1, 1000000);
    ck_assert_int_eq(start_of(0), WEIR_UNAVAILABLE);
    ck_assert(error.retriable);
    ck_assert_ptr_nonnull(strstr(error.message, "tried 3 times"));
    ck_assert_ptr_nonnull(strstr(error.message, "fewer requests"));
    ck_assert_ptr_null(strstr(error.message, "endpoint")); /* somebody is there */
    ck_assert_int_eq(s3_requests(&s3), 3);
}
END_TEST

START_TEST(a_wrong_secret_is_told_at_once)
{
    make_sink((struct weir_file_sink_config){0});
    s3_trouble(&s3, FORBIDDEN, 1, 1000000);
    ck_assert_int_eq(start_of(0), WEIR_INVALID);
    ck_assert_ptr_nonnull(strstr(error.message, "AWS_SECRET_ACCESS_KEY"));
    ck_assert_int_eq(s3_requests(&s3), 1);
}
END_TEST

START_TEST(nobody_there_is_told_with_the_endpoint)
{
    /* A port that is nobody else's, and at which nobody listens. */
    char nowhere[64];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int bound = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(bound, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(getsockname(bound, (struct sockaddr *)&address, &size), 0);
    snprintf(nowhere, sizeof nowhere, "http://127.0.0.1:%d", ntohs(address.sin_port));
    make_sink_on((struct weir_file_sink_config){0},
                 (struct weir_s3_config){.endpoint = nowhere, .attempts = 2});
    ck_assert_int_eq(start_of(0), WEIR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(error.message, nowhere));
    ck_assert_ptr_nonnull(strstr(error.message, "AWS_ENDPOINT_URL"));
    close(bound);
}
END_TEST

/* ---- settings ---- */

static void refuse(const char *path, struct weir_s3_config place, const char *words)
{
    make_sink_on((struct weir_file_sink_config){.path = path}, place);
    ck_assert_int_eq(start_of(0), WEIR_INVALID);
    ck_assert_msg(strstr(error.message, words) != NULL, "%s", error.message);
}

START_TEST(wrong_settings_are_refused_in_words)
{
    refuse("s3://", (struct weir_s3_config){0}, "s3://BUCKET/PREFIX");
    refuse("s3://No_Bucket/x", (struct weir_s3_config){0}, "lower-case");
    refuse("s3://lake", (struct weir_s3_config){.endpoint = "localhost:9000"}, "http://");
    refuse("s3://lake", (struct weir_s3_config){.endpoint = "ftp://a"}, "http://");
    refuse("s3://lake", (struct weir_s3_config){.part_bytes = PART - 1}, "parts of");
    refuse("s3://lake", (struct weir_s3_config){.attempts = -1}, "attempts");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    refuse("s3://lake", (struct weir_s3_config){0}, "AWS_SECRET_ACCESS_KEY");
}
END_TEST

START_TEST(settings_come_from_properties_and_environment)
{
    const char *const properties[] = {"client.id=x", endpoint, "s3.access-key=learner", NULL};
    char property[80];
    snprintf(property, sizeof property, "s3.endpoint=%s", endpoint);
    const char *const given[] = {properties[0], property, properties[2], NULL};
    struct weir_file_sink_config config = {.path = "s3://lake/x", .format = weir_json(&point_type)};
    struct weir_sink_context context = {
        .type = &point_type, .clock = &now.clock, .properties = given};
    setenv("AWS_ACCESS_KEY_ID", "somebody else", 1);
    setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1", 1);
    sink = weir_file_sink(&config);
    writers[0] = sink->ops->writer_new(sink->config);
    OK(sink->ops->open(writers[0], &context, &error));
}
END_TEST

START_TEST(a_session_token_is_shown_and_signed)
{
    s3.token = "for-an-hour";
    make_sink_on((struct weir_file_sink_config){.bucket = "", .roll_on_checkpoint = true},
                 (struct weir_s3_config){.session_token = "for-an-hour"});
    start();
    put(1, 3);
    checkpoint(1); /* the end of the test looks for complaints */
    expect_objects("a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} \n");
}
END_TEST

static void expect_base(struct weir_s3_config given, const char *expected)
{
    struct weir__s3_settings settings;
    OK(weir__s3_settings_read(&settings, &given, &(struct weir__s3_tuning){0}, "lake", NULL,
                              &error));
    ck_assert_str_eq(settings.base, expected);
    weir__s3_settings_fini(&settings);
}

START_TEST(buckets_are_paths_of_an_endpoint_and_hosts_of_amazon)
{
    expect_base((struct weir_s3_config){.region = "eu-central-1"},
                "https://lake.s3.eu-central-1.amazonaws.com");
    expect_base((struct weir_s3_config){.style = WEIR_S3_STYLE_PATH},
                "https://s3.us-east-1.amazonaws.com/lake");
    expect_base((struct weir_s3_config){.endpoint = "http://127.0.0.1:9000/"},
                "http://127.0.0.1:9000/lake");
    expect_base(
        (struct weir_s3_config){.endpoint = "http://minio:9000", .style = WEIR_S3_STYLE_HOST},
        "http://lake.minio:9000");
}
END_TEST

/* ---- XML ---- */

static struct weir_str of(const char *text)
{
    return weir_str_from(text);
}

START_TEST(elements_are_found_by_their_whole_name)
{
    struct weir_str rest;
    struct weir_str text = of("<List><Keys>1</Keys><Key a=\"b\">2</Key><Key/><Key>3</Key></List>");
    ck_assert(weir_str_equals(weir__s3_xml_element(text, "Key", &rest), "2"));
    ck_assert(weir_str_equals(weir__s3_xml_element(rest, "Key", &rest), "3"));
    ck_assert(weir_str_is_null(weir__s3_xml_element(rest, "Key", &rest)));
    ck_assert(weir_str_is_null(weir__s3_xml_element(of("<Key>1"), "Key", NULL)));
    ck_assert(weir_str_is_null(weir__s3_xml_element(of("<Key"), "Key", NULL)));
    ck_assert(weir_str_is_null(weir__s3_xml_element((struct weir_str){NULL, 0}, "Key", NULL)));
}
END_TEST

START_TEST(entities_go_both_ways)
{
    struct weir__buf text = {0};
    struct weir__buf xml = {0};
    weir__s3_xml_text(of("a&amp;b&lt;&gt;&quot;&apos;&#38;&#x41;&nbsp;&"), &text);
    ck_assert_str_eq(text.data, "a&b<>\"'&A&nbsp;&");
    weir__s3_xml_put(&xml, of("<\"&'>"));
    weir__s3_xml_text((struct weir_str){xml.data, (uint32_t)xml.len}, &text);
    ck_assert_str_eq(text.data, "<\"&'>");
    weir__buf_fini(&text);
    weir__buf_fini(&xml);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("S3");
    TCase *tests = tcase_create("parts");
    tcase_set_timeout(tests, 100);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_part_is_an_object_when_its_checkpoint_is_complete);
    tcase_add_test(tests, a_large_part_is_uploaded_while_it_grows);
    tcase_add_test(tests, an_open_part_grows_over_checkpoints);
    tcase_add_test(tests, without_checkpoints_a_small_part_is_put_whole_at_the_end);
    tcase_add_test(tests, names_that_are_taken_are_passed_over);
    tcase_add_test(tests, what_a_checkpoint_has_is_completed_and_what_came_later_is_cut);
    tcase_add_test(tests, completing_twice_is_no_error_and_makes_no_second_object);
    tcase_add_test(tests, an_object_that_its_reader_took_away_does_not_come_back);
    tcase_add_test(tests, uploads_begun_after_the_checkpoint_are_aborted_and_no_others);
    tcase_add_test(tests, an_old_checkpoint_whose_part_was_finished_later_is_refused);
    tcase_add_test(tests, states_of_two_writers_go_on_in_one);
    tcase_add_test(tests, a_state_of_files_is_refused_in_words);
    tcase_add_test(tests, a_crash_at_any_request_loses_and_doubles_nothing);
    tcase_add_test(tests, a_crash_after_any_request_loses_and_doubles_nothing);
    tcase_add_test(tests, a_crash_while_recovering_from_a_crash_changes_nothing);
    tcase_add_test(tests, passing_trouble_at_any_request_is_tried_again);
    tcase_add_test(tests, silence_ends_with_the_time_out);
    tcase_add_test(tests, lasting_trouble_is_told_with_what_to_do);
    tcase_add_test(tests, a_wrong_secret_is_told_at_once);
    tcase_add_test(tests, nobody_there_is_told_with_the_endpoint);
    tcase_add_test(tests, wrong_settings_are_refused_in_words);
    tcase_add_test(tests, settings_come_from_properties_and_environment);
    tcase_add_test(tests, a_session_token_is_shown_and_signed);
    tcase_add_test(tests, buckets_are_paths_of_an_endpoint_and_hosts_of_amazon);
    suite_add_tcase(suite, tests);
    TCase *xml = tcase_create("xml");
    tcase_add_test(xml, elements_are_found_by_their_whole_name);
    tcase_add_test(xml, entities_go_both_ways);
    suite_add_tcase(suite, xml);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
#endif
