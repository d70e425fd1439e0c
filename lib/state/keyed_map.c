/*
 * Map state: stamped entries in order of insertion. Each entry lives and expires on its own, and is
 * looked at on its own: only walking the map looks at all. An expired entry that was returned once
 * more is gone for reading, but keeps its place, for a walk, during the call of the user function.
 *
 *     item  := stamp, hash, gone, key, value
 *     bytes := count, (stamp, key, value)…         (stamps with TTL only)
 *
 * Small maps are searched from end to end; larger ones through an index. Removed entries stay as
 * dead items until the map is walked or grows, so that removing costs no more than finding.
 */
#include "base/index.h"
#include "base/mem.h"
#include "state/keyed_state.h"
#include "types/codec.h"

#include <assert.h>
#include <string.h>

#define INDEX_FROM 8u /* items */
#define NO_ITEM    UINT32_MAX

struct map {
    char *items;
    uint32_t count; /* of items, dead ones included */
    uint32_t dead;
    uint32_t capacity;
    struct weir__index index; /* of live items; in use when cells is not NULL */
    int64_t oldest_ms;        /* no live stamp is older */
    uint32_t shown;           /* items that were returned although expired, and are not dead yet */
    uint64_t walked_in;       /* what is over has been looked for in this call */
};

#define DEAD UINT64_MAX
#define LENT (UINT64_MAX - 1)

struct item {
    int64_t stamp_ms;
    uint64_t hash;
    uint64_t gone; /* 0: it is there; DEAD; else expired, but returned once more: LENT to a get, or
                      the call that walks the map */
    _Alignas(8) char key[]; /* then the value */
};

const size_t weir__map_cell_size = sizeof(struct map);

static size_t round_up(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static const struct weir_type *key_type(const struct weir__keyed_state *state)
{
    return state->descriptor->key_type;
}

static size_t stride(const struct weir__keyed_state *state)
{
    return sizeof(struct item) + round_up(key_type(state)->size) + round_up(state->type->size);
}

static struct item *item_at(const struct map *map, const struct weir__keyed_state *state,
                            uint32_t number)
{
    return (struct item *)(void *)(map->items + number * stride(state));
}

static void *value_of(struct item *item, const struct weir__keyed_state *state)
{
    return item->key + round_up(key_type(state)->size);
}

static void release(struct item *item, const struct weir__keyed_state *state)
{
    weir_value_fini(key_type(state), item->key);
    weir_value_fini(state->type, value_of(item, state));
}

/* ---- items ---- */

static bool item_is(struct item *item, const struct weir__keyed_state *state, uint64_t hash,
                    const void *key)
{
    return item->gone != DEAD && item->hash == hash &&
           weir_value_equals(key_type(state), item->key, key);
}

static uint32_t look_up(const struct map *map, const struct weir__keyed_state *state, uint64_t hash,
                        const void *key)
{
    if (map->index.cells == NULL) {
        for (uint32_t i = 0; i < map->count; i++) {
            if (item_is(item_at(map, state, i), state, hash, key)) {
                return i;
            }
        }
        return NO_ITEM;
    }
    struct weir__index_cursor at = weir__index_find(&map->index, hash);
    for (uint32_t i; (i = weir__index_next(&map->index, &at)) != WEIR__INDEX_NONE;) {
        if (item_is(item_at(map, state, i), state, hash, key)) {
            return i;
        }
    }
    return NO_ITEM;
}

/* Closes the gaps of dead items, and makes the index new. */
static void compact(struct map *map, const struct weir__keyed_state *state)
{
    uint32_t kept = 0;
    weir__index_clear(&map->index);
    for (uint32_t i = 0; i < map->count; i++) {
        struct item *item = item_at(map, state, i);
        if (item->gone == DEAD) {
            continue;
        }
        if (map->index.cells != NULL) {
            weir__index_put(&map->index, item->hash, kept);
        }
        if (kept < i) {
            memcpy(item_at(map, state, kept), item, stride(state));
        }
        kept++;
    }
    map->count = kept;
    map->dead = 0;
}

static void make_room(struct map *map, const struct weir__keyed_state *state)
{
    if (map->count < map->capacity) {
        return;
    }
    if (map->dead > map->count / 2) {
        compact(map, state);
        return;
    }
    map->capacity = map->capacity == 0 ? 4 : map->capacity * 2;
    map->items = weir__reallocarray(map->items, map->capacity, stride(state));
}

/* A new live item; key and value are uninitialised. */
static struct item *append(struct map *map, const struct weir__keyed_state *state, uint64_t hash,
                           int64_t stamp_ms)
{
    make_room(map, state);
    if (map->index.cells == NULL && map->count >= INDEX_FROM) {
        for (uint32_t i = 0; i < map->count; i++) {
            if (item_at(map, state, i)->gone != DEAD) {
                weir__index_put(&map->index, item_at(map, state, i)->hash, i);
            }
        }
    }
    if (map->index.cells != NULL) {
        weir__index_put(&map->index, hash, map->count);
    }
    if (map->count == map->dead || stamp_ms < map->oldest_ms) {
        map->oldest_ms = stamp_ms;
    }
    struct item *item = item_at(map, state, map->count++);
    *item = (struct item){.stamp_ms = stamp_ms, .hash = hash};
    return item;
}

static void kill(struct map *map, const struct weir__keyed_state *state, uint32_t number)
{
    struct item *item = item_at(map, state, number);
    if (map->index.cells != NULL) {
        weir__index_remove(&map->index, item->hash, number);
    }
    release(item, state);
    map->shown -= item->gone != 0;
    item->gone = DEAD;
    map->dead++;
}

/* ---- cells ---- */

static void fini(void *cell, const void *spec)
{
    struct map *map = cell;
    for (uint32_t i = 0; i < map->count; i++) {
        if (item_at(map, spec, i)->gone != DEAD) {
            release(item_at(map, spec, i), spec);
        }
    }
    weir__free(map->items);
    weir__index_fini(&map->index);
}

static void encode(const void *cell, const void *spec, struct weir__buf *out)
{
    const struct map *map = cell;
    const struct weir__keyed_state *state = spec;
    weir__buf_put_varint(out, map->count - map->dead - map->shown);
    for (uint32_t i = 0; i < map->count; i++) {
        struct item *item = item_at(map, state, i);
        if (item->gone != 0) {
            continue;
        }
        if (weir__ttl_on(state)) {
            weir__buf_put_zigzag(out, item->stamp_ms);
        }
        weir__encode(key_type(state), item->key, out);
        weir__encode(state->type, value_of(item, state), out);
    }
}

static bool decode_item(struct map *map, const struct weir__keyed_state *state,
                        struct weir__reader *in)
{
    int64_t stamp_ms = weir__ttl_on(state) ? weir__read_zigzag(in) : 0;
    if (in->failed || in->at == in->end) {
        return false;
    }
    if (weir__decode(key_type(state), in, state->key_scratch) != WEIR_OK) {
        return false;
    }
    if (weir__state_decode(state, in, state->scratch) != WEIR_OK) {
        weir_value_fini(key_type(state), state->key_scratch);
        return false;
    }
    uint64_t hash = weir_value_hash(key_type(state), state->key_scratch);
    struct item *item = append(map, state, hash, stamp_ms);
    memcpy(item->key, state->key_scratch, key_type(state)->size);
    memcpy(value_of(item, state), state->scratch, state->type->size);
    return true;
}

static enum weir_status decode(void *cell, const void *spec, struct weir__reader *in,
                               struct weir_error *error)
{
    const struct weir__keyed_state *state = spec;
    for (uint64_t left = weir__read_varint(in); left > 0; left--) {
        if (!decode_item(cell, state, in)) {
            return weir_error_set(error, WEIR_CORRUPT, NULL,
                                  "state '%s': a map in the snapshot is damaged",
                                  state->descriptor->name);
        }
    }
    return WEIR_OK;
}

/* The map can go when its last entry is expired. */
static int64_t expires_at(const void *cell, const void *spec)
{
    const struct map *map = cell;
    int64_t last = WEIR_TIME_MIN;
    for (uint32_t i = 0; i < map->count; i++) {
        const struct item *item = item_at(map, spec, i);
        int64_t end = item->gone != 0 ? WEIR_TIME_MIN : weir__ttl_end(spec, item->stamp_ms);
        last = end > last ? end : last;
    }
    return last;
}

const struct weir__cell_ops weir__map_cell_ops = {
    .fini = fini,
    .encode = encode,
    .decode = decode,
    .expires_at = expires_at,
};

/* ---- access ---- */

static bool is_expired(struct weir__keyed *keyed, const struct weir__keyed_state *state,
                       const struct item *item)
{
    return weir__ttl_on(state) && weir__ttl_expired(state, item->stamp_ms, weir__keyed_now(keyed));
}

static void drop_if_empty(struct weir__keyed *keyed, const struct weir__keyed_state *state,
                          const struct map *map)
{
    if (map->count == map->dead) {
        weir__state_remove(keyed, state);
    }
}

/* The value of an entry that may be read; `gone`: what becomes of an expired one. */
static const void *read_value(struct weir__keyed *keyed, struct weir__keyed_state *state,
                              struct map *map, struct item *item, uint64_t gone)
{
    if (is_expired(keyed, state, item)) {
        map->shown += item->gone == 0;
        item->gone = gone;
        state->table->ops->changed(state->table, map);
    } else if (weir__ttl_renews_on_read(state)) {
        item->stamp_ms = weir__keyed_now(keyed);
        state->table->ops->changed(state->table, map);
    }
    return value_of(item, state);
}

const void *weir__keyed_map_get(struct weir__keyed *keyed,
                                const struct weir_state_descriptor *descriptor, const void *key)
{
    assert(descriptor->kind == WEIR_STATE_MAP);
    struct weir__keyed_state *state = weir__keyed_state_of(keyed, descriptor);
    struct map *map = weir__state_find(keyed, state);
    if (map == NULL) {
        return NULL;
    }
    uint32_t number = look_up(map, state, weir_value_hash(key_type(state), key), key);
    if (number == NO_ITEM || item_at(map, state, number)->gone != 0) {
        return NULL;
    }
    if (is_expired(keyed, state, item_at(map, state, number)) &&
        !weir__ttl_returns_expired(state)) {
        kill(map, state, number);
        state->table->ops->changed(state->table, map);
        drop_if_empty(keyed, state, map);
        return NULL;
    }
    map->walked_in = 0;
    return read_value(keyed, state, map, item_at(map, state, number), LENT);
}

void weir__keyed_map_put(struct weir__keyed *keyed, const struct weir_state_descriptor *descriptor,
                         const void *key, const void *value)
{
    assert(descriptor->kind == WEIR_STATE_MAP);
    struct weir__keyed_state *state = weir__keyed_state_of(keyed, descriptor);
    int64_t stamp_ms = weir__ttl_stamp(keyed, state);
    uint64_t hash = weir_value_hash(key_type(state), key);
    bool created;
    struct map *map = weir__state_obtain(keyed, state, &created);
    /* Copies first: key and value may lie in this map, which is about to change. */
    weir_value_copy(state->type, state->scratch, value);
    uint32_t number = look_up(map, state, hash, key);
    struct item *item;
    if (number != NO_ITEM && item_at(map, state, number)->gone == 0 &&
        !is_expired(keyed, state, item_at(map, state, number))) {
        item = item_at(map, state, number);
        item->stamp_ms = stamp_ms;
        weir_value_fini(state->type, value_of(item, state));
    } else {
        weir_value_copy(key_type(state), state->key_scratch, key);
        if (number != NO_ITEM) {
            kill(map, state, number);
        }
        item = append(map, state, hash, stamp_ms);
        memcpy(item->key, state->key_scratch, key_type(state)->size);
    }
    memcpy(value_of(item, state), state->scratch, state->type->size);
}

void weir__keyed_map_remove(struct weir__keyed *keyed,
                            const struct weir_state_descriptor *descriptor, const void *key)
{
    assert(descriptor->kind == WEIR_STATE_MAP);
    struct weir__keyed_state *state = weir__keyed_state_of(keyed, descriptor);
    struct map *map = weir__state_find(keyed, state);
    if (map == NULL) {
        return;
    }
    uint32_t number = look_up(map, state, weir_value_hash(key_type(state), key), key);
    if (number == NO_ITEM) {
        return;
    }
    kill(map, state, number);
    state->table->ops->changed(state->table, map);
    drop_if_empty(keyed, state, map);
}

bool weir__keyed_map_is_empty(struct weir__keyed *keyed,
                              const struct weir_state_descriptor *descriptor)
{
    assert(descriptor->kind == WEIR_STATE_MAP);
    const struct map *map = weir__state_find(keyed, weir__keyed_state_of(keyed, descriptor));
    return map == NULL || map->count == map->dead + map->shown;
}

/* ---- walking ---- */

/* What is not to be seen any more: expired, or returned before, but by this very walk. */
static bool is_over(struct weir__keyed *keyed, const struct weir__keyed_state *state,
                    const struct item *item)
{
    return item->gone != 0 ? item->gone != keyed->call
                           : is_expired(keyed, state, item) && !weir__ttl_returns_expired(state);
}

static void drop_over(struct weir__keyed *keyed, const struct weir__keyed_state *state,
                      struct map *map)
{
    int64_t oldest_ms = WEIR_TIME_MAX;
    for (uint32_t i = 0; i < map->count; i++) {
        const struct item *item = item_at(map, state, i);
        if (item->gone == DEAD) {
            continue;
        }
        if (is_over(keyed, state, item)) {
            kill(map, state, i);
            state->table->ops->changed(state->table, map);
        } else if (item->stamp_ms < oldest_ms) {
            oldest_ms = item->stamp_ms;
        }
    }
    map->oldest_ms = oldest_ms;
}

/* The map as it is to be walked; NULL when nothing is left. */
static struct map *live(struct weir__keyed *keyed, struct weir__keyed_state *state)
{
    struct map *map = weir__state_find(keyed, state);
    if (map == NULL || !weir__ttl_on(state)) {
        return map;
    }
    bool some_may_be =
        map->shown > 0 || weir__ttl_expired(state, map->oldest_ms, weir__keyed_now(keyed));
    if (some_may_be && map->walked_in != keyed->call) {
        drop_over(keyed, state, map);
        map->walked_in = keyed->call;
    }
    if (map->count == map->dead) {
        weir__state_remove(keyed, state);
        return NULL;
    }
    return map;
}

size_t weir__keyed_map_count(struct weir__keyed *keyed,
                             const struct weir_state_descriptor *descriptor)
{
    assert(descriptor->kind == WEIR_STATE_MAP);
    const struct map *map = live(keyed, weir__keyed_state_of(keyed, descriptor));
    return map != NULL ? map->count - map->dead : 0;
}

const void *weir__keyed_map_at(struct weir__keyed *keyed,
                               const struct weir_state_descriptor *descriptor, size_t index,
                               const void **key)
{
    assert(descriptor->kind == WEIR_STATE_MAP);
    struct weir__keyed_state *state = weir__keyed_state_of(keyed, descriptor);
    struct map *map = live(keyed, state);
    if (map == NULL || index >= map->count - map->dead) {
        return NULL;
    }
    if (map->dead > 0) {
        compact(map, state);
    }
    struct item *item = item_at(map, state, (uint32_t)index);
    if (key != NULL) {
        *key = item->key;
    }
    return read_value(keyed, state, map, item, keyed->call);
}
