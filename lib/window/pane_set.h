/*
 * All panes of one key, sorted by window: one cell of the window operator's state table.
 *
 * Windows come and go mostly at the ends (new ones behind, old ones in front), which costs nothing
 * here. Sessions find what a new one touches as a run of neighbours. Invariant for sessions: no two
 * windows in the set touch.
 */
#ifndef WEIR__WINDOW_PANE_SET_H
#define WEIR__WINDOW_PANE_SET_H

#include "state/backend.h"
#include "window/pane.h"

/* Zeroed is empty. Owns its panes. */
struct weir__pane_set {
    struct weir__pane **slots;
    uint32_t capacity;
    uint32_t first; /* of the panes in slots; those before it are free */
    uint32_t count;
};

static inline struct weir__pane *weir__pane_set_at(const struct weir__pane_set *set, uint32_t index)
{
    return set->slots[set->first + index];
}

/* NULL when there is none. */
struct weir__pane *weir__pane_set_find(const struct weir__pane_set *set, struct weir_window window);
/* Takes the pane; its window must not be in the set. */
void weir__pane_set_insert(struct weir__pane_set *set, struct weir__pane *pane);
/* Takes `pane`, which must be in the set, out; does not free it. */
void weir__pane_set_remove(struct weir__pane_set *set, const struct weir__pane *pane);
/* Sessions: the run of panes whose windows touch `window`; returns how many, and in *index where
 * they begin. */
uint32_t weir__pane_set_touching(const struct weir__pane_set *set, struct weir_window window,
                                 uint32_t *index);

/* spec: the struct weir__pane_layout. */
extern const struct weir__cell_ops weir__pane_set_cell_ops;

#endif
