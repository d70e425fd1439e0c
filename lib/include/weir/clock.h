/*
 * The injected clock: the library never asks the system for the time except through one of these.
 */
#ifndef WEIR_CLOCK_H
#define WEIR_CLOCK_H

#include <stdint.h>

struct weir_clock {
    int64_t (*now_ms)(const struct weir_clock *clock); /* wall clock, epoch milliseconds */
    int64_t (*now_ns)(const struct weir_clock *clock); /* monotonic ns from an arbitrary start */
};

/* The system's clock. Thread-safe. */
extern const struct weir_clock weir_system_clock;

/* A clock that stands still until it is set. One thread at a time. */
struct weir_manual_clock {
    struct weir_clock clock; /* pass &manual.clock */
    int64_t ms;
};
void weir_manual_clock_init(struct weir_manual_clock *manual, int64_t ms);
void weir_manual_clock_set(struct weir_manual_clock *manual, int64_t ms);

static inline int64_t weir_clock_ms(const struct weir_clock *clock)
{
    return clock->now_ms(clock);
}
static inline int64_t weir_clock_ns(const struct weir_clock *clock)
{
    return clock->now_ns(clock);
}

#endif
