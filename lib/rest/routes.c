/*
 * Which path gets which answer.
 */
#include "base/escape.h"
#include "rest/answer.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void weir__rest_refuse(struct weir__rest_answer *answer, int status, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    answer->status = status;
    answer->body.len = 0;
    weir__buf_printf(&answer->body, "{\"errors\":[");
    weir__buf_put_json_string(&answer->body, weir_str_from(text));
    weir__buf_printf(&answer->body, "]}");
}

const char *weir__rest_state(enum weir__job_state state)
{
    switch (state) {
    case WEIR__JOB_CREATED:
        return "CREATED";
    case WEIR__JOB_RUNNING:
        return "RUNNING";
    case WEIR__JOB_RESTARTING:
        return "RESTARTING";
    case WEIR__JOB_CANCELLING:
        return "CANCELLING";
    }
    return "";
}

void weir__rest_put_number(struct weir__buf *out, double value)
{
    const double limit = 9223372036854775808.0; /* 2^63 */
    if (value >= limit) {
        weir__buf_printf(out, isinf(value) ? "Infinity" : "%" PRId64, INT64_MAX);
    } else if (value <= -limit) {
        weir__buf_printf(out, isinf(value) ? "-Infinity" : "%" PRId64, INT64_MIN);
    } else if (isnan(value)) {
        weir__buf_printf(out, "NaN");
    } else if (value == floor(value)) {
        weir__buf_printf(out, "%" PRId64, (int64_t)value);
    } else {
        weir__buf_printf(out, "%.10g", value);
    }
}

/* ---- the whole ---- */

static void put_overview(struct weir__monitor *monitor, struct weir__buf *out)
{
    struct weir__monitor_job job = weir__monitor_job(monitor);
    weir__buf_printf(out,
                     "{\"taskmanagers\":1,\"slots-total\":%d,\"slots-available\":0,"
                     "\"jobs-running\":1,\"jobs-finished\":0,\"jobs-cancelled\":0,"
                     "\"jobs-failed\":0,\"flink-version\":\"weir\"}",
                     job.slots);
}

static void put_jobs(struct weir__monitor *monitor, struct weir__buf *out)
{
    struct weir__monitor_job job = weir__monitor_job(monitor);
    weir__buf_printf(out, "{\"jobs\":[{\"id\":\"%s\",\"status\":\"%s\"}]}", job.id,
                     weir__rest_state(job.state));
}

/* One: the process. */
static void put_task_managers(struct weir__monitor *monitor, struct weir__buf *out)
{
    struct weir__monitor_job job = weir__monitor_job(monitor);
    weir__buf_printf(out,
                     "{\"taskmanagers\":[{\"id\":\"localhost:%ld\",\"path\":\"process %ld\","
                     "\"timeSinceLastHeartbeat\":%" PRId64 ",\"slotsNumber\":%d,\"freeSlots\":0,"
                     "\"hardware\":{\"cpuCores\":%ld}}]}",
                     (long)getpid(), (long)getpid(), job.now_ms, job.slots,
                     sysconf(_SC_NPROCESSORS_ONLN));
}

/* ---- below /jobs/ID ---- */

/* The index of the vertex of that id; false: there is none. */
static bool find_vertex(const struct weir__monitor *monitor, size_t count, const char *id,
                        size_t len, size_t *vertex)
{
    for (size_t i = 0; i < count; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%d", weir__monitor_vertex(monitor, i).id);
        if (strlen(text) == len && memcmp(text, id, len) == 0) {
            *vertex = i;
            return true;
        }
    }
    return false;
}

/* rest: behind "/jobs/ID/vertices/". */
static void answer_vertex(struct weir__monitor *monitor, const struct weir__monitor_job *job,
                          const char *rest, const struct weir__rest_request *request,
                          struct weir__rest_answer *answer)
{
    size_t len = strcspn(rest, "/");
    size_t vertex = 0;
    if (!find_vertex(monitor, job->vertices, rest, len, &vertex)) {
        weir__rest_refuse(answer, 404, "no vertex %.40s; GET /jobs/%s lists them", rest, job->id);
        return;
    }
    const char *what = rest + len;
    if (strcmp(what, "/metrics") == 0 || strcmp(what, "/subtasks/metrics") == 0) {
        weir__rest_put_metrics(monitor, vertex, request->get, &answer->body);
    } else if (strcmp(what, "/watermarks") == 0) {
        weir__rest_put_watermarks(monitor, vertex, &answer->body);
    } else if (strcmp(what, "/backpressure") == 0) {
        weir__rest_put_backpressure(monitor, vertex, &answer->body);
    } else {
        weir__rest_refuse(answer, 404, "Not found: %.200s", request->path);
    }
}

static void cancel(bool allowed, const struct weir__rest_request *request,
                   struct weir__rest_answer *answer)
{
    if (request->mode != NULL && strcmp(request->mode, "cancel") != 0) {
        weir__rest_refuse(answer, 400, "mode: expected cancel, got \"%.40s\"", request->mode);
    } else if (!allowed) {
        weir__rest_refuse(answer, 403, "the job was started without --rest-allow-cancel");
    } else {
        answer->cancels = true;
        answer->status = 202;
        weir__buf_printf(&answer->body, "{}");
    }
}

/* rest: behind "/jobs/". */
static void answer_job(struct weir__monitor *monitor, bool allow_cancel, const char *rest,
                       const struct weir__rest_request *request, struct weir__rest_answer *answer)
{
    static const char vertices[] = "/vertices/";
    struct weir__monitor_job job = weir__monitor_job(monitor);
    size_t len = strlen(job.id);
    if (strncmp(rest, job.id, len) != 0 || (rest[len] != '\0' && rest[len] != '/')) {
        weir__rest_refuse(answer, 404, "Could not find Flink job (%.64s); GET /jobs lists them",
                          rest);
        return;
    }
    const char *what = rest + len;
    bool patches = strcmp(request->method, "PATCH") == 0;
    if (patches && what[0] == '\0') {
        cancel(allow_cancel, request, answer);
    } else if (patches) {
        weir__rest_refuse(answer, 405, "PATCH is for /jobs/%s", job.id);
    } else if (what[0] == '\0') {
        weir__rest_put_job(monitor, &answer->body);
    } else if (strcmp(what, "/plan") == 0) {
        weir__buf_printf(&answer->body, "{\"plan\":%.*s}", (int)strcspn(job.plan, "\n"), job.plan);
    } else if (strcmp(what, "/metrics") == 0) {
        weir__rest_put_job_metrics(monitor, request->get, &answer->body);
    } else if (strcmp(what, "/checkpoints") == 0 && job.interval_ms == 0) {
        weir__rest_refuse(answer, 404, "Checkpointing has not been enabled.");
    } else if (strcmp(what, "/checkpoints") == 0) {
        weir__rest_put_checkpoints(monitor, &answer->body);
    } else if (strncmp(what, vertices, strlen(vertices)) == 0) {
        answer_vertex(monitor, &job, what + strlen(vertices), request, answer);
    } else {
        weir__rest_refuse(answer, 404, "Not found: %.200s", request->path);
    }
}

/* ---- all ---- */

static const struct {
    const char *path;
    void (*put)(struct weir__monitor *monitor, struct weir__buf *out);
    const char *type; /* NULL: JSON */
} pages[] = {
    {"/overview", put_overview, NULL},
    {"/jobs", put_jobs, NULL},
    {"/jobs/overview", weir__rest_put_jobs_overview, NULL},
    {"/taskmanagers", put_task_managers, NULL},
    {"/metrics", weir__rest_put_prometheus, "text/plain; version=0.0.4; charset=utf-8"},
};

void weir__rest_answer(struct weir__monitor *monitor, bool allow_cancel,
                       const struct weir__rest_request *request, struct weir__rest_answer *answer)
{
    static const char jobs[] = "/jobs/";
    *answer = (struct weir__rest_answer){.status = 200, .type = "application/json; charset=utf-8"};
    bool gets = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    bool of_job = strncmp(request->path, jobs, strlen(jobs)) == 0;
    if (!gets && !(of_job && strcmp(request->method, "PATCH") == 0)) {
        weir__rest_refuse(answer, 405, "%.16s is not supported here; GET is", request->method);
        return;
    }
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (gets && strcmp(request->path, pages[i].path) == 0) {
            answer->type = pages[i].type != NULL ? pages[i].type : answer->type;
            pages[i].put(monitor, &answer->body);
            return;
        }
    }
    if (of_job) {
        answer_job(monitor, allow_cancel, request->path + strlen(jobs), request, answer);
    } else {
        weir__rest_refuse(answer, 404, "Not found: %.200s", request->path);
    }
}
