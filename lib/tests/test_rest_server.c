/*
 * The REST server of a running job: each path answers in the documented shape, and clients that
 * are slow, wrong or many disturb nothing.
 *
 * The job runs in a thread of its own, over events that never end, until the test cancels it.
 */
#include "base/log.h"
#include "scratch.h"
#include "test_runtime_event.inc"

#include <weir/weir.h>

#ifndef WEIR_HAVE_LIBMICROHTTPD

int main(void)
{
    puts("# SKIP libmicrohttpd is not installed");
    return EXIT_SUCCESS;
}

#else

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    OTHERS = 900 /* with both ends of some, below the usual limit of 1024 files */,
    LONG_PATH = 64 * 1024
};

/* ---- the job ---- */

struct job {
    weir_env *env;
    pthread_t thread;
    int code; /* of weir_execute; once joined */
    pthread_mutex_t lock;
    pthread_cond_t said;
    int port; /* under lock; 0: not said yet */
};

static void listen_to_log(enum weir__log_level level, const char *line, void *user)
{
    struct job *job = user;
    const char *url = strstr(line, "http://127.0.0.1:");
    (void)level;
    pthread_mutex_lock(&job->lock);
    if (url != NULL) {
        job->port = (int)strtol(url + strlen("http://127.0.0.1:"), NULL, 10);
        pthread_cond_signal(&job->said);
    }
    pthread_mutex_unlock(&job->lock);
}

static void measure(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct event *event = value;
    (void)user;
    weir_count(context, "seen", 1);
    weir_gauge(context, "newest", (double)event->number);
    weir_meter(context, "speed", 1);
    weir_histogram(context, "spread", (double)(event->number % 100));
    weir_emit(out, value);
}

static void give_up(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)value, (void)out, (void)user;
    weir_fail(context, "this cannot be");
}

/* Takes its time, and does not sleep: about a millisecond. */
static void toil(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)context, (void)user;
    for (volatile int i = 0; i < 300000; i++) {
    }
    weir_emit(out, value);
}

static void forget(const void *value, int64_t timestamp, void *user)
{
    (void)value, (void)timestamp, (void)user;
}

static void *execute(void *arg)
{
    struct job *job = arg;
    job->code = weir_execute(job->env);
    return NULL;
}

static const struct weir_process_function measuring = {
    .name = "Measure: all", .in_type = &event_type, .out_type = &event_type, .process = measure};
static const struct weir_process_function toiling = {
    .name = "toil", .in_type = &event_type, .out_type = &event_type, .process = toil};
static const struct weir_process_function failing = {
    .name = "fail", .in_type = &event_type, .out_type = &event_type, .process = give_up};

/* Returns when the server listens. */
static void start_from(struct job *job, weir_source *source,
                       const struct weir_process_function *function, const char *const *args)
{
    *job = (struct job){.env = event_env(args)};
    pthread_mutex_init(&job->lock, NULL);
    pthread_cond_init(&job->said, NULL);
    weir__log_set_writer(listen_to_log, job);
    weir_stream *events = weir_from_source(job->env, source);
    weir_keyed_stream *keyed = weir_key_by(events, WEIR_FIELD(event, key));
    weir_sink_to(weir_keyed_process(keyed, function), weir_collect(forget, NULL));
    ck_assert_int_eq(pthread_create(&job->thread, NULL, execute, job), 0);
    pthread_mutex_lock(&job->lock);
    while (job->port == 0) {
        pthread_cond_wait(&job->said, &job->lock);
    }
    pthread_mutex_unlock(&job->lock);
}

static void start_with(struct job *job, const struct weir_process_function *function,
                       const char *const *args)
{
    start_from(job, event_source(INT64_MAX, 1, NULL), function, args);
}

static void start(struct job *job, const char *const *args)
{
    start_with(job, &measuring, args);
}

/* ---- a client ---- */

static int dial(const struct job *job)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)job->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

struct reply {
    int status; /* 0: the connection ended without an answer */
    char *text; /* all of it, headers too */
    const char *body;
};

static void say(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return; /* refused already */
        }
        text += sent;
        len -= (size_t)sent;
    }
}

static struct reply hear(int fd)
{
    struct reply reply = {0, NULL, ""};
    size_t size = 0;
    FILE *text = open_memstream(&reply.text, &size);
    char piece[4096];
    ssize_t got;
    while ((got = recv(fd, piece, sizeof(piece), 0)) > 0) {
        fwrite(piece, 1, (size_t)got, text);
    }
    fclose(text);
    close(fd);
    if (strncmp(reply.text, "HTTP/1.1 ", 9) == 0) {
        reply.status = (int)strtol(reply.text + 9, NULL, 10);
        const char *end = strstr(reply.text, "\r\n\r\n");
        reply.body = end != NULL ? end + 4 : "";
    }
    return reply;
}

static struct reply ask(const struct job *job, const char *method, const char *path)
{
    char head[512];
    int fd = dial(job);
    int len =
        snprintf(head, sizeof(head),
                 "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", method, path);
    say(fd, head, (size_t)len);
    return hear(fd);
}

static json_t *get(const struct job *job, int status, const char *format, const char *id)
{
    char path[256];
    snprintf(path, sizeof(path), format, id);
    struct reply reply = ask(job, "GET", path);
    ck_assert_msg(reply.status == status, "%s: %d %s", path, reply.status, reply.body);
    json_error_t error;
    json_t *json = json_loads(reply.body, 0, &error);
    ck_assert_msg(json != NULL, "%s: %s in %s", path, error.text, reply.body);
    free(reply.text);
    return json;
}

/* The id of the job, for one caller at a time. */
static const char *job_id(const struct job *job)
{
    static char id[40];
    json_t *jobs = get(job, 200, "/jobs", NULL);
    const json_t *first = json_array_get(json_object_get(jobs, "jobs"), 0);
    snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(first, "id")));
    json_decref(jobs);
    ck_assert_uint_eq(strlen(id), 32);
    return id;
}

static void await_state(const struct job *job, const char *state)
{
    bool reached = false;
    while (!reached) {
        json_t *jobs = get(job, 200, "/jobs", NULL);
        const json_t *first = json_array_get(json_object_get(jobs, "jobs"), 0);
        reached = strcmp(json_string_value(json_object_get(first, "status")), state) == 0;
        json_decref(jobs);
    }
}

/* Cancels it, and waits for its end. */
static void stop(struct job *job)
{
    char path[80];
    snprintf(path, sizeof(path), "/jobs/%s?mode=cancel", job_id(job));
    struct reply reply = ask(job, "PATCH", path);
    ck_assert_int_eq(reply.status, 202);
    free(reply.text);
    pthread_join(job->thread, NULL);
    weir__log_set_writer(NULL, NULL);
    ck_assert_int_eq(job->code, 1);
    ck_assert_int_eq(weir_env_error(job->env)->code, WEIR_CANCELLED);
    weir_env_free(job->env);
    pthread_cond_destroy(&job->said);
    pthread_mutex_destroy(&job->lock);
}

static const char *const plain[] = {"-p", "2", "--rest-port", "0", "--rest-allow-cancel", NULL};

/* The value of a metric of vertex 2; *present false: it is not there. */
static double metric(const struct job *job, const char *id, const char *name, bool *present)
{
    char path[200];
    snprintf(path, sizeof(path), "/jobs/%s/vertices/2/metrics?get=%s", id, name);
    json_t *metrics = get(job, 200, path, NULL);
    const json_t *first = json_array_get(metrics, 0);
    *present = first != NULL;
    double value = 0;
    if (*present) {
        ck_assert_str_eq(json_string_value(json_object_get(first, "id")), name);
        value = strtod(json_string_value(json_object_get(first, "value")), NULL);
    }
    json_decref(metrics);
    return value;
}

/* Asks until the metric is more than 0. */
static double await_metric(const struct job *job, const char *id, const char *name)
{
    bool present = false;
    double value = 0;
    while (value <= 0) {
        value = metric(job, id, name, &present);
    }
    return value;
}

/* ---- the shape of the answers ---- */

static void expect_members(const json_t *object, const char *const *names)
{
    for (; *names != NULL; names++) {
        ck_assert_msg(json_object_get(object, *names) != NULL, "no member %s", *names);
    }
}

START_TEST(overview_jobs_and_taskmanagers_have_flinks_shape)
{
    struct job job;
    start(&job, plain);
    json_t *json = get(&job, 200, "/overview", NULL);
    expect_members(json, (const char *const[]){"taskmanagers", "slots-total", "slots-available",
                                               "jobs-running", "jobs-finished", "jobs-cancelled",
                                               "jobs-failed", "flink-version", NULL});
    ck_assert_int_eq(json_integer_value(json_object_get(json, "slots-total")), 2);
    json_decref(json);
    json = get(&job, 200, "/jobs/overview", NULL);
    expect_members(json_array_get(json_object_get(json, "jobs"), 0),
                   (const char *const[]){"jid", "name", "state", "start-time", "end-time",
                                         "duration", "tasks", NULL});
    json_decref(json);
    json = get(&job, 200, "/taskmanagers", NULL);
    expect_members(json_array_get(json_object_get(json, "taskmanagers"), 0),
                   (const char *const[]){"id", "path", "slotsNumber", "freeSlots", NULL});
    json_decref(json);
    stop(&job);
}
END_TEST

START_TEST(job_and_its_plan_list_the_same_vertices)
{
    struct job job;
    start(&job, plain);
    const char *id = job_id(&job);
    await_metric(&job, id, "0.numRecordsIn");
    json_t *json = get(&job, 200, "/jobs/%s", id);
    expect_members(json, (const char *const[]){"jid", "name", "isStoppable", "state", "start-time",
                                               "end-time", "duration", "now", "vertices",
                                               "status-counts", "plan", NULL});
    ck_assert_str_eq(json_string_value(json_object_get(json, "state")), "RUNNING");
    const json_t *second = json_array_get(json_object_get(json, "vertices"), 1);
    expect_members(second, (const char *const[]){"id", "name", "parallelism", "status", "duration",
                                                 "tasks", "metrics", NULL});
    ck_assert_int_gt(
        json_integer_value(json_object_get(json_object_get(second, "metrics"), "read-records")), 0);
    json_t *plan = get(&job, 200, "/jobs/%s/plan", id);
    ck_assert(json_equal(json_object_get(plan, "plan"), json_object_get(json, "plan")));
    const json_t *nodes = json_object_get(json_object_get(plan, "plan"), "nodes");
    ck_assert_uint_eq(json_array_size(nodes), json_array_size(json_object_get(json, "vertices")));
    json_decref(plan);
    json_decref(json);
    stop(&job);
}
END_TEST

START_TEST(vertex_has_metrics_watermarks_and_backpressure)
{
    struct job job;
    start(&job, plain);
    const char *id = job_id(&job);
    await_metric(&job, id, "0.numRecordsIn");
    json_t *json = get(&job, 200, "/jobs/%s/vertices/2/watermarks", id);
    ck_assert_uint_eq(json_array_size(json), 2);
    expect_members(json_array_get(json, 1), (const char *const[]){"id", "value", NULL});
    json_decref(json);
    double sum = 0;
    while (sum <= 0) { /* a share needs two readings of the clock */
        json = get(&job, 200, "/jobs/%s/vertices/1/backpressure", id);
        expect_members(json, (const char *const[]){"status", "backpressure-level", "end-timestamp",
                                                   "subtasks", NULL});
        const json_t *subtask = json_array_get(json_object_get(json, "subtasks"), 0);
        expect_members(subtask, (const char *const[]){"subtask", "backpressure-level", NULL});
        sum = json_number_value(json_object_get(subtask, "ratio")) +
              json_number_value(json_object_get(subtask, "idleRatio")) +
              json_number_value(json_object_get(subtask, "busyRatio"));
        json_decref(json);
    }
    stop(&job);
}
END_TEST

/* The shares of a vertex's first subtask, once they are known. */
struct shares {
    double busy;
    double idle;
    double held_up;
    char level[8];
};

static struct shares shares_of(const struct job *job, const char *id, int vertex)
{
    char path[80];
    snprintf(path, sizeof(path), "/jobs/%s/vertices/%d/backpressure", id, vertex);
    json_t *json = get(job, 200, path, NULL);
    const json_t *first = json_array_get(json_object_get(json, "subtasks"), 0);
    struct shares shares = {json_number_value(json_object_get(first, "busyRatio")),
                            json_number_value(json_object_get(first, "idleRatio")),
                            json_number_value(json_object_get(first, "ratio")), ""};
    snprintf(shares.level, sizeof(shares.level), "%s",
             json_string_value(json_object_get(first, "backpressure-level")));
    json_decref(json);
    return shares;
}

static bool is_whole(const struct shares *shares)
{
    double sum = shares->busy + shares->idle + shares->held_up;
    return sum > 0.95 && sum < 1.05;
}

/* 99 of 100 events are of one key. */
static bool make_skewed(int64_t index, void *value, int64_t *timestamp, void *user)
{
    bool made = event_make(index, value, timestamp, user);
    if (index % 100 != 7) {
        ((struct event *)value)->key = WEIR_STR("k0");
    }
    return made;
}

/* Fault list, row 16. */
START_TEST(events_on_one_key_are_seen_in_the_records_of_each_subtask)
{
    struct job job;
    start_from(&job,
               weir_generator_source(&(struct weir_generator_source_config){.name = "skewed",
                                                                            .type = &event_type,
                                                                            .next = make_skewed,
                                                                            .count = INT64_MAX,
                                                                            .splits = 1}),
               &measuring, plain);
    const char *id = job_id(&job);
    double most = 0;
    double least = 0;
    while (least <= 0 || most < 10 * least) { /* each subtask says it at its own time */
        bool present = false;
        double first = metric(&job, id, "0.numRecordsIn", &present);
        double second = metric(&job, id, "1.numRecordsIn", &present);
        most = first > second ? first : second;
        least = first > second ? second : first;
    }
    stop(&job);
}
END_TEST

START_TEST(slow_task_is_busy_and_the_source_before_it_held_up)
{
    struct job job;
    start_with(&job, &toiling, plain);
    const char *id = job_id(&job);
    struct shares source;
    struct shares slow;
    do {
        source = shares_of(&job, id, 1);
        slow = shares_of(&job, id, 2);
    } while (strcmp(source.level, "high") != 0 || source.busy > 0.2 || slow.busy < 0.8 ||
             strcmp(slow.level, "ok") != 0 || !is_whole(&source) || !is_whole(&slow));
    stop(&job);
}
END_TEST

START_TEST(metrics_of_the_program_are_seen_while_it_runs)
{
    struct job job;
    start(&job, plain);
    const char *id = job_id(&job);
    await_metric(&job, id, "0.Measure:_all.seen");
    await_metric(&job, id, "0.Measure:_all.newest");
    await_metric(&job, id, "0.Measure:_all.speed");
    ck_assert_double_le(await_metric(&job, id, "0.Measure:_all.spread_p99"), 99);
    json_t *names = get(&job, 200, "/jobs/%s/vertices/2/metrics", id);
    ck_assert_uint_gt(json_array_size(names), 10);
    ck_assert_ptr_null(json_object_get(json_array_get(names, 0), "value"));
    json_decref(names);
    stop(&job);
}
END_TEST

START_TEST(metrics_of_the_job_are_given_by_name)
{
    struct job job;
    start(&job, plain);
    json_t *json = get(&job, 200, "/jobs/%s/metrics?get=uptime,numRestarts", job_id(&job));
    ck_assert_uint_eq(json_array_size(json), 2);
    const json_t *restarts = json_array_get(json, 0);
    ck_assert_str_eq(json_string_value(json_object_get(restarts, "id")), "numRestarts");
    ck_assert_str_eq(json_string_value(json_object_get(restarts, "value")), "0");
    json_decref(json);
    stop(&job);
}
END_TEST

static const char *const marked[] = {
    "-p", "2", "--rest-port", "0", "--rest-allow-cancel", "--latency-interval", "1", NULL};

START_TEST(latency_is_a_metric_of_the_job_with_the_way_in_its_name)
{
    static const char way[] =
        "latency.source_id.1_0.operator_id.2_1.operator_subtask_index.0.latency";
    struct job job;
    start(&job, marked);
    char path[300];
    snprintf(path, sizeof(path), "/jobs/%s/metrics?get=%s_count,%s_p99", job_id(&job), way, way);
    double count = 0;
    while (count < 1) {
        json_t *json = get(&job, 200, path, NULL);
        if (json_array_size(json) == 2) {
            const json_t *first = json_array_get(json, 0);
            const json_t *second = json_array_get(json, 1);
            count = strtod(json_string_value(json_object_get(first, "value")), NULL);
            ck_assert_double_ge(strtod(json_string_value(json_object_get(second, "value")), NULL),
                                0);
        }
        json_decref(json);
    }
    struct reply reply = ask(&job, "GET", "/metrics");
    ck_assert_ptr_nonnull(strstr(reply.body,
                                 "# TYPE flink_taskmanager_job_latency_source_id_operator_id_"
                                 "operator_subtask_index_latency summary\n"));
    ck_assert_ptr_nonnull(strstr(reply.body, ",source_id=\"1_0\",operator_id=\"2_1\","
                                             "operator_subtask_index=\"0\",quantile=\"0.99\",} "));
    free(reply.text);
    stop(&job);
}
END_TEST

START_TEST(prometheus_text_has_flinks_names_and_each_type_once)
{
    static const char type[] = "\n# TYPE flink_taskmanager_job_task_operator_numRecordsIn gauge\n";
    struct job job;
    start(&job, plain);
    await_metric(&job, job_id(&job), "0.numRecordsIn");
    struct reply reply = ask(&job, "GET", "/metrics");
    ck_assert_int_eq(reply.status, 200);
    const char *first = strstr(reply.body, type);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(strstr(first + 1, type));
    ck_assert_ptr_nonnull(strstr(
        reply.body, "subtask_index=\"1\",operator_id=\"2_0\",operator_name=\"Measure:_all\""));
    ck_assert_ptr_nonnull(strstr(reply.body, "flink_jobmanager_job_numRestarts{"));
    ck_assert_ptr_nonnull(strstr(reply.body, "operator_spread summary\n"));
    ck_assert_ptr_nonnull(strstr(reply.body, "quantile=\"0.99\""));
    ck_assert_ptr_nonnull(strstr(reply.body, "flink_taskmanager_job_task_busyTimeMsPerSecond{"));
    free(reply.text);
    stop(&job);
}
END_TEST

START_TEST(checkpoints_are_counted_and_absent_without_an_interval)
{
    struct job job;
    char directory[SCRATCH_PATH];
    scratch_make(directory, "rest");
    start(&job, plain);
    json_decref(get(&job, 404, "/jobs/%s/checkpoints", job_id(&job)));
    stop(&job);
    start(&job, (const char *const[]){"-p", "2", "--rest-port", "0", "--rest-allow-cancel",
                                      "--checkpoint-interval", "50", "--checkpoint-dir", directory,
                                      NULL});
    int64_t completed = 0;
    while (completed == 0) {
        json_t *json = get(&job, 200, "/jobs/%s/checkpoints", job_id(&job));
        const json_t *counts = json_object_get(json, "counts");
        expect_members(counts, (const char *const[]){"restored", "total", "in_progress",
                                                     "completed", "failed", NULL});
        completed = json_integer_value(json_object_get(counts, "completed"));
        const json_t *latest = json_object_get(json_object_get(json, "latest"), "completed");
        ck_assert_int_eq(json_is_null(latest), completed == 0);
        const json_t *first = json_array_get(json_object_get(json, "history"), 0);
        ck_assert_int_eq(json_integer_value(json_object_get(first, "id")), completed);
        expect_members(json_object_get(json_object_get(json, "summary"), "end_to_end_duration"),
                       (const char *const[]){"min", "max", "avg", NULL});
        json_decref(json);
    }
    stop(&job);
    char remove[80];
    snprintf(remove, sizeof(remove), "rm -r %s", directory);
    ck_assert_int_eq(system(remove), 0);
}
END_TEST

/* ---- clients that do wrong: fault list, row 21 ---- */

static void expect_error(const struct job *job, const char *method, const char *path, int status)
{
    struct reply reply = ask(job, method, path);
    ck_assert_msg(reply.status == status, "%s %s: %d %s", method, path, reply.status, reply.body);
    ck_assert_ptr_eq(strstr(reply.body, "{\"errors\":["), reply.body);
    free(reply.text);
}

START_TEST(wrong_paths_and_methods_get_an_error_as_json)
{
    struct job job;
    char path[120];
    start(&job, plain);
    expect_error(&job, "GET", "/", 404);
    expect_error(&job, "GET", "/jobs/", 404);
    expect_error(&job, "GET", "/jobs/0123", 404);
    expect_error(&job, "GET", "/../../etc/passwd", 404);
    expect_error(&job, "DELETE", "/jobs", 405);
    snprintf(path, sizeof(path), "/jobs/%s/nothing", job_id(&job));
    expect_error(&job, "GET", path, 404);
    snprintf(path, sizeof(path), "/jobs/%s/vertices/99/metrics", job_id(&job));
    expect_error(&job, "GET", path, 404);
    snprintf(path, sizeof(path), "/jobs/%s?mode=stop", job_id(&job));
    expect_error(&job, "PATCH", path, 400);
    stop(&job);
}
END_TEST

START_TEST(cancel_is_refused_unless_it_was_allowed)
{
    struct job job;
    char path[80];
    start(&job, (const char *const[]){"--rest-port", "0", NULL});
    snprintf(path, sizeof(path), "/jobs/%s?mode=cancel", job_id(&job));
    expect_error(&job, "PATCH", path, 403);
    await_state(&job, "RUNNING");
    pthread_kill(job.thread, SIGINT);
    pthread_join(job.thread, NULL);
    weir__log_set_writer(NULL, NULL);
    ck_assert_int_eq(job.code, 128 + SIGINT);
    weir_env_free(job.env);
}
END_TEST

START_TEST(cancel_ends_a_job_that_waits_to_be_started_again)
{
    struct job job;
    start_with(&job, &failing,
               (const char *const[]){"--rest-port", "0", "--rest-allow-cancel", "--restart",
                                     "fixed-delay:10,1h", NULL});
    await_state(&job, "RESTARTING");
    json_t *json = get(&job, 200, "/jobs/%s/metrics?get=numRestarts", job_id(&job));
    const json_t *restarts = json_array_get(json, 0);
    ck_assert_str_eq(json_string_value(json_object_get(restarts, "value")), "1");
    json_decref(json);
    json = get(&job, 200, "/jobs/%s/vertices/1/metrics", job_id(&job));
    ck_assert_uint_eq(json_array_size(json), 0);
    json_decref(json);
    stop(&job);
}
END_TEST

START_TEST(requests_that_are_too_long_or_have_a_body_are_refused)
{
    static char request[LONG_PATH];
    struct job job;
    start(&job, plain);
    int len = snprintf(request, sizeof(request), "GET /");
    memset(request + len, 'a', sizeof(request) - (size_t)len);
    int fd = dial(&job);
    say(fd, request, sizeof(request));
    shutdown(fd, SHUT_WR);
    struct reply reply = hear(fd);
    ck_assert_int_ne(reply.status, 200);
    free(reply.text);
    fd = dial(&job);
    len = snprintf(request, sizeof(request),
                   "PATCH /jobs/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
    say(fd, request, (size_t)len);
    reply = hear(fd);
    ck_assert_int_eq(reply.status, 413);
    free(reply.text);
    stop(&job);
}
END_TEST

START_TEST(silent_clients_keep_nobody_from_an_answer)
{
    struct job job;
    int silent[16];
    start(&job, plain);
    for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
        silent[i] = dial(&job);
        say(silent[i], "GET /jobs HT", 12);
    }
    json_decref(get(&job, 200, "/jobs", NULL));
    stop(&job);
    for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
        close(silent[i]);
    }
}
END_TEST

START_TEST(more_connections_than_allowed_do_not_stop_the_job)
{
    struct job job;
    int others[OTHERS];
    start(&job, plain);
    const char *id = job_id(&job);
    double before = await_metric(&job, id, "0.numRecordsIn");
    for (int i = 0; i < OTHERS; i++) {
        others[i] = dial(&job);
    }
    for (int i = 0; i < OTHERS; i++) {
        close(others[i]);
    }
    double after = before;
    bool present = true;
    while (after <= before) {
        after = metric(&job, id, "0.numRecordsIn", &present);
    }
    stop(&job);
}
END_TEST

/* ---- when it cannot be ---- */

static void expect_refused(const char *const *args, enum weir_status code)
{
    event_quiet();
    weir_env *env = event_env(args);
    weir_sink_to(weir_from_source(env, event_source(1, 1, NULL)), weir_collect(forget, NULL));
    ck_assert_int_eq(weir_execute(env), 1);
    ck_assert_int_eq(weir_env_error(env)->code, code);
    weir_env_free(env);
}

START_TEST(port_that_is_taken_is_an_error)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    char port[12];
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(port, sizeof(port), "%d", (int)ntohs(address.sin_port));
    expect_refused((const char *const[]){"--rest-port", port, NULL}, WEIR_UNAVAILABLE);
    close(fd);
}
END_TEST

START_TEST(simulation_is_not_watched)
{
    expect_refused((const char *const[]){"--rest", "--scheduler", "simulation", NULL},
                   WEIR_INVALID);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rest");
    TCase *tcase = tcase_create("server");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, overview_jobs_and_taskmanagers_have_flinks_shape);
    tcase_add_test(tcase, job_and_its_plan_list_the_same_vertices);
    tcase_add_test(tcase, vertex_has_metrics_watermarks_and_backpressure);
    tcase_add_test(tcase, events_on_one_key_are_seen_in_the_records_of_each_subtask);
    tcase_add_test(tcase, slow_task_is_busy_and_the_source_before_it_held_up);
    tcase_add_test(tcase, metrics_of_the_program_are_seen_while_it_runs);
    tcase_add_test(tcase, metrics_of_the_job_are_given_by_name);
    tcase_add_test(tcase, latency_is_a_metric_of_the_job_with_the_way_in_its_name);
    tcase_add_test(tcase, prometheus_text_has_flinks_names_and_each_type_once);
    tcase_add_test(tcase, checkpoints_are_counted_and_absent_without_an_interval);
    tcase_add_test(tcase, wrong_paths_and_methods_get_an_error_as_json);
    tcase_add_test(tcase, cancel_is_refused_unless_it_was_allowed);
    tcase_add_test(tcase, cancel_ends_a_job_that_waits_to_be_started_again);
    tcase_add_test(tcase, requests_that_are_too_long_or_have_a_body_are_refused);
    tcase_add_test(tcase, silent_clients_keep_nobody_from_an_answer);
    tcase_add_test(tcase, more_connections_than_allowed_do_not_stop_the_job);
    tcase_add_test(tcase, port_that_is_taken_is_an_error);
    tcase_add_test(tcase, simulation_is_not_watched);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
