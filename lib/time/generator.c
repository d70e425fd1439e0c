/* Watermark generators and idleness. Source: semantics sheet, section 11. */
#include "time/generator.h"

#include <assert.h>

/* Before any event the watermark is WEIR_TIME_MIN, which nobody forwards; starting this high keeps
 * the difference in range. */
void weir__generator_init(struct weir__generator *generator,
                          const struct weir_watermark_strategy *strategy)
{
    assert(strategy->bound_ms >= 0);
    *generator = (struct weir__generator){
        .max_timestamp = weir_time_add(weir_time_add(WEIR_TIME_MIN, strategy->bound_ms), 1),
    };
}

/* A guard of 0 is off. The sum saturates, so a clock near the end of time lets everything pass. */
static bool is_future(const struct weir_watermark_strategy *strategy, int64_t timestamp,
                      int64_t now_ms)
{
    return strategy->max_future_skew_ms > 0 &&
           timestamp > weir_time_add(now_ms, strategy->max_future_skew_ms);
}

enum weir__event_says weir__generator_event(struct weir__generator *generator,
                                            const struct weir_watermark_strategy *strategy,
                                            const void *value, int64_t timestamp, int64_t now_ms,
                                            int64_t *watermark)
{
    generator->seen = true; /* an event from the future is a sign of life all the same */
    if (is_future(strategy, timestamp, now_ms)) {
        return WEIR__EVENT_FUTURE;
    }
    if (strategy->kind == WEIR_WATERMARK_PUNCTUATED) {
        return strategy->punctuated(value, timestamp, watermark, strategy->user)
                   ? WEIR__EVENT_WATERMARK
                   : WEIR__EVENT_NOTHING;
    }
    if (timestamp > generator->max_timestamp) {
        generator->max_timestamp = timestamp;
    }
    return WEIR__EVENT_NOTHING;
}

/* Judged here and nowhere else. */
static bool is_idle(struct weir__generator *generator, int64_t timeout_ms, int64_t now_ns)
{
    if (timeout_ms <= 0) {
        return false;
    }
    if (generator->seen) {
        generator->seen = false;
        generator->counting = false;
        return false;
    }
    if (!generator->counting) {
        generator->counting = true;
        generator->quiet_since_ns = now_ns;
        return false;
    }
    int64_t timeout_ns;
    if (__builtin_mul_overflow(timeout_ms, INT64_C(1000000), &timeout_ns)) {
        return false; /* longer than any clock runs */
    }
    return weir_time_sub(now_ns, generator->quiet_since_ns) > timeout_ns;
}

enum weir__probe_says weir__generator_probe(struct weir__generator *generator,
                                            const struct weir_watermark_strategy *strategy,
                                            int64_t now_ns, int64_t *watermark)
{
    if (is_idle(generator, strategy->idle_timeout_ms, now_ns)) {
        return WEIR__PROBE_IDLE;
    }
    if (strategy->kind != WEIR_WATERMARK_BOUNDED && strategy->kind != WEIR_WATERMARK_INGESTION) {
        return WEIR__PROBE_NOTHING;
    }
    *watermark = generator->max_timestamp - strategy->bound_ms - 1;
    return WEIR__PROBE_WATERMARK;
}
