/*
 * The monitor: what may be seen of a job from outside while it runs, and the one thing that may be
 * done to it. It is how the runtime is watched by what it does not know (the REST server): the
 * watcher is handed a monitor, and asks.
 *
 * The plan and the name are fixed. The metrics are those of the attempt that runs; between two
 * attempts there are none. A lock keeps an attempt from being taken down while somebody reads its
 * metrics; tasks never touch that lock, so that a reader disturbs nobody.
 *
 * Threads: attach, detach and restarted by the thread that runs the job; the rest by any.
 */
#ifndef WEIR__RUNTIME_MONITOR_H
#define WEIR__RUNTIME_MONITOR_H

#include "metrics/metrics.h"
#include "runtime/coordinator.h"

#include <weir/env.h>

struct weir__monitor;
struct weir__job;
struct weir__plan;

/* ---- for the run ---- */

/* All are borrowed. */
struct weir__monitor *weir__monitor_new(const weir_env *env, const struct weir__plan *plan,
                                        const struct weir_clock *clock,
                                        struct weir__coordinator *coordinator);
void weir__monitor_free(struct weir__monitor *monitor);

/* An attempt is about to run, with its operators open. It fails when the job was cancelled
 * meanwhile. */
void weir__monitor_attach(struct weir__monitor *monitor, struct weir__job *job);
/* It is over, and about to be freed. */
void weir__monitor_detach(struct weir__monitor *monitor);
/* The job is being started again, for the n-th time. */
void weir__monitor_restarted(struct weir__monitor *monitor, int restarts);
/* Whether somebody wants the job to end. */
bool weir__monitor_cancelled(struct weir__monitor *monitor);

/* ---- for those who watch ---- */

enum weir__job_state {
    WEIR__JOB_CREATED,
    WEIR__JOB_RUNNING,
    WEIR__JOB_RESTARTING,
    WEIR__JOB_CANCELLING
};

struct weir__monitor_job {
    const char *id; /* 32 hexadecimal digits; as long as the monitor, as are all texts here */
    const char *name;
    const char *plan; /* JSON: Flink's /jobs/:id/plan */
    enum weir__job_state state;
    int64_t start_ms; /* epoch ms */
    int64_t now_ms;
    int slots;
    int restarts;
    size_t vertices;
    bool keeps_checkpoints;
    bool exactly_once;
    int64_t interval_ms; /* of checkpoints; 0: none are taken */
    int64_t timeout_ms;
    int64_t restored; /* the checkpoint that the attempt goes on from; 0: none */
    struct weir__checkpoint_counts checkpoints;
};
struct weir__monitor_job weir__monitor_job(struct weir__monitor *monitor);

struct weir__monitor_vertex {
    int id;           /* from 1: as in the plan */
    const char *name; /* "clicks -> views" */
    int parallelism;
    int max_parallelism;
};
/* vertex: 0 … vertices - 1. */
struct weir__monitor_vertex weir__monitor_vertex(const struct weir__monitor *monitor,
                                                 size_t vertex);

/* Whose metric it is. */
struct weir__metric_scope {
    const struct weir__monitor_vertex *vertex;
    int subtask;
    int operator_index;        /* in the vertex's chain, 0: its head; -1: the task's own */
    const char *operator_name; /* NULL: the task's own */
};

/* Calls visit for every metric of a vertex, subtask by subtask, the task's own first. None between
 * two attempts. visit must be quick: the end of the attempt waits for it. */
void weir__monitor_metrics(struct weir__monitor *monitor, size_t vertex,
                           void (*visit)(const struct weir__metric_scope *scope,
                                         const struct weir__metric_reading *reading, void *user),
                           void *user);

/* The same for the ways from sources to operators, which are metrics of the job: their names say
 * all (operator/latency.h). None where latency is not measured. */
void weir__monitor_latencies(struct weir__monitor *monitor,
                             void (*visit)(const struct weir__metric_reading *reading, void *user),
                             void *user);

/* Ends the job at once, as Flink's cancel: without a savepoint, and it is not started again. */
void weir__monitor_cancel(struct weir__monitor *monitor);

#endif
