/*
 * List state: stamped elements in order of addition. Expired elements are dropped when the list is
 * looked at. Those that may be returned once more stay during the call of the user function that
 * sees them, and go with the first look of a later one: Flink removes them when its iterator ends.
 *
 *     item := stamp, element       bytes := count, item…     (stamps with TTL only)
 */
#include "base/mem.h"
#include "state/keyed_state.h"
#include "types/codec.h"

#include <assert.h>
#include <string.h>

struct list {
    char *items;
    size_t count;
    size_t capacity;
    int64_t oldest_ms; /* no stamp is older; may be too old itself after a renewal */
    uint64_t shown_in; /* expired elements were returned in this call; 0: in none */
    int64_t shown_ms;  /* at this time */
};

const size_t weir__list_cell_size = sizeof(struct list);

static size_t stride(const struct weir__keyed_state *state)
{
    return sizeof(int64_t) + ((state->type->size + 7) & ~(size_t)7);
}

static int64_t *stamp_at(const struct list *list, const struct weir__keyed_state *state,
                         size_t index)
{
    return (int64_t *)(void *)(list->items + index * stride(state));
}

static void *element_at(const struct list *list, const struct weir__keyed_state *state,
                        size_t index)
{
    return list->items + index * stride(state) + sizeof(int64_t);
}

/* Room for one more; its element is uninitialised. */
static void *append(struct list *list, const struct weir__keyed_state *state, int64_t stamp_ms)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 4 : list->capacity * 2;
        list->items = weir__reallocarray(list->items, list->capacity, stride(state));
    }
    if (list->count == 0 || stamp_ms < list->oldest_ms) {
        list->oldest_ms = stamp_ms;
    }
    *stamp_at(list, state, list->count) = stamp_ms;
    return element_at(list, state, list->count++);
}

/* ---- cells ---- */

static void fini(void *cell, const void *spec)
{
    struct list *list = cell;
    const struct weir__keyed_state *state = spec;
    for (size_t i = 0; i < list->count; i++) {
        weir_value_fini(state->type, element_at(list, state, i));
    }
    weir__free(list->items);
}

/* How many elements are expired at a time. */
static size_t count_expired(const struct list *list, const struct weir__keyed_state *state,
                            int64_t now_ms)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        count += weir__ttl_expired(state, *stamp_at(list, state, i), now_ms);
    }
    return count;
}

/* How many elements have been returned for the last time: all that were expired then, when nothing
 * else was left or what was left has been renewed. */
static size_t count_done(const struct list *list, const struct weir__keyed_state *state)
{
    if (list->shown_in == 0) {
        return 0;
    }
    size_t count = count_expired(list, state, list->shown_ms);
    return count == list->count || weir__ttl_renews_on_read(state) ? count : 0;
}

static void encode(const void *cell, const void *spec, struct weir__buf *out)
{
    const struct list *list = cell;
    const struct weir__keyed_state *state = spec;
    size_t done = count_done(list, state);
    weir__buf_put_varint(out, list->count - done);
    for (size_t i = 0; i < list->count; i++) {
        if (done > 0 && weir__ttl_expired(state, *stamp_at(list, state, i), list->shown_ms)) {
            continue;
        }
        if (weir__ttl_on(state)) {
            weir__buf_put_zigzag(out, *stamp_at(list, state, i));
        }
        weir__encode(state->type, element_at(list, state, i), out);
    }
}

static enum weir_status decode(void *cell, const void *spec, struct weir__reader *in,
                               struct weir_error *error)
{
    struct list *list = cell;
    const struct weir__keyed_state *state = spec;
    for (uint64_t left = weir__read_varint(in); left > 0; left--) {
        int64_t stamp_ms = weir__ttl_on(state) ? weir__read_zigzag(in) : 0;
        void *element = append(list, state, stamp_ms);
        if (in->failed || in->at == in->end || weir__state_decode(state, in, element) != WEIR_OK) {
            list->count--;
            return weir_error_set(error, WEIR_CORRUPT, NULL,
                                  "state '%s': a list in the snapshot is damaged",
                                  state->descriptor->name);
        }
    }
    return WEIR_OK;
}

/* The list can go when its last element is expired. */
static int64_t expires_at(const void *cell, const void *spec)
{
    const struct list *list = cell;
    int64_t last = WEIR_TIME_MIN;
    for (size_t i = 0; i < list->count; i++) {
        int64_t end = weir__ttl_end(spec, *stamp_at(list, spec, i));
        last = end > last ? end : last;
    }
    return last;
}

const struct weir__cell_ops weir__list_cell_ops = {
    .fini = fini,
    .encode = encode,
    .decode = decode,
    .expires_at = expires_at,
};

/* ---- access ---- */

static void drop_expired(struct list *list, const struct weir__keyed_state *state, int64_t now_ms)
{
    size_t kept = 0;
    int64_t oldest_ms = WEIR_TIME_MAX;
    for (size_t i = 0; i < list->count; i++) {
        int64_t stamp_ms = *stamp_at(list, state, i);
        if (weir__ttl_expired(state, stamp_ms, now_ms)) {
            weir_value_fini(state->type, element_at(list, state, i));
            continue;
        }
        oldest_ms = stamp_ms < oldest_ms ? stamp_ms : oldest_ms;
        if (kept < i) {
            memcpy(stamp_at(list, state, kept), stamp_at(list, state, i), stride(state));
        }
        kept++;
    }
    list->count = kept;
    list->oldest_ms = oldest_ms;
}

static void renew(struct list *list, const struct weir__keyed_state *state, int64_t now_ms)
{
    int64_t oldest_ms = now_ms;
    for (size_t i = 0; i < list->count; i++) {
        int64_t *stamp_ms = stamp_at(list, state, i);
        if (!weir__ttl_expired(state, *stamp_ms, now_ms)) {
            *stamp_ms = now_ms;
        }
        oldest_ms = *stamp_ms < oldest_ms ? *stamp_ms : oldest_ms;
    }
    list->oldest_ms = oldest_ms;
}

/* Those that were returned for the last time go. */
static void drop_done(struct weir__keyed_state *state, struct list *list)
{
    if (count_done(list, state) > 0) {
        drop_expired(list, state, list->shown_ms);
        state->table->ops->changed(state->table, list);
    }
    list->shown_in = 0;
}

/* Expired elements are hidden, or shown once more; those shown in an earlier call go. */
static void hide_expired(struct weir__keyed *keyed, struct weir__keyed_state *state,
                         struct list *list)
{
    bool shows = weir__ttl_returns_expired(state);
    int64_t now_ms = weir__keyed_now(keyed);
    if (list->shown_in == keyed->call) {
        return;
    }
    drop_done(state, list);
    if (!weir__ttl_expired(state, list->oldest_ms, now_ms)) {
        return;
    }
    if (shows) {
        list->shown_in = keyed->call;
        list->shown_ms = now_ms;
    } else {
        drop_expired(list, state, now_ms);
    }
    state->table->ops->changed(state->table, list);
}

/* The list as it is to be read; NULL when nothing is left. */
static struct list *live(struct weir__keyed *keyed, struct weir__keyed_state *state)
{
    struct list *list = weir__state_find(keyed, state);
    if (list == NULL || !weir__ttl_on(state)) {
        return list;
    }
    hide_expired(keyed, state, list);
    if (list->count == 0) {
        weir__state_remove(keyed, state);
        return NULL;
    }
    if (weir__ttl_renews_on_read(state) && list->oldest_ms < weir__keyed_now(keyed)) {
        renew(list, state, weir__keyed_now(keyed));
        state->table->ops->changed(state->table, list);
    }
    return list;
}

void weir__keyed_list_add(struct weir__keyed *keyed, const struct weir_state_descriptor *descriptor,
                          const void *element)
{
    assert(descriptor->kind == WEIR_STATE_LIST);
    struct weir__keyed_state *state = weir__keyed_state_of(keyed, descriptor);
    bool created;
    /* `element` may be one of the list, which is about to move. */
    weir_value_copy(state->type, state->scratch, element);
    struct list *list = weir__state_obtain(keyed, state, &created);
    drop_done(state, list); /* beside a new element they would no longer be all */
    memcpy(append(list, state, weir__ttl_stamp(keyed, state)), state->scratch, state->type->size);
}

size_t weir__keyed_list_count(struct weir__keyed *keyed,
                              const struct weir_state_descriptor *descriptor)
{
    assert(descriptor->kind == WEIR_STATE_LIST);
    const struct list *list = live(keyed, weir__keyed_state_of(keyed, descriptor));
    return list != NULL ? list->count : 0;
}

const void *weir__keyed_list_at(struct weir__keyed *keyed,
                                const struct weir_state_descriptor *descriptor, size_t index)
{
    assert(descriptor->kind == WEIR_STATE_LIST);
    struct weir__keyed_state *state = weir__keyed_state_of(keyed, descriptor);
    const struct list *list = live(keyed, state);
    return list != NULL && index < list->count ? element_at(list, state, index) : NULL;
}
