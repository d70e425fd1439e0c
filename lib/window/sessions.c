/*
 * Sessions of a fixed gap: their keys, and how they come, merge and go.
 */
#include "base/mem.h"
#include "window/sessions_internal.h"

#include <assert.h>

#define BUCKETS_A_GAP 64

static size_t in_words(size_t bytes)
{
    return (bytes + 7) & ~(size_t)7;
}

void weir__sessions_init(struct weir__sessions *sessions, const struct weir__window_rules *rules,
                         const struct weir_aggregate *aggregate, enum weir_kind key_kind)
{
    size_t size = aggregate->accumulator_type->size;
    int64_t width_ms = rules->assigner.gap_ms / BUCKETS_A_GAP;
    *sessions = (struct weir__sessions){
        .rules = rules,
        .aggregate = aggregate,
        .kind = key_kind,
        .item_size = in_words(sizeof(struct weir__session_item) + size),
        .cells = WEIR__POOL_OF(in_words(sizeof(struct weir__session_cell) + size)),
        .lists = WEIR__POOL_OF(sizeof(struct weir__session_list)),
        .next_sequence = 1,
    };
    weir__deadlines_init(&sessions->deadlines, width_ms > 0 ? width_ms : 1);
}

/* ---- keys ---- */

static struct weir_str text_of(const struct weir__session_cell *cell)
{
    if (cell->len != WEIR__LONG_KEY) {
        return (struct weir_str){cell->text, cell->len};
    }
    uint32_t len;
    memcpy(&len, cell->data, sizeof(len));
    return (struct weir_str){cell->data + sizeof(len), len};
}

static void keep_key(struct weir__sessions *sessions, struct weir__session_cell *cell,
                     const struct weir__key *key)
{
    uint32_t len = key->string.len;
    if (key->kind != WEIR_KIND_STRING) {
        cell->integer = key->integer;
    } else if (len <= sizeof(cell->text)) {
        cell->len = len & WEIR__LONG_KEY;
        memcpy(cell->text, key->string.data, len);
    } else {
        cell->len = WEIR__LONG_KEY;
        cell->data = weir__alloc(sizeof(len) + len);
        memcpy(cell->data, &len, sizeof(len));
        memcpy(cell->data + sizeof(len), key->string.data, len);
        sessions->text_bytes += sizeof(len) + len;
    }
}

static bool is(const struct weir__sessions *sessions, const struct weir__session_cell *cell,
               const struct weir__key *key)
{
    return sessions->kind == WEIR_KIND_STRING ? weir_str_same(text_of(cell), key->string)
                                              : cell->integer == key->integer;
}

struct weir__key weir__session_key(const struct weir__sessions *sessions, uint32_t cell)
{
    const struct weir__session_cell *at = weir__session_cell(sessions, cell);
    return sessions->kind == WEIR_KIND_STRING ? weir__key_string(text_of(at))
                                              : weir__key_integer(sessions->kind, at->integer);
}

uint32_t weir__sessions_find(const struct weir__sessions *sessions, const struct weir__key *key)
{
    struct weir__dense_cursor at = weir__dense_find(&sessions->index, key->hash);
    uint32_t number;
    while ((number = weir__dense_next(&sessions->index, &at)) != WEIR__DENSE_NONE) {
        if (is(sessions, weir__session_cell(sessions, number), key)) {
            return number;
        }
    }
    return WEIR__POOL_NONE;
}

/* Puts a new cell into the index, or all of them into a larger one. */
static void put(struct weir__sessions *sessions, uint32_t number, uint64_t hash)
{
    if (!weir__dense_is_full(&sessions->index)) {
        weir__dense_put(&sessions->index, hash, number);
        return;
    }
    weir__dense_grow(&sessions->index);
    for (uint32_t cell = weir__pool_next(&sessions->cells, 0); cell != WEIR__POOL_NONE;
         cell = weir__pool_next(&sessions->cells, cell + 1)) {
        weir__dense_put(&sessions->index, weir__session_key(sessions, cell).hash, cell);
    }
}

/* ---- coming, merging, going ---- */

static uint32_t new_cell(struct weir__sessions *sessions, const struct weir__key *key)
{
    uint32_t number = weir__pool_take(&sessions->cells);
    keep_key(sessions, weir__session_cell(sessions, number), key);
    put(sessions, number, key->hash);
    return number;
}

void weir__sessions_add(struct weir__sessions *sessions, const struct weir__key *key, uint32_t cell,
                        struct weir_window window, struct weir__session *session)
{
    uint32_t index = 0;
    if (cell == WEIR__POOL_NONE) {
        cell = new_cell(sessions, key);
    } else {
        weir__sessions_touching(sessions, cell, window, &index);
        weir__session_open_gap(sessions, cell, index);
    }
    weir__session_get(sessions, cell, index, session);
    session->window = window;
    weir__session_set(sessions, session);
    sessions->count++;
}

static void release(const struct weir__sessions *sessions, const struct weir__session *session)
{
    weir_value_fini(sessions->aggregate->accumulator_type, session->accumulator);
}

void weir__sessions_merge(struct weir__sessions *sessions, uint32_t cell, uint32_t index,
                          uint32_t run, struct weir__session *session)
{
    for (; run > 1; run--) {
        struct weir__session next;
        weir__session_get(sessions, cell, index, session);
        weir__session_get(sessions, cell, index + 1, &next);
        session->window.end = next.window.end;
        session->count += next.count;
        sessions->aggregate->merge(session->accumulator, next.accumulator,
                                   sessions->aggregate->user);
        release(sessions, &next);
        weir__session_set(sessions, session);
        weir__session_close_gap(sessions, cell, index + 1);
        sessions->count--;
    }
    weir__session_get(sessions, cell, index, session);
}

static void drop_cell(struct weir__sessions *sessions, uint32_t number)
{
    struct weir__session_cell *cell = weir__session_cell(sessions, number);
    struct weir__key key = weir__session_key(sessions, number);
    weir__session_drop_list(sessions, number);
    weir__dense_remove(&sessions->index, key.hash, number);
    if (cell->len == WEIR__LONG_KEY) {
        sessions->text_bytes -= sizeof(uint32_t) + key.string.len;
        weir__free(cell->data);
    }
    weir__pool_give(&sessions->cells, number);
}

void weir__sessions_remove(struct weir__sessions *sessions, const struct weir__session *session)
{
    release(sessions, session);
    sessions->count--;
    if (weir__session_count(sessions, session->cell) == 1) {
        drop_cell(sessions, session->cell);
    } else {
        weir__session_close_gap(sessions, session->cell, session->index);
    }
}

void weir__sessions_fini(struct weir__sessions *sessions)
{
    uint32_t cell = 0;
    while ((cell = weir__pool_next(&sessions->cells, cell)) != WEIR__POOL_NONE) {
        struct weir__session session;
        weir__session_get(sessions, cell, 0, &session);
        weir__sessions_remove(sessions, &session);
    }
    weir__dense_fini(&sessions->index);
    weir__pool_fini(&sessions->cells);
    weir__pool_fini(&sessions->lists);
    weir__deadlines_fini(&sessions->deadlines);
}
