/*
 * Metrics as Flink's JSON: all names, or the values of those that were asked for.
 */
#include "base/escape.h"
#include "rest/answer.h"

#include <string.h>

struct listing {
    struct weir__buf *out;
    const char *get; /* NULL: names only */
    bool any;
};

static bool is_wanted(const char *get, const struct weir__buf *id)
{
    while (get[0] != '\0') {
        size_t len = strcspn(get, ",");
        if (len == id->len && memcmp(get, id->data, len) == 0) {
            return true;
        }
        get += len + (get[len] == ',' ? 1 : 0);
    }
    return false;
}

static void list(struct listing *listing, const struct weir__buf *id, double value)
{
    if (listing->get != NULL && !is_wanted(listing->get, id)) {
        return;
    }
    weir__buf_printf(listing->out, "%s{\"id\":", listing->any ? "," : "");
    listing->any = true;
    weir__buf_put_json_string(listing->out, (struct weir_str){id->data, (uint32_t)id->len});
    if (listing->get != NULL) {
        weir__buf_printf(listing->out, ",\"value\":\"");
        weir__rest_put_number(listing->out, value);
        weir__buf_put_u8(listing->out, '"');
    }
    weir__buf_put_u8(listing->out, '}');
}

/* Under its id, to which a histogram adds a statistic each, behind an underscore. */
static void list_reading(struct listing *listing, struct weir__buf *id,
                         const struct weir__metric_reading *reading)
{
    if (reading->kind != WEIR__HISTOGRAM) {
        list(listing, id, reading->value);
        return;
    }
    size_t len = id->len;
    weir__buf_printf(id, "_count");
    list(listing, id, (double)reading->count);
    for (int i = 0; i < WEIR__STATISTICS; i++) {
        id->len = len;
        weir__buf_printf(id, "_%s", weir__statistic_name((enum weir__statistic)i));
        list(listing, id, reading->summary.of[i]);
    }
}

/* ---- of the job ---- */

void weir__rest_each_job_metric(const struct weir__monitor_job *job,
                                void (*visit)(const char *name, int64_t value, void *user),
                                void *user)
{
    const struct weir__checkpoint_counts *checkpoints = &job->checkpoints;
    visit("numRestarts", job->restarts, user);
    visit("uptime", job->now_ms - job->start_ms, user);
    visit("numberOfCompletedCheckpoints", checkpoints->completed, user);
    visit("numberOfFailedCheckpoints", checkpoints->failed, user);
    visit("numberOfInProgressCheckpoints", checkpoints->pending != 0, user);
    visit("lastCheckpointDuration", checkpoints->last_ms, user);
    visit("lastCheckpointSize", checkpoints->last_bytes, user);
    visit("lastCheckpointStall", checkpoints->stall_us, user);
}

static void list_of_job(const char *name, int64_t value, void *user)
{
    list(user, &(struct weir__buf){.data = (char *)name, .len = strlen(name)}, (double)value);
}

static void list_latency(const struct weir__metric_reading *reading, void *user)
{
    struct weir__buf id = {0};
    weir__buf_printf(&id, "%s", reading->name);
    list_reading(user, &id, reading);
    weir__buf_fini(&id);
}

void weir__rest_put_job_metrics(struct weir__monitor *monitor, const char *get,
                                struct weir__buf *out)
{
    struct listing listing = {.out = out, .get = get};
    struct weir__monitor_job job = weir__monitor_job(monitor);
    weir__buf_put_u8(out, '[');
    weir__rest_each_job_metric(&job, list_of_job, &listing);
    weir__monitor_latencies(monitor, list_latency, &listing);
    weir__buf_put_u8(out, ']');
}

/* ---- of a vertex ---- */

/* Flink's ids: subtask.metric, subtask.operator.metric. */
static void put_id(const struct weir__metric_scope *scope, const char *metric, struct weir__buf *id)
{
    weir__buf_printf(id, "%d.", scope->subtask);
    if (scope->operator_name != NULL) {
        weir__buf_printf(id, "%s.", scope->operator_name);
    }
    weir__buf_printf(id, "%s", metric);
    for (size_t i = 0; i < id->len; i++) {
        id->data[i] = id->data[i] == ',' || id->data[i] == ' ' ? '_' : id->data[i];
    }
}

static void list_metric(const struct weir__metric_scope *scope,
                        const struct weir__metric_reading *reading, void *user)
{
    struct weir__buf id = {0};
    put_id(scope, reading->name, &id);
    list_reading(user, &id, reading);
    weir__buf_fini(&id);
}

void weir__rest_put_metrics(struct weir__monitor *monitor, size_t vertex, const char *get,
                            struct weir__buf *out)
{
    struct listing listing = {.out = out, .get = get};
    weir__buf_put_u8(out, '[');
    weir__monitor_metrics(monitor, vertex, list_metric, &listing);
    weir__buf_put_u8(out, ']');
}
