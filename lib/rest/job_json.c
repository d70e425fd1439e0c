/*
 * The job and its checkpoints, as Flink's JSON.
 */
#include "base/escape.h"
#include "rest/answer.h"

#include <inttypes.h>
#include <string.h>

static void put_text(struct weir__buf *out, const char *text)
{
    weir__buf_put_json_string(out, weir_str_from(text));
}

/* ---- the job ---- */

/* While an attempt runs all subtasks run; between two, none does. */
static const char *task_state(enum weir__job_state state)
{
    switch (state) {
    case WEIR__JOB_RUNNING:
        return "RUNNING";
    case WEIR__JOB_CANCELLING:
        return "CANCELING";
    case WEIR__JOB_CREATED:
    case WEIR__JOB_RESTARTING:
        break;
    }
    return "SCHEDULED";
}

static void put_tasks(struct weir__buf *out, enum weir__job_state state, int count)
{
    static const char *const states[] = {"CREATED", "SCHEDULED",  "DEPLOYING", "INITIALIZING",
                                         "RUNNING", "FINISHED",   "CANCELING", "CANCELED",
                                         "FAILED",  "RECONCILING"};
    weir__buf_put_u8(out, '{');
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        weir__buf_printf(out, "%s\"%s\":%d", i > 0 ? "," : "", states[i],
                         strcmp(states[i], task_state(state)) == 0 ? count : 0);
    }
    weir__buf_put_u8(out, '}');
}

/* A vertex's records: what its heads took in and its tails gave out. */
struct records {
    int64_t in;
    int64_t out;
};

static void add_records(const struct weir__metric_scope *scope,
                        const struct weir__metric_reading *reading, void *user)
{
    struct records *records = user;
    if (scope->operator_name != NULL) {
        return;
    }
    if (strcmp(reading->name, "numRecordsIn") == 0) {
        records->in += reading->count;
    } else if (strcmp(reading->name, "numRecordsOut") == 0) {
        records->out += reading->count;
    }
}

static void put_vertex(struct weir__monitor *monitor, const struct weir__monitor_job *job,
                       size_t number, struct weir__buf *out)
{
    struct weir__monitor_vertex vertex = weir__monitor_vertex(monitor, number);
    struct records records = {0, 0};
    weir__monitor_metrics(monitor, number, add_records, &records);
    weir__buf_printf(out, "{\"id\":\"%d\",\"name\":", vertex.id);
    put_text(out, vertex.name);
    weir__buf_printf(
        out,
        ",\"maxParallelism\":%d,\"parallelism\":%d,\"status\":\"%s\",\"start-time\":%" PRId64
        ",\"end-time\":-1,\"duration\":%" PRId64 ",\"tasks\":",
        vertex.max_parallelism, vertex.parallelism, task_state(job->state), job->start_ms,
        job->now_ms - job->start_ms);
    put_tasks(out, job->state, vertex.parallelism);
    weir__buf_printf(out,
                     ",\"metrics\":{\"read-records\":%" PRId64
                     ",\"read-records-complete\":true,\"write-records\":%" PRId64
                     ",\"write-records-complete\":true}}",
                     records.in, records.out);
}

void weir__rest_put_job(struct weir__monitor *monitor, struct weir__buf *out)
{
    struct weir__monitor_job job = weir__monitor_job(monitor);
    weir__buf_printf(out, "{\"jid\":\"%s\",\"name\":", job.id);
    put_text(out, job.name);
    weir__buf_printf(out,
                     ",\"isStoppable\":false,\"state\":\"%s\",\"job-type\":\"STREAMING\","
                     "\"start-time\":%" PRId64 ",\"end-time\":-1,\"duration\":%" PRId64
                     ",\"maxParallelism\":-1,\"now\":%" PRId64 ",\"vertices\":[",
                     weir__rest_state(job.state), job.start_ms, job.now_ms - job.start_ms,
                     job.now_ms);
    int tasks = 0;
    for (size_t i = 0; i < job.vertices; i++) {
        weir__buf_printf(out, "%s", i > 0 ? "," : "");
        put_vertex(monitor, &job, i, out);
        tasks += weir__monitor_vertex(monitor, i).parallelism;
    }
    weir__buf_printf(out, "],\"status-counts\":");
    put_tasks(out, job.state, tasks);
    weir__buf_printf(out, ",\"plan\":%.*s}", (int)strcspn(job.plan, "\n"), job.plan);
}

void weir__rest_put_jobs_overview(struct weir__monitor *monitor, struct weir__buf *out)
{
    struct weir__monitor_job job = weir__monitor_job(monitor);
    int tasks = 0;
    for (size_t i = 0; i < job.vertices; i++) {
        tasks += weir__monitor_vertex(monitor, i).parallelism;
    }
    weir__buf_printf(out, "{\"jobs\":[{\"jid\":\"%s\",\"name\":", job.id);
    put_text(out, job.name);
    weir__buf_printf(out,
                     ",\"state\":\"%s\",\"start-time\":%" PRId64
                     ",\"end-time\":-1,\"duration\":%" PRId64 ",\"tasks\":",
                     weir__rest_state(job.state), job.start_ms, job.now_ms - job.start_ms);
    put_tasks(out, job.state, tasks);
    weir__buf_printf(out, "}]}");
}
