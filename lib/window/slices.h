/*
 * Slices: the pieces that the bounds of all windows cut time into. A window is a run of slices, so
 * an event is added once, to its slice, however many windows cover it; a window's result is the
 * merge of its slices.
 *
 *     size 10, slide 4:    windows  [0,10) [4,14) [8,18) …      their bounds modulo the slide:
 *                                                               0 and 10 % 4 = 2
 *                          slices   [0,2) [2,4) [4,6) [6,8) …   two a slide, or one when the slide
 *                                                               divides the size
 *
 * Cutting at the bounds gives fewer slices than cutting at the greatest common divisor of size and
 * slide. (Krishnamurthy, Wu, Franklin: On-the-fly sharing for streamed aggregation, 2006: "paired
 * windows".)
 *
 * The store knows nothing of watermarks: the window operator decides what is late, what fires and
 * what goes. Windows whose bounds saturate at the ends of time are not for slices
 * (weir__window_saturates). One thread.
 */
#ifndef WEIR__WINDOW_SLICES_H
#define WEIR__WINDOW_SLICES_H

#include "base/vec.h"
#include "window/rules.h"
#include "window/slice_table.h"

struct weir__slice {
    int64_t start;
    int64_t end;
    int64_t oldest_max; /* max timestamps of the oldest and the newest window that cover it … */
    int64_t newest_max;
    bool covered;  /* … if there is one */
    bool at_edge;  /* it is covered by windows, too, whose bounds saturate */
    bool shuffled; /* restored: the entries do not lie in the order of their sequence */
    struct weir__slice_table table;
};

struct weir__slices {
    int64_t size_ms;
    int64_t slide_ms; /* tumbling: the size */
    int64_t offset_ms;
    const struct weir_aggregate *aggregate;
    bool flat;                       /* accumulators are bytes: they own no memory */
    struct weir__vec live;           /* struct weir__slice *, in order of time */
    struct weir__vec spare;          /* cleared ones, for reuse */
    struct weir__slice *current;     /* the one last found; never NULL */
    struct weir__slice nowhere;      /* contains no time */
    struct weir__slice_table merged; /* of the window that fires */
    struct weir__vec order;          /* struct weir__slice_order: of its entries */
    uint64_t next_sequence;
};

/* The bounds of the window lie at the ends of time: it may be shorter than its size. */
static inline bool weir__window_saturates(struct weir_window window)
{
    return window.start == WEIR_TIME_MIN || window.end == WEIR_TIME_MAX;
}

/* assigner: tumbling or sliding. */
void weir__slices_init(struct weir__slices *slices, const struct weir_window_assigner *assigner,
                       const struct weir_aggregate *aggregate);
void weir__slices_fini(struct weir__slices *slices);

/* The live slice of a time, or NULL. */
struct weir__slice *weir__slices_find(struct weir__slices *slices, int64_t timestamp);
/* The same, made when there is none. Some window whose bounds do not saturate must contain the
 * time. */
struct weir__slice *weir__slices_at(struct weir__slices *slices, int64_t timestamp);

static inline bool weir__slice_contains(const struct weir__slice *slice, int64_t timestamp)
{
    return slice->start <= timestamp && timestamp < slice->end;
}

/* The entry of a key that has none yet, with a fresh accumulator. */
struct weir__slice_entry *weir__slice_new_entry(struct weir__slices *slices,
                                                struct weir__slice *slice,
                                                const struct weir__key *key);

/* Adds an event to its key's accumulator. */
static inline __attribute__((always_inline)) void weir__slice_add(struct weir__slices *slices,
                                                                  struct weir__slice *slice,
                                                                  const struct weir__key *key,
                                                                  const void *value,
                                                                  int64_t timestamp)
{
    const struct weir_aggregate *aggregate = slices->aggregate;
    struct weir__slice_entry *entry = weir__slice_table_find(&slice->table, key);
    if (__builtin_expect(entry == NULL, 0)) {
        entry = weir__slice_new_entry(slices, slice, key);
    }
    entry->count += entry->count < UINT32_MAX;
    aggregate->add(entry->accumulator, value, timestamp, aggregate->user);
}

/* The live slices that `window` consists of: returns how many, and in *index where they begin. */
size_t weir__slices_of(const struct weir__slices *slices, struct weir_window window, size_t *index);
/*
 * The first window, by its max timestamp, that ends after `after` and has an event; false when
 * there is none.
 */
bool weir__slices_next_window(const struct weir__slices *slices, int64_t after,
                              struct weir_window *window);

/* Calls `visit` for each key that has events in the window, in order of their first arrival, until
 * it answers false. The accumulator, of n elements, is borrowed for the call. */
void weir__slices_visit(struct weir__slices *slices, struct weir_window window,
                        bool (*visit)(const struct weir__key *key, const void *accumulator,
                                      int64_t n, void *user),
                        void *user);
/* Merges what one key has in the window into *accumulator, which is owned then. Returns the number
 * of elements; 0: nothing is owned. */
int64_t weir__slices_merge_key(struct weir__slices *slices, struct weir_window window,
                               const struct weir__key *key, void *accumulator);
/* How many keys have events in the window. */
size_t weir__slices_count_keys(struct weir__slices *slices, struct weir_window window);

/* Drops a live slice with all it holds. */
void weir__slices_drop(struct weir__slices *slices, size_t index);

#endif
