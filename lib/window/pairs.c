/*
 * Which strings occurred with which owners in which slices.
 */
#include "window/pairs.h"

#include "base/mem.h"

#include <weir/time.h>

#include <assert.h>
#include <string.h>

#define FIRST_SLOTS 8u
#define LINE        WEIR__PAIR_LINE
#define SLICES      WEIR__PAIR_SLICES
#define WORTH_MOVE  16u /* slices: to move masks by fewer costs more than a second table */

void weir__pairs_init(struct weir__pairs *pairs)
{
    *pairs =
        (struct weir__pairs){.owners = WEIR__POOL_OF(sizeof(uint32_t)), .horizon = WEIR__NO_SLICE};
    weir__names_init(&pairs->names);
}

static size_t bytes_of(const struct weir__pair_table *table)
{
    return table->slots != NULL ? ((size_t)table->last + 1) * sizeof(*table->slots) : 0;
}

static void free_tables(struct weir__pair_table *table)
{
    while (table != NULL) {
        struct weir__pair_table *older = table->older;
        weir__free(table->slots);
        weir__free(table);
        table = older;
    }
}

void weir__pairs_fini(struct weir__pairs *pairs)
{
    for (uint32_t i = 0; i < WEIR__PAIR_PARTS; i++) {
        weir__free(pairs->parts[i].slots);
        free_tables(pairs->parts[i].older);
    }
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
    weir__names_set_horizon(&pairs->names, horizon);
}

/* ---- one table ---- */

/* Bits of slices that count. */
static uint64_t counting(const struct weir__pairs *pairs, const struct weir__pair_table *table)
{
    if (pairs->horizon <= table->base) {
        return UINT64_MAX;
    }
    return weir__pair_table_covers(table, pairs->horizon)
               ? UINT64_MAX << weir__pair_table_bit(table, pairs->horizon)
               : 0;
}

/* A pair that is not there. */
static inline void put(struct weir__pair_table *table, struct weir__pair pair)
{
    uint32_t home = weir__pair_home(table, pair.key);
    while (weir__pair_line_is_full(&table->slots[home])) {
        home = (home + LINE) & table->last;
    }
    struct weir__pair *line = &table->slots[home];
    line[weir__pair_line_used(line)] = pair;
}

static void resize(struct weir__pairs *pairs, struct weir__pair_table *table, uint32_t count)
{
    struct weir__pair *old = table->slots;
    uint32_t old_count = old != NULL ? table->last + 1 : 0;
    size_t bytes = count * sizeof(*old);
    pairs->bytes += bytes - bytes_of(table);
    table->slots = memset(weir__alloc_lines(bytes), 0, bytes);
    table->last = count - 1;
    table->limit = count / 8 * 5;
    for (uint32_t i = 0; i < old_count; i++) {
        if (old[i].mask != 0) {
            put(table, old[i]);
        }
    }
    weir__free(old);
}

/* The pairs of a line look for room from their homes on, and find it here at the latest. */
static void put_again(struct weir__pair_table *table, uint32_t at)
{
    struct weir__pair *line = &table->slots[at];
    struct weir__pair pairs[LINE];
    memcpy(pairs, line, sizeof(pairs));
    memset(line, 0, sizeof(pairs));
    for (uint32_t i = 0; i < LINE && pairs[i].mask != 0; i++) {
        put(table, pairs[i]);
    }
}

/* Drops the pairs of a line that do not count any more, and shifts the masks of the others. Returns
 * how many are left. */
static inline uint32_t sweep_line(struct weir__pair_table *table, uint32_t at, uint64_t counts,
                                  uint64_t shift)
{
    struct weir__pair *line = &table->slots[at];
    struct weir__pair left[LINE + 1] = {0};
    uint32_t count = 0;
    bool strangers = false;
    for (uint32_t i = 0; i < LINE; i++) {
        struct weir__pair pair = {line[i].key, (line[i].mask & counts) >> shift};
        bool stays = pair.mask != 0;
        left[count] = pair;
        strangers |= stays & (weir__pair_home(table, pair.key) != at);
        count += stays;
    }
    left[count] = (struct weir__pair){0};
    memcpy(line, left, LINE * sizeof(*line));
    if (strangers) {
        put_again(table, at);
    }
    return count;
}

/*
 * Drops the pairs that do not count any more, and moves the masks of the others by `move` slices.
 * In place, line by line: from one with room on, which nobody has passed on the way from home.
 */
static void sweep(struct weir__pairs *pairs, struct weir__pair_table *table, uint64_t move)
{
    uint64_t counts = counting(pairs, table);
    uint32_t start = 0;
    while (weir__pair_line_is_full(&table->slots[start])) {
        start += LINE;
    }
    uint64_t shift = counts != 0 ? move : 0; /* a move of all bits or more leaves none */
    table->used = 0;
    for (uint32_t i = 0; i <= table->last; i += LINE) {
        table->used += sweep_line(table, (start + LINE + i) & table->last, counts, shift);
    }
    table->base = (int64_t)((uint64_t)table->base + move);
}

/* ---- the tables of a part: the newest first ---- */

static bool is_over(const struct weir__pairs *pairs, const struct weir__pair_table *table)
{
    return counting(pairs, table) == 0;
}

/* How far the masks of the newest table may move: it must be alone. */
static uint64_t room_to_move(const struct weir__pairs *pairs, const struct weir__pair_table *newest)
{
    bool may = newest->older == NULL && pairs->horizon > newest->base;
    return may ? weir__pair_table_bit(newest, pairs->horizon) : 0;
}

/* Older tables that the horizon has passed go; the masks of a table that is alone move. */
static void tidy(struct weir__pairs *pairs, struct weir__pair_table *newest)
{
    for (struct weir__pair_table **link = &newest->older; *link != NULL;) {
        struct weir__pair_table *table = *link;
        if (!is_over(pairs, table)) {
            link = &table->older;
            continue;
        }
        *link = table->older;
        pairs->bytes -= bytes_of(table);
        weir__free(table->slots);
        weir__free(table);
    }
    uint64_t passed = room_to_move(pairs, newest);
    if (passed >= WORTH_MOVE) {
        sweep(pairs, newest, passed);
    }
}

/* A table for a slice that none covers; `newest` stays the address of the newest one. */
static struct weir__pair_table *begin_table(struct weir__pair_table *newest, int64_t slice)
{
    struct weir__pair_table *table = WEIR__NEW(struct weir__pair_table);
    struct weir__pair_table **link = &newest->older;
    int64_t base = (int64_t)((uint64_t)slice - weir__pair_table_bit(newest, slice) % SLICES);
    if (base > newest->base) {
        *table = *newest;
        *newest = (struct weir__pair_table){.base = base, .older = table};
        return newest;
    }
    while (*link != NULL && (*link)->base > base) {
        link = &(*link)->older;
    }
    *table = (struct weir__pair_table){.base = base, .older = *link};
    *link = table;
    return table;
}

struct weir__pair_table *weir__pairs_prepare(struct weir__pairs *pairs,
                                             struct weir__pair_table *newest, int64_t slice)
{
    struct weir__pair_table *table = newest;
    if (newest->slots == NULL) {
        newest->base = (int64_t)((uint64_t)slice & ~(uint64_t)(SLICES - 1));
    } else if (!weir__pair_table_covers(newest, slice)) {
        tidy(pairs, newest);
        while (table != NULL && !weir__pair_table_covers(table, slice)) {
            table = table->older;
        }
        table = table != NULL ? table : begin_table(newest, slice);
    }
    if (table->slots == NULL) {
        resize(pairs, table, FIRST_SLOTS);
    } else if (table->used >= table->limit) {
        sweep(pairs, table, table == newest ? room_to_move(pairs, newest) : 0);
        uint32_t count = table->last + 1;
        if (table->used >= count / 2) {
            resize(pairs, table, count * 2);
        } else if (table->used < count / 16 && count > FIRST_SLOTS) {
            resize(pairs, table, count / 2);
        }
    }
    return table;
}

/* ---- neighbours of a mark ---- */

static int64_t slice_of(const struct weir__pair_table *table, int bit)
{
    return (int64_t)((uint64_t)table->base + (uint64_t)bit);
}

/* mask: what the slice's table knows of the pair. limit: no slice before it counts. */
static int64_t nearest_before(const struct weir__pair_table *table, uint64_t key, uint64_t mask,
                              int64_t slice, int64_t limit)
{
    uint64_t lower = mask & ((UINT64_C(1) << weir__pair_table_bit(table, slice)) - 1);
    while (lower == 0 && table->base > limit && table->older != NULL) {
        table = table->older;
        lower = weir__pair_find(table, key)->mask;
    }
    int64_t found = lower != 0 ? slice_of(table, 63 - __builtin_clzll(lower)) : WEIR__NO_SLICE;
    return lower != 0 && found >= limit ? found : WEIR__NO_SLICE;
}

/* The same; limit: no slice behind it counts. */
static int64_t nearest_after(const struct weir__pair_table *newest,
                             const struct weir__pair_table *table, uint64_t key, uint64_t mask,
                             int64_t slice, int64_t limit)
{
    uint64_t higher = mask & ~((UINT64_C(2) << weir__pair_table_bit(table, slice)) - 1);
    int64_t found = higher != 0 ? slice_of(table, __builtin_ctzll(higher)) : WEIR__NO_SLICE;
    for (; higher == 0 && newest != table; newest = newest->older) {
        uint64_t newer = newest->base <= limit ? weir__pair_find(newest, key)->mask : 0;
        found = newer != 0 ? slice_of(newest, __builtin_ctzll(newer)) : found;
    }
    return found != WEIR__NO_SLICE && found <= limit ? found : WEIR__NO_SLICE;
}

void weir__pairs_find_neighbours(const struct weir__pairs *pairs,
                                 const struct weir__pair_table *table, uint64_t key, uint64_t mask,
                                 int64_t slice, int64_t reach, int64_t *before, int64_t *after)
{
    const struct weir__pair_table *newest = &pairs->parts[key >> WEIR__PAIR_PART_SHIFT];
    int64_t oldest = weir_time_sub(slice, reach);
    oldest = oldest > pairs->horizon ? oldest : pairs->horizon;
    *before = nearest_before(table, key, mask, slice, oldest);
    *after = nearest_after(newest, table, key, mask, slice, weir_time_add(slice, reach));
}

/* ---- all of them ---- */

static void count_pairs(const struct weir__pairs *pairs, const struct weir__pair_table *table,
                        uint32_t *counts)
{
    uint64_t mask = counting(pairs, table);
    for (uint32_t i = 0; table->slots != NULL && i <= table->last; i++) {
        counts[weir__pair_owner(&table->slots[i])] += (table->slots[i].mask & mask) != 0;
    }
}

static void view_pairs(const struct weir__pairs *pairs, const struct weir__pair_table *table,
                       struct weir__pair_list *list)
{
    uint64_t mask = counting(pairs, table);
    for (uint32_t i = 0; table->slots != NULL && i <= table->last; i++) {
        const struct weir__pair *pair = &table->slots[i];
        if ((pair->mask & mask) != 0) {
            uint32_t owner = weir__pair_owner(pair);
            list->items[--list->first[owner]] = (struct weir__pair_view){
                owner, weir__pair_name(pair), table->base, pair->mask & mask};
        }
    }
}

struct weir__pair_list weir__pairs_by_owner(const struct weir__pairs *pairs)
{
    uint32_t owners = pairs->owners.used;
    struct weir__pair_list list = {.first = weir__calloc((size_t)owners + 1, sizeof(uint32_t))};
    for (uint32_t i = 0; i < WEIR__PAIR_PARTS; i++) {
        for (const struct weir__pair_table *at = &pairs->parts[i]; at != NULL; at = at->older) {
            count_pairs(pairs, at, list.first);
        }
    }
    /* From counts to where each owner's items end; filling them backwards leads to their begin. */
    for (uint32_t owner = 1; owner <= owners; owner++) {
        list.first[owner] += list.first[owner - 1];
    }
    list.items = weir__reallocarray(NULL, list.first[owners], sizeof(*list.items));
    for (uint32_t i = 0; i < WEIR__PAIR_PARTS; i++) {
        for (const struct weir__pair_table *at = &pairs->parts[i]; at != NULL; at = at->older) {
            view_pairs(pairs, at, &list);
        }
    }
    return list;
}

void weir__pair_list_fini(struct weir__pair_list *list)
{
    weir__free(list->items);
    weir__free(list->first);
    *list = (struct weir__pair_list){0};
}
