/*
 * Timelines: count and exact distinct of sliding windows, at the price of tumbling ones.
 *
 * A window is N slices long. For each key there is a cell for every slice that has events:
 *
 *     cell := slice, sequence, count, enters, leaves
 *
 * A string seen in slice q is in the windows that end with q … q + N - 1. Seen again at most N
 * slices later, it stays without a gap. So it enters at the first slice of such a chain and leaves
 * N slices after its last:
 *
 *     distinct(w) = sum of enters in slices <= w, minus sum of leaves in slices <= w - N
 *
 * An event changes its own cell, and those of the nearest slices before and after in which its
 * string was seen; most events find their string already marked and change nothing but a count.
 * Cells that no window needs any more are folded into one number, `base`.
 *
 * Invariant: base = enters - leaves of all folded cells, kept right by later changes to folded
 * leaves. One thread.
 */
#ifndef WEIR__WINDOW_TIMELINES_H
#define WEIR__WINDOW_TIMELINES_H

#include "types/key.h"
#include "window/members.h"
#include "window/slice_table.h"

struct weir__cell {
    int64_t slice;
    uint64_t sequence; /* order of the key's first event in the slice, over all keys and slices */
    int64_t count;
    int32_t enters;
    int32_t leaves;
};

/* One key. */
struct weir__timeline {
    struct weir__cell *cells; /* in order of time */
    uint32_t first;           /* of those in use */
    uint32_t count;
    uint32_t capacity;
    int64_t base;
    struct weir__members members;
};

struct weir__timelines {
    struct weir__slice_table keys; /* accumulator: a struct weir__timeline */
    int64_t reach;                 /* N */
    int64_t horizon;               /* cells before it are folded; WEIR__NO_SLICE: none yet */
    bool distinct;                 /* members are kept */
    size_t bytes;                  /* of memory that events are looked up in, about */
};

/* What a key has in a window. */
struct weir__timeline_sum {
    int64_t count; /* events; 0: it has nothing */
    int64_t distinct;
    uint64_t sequence; /* the first of its slices' */
};

void weir__timelines_init(struct weir__timelines *timelines, int64_t slices_a_window,
                          bool distinct);
void weir__timelines_fini(struct weir__timelines *timelines);

/* Where an event will look its string up, to be fetched in time; NULL: not known yet. */
const void *weir__timelines_place(const struct weir__timelines *timelines,
                                  const struct weir__key *key, struct weir_str text);
/* Adds `count` events of a key in a slice; text: of one of them, null when there is none. sequence:
 * for the first in the slice. */
void weir__timelines_add(struct weir__timelines *timelines, const struct weir__key *key,
                         int64_t slice, struct weir_str text, int64_t count,
                         uint64_t *next_sequence);
/* Whether the key has a cell in the slice. */
bool weir__timelines_has(const struct weir__timelines *timelines, const struct weir__key *key,
                         int64_t slice);
/* A cell as it was in a snapshot; the strings follow by weir__timelines_add with a count of 0. */
void weir__timelines_put(struct weir__timelines *timelines, const struct weir__key *key,
                         int64_t slice, int64_t count, uint64_t sequence);

/* The window whose last slice is `last`. */
struct weir__timeline_sum weir__timeline_sum(const struct weir__timelines *timelines,
                                             const struct weir__timeline *timeline, int64_t last);
/* NULL when the key has none. */
struct weir__timeline *weir__timelines_find(const struct weir__timelines *timelines,
                                            const struct weir__key *key);
static inline struct weir__timeline *weir__timeline_of(const struct weir__slice_entry *entry)
{
    return (struct weir__timeline *)(void *)(uintptr_t)entry->accumulator;
}

/* Slices before `horizon` are in no window any more. Keys that have no others are forgotten. */
void weir__timelines_fold(struct weir__timelines *timelines, int64_t horizon);

#endif
