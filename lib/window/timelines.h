/*
 * Timelines: count and exact distinct of sliding windows, at the price of tumbling ones.
 *
 * A window is N slices long. For each key there is a cell for every slice that has events:
 *
 *     cell := slice, count, enters, leaves, sequence
 *
 * Counts are running totals, from the key's first cell on: the events of a window are the
 * difference of two cells, however many lie between them.
 *
 * A string seen in slice q is in the windows that end with q … q + N - 1. Seen again at most N
 * slices later, it stays without a gap. So it enters at the first slice of such a chain and leaves
 * N slices after its last:
 *
 *     distinct(w) = sum of enters in slices <= w, minus sum of leaves in slices <= w - N
 *
 * The former is a running total too; the latter is of few cells, if any. An event changes its own
 * cell, which is mostly the last one, and those of the nearest slices before and after in which its
 * string was seen; most events find their string already marked and change nothing but a count.
 * Cells that no window needs any more are folded into the totals with which the first one begins.
 *
 * In which slices a string was seen is looked up in a large table (window/pairs.h). The strings of
 * events that are added together wait for each other, so that what they need is fetched from memory
 * at the same time.
 *
 * A chain that begins before the horizon and goes on behind it need not be known: in every window
 * to come its strings are there either way. One thread.
 */
#ifndef WEIR__WINDOW_TIMELINES_H
#define WEIR__WINDOW_TIMELINES_H

#include "types/key.h"
#include "window/pairs.h"
#include "window/slice_table.h"

struct weir__cell {
    int64_t slice;
    int64_t count;     /* running total */
    uint32_t enters;   /* running total; it may wrap, as differences do not mind */
    uint32_t leaves;   /* of this slice alone */
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
    bool shuffled;  /* sequences are not in the order of slices */
    struct {
        int64_t count;
        uint32_t enters;
        uint32_t leaves; /* a total */
    } folded;            /* totals of the cells that are gone */
};

/* A string of an event, on its way to be marked. */
struct weir__timeline_text {
    struct weir_str str; /* borrowed; null: there is none */
    uint64_t hash;
};

/* A string that waits to be marked. */
struct weir__timeline_mark {
    struct weir__timeline *timeline;
    int64_t slice;
    uint64_t pair;  /* its key */
    uint32_t cell;  /* in which it is looked for first */
    int64_t before; /* nearest other slices, once they are known */
    int64_t after;
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

static inline struct weir__timeline *weir__timeline_of(const struct weir__slice_entry *entry)
{
    return (struct weir__timeline *)(void *)(uintptr_t)entry->accumulator;
}

/* ---- adding: each step tells the processor what the next one reads ---- */

static inline struct weir__timeline_text weir__timelines_expect(
    const struct weir__timelines *timelines, struct weir_str str)
{
    struct weir__timeline_text text = {.str = str};
    if (str.data != NULL) {
        text.hash = weir__hash_bytes(str.data, str.len);
        weir__names_expect(&timelines->pairs->names, text.hash);
    }
    return text;
}

/* Marks the strings that wait. */
void weir__timelines_settle(struct weir__timelines *timelines);
struct weir__timeline *weir__timelines_begin(struct weir__timelines *timelines,
                                             const struct weir__key *key);
/* Adds events to the cell of a slice that is not the newest; it is made when there is none. */
void weir__timeline_add_elsewhere(struct weir__timeline *timeline, int64_t slice, int64_t count,
                                  uint64_t *next_sequence);

static inline void weir__timelines_put_mark(struct weir__timelines *timelines,
                                            struct weir__timeline *timeline, int64_t slice,
                                            const struct weir__timeline_text *text)
{
    if (timelines->mark_count == WEIR__MARKS) {
        weir__timelines_settle(timelines);
    }
    struct weir__pairs *pairs = timelines->pairs;
    uint32_t name = weir__names_see(&pairs->names, text->str, text->hash, slice);
    uint64_t pair = weir__pair_key(timeline->owner, name);
    weir__pairs_expect(pairs, pair);
    timelines->marks[timelines->mark_count++] =
        (struct weir__timeline_mark){.timeline = timeline, .slice = slice, .pair = pair};
}

/* Adds `count` events of a key in a slice; text: of one of them, if it has one. sequence: for the
 * first in the slice. guess: of the key's entry, or NULL. The text waits until
 * weir__timelines_settle, which must follow before anything below. */
static inline __attribute__((always_inline)) void weir__timelines_add(
    struct weir__timelines *timelines, const struct weir__key *key, struct weir__slice_entry *guess,
    int64_t slice, const struct weir__timeline_text *text, int64_t count, uint64_t *next_sequence)
{
    struct weir__slice_entry *entry = weir__slice_table_find_guessed(&timelines->keys, key, guess);
    struct weir__timeline *timeline = __builtin_expect(entry != NULL, 1)
                                          ? weir__timeline_of(entry)
                                          : weir__timelines_begin(timelines, key);
    if (__builtin_expect(timeline->newest.slice == slice, 1)) {
        timeline->newest.count += count;
    } else {
        weir__timeline_add_elsewhere(timeline, slice, count, next_sequence);
    }
    if (text->str.data != NULL) {
        weir__timelines_put_mark(timelines, timeline, slice, text);
    }
}

/* ---- reading ---- */

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

/* Its events: what the total grows by. */
static inline int64_t weir__timeline_cell_events(const struct weir__timeline *timeline,
                                                 uint32_t index)
{
    int64_t before =
        index > 0 ? weir__timeline_cell(timeline, index - 1)->count : timeline->folded.count;
    return weir__timeline_cell(timeline, index)->count - before;
}

/* Slices before `horizon` are in no window any more. Keys that have no others are forgotten. */
void weir__timelines_fold(struct weir__timelines *timelines, int64_t horizon);

#endif
