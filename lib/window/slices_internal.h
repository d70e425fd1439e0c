/*
 * What the files of the slices share: slices.c, slices_window.c, slices_timeline.c.
 */
#ifndef WEIR__WINDOW_SLICES_INTERNAL_H
#define WEIR__WINDOW_SLICES_INTERNAL_H

#include "window/slices.h"

/* A key of the window that fires, and when its first event came. */
struct weir__slice_order {
    uint64_t sequence;
    uint32_t number;               /* of its entry */
    struct weir__timeline_sum sum; /* timelines */
};

static inline struct weir__slice *weir__slice_at(const struct weir__slices *slices, size_t index)
{
    return *(struct weir__slice **)weir__vec_at(&slices->live, index);
}

/* How many live slices begin before `time`. Live slices have exact bounds: only windows that
 * saturate cover others. */
size_t weir__slices_before(const struct weir__slices *slices, int64_t time);
/* Releases all accumulators of a table, and clears it. */
void weir__slices_release(const struct weir__slices *slices, struct weir__slice_table *table);
/* Sorts a vector of struct weir__slice_order by sequence. */
void weir__slices_sort(struct weir__vec *order);

/* ---- slices_timeline.c: the same as the functions of slices.h, for aggregates of parts ---- */

void weir__slices_visit_timelines(struct weir__slices *slices, struct weir_window window,
                                  weir__slices_visitor *visit, void *user);
void weir__slices_visit_timeline(struct weir__slices *slices, struct weir_window window,
                                 const struct weir__key *key, weir__slices_visitor *visit,
                                 void *user);
/* Fills slices->order with the window's keys; returns how many. */
size_t weir__slices_order_timelines(struct weir__slices *slices, struct weir_window window);
void weir__slices_each_timeline(struct weir__slices *slices,
                                void (*visit)(const struct weir__slice_share *share, void *user),
                                void *user);
void weir__slices_put_timeline(struct weir__slices *slices, const struct weir__slice *slice,
                               const struct weir__slice_share *share);

#endif
