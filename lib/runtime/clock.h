/*
 * The virtual clock of a simulated job: stands still until the scheduler moves it.
 * Threads: moved by one; may be read by others (the trace's writer).
 */
#ifndef WEIR__RUNTIME_CLOCK_H
#define WEIR__RUNTIME_CLOCK_H

#include <weir/clock.h>

#include <stdatomic.h>

/*
 * Where virtual time begins unless the program sets a clock: 2030-01-01T00:00:00Z. After all
 * recorded events, so that none of them counts as coming from the future.
 */
#define WEIR__VIRTUAL_START_MS INT64_C(1893456000000)

struct weir__virtual_clock {
    struct weir_clock clock; /* pass &virtual.clock */
    _Atomic int64_t us;      /* epoch microseconds */
};

void weir__virtual_clock_init(struct weir__virtual_clock *clock, int64_t ms);
void weir__virtual_clock_advance(struct weir__virtual_clock *clock, int64_t us);
/* Does nothing when that moment has passed. */
void weir__virtual_clock_reach(struct weir__virtual_clock *clock, int64_t ms);

#endif
