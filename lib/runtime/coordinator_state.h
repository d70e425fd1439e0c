/*
 * What the coordinator keeps, as its files share it: coordinator.c decides what happens next,
 * coordinator_tasks.c talks to tasks, coordinator_write.c writes down what they gave.
 */
#ifndef WEIR__RUNTIME_COORDINATOR_STATE_H
#define WEIR__RUNTIME_COORDINATOR_STATE_H

#include "runtime/checkpoint_store.h"
#include "runtime/coordinator.h"

#include <pthread.h>
#include <stdatomic.h>

/* What is known of a task. */
struct weir__coordinator_part {
    struct weir__snapshot *taken; /* of the pending checkpoint, owned; under lock */
    bool ended;                   /* under lock */
    /* What its operators have heard; the task's thread, and step's once it has ended. */
    int64_t completed;
    int64_t aborted;
};

struct weir__coordinator {
    /* fixed */
    const struct weir__checkpoint_options *options;
    struct weir__checkpoint_store *store; /* NULL: none */
    const char *savepoints;
    const char *job_name;
    bool by_batch;
    struct weir__parker parker;
    /* fixed in an attempt */
    struct weir__task *const *tasks;
    size_t task_count;
    struct weir__control *control; /* NULL: no attempt */
    const struct weir_clock *clock;
    struct weir__tracer *tracer;
    /* step's thread */
    enum weir__checkpoint_kind kind; /* of the pending one */
    int64_t started_ms;
    int64_t due_ms; /* when the next begins; WEIR_TIME_MAX: never by itself */
    int64_t next_id;
    int64_t
        settled; /* of the last checkpoints the one that all sinks are known to have committed */
    int64_t failures;          /* in a row */
    struct weir_error failure; /* why the attempt must end; code WEIR_OK: it need not */
    /* under lock; step's thread alone writes pending and writer */
    pthread_mutex_t lock;
    struct weir__coordinator_part *parts;   /* one a task */
    int64_t pending;                        /* 0: none */
    struct weir__checkpoint_writer *writer; /* of the pending one; NULL: it is not kept */
    size_t missing;                         /* parts that have not taken theirs */
    size_t told_of_stop;      /* tasks that know that the last checkpoint is complete */
    struct weir__vec offsets; /* of struct weir_source_offset: of the last complete one */
    struct weir__checkpoint_counts counts;
    /* atomic */
    _Atomic int64_t triggered;
    _Atomic int64_t completed;
    _Atomic int64_t aborted;
    _Atomic int64_t stop_with; /* the checkpoint after which the job stops; 0: none */
    atomic_bool stop_wanted;
    atomic_bool batch_over; /* by_batch: a checkpoint is wanted */
    atomic_bool stopped;
};

/* ---- coordinator_tasks.c: tasks that have ended, for step's thread ---- */

/* Takes their part of the pending checkpoint, and tells them what became of checkpoints. */
void weir__coordinator_take_for_ended(struct weir__coordinator *coordinator);
void weir__coordinator_tell_ended(struct weir__coordinator *coordinator);
/* Why an operator failed in its snapshot; one did. */
enum weir_status weir__coordinator_operator_failure(const struct weir__coordinator *coordinator,
                                                    struct weir_error *error);

/* ---- coordinator_write.c ---- */

/* Writes the pending checkpoint, of which all parts are there; *bytes: its size. */
WEIR_MUST_USE enum weir_status weir__coordinator_write(struct weir__coordinator *coordinator,
                                                       int64_t *bytes, struct weir_error *error);
/* After one has become complete: those that nobody needs any more go. */
void weir__coordinator_remove_old(struct weir__coordinator *coordinator);

#endif
