/*
 * All panes of one key.
 */
#include "window/pane_set.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

static bool before(struct weir_window a, struct weir_window b)
{
    return a.start < b.start || (a.start == b.start && a.end < b.end);
}

/* Index of the first pane whose window is not before `window`. */
static uint32_t lower_bound(const struct weir__pane_set *set, struct weir_window window)
{
    uint32_t low = 0;
    uint32_t high = set->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (before(weir__pane_set_at(set, middle)->window, window)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct weir__pane *weir__pane_set_find(const struct weir__pane_set *set, struct weir_window window)
{
    /* Mostly the newest. */
    if (set->count > 0 &&
        weir__window_equals(weir__pane_set_at(set, set->count - 1)->window, window)) {
        return weir__pane_set_at(set, set->count - 1);
    }
    uint32_t index = lower_bound(set, window);
    if (index < set->count && weir__window_equals(weir__pane_set_at(set, index)->window, window)) {
        return weir__pane_set_at(set, index);
    }
    return NULL;
}

static void make_room(struct weir__pane_set *set)
{
    if (set->first + set->count < set->capacity) {
        return;
    }
    if (set->first > set->count) {
        memmove(set->slots, set->slots + set->first, set->count * sizeof(struct weir__pane *));
        set->first = 0;
        return;
    }
    set->capacity = set->capacity == 0 ? 2 : set->capacity * 2;
    set->slots = weir__reallocarray(set->slots, set->capacity, sizeof(struct weir__pane *));
}

void weir__pane_set_insert(struct weir__pane_set *set, struct weir__pane *pane)
{
    make_room(set);
    uint32_t index = lower_bound(set, pane->window);
    struct weir__pane **slot = set->slots + set->first + index;
    memmove(slot + 1, slot, (set->count - index) * sizeof(struct weir__pane *));
    *slot = pane;
    set->count++;
}

void weir__pane_set_remove(struct weir__pane_set *set, const struct weir__pane *pane)
{
    uint32_t index = lower_bound(set, pane->window);
    assert(index < set->count && weir__pane_set_at(set, index) == pane);
    set->count--;
    if (index == 0) {
        set->first++;
        return;
    }
    struct weir__pane **slot = set->slots + set->first + index;
    memmove(slot, slot + 1, (set->count - index) * sizeof(struct weir__pane *));
}

uint32_t weir__pane_set_touching(const struct weir__pane_set *set, struct weir_window window,
                                 uint32_t *index)
{
    /* Windows that do not touch each other are sorted by their ends too. */
    uint32_t low = 0;
    uint32_t high = set->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (weir__pane_set_at(set, middle)->window.end < window.start) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *index = low;
    while (low < set->count &&
           weir__window_intersects(weir__pane_set_at(set, low)->window, window)) {
        low++;
    }
    return low - *index;
}

/* ---- the cell of a state table: panes varint, pane… ---- */

static void fini(void *cell, const void *spec)
{
    struct weir__pane_set *set = cell;
    struct weir__pane_layout *layout = (struct weir__pane_layout *)(uintptr_t)spec;
    for (uint32_t i = 0; i < set->count; i++) {
        weir__pane_free(layout, weir__pane_set_at(set, i));
    }
    weir__free(set->slots);
}

static void encode(const void *cell, const void *spec, struct weir__buf *out)
{
    const struct weir__pane_set *set = cell;
    weir__buf_put_varint(out, set->count);
    for (uint32_t i = 0; i < set->count; i++) {
        weir__pane_encode(spec, weir__pane_set_at(set, i), out);
    }
}

static enum weir_status decode(void *cell, const void *spec, struct weir__reader *in,
                               struct weir_error *error)
{
    struct weir__pane_set *set = cell;
    struct weir__pane_layout *layout = (struct weir__pane_layout *)(uintptr_t)spec;
    for (uint64_t left = weir__read_varint(in); left > 0; left--) {
        struct weir__pane *pane = weir__pane_decode(layout, in);
        if (pane != NULL && weir__pane_set_find(set, pane->window) != NULL) {
            weir__pane_free(layout, pane);
            pane = NULL;
        }
        if (pane == NULL) {
            return weir_error_set(error, WEIR_CORRUPT, NULL, "a window in the snapshot is damaged");
        }
        weir__pane_set_insert(set, pane);
    }
    return WEIR_OK;
}

const struct weir__cell_ops weir__pane_set_cell_ops = {
    .fini = fini,
    .encode = encode,
    .decode = decode,
};
