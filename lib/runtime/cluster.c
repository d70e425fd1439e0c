/*
 * The job manager's process. It waits for signals only: of its child, and of those who want it to
 * stop.
 */
#include "runtime/cluster.h"

#include "base/log.h"
#include "base/mem.h"
#include "graph/env.h"
#include "graph/restart.h"
#include "runtime/checkpoint_store.h"
#include "runtime/restart.h"
#include "runtime/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the task manager's environment: who has started it. */
#define ROLE "WEIR_TASK_MANAGER"

extern char **environ;

struct manager {
    weir_env *env;
    char *directory;              /* of checkpoints, whether it is there or not */
    int64_t before;               /* the newest checkpoint there when the job began; 0: none */
    struct weir__restart restart; /* deaths of task managers */
    sigset_t awaited;
    sigset_t usual; /* the signal mask before, which the task manager gets */
    pid_t child;
    int stopped_by; /* the first signal that was passed on to end the job; 0: none */
};

/* The role says who has started this process: its own children inherit it, and are no task
 * managers.
 */
static bool is_task_manager(void)
{
    const char *role = getenv(ROLE);
    return role != NULL && strtol(role, NULL, 10) == (long)getppid();
}

bool weir__cluster_wanted(const weir_env *env)
{
    return env->settings.cluster && !is_task_manager();
}

/* ---- the latest checkpoint of this job ---- */

/* Its id; 0: there is none, or nobody can tell, and the task manager will say why. */
static int64_t newest(const struct manager *manager)
{
    struct weir__vec places;
    int64_t id = 0;
    if (weir__checkpoint_list(&weir__real_files, manager->directory, &places, NULL) != WEIR_OK) {
        return 0;
    }
    for (size_t i = 0; i < places.count; i++) {
        const struct weir__checkpoint_place *place = weir__vec_at(&places, i);
        id = place->kind == WEIR__CHECKPOINT && place->id > id ? place->id : id;
    }
    weir__checkpoint_list_fini(&places);
    return id;
}

/* ---- the task manager ---- */

/* In the child, between fork and exec: nothing but system calls. */
static void become(const struct manager *manager, char **arguments, char **surroundings,
                   pid_t parent)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(128 + SIGKILL); /* it died before it could be told */
    }
    sigprocmask(SIG_SETMASK, &manager->usual, NULL);
    execve("/proc/self/exe", arguments, surroundings);
    _exit(127);
}

/* go_on: from the latest checkpoint; else as the user said. False: there is no process, error says
 * why. */
static bool start(struct manager *manager, bool go_on, struct weir_error *error)
{
    static char from_latest[] = "--from=latest";
    const struct weir__options *options = &manager->env->options;
    size_t count = 0;
    while (environ[count] != NULL) {
        count++;
    }
    char **arguments = weir__calloc((size_t)options->argc + 2, sizeof(char *));
    char **surroundings = weir__calloc(count + 2, sizeof(char *));
    memcpy(arguments, options->argv, (size_t)options->argc * sizeof(char *));
    memcpy(surroundings, environ, count * sizeof(char *));
    char *role = weir__asprintf(ROLE "=%ld", (long)getpid());
    arguments[options->argc] = go_on ? from_latest : NULL; /* the last of several wins */
    surroundings[count] = role;
    fflush(NULL); /* or both write what is buffered */
    pid_t parent = getpid();
    manager->child = fork();
    if (manager->child == 0) {
        become(manager, arguments, surroundings, parent);
    }
    int why = errno;
    weir__free(role);
    weir__free(surroundings);
    weir__free(arguments);
    if (manager->child < 0) {
        weir_error_set(error, WEIR_UNAVAILABLE, NULL, "cannot start a task manager: %s",
                       strerror(why));
        return false;
    }
    weir__log(WEIR__LOG_INFO, "job manager %ld: task manager %ld runs the job", (long)parent,
              (long)manager->child);
    return true;
}

/* Its wait status when it has ended. */
static bool has_ended(const struct manager *manager, int *status)
{
    return waitpid(manager->child, status, WNOHANG) == manager->child;
}

/* The first one asks it to stop; after that it has no choice. SIGUSR1 (a savepoint) may come with
 * any. */
static void pass_on(struct manager *manager, int number)
{
    if (number != SIGUSR1 && manager->stopped_by != 0) {
        number = SIGKILL;
    } else if (number != SIGUSR1) {
        manager->stopped_by = number;
    }
    kill(manager->child, number);
}

/* Until it has ended; returns its wait status. */
static int wait_for_end(struct manager *manager)
{
    int status = 0;
    while (!has_ended(manager, &status)) {
        int number = sigwaitinfo(&manager->awaited, NULL);
        if (number > 0 && number != SIGCHLD) {
            pass_on(manager, number);
        }
    }
    return status;
}

/* Sleeps, unless somebody wants the job to end: returns that signal, or 0. */
static int pause_for(const struct manager *manager, int64_t delay_ms)
{
    int64_t end_ns = weir_clock_ns(&weir_system_clock) + delay_ms * 1000000;
    for (;;) {
        int64_t left_ns = end_ns - weir_clock_ns(&weir_system_clock);
        left_ns = left_ns > 0 ? left_ns : 0;
        struct timespec left = {.tv_sec = (time_t)(left_ns / 1000000000),
                                .tv_nsec = (long)(left_ns % 1000000000)};
        int number = sigtimedwait(&manager->awaited, NULL, &left);
        if (number == SIGINT || number == SIGTERM) {
            return number;
        }
        if (number < 0 && errno == EAGAIN) {
            return 0;
        }
    }
}

/* ---- its deaths ---- */

/* Killed: starts another one when the strategy says so. False: that was the last one. */
static bool start_again(struct manager *manager, int number, struct weir_error *error)
{
    char decision[WEIR__RESTART_DECISION_TEXT];
    int64_t delay_ms =
        weir__restart_failure(&manager->restart, weir_clock_ns(&weir_system_clock) / 1000000);
    weir__restart_decision(&manager->restart, decision);
    int64_t id = newest(manager);
    bool go_on = id > manager->before; /* else there is none of this job yet */
    char from[64] = ", from the beginning";
    if (go_on) {
        snprintf(from, sizeof(from), ", from its checkpoints (the latest: %lld)", (long long)id);
    }
    weir__log(WEIR__LOG_WARNING, "task manager %ld was killed by signal %d (%s); %s%s",
              (long)manager->child, number, strsignal(number), decision, delay_ms >= 0 ? from : "");
    if (delay_ms < 0) {
        return false;
    }
    manager->stopped_by = pause_for(manager, delay_ms);
    return manager->stopped_by == 0 && start(manager, go_on, error);
}

/* Starts task managers until one has ended by itself; returns the exit code. */
static int supervise(struct manager *manager)
{
    struct weir_error error = {0};
    bool runs = start(manager, false, &error);
    int code = EXIT_FAILURE;
    while (runs) {
        int status = wait_for_end(manager);
        code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
        runs = WIFSIGNALED(status) && manager->stopped_by == 0 &&
               start_again(manager, WTERMSIG(status), &error);
        if (WIFSIGNALED(status) && manager->stopped_by != 0) {
            code = 128 + manager->stopped_by;
        }
    }
    if (error.code != WEIR_OK) {
        weir__log(WEIR__LOG_ERROR, "%s", error.message);
    }
    return code;
}

void weir__cluster_run(weir_env *env)
{
    const struct weir__checkpoint_options *checkpoints = &env->settings.checkpoints;
    if (env->options.argv == NULL || env->options.argc < 1) {
        weir_error_set(&env->error, WEIR_INVALID, NULL,
                       "--cluster starts the program again, so weir_env_new needs its arguments");
        return;
    }
    struct manager manager = {.env = env, .directory = weir__run_directory(env)};
    manager.before = newest(&manager);
    struct weir_restart_strategy strategy =
        weir__restart_resolve(&env->settings.restart, checkpoints->interval_ms > 0);
    weir__restart_init(&manager.restart, &strategy, env->settings.seed);
    signal(SIGCHLD, SIG_DFL); /* an ignored one leaves nobody to wait for */
    sigemptyset(&manager.awaited);
    const int awaited[] = {SIGCHLD, SIGINT, SIGTERM, SIGUSR1};
    for (size_t i = 0; i < sizeof(awaited) / sizeof(awaited[0]); i++) {
        sigaddset(&manager.awaited, awaited[i]);
    }
    sigprocmask(SIG_BLOCK, &manager.awaited, &manager.usual);
    int code = supervise(&manager);
    weir__restart_fini(&manager.restart);
    weir__free(manager.directory);
    exit(code);
}
