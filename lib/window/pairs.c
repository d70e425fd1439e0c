/*
 * Which strings occurred with which owners in which slices.
 */
#include "window/pairs.h"

#include "base/mem.h"

#include <weir/time.h>

#include <assert.h>
#include <string.h>

#define FIRST_SLOTS 8u
#define SLICES      64u /* that a table covers */
#define GONE_MAX    64u
#define WORTH_MOVE  16u /* slices: to move masks by fewer costs more than a second table */

static uint32_t *refs_of(const struct weir__pairs *pairs, uint32_t owner)
{
    return weir__pool_at(&pairs->owners, owner);
}

void weir__pairs_init(struct weir__pairs *pairs)
{
    *pairs =
        (struct weir__pairs){.owners = WEIR__POOL_OF(sizeof(uint32_t)), .horizon = WEIR__NO_SLICE};
    weir__names_init(&pairs->names);
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
    uint32_t owner = weir__pool_take(&pairs->owners);
    *refs_of(pairs, owner) = 1;
    return owner;
}

void weir__pairs_drop_owner(struct weir__pairs *pairs, uint32_t owner)
{
    if (--*refs_of(pairs, owner) == 0) {
        weir__pool_give(&pairs->owners, owner);
    }
}

void weir__pairs_set_horizon(struct weir__pairs *pairs, int64_t horizon)
{
    pairs->horizon = horizon;
}

/* ---- one table ---- */

/* Distances are unsigned, and wrap: they may be as long as all of time. */
static uint64_t bit_of(const struct weir__pair_table *table, int64_t slice)
{
    return (uint64_t)slice - (uint64_t)table->base;
}

static bool covers(const struct weir__pair_table *table, int64_t slice)
{
    return bit_of(table, slice) < SLICES;
}

/* Bits of slices that count. */
static uint64_t counting(const struct weir__pairs *pairs, const struct weir__pair_table *table)
{
    if (pairs->horizon <= table->base) {
        return UINT64_MAX;
    }
    return covers(table, pairs->horizon) ? UINT64_MAX << bit_of(table, pairs->horizon) : 0;
}

/* The pair, or the free slot where it would be. */
static inline struct weir__pair *look_up(const struct weir__pair_table *table,
                                         const struct weir__pair_key *key)
{
    uint32_t at = weir__pair_home(table, key->hash);
    for (;; at = (at + 1) & table->last) {
        struct weir__pair *pair = &table->slots[at];
        if (pair->mask == 0 || (pair->owner == key->owner && pair->name == key->name)) {
            return pair;
        }
    }
}

/* A pair that is not there. */
static inline void put(struct weir__pair_table *table, struct weir__pair pair)
{
    uint32_t at = weir__pair_home(table, weir__pair_key(pair.owner, pair.name).hash);
    while (table->slots[at].mask != 0) {
        at = (at + 1) & table->last;
    }
    table->slots[at] = pair;
    table->used++;
}

static void resize(struct weir__pair_table *table, uint32_t count)
{
    struct weir__pair *old = table->slots;
    uint32_t old_count = old != NULL ? table->last + 1 : 0;
    size_t bytes = count * sizeof(*old);
    table->slots = memset(weir__alloc_lines(bytes), 0, bytes);
    table->last = count - 1;
    table->limit = count / 8 * 5;
    table->used = 0;
    for (uint32_t i = 0; i < old_count; i++) {
        if (old[i].mask != 0) {
            put(table, old[i]);
        }
    }
    weir__free(old);
}

/* Pairs that have gone; their names are spread over memory, which is fetched for many at once. */
struct gone {
    struct weir__pair pairs[GONE_MAX];
    uint32_t count;
};

static void forget_all(struct weir__pairs *pairs, struct gone *gone)
{
    for (uint32_t i = 0; i < gone->count; i++) {
        weir__names_give(&pairs->names, gone->pairs[i].name);
        weir__pairs_drop_owner(pairs, gone->pairs[i].owner);
    }
    gone->count = 0;
}

static void forget(struct weir__pairs *pairs, struct gone *gone, struct weir__pair pair)
{
    weir__names_expect_give(&pairs->names, pair.name);
    gone->pairs[gone->count++] = pair;
    if (gone->count == GONE_MAX) {
        forget_all(pairs, gone);
    }
}

/*
 * Drops the pairs that do not count any more, and moves the masks of the others by `move` slices.
 * In place: from a free slot on, each pair is lifted out and put back, at its place or nearer to
 * its home; those behind it have not been reached yet.
 */
static void sweep(struct weir__pairs *pairs, struct weir__pair_table *table, uint64_t move)
{
    uint64_t counts = counting(pairs, table);
    struct gone gone = {.count = 0};
    uint32_t start = 0;
    while (table->slots[start].mask != 0) {
        start++;
    }
    for (uint32_t i = 1; i <= table->last; i++) {
        struct weir__pair *slot = &table->slots[(start + i) & table->last];
        struct weir__pair pair = *slot;
        if (pair.mask == 0) {
            continue;
        }
        slot->mask = 0;
        table->used--;
        if ((pair.mask & counts) == 0) {
            forget(pairs, &gone, pair);
        } else {
            pair.mask = (pair.mask & counts) >> move; /* nothing counts when it is 64 or more */
            put(table, pair);
        }
    }
    forget_all(pairs, &gone);
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
    return may ? bit_of(newest, pairs->horizon) : 0;
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
        sweep(pairs, table, 0);
        *link = table->older;
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
    int64_t base = (int64_t)((uint64_t)slice - bit_of(newest, slice) % SLICES);
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

/* The table of a part that covers a slice, with room for a pair. */
static struct weir__pair_table *prepare(struct weir__pairs *pairs, struct weir__pair_table *newest,
                                        int64_t slice)
{
    struct weir__pair_table *table = newest;
    if (newest->slots == NULL) {
        newest->base = (int64_t)((uint64_t)slice & ~(uint64_t)(SLICES - 1));
    } else if (!covers(newest, slice)) {
        tidy(pairs, newest);
        while (table != NULL && !covers(table, slice)) {
            table = table->older;
        }
        table = table != NULL ? table : begin_table(newest, slice);
    }
    if (table->slots == NULL) {
        resize(table, FIRST_SLOTS);
    } else if (table->used >= table->limit) {
        sweep(pairs, table, table == newest ? room_to_move(pairs, newest) : 0);
        uint32_t count = table->last + 1;
        if (table->used >= count / 2) {
            resize(table, count * 2);
        } else if (table->used < count / 16 && count > FIRST_SLOTS) {
            resize(table, count / 2);
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
static int64_t nearest_before(const struct weir__pair_table *table,
                              const struct weir__pair_key *key, uint64_t mask, int64_t slice,
                              int64_t limit)
{
    uint64_t lower = mask & ((UINT64_C(1) << bit_of(table, slice)) - 1);
    while (lower == 0 && table->base > limit && table->older != NULL) {
        table = table->older;
        lower = look_up(table, key)->mask;
    }
    int64_t found = lower != 0 ? slice_of(table, 63 - __builtin_clzll(lower)) : WEIR__NO_SLICE;
    return lower != 0 && found >= limit ? found : WEIR__NO_SLICE;
}

/* The same; limit: no slice behind it counts. */
static int64_t nearest_after(const struct weir__pair_table *newest,
                             const struct weir__pair_table *table, const struct weir__pair_key *key,
                             uint64_t mask, int64_t slice, int64_t limit)
{
    uint64_t higher = mask & ~((UINT64_C(2) << bit_of(table, slice)) - 1);
    int64_t found = higher != 0 ? slice_of(table, __builtin_ctzll(higher)) : WEIR__NO_SLICE;
    for (; higher == 0 && newest != table; newest = newest->older) {
        uint64_t newer = newest->base <= limit ? look_up(newest, key)->mask : 0;
        found = newer != 0 ? slice_of(newest, __builtin_ctzll(newer)) : found;
    }
    return found != WEIR__NO_SLICE && found <= limit ? found : WEIR__NO_SLICE;
}

/* ---- marking ---- */

bool weir__pairs_mark(struct weir__pairs *pairs, const struct weir__pair_key *key, int64_t slice,
                      int64_t reach, int64_t *before, int64_t *after)
{
    struct weir__pair_table *newest = &pairs->parts[key->hash >> WEIR__PAIR_PART_SHIFT];
    struct weir__pair_table *table = newest;
    if (!covers(table, slice) || table->used >= table->limit) {
        table = prepare(pairs, newest, slice);
    }
    struct weir__pair *pair = look_up(table, key);
    uint64_t mask = pair->mask;
    pair->mask |= UINT64_C(1) << bit_of(table, slice);
    *before = *after = WEIR__NO_SLICE;
    if (mask == 0) {
        pair->owner = key->owner;
        pair->name = key->name;
        table->used++;
        ++*refs_of(pairs, key->owner);
        if (newest->older == NULL) {
            return true; /* no other table could know more */
        }
    } else {
        weir__names_give(&pairs->names, key->name);
        if (mask == pair->mask) {
            return false;
        }
    }
    int64_t oldest = weir_time_sub(slice, reach);
    oldest = oldest > pairs->horizon ? oldest : pairs->horizon;
    *before = nearest_before(table, key, mask, slice, oldest);
    *after = nearest_after(newest, table, key, mask, slice, weir_time_add(slice, reach));
    return true;
}

/* ---- all of them ---- */

static void count_pairs(const struct weir__pairs *pairs, const struct weir__pair_table *table,
                        uint32_t *counts)
{
    uint64_t mask = counting(pairs, table);
    for (uint32_t i = 0; table->slots != NULL && i <= table->last; i++) {
        counts[table->slots[i].owner] += (table->slots[i].mask & mask) != 0;
    }
}

static void view_pairs(const struct weir__pairs *pairs, const struct weir__pair_table *table,
                       struct weir__pair_list *list)
{
    uint64_t mask = counting(pairs, table);
    for (uint32_t i = 0; table->slots != NULL && i <= table->last; i++) {
        const struct weir__pair *pair = &table->slots[i];
        if ((pair->mask & mask) != 0) {
            list->items[--list->first[pair->owner]] =
                (struct weir__pair_view){pair->owner, pair->name, table->base, pair->mask & mask};
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
