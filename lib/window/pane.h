/*
 * A pane: what is kept for one key and one window. Its contents (an accumulator, or all elements)
 * and the trigger's state.
 *
 *     pane := head, contents, trigger state        (one allocation of a fixed size, from a pool)
 *
 * Invariant: the contents are set up exactly when count > 0; a purged pane has none, as if nothing
 * had come yet.
 */
#ifndef WEIR__WINDOW_PANE_H
#define WEIR__WINDOW_PANE_H

#include "base/buf.h"
#include "base/pool.h"
#include "window/elements.h"
#include "window/rules.h"

struct weir__pane {
    struct weir_window window;
    int64_t count;   /* elements in the contents */
    uint32_t number; /* in the pool */
    bool has_state;  /* of the trigger */
    /* Event timers known to be registered, so that most events need not look: the clean-up timer,
     * and the trigger's last one. */
    bool knows_cleanup;
    bool knows_timer;
    int64_t known_timer;
    _Alignas(8) char bytes[];
};

/* Where things lie in the panes of one operator, and the panes themselves. */
struct weir__pane_layout {
    const struct weir_aggregate
        *aggregate; /* contents are an accumulator; NULL: contents are elements */
    const struct weir_type *in_type;
    const struct weir_type *state_type; /* of the trigger; NULL: none */
    size_t state_at;                    /* of the trigger's state in bytes */
    struct weir__pool panes;
};

/* aggregate: NULL to keep elements. */
void weir__pane_layout_init(struct weir__pane_layout *layout,
                            const struct weir_aggregate *aggregate, const struct weir_type *in_type,
                            const struct weir_type *state_type);
/* All panes must have been freed. */
void weir__pane_layout_fini(struct weir__pane_layout *layout);

struct weir__pane *weir__pane_new(struct weir__pane_layout *layout, struct weir_window window);
void weir__pane_free(struct weir__pane_layout *layout, struct weir__pane *pane);

static inline void *weir__pane_accumulator(struct weir__pane *pane)
{
    return pane->bytes;
}
static inline struct weir__elements *weir__pane_elements(struct weir__pane *pane)
{
    return (struct weir__elements *)(void *)pane->bytes;
}
static inline void *weir__pane_state(const struct weir__pane_layout *layout,
                                     struct weir__pane *pane)
{
    return pane->bytes + layout->state_at;
}

/* arrival: the event's number in the order of arrival; it keeps merged lists in that order. */
void weir__pane_add(const struct weir__pane_layout *layout, struct weir__pane *pane,
                    const void *value, int64_t timestamp, uint64_t arrival);
/* Adds a copy of an accumulator over `count` elements. */
void weir__pane_add_accumulator(const struct weir__pane_layout *layout, struct weir__pane *pane,
                                const void *accumulator, int64_t count);
/* Drops the contents. */
void weir__pane_purge(const struct weir__pane_layout *layout, struct weir__pane *pane);
/* Moves the contents of `other` into `pane`; `other` is purged then. */
void weir__pane_merge(const struct weir__pane_layout *layout, struct weir__pane *pane,
                      struct weir__pane *other);

void weir__pane_encode(const struct weir__pane_layout *layout, struct weir__pane *pane,
                       struct weir__buf *out);
/* NULL when the bytes are no pane. */
struct weir__pane *weir__pane_decode(struct weir__pane_layout *layout, struct weir__reader *in);

#endif
