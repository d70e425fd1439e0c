/*
 * The scheduler for real work: a slot is a thread, and runs subtask i of every vertex, in turn.
 *
 * The calling thread is slot 0. A slot whose tasks are all blocked parks until a channel, a source
 * or a timer has something for it. The coordinator of checkpoints has a thread of its own, so that
 * writing one down holds nobody up.
 */
#include "runtime/job.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

enum {
    BUDGET =
        512, /* records a step: enough to forget the step's cost, few enough to keep turns short */
};

struct slot {
    struct weir__job *job;
    struct weir__parker *parker;
    struct weir__task *
        *tasks; /* those at the end of the job first: room is made before it is needed */
    size_t task_count;
    pthread_t thread;
};

static void collect_tasks(struct slot *slot, int index)
{
    struct weir__job *job = slot->job;
    slot->tasks = weir__calloc(job->tasks.count, sizeof(*slot->tasks));
    for (size_t i = job->tasks.count; i > 0; i--) {
        struct weir__task *task = weir__job_task(job, i - 1);
        if (weir__task_subtask(task) == index) {
            slot->tasks[slot->task_count++] = task;
        }
    }
}

static void remove_task(struct slot *slot, size_t i)
{
    slot->task_count--;
    memmove(&slot->tasks[i], &slot->tasks[i + 1], (slot->task_count - i) * sizeof(*slot->tasks));
}

/* Steps every task once. True: something happened. */
static bool pass(struct slot *slot)
{
    bool happened = false;
    for (size_t i = 0; i < slot->task_count;) {
        struct weir__task *task = slot->tasks[i];
        switch (weir__task_step(task, BUDGET)) {
        case WEIR_STEP_PROGRESS:
            happened = true;
            i++;
            break;
        case WEIR_STEP_BLOCKED_ON_INPUT:
        case WEIR_STEP_BLOCKED_ON_OUTPUT:
            i++;
            break;
        case WEIR_STEP_FAILED:
            weir__job_fail(slot->job, task, weir__task_error(task));
            return true;
        case WEIR_STEP_DONE:
            remove_task(slot, i);
            happened = true;
            break;
        }
    }
    return happened;
}

/* For a parker: ms, -1 without limit. */
static int64_t time_until(const struct weir__job *job, int64_t deadline)
{
    if (deadline == WEIR_TIME_MAX) {
        return -1;
    }
    int64_t left = weir_time_sub(deadline, weir_clock_ms(job->clock));
    return left > 0 ? left : 0;
}

static int64_t time_to_sleep(const struct slot *slot)
{
    int64_t first = WEIR_TIME_MAX;
    for (size_t i = 0; i < slot->task_count; i++) {
        int64_t deadline = weir__task_deadline(slot->tasks[i]);
        first = deadline < first ? deadline : first;
    }
    return time_until(slot->job, first);
}

static void *run_slot(void *arg)
{
    struct slot *slot = arg;
    struct weir__control *control = &slot->job->control;
    while (slot->task_count > 0 && !atomic_load(&control->aborting)) {
        if (pass(slot)) {
            continue;
        }
        weir__parker_announce(slot->parker);
        if (pass(slot) || atomic_load(&control->aborting)) {
            weir__parker_cancel(slot->parker);
        } else {
            weir__parker_sleep(slot->parker, time_to_sleep(slot));
        }
    }
    return NULL;
}

/* ---- the coordinator ---- */

struct steward {
    struct weir__job *job;
    pthread_t thread;
    atomic_bool over;
};

static bool is_over(struct steward *steward)
{
    return atomic_load(&steward->over) || atomic_load(&steward->job->control.aborting);
}

static void *run_coordinator(void *arg)
{
    struct steward *steward = arg;
    struct weir__coordinator *coordinator = steward->job->coordinator;
    struct weir__parker *parker = weir__coordinator_parker(coordinator);
    while (!is_over(steward)) {
        if (weir__coordinator_step(coordinator)) {
            continue;
        }
        weir__parker_announce(parker);
        if (weir__coordinator_step(coordinator) || is_over(steward)) {
            weir__parker_cancel(parker);
        } else {
            weir__parker_sleep(parker,
                               time_until(steward->job, weir__coordinator_deadline(coordinator)));
        }
    }
    return NULL;
}

static void stop_coordinator(struct steward *steward)
{
    atomic_store(&steward->over, true);
    weir__parker_wake(weir__coordinator_parker(steward->job->coordinator));
    pthread_join(steward->thread, NULL);
}

static void fail_to_start(struct weir__job *job, const char *what, size_t number, int code)
{
    struct weir_error error = {0};
    weir_error_set(&error, WEIR_LIMIT, NULL, "cannot start a thread for %s %zu: %s", what, number,
                   strerror(code));
    weir__job_fail(job, NULL, &error);
}

void weir__threads_run(struct weir__job *job)
{
    struct steward steward = {.job = job};
    int unstarted = pthread_create(&steward.thread, NULL, run_coordinator, &steward);
    if (unstarted != 0) {
        fail_to_start(job, "checkpoint coordinator", 1, unstarted);
        return;
    }
    struct slot *slots = weir__calloc(job->slots, sizeof(*slots));
    size_t started = 0;
    for (size_t i = 0; i < job->slots; i++) {
        slots[i].job = job;
        slots[i].parker = &job->parkers[i];
        collect_tasks(&slots[i], (int)i);
    }
    for (size_t i = 1; i < job->slots; i++) {
        int code = pthread_create(&slots[i].thread, NULL, run_slot, &slots[i]);
        if (code != 0) {
            fail_to_start(job, "slot", i, code);
            break;
        }
        started = i;
    }
    run_slot(&slots[0]);
    for (size_t i = 1; i <= started; i++) {
        pthread_join(slots[i].thread, NULL);
    }
    stop_coordinator(&steward);
    for (size_t i = 0; i < job->slots; i++) {
        weir__free(slots[i].tasks);
    }
    weir__free(slots);
}
