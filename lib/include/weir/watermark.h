/*
 * Watermark strategies: how a job decides how far event time has come.
 *
 * A watermark t says: no event with a timestamp <= t is expected any more. With a bound B the
 * watermark is (largest timestamp seen) - B - 1, per partition of the source; the operator's
 * watermark is the minimum over its partitions that are not idle. Source: semantics sheet, sections
 * 11 and 12.
 */
#ifndef WEIR_WATERMARK_H
#define WEIR_WATERMARK_H

#include <weir/time.h>

enum weir_watermark_kind {
    WEIR_WATERMARK_NONE,       /* never emits one, except the final */
    WEIR_WATERMARK_BOUNDED,    /* bounded out-of-orderness, emitted periodically */
    WEIR_WATERMARK_PUNCTUATED, /* a function looks at every event */
};

struct weir_watermark_strategy {
    enum weir_watermark_kind kind;
    int64_t bound_ms;    /* >= 0 */
    int64_t interval_ms; /* between periodic emissions; 0: 200 ms; negative: after every event */
    int64_t idle_timeout_ms; /* a partition silent for longer than this is left out; 0: never */
    /* an event further than this ahead of the clock does not move the watermark; 0: no guard */
    int64_t max_future_skew_ms;
    /* PUNCTUATED: returns true and sets *watermark when this event carries one. */
    bool (*punctuated)(const void *value, int64_t timestamp, int64_t *watermark, void *user);
    void *user;
};

/* Events may be up to bound_ms late (>= 0). */
struct weir_watermark_strategy weir_bounded_out_of_orderness(int64_t bound_ms);
/* Timestamps never fall within a partition: bound 0. */
struct weir_watermark_strategy weir_monotonous_timestamps(void);

/* The same strategy with another setting. */
struct weir_watermark_strategy weir_with_idleness(struct weir_watermark_strategy strategy,
                                                  int64_t timeout_ms);
struct weir_watermark_strategy weir_with_max_future_skew(struct weir_watermark_strategy strategy,
                                                         int64_t skew_ms);
struct weir_watermark_strategy weir_with_interval(struct weir_watermark_strategy strategy,
                                                  int64_t interval_ms);

#endif
