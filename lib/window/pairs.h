/*
 * Which strings occurred with which owners (keys) in which slices: all of an operator's in one
 * table, for exact distinct counts at the price of one look-up.
 *
 *     pair := owner, name, mask             16 bytes, four in a cache line
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
 * caches. Open addressing. Strings are names (window/names.h): nothing is hashed or compared twice.
 * One thread.
 */
#ifndef WEIR__WINDOW_PAIRS_H
#define WEIR__WINDOW_PAIRS_H

#include "base/hash.h"
#include "base/pool.h"
#include "base/prefetch.h"
#include "window/names.h"

#include <stdbool.h>
#include <stdint.h>

#define WEIR__NO_SLICE        INT64_MIN
#define WEIR__PAIR_PARTS      32u
#define WEIR__PAIR_PART_SHIFT 59 /* of the hash: its upper bits are the part */

struct weir__pair {
    uint32_t owner;
    uint32_t name;
    uint64_t mask; /* 0: the slot is free */
};

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
    struct weir__pool owners; /* uint32_t: the owner itself, and its pairs */
    int64_t horizon;          /* slices before it do not count; WEIR__NO_SLICE: all do */
};

void weir__pairs_init(struct weir__pairs *pairs);
void weir__pairs_fini(struct weir__pairs *pairs);

/* A new owner; and the end of one. Its pairs must all lie before the horizon then, or soon. */
uint32_t weir__pairs_add_owner(struct weir__pairs *pairs);
void weir__pairs_drop_owner(struct weir__pairs *pairs, uint32_t owner);

/* A pair to be looked up: hashed once. */
struct weir__pair_key {
    uint64_t hash;
    uint32_t owner;
    uint32_t name;
};
static inline struct weir__pair_key weir__pair_key(uint32_t owner, uint32_t name)
{
    return (struct weir__pair_key){weir__hash_u64((uint64_t)owner << 32 | name), owner, name};
}

/* Where looking for a pair begins: at the first slot of a cache line, so that one line is mostly
 * all that is read. */
static inline uint32_t weir__pair_home(const struct weir__pair_table *table, uint64_t hash)
{
    return (uint32_t)hash & table->last & ~3u;
}

/* Tells the processor to fetch the place of a pair. */
static inline void weir__pairs_expect(const struct weir__pairs *pairs, uint64_t hash)
{
    const struct weir__pair_table *table = &pairs->parts[hash >> WEIR__PAIR_PART_SHIFT];
    if (table->slots != NULL) {
        weir__prefetch(&table->slots[weir__pair_home(table, hash)]);
    }
}

/*
 * Marks a name, of which the caller gives away a reference, as seen in a slice. Returns true when
 * it was not yet. Then *before and *after are the nearest other slices that count, at most `reach`
 * away, in which it has been seen: WEIR__NO_SLICE where there is none.
 */
bool weir__pairs_mark(struct weir__pairs *pairs, const struct weir__pair_key *key, int64_t slice,
                      int64_t reach, int64_t *before, int64_t *after);

/* Slices before it do not count any more. */
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
