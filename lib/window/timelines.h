/*
 * Timelines: count and exact distinct of sliding windows, at the price of tumbling ones.
 *
 * A window is N slices long. For each key there is a cell for every slice that has events:
 *
 *     cell := slice, count, enters, leaves, sequence
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
 * In which slices a string was seen is looked up in a large table (window/pairs.h), for which an
 * event waits a little, so that many are fetched from memory at the same time. Whatever reads
 * timelines settles those that wait first.
 *
 * Invariant: base = enters - leaves of all folded cells. A chain that begins before the horizon and
 * goes on behind it need not be known: in every window to come its strings are there either way.
 * One thread.
 */
#ifndef WEIR__WINDOW_TIMELINES_H
#define WEIR__WINDOW_TIMELINES_H

#include "base/buf.h"
#include "types/key.h"
#include "window/pairs.h"
#include "window/slice_table.h"

struct weir__cell {
    int64_t slice;
    int64_t count;
    int32_t enters;
    int32_t leaves;
    uint64_t sequence; /* order of the key's first event in the slice, over all keys and slices */
};

/* One key. The newest cell, which most events change, lies with it: they touch nothing else. */
struct weir__timeline {
    struct weir__cell newest;   /* of slice WEIR__NO_SLICE: there is no cell at all */
    struct weir__cell *earlier; /* in order of time */
    uint32_t first;             /* of those in use */
    uint32_t count;             /* of those in use */
    uint32_t capacity;
    uint32_t owner; /* of pairs */
    int64_t base;
};

/* An event whose string waits to be marked. */
struct weir__timeline_mark {
    struct weir__timeline *timeline;
    int64_t slice;
    uint64_t hash; /* of the string */
    union {
        char text[16];
        size_t at; /* a longer one lies here in mark_bytes */
    };
    uint32_t len;
};
#define WEIR__MARKS 48u

struct weir__timelines {
    struct weir__slice_table keys; /* accumulator: a struct weir__timeline */
    int64_t reach;                 /* N */
    int64_t horizon;               /* cells before it are folded; WEIR__NO_SLICE: none yet */
    bool distinct;                 /* pairs are kept */
    size_t bytes;                  /* of memory that keys are looked up in, about */
    struct weir__pairs *pairs;     /* NULL: not distinct */
    struct weir__timeline_mark marks[WEIR__MARKS];
    uint32_t mark_count;
    struct weir__buf mark_bytes;
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

/* Adds `count` events of a key in a slice; text: of one of them, null when there is none. sequence:
 * for the first in the slice. guess: of the key's entry, or NULL. */
void weir__timelines_add(struct weir__timelines *timelines, const struct weir__key *key,
                         struct weir__slice_entry *guess, int64_t slice, struct weir_str text,
                         int64_t count, uint64_t *next_sequence);
/* Marks the strings of all events that wait: before anything below, and before weir__timeline_sum.
 */
void weir__timelines_settle(struct weir__timelines *timelines);
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

/* Its cells, in order of time. */
static inline uint32_t weir__timeline_cell_count(const struct weir__timeline *timeline)
{
    return timeline->count + (timeline->newest.slice != WEIR__NO_SLICE);
}
static inline const struct weir__cell *weir__timeline_cell(const struct weir__timeline *timeline,
                                                           uint32_t index)
{
    return index < timeline->count ? &timeline->earlier[timeline->first + index]
                                   : &timeline->newest;
}

/* Slices before `horizon` are in no window any more. Keys that have no others are forgotten. */
void weir__timelines_fold(struct weir__timelines *timelines, int64_t horizon);

#endif
