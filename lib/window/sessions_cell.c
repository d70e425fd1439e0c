/*
 * The sessions of one key: one in short, in the cell itself, or all in full, in a list.
 */
#include "base/mem.h"
#include "window/sessions_internal.h"

#include <assert.h>

static struct weir__session_list *list_of(const struct weir__sessions *sessions,
                                          const struct weir__session_cell *cell)
{
    return weir__pool_at(&sessions->lists, cell->list);
}

static struct weir__session_item *item_at(const struct weir__sessions *sessions,
                                          const struct weir__session_list *list, uint32_t index)
{
    return (struct weir__session_item *)(void *)(list->items +
                                                 (list->first + index) * sessions->item_size);
}

static size_t accumulator_size(const struct weir__sessions *sessions)
{
    return sessions->aggregate->accumulator_type->size;
}

/* ---- reading ---- */

uint32_t weir__session_count(const struct weir__sessions *sessions, uint32_t cell)
{
    const struct weir__session_cell *at = weir__session_cell(sessions, cell);
    return at->listed ? list_of(sessions, at)->count : 1;
}

/* Where the one session of a cell ends. Unsigned: it may be longer than an int64_t can say. */
static int64_t end_of(const struct weir__sessions *sessions, const struct weir__session_cell *cell)
{
    uint64_t length = (uint64_t)sessions->rules->assigner.gap_ms + cell->span_ms;
    return (int64_t)((uint64_t)cell->start + length);
}

static struct weir_window window_at(const struct weir__sessions *sessions,
                                    const struct weir__session_cell *cell, uint32_t index)
{
    return cell->listed ? item_at(sessions, list_of(sessions, cell), index)->window
                        : (struct weir_window){cell->start, end_of(sessions, cell)};
}

void weir__session_get(const struct weir__sessions *sessions, uint32_t cell, uint32_t index,
                       struct weir__session *session)
{
    struct weir__session_cell *at = weir__session_cell(sessions, cell);
    session->cell = cell;
    session->index = index;
    session->window = window_at(sessions, at, index);
    if (at->listed) {
        struct weir__session_item *item = item_at(sessions, list_of(sessions, at), index);
        session->sequence = item->sequence;
        session->count = item->count;
        session->waits = item->waits;
        session->accumulator = item->accumulator;
    } else {
        session->sequence = at->sequence;
        session->count = at->count;
        session->waits = at->waits;
        session->accumulator = at->accumulator;
    }
}

uint32_t weir__sessions_touching(const struct weir__sessions *sessions, uint32_t cell,
                                 struct weir_window window, uint32_t *index)
{
    const struct weir__session_cell *at = weir__session_cell(sessions, cell);
    uint32_t end = weir__session_count(sessions, cell);
    while (end > 0 && window_at(sessions, at, end - 1).start > window.end) {
        end--;
    }
    uint32_t run = 0;
    while (run < end && weir__window_intersects(window_at(sessions, at, end - run - 1), window)) {
        run++;
    }
    *index = end - run;
    return run;
}

/* ---- writing ---- */

/* What a session is longer than the gap. */
static uint64_t span_of(const struct weir__sessions *sessions, const struct weir__session *session)
{
    return (uint64_t)session->window.end - (uint64_t)session->window.start -
           (uint64_t)sessions->rules->assigner.gap_ms;
}

/* A session that time cuts short, or of another gap, is not as long as the gap: it does not fit. */
static bool fits(const struct weir__sessions *sessions, const struct weir__session *session)
{
    return span_of(sessions, session) <= UINT32_MAX && session->count <= UINT32_MAX &&
           session->sequence <= WEIR__SEQUENCE_MAX;
}

static void set_short(const struct weir__sessions *sessions, struct weir__session_cell *cell,
                      const struct weir__session *session)
{
    cell->start = session->window.start;
    cell->span_ms = (uint32_t)span_of(sessions, session);
    cell->count = (uint32_t)session->count;
    cell->sequence = session->sequence & WEIR__SEQUENCE_MAX;
    cell->waits = session->waits;
}

static void set_item(struct weir__session_item *item, const struct weir__session *session)
{
    item->window = session->window;
    item->sequence = session->sequence;
    item->count = session->count;
    item->waits = session->waits;
}

/* The session of a cell moves into a list. */
static void spread(struct weir__sessions *sessions, uint32_t number)
{
    struct weir__session_cell *cell = weir__session_cell(sessions, number);
    struct weir__session only;
    weir__session_get(sessions, number, 0, &only);
    uint32_t list = weir__pool_take(&sessions->lists);
    *(struct weir__session_list *)weir__pool_at(&sessions->lists, list) =
        (struct weir__session_list){
            .items = weir__alloc(sessions->item_size), .count = 1, .capacity = 1};
    cell->listed = true;
    cell->list = list;
    struct weir__session_item *item = item_at(sessions, list_of(sessions, cell), 0);
    set_item(item, &only);
    memcpy(item->accumulator, only.accumulator, accumulator_size(sessions));
}

/* The last session of a list moves back into the cell, if it fits. */
static void gather(struct weir__sessions *sessions, uint32_t number)
{
    struct weir__session_cell *cell = weir__session_cell(sessions, number);
    struct weir__session only;
    weir__session_get(sessions, number, 0, &only);
    if (fits(sessions, &only)) {
        memcpy(cell->accumulator, only.accumulator, accumulator_size(sessions));
        weir__session_drop_list(sessions, number);
        set_short(sessions, cell, &only);
    }
}

void weir__session_set(struct weir__sessions *sessions, struct weir__session *session)
{
    struct weir__session_cell *cell = weir__session_cell(sessions, session->cell);
    if (!cell->listed && fits(sessions, session)) {
        set_short(sessions, cell, session);
        return;
    }
    if (!cell->listed) {
        spread(sessions, session->cell);
    }
    struct weir__session_item *item = item_at(sessions, list_of(sessions, cell), session->index);
    set_item(item, session);
    session->accumulator = item->accumulator;
}

/* ---- several ---- */

static void make_room(const struct weir__sessions *sessions, struct weir__session_list *list)
{
    if (list->first + list->count < list->capacity) {
        return;
    }
    if (list->first > list->capacity / 2) {
        memmove(list->items, item_at(sessions, list, 0), list->count * sessions->item_size);
        list->first = 0;
        return;
    }
    list->capacity *= 2;
    list->items = weir__reallocarray(list->items, list->capacity, sessions->item_size);
}

void weir__session_open_gap(struct weir__sessions *sessions, uint32_t cell, uint32_t index)
{
    struct weir__session_cell *at = weir__session_cell(sessions, cell);
    if (!at->listed) {
        spread(sessions, cell);
    }
    struct weir__session_list *list = list_of(sessions, at);
    make_room(sessions, list);
    char *item = (char *)item_at(sessions, list, index);
    memmove(item + sessions->item_size, item, (list->count - index) * sessions->item_size);
    memset(item, 0, sessions->item_size);
    list->count++;
}

void weir__session_close_gap(struct weir__sessions *sessions, uint32_t cell, uint32_t index)
{
    struct weir__session_list *list = list_of(sessions, weir__session_cell(sessions, cell));
    assert(list->count > 1);
    list->count--;
    if (index == 0) {
        list->first++;
    } else {
        char *item = (char *)item_at(sessions, list, index);
        memmove(item, item + sessions->item_size, (list->count - index) * sessions->item_size);
    }
    if (list->count == 1) {
        gather(sessions, cell);
    }
}

void weir__session_drop_list(struct weir__sessions *sessions, uint32_t cell)
{
    struct weir__session_cell *at = weir__session_cell(sessions, cell);
    if (at->listed) {
        weir__free(list_of(sessions, at)->items);
        weir__pool_give(&sessions->lists, at->list);
        at->listed = false;
    }
}
