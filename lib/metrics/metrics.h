/*
 * Metrics of one operator subtask, or of one task: a group of named values, of Flink's four kinds.
 *
 *     counter     a number that grows                      int64_t, added to
 *     gauge       how it is now                            double, set
 *     meter       a counter, and how fast it grows         int64_t, added to; the rate is computed
 *     histogram   how values are spread: metrics/histogram.h
 *
 * Two sides. The task's thread alone writes the values, as plain memory: counting costs an
 * addition. Now and then, between two steps, it publishes them: copies each into a second, atomic
 * place. weir__metric_read reads these from any thread while the job runs, and disturbs nobody.
 * Metrics are never removed, so a pointer handed out stays good until the group is freed; whoever
 * reads sees that it is not freed meanwhile (runtime/monitor.h).
 */
#ifndef WEIR__METRICS_METRICS_H
#define WEIR__METRICS_METRICS_H

#include "metrics/histogram.h"

#include <stdint.h>

/* Names as Flink has them; the last three are ours. */
#define WEIR__LATE_DROPPED     "numLateRecordsDropped"
#define WEIR__IN_WINDOWS       "numRecordsInWindows"
#define WEIR__IN_NO_WINDOW     "numRecordsInNoWindow"
#define WEIR__DEAD_LETTERS     "numDeadLetters"
#define WEIR__FUTURE_RECORDS   "numFutureRecords"
#define WEIR__RECORDS_REJECTED "numRecordsRejected"

struct weir__metric_group;

enum weir__metric_kind {
    WEIR__COUNTER,
    WEIR__GAUGE,
    WEIR__METER,
    WEIR__HISTOGRAM,
};

struct weir__metric_group *weir__metric_group_new(void);
void weir__metric_group_free(struct weir__metric_group *group);

/* ---- the task's thread ---- */

/* The counter of that name, created at 0; stays valid until the group is freed. Look it up once,
 * not per record. A name belongs to a kind: one of another kind is another metric. */
int64_t *weir__metric_counter(struct weir__metric_group *group, const char *name);
double *weir__metric_gauge(struct weir__metric_group *group, const char *name);
/* The count behind the rate. */
int64_t *weir__metric_meter(struct weir__metric_group *group, const char *name);
struct weir__histogram *weir__metric_histogram(struct weir__metric_group *group, const char *name);

/* What a metric counts: a counter's or a meter's count, how many values a histogram has seen, a
 * gauge's value, rounded; 0 when there is none. */
int64_t weir__metric_value(const struct weir__metric_group *group, const char *name);
/* Calls visit for every metric, oldest first, with its weir__metric_value. */
void weir__metric_each(const struct weir__metric_group *group,
                       void (*visit)(const char *name, enum weir__metric_kind kind, int64_t value,
                                     void *user),
                       void *user);

/* Makes the present values readable for others. now_ms: of the job's clock, from which the rates
 * are made. */
void weir__metric_publish(struct weir__metric_group *group, int64_t now_ms);

/* ---- any thread ---- */

/* A metric as it was published last. */
struct weir__metric_reading {
    const char *name; /* as long as the group */
    enum weir__metric_kind kind;
    int64_t count; /* of a counter, meter or histogram */
    double value;  /* a gauge's; a meter's rate, a second; else the count */
    struct weir__histogram_summary summary; /* of a histogram */
};

/* Calls visit for every metric that has been published, oldest first. */
void weir__metric_read(const struct weir__metric_group *group,
                       void (*visit)(const struct weir__metric_reading *reading, void *user),
                       void *user);

#endif
