/*
 * --cluster: the job in a process of its own, the task manager, and this one, the job manager,
 * which starts it again when it dies.
 *
 *     job manager                                task manager (the same program, started again)
 *     start ───────────────────────────────────▶ runs the job, takes checkpoints
 *     its restart strategy ◀── killed ──────────  ✗
 *     start, from the latest checkpoint ────────▶ goes on
 *     ends as it has ended ◀── exit status ─────  finished, failed or stopped
 *
 * What the job itself can deal with (an operator that fails) the task manager does, with the same
 * strategy; only its death by a signal is the job manager's business. It is in a process group of
 * its own, so that the terminal's ^C reaches the job manager alone, which passes SIGINT, SIGTERM
 * and SIGUSR1 on; and it is killed when the job manager dies, however that does.
 *
 * The job manager never comes back from here, so that what a program does after its job is done by
 * the task manager only. What it does before, both do.
 */
#ifndef WEIR__RUNTIME_CLUSTER_H
#define WEIR__RUNTIME_CLUSTER_H

#include <weir/env.h>

/* Whether this process is to be a job manager: --cluster was asked for, and none has started it. */
bool weir__cluster_wanted(const weir_env *env);
/* Becomes one, and exits with the job's exit code. Returns, with env->error, only when it cannot.
 */
void weir__cluster_run(weir_env *env);

#endif
