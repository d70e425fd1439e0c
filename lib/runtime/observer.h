/*
 * An observer: who watches a job from outside while it runs, through its monitor
 * (runtime/monitor.h). The runtime starts it before the first attempt and stops it after the last
 * one, and knows nothing else of it.
 */
#ifndef WEIR__RUNTIME_OBSERVER_H
#define WEIR__RUNTIME_OBSERVER_H

#include "graph/settings.h"

struct weir__monitor;

struct weir__observer {
    /* *self: what stop is given. Errors: that it cannot watch, with what to do; the job then does
     * not run. */
    WEIR_MUST_USE enum weir_status (*start)(struct weir__monitor *monitor,
                                            const struct weir__rest_settings *settings, void **self,
                                            struct weir_error *error);
    /* Does not return before the monitor is left alone. */
    void (*stop)(void *self);
};

#endif
