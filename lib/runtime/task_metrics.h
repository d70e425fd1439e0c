/*
 * The metrics of a task that others watch while it runs, under Flink's names.
 *
 *     of each operator   numRecordsIn, numRecordsOut, numRecordsInPerSecond,
 *                        numRecordsOutPerSecond, currentInputWatermark, watermarkLag, and what the
 *                        operator or a learner counts; the way from the sources to it, where that
 *                        is measured (operator/latency.h)
 *     of the task        numRecordsIn, numRecordsOut, busyTimeMsPerSecond, idleTimeMsPerSecond,
 *                        backPressuredTimeMsPerSecond
 *
 * The times are measured at steps: all the time from one step to the next belongs to what the first
 * came to. After progress the task was busy (or waited for its turn in the slot, which Flink counts
 * as busy too); blocked on input it was idle; blocked on output it was back-pressured. One reading
 * of the clock a step, none a record; the three sum up to the time that has passed.
 *
 * Values are published (metrics/metrics.h) between two steps, every PUBLISH_MS of the job's clock:
 * a task that sleeps wakes up for it. Nobody watches: there is no such object, and it costs
 * nothing. Threads: the task's; the groups may be read by any.
 */
#ifndef WEIR__RUNTIME_TASK_METRICS_H
#define WEIR__RUNTIME_TASK_METRICS_H

#include "metrics/metrics.h"
#include "runtime/task.h"

struct weir__task_metrics;

/* The hosts, head first, are borrowed. */
struct weir__task_metrics *weir__task_metrics_new(struct weir__host *const *hosts, size_t count,
                                                  const struct weir_clock *clock);
void weir__task_metrics_free(struct weir__task_metrics *metrics);

/* A step begins, at now_ms: measures the time since the last one, and publishes when it is due. */
void weir__task_metrics_begin_step(struct weir__task_metrics *metrics, int64_t now_ms);
/* It has come to this. */
void weir__task_metrics_end_step(struct weir__task_metrics *metrics, enum weir_step step);
/* When the next publication is due, epoch ms. */
int64_t weir__task_metrics_deadline(const struct weir__task_metrics *metrics);

/* The group of the task itself; those of its operators are in their contexts. */
const struct weir__metric_group *weir__task_metrics_group(const struct weir__task_metrics *metrics);

#endif
