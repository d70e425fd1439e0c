/*
 * A meter: how fast a count grows, averaged over the last minute, as Flink's MeterView has it.
 *
 * It remembers the count every five seconds, twelve times; the rate is what was added since the
 * oldest of these, over the time since. In the first minute that is the time since the start,
 * where Flink divides by the whole minute all the same. One thread.
 */
#ifndef WEIR__METRICS_METER_H
#define WEIR__METRICS_METER_H

#include <stdint.h>

enum { WEIR__METER_STEP_MS = 5000, WEIR__METER_STEPS = 12 };

struct weir__meter {
    struct {
        int64_t ms;
        int64_t count;
    } marks[WEIR__METER_STEPS]; /* a ring: mark n is at n % WEIR__METER_STEPS */
    int64_t made;               /* how many marks there have been */
};

/* The rate a second at now_ms, where the count is `count`. 0 at the first call. A clock that goes
 * back begins it anew. */
double weir__meter_rate(struct weir__meter *meter, int64_t count, int64_t now_ms);

#endif
