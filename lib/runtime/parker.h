/*
 * A parker: where a slot's thread sleeps when all its tasks are blocked, and how others wake it.
 *
 * The sleeper announces itself, looks once more at everything that could have changed, and only
 * then sleeps; who changes something looks afterwards whether somebody announced. All of it is
 * sequentially consistent, so at least one of the two sees the other and no wake-up is lost. Nobody
 * sleeping costs the waker one load.
 *
 *     sleeper                               waker
 *     weir__parker_announce(parker);        atomic_store(&channel->head, …);
 *     progress = look at everything;        weir__parker_wake(parker);
 *     if (progress) cancel else sleep;
 *
 * Threads: announce, cancel and sleep by the owner; wake by anyone, also from a signal handler.
 */
#ifndef WEIR__RUNTIME_PARKER_H
#define WEIR__RUNTIME_PARKER_H

#include <weir/status.h>

#include <stdatomic.h>
#include <stdint.h>

struct weir__parker {
    int fd; /* an eventfd: readable once woken */
    atomic_bool announced;
};

WEIR_MUST_USE enum weir_status weir__parker_init(struct weir__parker *parker,
                                                 struct weir_error *error);
void weir__parker_fini(struct weir__parker *parker);

void weir__parker_announce(struct weir__parker *parker);
void weir__parker_cancel(struct weir__parker *parker);
/* Sleeps until woken since the announcement, or for timeout_ms; negative: without limit. */
void weir__parker_sleep(struct weir__parker *parker, int64_t timeout_ms);

/* parker may be NULL: nobody to wake. */
void weir__parker_wake(struct weir__parker *parker);

#endif
