/*
 * Assigners: which windows an event belongs to. Source: semantics sheet, section 2.
 */
#ifndef WEIR__WINDOW_ASSIGNER_H
#define WEIR__WINDOW_ASSIGNER_H

#include "base/vec.h"
#include "window/rules.h"

/* Why an event cannot be put into any window. */
enum weir__assign_result {
    WEIR__ASSIGNED,
    WEIR__ASSIGN_NO_TIMESTAMP, /* WEIR_TIME_MIN in an event-time window */
    WEIR__ASSIGN_BAD_GAP,      /* a dynamic session's gap is not above 0 */
};

/*
 * Fills `windows` (of struct weir_window; emptied first) with the windows of an event: sliding ones
 * newest start first, none when it lies in a gap between them.
 *
 * timestamp: of the event, epoch ms; ignored by processing-time assigners, which use now_ms.
 */
enum weir__assign_result weir__assign(const struct weir_window_assigner *assigner,
                                      const void *value, int64_t timestamp, int64_t now_ms,
                                      struct weir__vec *windows);

/*
 * Chooses where staggered windows begin, once: from then on the assigner is an aligned one with
 * another offset. now_ms: for WEIR_STAGGER_NATURAL; seed: for WEIR_STAGGER_RANDOM, another one for
 * each subtask.
 */
void weir__assigner_settle(struct weir_window_assigner *assigner, int64_t now_ms, uint64_t seed);

#endif
