/*
 * SIGINT and SIGTERM while a job runs: the first one stops the sources and lets the job finish, the
 * second one ends the process. One job a process at a time is reached by signals; a second one that
 * runs beside it is not.
 */
#ifndef WEIR__RUNTIME_SIGNALS_H
#define WEIR__RUNTIME_SIGNALS_H

#include "runtime/control.h"

/* False: another job has them. */
bool weir__signals_catch(struct weir__control *control);
/* Puts the handlers back that were there before; returns the signal that came, or 0. */
int weir__signals_release(void);

#endif
