/*
 * The checkpoint coordinator: decides when a checkpoint begins, collects what the tasks give to it,
 * writes it, and tells everybody when it is durable.
 *
 *     coordinator                     tasks
 *     trigger 7 ────────────────────▶ a source takes its snapshot and sends barrier 7 downstream;
 *                                     a subtask takes its own when all its channels have brought it
 *     collect ◀──────────── ack 7 ─── with the snapshot; the task goes on at once
 *     write chk-7, in its own thread
 *     complete 7 ───────────────────▶ sinks commit, sources tell their brokers
 *
 * A task that has ended takes no part any more: the coordinator takes its snapshot itself, and
 * tells its operators. So the end of a job is a checkpoint like any other, with all tasks ended; it
 * commits what came since the last one.
 *
 * One checkpoint at a time. One that takes longer than the timeout, or cannot be written, has
 * failed: the job goes on, sinks hear of it, and what was prepared for it belongs to the next. Only
 * more failures in a row than are tolerated fail the job.
 *
 * It lives as long as weir_execute: several attempts of the job, one after the other, have one
 * coordinator. Like a task it is a step function: the scheduler of threads gives it a thread of its
 * own, the simulation a turn now and then.
 *
 * Threads: tasks call the part that is theirs, from their threads; step, begin, end and finish are
 * called by one thread at a time. Source: semantics sheet, section 19.
 */
#ifndef WEIR__RUNTIME_COORDINATOR_H
#define WEIR__RUNTIME_COORDINATOR_H

#include "graph/settings.h"
#include "operator/operator.h"
#include "runtime/parker.h"
#include "runtime/snapshot.h"

struct weir__task;
struct weir__control;
struct weir__checkpoint_store;
struct weir__coordinator;

struct weir__coordinator_config {
    const struct weir__checkpoint_options *options; /* borrowed */
    /* Where they are kept, borrowed; NULL: nowhere. There is then only the one at the end. */
    struct weir__checkpoint_store *store;
    const char *savepoints; /* where savepoints go; borrowed */
    const char *job_name;
    bool by_batch; /* a checkpoint begins behind every micro-batch, and not by the clock */
};

/* NULL with *error. */
struct weir__coordinator *weir__coordinator_new(const struct weir__coordinator_config *config,
                                                struct weir_error *error);
void weir__coordinator_free(struct weir__coordinator *coordinator);

/* ---- for the job ---- */

/* An attempt begins: its tasks and its control are borrowed until end. restored: the checkpoint
 * from which it goes on, 0: none. */
void weir__coordinator_begin(struct weir__coordinator *coordinator, struct weir__task *const *tasks,
                             size_t task_count, struct weir__control *control,
                             const struct weir_clock *clock, struct weir__tracer *tracer,
                             int64_t restored);
/* It is over; a checkpoint that was not complete is given up. */
void weir__coordinator_end(struct weir__coordinator *coordinator);
/*
 * All tasks have ended well: the last checkpoint, which commits everything. Errors: that it could
 * not be written, with what to do.
 */
WEIR_MUST_USE enum weir_status weir__coordinator_finish(struct weir__coordinator *coordinator,
                                                        struct weir_error *error);

/* Does what is to be done now. True: something was. */
bool weir__coordinator_step(struct weir__coordinator *coordinator);
/* When to step again though nothing happened, epoch ms; WEIR_TIME_MAX: never. */
int64_t weir__coordinator_deadline(struct weir__coordinator *coordinator);
/* What its thread sleeps on; woken when a task has done something for it. */
struct weir__parker *weir__coordinator_parker(struct weir__coordinator *coordinator);

/* Asks for a savepoint after which the job stops: sources go no further, and the control aborts
 * when everything is committed. Any thread, also a signal handler. */
void weir__coordinator_stop_with_savepoint(struct weir__coordinator *coordinator);
/* Whether it has come to that. */
bool weir__coordinator_stopped(const struct weir__coordinator *coordinator);
/* Why it aborted the attempt; code WEIR_OK: it did not. Once the attempt is over. */
const struct weir_error *weir__coordinator_failure(const struct weir__coordinator *coordinator);

enum { WEIR__PAST_CHECKPOINTS = 10 }; /* as many as Flink remembers */

/* One that has ended. */
struct weir__past_checkpoint {
    int64_t id;
    bool completed; /* else it has failed */
    bool savepoint;
    int64_t begun_ms; /* when it was triggered, epoch ms */
    int64_t ms;       /* its duration */
    int64_t bytes;    /* its size; 0: it failed */
};

/* What became of checkpoints so far; any thread. */
struct weir__checkpoint_counts {
    int64_t completed;
    int64_t failed;
    int64_t pending;    /* the one being taken; 0: none */
    int64_t last_id;    /* of the last complete one; 0: none */
    int64_t last_ms;    /* its duration */
    int64_t last_bytes; /* its size */
    int64_t stall_us;   /* the longest that a task of it stood still */
    /* The last ones: the n-th that ended, from 0, is at n % WEIR__PAST_CHECKPOINTS. */
    struct weir__past_checkpoint past[WEIR__PAST_CHECKPOINTS];
};
struct weir__checkpoint_counts weir__coordinator_counts(struct weir__coordinator *coordinator);

/* ---- for tasks, which are numbered as in begin ---- */

/* Whether channels wait for each other's barriers. */
bool weir__coordinator_is_exactly_once(const struct weir__coordinator *coordinator);
/* The newest checkpoint that sources are to begin; 0: none yet. */
int64_t weir__coordinator_triggered(const struct weir__coordinator *coordinator);
/* A source has sent all of a micro-batch: it is to be committed. */
void weir__coordinator_batch_over(struct weir__coordinator *coordinator);
/* Whether the job stops with this checkpoint. */
bool weir__coordinator_stops_with(const struct weir__coordinator *coordinator, int64_t checkpoint);
/* The task takes its snapshot, and hands it over. Nothing when the checkpoint has failed meanwhile.
 */
void weir__coordinator_take(struct weir__coordinator *coordinator, size_t task,
                            struct weir__host *const *hosts, size_t count, int64_t checkpoint);
/* The task has ended, and will not be stepped again. */
void weir__coordinator_done(struct weir__coordinator *coordinator, size_t task);
/* Tells the task's operators what became of checkpoints since the last call. Cheap when nothing
 * did. */
void weir__coordinator_tell(struct weir__coordinator *coordinator, size_t task,
                            struct weir__host *const *hosts, size_t count);

#endif
