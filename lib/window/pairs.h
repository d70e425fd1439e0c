/*
 * Which strings occurred with which owners (keys) in which slices: all of an operator's in one
 * table, for exact distinct counts at the price of one look-up.
 *
 *     pair := owner, name, mask             16 bytes; a line of four is a cache line
 *             bit b of the mask: seen in slice base + b
 *
 *       base                    horizon                       newest       base + 63
 *        │ 0 1 0 0 1 0 0 0 0 1 0 │ 1 0 1 1 0 0 1 1 0 0 0 0 0 1 │ 0 0 0 0 0 0 0 │
 *          of no window any more   of windows to come            room
 *
 * A table covers 64 slices. When one comes that it does not cover, it is swept: masks move until
 * the horizon is their first bit, pairs with no bit left go. Where that gives too little room (long
 * windows, a watermark far behind) another table begins, and the older one is asked for what lies
 * in it until the horizon has passed it.
 *
 * There are 32 such tables, by hash, so that growing or sweeping one is soon done and stays in the
 * caches. Open addressing by lines: a pair lies in the first line from its home on that had room,
 * and the free slots of a line are its last ones. Strings are names (window/names.h): nothing is
 * hashed or compared twice.
 *
 * A pair holds on to nothing. Its owner and its name may go, and their numbers be used again, once
 * the horizon has passed all slices in which they were seen; what a table still says of them by
 * then does not count. One thread.
 */
#ifndef WEIR__WINDOW_PAIRS_H
#define WEIR__WINDOW_PAIRS_H

#include "base/pool.h"
#include "base/prefetch.h"
#include "window/names.h"

#include <stdbool.h>
#include <stdint.h>

#define WEIR__NO_SLICE        INT64_MIN
#define WEIR__PAIR_SLICES     64u /* that a table covers */
#define WEIR__PAIR_PARTS      32u
#define WEIR__PAIR_PART_SHIFT 59 /* of the key: its upper bits are the part */

struct weir__pair {
    uint64_t key;  /* weir__pair_key */
    uint64_t mask; /* 0, and the key too: the slot is free */
};
#define WEIR__PAIR_LINE 4u /* in a cache line */

struct weir__pair_table {
    struct weir__pair *slots;
    int64_t base;
    uint32_t last; /* number of slots - 1 */
    uint32_t used;
    uint32_t limit;                 /* when so many are used, room has to be made */
    struct weir__pair_table *older; /* covers slices before these; bases differ by times of 64 */
};

struct weir__pairs {
    struct weir__pair_table parts[WEIR__PAIR_PARTS]; /* the newest table of each */
    struct weir__names names;
    struct weir__pool owners; /* numbers alone */
    int64_t horizon;          /* slices before it do not count; WEIR__NO_SLICE: all do */
    size_t bytes;             /* of memory that pairs are looked up in */
};

void weir__pairs_init(struct weir__pairs *pairs);
void weir__pairs_fini(struct weir__pairs *pairs);

/* A new owner; and the end of one, when the horizon has passed all its pairs. */
uint32_t weir__pairs_add_owner(struct weir__pairs *pairs);
void weir__pairs_drop_owner(struct weir__pairs *pairs, uint32_t owner);

/*
 * A pair as one number that is its own hash: owner and name, mixed so that every bit depends on all
 * of them. Mixing can be undone: different pairs have different keys.
 */
#define WEIR__PAIR_MIX_A UINT64_C(0x9e3779b97f4a7c15)
#define WEIR__PAIR_MIX_B UINT64_C(0xd1b54a32d192ed03)
static inline uint64_t weir__pair_key(uint32_t owner, uint32_t name)
{
    uint64_t key = ((uint64_t)owner << 32 | name) * WEIR__PAIR_MIX_A;
    return (key ^ key >> 32) * WEIR__PAIR_MIX_B;
}
/* The numbers that undo a multiplication by those above. */
#define WEIR__PAIR_UNMIX_A UINT64_C(0xf1de83e19937733d)
#define WEIR__PAIR_UNMIX_B UINT64_C(0x06106ccfa448e5ab)
static inline uint64_t weir__pair_unmix(uint64_t key)
{
    key *= WEIR__PAIR_UNMIX_B;
    return (key ^ key >> 32) * WEIR__PAIR_UNMIX_A;
}
static inline uint32_t weir__pair_owner(const struct weir__pair *pair)
{
    return (uint32_t)(weir__pair_unmix(pair->key) >> 32);
}
static inline uint32_t weir__pair_name(const struct weir__pair *pair)
{
    return (uint32_t)weir__pair_unmix(pair->key);
}

/* ---- a table; distances are unsigned, and wrap: they may be as long as all of time ---- */

static inline uint64_t weir__pair_table_bit(const struct weir__pair_table *table, int64_t slice)
{
    return (uint64_t)slice - (uint64_t)table->base;
}
static inline bool weir__pair_table_covers(const struct weir__pair_table *table, int64_t slice)
{
    return weir__pair_table_bit(table, slice) < WEIR__PAIR_SLICES;
}

/* ---- a line: nothing branches on where a pair lies in it ---- */

/* A bit is set where the pair is. */
static inline uint32_t weir__pair_line_find(const struct weir__pair *line, uint64_t key)
{
    return (uint32_t)(line[0].key == key) | (uint32_t)(line[1].key == key) << 1 |
           (uint32_t)(line[2].key == key) << 2 | (uint32_t)(line[3].key == key) << 3;
}
static inline bool weir__pair_line_is_full(const struct weir__pair *line)
{
    return line[WEIR__PAIR_LINE - 1].mask != 0;
}
static inline uint32_t weir__pair_line_used(const struct weir__pair *line)
{
    return (uint32_t)(line[0].mask != 0) + (line[1].mask != 0) + (line[2].mask != 0) +
           (line[3].mask != 0);
}

/* ---- looking for a pair ---- */

/* Where it begins: at the first slot of a line. */
static inline uint32_t weir__pair_home(const struct weir__pair_table *table, uint64_t key)
{
    return (uint32_t)key & table->last & ~(WEIR__PAIR_LINE - 1);
}

/* Tells the processor to fetch the place of a pair. */
static inline void weir__pairs_expect(const struct weir__pairs *pairs, uint64_t key)
{
    const struct weir__pair_table *table = &pairs->parts[key >> WEIR__PAIR_PART_SHIFT];
    if (table->slots != NULL) {
        weir__prefetch(&table->slots[weir__pair_home(table, key)]);
    }
}

/* Once that has come: the same for the next line, if this one is full. */
static inline void weir__pairs_expect_next(const struct weir__pairs *pairs, uint64_t key)
{
    const struct weir__pair_table *table = &pairs->parts[key >> WEIR__PAIR_PART_SHIFT];
    uint32_t at = weir__pair_home(table, key);
    if (table->slots != NULL && weir__pair_line_is_full(&table->slots[at])) {
        weir__prefetch(&table->slots[(at + WEIR__PAIR_LINE) & table->last]);
    }
}

/* The table of a part that covers a slice, with room for a pair. */
struct weir__pair_table *weir__pairs_prepare(struct weir__pairs *pairs,
                                             struct weir__pair_table *newest, int64_t slice);
/* Where a table says of a pair in which slices it was seen; where it would. */
static inline struct weir__pair *weir__pair_find(const struct weir__pair_table *table, uint64_t key)
{
    for (uint32_t at = weir__pair_home(table, key);; at = (at + WEIR__PAIR_LINE) & table->last) {
        struct weir__pair *line = &table->slots[at];
        uint32_t same = weir__pair_line_find(line, key);
        if (same != 0) {
            return &line[__builtin_ctz(same)];
        }
        if (!weir__pair_line_is_full(line)) {
            return &line[weir__pair_line_used(line)];
        }
    }
}
/* The nearest other slices of a pair, whose table has that mask without the slice. */
void weir__pairs_find_neighbours(const struct weir__pairs *pairs,
                                 const struct weir__pair_table *table, uint64_t key, uint64_t mask,
                                 int64_t slice, int64_t reach, int64_t *before, int64_t *after);

/*
 * Marks a name as seen in a slice that counts. Returns true when it was not yet. Then *before and
 * *after are the nearest other slices that count, at most `reach` away, in which it has been seen:
 * WEIR__NO_SLICE where there is none.
 */
static inline bool weir__pairs_mark(struct weir__pairs *pairs, uint64_t key, int64_t slice,
                                    int64_t reach, int64_t *before, int64_t *after)
{
    struct weir__pair_table *newest = &pairs->parts[key >> WEIR__PAIR_PART_SHIFT];
    struct weir__pair_table *table = newest;
    if (!weir__pair_table_covers(table, slice) || table->used >= table->limit) {
        table = weir__pairs_prepare(pairs, newest, slice);
    }
    struct weir__pair *pair = weir__pair_find(table, key);
    uint64_t mask = pair->mask;
    uint64_t bit = UINT64_C(1) << weir__pair_table_bit(table, slice);
    if ((mask & bit) != 0) {
        return false;
    }
    *pair = (struct weir__pair){key, mask | bit};
    table->used += mask == 0;
    *before = *after = WEIR__NO_SLICE;
    if (mask != 0 || newest->older != NULL) {
        weir__pairs_find_neighbours(pairs, table, key, mask, slice, reach, before, after);
    }
    return true;
}

/* Slices before it do not count any more, nor will they again. Names seen in no other may go. */
void weir__pairs_set_horizon(struct weir__pairs *pairs, int64_t horizon);

/* A pair with the slices of one table. */
struct weir__pair_view {
    uint32_t owner;
    uint32_t name;
    int64_t base;
    uint64_t mask; /* those that count */
};
/* All pairs, those of an owner together. first[o] … first[o + 1]: the items of owner o. */
struct weir__pair_list {
    struct weir__pair_view *items;
    uint32_t *first;
};
struct weir__pair_list weir__pairs_by_owner(const struct weir__pairs *pairs);
void weir__pair_list_fini(struct weir__pair_list *list);

#endif
