/*
 * Panes.
 */
#include "window/pane.h"

#include "types/codec.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static size_t round_up(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

void weir__pane_layout_init(struct weir__pane_layout *layout,
                            const struct weir_aggregate *aggregate, const struct weir_type *in_type,
                            const struct weir_type *state_type)
{
    size_t contents =
        aggregate != NULL ? aggregate->accumulator_type->size : sizeof(struct weir__elements);
    *layout = (struct weir__pane_layout){
        .aggregate = aggregate,
        .in_type = in_type,
        .state_type = state_type,
        .state_at = round_up(contents),
    };
    size_t state = state_type != NULL ? round_up(state_type->size) : 0;
    layout->panes = WEIR__POOL_OF(offsetof(struct weir__pane, bytes) + layout->state_at + state);
}

void weir__pane_layout_fini(struct weir__pane_layout *layout)
{
    assert(layout->panes.count == 0);
    weir__pool_fini(&layout->panes);
}

struct weir__pane *weir__pane_new(struct weir__pane_layout *layout, struct weir_window window)
{
    uint32_t number = weir__pool_take(&layout->panes);
    struct weir__pane *pane = weir__pool_at(&layout->panes, number);
    pane->window = window;
    pane->number = number;
    return pane;
}

void weir__pane_free(struct weir__pane_layout *layout, struct weir__pane *pane)
{
    weir__pane_purge(layout, pane);
    if (pane->has_state) {
        weir_value_fini(layout->state_type, weir__pane_state(layout, pane));
    }
    weir__pool_give(&layout->panes, pane->number);
}

/* ---- contents ---- */

static void set_up(const struct weir__pane_layout *layout, struct weir__pane *pane)
{
    const struct weir_aggregate *aggregate = layout->aggregate;
    memset(pane->bytes, 0, layout->state_at);
    if (aggregate != NULL && aggregate->create != NULL) {
        aggregate->create(pane->bytes, aggregate->user);
    }
}

void weir__pane_add(const struct weir__pane_layout *layout, struct weir__pane *pane,
                    const void *value, int64_t timestamp, uint64_t arrival)
{
    const struct weir_aggregate *aggregate = layout->aggregate;
    if (pane->count == 0) {
        set_up(layout, pane);
    }
    pane->count++;
    if (aggregate != NULL) {
        aggregate->add(pane->bytes, value, timestamp, aggregate->user);
    } else {
        weir__elements_add(weir__pane_elements(pane), layout->in_type, value, timestamp, arrival);
    }
}

void weir__pane_add_accumulator(const struct weir__pane_layout *layout, struct weir__pane *pane,
                                const void *accumulator, int64_t count)
{
    const struct weir_aggregate *aggregate = layout->aggregate;
    if (pane->count == 0) {
        weir_value_copy(aggregate->accumulator_type, pane->bytes, accumulator);
    } else {
        aggregate->merge(pane->bytes, accumulator, aggregate->user);
    }
    pane->count += count;
}

void weir__pane_purge(const struct weir__pane_layout *layout, struct weir__pane *pane)
{
    if (pane->count == 0) {
        return;
    }
    if (layout->aggregate != NULL) {
        weir_value_fini(layout->aggregate->accumulator_type, pane->bytes);
    } else {
        weir__elements_clear(weir__pane_elements(pane), layout->in_type);
    }
    pane->count = 0;
}

void weir__pane_merge(const struct weir__pane_layout *layout, struct weir__pane *pane,
                      struct weir__pane *other)
{
    const struct weir_aggregate *aggregate = layout->aggregate;
    if (other->count == 0) {
        return;
    }
    if (pane->count == 0) {
        memcpy(pane->bytes, other->bytes, layout->state_at);
        pane->count = other->count;
        other->count = 0;
        return;
    }
    pane->count += other->count;
    if (aggregate != NULL) {
        aggregate->merge(pane->bytes, other->bytes, aggregate->user);
        weir__pane_purge(layout, other);
    } else {
        weir__elements_merge(weir__pane_elements(pane), weir__pane_elements(other),
                             layout->in_type);
        other->count = 0;
    }
}

/* ---- bytes: start, end zigzag, flags u8, contents (a count varint and a value), state ---- */

#define HAS_STATE 1

void weir__pane_encode(const struct weir__pane_layout *layout, struct weir__pane *pane,
                       struct weir__buf *out)
{
    weir__buf_put_zigzag(out, pane->window.start);
    weir__buf_put_zigzag(out, pane->window.end);
    weir__buf_put_u8(out, pane->has_state ? HAS_STATE : 0);
    weir__buf_put_varint(out, (uint64_t)pane->count);
    if (pane->count > 0 && layout->aggregate != NULL) {
        weir__encode(layout->aggregate->accumulator_type, pane->bytes, out);
    } else if (pane->count > 0) {
        weir__elements_encode(weir__pane_elements(pane), layout->in_type, out);
    }
    if (pane->has_state) {
        weir__encode(layout->state_type, weir__pane_state(layout, pane), out);
    }
}

static bool decode_contents(const struct weir__pane_layout *layout, struct weir__pane *pane,
                            struct weir__reader *in)
{
    uint64_t count = weir__read_varint(in);
    if (in->failed || count > INT64_MAX) {
        return false;
    }
    if (count == 0) {
        return true;
    }
    if (layout->aggregate != NULL) {
        if (weir__decode(layout->aggregate->accumulator_type, in, pane->bytes) != WEIR_OK) {
            return false;
        }
        pane->count = (int64_t)count;
        return true;
    }
    pane->count =
        (int64_t)count; /* elements are set up (zeroed) from here on, so freeing releases them */
    return weir__elements_decode(weir__pane_elements(pane), layout->in_type, in) == WEIR_OK &&
           weir__pane_elements(pane)->count == count;
}

struct weir__pane *weir__pane_decode(struct weir__pane_layout *layout, struct weir__reader *in)
{
    struct weir_window window;
    window.start = weir__read_zigzag(in);
    window.end = weir__read_zigzag(in);
    uint8_t flags = weir__read_u8(in);
    struct weir__pane *pane = weir__pane_new(layout, window);
    bool ok = decode_contents(layout, pane, in);
    if (ok && flags & HAS_STATE) {
        ok = layout->state_type != NULL &&
             weir__decode(layout->state_type, in, weir__pane_state(layout, pane)) == WEIR_OK;
        pane->has_state = ok;
    }
    if (!ok || in->failed) {
        weir__pane_free(layout, pane);
        return NULL;
    }
    return pane;
}
