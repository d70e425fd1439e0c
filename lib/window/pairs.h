/*
 * Which strings occurred with which owners (keys) in which slices: exact distinct counts at the
 * price of one look-up.
 *
 * Time is cut into spans of 16 slices, and each has a table of its own:
 *
 *     span          older               older               newest
 *     slices        … 31                32 … 47             48 … 63
 *                   filter, table       filter, table       table
 *
 *     table := lines of six pairs, a cache line each
 *     pair  := key (owner and name), mask: bit b is set when it was seen in slice base + b
 *
 * Nearly all marks go into the newest table. Whether a pair was seen before its span, the older
 * tables tell, and most of them can say no without a look at their lines: the filter of a table
 * (Bloom, 1970) has three bits set for each pair, in one word, and lies in the caches. When the
 * horizon has passed a span, its table goes as a whole: nothing is ever searched for what is over.
 *
 * Open addressing by lines: a pair lies in the first line from its home on that had room. Homes are
 * in the order of hashes, so a table is copied into a larger one from front to back. Strings are
 * names (window/names.h): nothing is hashed or compared twice.
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

#define WEIR__NO_SLICE    INT64_MIN
#define WEIR__PAIR_SLICES 16u /* that a table covers */
#define WEIR__PAIR_LINE   6u  /* pairs in a cache line */

struct weir__pair_line {
    uint64_t keys[WEIR__PAIR_LINE]; /* weir__pair_key */
    uint16_t masks[WEIR__PAIR_LINE];
    uint16_t used; /* the first so many slots; the keys of the others are 0 */
};

struct weir__pair_table {
    struct weir__pair_line *lines;
    uint32_t line_count;
    uint32_t used;
    uint32_t limit; /* when so many are used, room has to be made */
    uint32_t filter_words;
    uint64_t *filter; /* of an older table; the newest has none */
    int64_t base;     /* a multiple of WEIR__PAIR_SLICES */
    struct weir__pair_table *older;
};

struct weir__pairs {
    struct weir__pair_table newest;
    struct weir__pair_line *spare; /* of a table that went, for the next one; or NULL */
    uint32_t spare_count;
    uint64_t changes; /* of what older tables know: one more of them, or one more pair */
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
static inline uint32_t weir__pair_owner(uint64_t key)
{
    return (uint32_t)(weir__pair_unmix(key) >> 32);
}
static inline uint32_t weir__pair_name(uint64_t key)
{
    return (uint32_t)weir__pair_unmix(key);
}

/* A number below `count`, evenly, by 32 bits of a hash. */
static inline uint32_t weir__pair_scale(uint64_t bits, uint32_t count)
{
    return (uint32_t)((bits & UINT32_MAX) * count >> 32);
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

static inline struct weir__pair_line *weir__pair_home(const struct weir__pair_table *table,
                                                      uint64_t key)
{
    return &table->lines[weir__pair_scale(key, table->line_count)];
}
static inline struct weir__pair_line *weir__pair_next_line(const struct weir__pair_table *table,
                                                           struct weir__pair_line *line)
{
    return line + 1 < table->lines + table->line_count ? line + 1 : table->lines;
}

/* The slot of a pair in a line, or the free one where it would lie: nothing branches on which.
 * WEIR__PAIR_LINE: neither is here. */
static inline uint32_t weir__pair_slot(const struct weir__pair_line *line, uint64_t key)
{
    uint32_t slots = 1U << line->used | (uint32_t)(line->keys[0] == key) |
                     (uint32_t)(line->keys[1] == key) << 1 | (uint32_t)(line->keys[2] == key) << 2 |
                     (uint32_t)(line->keys[3] == key) << 3 | (uint32_t)(line->keys[4] == key) << 4 |
                     (uint32_t)(line->keys[5] == key) << 5;
    return (uint32_t)__builtin_ctz(slots);
}

/* The line of a pair, and its slot; or where it would lie. */
static inline struct weir__pair_line *weir__pair_find(const struct weir__pair_table *table,
                                                      uint64_t key, uint32_t *slot)
{
    struct weir__pair_line *line = weir__pair_home(table, key);
    while ((*slot = weir__pair_slot(line, key)) == WEIR__PAIR_LINE) {
        line = weir__pair_next_line(table, line);
    }
    return line;
}

/* ---- the filter of a table ---- */

static inline uint64_t *weir__pair_filter_word(const struct weir__pair_table *table, uint64_t key)
{
    return &table->filter[weir__pair_scale(key >> 28, table->filter_words)];
}
static inline uint64_t weir__pair_filter_bits(uint64_t key)
{
    return UINT64_C(1) << (key & 63) | UINT64_C(1) << (key >> 6 & 63) |
           UINT64_C(1) << (key >> 12 & 63);
}
/* Whether an older table may know the pair; if not, it does not. */
static inline bool weir__pair_table_may_know(const struct weir__pair_table *older, uint64_t key)
{
    uint64_t bits = weir__pair_filter_bits(key);
    return (*weir__pair_filter_word(older, key) & bits) == bits;
}

/* ---- looking for a pair, in steps: each tells the processor what the next one reads ---- */

static inline void weir__pairs_expect(const struct weir__pairs *pairs, uint64_t key)
{
    const struct weir__pair_table *table = &pairs->newest;
    weir__prefetch(weir__pair_home(table, key));
    while ((table = table->older) != NULL) {
        weir__prefetch(weir__pair_filter_word(table, key));
    }
}

#define WEIR__PAIR_KNOWN UINT64_MAX

/* Returns WEIR__PAIR_KNOWN when an older table may know the pair; else the number of changes after
 * which that has to be asked again. */
static inline uint64_t weir__pairs_expect_more(const struct weir__pairs *pairs, uint64_t key)
{
    const struct weir__pair_table *table = &pairs->newest;
    const struct weir__pair_line *home = weir__pair_home(table, key);
    uint64_t known = pairs->changes;
    weir__prefetch(home + home->used / WEIR__PAIR_LINE); /* where it is full, the next line */
    while ((table = table->older) != NULL) {
        if (weir__pair_table_may_know(table, key)) {
            weir__prefetch(weir__pair_home(table, key));
            known = WEIR__PAIR_KNOWN;
        }
    }
    return known;
}

/* The table that covers a slice, with room for a pair. */
struct weir__pair_table *weir__pairs_prepare(struct weir__pairs *pairs, int64_t slice);
/* The nearest other slices of a pair, whose table has that mask without the slice. */
void weir__pairs_find_neighbours(const struct weir__pairs *pairs,
                                 const struct weir__pair_table *table, uint64_t key, uint32_t mask,
                                 int64_t slice, int64_t reach, int64_t *before, int64_t *after);

/*
 * Marks a pair as seen in a slice that counts. Returns true when it was not yet. Then *before and
 * *after are the nearest other slices that count, at most `reach` away, in which it has been seen:
 * WEIR__NO_SLICE where there is none. known: as weir__pairs_expect_more has said.
 */
static inline bool weir__pairs_mark(struct weir__pairs *pairs, uint64_t key, int64_t slice,
                                    int64_t reach, uint64_t known, int64_t *before, int64_t *after)
{
    struct weir__pair_table *table = &pairs->newest;
    uint32_t slot;
    if (!weir__pair_table_covers(table, slice) || table->used >= table->limit) {
        table = weir__pairs_prepare(pairs, slice);
    }
    struct weir__pair_line *line = weir__pair_find(table, key, &slot);
    uint32_t mask = line->masks[slot];
    uint32_t bit = 1U << weir__pair_table_bit(table, slice);
    if ((mask & bit) != 0) {
        return false;
    }
    line->masks[slot] = (uint16_t)(mask | bit);
    if (mask == 0) {
        line->keys[slot] = key;
        line->used++;
        table->used++;
        if (table->filter != NULL) {
            pairs->changes++;
            *weir__pair_filter_word(table, key) |= weir__pair_filter_bits(key);
        }
    }
    *before = *after = WEIR__NO_SLICE;
    if (mask != 0 || table != &pairs->newest || known != pairs->changes) {
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
    uint32_t mask; /* those that count */
};
/* All pairs, those of an owner together. first[o] … first[o + 1]: the items of owner o. */
struct weir__pair_list {
    struct weir__pair_view *items;
    uint32_t *first;
};
struct weir__pair_list weir__pairs_by_owner(const struct weir__pairs *pairs);
void weir__pair_list_fini(struct weir__pair_list *list);

#endif
