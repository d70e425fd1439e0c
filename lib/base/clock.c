/*
 * The two clocks: the system's, and one that is set by hand.
 */
#include <weir/clock.h>

#include <time.h>

static int64_t system_ms(const struct weir_clock *clock)
{
    (void)clock;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_ns(const struct weir_clock *clock)
{
    (void)clock;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const struct weir_clock weir_system_clock = {.now_ms = system_ms, .now_ns = system_ns};

static int64_t manual_ms(const struct weir_clock *clock)
{
    return ((const struct weir_manual_clock *)clock)->ms; /* clock is the first member */
}

static int64_t manual_ns(const struct weir_clock *clock)
{
    int64_t ms = manual_ms(clock);
    int64_t ns;
    if (__builtin_mul_overflow(ms, 1000000, &ns)) {
        return ms < 0 ? INT64_MIN : INT64_MAX;
    }
    return ns;
}

void weir_manual_clock_init(struct weir_manual_clock *manual, int64_t ms)
{
    *manual =
        (struct weir_manual_clock){.clock = {.now_ms = manual_ms, .now_ns = manual_ns}, .ms = ms};
}

void weir_manual_clock_set(struct weir_manual_clock *manual, int64_t ms)
{
    manual->ms = ms;
}
