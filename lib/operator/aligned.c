/* Reporting, pausing and going on. */
#include "operator/aligned.h"

#include "metrics/metrics.h"
#include "operator/deadline.h"
#include "time/alignment.h"

static void pause_or_go_on(struct weir__aligned *aligned)
{
    struct weir__operator_context *context = aligned->op->context;
    bool pause = aligned->announced < aligned->watermark && aligned->watermark != WEIR_TIME_MAX;
    if (pause == context->pausing) {
        return;
    }
    int64_t now_ns = weir_clock_ns(context->clock);
    if (pause) {
        aligned->since_ns = now_ns;
        ++*aligned->pauses;
    } else {
        aligned->paused_ns += now_ns - aligned->since_ns;
    }
    weir__operator_set_pausing(aligned->op, pause);
}

static void report(struct weir__aligned *aligned)
{
    int64_t own = aligned->idle ? WEIR_TIME_MAX : aligned->watermark;
    int64_t lowest = weir__alignment_report(aligned->op->context->alignment, aligned->member, own);
    aligned->announced = weir_time_add(lowest, aligned->max_drift_ms);
    pause_or_go_on(aligned);
}

void weir__aligned_open(struct weir__aligned *aligned, struct weir__operator *op,
                        const struct weir_watermark_strategy *strategy)
{
    struct weir__operator_context *context = op->context;
    *aligned = (struct weir__aligned){.next_ms = WEIR_TIME_MAX};
    if (strategy->alignment_group == NULL || context->alignment == NULL) {
        return;
    }
    aligned->op = op;
    aligned->member = weir__alignment_join(context->alignment, strategy->alignment_group);
    aligned->max_drift_ms = strategy->max_drift_ms;
    aligned->interval_ms = strategy->alignment_interval_ms > 0 ? strategy->alignment_interval_ms
                                                               : WEIR__ALIGNMENT_INTERVAL_MS;
    aligned->next_ms = weir_time_add(weir_clock_ms(context->clock), aligned->interval_ms);
    aligned->announced = WEIR_TIME_MAX;
    aligned->watermark = WEIR_TIME_MIN;
    aligned->pauses = weir__metric_counter(context->metrics, WEIR__ALIGNMENT_PAUSES);
}

void weir__aligned_watermark(struct weir__aligned *aligned, int64_t watermark)
{
    if (aligned->op == NULL) {
        return;
    }
    aligned->watermark = watermark;
    if (watermark == WEIR_TIME_MAX) { /* nobody waits for it any more, from now on */
        aligned->next_ms = WEIR_TIME_MAX;
        report(aligned);
    } else {
        pause_or_go_on(aligned);
    }
}

void weir__aligned_idle(struct weir__aligned *aligned, bool idle)
{
    aligned->idle = idle;
}

int64_t weir__aligned_next_tick(const struct weir__aligned *aligned, const struct weir_clock *clock)
{
    return weir__deadline(clock, aligned->next_ms, aligned->interval_ms);
}

void weir__aligned_tick(struct weir__aligned *aligned, int64_t now_ms)
{
    if (aligned->op != NULL &&
        now_ms >= weir__aligned_next_tick(aligned, aligned->op->context->clock)) {
        aligned->next_ms = weir_time_add(now_ms, aligned->interval_ms);
        report(aligned);
    }
}

int64_t weir__aligned_clock_ns(const struct weir__aligned *aligned, const struct weir_clock *clock)
{
    bool pausing = aligned->op != NULL && aligned->op->context->pausing;
    return (pausing ? aligned->since_ns : weir_clock_ns(clock)) - aligned->paused_ns;
}
