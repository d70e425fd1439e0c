/*
 * The scheduler for tests and lessons: one thread, a virtual clock, and a seeded choice of the next
 * task.
 *
 * Every step takes a random share of work and a random while, so a seed stands for one interleaving
 * of the job's tasks and its timers, which repeats exactly. When all tasks are blocked the clock
 * jumps to the next deadline.
 */
#include "runtime/job.h"

#include "base/mem.h"
#include "base/rand.h"

#include <string.h>

enum {
    MOST_RECORDS = 64,      /* a step takes in 1 … this */
    LONGEST_STEP_BITS = 16, /* a seed's steps last up to 2^0 … 2^16 us each */
    COORDINATOR_TURN = 8,   /* the coordinator of checkpoints gets one turn in so many */
};

struct simulation {
    struct weir__job *job;
    struct weir__rand rand;
    struct weir__task **tasks; /* not done */
    size_t task_count;
    size_t ready;        /* tasks[0 … ready) are not known to be blocked */
    uint64_t longest_us; /* a step */
};

/* A blocked task goes behind the ready ones. */
static void set_blocked(struct simulation *simulation, size_t i)
{
    struct weir__task *task = simulation->tasks[i];
    simulation->ready--;
    simulation->tasks[i] = simulation->tasks[simulation->ready];
    simulation->tasks[simulation->ready] = task;
}

static void set_done(struct simulation *simulation, size_t i)
{
    set_blocked(simulation, i);
    simulation->task_count--;
    memmove(&simulation->tasks[simulation->ready], &simulation->tasks[simulation->ready + 1],
            (simulation->task_count - simulation->ready) * sizeof(*simulation->tasks));
}

static void step(struct simulation *simulation)
{
    struct weir__job *job = simulation->job;
    size_t i = weir__rand_below(&simulation->rand, simulation->ready);
    struct weir__task *task = simulation->tasks[i];
    int budget = 1 + (int)weir__rand_below(&simulation->rand, MOST_RECORDS);
    weir__virtual_clock_advance(
        &job->virtual_clock, (int64_t)weir__rand_below(&simulation->rand, simulation->longest_us));
    switch (weir__task_step(task, budget)) {
    case WEIR_STEP_PROGRESS:
        simulation->ready = simulation->task_count; /* it may have unblocked any of them */
        break;
    case WEIR_STEP_BLOCKED_ON_INPUT:
    case WEIR_STEP_BLOCKED_ON_OUTPUT:
        set_blocked(simulation, i);
        break;
    case WEIR_STEP_FAILED:
        weir__job_fail(job, task, weir__task_error(task));
        break;
    case WEIR_STEP_DONE:
        set_done(simulation, i);
        simulation->ready = simulation->task_count;
        break;
    }
}

static bool step_coordinator(struct simulation *simulation)
{
    if (!weir__coordinator_step(simulation->job->coordinator)) {
        return false;
    }
    simulation->ready = simulation->task_count;
    return true;
}

/* All are blocked: time passes. False: nothing will ever happen. */
static bool jump(struct simulation *simulation)
{
    int64_t first = weir__coordinator_deadline(simulation->job->coordinator);
    for (size_t i = 0; i < simulation->task_count; i++) {
        int64_t deadline = weir__task_deadline(simulation->tasks[i]);
        first = deadline < first ? deadline : first;
    }
    if (first == WEIR_TIME_MAX) {
        return false;
    }
    weir__virtual_clock_reach(&simulation->job->virtual_clock, first);
    simulation->ready = simulation->task_count;
    return true;
}

static void fail_stalled(struct simulation *simulation)
{
    struct weir_error error = {0};
    const struct weir__task *task = simulation->tasks[0];
    weir_error_set(&error, WEIR_TIMED_OUT, weir__vertex_operator(weir__task_vertex(task), 0)->name,
                   "the simulation stalled: %zu tasks wait for something that never comes",
                   simulation->task_count);
    weir__job_fail(simulation->job, task, &error);
}

/* A test kills the process here: nothing of what follows in a job's life happens any more. */
static bool dies(struct weir__job *job)
{
    const struct weir__settings *settings = &job->env->settings;
    if (settings->dies == NULL || !settings->dies(settings->dies_user)) {
        return false;
    }
    struct weir_error error = {0};
    weir_error_set(&error, WEIR_CANCELLED, NULL, "the simulated process was killed");
    weir__job_fail(job, NULL, &error);
    return true;
}

void weir__simulation_run(struct weir__job *job)
{
    struct simulation simulation = {
        .job = job, .task_count = job->tasks.count, .ready = job->tasks.count};
    weir__rand_init(&simulation.rand, job->env->settings.seed);
    simulation.longest_us = UINT64_C(1)
                            << weir__rand_below(&simulation.rand, LONGEST_STEP_BITS + 1);
    simulation.tasks = weir__memdup(job->tasks.items, job->tasks.count * sizeof(*simulation.tasks));
    while (simulation.task_count > 0 && !atomic_load(&job->control.aborting)) {
        if (dies(job)) {
            break;
        }
        if (weir__rand_below(&simulation.rand, COORDINATOR_TURN) == 0 &&
            step_coordinator(&simulation)) {
            continue;
        }
        if (simulation.ready > 0) {
            step(&simulation);
        } else if (!step_coordinator(&simulation) && !jump(&simulation)) {
            fail_stalled(&simulation);
        }
    }
    weir__free(simulation.tasks);
}
