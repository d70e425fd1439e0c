/*
 * The watermarks of one source subtask: a generator a split, and the multiplexer over them. This is
 * a watermark assigner without the operator around it.
 *
 * Events without a split (WEIR__NO_SPLIT) share one generator, which is there from the first such
 * event or from the first probe that finds no split at all. Used by one thread.
 */
#ifndef WEIR__TIME_SPLIT_WATERMARKS_H
#define WEIR__TIME_SPLIT_WATERMARKS_H

#include "time/change.h"

#include <weir/watermark.h>

struct weir__split_watermarks;

/* What became of one split, for the trace. Any may be NULL. */
struct weir__split_observer {
    void (*watermark)(void *self, int32_t split, int64_t watermark); /* it rose */
    void (*idle)(void *self, int32_t split, bool idle);
    void *self;
};

struct weir__split_watermarks *weir__split_watermarks_new(
    const struct weir_watermark_strategy *strategy);
void weir__split_watermarks_free(struct weir__split_watermarks *all);
void weir__split_watermarks_observe(struct weir__split_watermarks *all,
                                    struct weir__split_observer observer);

void weir__split_watermarks_add(struct weir__split_watermarks *all, int32_t split);
void weir__split_watermarks_remove(struct weir__split_watermarks *all, int32_t split);

/* future: set when the event is further ahead of now_ms than the strategy trusts; it then moved
 * nothing. */
struct weir__time_change weir__split_watermarks_event(struct weir__split_watermarks *all,
                                                      int32_t split, const void *value,
                                                      int64_t timestamp, int64_t now_ms,
                                                      bool *future);
/* The periodic call, over all splits. now_ns: the clock's monotonic nanoseconds. */
struct weir__time_change weir__split_watermarks_probe(struct weir__split_watermarks *all,
                                                      int64_t now_ns);
/* The periodic call for the split of the event in hand alone: strategies that emit after every
 * event. */
struct weir__time_change weir__split_watermarks_probe_split(struct weir__split_watermarks *all,
                                                            int32_t split, int64_t now_ns);
/* The final watermark. */
struct weir__time_change weir__split_watermarks_end(struct weir__split_watermarks *all);
/* This subtask has no split and will get none soon: nobody should wait for it. IDLE, once. */
struct weir__time_change weir__split_watermarks_none(struct weir__split_watermarks *all);

#endif
