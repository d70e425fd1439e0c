/*
 * The rules of windows in time: what belongs where, and when a window is over.
 *
 * Everything is decided with a window's last millisecond, its max timestamp. All arithmetic
 * saturates at the ends of time, so no timestamp overflows. Source: semantics sheet, sections 1, 2
 * and 5.
 */
#ifndef WEIR__WINDOW_RULES_H
#define WEIR__WINDOW_RULES_H

#include <weir/stream.h>

/* What follows from a window configuration. */
struct weir__window_rules {
    struct weir_window_assigner assigner;
    bool event_time; /* windows end by watermark: they can be late and are cleaned up; false for the
                        global window */
    bool global;
    bool merging;        /* sessions */
    int64_t lateness_ms; /* 0 unless event_time */
};

struct weir__window_rules weir__window_rules_of(const struct weir_window_config *config);

static inline bool weir__window_equals(struct weir_window a, struct weir_window b)
{
    return a.start == b.start && a.end == b.end;
}

/* Windows that touch intersect: [10,20) and [20,30) do. Only sessions ask. */
static inline bool weir__window_intersects(struct weir_window a, struct weir_window b)
{
    return a.start <= b.end && a.end >= b.start;
}

static inline int64_t weir__window_max_timestamp(const struct weir__window_rules *rules,
                                                 struct weir_window window)
{
    return rules->global ? WEIR_TIME_MAX : window.end - 1;
}

/* When a window's state goes; WEIR_TIME_MAX: never. */
static inline int64_t weir__window_cleanup_time(const struct weir__window_rules *rules,
                                                struct weir_window window)
{
    return weir_time_add(weir__window_max_timestamp(rules, window), rules->lateness_ms);
}

static inline bool weir__window_is_late(const struct weir__window_rules *rules,
                                        struct weir_window window, int64_t watermark)
{
    return rules->event_time && weir__window_cleanup_time(rules, window) <= watermark;
}

/* Only asked when no window took the element. */
static inline bool weir__element_is_late(const struct weir__window_rules *rules, int64_t timestamp,
                                         int64_t watermark)
{
    return rules->event_time && weir_time_add(timestamp, rules->lateness_ms) <= watermark;
}

/*
 * How far `timestamp` lies behind the last multiple of `period` shifted by `offset`: 0 … period -
 * 1, also for negative times. period > 0, |offset| < period.
 */
static inline int64_t weir__window_phase(int64_t timestamp, int64_t offset, int64_t period)
{
    int64_t in_period = timestamp % period;
    int64_t shift = offset < 0 ? offset + period : offset;
    in_period = in_period < 0 ? in_period + period : in_period;
    return in_period >= shift ? in_period - shift : in_period + (period - shift);
}

/* The window of `size` that began `phase` ms before `timestamp`; 0 <= phase < size. */
static inline struct weir_window weir__window_around(int64_t timestamp, int64_t phase, int64_t size)
{
    return (struct weir_window){weir_time_sub(timestamp, phase),
                                weir_time_add(timestamp, size - phase)};
}

#endif
