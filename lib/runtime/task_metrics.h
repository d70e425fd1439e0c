/*
 * The metrics of a task that others watch while it runs, under Flink's names.
 *
 *     of each operator   numRecordsIn, numRecordsOut, numRecordsInPerSecond,
 *                        numRecordsOutPerSecond, currentInputWatermark, watermarkLag, and what the
 *                        operator or a learner counts; the way from the sources to it, where that
 *                        is measured (operator/latency.h)
 *     of the task        numRecordsIn, numRecordsOut, busyTimeMsPerSecond, idleTimeMsPerSecond,
 *                        backPressuredTimeMsPerSecond, inPoolUsage, outPoolUsage
 *
 * The times are measured at steps. In a step the task is busy; the time to the next one belongs to
 * what this one came to: blocked on output it is back-pressured, blocked on input it is idle. After
 * progress it waits for its turn, while the slot's thread runs another task. A source that has more
 * to read is then held up by those behind it, so it is back-pressured; all others have most likely
 * read what there was, so they are idle. Two readings of the clock a step, none a record; the three
 * sum up to the time that has passed, and the busy times of a slot's tasks to at most that.
 *
 * A pool's usage is the share of the buffers in front of the task, or behind it, that is full.
 *
 * Values are published (metrics/metrics.h) between two steps, every PUBLISH_MS of the job's clock:
 * a task that sleeps wakes up for it. Nobody watches: there is no such object, and it costs
 * nothing. Threads: the task's; the groups may be read by any.
 */
#ifndef WEIR__RUNTIME_TASK_METRICS_H
#define WEIR__RUNTIME_TASK_METRICS_H

#include "metrics/metrics.h"
#include "runtime/channel.h"
#include "runtime/task.h"

struct weir__task_metrics;

/* The hosts, head first, are borrowed. */
struct weir__task_metrics *weir__task_metrics_new(struct weir__host *const *hosts, size_t count,
                                                  const struct weir_clock *clock);
void weir__task_metrics_free(struct weir__task_metrics *metrics);

/* How full the channels in front of the task and behind it are, to be published next. */
void weir__task_metrics_set_usage(struct weir__task_metrics *metrics, struct weir__channel_usage in,
                                  struct weir__channel_usage out);
/* A step begins, at now_ms: measures the time since the last one, and publishes when it is due. */
void weir__task_metrics_begin_step(struct weir__task_metrics *metrics, int64_t now_ms);
/* It has come to this. could_go_on: a source that has more, or whose output is full. */
void weir__task_metrics_end_step(struct weir__task_metrics *metrics, enum weir_step step,
                                 bool could_go_on);
/* When the next publication is due, epoch ms. */
int64_t weir__task_metrics_deadline(const struct weir__task_metrics *metrics);

/* The group of the task itself; those of its operators are in their contexts. */
const struct weir__metric_group *weir__task_metrics_group(const struct weir__task_metrics *metrics);

#endif
