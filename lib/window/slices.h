/*
 * Slices: the pieces that the bounds of all windows cut time into. A window is a run of slices, so
 * an event is added once, to its slice, however many windows cover it; a window's result is the
 * merge of its slices.
 *
 *     size 10, slide 4:    windows  [0,10) [4,14) [8,18) …      their bounds modulo the slide: 0 and 2
 *                          slices   [0,2) [2,4) [4,6) [6,8) …   two a slide, or one when it divides the size
 *
 * Cutting at the bounds gives fewer slices than cutting at the greatest common divisor of size and
 * slide. (Krishnamurthy, Wu, Franklin: On-the-fly sharing for streamed aggregation, 2006: "paired
 * windows".) What a slice holds lies in a table of its own; an aggregate of built-in parts is kept
 * in timelines instead (window/timelines.h), where windows need no merging.
 *
 * The store knows nothing of watermarks: the window operator decides what is late, what fires and
 * what goes. Windows whose bounds saturate at the ends of time are not for slices
 * (weir__window_saturates). One thread.
 */
#ifndef WEIR__WINDOW_SLICES_H
#define WEIR__WINDOW_SLICES_H

#include "base/vec.h"
#include "window/parts.h"
#include "window/rules.h"
#include "window/slice_table.h"
#include "window/timelines.h"

struct weir__slice {
    int64_t start;
    int64_t end;
    int64_t number; /* one more than that of the slice before, when the slide divides the size */
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
    const struct weir_aggregate *aggregate; /* of what slices hold, and of snapshots */
    bool flat;                              /* accumulators are bytes: they own no memory */
    /* An aggregate of parts is kept in timelines. */
    bool in_timelines;
    const struct weir_aggregate_part *distinct; /* NULL: the parts are counts alone */
    struct weir__timelines timelines;
    void *numbers;                   /* the accumulator that result functions see */
    struct weir__vec live;           /* struct weir__slice *, in order of time */
    struct weir__vec spare;          /* cleared ones, for reuse */
    struct weir__slice *current;     /* the one last found; never NULL */
    struct weir__slice nowhere;      /* contains no time */
    struct weir__slice_table merged; /* of the window that fires */
    struct weir__vec order;          /* struct weir__slice_order: its keys */
    uint64_t next_sequence;
};

/* The bounds of the window lie at the ends of time: it may be shorter than its size. */
static inline bool weir__window_saturates(struct weir_window window)
{
    return window.start == WEIR_TIME_MIN || window.end == WEIR_TIME_MAX;
}

/* assigner: tumbling or sliding. aggregate: with merge, where windows overlap; borrowed. */
void weir__slices_init(struct weir__slices *slices, const struct weir_window_assigner *assigner,
                       const struct weir_aggregate *aggregate);
void weir__slices_fini(struct weir__slices *slices);

/* ---- slices ---- */

/* The live slice of a time, or NULL. */
struct weir__slice *weir__slices_find(struct weir__slices *slices, int64_t timestamp);
/* The same, made when there is none. Some window whose bounds do not saturate must contain the
 * time. */
struct weir__slice *weir__slices_at(struct weir__slices *slices, int64_t timestamp);
/* Drops the oldest `count` live slices with all they hold. */
void weir__slices_drop(struct weir__slices *slices, size_t count);

static inline bool weir__slice_contains(const struct weir__slice *slice, int64_t timestamp)
{
    return slice->start <= timestamp && timestamp < slice->end;
}

/* ---- what they hold ---- */

/* The entry of a key that has none yet, with a fresh accumulator. */
struct weir__slice_entry *weir__slice_new_entry(struct weir__slices *slices,
                                                struct weir__slice *slice,
                                                const struct weir__key *key);

/* How much memory the look-ups for events of a slice go to. */
static inline size_t weir__slice_bytes(const struct weir__slices *slices,
                                       const struct weir__slice *slice)
{
    if (slices->in_timelines) {
        return slices->timelines.bytes +
               (slices->distinct != NULL ? slices->timelines.pairs->bytes : 0);
    }
    return weir__slice_table_bytes(&slice->table);
}

static inline const struct weir__slice_table *weir__slice_keys(const struct weir__slices *slices,
                                                               const struct weir__slice *slice)
{
    return slices->in_timelines ? &slices->timelines.keys : &slice->table;
}

/*
 * An event on its way into a slice. Of several that are added together, each takes a step after the
 * other: a step tells the processor what the next one reads, so that all wait for memory at the
 * same time.
 */
struct weir__slice_event {
    const void *value; /* borrowed */
    int64_t timestamp;
    struct weir__key key;
    struct weir__slice_entry *guess;
    struct weir__timeline_text text; /* of the distinct part, if there is one */
};

/* Step 1. keys: of the slice where it will probably go. */
static inline void weir__slice_event_expect(const struct weir__slices *slices,
                                            const struct weir__slice_table *keys,
                                            struct weir__slice_event *event)
{
    weir__slice_table_expect(keys, event->key.hash);
    event->text = (struct weir__timeline_text){0};
    if (slices->distinct != NULL) {
        event->text = weir__timelines_expect(&slices->timelines,
                                             weir__part_text(slices->distinct, event->value));
    }
}

/* Step 2. */
static inline void weir__slice_event_guess(const struct weir__slices *slices,
                                           const struct weir__slice_table *keys,
                                           struct weir__slice_event *event)
{
    event->guess = weir__slice_table_guess(keys, event->key.hash);
    if (event->text.str.data != NULL) {
        weir__names_expect_more(&slices->timelines.pairs->names, event->text.hash);
    }
}

/* Step 3: adds it to what its key has in its slice. guess: its own, or NULL when that was made for
 * other keys. */
static inline __attribute__((always_inline)) void weir__slice_event_add(
    struct weir__slices *slices, struct weir__slice *slice, const struct weir__slice_event *event,
    struct weir__slice_entry *guess)
{
    const struct weir__key *key = &event->key;
    if (slices->in_timelines) {
        weir__timelines_add(&slices->timelines, key, guess, slice->number, &event->text, 1,
                            &slices->next_sequence);
        return;
    }
    const struct weir_aggregate *aggregate = slices->aggregate;
    struct weir__slice_entry *entry = weir__slice_table_find_guessed(&slice->table, key, guess);
    if (__builtin_expect(entry == NULL, 0)) {
        entry = weir__slice_new_entry(slices, slice, key);
    }
    entry->count += entry->count < UINT32_MAX;
    aggregate->add(entry->accumulator, event->value, event->timestamp, aggregate->user);
}

/* Step 4, for all of them at once. */
static inline void weir__slices_settle(struct weir__slices *slices)
{
    if (slices->distinct != NULL) {
        weir__timelines_settle(&slices->timelines);
    }
}

/* All steps of one event. */
void weir__slice_add(struct weir__slices *slices, struct weir__slice *slice,
                     const struct weir__key *key, const void *value, int64_t timestamp);

/* What a key has in a slice, as it travels in snapshots: an accumulator of the aggregate. */
struct weir__slice_share {
    const struct weir__slice *slice;
    struct weir__key key; /* borrowed */
    uint64_t sequence;
    int64_t count;
    void *accumulator; /* borrowed */
};
/* Calls `visit` for every key of every slice. */
void weir__slices_each(struct weir__slices *slices,
                       void (*visit)(const struct weir__slice_share *share, void *user),
                       void *user);
/* Puts a share into a live slice, if the key has nothing there yet; the accumulator is copied. */
void weir__slices_put(struct weir__slices *slices, struct weir__slice *slice,
                      const struct weir__slice_share *share);

/* Bytes of memory for all of them, about; but for timelines. */
size_t weir__slices_bytes(const struct weir__slices *slices);

/* ---- windows ---- */

/* The live slices that `window` consists of: returns how many, and in *index where they begin. */
size_t weir__slices_of(const struct weir__slices *slices, struct weir_window window, size_t *index);
/* The first window, by its max timestamp, that ends after `after` and has an event; false when
 * there is none. */
bool weir__slices_next_window(const struct weir__slices *slices, int64_t after,
                              struct weir_window *window);

/* What a key has in a window, of n elements; for the result function alone, borrowed for the call.
 * Answers whether to go on. */
typedef bool weir__slices_visitor(const struct weir__key *key, const void *accumulator, int64_t n,
                                  void *user);
/* Calls `visit` for each key that has events in the window, in order of their first arrival. */
void weir__slices_visit(struct weir__slices *slices, struct weir_window window,
                        weir__slices_visitor *visit, void *user);
/* The same for one key, if it has events. */
void weir__slices_visit_key(struct weir__slices *slices, struct weir_window window,
                            const struct weir__key *key, weir__slices_visitor *visit, void *user);
/* How many keys have events in the window. */
size_t weir__slices_count_keys(struct weir__slices *slices, struct weir_window window);

#endif
