/*
 * Metrics live in a list that only grows at its end, each in its own allocation: a pointer handed
 * out stays good, and a reader on another thread sees either the old end or the new one.
 */
#include "metrics/metrics.h"

#include "base/mem.h"
#include "metrics/meter.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

struct metric {
    char *name;
    enum weir__metric_kind kind;
    /* the task's thread */
    int64_t count;
    double level;                      /* a gauge */
    struct weir__meter *meter;         /* NULL: of another kind */
    struct weir__histogram *histogram; /* NULL: of another kind */
    /* atomic: as published */
    atomic_bool published;
    _Atomic int64_t seen_count;
    _Atomic double seen_value;
    _Atomic double seen_summary[WEIR__STATISTICS];
    _Atomic(struct metric *) next;
};

struct weir__metric_group {
    _Atomic(struct metric *) first;
};

static struct metric *first_of(const struct weir__metric_group *group)
{
    return atomic_load_explicit(&group->first, memory_order_acquire);
}

static struct metric *next_of(const struct metric *metric)
{
    return atomic_load_explicit(&metric->next, memory_order_acquire);
}

struct weir__metric_group *weir__metric_group_new(void)
{
    return WEIR__NEW(struct weir__metric_group);
}

void weir__metric_group_free(struct weir__metric_group *group)
{
    if (group == NULL) {
        return;
    }
    struct metric *metric = first_of(group);
    while (metric != NULL) {
        struct metric *next = next_of(metric);
        weir__free(metric->name);
        weir__free(metric->meter);
        weir__free(metric->histogram);
        weir__free(metric);
        metric = next;
    }
    weir__free(group);
}

/* ---- the task's thread ---- */

static struct metric *find_or_make(struct weir__metric_group *group, const char *name,
                                   enum weir__metric_kind kind)
{
    _Atomic(struct metric *) *link = &group->first;
    struct metric *metric;
    while ((metric = atomic_load_explicit(link, memory_order_acquire)) != NULL) {
        if (metric->kind == kind && strcmp(metric->name, name) == 0) {
            return metric;
        }
        link = &metric->next;
    }
    metric = WEIR__NEW(struct metric);
    metric->name = weir__strdup(name);
    metric->kind = kind;
    metric->meter = kind == WEIR__METER ? WEIR__NEW(struct weir__meter) : NULL;
    metric->histogram = kind == WEIR__HISTOGRAM ? WEIR__NEW(struct weir__histogram) : NULL;
    atomic_store_explicit(link, metric, memory_order_release);
    return metric;
}

int64_t *weir__metric_counter(struct weir__metric_group *group, const char *name)
{
    return &find_or_make(group, name, WEIR__COUNTER)->count;
}

double *weir__metric_gauge(struct weir__metric_group *group, const char *name)
{
    return &find_or_make(group, name, WEIR__GAUGE)->level;
}

int64_t *weir__metric_meter(struct weir__metric_group *group, const char *name)
{
    return &find_or_make(group, name, WEIR__METER)->count;
}

struct weir__histogram *weir__metric_histogram(struct weir__metric_group *group, const char *name)
{
    return find_or_make(group, name, WEIR__HISTOGRAM)->histogram;
}

static int64_t rounded(double value)
{
    const double limit = 9223372036854775808.0; /* 2^63 */
    if (isnan(value)) {
        return 0;
    }
    return value >= limit ? INT64_MAX : value <= -limit ? INT64_MIN : llround(value);
}

static int64_t value_of(const struct metric *metric)
{
    switch (metric->kind) {
    case WEIR__COUNTER:
    case WEIR__METER:
        return metric->count;
    case WEIR__GAUGE:
        return rounded(metric->level);
    case WEIR__HISTOGRAM:
        return metric->histogram->count;
    }
    return 0;
}

int64_t weir__metric_value(const struct weir__metric_group *group, const char *name)
{
    for (const struct metric *metric = first_of(group); metric != NULL; metric = next_of(metric)) {
        if (strcmp(metric->name, name) == 0) {
            return value_of(metric);
        }
    }
    return 0;
}

void weir__metric_each(const struct weir__metric_group *group,
                       void (*visit)(const char *name, enum weir__metric_kind kind, int64_t value,
                                     void *user),
                       void *user)
{
    for (const struct metric *metric = first_of(group); metric != NULL; metric = next_of(metric)) {
        visit(metric->name, metric->kind, value_of(metric), user);
    }
}

/* ---- publishing and reading ---- */

static void publish(struct metric *metric, int64_t now_ms)
{
    int64_t count = metric->count;
    double value = (double)count;
    struct weir__histogram_summary summary;
    switch (metric->kind) {
    case WEIR__COUNTER:
        break;
    case WEIR__GAUGE:
        value = metric->level;
        break;
    case WEIR__METER:
        value = weir__meter_rate(metric->meter, count, now_ms);
        break;
    case WEIR__HISTOGRAM:
        count = metric->histogram->count;
        value = (double)count;
        weir__histogram_summarize(metric->histogram, &summary);
        for (int i = 0; i < WEIR__STATISTICS; i++) {
            atomic_store_explicit(&metric->seen_summary[i], summary.of[i], memory_order_relaxed);
        }
        break;
    }
    atomic_store_explicit(&metric->seen_count, count, memory_order_relaxed);
    atomic_store_explicit(&metric->seen_value, value, memory_order_relaxed);
    atomic_store_explicit(&metric->published, true, memory_order_release);
}

void weir__metric_publish(struct weir__metric_group *group, int64_t now_ms)
{
    for (struct metric *metric = first_of(group); metric != NULL; metric = next_of(metric)) {
        publish(metric, now_ms);
    }
}

void weir__metric_read(const struct weir__metric_group *group,
                       void (*visit)(const struct weir__metric_reading *reading, void *user),
                       void *user)
{
    for (const struct metric *metric = first_of(group); metric != NULL; metric = next_of(metric)) {
        if (!atomic_load_explicit(&metric->published, memory_order_acquire)) {
            continue;
        }
        struct weir__metric_reading reading = {
            .name = metric->name,
            .kind = metric->kind,
            .count = atomic_load_explicit(&metric->seen_count, memory_order_relaxed),
            .value = atomic_load_explicit(&metric->seen_value, memory_order_relaxed),
        };
        for (int i = 0; i < WEIR__STATISTICS; i++) {
            reading.summary.of[i] =
                atomic_load_explicit(&metric->seen_summary[i], memory_order_relaxed);
        }
        visit(&reading, user);
    }
}
