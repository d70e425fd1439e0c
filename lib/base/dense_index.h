/*
 * A hash index of 4 bytes a cell, for entries with dense numbers whose hash the owner can tell
 * again; otherwise like base/index.h, which costs twice as much and asks for neither:
 *
 *     struct weir__dense_cursor at = weir__dense_find(&index, hash);
 *     for (uint32_t entry; (entry = weir__dense_next(&index, &at)) != WEIR__DENSE_NONE;) {
 *         if (equal(entries[entry], key)) { … }
 *     }
 *
 *     hash := │ for the tag, 32 bits │ … its home: the number of a line │
 *     line := 15 cells, beyond                                          a cache line
 *     cell := │ tag │ number of the entry │     all bits set: free
 *
 * A cell's number has as many bits as there are places for cells (so a number is below that), and
 * the tag has the rest: look-ups read few entries that are not meant. An entry lies in its home,
 * or, when that is full, in the next line with a free cell. `beyond` counts the entries that have
 * passed a line so: at 0 a look-up ends there, and removal moves nothing.
 *
 * Four fifths of the cells are used at most, and two fifths at least once it has grown: 5 to 11
 * bytes an entry. To grow, the owner puts all entries again. Zero-initialised is empty, and full.
 * One thread.
 */
#ifndef WEIR__BASE_DENSE_INDEX_H
#define WEIR__BASE_DENSE_INDEX_H

#include "base/prefetch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEIR__DENSE_NONE  UINT32_MAX
#define WEIR__DENSE_CELLS 15u /* of a line */

struct weir__dense_line {
    uint32_t words[WEIR__DENSE_CELLS + 1]; /* the last: beyond */
};

struct weir__dense_index {
    struct weir__dense_line *lines;
    uint32_t line_mask;   /* number of lines - 1; meaningless while lines is NULL */
    uint32_t number_mask; /* of a cell; the rest is the tag */
    uint32_t used;
};

struct weir__dense_cursor {
    uint32_t tag;
    uint32_t line;
    uint32_t hits; /* bits: cells of the line with that tag that were not looked at */
};

void weir__dense_fini(struct weir__dense_index *index);
/* No entry may be put before weir__dense_grow. */
static inline bool weir__dense_is_full(const struct weir__dense_index *index)
{
    return index->lines == NULL ||
           index->used >= ((uint64_t)index->line_mask + 1) * WEIR__DENSE_CELLS * 4 / 5;
}
/* Room for twice as many; it is empty then. */
void weir__dense_grow(struct weir__dense_index *index);
/* Adds an entry, when it is not full; does not look whether it is there already. */
void weir__dense_put(struct weir__dense_index *index, uint64_t hash, uint32_t entry);
/* Takes an entry out; it must be there. */
void weir__dense_remove(struct weir__dense_index *index, uint64_t hash, uint32_t entry);

/* The cells of a line that are like `cell` in the bits of `mask`, as bits; without a branch. */
static inline uint32_t weir__dense_hits(const struct weir__dense_line *line, uint32_t cell,
                                        uint32_t mask)
{
    static const uint32_t bits[WEIR__DENSE_CELLS + 1] = {
        1,      1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
        1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 0,
    };
    uint32_t hits = 0;
    for (uint32_t i = 0; i <= WEIR__DENSE_CELLS; i++) {
        hits |= ((line->words[i] ^ cell) & mask) == 0 ? bits[i] : 0;
    }
    return hits;
}

static inline struct weir__dense_cursor weir__dense_find(const struct weir__dense_index *index,
                                                         uint64_t hash)
{
    struct weir__dense_cursor at = {(uint32_t)(hash >> 32), (uint32_t)hash & index->line_mask, 0};
    if (index->lines != NULL) {
        at.hits = weir__dense_hits(&index->lines[at.line], at.tag, ~index->number_mask);
    }
    return at;
}

/* The next entry with that hash (or one that looks like it), or WEIR__DENSE_NONE. */
static inline uint32_t weir__dense_next(const struct weir__dense_index *index,
                                        struct weir__dense_cursor *at)
{
    if (index->lines == NULL) {
        return WEIR__DENSE_NONE;
    }
    for (;;) {
        const struct weir__dense_line *line = &index->lines[at->line];
        while (at->hits != 0) {
            uint32_t cell = line->words[__builtin_ctz(at->hits)];
            at->hits &= at->hits - 1;
            if (cell != WEIR__DENSE_NONE) {
                return cell & index->number_mask;
            }
        }
        if (line->words[WEIR__DENSE_CELLS] == 0) {
            return WEIR__DENSE_NONE;
        }
        at->line = (at->line + 1) & index->line_mask;
        at->hits = weir__dense_hits(&index->lines[at->line], at->tag, ~index->number_mask);
    }
}

/* Tells the processor to fetch the line where a hash will be looked for. */
static inline void weir__dense_expect(const struct weir__dense_index *index, uint64_t hash)
{
    if (index->lines != NULL) {
        weir__prefetch(&index->lines[(uint32_t)hash & index->line_mask]);
    }
}

#endif
