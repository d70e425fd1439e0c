/*
 * The control of a job: what all its tasks and its user look at while it runs.
 *
 * stop: the sources end, everything that came is processed, and the job finishes. abort: tasks are
 * left as they are.
 * Threads: any; stopping is safe in a signal handler.
 */
#ifndef WEIR__RUNTIME_CONTROL_H
#define WEIR__RUNTIME_CONTROL_H

#include "runtime/parker.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct weir__control {
    /* fixed while the job runs */
    struct weir__parker *parkers;
    size_t parker_count;
    int64_t stop_at_ms;   /* epoch ms: when the sources stop; WEIR_TIME_MAX: no limit */
    int64_t stop_idle_ms; /* 0: never */
    /* shared */
    atomic_bool stopping;
    atomic_bool aborting;
    atomic_int restless; /* sources that have not been quiet for stop_idle_ms; the last one stops */
};

void weir__control_init(struct weir__control *control, struct weir__parker *parkers,
                        size_t parker_count);
/* Wakes all slots: there is something to hear. */
void weir__control_wake(struct weir__control *control);
void weir__control_stop(struct weir__control *control);
void weir__control_abort(struct weir__control *control);

#endif
