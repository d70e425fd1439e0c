/*
 * Stopping and aborting a job.
 */
#include "runtime/control.h"

#include <weir/time.h>

void weir__control_init(struct weir__control *control, struct weir__parker *parkers,
                        size_t parker_count)
{
    control->parkers = parkers;
    control->parker_count = parker_count;
    control->stop_at_ms = WEIR_TIME_MAX;
    control->stop_idle_ms = 0;
    atomic_init(&control->stopping, false);
    atomic_init(&control->aborting, false);
    atomic_init(&control->restless, 0);
}

void weir__control_wake(struct weir__control *control)
{
    for (size_t i = 0; i < control->parker_count; i++) {
        weir__parker_wake(&control->parkers[i]);
    }
}

void weir__control_stop(struct weir__control *control)
{
    atomic_store(&control->stopping, true);
    weir__control_wake(control);
}

void weir__control_abort(struct weir__control *control)
{
    atomic_store(&control->aborting, true);
    weir__control_wake(control);
}
