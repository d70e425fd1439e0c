/*
 * Attempts at a job.
 */
#include "runtime/run.h"

#include "base/log.h"
#include "base/mem.h"
#include "graph/restart.h"
#include "runtime/checkpoint_store.h"
#include "runtime/job.h"
#include "runtime/monitor.h"
#include "runtime/pid_file.h"
#include "runtime/restart.h"
#include "runtime/restore.h"
#include "runtime/results.h"
#include "runtime/signals.h"
#include "trace/trace.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

struct run {
    weir_env *env;
    struct weir__plan *plan;
    const struct weir_clock *clock; /* of the trace, and between attempts */
    struct weir__virtual_clock virtual_clock;
    struct weir__trace *trace; /* NULL: off */
    char *directory;           /* of the checkpoints; NULL: none are taken */
    struct weir__checkpoint_store *store;
    struct weir__pid_file pid_file; /* of the directory */
    struct weir__coordinator *coordinator;
    struct weir__restart restart;
    const struct weir__observer *observer;
    struct weir__monitor *monitor; /* NULL: nobody watches */
    void *watching;                /* the observer's own; NULL: it has not been started */
    int restarts;
    int signal; /* that stopped it; 0: none */
};

/* How an attempt ended; a failure is in env->error. */
enum outcome { FINISHED, STOPPED, FAILED, NEVER_RAN };

static struct weir__files *files_of(const struct run *run)
{
    struct weir__files *files = run->env->settings.checkpoints.files;
    return files != NULL ? files : &weir__real_files;
}

static bool simulated(const struct run *run)
{
    return run->env->settings.scheduler == WEIR__SIMULATION;
}

char *weir__run_directory(const weir_env *env)
{
    const char *directory = env->settings.checkpoints.directory;
    return directory != NULL ? weir__strdup(directory)
                             : weir__asprintf("checkpoints/%s", env->job_name);
}

/* ---- being watched ---- */

static enum weir_status start_observer(struct run *run, struct weir_error *error)
{
    const struct weir__settings *settings = &run->env->settings;
    if (!settings->rest.wanted) {
        return WEIR_OK;
    }
    if (simulated(run)) {
        return weir_error_set(error, WEIR_INVALID, NULL,
                              "--rest needs --scheduler threads: the simulation's time is not "
                              "anybody else's");
    }
    run->monitor = weir__monitor_new(run->env, run->plan, run->clock, run->coordinator);
    return run->observer->start(run->monitor, &settings->rest, &run->watching, error);
}

static bool is_cancelled(const struct run *run)
{
    return run->monitor != NULL && weir__monitor_cancelled(run->monitor);
}

static void stop_observer(struct run *run)
{
    if (run->watching != NULL) {
        run->observer->stop(run->watching);
    }
    weir__monitor_free(run->monitor);
}

/* ---- what all attempts have in common ---- */

static const char *savepoints_of(const struct run *run)
{
    const char *savepoints = run->env->settings.checkpoints.savepoints;
    return savepoints != NULL ? savepoints : run->directory;
}

static enum weir_status open_store(struct run *run, struct weir_error *error)
{
    const struct weir__checkpoint_options *options = &run->env->settings.checkpoints;
    if (!weir__checkpoint_options_keep(options)) {
        return WEIR_OK;
    }
    run->directory = weir__run_directory(run->env);
    if (files_of(run) == &weir__real_files) {
        signal(SIGUSR1, SIG_IGN); /* whoever finds the file may send it before an attempt listens */
        weir__pid_file_hold(&run->pid_file, run->directory, savepoints_of(run));
    }
    return weir__checkpoint_store_open(files_of(run), run->directory, &run->store, error);
}

static enum weir_status open_run(struct run *run, struct weir_error *error)
{
    const weir_env *env = run->env;
    const struct weir__settings *settings = &env->settings;
    run->clock = env->clock != NULL ? env->clock : &weir_system_clock;
    if (simulated(run)) {
        int64_t start = env->clock != NULL ? weir_clock_ms(env->clock) : WEIR__VIRTUAL_START_MS;
        weir__virtual_clock_init(&run->virtual_clock, start);
        run->clock = &run->virtual_clock.clock;
    }
    enum weir_status status = open_store(run, error);
    if (status == WEIR_OK && settings->trace != NULL) {
        status = weir__trace_open(settings->trace, run->clock, &run->trace, error);
    }
    if (status != WEIR_OK) {
        return status;
    }
    struct weir_restart_strategy strategy =
        weir__restart_resolve(&settings->restart, settings->checkpoints.interval_ms > 0);
    weir__restart_init(&run->restart, &strategy, settings->seed);
    run->coordinator = weir__coordinator_new(
        &(struct weir__coordinator_config){.options = &settings->checkpoints,
                                           .store = run->store,
                                           .savepoints = savepoints_of(run),
                                           .job_name = env->job_name,
                                           .by_batch = settings->micro_batch_ms > 0},
        error);
    return run->coordinator != NULL ? start_observer(run, error) : error->code;
}

static void close_run(struct run *run)
{
    stop_observer(run);
    weir__coordinator_free(run->coordinator);
    if (run->store != NULL) {
        weir__checkpoint_store_close(run->store);
    }
    weir__pid_file_release(&run->pid_file);
    if (run->trace != NULL) {
        weir__trace_close(run->trace);
    }
    weir__restart_fini(&run->restart);
    weir__free(run->directory);
}

/* ---- one attempt ---- */

/* Finds and reads the checkpoint to begin with; *found: there is one. */
static enum weir_status load(struct run *run, struct weir__checkpoint *restored, bool *found,
                             struct weir_error *error)
{
    const struct weir__settings *settings = &run->env->settings;
    const struct weir__checkpoint_settings checkpoints = {
        .job_name = run->env->job_name,
        .interval_ms = settings->checkpoints.interval_ms,
        .timeout_ms = settings->checkpoints.timeout_ms,
    };
    const struct weir__surroundings surroundings = {
        .clock = run->clock,
        .properties = (const char *const *)settings->properties.items,
        .brokers = settings->brokers,
        .checkpoints = &checkpoints,
    };
    int64_t newest = weir__coordinator_counts(run->coordinator).last_id;
    char *path = NULL;
    *found = false;
    enum weir_status status = weir__restore_find(run->env, run->plan, run->directory, &surroundings,
                                                 newest, &path, error);
    if (status == WEIR_OK && path != NULL) {
        status = weir__restore_load(run->env, run->plan, path, restored, error);
        *found = status == WEIR_OK;
    }
    if (*found) {
        weir__log(WEIR__LOG_INFO, "going on from %s", path);
    }
    weir__free(path);
    return status;
}

static void drive(struct run *run, struct weir__job *job)
{
    switch (run->env->settings.scheduler) {
    case WEIR__THREADS:
        weir__threads_run(job);
        break;
    case WEIR__SIMULATION:
        weir__simulation_run(job);
        weir__virtual_clock_reach(&run->virtual_clock, weir_clock_ms(job->clock));
        break;
    }
    const struct weir_error *failure = weir__coordinator_failure(run->coordinator);
    if (failure->code != WEIR_OK) {
        weir__job_fail(job, NULL, failure);
    }
    bool complete = job->error.code == WEIR_OK && !weir__coordinator_stopped(run->coordinator);
    struct weir_error error = {0};
    if (complete && weir__coordinator_finish(run->coordinator, &error) != WEIR_OK) {
        weir__job_fail(job, NULL, &error);
    }
    weir__job_take_failure(job);
}

static enum outcome run_job(struct run *run, struct weir__job *job,
                            const struct weir__checkpoint *restored)
{
    weir__coordinator_begin(run->coordinator, job->tasks.items, job->tasks.count, &job->control,
                            job->clock, job->tracer, restored != NULL ? restored->id : 0);
    bool caught = weir__signals_catch(&job->control, run->store != NULL ? run->coordinator : NULL);
    bool opened = weir__job_open(job, restored);
    if (opened && run->monitor != NULL) {
        weir__monitor_attach(run->monitor, job);
    }
    if (opened) {
        drive(run, job);
    }
    if (opened && run->monitor != NULL) {
        weir__monitor_detach(run->monitor);
    }
    run->signal = caught ? weir__signals_release() : 0;
    weir__coordinator_end(run->coordinator);
    run->env->error = job->error;
    if (job->error.code != WEIR_OK) {
        return opened ? FAILED : NEVER_RAN;
    }
    return run->signal != 0 || weir__coordinator_stopped(run->coordinator) ? STOPPED : FINISHED;
}

static enum outcome attempt(struct run *run)
{
    struct weir__checkpoint restored = {0};
    struct weir_error error = {0};
    bool found = false;
    if (load(run, &restored, &found, &error) != WEIR_OK) {
        run->env->error = error;
        return NEVER_RAN;
    }
    struct weir__job *job = weir__job_new(run->env, run->plan, run->coordinator, run->trace,
                                          weir_clock_ms(run->clock), &error);
    enum outcome outcome = NEVER_RAN;
    if (job == NULL) {
        run->env->error = error;
    } else {
        outcome = run_job(run, job, found ? &restored : NULL);
        struct weir__checkpoint_counts counts = weir__coordinator_counts(run->coordinator);
        weir__results_keep(run->env, job, &counts, run->restarts);
        weir__job_free(job);
    }
    if (found) {
        weir__checkpoint_fini(&restored);
    }
    return outcome;
}

/* ---- from one to the next ---- */

static void wait(struct run *run, int64_t delay_ms)
{
    if (simulated(run)) {
        weir__virtual_clock_advance(&run->virtual_clock, delay_ms * 1000);
        return;
    }
    struct weir__parker *parker = weir__coordinator_parker(run->coordinator);
    weir__parker_announce(parker);
    if (is_cancelled(run)) {
        weir__parker_cancel(parker);
    } else {
        weir__parker_sleep(parker, delay_ms);
    }
}

/* False: it was the last attempt. */
static bool try_again(struct run *run, enum outcome outcome)
{
    struct weir_error *error = &run->env->error;
    if ((outcome == NEVER_RAN && run->restarts == 0) || error->code == WEIR_CANCELLED ||
        error->code == WEIR_FENCED || /* the other instance is to go on, not this one */
        run->signal != 0 || is_cancelled(run)) {
        return false;
    }
    int64_t delay_ms = weir__restart_failure(&run->restart, weir_clock_ns(run->clock) / 1000000);
    char decision[WEIR__RESTART_DECISION_TEXT];
    weir__restart_decision(&run->restart, decision);
    if (delay_ms < 0) {
        if (run->restarts > 0) {
            weir__log(WEIR__LOG_WARNING, "%s", decision);
        }
        return false;
    }
    weir__log(WEIR__LOG_WARNING, "%s%s%s; %s", error->where, error->where[0] != '\0' ? ": " : "",
              error->message, decision);
    run->restarts++;
    if (run->trace != NULL) {
        weir__trace_restart(weir__trace_tracer(run->trace), error->message, run->restarts);
    }
    if (run->monitor != NULL) {
        weir__monitor_restarted(run->monitor, run->restarts);
    }
    *error = (struct weir_error){0};
    wait(run, delay_ms);
    return true;
}

enum weir__run_end weir__run(weir_env *env, struct weir__plan *plan,
                             const struct weir__observer *observer, int *number)
{
    struct run run = {.env = env, .plan = plan, .observer = observer};
    enum outcome outcome = NEVER_RAN;
    *number = 0;
    struct weir_error error = {0};
    if (open_run(&run, &error) != WEIR_OK) {
        env->error = error;
    } else {
        outcome = attempt(&run);
        while (env->error.code != WEIR_OK && try_again(&run, outcome)) {
            outcome = attempt(&run);
        }
    }
    *number = run.signal == SIGUSR1 ? 0 : run.signal;
    close_run(&run);
    switch (outcome) {
    case FINISHED:
        return WEIR__RUN_FINISHED;
    case STOPPED:
        return WEIR__RUN_STOPPED;
    case FAILED:
    case NEVER_RAN:
        break;
    }
    return WEIR__RUN_FAILED;
}
