/*
 * A job: the plan made real. Tasks with their channels, one slot for each subtask index, and
 * whoever drives them.
 *
 *     weir__job_new ─▶ weir__job_open ─▶ weir__threads_run         ─▶ weir__job_free
 *                                        or weir__simulation_run
 *
 * Tasks live in topological order; channels belong to the job. The first failure is kept and aborts
 * everything.
 */
#ifndef WEIR__RUNTIME_JOB_H
#define WEIR__RUNTIME_JOB_H

#include "graph/plan.h"
#include "runtime/clock.h"
#include "runtime/control.h"
#include "runtime/task.h"

#include <pthread.h>

struct weir__trace;

struct weir__job {
    /* fixed while the job runs */
    const weir_env *env;
    const struct weir__plan *plan;
    const struct weir_clock *clock;
    struct weir__virtual_clock virtual_clock; /* simulation */
    struct weir__trace *trace;                /* NULL: off */
    size_t slots;
    struct weir__parker *parkers;            /* one a slot */
    struct weir__surroundings *surroundings; /* one a slot */
    struct weir__alignment *alignment;       /* of the sources */
    struct weir__vec tasks;                  /* of struct weir__task * */
    struct weir__vec channels;               /* of struct weir__channel * */
    /* shared, with locks of its own */
    struct weir__control control;
    /* under lock */
    pthread_mutex_t lock;
    struct weir_error error; /* the first failure */
};

/* Makes tasks and channels, opens the trace. NULL with *error. */
struct weir__job *weir__job_new(weir_env *env, const struct weir__plan *plan,
                                struct weir_error *error);
/* Opens all operators, those at the end first. False: a failure is kept. */
bool weir__job_open(struct weir__job *job);
void weir__job_free(struct weir__job *job);

static inline struct weir__task *weir__job_task(const struct weir__job *job, size_t i)
{
    return *(struct weir__task **)weir__vec_at(&job->tasks, i);
}

/* Keeps a task's failure, if it is the first, and aborts the job. Any thread. */
void weir__job_fail(struct weir__job *job, const struct weir__task *task,
                    const struct weir_error *error);

/* The schedulers: return when all tasks are done, or the job was aborted. */
void weir__threads_run(struct weir__job *job);
void weir__simulation_run(struct weir__job *job);

#endif
