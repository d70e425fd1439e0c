/*
 * A watermark assigner's part in the alignment of sources: reports, and pauses the source of its
 * task while its watermark is too far ahead.
 *
 *     pauses iff announced < last emitted watermark, where announced = lowest of the group + drift
 *
 * A paused source is not silent: the clock for its idleness stands still. One thread.
 * Source: semantics sheet, section 14.
 */
#ifndef WEIR__OPERATOR_ALIGNED_H
#define WEIR__OPERATOR_ALIGNED_H

#include "operator/operator.h"

#include <weir/watermark.h>

#define WEIR__ALIGNMENT_PAUSES "numAlignmentPauses"

struct weir__aligned {
    struct weir__operator *op; /* NULL: not aligned */
    size_t member;             /* in the context's alignment */
    int64_t max_drift_ms;
    int64_t interval_ms;
    int64_t next_ms;   /* of the next report; WEIR_TIME_MAX: never again */
    int64_t announced; /* WEIR_TIME_MAX before the first report */
    int64_t watermark; /* emitted last */
    bool idle;
    int64_t paused_ns; /* all pauses that are over */
    int64_t since_ns;  /* begin of the present one */
    int64_t *pauses;
};

void weir__aligned_open(struct weir__aligned *aligned, struct weir__operator *op,
                        const struct weir_watermark_strategy *strategy);
/* The assigner emitted a watermark (WEIR_TIME_MAX: the input has ended), became idle or active. */
void weir__aligned_watermark(struct weir__aligned *aligned, int64_t watermark);
void weir__aligned_idle(struct weir__aligned *aligned, bool idle);
/* When it wants to report. */
int64_t weir__aligned_next_tick(const struct weir__aligned *aligned,
                                const struct weir_clock *clock);
/* Reports, when that is due. */
void weir__aligned_tick(struct weir__aligned *aligned, int64_t now_ms);
/* Monotonic time without the pauses, for idleness. */
int64_t weir__aligned_clock_ns(const struct weir__aligned *aligned, const struct weir_clock *clock);

#endif
