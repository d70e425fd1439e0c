/* The constructors of watermark strategies: <weir/watermark.h>. */
#include <weir/watermark.h>

struct weir_watermark_strategy weir_bounded_out_of_orderness(int64_t bound_ms)
{
    return (struct weir_watermark_strategy){.kind = WEIR_WATERMARK_BOUNDED, .bound_ms = bound_ms};
}

struct weir_watermark_strategy weir_monotonous_timestamps(void)
{
    return weir_bounded_out_of_orderness(0);
}

struct weir_watermark_strategy weir_ingestion_time(void)
{
    return (struct weir_watermark_strategy){.kind = WEIR_WATERMARK_INGESTION};
}

struct weir_watermark_strategy weir_with_idleness(struct weir_watermark_strategy strategy,
                                                  int64_t timeout_ms)
{
    strategy.idle_timeout_ms = timeout_ms;
    return strategy;
}

struct weir_watermark_strategy weir_with_max_future_skew(struct weir_watermark_strategy strategy,
                                                         int64_t skew_ms)
{
    strategy.max_future_skew_ms = skew_ms;
    return strategy;
}

struct weir_watermark_strategy weir_with_interval(struct weir_watermark_strategy strategy,
                                                  int64_t interval_ms)
{
    strategy.interval_ms = interval_ms;
    return strategy;
}

struct weir_watermark_strategy weir_with_alignment(struct weir_watermark_strategy strategy,
                                                   const char *group, int64_t max_drift_ms,
                                                   int64_t update_interval_ms)
{
    strategy.alignment_group = group != NULL ? group : ""; /* refused: it has no name */
    strategy.max_drift_ms = max_drift_ms;
    strategy.alignment_interval_ms = update_interval_ms;
    return strategy;
}
