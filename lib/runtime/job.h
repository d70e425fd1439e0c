/*
 * A job: one attempt at it, the plan made real. Tasks with their channels, one slot for each
 * subtask index, and whoever drives them.
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
#include "runtime/coordinator.h"
#include "runtime/task.h"

#include <pthread.h>

struct weir__checkpoint;
struct weir__trace;

struct weir__job {
    /* fixed while the job runs */
    const weir_env *env;
    const struct weir__plan *plan;
    const struct weir_clock *clock;
    struct weir__virtual_clock virtual_clock; /* simulation */
    struct weir__trace *trace;                /* borrowed; NULL: off */
    size_t slots;
    struct weir__parker *parkers;            /* one a slot */
    struct weir__surroundings *surroundings; /* one a slot */
    struct weir__alignment *alignment;       /* of the sources */
    struct weir__coordinator *coordinator;   /* borrowed: it outlives the attempt */
    struct weir__checkpoint_settings checkpoints;
    struct weir__tracer *tracer; /* of the coordinator; NULL: not tracing */
    struct weir__vec tasks;      /* of struct weir__task * */
    struct weir__vec channels;   /* of struct weir__channel * */
    /* shared, with locks of its own */
    struct weir__control control;
    /* under lock */
    pthread_mutex_t lock;
    struct weir_error error; /* the first failure */
};

/*
 * Makes tasks and channels. trace: NULL: off. now_ms: where the virtual clock of a simulation goes
 * on. NULL with *error.
 */
struct weir__job *weir__job_new(weir_env *env, const struct weir__plan *plan,
                                struct weir__coordinator *coordinator, struct weir__trace *trace,
                                int64_t now_ms, struct weir_error *error);
/* Opens all operators, those at the end first, and gives them the state of a checkpoint (NULL:
 * none). False: a failure is kept. */
bool weir__job_open(struct weir__job *job, const struct weir__checkpoint *restored);
void weir__job_free(struct weir__job *job);

static inline struct weir__task *weir__job_task(const struct weir__job *job, size_t i)
{
    return *(struct weir__task **)weir__vec_at(&job->tasks, i);
}

/* Keeps a failure, if it is the first, and aborts the job. task: whose; NULL: the job's own. Any
 * thread. */
void weir__job_fail(struct weir__job *job, const struct weir__task *task,
                    const struct weir_error *error);
/* The failure of an operator after the schedulers have returned; false: none. */
bool weir__job_take_failure(struct weir__job *job);

/* The schedulers: return when all tasks are done, or the job was aborted. */
void weir__threads_run(struct weir__job *job);
void weir__simulation_run(struct weir__job *job);

#endif
