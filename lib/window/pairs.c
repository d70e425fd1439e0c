/*
 * Which strings occurred with which owners in which slices.
 */
#include "window/pairs.h"

#include "base/mem.h"

#include <weir/time.h>

#include <assert.h>
#include <string.h>

#define FIRST_LIMIT 1024u
#define A_LINE      8u /* sightings for which an index line is made: seldom there are 16 */
#define PAGE        WEIR__LOG_PAGE
#define AHEAD       16u /* sightings: what is to be written anew is fetched so long before */
#define BEYOND      WEIR__DENSE_CELLS

/* ---- the log ---- */

static uint32_t held(const struct weir__pairs *pairs)
{
    return pairs->head - pairs->tail;
}

/* The slices of a sighting that count, as bits. */
static uint32_t counting(const struct weir__pairs *pairs, const struct weir__sighting *sighting)
{
    int64_t span = weir__span_of(pairs->horizon);
    uint32_t lower = span == sighting->base ? weir__span_bit(pairs->horizon) - 1 : 0;
    return span > sighting->base ? 0 : sighting->mask & ~lower;
}

static int64_t *last_base_of(const struct weir__pairs *pairs, uint32_t position)
{
    return &pairs->last_bases[weir__pairs_index(pairs, position) / PAGE];
}

/* An empty log. */
static void make_log(struct weir__pairs *pairs, uint32_t limit)
{
    pairs->limit = limit;
    pairs->log = weir__alloc_lines(limit * sizeof(*pairs->log));
    pairs->last_bases = weir__reallocarray(NULL, limit / PAGE, sizeof(*pairs->last_bases));
    pairs->next = pairs->log;
    pairs->lap = pairs->tail = pairs->head = 0;
}

static void end_page(struct weir__pairs *pairs)
{
    int64_t last = INT64_MIN;
    for (uint32_t i = 1; i <= PAGE; i++) {
        int64_t base = weir__pairs_at(pairs, pairs->head - i)->base;
        last = base > last ? base : last;
    }
    *last_base_of(pairs, pairs->head - 1) = last;
    if (pairs->head - pairs->lap == pairs->limit) {
        pairs->lap = pairs->head;
        pairs->next = pairs->log;
    }
}

/* A sighting without slices at the head. */
static struct weir__sighting *append(struct weir__pairs *pairs, uint64_t key, int64_t base,
                                     uint32_t older)
{
    *pairs->next = (struct weir__sighting){.pair = key, .base = base, .older = older};
    pairs->head++;
    return pairs->next++;
}

/* ---- the index ---- */

static bool is_of(const struct weir__pairs *pairs, uint32_t cell, uint64_t key)
{
    return weir__pairs_in_use(pairs, cell) &&
           weir__pairs_at(pairs, weir__pairs_position(pairs, cell))->pair == key;
}

/* The cell of a pair; or NULL. */
static uint32_t *find(const struct weir__pairs *pairs, uint64_t key)
{
    struct weir__dense_line *line = weir__pairs_home(pairs, key);
    for (;; line = weir__pairs_next_line(pairs, line)) {
        for (uint32_t hits = weir__pairs_hits(pairs, line, key); hits != 0; hits &= hits - 1) {
            uint32_t *cell = &line->words[__builtin_ctz(hits)];
            if (is_of(pairs, *cell, key)) {
                return cell;
            }
        }
        if (!weir__pairs_passed(pairs, line)) {
            return NULL;
        }
    }
}

/* first: the cell of its home to look in first. */
static uint32_t *find_from(const struct weir__pairs *pairs, uint64_t key, uint32_t first)
{
    uint32_t *cell = &weir__pairs_home(pairs, key)->words[first];
    return first < WEIR__DENSE_CELLS && is_of(pairs, *cell, key) ? cell : find(pairs, key);
}

uint32_t weir__pairs_expect_more(const struct weir__pairs *pairs, uint64_t key, uint32_t hits)
{
    struct weir__dense_line *home = weir__pairs_home(pairs, key);
    uint32_t first = WEIR__PAIR_NEW;
    if (weir__pairs_in_use(pairs, home->words[weir__pairs_turn(home)])) {
        first = WEIR__DENSE_CELLS;
    }
    if (weir__pairs_passed(pairs, home)) {
        weir__prefetch(weir__pairs_next_line(pairs, home));
        first = WEIR__DENSE_CELLS;
    }
    for (; hits != 0; hits &= hits - 1) {
        uint32_t cell = (uint32_t)__builtin_ctz(hits);
        if (weir__pairs_in_use(pairs, home->words[cell])) {
            weir__prefetch(weir__pairs_at(pairs, weir__pairs_position(pairs, home->words[cell])));
            first = cell;
        }
    }
    return first;
}

/* A free cell of a line, beginning with the one whose turn it is; BEYOND: there is none. */
static uint32_t free_cell(const struct weir__pairs *pairs, const struct weir__dense_line *line)
{
    uint32_t turn = weir__pairs_turn(line);
    for (uint32_t i = 0; i < WEIR__DENSE_CELLS; i++) {
        uint32_t cell = (turn + i) % WEIR__DENSE_CELLS;
        if (!weir__pairs_in_use(pairs, line->words[cell])) {
            return cell;
        }
    }
    return BEYOND;
}

static void pass(struct weir__dense_line *line, uint32_t position)
{
    line->words[BEYOND] = (position & ~(PAGE - 1)) | weir__pairs_turn(line);
}

/* The first free cell from its home on gets the position of the head. */
static void add_cell(struct weir__pairs *pairs, uint64_t key)
{
    struct weir__dense_line *line = weir__pairs_home(pairs, key);
    uint32_t cell;
    while ((cell = free_cell(pairs, line)) == BEYOND) {
        pass(line, pairs->head);
        line = weir__pairs_next_line(pairs, line);
    }
    weir__pairs_write(pairs, line, cell, key);
}

/* The pair's own cell does. */
static void renew_cell(struct weir__pairs *pairs, uint64_t key, uint32_t *cell)
{
    struct weir__dense_line *line = weir__pairs_home(pairs, key);
    while (cell < line->words || cell >= &line->words[BEYOND]) {
        pass(line, pairs->head);
        line = weir__pairs_next_line(pairs, line);
    }
    *cell = weir__pairs_cell(pairs, key, pairs->head);
}

/* All cells that are free get the position before the tail. */
static void renew_free_cells(struct weir__pairs *pairs)
{
    uint32_t over = pairs->tail - 1;
    for (uint32_t i = 0; i < pairs->line_count; i++) {
        struct weir__dense_line *line = &pairs->lines[i];
        for (uint32_t cell = 0; cell < WEIR__DENSE_CELLS; cell++) {
            bool used = weir__pairs_in_use(pairs, line->words[cell]);
            line->words[cell] = used ? line->words[cell] : over & pairs->cell_mask;
        }
        if (!weir__pairs_passed(pairs, line)) {
            pass(line, over);
        }
    }
    pairs->renew_at = pairs->tail + pairs->cell_mask - 2 * PAGE;
}

/* An index without pairs, of an empty log. */
static void make_index(struct weir__pairs *pairs)
{
    uint32_t positions = 2 * FIRST_LIMIT;
    while (positions < pairs->limit / 2 * 3) {
        positions *= 2;
    }
    pairs->cell_mask = positions - 1;
    pairs->line_count = 1 + pairs->limit / A_LINE;
    pairs->bytes = pairs->line_count * sizeof(*pairs->lines);
    pairs->lines = weir__alloc_lines(pairs->bytes);
    memset(pairs->lines, 0, pairs->bytes);
    renew_free_cells(pairs);
}

/* ---- sightings of a pair, the last span first ---- */

static struct weir__sighting *older_of(const struct weir__pairs *pairs,
                                       const struct weir__sighting *sighting)
{
    return weir__pairs_holds(pairs, sighting->older) ? weir__pairs_at(pairs, sighting->older)
                                                     : NULL;
}

/* The sighting of a pair in a span; it is made when there is none. cell: of the pair, or NULL.
 * *newer: the sighting of the next span with one, or NULL. */
static struct weir__sighting *sighting_in(struct weir__pairs *pairs, uint64_t key, uint32_t *cell,
                                          int64_t base, struct weir__sighting **newer)
{
    struct weir__sighting *at = NULL;
    *newer = NULL;
    if (cell != NULL) {
        at = weir__pairs_at(pairs, weir__pairs_position(pairs, *cell));
    }
    while (at != NULL && at->base > base) {
        *newer = at;
        at = older_of(pairs, at);
    }
    if (at != NULL && at->base == base) {
        return at;
    }
    uint32_t older = pairs->tail - 1;
    if (*newer != NULL) {
        older = (*newer)->older;
        (*newer)->older = pairs->head;
    } else if (cell != NULL) {
        older = weir__pairs_position(pairs, *cell);
        renew_cell(pairs, key, cell);
    } else {
        add_cell(pairs, key);
    }
    return append(pairs, key, base, older);
}

/* ---- room ---- */

static uint32_t count_all(const struct weir__pairs *pairs)
{
    uint32_t count = 0;
    for (uint32_t at = pairs->tail; at != pairs->head; at++) {
        count += counting(pairs, weir__pairs_at(pairs, at)) != 0;
    }
    return count;
}

/* Where most sightings count, a log grows by a third; where few do, it shrinks. */
static uint32_t next_limit(const struct weir__pairs *pairs)
{
    uint32_t count = count_all(pairs);
    uint32_t limit = pairs->limit;
    if (count > limit / 2) {
        limit += limit / 3;
    } else if (count < limit / 4) {
        limit = 2 * count;
    }
    limit = limit > FIRST_LIMIT ? limit : FIRST_LIMIT;
    return (limit + PAGE - 1) & ~(PAGE - 1);
}

/* All sightings that count are written anew. */
static void make_room(struct weir__pairs *pairs)
{
    struct weir__pairs old = *pairs;
    struct weir__sighting *newer;
    make_log(pairs, next_limit(pairs));
    make_index(pairs);
    for (uint32_t at = old.tail; at != old.head; at++) {
        const struct weir__sighting *sighting = weir__pairs_at(&old, at);
        uint32_t mask = counting(&old, sighting);
        if (weir__pairs_holds(&old, at + AHEAD)) {
            weir__pairs_expect(pairs, weir__pairs_at(&old, at + AHEAD)->pair);
        }
        if (mask != 0) {
            sighting_in(pairs, sighting->pair, find(pairs, sighting->pair), sighting->base, &newer)
                ->mask = mask;
            if (pairs->head % PAGE == 0) {
                end_page(pairs);
            }
        }
    }
    weir__free(old.last_bases);
    weir__free(old.log);
    weir__free(old.lines);
}

void weir__pairs_prepare(struct weir__pairs *pairs)
{
    if (held(pairs) > 0) {
        end_page(pairs);
    }
    bool much_too_large = pairs->lap == pairs->head && held(pairs) < pairs->limit / 4;
    if (held(pairs) == pairs->limit || (much_too_large && pairs->limit > FIRST_LIMIT)) {
        make_room(pairs);
    } else if ((int32_t)(pairs->head - pairs->renew_at) >= 0) {
        renew_free_cells(pairs);
    }
}

/* ---- marks ---- */

static int64_t slice_of(const struct weir__sighting *sighting, int bit)
{
    return (int64_t)((uint64_t)sighting->base + (uint64_t)bit);
}

/* limit: no slice before it counts. */
static int64_t nearest_before(const struct weir__pairs *pairs, const struct weir__sighting *at,
                              int64_t slice, int64_t limit)
{
    uint32_t lower = at->mask & (weir__span_bit(slice) - 1);
    if (lower == 0 && (at = older_of(pairs, at)) != NULL) {
        lower = at->mask;
    }
    int64_t found = lower != 0 ? slice_of(at, 31 - __builtin_clz(lower)) : WEIR__NO_SLICE;
    return lower != 0 && found >= limit ? found : WEIR__NO_SLICE;
}

/* newer: the sighting of the next span, or NULL. limit: no slice behind it counts. */
static int64_t nearest_after(const struct weir__sighting *at, const struct weir__sighting *newer,
                             int64_t slice, int64_t limit)
{
    uint32_t higher = at->mask & ~(2 * weir__span_bit(slice) - 1);
    if (higher == 0 && newer != NULL) {
        at = newer;
        higher = at->mask;
    }
    int64_t found = higher != 0 ? slice_of(at, __builtin_ctz(higher)) : WEIR__NO_SLICE;
    return higher != 0 && found <= limit ? found : WEIR__NO_SLICE;
}

bool weir__pairs_mark(struct weir__pairs *pairs, uint64_t key, uint32_t first, int64_t slice,
                      int64_t reach, int64_t *before, int64_t *after)
{
    struct weir__sighting *newer;
    if (pairs->head % PAGE == 0) {
        weir__pairs_prepare(pairs);
    }
    struct weir__sighting *at =
        sighting_in(pairs, key, find_from(pairs, key, first), weir__span_of(slice), &newer);
    uint32_t bit = weir__span_bit(slice);
    if ((at->mask & bit) != 0) {
        return false;
    }
    int64_t oldest = weir_time_sub(slice, reach);
    oldest = oldest > pairs->horizon ? oldest : pairs->horizon;
    at->mask |= bit;
    *before = nearest_before(pairs, at, slice, oldest);
    *after = nearest_after(at, newer, slice, weir_time_add(slice, reach));
    return true;
}

/* ---- all of them ---- */

/* Calls `visit` with every sighting that counts. */
static void each(const struct weir__pairs *pairs, struct weir__pair_list *list,
                 void (*visit)(struct weir__pair_list *list, const struct weir__pair_view *view))
{
    for (uint32_t at = pairs->tail; at != pairs->head; at++) {
        const struct weir__sighting *sighting = weir__pairs_at(pairs, at);
        struct weir__pair_view view = {weir__pair_owner(sighting->pair),
                                       weir__pair_name(sighting->pair), sighting->base,
                                       counting(pairs, sighting)};
        if (view.mask != 0) {
            visit(list, &view);
        }
    }
}

static void count_view(struct weir__pair_list *list, const struct weir__pair_view *view)
{
    list->first[view->owner]++;
}

static void put_view(struct weir__pair_list *list, const struct weir__pair_view *view)
{
    list->items[--list->first[view->owner]] = *view;
}

struct weir__pair_list weir__pairs_by_owner(const struct weir__pairs *pairs)
{
    uint32_t owners = pairs->owners.used;
    struct weir__pair_list list = {.first = weir__calloc((size_t)owners + 1, sizeof(uint32_t))};
    each(pairs, &list, count_view);
    /* From counts to where each owner's items end; filling them backwards leads to their begin. */
    for (uint32_t owner = 1; owner <= owners; owner++) {
        list.first[owner] += list.first[owner - 1];
    }
    list.items = weir__reallocarray(NULL, list.first[owners], sizeof(*list.items));
    each(pairs, &list, put_view);
    return list;
}

void weir__pair_list_fini(struct weir__pair_list *list)
{
    weir__free(list->items);
    weir__free(list->first);
    *list = (struct weir__pair_list){0};
}

/* ---- the rest of the interface ---- */

void weir__pairs_init(struct weir__pairs *pairs)
{
    *pairs =
        (struct weir__pairs){.owners = WEIR__POOL_OF(sizeof(uint32_t)), .horizon = WEIR__NO_SLICE};
    make_log(pairs, FIRST_LIMIT);
    make_index(pairs);
    weir__names_init(&pairs->names);
}

void weir__pairs_fini(struct weir__pairs *pairs)
{
    weir__free(pairs->log);
    weir__free(pairs->last_bases);
    weir__free(pairs->lines);
    weir__names_fini(&pairs->names);
    weir__pool_fini(&pairs->owners);
}

uint32_t weir__pairs_add_owner(struct weir__pairs *pairs)
{
    return weir__pool_take(&pairs->owners);
}

void weir__pairs_drop_owner(struct weir__pairs *pairs, uint32_t owner)
{
    weir__pool_give(&pairs->owners, owner);
}

void weir__pairs_set_horizon(struct weir__pairs *pairs, int64_t horizon)
{
    assert(horizon >= pairs->horizon);
    pairs->horizon = horizon;
    while (held(pairs) > PAGE && *last_base_of(pairs, pairs->tail) < weir__span_of(horizon)) {
        pairs->tail += PAGE;
    }
    weir__names_set_horizon(&pairs->names, horizon);
}
