/*
 * Deadlines of an operator's own housekeeping (probes, retries), in wall-clock time, that survive a
 * clock that is set back: one that lies further ahead than it was ever set is due at once. Timers
 * of users are not treated so: they mean what they say.
 */
#ifndef WEIR__OPERATOR_DEADLINE_H
#define WEIR__OPERATOR_DEADLINE_H

#include <weir/clock.h>
#include <weir/time.h>

/* at_ms: when, as it was set at most most_ms ahead; WEIR_TIME_MAX: never. */
static inline int64_t weir__deadline(const struct weir_clock *clock, int64_t at_ms, int64_t most_ms)
{
    if (at_ms == WEIR_TIME_MAX) {
        return at_ms;
    }
    int64_t now_ms = weir_clock_ms(clock);
    return at_ms > weir_time_add(now_ms, most_ms) ? now_ms : at_ms;
}

#endif
