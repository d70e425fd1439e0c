/*
 * Signals while a job runs. The first SIGINT or SIGTERM stops it: with checkpoints, after a
 * savepoint; without, the sources stop and the job finishes. The second one ends the process at
 * once. SIGUSR1 asks for the savepoint, too, and is no reason to fail.
 *
 * One job a process at a time is reached by signals; a second one that runs beside it is not.
 */
#ifndef WEIR__RUNTIME_SIGNALS_H
#define WEIR__RUNTIME_SIGNALS_H

#include "runtime/control.h"
#include "runtime/coordinator.h"

/* coordinator: who takes the savepoint; NULL: there are no checkpoints. False: another job has the
 * signals. */
bool weir__signals_catch(struct weir__control *control, struct weir__coordinator *coordinator);
/* Puts the handlers back that were there before; returns the signal that came, or 0. */
int weir__signals_release(void);

#endif
