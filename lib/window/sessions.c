/*
 * Sessions of a fixed gap.
 */
#include "window/sessions.h"

#include "base/mem.h"

#include <assert.h>

#define BUCKETS_A_GAP 64

/* Earlier sessions of a key: items [first, first + count) are in use. */
struct list {
    char *items;
    uint32_t first;
    uint32_t count;
    uint32_t capacity;
};

void weir__sessions_init(struct weir__sessions *sessions, const struct weir__window_rules *rules,
                         const struct weir_aggregate *aggregate, enum weir_kind key_kind)
{
    size_t size = aggregate->accumulator_type->size;
    size_t session_size = (sizeof(struct weir__session) + size + 7) & ~(size_t)7;
    size_t cell_size = offsetof(struct weir__session_cell, latest) + session_size;
    int64_t width_ms = rules->assigner.gap_ms / BUCKETS_A_GAP;
    *sessions = (struct weir__sessions){
        .rules = rules,
        .aggregate = aggregate,
        .kind = key_kind,
        .session_size = session_size,
        .cells = WEIR__POOL_OF((cell_size + 63) & ~(size_t)63),
        .lists = WEIR__POOL_OF(sizeof(struct list)),
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
        cell->len = (uint16_t)len;
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
    struct weir__key key = {.kind = sessions->kind};
    if (sessions->kind == WEIR_KIND_STRING) {
        key.string = text_of(at);
    } else {
        key.integer = at->integer;
    }
    return key;
}

static uint64_t hash_of(const struct weir__key *key)
{
    return key->kind == WEIR_KIND_STRING ? weir__key_string(key->string).hash
                                         : weir__key_integer(key->kind, key->integer).hash;
}

uint32_t weir__sessions_find(const struct weir__sessions *sessions, const struct weir__key *key)
{
    struct weir__index_cursor at = weir__index_find(&sessions->index, key->hash);
    uint32_t number;
    while ((number = weir__index_next(&sessions->index, &at)) != WEIR__INDEX_NONE) {
        if (is(sessions, weir__session_cell(sessions, number), key)) {
            return number;
        }
    }
    return WEIR__POOL_NONE;
}

/* ---- the sessions of a cell ---- */

static struct list *list_of(const struct weir__sessions *sessions,
                            const struct weir__session_cell *cell)
{
    return cell->earlier != 0 ? weir__pool_at(&sessions->lists, cell->earlier - 1) : NULL;
}

static struct weir__session *item_at(const struct weir__sessions *sessions, const struct list *list,
                                     uint32_t index)
{
    return (struct weir__session *)(void *)(list->items +
                                            (list->first + index) * sessions->session_size);
}

uint32_t weir__session_count(const struct weir__sessions *sessions, uint32_t cell)
{
    const struct list *list = list_of(sessions, weir__session_cell(sessions, cell));
    return list != NULL ? list->count + 1 : 1;
}

struct weir__session *weir__session_at(const struct weir__sessions *sessions, uint32_t cell,
                                       uint32_t index)
{
    struct weir__session_cell *at = weir__session_cell(sessions, cell);
    const struct list *list = list_of(sessions, at);
    return list != NULL && index < list->count ? item_at(sessions, list, index) : &at->latest;
}

uint32_t weir__sessions_touching(const struct weir__sessions *sessions, uint32_t cell,
                                 struct weir_window window, uint32_t *index)
{
    uint32_t end = weir__session_count(sessions, cell);
    while (end > 0 && weir__session_at(sessions, cell, end - 1)->window.start > window.end) {
        end--;
    }
    uint32_t run = 0;
    while (run < end && weir__window_intersects(
                            weir__session_at(sessions, cell, end - run - 1)->window, window)) {
        run++;
    }
    *index = end - run;
    return run;
}

static void make_room(const struct weir__sessions *sessions, struct list *list)
{
    if (list->first + list->count < list->capacity) {
        return;
    }
    if (list->first > list->capacity / 2) {
        memmove(list->items, item_at(sessions, list, 0), list->count * sessions->session_size);
        list->first = 0;
        return;
    }
    list->capacity = list->capacity == 0 ? 4 : list->capacity * 2;
    list->items = weir__reallocarray(list->items, list->capacity, sessions->session_size);
}

/* Makes room for a session at `index` of the list; its bytes are anything. */
static struct weir__session *open_gap(struct weir__sessions *sessions,
                                      struct weir__session_cell *cell, uint32_t index)
{
    if (cell->earlier == 0) {
        cell->earlier = weir__pool_take(&sessions->lists) + 1;
    }
    struct list *list = list_of(sessions, cell);
    make_room(sessions, list);
    struct weir__session *at = item_at(sessions, list, index);
    memmove((char *)at + sessions->session_size, at,
            (list->count - index) * sessions->session_size);
    list->count++;
    return at;
}

static void drop_list(struct weir__sessions *sessions, struct weir__session_cell *cell)
{
    weir__free(list_of(sessions, cell)->items);
    weir__pool_give(&sessions->lists, cell->earlier - 1);
    cell->earlier = 0;
}

/* Takes the bytes of a session out; what they own must have gone. */
static void close_gap(struct weir__sessions *sessions, struct weir__session_cell *cell,
                      uint32_t index)
{
    struct list *list = list_of(sessions, cell);
    if (index == list->count) {
        memcpy(&cell->latest, item_at(sessions, list, index - 1), sessions->session_size);
        index--;
    }
    list->count--;
    if (index == 0) {
        list->first++;
    } else {
        struct weir__session *at = item_at(sessions, list, index);
        memmove(at, (char *)at + sessions->session_size,
                (list->count - index) * sessions->session_size);
    }
    if (list->count == 0) {
        drop_list(sessions, cell);
    }
}

static struct weir__session *new_cell(struct weir__sessions *sessions, const struct weir__key *key,
                                      uint32_t *number)
{
    *number = weir__pool_take(&sessions->cells);
    struct weir__session_cell *cell = weir__session_cell(sessions, *number);
    keep_key(sessions, cell, key);
    weir__index_put(&sessions->index, key->hash, *number);
    return &cell->latest;
}

static struct weir__session *insert(struct weir__sessions *sessions,
                                    struct weir__session_cell *cell, uint32_t index)
{
    const struct list *list = list_of(sessions, cell);
    uint32_t last = list != NULL ? list->count : 0;
    if (index <= last) {
        return open_gap(sessions, cell, index);
    }
    memcpy(open_gap(sessions, cell, last), &cell->latest, sessions->session_size);
    return &cell->latest;
}

struct weir__session *weir__sessions_add(struct weir__sessions *sessions,
                                         const struct weir__key *key, uint32_t *cell,
                                         struct weir_window window)
{
    struct weir__session *session;
    if (*cell == WEIR__POOL_NONE) {
        session = new_cell(sessions, key, cell);
    } else {
        uint32_t index;
        weir__sessions_touching(sessions, *cell, window, &index);
        session = insert(sessions, weir__session_cell(sessions, *cell), index);
        memset(session, 0, sessions->session_size);
    }
    session->window = window;
    sessions->count++;
    return session;
}

static void release(const struct weir__sessions *sessions, struct weir__session *session)
{
    weir_value_fini(sessions->aggregate->accumulator_type, session->accumulator);
}

struct weir__session *weir__sessions_merge(struct weir__sessions *sessions, uint32_t cell,
                                           uint32_t index, uint32_t run)
{
    for (; run > 1; run--) {
        struct weir__session *first = weir__session_at(sessions, cell, index);
        struct weir__session *next = weir__session_at(sessions, cell, index + 1);
        uint64_t count = (uint64_t)first->count + next->count;
        first->window.end = next->window.end;
        first->count = count < INT32_MAX ? (uint32_t)count & INT32_MAX : INT32_MAX;
        sessions->aggregate->merge(first->accumulator, next->accumulator,
                                   sessions->aggregate->user);
        release(sessions, next);
        close_gap(sessions, weir__session_cell(sessions, cell), index + 1);
        sessions->count--;
    }
    return weir__session_at(sessions, cell, index);
}

static void drop_cell(struct weir__sessions *sessions, uint32_t number)
{
    struct weir__session_cell *cell = weir__session_cell(sessions, number);
    struct weir__key key = weir__session_key(sessions, number);
    weir__index_remove(&sessions->index, hash_of(&key), number);
    if (key.kind == WEIR_KIND_STRING && cell->len == WEIR__LONG_KEY) {
        sessions->text_bytes -= sizeof(uint32_t) + key.string.len;
        weir__free(cell->data);
    }
    weir__pool_give(&sessions->cells, number);
}

void weir__sessions_remove(struct weir__sessions *sessions, uint32_t cell, uint32_t index)
{
    release(sessions, weir__session_at(sessions, cell, index));
    sessions->count--;
    if (weir__session_cell(sessions, cell)->earlier == 0) {
        drop_cell(sessions, cell);
    } else {
        close_gap(sessions, weir__session_cell(sessions, cell), index);
    }
}

void weir__sessions_fini(struct weir__sessions *sessions)
{
    uint32_t cell = 0;
    while ((cell = weir__pool_next(&sessions->cells, cell)) != WEIR__POOL_NONE) {
        weir__sessions_remove(sessions, cell, 0);
    }
    weir__index_fini(&sessions->index);
    weir__pool_fini(&sessions->cells);
    weir__pool_fini(&sessions->lists);
    weir__deadlines_fini(&sessions->deadlines);
}

/* ---- time ---- */

bool weir__sessions_file(struct weir__sessions *sessions, uint32_t cell,
                         const struct weir__session *session)
{
    struct weir__session_cell *at = weir__session_cell(sessions, cell);
    struct weir__due due = {weir__session_deadline(sessions, session), session->sequence, cell};
    if (due.time == WEIR_TIME_MAX) {
        return true;
    }
    uint16_t filed = (uint16_t)at->filed;
    bool ahead = weir__deadlines_file(&sessions->deadlines, due, &filed);
    at->filed = filed;
    return ahead;
}

/* Files what the sessions of a cell wait for, when its ticket is in that place. */
static void file_all(struct weir__sessions *sessions, uint32_t cell, uint16_t place)
{
    if (!weir__pool_live(&sessions->cells, cell) ||
        weir__session_cell(sessions, cell)->filed != place) {
        return;
    }
    weir__session_cell(sessions, cell)->filed = 0;
    uint32_t count = weir__session_count(sessions, cell);
    for (uint32_t i = 0; i < count; i++) {
        const struct weir__session *session = weir__session_at(sessions, cell, i);
        if (weir__sessions_file(sessions, cell, session) && session->waits) {
            return; /* all that follow have later deadlines */
        }
    }
}

static void ask(const uint32_t *cells, size_t count, uint16_t place, void *user)
{
    struct weir__sessions *sessions = user;
    for (size_t i = 0; i < count; i++) {
        if (i + WEIR__AHEAD < count) {
            weir__prefetch(weir__session_cell(sessions, cells[i + WEIR__AHEAD]));
        }
        file_all(sessions, cells[i], place);
    }
}

void weir__sessions_open(struct weir__sessions *sessions, int64_t watermark)
{
    weir__deadlines_open(&sessions->deadlines, watermark, ask, sessions);
}

/* The session of a cell that has that deadline; false when it has gone or moved on. */
static bool find_due(const struct weir__sessions *sessions, const struct weir__due *due,
                     uint32_t *index)
{
    if (!weir__pool_live(&sessions->cells, due->owner)) {
        return false;
    }
    uint32_t count = weir__session_count(sessions, due->owner);
    for (uint32_t i = 0; i < count; i++) {
        const struct weir__session *session = weir__session_at(sessions, due->owner, i);
        if (session->sequence == due->sequence &&
            weir__session_deadline(sessions, session) == due->time) {
            *index = i;
            return true;
        }
    }
    return false;
}

/* Takes the next few that are due, and fetches their cells, and the index for their removal. */
static bool look_ahead(struct weir__sessions *sessions, int64_t watermark)
{
    uint32_t count = 0;
    while (count < WEIR__AHEAD &&
           weir__deadlines_pop(&sessions->deadlines, watermark, &sessions->ahead[count])) {
        weir__prefetch(weir__session_cell(sessions, sessions->ahead[count++].owner));
    }
    for (uint32_t i = 0; i < count; i++) {
        if (weir__pool_live(&sessions->cells, sessions->ahead[i].owner)) {
            struct weir__key key = weir__session_key(sessions, sessions->ahead[i].owner);
            weir__index_expect(&sessions->index, hash_of(&key));
        }
    }
    sessions->ahead_at = 0;
    sessions->ahead_count = count;
    return count > 0;
}

bool weir__sessions_next(struct weir__sessions *sessions, int64_t watermark, uint32_t *cell,
                         uint32_t *index)
{
    while (sessions->ahead_at < sessions->ahead_count || look_ahead(sessions, watermark)) {
        const struct weir__due *due = &sessions->ahead[sessions->ahead_at++];
        if (find_due(sessions, due, index)) {
            *cell = due->owner;
            return true;
        }
    }
    return false;
}
