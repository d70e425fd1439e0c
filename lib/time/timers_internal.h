/*
 * What timers.c and timers_snapshot.c share.
 */
#ifndef WEIR__TIME_TIMERS_INTERNAL_H
#define WEIR__TIME_TIMERS_INTERNAL_H

#include "time/timers.h"

struct weir__timer_slot {
    int64_t time;
    uint64_t sequence;
    uint32_t item; /* in the pool */
};

struct weir__timer_item {
    struct weir__timer timer;
    uint32_t place; /* in the heap */
};

/* Adds a timer with its sequence as it is, unless it is there already. */
bool weir__timers_add(struct weir__timers *timers, struct weir__timer timer);

#endif
