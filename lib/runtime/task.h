/*
 * A task: one subtask of a vertex, as a step function.
 *
 *     gate or source ─▶ head ─▶ operator ─▶ … ─▶ writers
 *
 * A step is a bounded piece of work that never waits. Its answer says what the task waits for;
 * whatever that is (a channel, a source, a full ring) wakes the slot's parker, and
 * weir__task_deadline says when to step again though nothing happened. Both schedulers drive the
 * same tasks.
 *
 * Life: running ─ input ends ▶ closing (final watermark, then every operator's finish, head first)
 * ▶ draining (what is left in the writers) ▶ done. Under pressure (a full ring, a full sink) a task
 * ticks, and does nothing else.
 *
 * Checkpoints (runtime/coordinator.h): a source takes its snapshot when one is triggered, any other
 * task when its gate has all barriers; then the barrier goes on downstream. After the barrier of
 * the checkpoint with which the job stops, a task only listens.
 *
 * One thread at a time; the control is shared.
 */
#ifndef WEIR__RUNTIME_TASK_H
#define WEIR__RUNTIME_TASK_H

#include "graph/plan.h"
#include "runtime/control.h"
#include "runtime/gate.h"
#include "runtime/host.h"
#include "runtime/writer.h"

enum weir_step {
    WEIR_STEP_PROGRESS,
    WEIR_STEP_BLOCKED_ON_INPUT,
    WEIR_STEP_BLOCKED_ON_OUTPUT,
    WEIR_STEP_DONE,
    WEIR_STEP_FAILED, /* weir__task_error says why */
};

struct weir__task;
struct weir__coordinator;
struct weir__task_metrics;

/*
 * Makes the operators of one subtask and chains them. The surroundings and the coordinator are
 * borrowed until the task is freed.
 */
struct weir__task *weir__task_new(const struct weir__vertex *vertex, int subtask,
                                  const struct weir__surroundings *surroundings,
                                  struct weir__control *control,
                                  struct weir__coordinator *coordinator);
void weir__task_free(struct weir__task *task);

/*
 * Connects the task: its output `edge` leaves through the writer (taken); its head reads the
 * channel.
 */
void weir__task_add_writer(struct weir__task *task, const struct weir__edge *edge,
                           struct weir__writer *writer);
void weir__task_add_input(struct weir__task *task, struct weir__channel *channel, int input,
                          const char *name);
/* What writers of this task count their full lanes in. */
int *weir__task_pressure(struct weir__task *task);

/* Its number among the tasks that the coordinator knows. */
void weir__task_set_number(struct weir__task *task, size_t number);

/* Opens the operators, last first. */
WEIR_MUST_USE enum weir_status weir__task_open(struct weir__task *task, struct weir_error *error);

/* budget: about how many records to take in. */
enum weir_step weir__task_step(struct weir__task *task, int budget);
/*
 * When to step again, epoch ms, though nobody woke the task; WEIR_TIME_MAX: never. Meaningful
 * after a blocked step.
 */
int64_t weir__task_deadline(const struct weir__task *task);

const struct weir_error *weir__task_error(const struct weir__task *task);
const struct weir__vertex *weir__task_vertex(const struct weir__task *task);
int weir__task_subtask(const struct weir__task *task);
/* NULL: nobody watches. */
const struct weir__task_metrics *weir__task_metrics(const struct weir__task *task);
/* The operators, head first. */
struct weir__host *const *weir__task_hosts(const struct weir__task *task, size_t *count);

#endif
