/*
 * Metrics of one operator subtask: named counters. Written by the task's thread alone; read after
 * the job, or as a relaxed snapshot while it runs.
 */
#ifndef WEIR__METRICS_METRICS_H
#define WEIR__METRICS_METRICS_H

#include <stdint.h>

/* Names as Flink has them; the last three are ours. */
#define WEIR__LATE_DROPPED     "numLateRecordsDropped"
#define WEIR__IN_WINDOWS       "numRecordsInWindows"
#define WEIR__IN_NO_WINDOW     "numRecordsInNoWindow"
#define WEIR__DEAD_LETTERS     "numDeadLetters"
#define WEIR__FUTURE_RECORDS   "numFutureRecords"
#define WEIR__RECORDS_REJECTED "numRecordsRejected"

struct weir__metric_group;

struct weir__metric_group *weir__metric_group_new(void);
void weir__metric_group_free(struct weir__metric_group *group);
/* The counter of that name, created at 0; stays valid until the group is freed. Look it up once,
 * not per record. */
int64_t *weir__metric_counter(struct weir__metric_group *group, const char *name);
/* Its value; 0 when there is none. */
int64_t weir__metric_value(const struct weir__metric_group *group, const char *name);
/* Calls visit for every counter, oldest first. */
void weir__metric_each(const struct weir__metric_group *group,
                       void (*visit)(const char *name, int64_t value, void *user), void *user);

#endif
