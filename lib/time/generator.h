/*
 * A watermark generator: what one source split's events say about event time.
 *
 * Events only move it; its periodic probe answers. With a bound B the answer is B + 1 below the
 * largest timestamp. A split is judged idle by probes alone: the first one without events since the
 * last starts the countdown, a later one says idle when MORE than the timeout has passed since. So
 * a single event takes three probes to be forgotten. Source: semantics sheet, section 11.
 */
#ifndef WEIR__TIME_GENERATOR_H
#define WEIR__TIME_GENERATOR_H

#include <weir/watermark.h>

#include <stdbool.h>

/* How often the runtime probes when a strategy does not say. */
#define WEIR__DEFAULT_INTERVAL_MS 200

struct weir__generator {
    int64_t max_timestamp;
    bool seen;              /* an event since the last probe */
    bool counting;          /* quiet since quiet_since_ns */
    int64_t quiet_since_ns; /* the clock's monotonic nanoseconds */
};

void weir__generator_init(struct weir__generator *generator,
                          const struct weir_watermark_strategy *strategy);

enum weir__event_says {
    WEIR__EVENT_NOTHING,
    WEIR__EVENT_WATERMARK, /* punctuated: *watermark holds from now on */
    WEIR__EVENT_FUTURE,    /* too far ahead of the clock: it moves nothing */
};
enum weir__event_says weir__generator_event(struct weir__generator *generator,
                                            const struct weir_watermark_strategy *strategy,
                                            const void *value, int64_t timestamp, int64_t now_ms,
                                            int64_t *watermark);

enum weir__probe_says { WEIR__PROBE_NOTHING, WEIR__PROBE_WATERMARK, WEIR__PROBE_IDLE };
enum weir__probe_says weir__generator_probe(struct weir__generator *generator,
                                            const struct weir_watermark_strategy *strategy,
                                            int64_t now_ns, int64_t *watermark);

#endif
