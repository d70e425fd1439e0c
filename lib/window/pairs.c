/*
 * Which strings occurred with which owners in which slices.
 */
#include "window/pairs.h"

#include "base/mem.h"

#include <weir/time.h>

#include <assert.h>
#include <string.h>

#define FIRST_LINES 2u
#define LINE        WEIR__PAIR_LINE
#define SLICES      WEIR__PAIR_SLICES
#define A_WORD      6u /* pairs in a word of a filter: some 2 % of answers are "perhaps" for nothing */

/* ---- one table ---- */

/* Bits of slices that count. */
static uint32_t counting(const struct weir__pairs *pairs, const struct weir__pair_table *table)
{
    if (pairs->horizon <= table->base) {
        return UINT16_MAX;
    }
    return weir__pair_table_covers(table, pairs->horizon)
               ? (uint16_t)(UINT16_MAX << weir__pair_table_bit(table, pairs->horizon))
               : 0;
}

static size_t bytes_of(uint32_t lines)
{
    return lines * sizeof(struct weir__pair_line);
}

static void free_lines(struct weir__pairs *pairs, struct weir__pair_line *lines, uint32_t count)
{
    pairs->bytes -= bytes_of(count);
    weir__free(lines);
}

/* Lines for an empty table: the spare ones, if they are about as many. */
static void make_lines(struct weir__pairs *pairs, struct weir__pair_table *table, uint32_t count)
{
    if (pairs->spare != NULL && pairs->spare_count >= count && pairs->spare_count / 2 <= count) {
        count = pairs->spare_count;
        table->lines = pairs->spare;
        pairs->spare = NULL;
    } else {
        table->lines = weir__alloc_lines(bytes_of(count));
        pairs->bytes += bytes_of(count);
    }
    memset(table->lines, 0, bytes_of(count));
    table->line_count = count;
    table->used = 0;
    table->limit = (uint32_t)((uint64_t)count * LINE * 5 / 8);
}

static void drop_spare(struct weir__pairs *pairs)
{
    if (pairs->spare != NULL) {
        free_lines(pairs, pairs->spare, pairs->spare_count);
        pairs->spare = NULL;
    }
}

/* Lines for so many pairs, and some more. */
static uint32_t lines_for(uint32_t pairs)
{
    return FIRST_LINES + pairs / 10 * 3;
}

static void add_to_filter(struct weir__pair_table *table, uint64_t key)
{
    *weir__pair_filter_word(table, key) |= weir__pair_filter_bits(key);
}

/* From now on the table is an older one. */
static void make_filter(struct weir__pair_table *table)
{
    weir__free(table->filter);
    table->filter_words = 1 + table->used / A_WORD;
    table->filter = weir__calloc(table->filter_words, sizeof(*table->filter));
    for (uint32_t i = 0; i < table->line_count; i++) {
        for (uint32_t slot = 0; slot < table->lines[i].used; slot++) {
            add_to_filter(table, table->lines[i].keys[slot]);
        }
    }
}

static void put(struct weir__pair_table *table, uint64_t key, uint32_t mask)
{
    uint32_t slot;
    struct weir__pair_line *line = weir__pair_find(table, key, &slot);
    line->keys[slot] = key;
    line->masks[slot] = (uint16_t)mask;
    line->used++;
    table->used++;
}

/* How many pairs of a table count. */
static uint32_t count_pairs(const struct weir__pairs *pairs, const struct weir__pair_table *table)
{
    uint32_t counts = counting(pairs, table);
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->line_count; i++) {
        for (uint32_t slot = 0; slot < LINE; slot++) {
            count += (table->lines[i].masks[slot] & counts) != 0;
        }
    }
    return count;
}

/* Room for as many pairs again as count; the others go. */
static void make_room(struct weir__pairs *pairs, struct weir__pair_table *table)
{
    uint32_t counts = counting(pairs, table);
    struct weir__pair_table old = *table;
    make_lines(pairs, table, lines_for(2 * count_pairs(pairs, table)));
    for (uint32_t i = 0; i < old.line_count; i++) {
        const struct weir__pair_line *line = &old.lines[i];
        for (uint32_t slot = 0; slot < line->used; slot++) {
            if ((line->masks[slot] & counts) != 0) {
                put(table, line->keys[slot], line->masks[slot]);
            }
        }
    }
    free_lines(pairs, old.lines, old.line_count);
    if (table->filter != NULL) {
        make_filter(table);
    }
}

/* ---- the tables, the newest first ---- */

static int64_t base_of(int64_t slice)
{
    return (int64_t)((uint64_t)slice & ~(uint64_t)(SLICES - 1));
}

/* Its lines are kept for the next table. */
static void free_older(struct weir__pairs *pairs, struct weir__pair_table *table)
{
    drop_spare(pairs);
    pairs->spare = table->lines;
    pairs->spare_count = table->line_count;
    weir__free(table->filter);
    weir__free(table);
}

/* Older tables that the horizon has passed go. */
static void drop_passed(struct weir__pairs *pairs)
{
    for (struct weir__pair_table **link = &pairs->newest.older; *link != NULL;) {
        struct weir__pair_table *table = *link;
        if (counting(pairs, table) != 0) {
            link = &table->older;
            continue;
        }
        *link = table->older;
        free_older(pairs, table);
    }
}

/* A new newest table, about as large as the last one, which becomes an older one. */
static struct weir__pair_table *begin_newest(struct weir__pairs *pairs, int64_t base)
{
    struct weir__pair_table *last = WEIR__NEW(struct weir__pair_table);
    *last = pairs->newest;
    make_filter(last);
    pairs->newest = (struct weir__pair_table){.base = base, .older = last};
    pairs->changes++;
    uint32_t lines = lines_for(last->used);
    drop_passed(pairs);
    make_lines(pairs, &pairs->newest, lines);
    drop_spare(pairs);
    return &pairs->newest;
}

/* A table for a span before that of the newest. */
static struct weir__pair_table *begin_older(struct weir__pairs *pairs, int64_t base)
{
    struct weir__pair_table *table = WEIR__NEW(struct weir__pair_table);
    struct weir__pair_table **link = &pairs->newest.older;
    while (*link != NULL && (*link)->base > base) {
        link = &(*link)->older;
    }
    *table = (struct weir__pair_table){.base = base, .older = *link};
    make_lines(pairs, table, FIRST_LINES);
    make_filter(table);
    *link = table;
    return table;
}

struct weir__pair_table *weir__pairs_prepare(struct weir__pairs *pairs, int64_t slice)
{
    struct weir__pair_table *newest = &pairs->newest;
    int64_t base = base_of(slice);
    struct weir__pair_table *table = newest;
    if (newest->used == 0 && newest->older == NULL) {
        newest->base = base;
    }
    while (table != NULL && table->base != base) {
        table = table->older;
    }
    if (table == NULL) {
        table = base > newest->base ? begin_newest(pairs, base) : begin_older(pairs, base);
    }
    if (table->used >= table->limit) {
        make_room(pairs, table);
    }
    return table;
}

/* ---- neighbours of a mark ---- */

static int64_t slice_of(const struct weir__pair_table *table, int bit)
{
    return (int64_t)((uint64_t)table->base + (uint64_t)bit);
}

static uint32_t mask_of(const struct weir__pair_table *table, uint64_t key)
{
    uint32_t slot;
    if (table->filter != NULL && !weir__pair_table_may_know(table, key)) {
        return 0;
    }
    const struct weir__pair_line *line = weir__pair_find(table, key, &slot);
    return line->masks[slot];
}

/* mask: what the slice's table knows of the pair. limit: no slice before it counts. */
static int64_t nearest_before(const struct weir__pair_table *table, uint64_t key, uint32_t mask,
                              int64_t slice, int64_t limit)
{
    uint32_t lower = mask & ((1U << weir__pair_table_bit(table, slice)) - 1);
    while (lower == 0 && table->base > limit && table->older != NULL) {
        table = table->older;
        lower = mask_of(table, key);
    }
    int64_t found = lower != 0 ? slice_of(table, 31 - __builtin_clz(lower)) : WEIR__NO_SLICE;
    return lower != 0 && found >= limit ? found : WEIR__NO_SLICE;
}

/* The same; limit: no slice behind it counts. */
static int64_t nearest_after(const struct weir__pair_table *newest,
                             const struct weir__pair_table *table, uint64_t key, uint32_t mask,
                             int64_t slice, int64_t limit)
{
    uint32_t higher = mask & ~((2U << weir__pair_table_bit(table, slice)) - 1);
    int64_t found = higher != 0 ? slice_of(table, __builtin_ctz(higher)) : WEIR__NO_SLICE;
    for (; higher == 0 && newest != table; newest = newest->older) {
        uint32_t newer = newest->base <= limit ? mask_of(newest, key) : 0;
        found = newer != 0 ? slice_of(newest, __builtin_ctz(newer)) : found;
    }
    return found != WEIR__NO_SLICE && found <= limit ? found : WEIR__NO_SLICE;
}

void weir__pairs_find_neighbours(const struct weir__pairs *pairs,
                                 const struct weir__pair_table *table, uint64_t key, uint32_t mask,
                                 int64_t slice, int64_t reach, int64_t *before, int64_t *after)
{
    int64_t oldest = weir_time_sub(slice, reach);
    oldest = oldest > pairs->horizon ? oldest : pairs->horizon;
    *before = nearest_before(table, key, mask, slice, oldest);
    *after = nearest_after(&pairs->newest, table, key, mask, slice, weir_time_add(slice, reach));
}

/* ---- all of them ---- */

/* Calls `visit` with every pair that counts. */
static void each_pair(const struct weir__pairs *pairs, struct weir__pair_list *list,
                      void (*visit)(struct weir__pair_list *list,
                                    const struct weir__pair_view *view))
{
    for (const struct weir__pair_table *table = &pairs->newest; table != NULL;
         table = table->older) {
        uint32_t counts = counting(pairs, table);
        for (uint32_t i = 0; i < table->line_count; i++) {
            const struct weir__pair_line *line = &table->lines[i];
            for (uint32_t slot = 0; slot < line->used; slot++) {
                struct weir__pair_view view = {weir__pair_owner(line->keys[slot]),
                                               weir__pair_name(line->keys[slot]), table->base,
                                               line->masks[slot] & counts};
                if (view.mask != 0) {
                    visit(list, &view);
                }
            }
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
    each_pair(pairs, &list, count_view);
    /* From counts to where each owner's items end; filling them backwards leads to their begin. */
    for (uint32_t owner = 1; owner <= owners; owner++) {
        list.first[owner] += list.first[owner - 1];
    }
    list.items = weir__reallocarray(NULL, list.first[owners], sizeof(*list.items));
    each_pair(pairs, &list, put_view);
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
    make_lines(pairs, &pairs->newest, FIRST_LINES);
    weir__names_init(&pairs->names);
}

void weir__pairs_fini(struct weir__pairs *pairs)
{
    struct weir__pair_table *newest = &pairs->newest;
    while (newest->older != NULL) {
        struct weir__pair_table *table = newest->older;
        newest->older = table->older;
        free_older(pairs, table);
    }
    free_lines(pairs, newest->lines, newest->line_count);
    drop_spare(pairs);
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
