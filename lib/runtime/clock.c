/*
 * The virtual clock.
 */
#include "runtime/clock.h"

#include <weir/time.h>

static int64_t now_us(const struct weir_clock *clock)
{
    const struct weir__virtual_clock *virtual = (const struct weir__virtual_clock *)clock;
    return atomic_load_explicit(&virtual->us, memory_order_relaxed);
}

static int64_t now_ms(const struct weir_clock *clock)
{
    return now_us(clock) / 1000;
}

static int64_t now_ns(const struct weir_clock *clock)
{
    return now_us(clock) * 1000;
}

void weir__virtual_clock_init(struct weir__virtual_clock *clock, int64_t ms)
{
    clock->clock = (struct weir_clock){now_ms, now_ns};
    atomic_init(&clock->us, ms * 1000);
}

void weir__virtual_clock_advance(struct weir__virtual_clock *clock, int64_t us)
{
    atomic_fetch_add_explicit(&clock->us, us, memory_order_relaxed);
}

void weir__virtual_clock_reach(struct weir__virtual_clock *clock, int64_t ms)
{
    if (ms > now_ms(&clock->clock) && ms <= WEIR_TIME_MAX / 1000) {
        atomic_store_explicit(&clock->us, ms * 1000, memory_order_relaxed);
    }
}
