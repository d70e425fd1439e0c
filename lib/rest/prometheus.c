/*
 * The metrics as text for Prometheus, named as Flink's reporter names them:
 *
 *     # HELP flink_taskmanager_job_task_operator_numRecordsIn numRecordsIn (scope: …)
 *     # TYPE flink_taskmanager_job_task_operator_numRecordsIn gauge
 *     flink_taskmanager_job_task_operator_numRecordsIn{job_id="…",job_name="page-views",
 *         task_id="1",task_name="…",subtask_index="0",operator_name="views"} 42
 *
 * As there, all but histograms are gauges; a meter is its rate; and in names and labels everything
 * that is not a letter, a digit, ':' or '_' becomes '_'.
 *
 * Prometheus wants all lines of a name together, and says its type once. So the lines are collected
 * first, each with its name, and sorted by it; lines of a name keep their order.
 */
#include "base/mem.h"
#include "base/vec.h"
#include "rest/answer.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct line {
    char *name;
    char *help; /* the metric, and its scope */
    const char *type;
    char *text;
    size_t number;
};

struct collection {
    const struct weir__monitor_job *job;
    struct weir__vec lines; /* of struct line */
};

/* ---- texts ---- */

static void put_clean(struct weir__buf *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || *at == ':' || *at == '_';
        weir__buf_put_u8(out, plain ? (uint8_t)*at : '_');
    }
}

static void put_value(struct weir__buf *out, double value)
{
    if (isinf(value)) {
        weir__buf_printf(out, value > 0 ? "+Inf" : "-Inf");
    } else {
        weir__rest_put_number(out, value);
    }
}

static void put_label(struct weir__buf *out, const char *label, const char *value)
{
    weir__buf_printf(out, "%s=\"", label);
    put_clean(out, value);
    weir__buf_printf(out, "\",");
}

/* scope NULL: the job's. The last label has a comma behind it too, as in Flink. */
static void put_labels(struct weir__buf *out, const struct weir__monitor_job *job,
                       const struct weir__metric_scope *scope)
{
    put_label(out, "job_id", job->id);
    put_label(out, "job_name", job->name);
    if (scope == NULL) {
        return;
    }
    weir__buf_printf(out, "task_id=\"%d\",", scope->vertex->id);
    put_label(out, "task_name", scope->vertex->name);
    weir__buf_printf(out, "subtask_index=\"%d\",", scope->subtask);
    if (scope->operator_name != NULL) {
        weir__buf_printf(out, "operator_id=\"%d_%d\",", scope->vertex->id, scope->operator_index);
        put_label(out, "operator_name", scope->operator_name);
    }
}

static char *text_of(struct weir__buf *buf)
{
    weir__buf_put_u8(buf, '\0');
    return buf->data;
}

/* ---- collecting ---- */

/* Lines that differ in their numbers only: whose metric it is, and its labels. */
struct series {
    struct weir__buf scope; /* "taskmanager_job_task" */
    const char *metric;
    struct weir__buf labels;
};

/* scope NULL: the job's. */
static struct series series_of(const struct weir__monitor_job *job,
                               const struct weir__metric_scope *scope, const char *metric)
{
    struct series series = {.metric = metric};
    weir__buf_printf(&series.scope, scope == NULL ? "jobmanager_job"
                                    : scope->operator_name == NULL
                                        ? "taskmanager_job_task"
                                        : "taskmanager_job_task_operator");
    put_labels(&series.labels, job, scope);
    return series;
}

/* A name "latency.source_id.1_0.operator_id.2_0.….latency" is a scope of pairs around a metric: the
 * scope has their keys, the labels have both. */
static struct series series_of_latency(const struct weir__monitor_job *job, const char *name)
{
    struct series series = {.metric = "latency"};
    put_labels(&series.labels, job, NULL);
    weir__buf_printf(&series.scope, "taskmanager_job_latency");
    const char *at = strchr(name, '.') + 1;
    for (const char *dot; (dot = strchr(at, '.')) != NULL;) {
        int key = (int)(dot - at);
        int value = (int)strcspn(dot + 1, ".");
        weir__buf_printf(&series.scope, "_%.*s", key, at);
        weir__buf_printf(&series.labels, "%.*s=\"%.*s\",", key, at, value, dot + 1);
        at = dot + 1 + value + 1;
    }
    return series;
}

static void series_fini(struct series *series)
{
    weir__buf_fini(&series->scope);
    weir__buf_fini(&series->labels);
}

/* suffix: of the name in this line ("_count"); quantile negative: none. */
static void collect(struct collection *collection, const struct series *series, const char *type,
                    const char *suffix, double quantile, double value)
{
    struct weir__buf name = {0};
    struct weir__buf text = {0};
    struct weir__buf help = {0};
    int scope = (int)series->scope.len;
    weir__buf_printf(&name, "flink_%.*s_", scope, series->scope.data);
    put_clean(&name, series->metric);
    weir__buf_put(&text, name.data, name.len);
    weir__buf_printf(&text, "%s{", suffix);
    weir__buf_put(&text, series->labels.data, series->labels.len);
    if (quantile >= 0) {
        weir__buf_printf(&text, "quantile=\"%g\",", quantile);
    }
    weir__buf_printf(&text, "} ");
    put_value(&text, value);
    put_clean(&help, series->metric);
    weir__buf_printf(&help, " (scope: %.*s)", scope, series->scope.data);
    struct line line = {text_of(&name), text_of(&help), type, text_of(&text),
                        collection->lines.count};
    weir__vec_push(&collection->lines, &line);
}

static void collect_reading(struct collection *collection, const struct series *series,
                            const struct weir__metric_reading *reading)
{
    if (reading->kind != WEIR__HISTOGRAM) {
        collect(collection, series, "gauge", "", -1, reading->value);
        return;
    }
    collect(collection, series, "summary", "_count", -1, (double)reading->count);
    for (int i = 0; i < WEIR__STATISTICS; i++) {
        double quantile = weir__statistic_quantile((enum weir__statistic)i);
        if (quantile >= 0) {
            collect(collection, series, "summary", "", quantile, reading->summary.of[i]);
        }
    }
}

static void collect_metric(const struct weir__metric_scope *scope,
                           const struct weir__metric_reading *reading, void *user)
{
    struct collection *collection = user;
    struct series series = series_of(collection->job, scope, reading->name);
    collect_reading(collection, &series, reading);
    series_fini(&series);
}

static void collect_latency(const struct weir__metric_reading *reading, void *user)
{
    struct collection *collection = user;
    struct series series = series_of_latency(collection->job, reading->name);
    collect_reading(collection, &series, reading);
    series_fini(&series);
}

static void collect_of_job(const char *name, int64_t value, void *user)
{
    struct collection *collection = user;
    struct series series = series_of(collection->job, NULL, name);
    collect(collection, &series, "gauge", "", -1, (double)value);
    series_fini(&series);
}

/* ---- writing ---- */

static int by_name(const void *left, const void *right)
{
    const struct line *a = left;
    const struct line *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

static void write_lines(const struct collection *collection, struct weir__buf *out)
{
    const char *last = "";
    for (size_t i = 0; i < collection->lines.count; i++) {
        const struct line *line = weir__vec_at(&collection->lines, i);
        if (strcmp(line->name, last) != 0) {
            weir__buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", line->name, line->help,
                             line->name, line->type);
            last = line->name;
        }
        weir__buf_printf(out, "%s\n", line->text);
    }
}

void weir__rest_put_prometheus(struct weir__monitor *monitor, struct weir__buf *out)
{
    struct weir__monitor_job job = weir__monitor_job(monitor);
    struct collection collection = {.job = &job, .lines = WEIR__VEC_OF(struct line)};
    weir__rest_each_job_metric(&job, collect_of_job, &collection);
    for (size_t i = 0; i < job.vertices; i++) {
        weir__monitor_metrics(monitor, i, collect_metric, &collection);
    }
    weir__monitor_latencies(monitor, collect_latency, &collection);
    qsort(collection.lines.items, collection.lines.count, collection.lines.item_size, by_name);
    write_lines(&collection, out);
    for (size_t i = 0; i < collection.lines.count; i++) {
        struct line *line = weir__vec_at(&collection.lines, i);
        weir__free(line->name);
        weir__free(line->help);
        weir__free(line->text);
    }
    weir__vec_fini(&collection.lines);
}
