/*
 * Which strings occurred with which owners (keys) in which slices: exact distinct counts at the
 * price of one look-up.
 *
 * Marks are written into a log, one behind the other, and what the horizon has passed is cut off at
 * its other end. An index tells where the log speaks of a pair:
 *
 *     log       │ over … │ A … B … A' … C … │ to come …
 *                        tail               head
 *     sighting := pair, span of 8 slices, mask of those in which it was seen, older
 *     index    := lines of 15 cells, a cache line each
 *     cell     := tag (bits of the pair's hash), position of the pair's sighting in its last span;
 *                 from there, `older` leads to its sightings in the spans before (A' to A)
 *
 * Nothing is ever taken out of the index: a cell is free when its position lies before the tail. So
 * a pair that was never seen costs a look at one line, in which nothing has its tag and a cell is
 * free. The log is written in order, and read where a tag is found, which is seldom for nothing.
 * (A log with an index over it is how Bitcask keeps its data, 2010.)
 *
 * A cell lies in the line that is its pair's home, or, when that was full, in the next one that was
 * not. Each line knows the last position that has passed it so: a look-up ends where that is over.
 * Positions are numbers of 32 bits that wrap. A cell has room for their lower bits only; so free
 * cells get a new position before their old one could be taken for one of today.
 *
 * A pair's sightings are over in the order of their spans. Whatever order they were written in,
 * when one of them is cut off, so may be all that lie behind it.
 *
 * A pair holds on to nothing. Its owner and its name (window/names.h) may go, and their numbers be
 * used again, once the horizon has passed all slices in which they were seen; what the log still
 * says of them by then does not count. One thread.
 */
#ifndef WEIR__WINDOW_PAIRS_H
#define WEIR__WINDOW_PAIRS_H

#include "base/dense_index.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/prefetch.h"
#include "window/names.h"

#include <stdbool.h>
#include <stdint.h>

#define WEIR__NO_SLICE INT64_MIN
#define WEIR__SPAN     8u /* slices */

/* A pair was seen in slices of a span. */
struct weir__sighting {
    uint64_t pair;  /* weir__pair_key */
    int64_t base;   /* first slice of the span: a multiple of its length */
    uint32_t older; /* position of its sighting of a span before; over: there is none */
    uint32_t mask;  /* bit b: seen in slice base + b */
};

#define WEIR__LOG_PAGE 256u /* sightings that are cut off together */

struct weir__pairs {
    struct weir__sighting *log;     /* a ring */
    struct weir__sighting *next;    /* in it: where the head will lie */
    int64_t *last_bases;            /* of the sightings of a page */
    uint32_t limit;                 /* length of the ring, in sightings: whole pages */
    uint32_t tail;                  /* position; begins a page */
    uint32_t head;                  /* position of the next sighting */
    uint32_t lap;                   /* position of what lies first in the ring */
    struct weir__dense_line *lines; /* of the index; their last word: see weir__pairs_passed */
    uint32_t line_count;
    uint32_t cell_mask; /* the bits of a position that a cell has */
    uint32_t renew_at;  /* position at which free cells get a new one */
    struct weir__names names;
    struct weir__pool owners; /* numbers alone */
    int64_t horizon;          /* slices before it do not count; WEIR__NO_SLICE: all do */
    size_t bytes;             /* of the index, in which pairs are looked up */
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

/* ---- the log ---- */

/* Whether there is a sighting at a position: between tail and head. */
static inline bool weir__pairs_holds(const struct weir__pairs *pairs, uint32_t position)
{
    return position - pairs->tail < pairs->head - pairs->tail;
}

static inline uint32_t weir__pairs_index(const struct weir__pairs *pairs, uint32_t position)
{
    uint32_t index = position - pairs->lap;
    return index < pairs->limit ? index : index + pairs->limit; /* a lap ago: this wraps */
}
static inline struct weir__sighting *weir__pairs_at(const struct weir__pairs *pairs,
                                                    uint32_t position)
{
    return &pairs->log[weir__pairs_index(pairs, position)];
}

/* The first slice of the span around one. */
static inline int64_t weir__span_of(int64_t slice)
{
    return (int64_t)((uint64_t)slice & ~(uint64_t)(WEIR__SPAN - 1));
}
static inline uint32_t weir__span_bit(int64_t slice)
{
    return 1U << ((uint64_t)slice & (WEIR__SPAN - 1));
}

/* Room for a sighting at the head; call when that begins a page. */
void weir__pairs_prepare(struct weir__pairs *pairs);

/* ---- the index ---- */

static inline struct weir__dense_line *weir__pairs_home(const struct weir__pairs *pairs,
                                                        uint64_t key)
{
    return &pairs->lines[weir__hash_scale(key, pairs->line_count)];
}
static inline struct weir__dense_line *weir__pairs_next_line(const struct weir__pairs *pairs,
                                                             struct weir__dense_line *line)
{
    return line + 1 < pairs->lines + pairs->line_count ? line + 1 : pairs->lines;
}
static inline uint32_t weir__pairs_cell(const struct weir__pairs *pairs, uint64_t key,
                                        uint32_t position)
{
    return ((uint32_t)(key >> 32) & ~pairs->cell_mask) | (position & pairs->cell_mask);
}
static inline uint32_t weir__pairs_position(const struct weir__pairs *pairs, uint32_t cell)
{
    return pairs->tail + ((cell - pairs->tail) & pairs->cell_mask);
}

/* Cells that are not are free. */
static inline bool weir__pairs_in_use(const struct weir__pairs *pairs, uint32_t cell)
{
    return weir__pairs_holds(pairs, weir__pairs_position(pairs, cell));
}

/* The last word of a line: the page of the last position that has passed it, and the cell whose
 * turn it is to be written, which is mostly the oldest. Pages are cut off as a whole. */
static inline bool weir__pairs_passed(const struct weir__pairs *pairs,
                                      const struct weir__dense_line *line)
{
    return weir__pairs_holds(pairs, line->words[WEIR__DENSE_CELLS] & ~(WEIR__LOG_PAGE - 1));
}
static inline uint32_t weir__pairs_turn(const struct weir__dense_line *line)
{
    return line->words[WEIR__DENSE_CELLS] % WEIR__LOG_PAGE;
}
/* A cell gets the position of the head. */
static inline void weir__pairs_write(const struct weir__pairs *pairs, struct weir__dense_line *line,
                                     uint32_t cell, uint64_t key)
{
    uint32_t turn = cell + 1 < WEIR__DENSE_CELLS ? cell + 1 : 0;
    line->words[cell] = weir__pairs_cell(pairs, key, pairs->head);
    line->words[WEIR__DENSE_CELLS] =
        (line->words[WEIR__DENSE_CELLS] & ~(WEIR__LOG_PAGE - 1)) | turn;
}

/* The cells of a line with a pair's tag, as bits. */
static inline uint32_t weir__pairs_hits(const struct weir__pairs *pairs,
                                        const struct weir__dense_line *line, uint64_t key)
{
    return weir__dense_hits(line, (uint32_t)(key >> 32), ~pairs->cell_mask);
}

/* ---- looking for a pair, in steps: each tells the processor what the next one reads ---- */

static inline void weir__pairs_expect(const struct weir__pairs *pairs, uint64_t key)
{
    weir__prefetch(weir__pairs_home(pairs, key));
}

#define WEIR__PAIR_NEW UINT32_MAX
/* The same for what weir__pairs_mark reads. Returns the cell in which it looks first; or
 * WEIR__PAIR_NEW: the hits are free cells, and the pair was never seen. */
uint32_t weir__pairs_expect_more(const struct weir__pairs *pairs, uint64_t key, uint32_t hits);

/* Marks a pair that was never seen, which most are, and returns WEIR__PAIR_NEW. Otherwise it may
 * have been, and weir__pairs_mark must follow, with what is returned. */
static inline uint32_t weir__pairs_mark_new(struct weir__pairs *pairs, uint64_t key, int64_t slice)
{
    if (pairs->head % WEIR__LOG_PAGE == 0) {
        weir__pairs_prepare(pairs);
    }
    struct weir__dense_line *home = weir__pairs_home(pairs, key);
    uint32_t turn = weir__pairs_turn(home);
    uint32_t hits = weir__pairs_hits(pairs, home, key);
    if (hits != 0 || weir__pairs_passed(pairs, home) ||
        weir__pairs_in_use(pairs, home->words[turn])) {
        uint32_t first = weir__pairs_expect_more(pairs, key, hits);
        if (first != WEIR__PAIR_NEW) {
            return first;
        }
    }
    weir__pairs_write(pairs, home, turn, key);
    *pairs->next++ =
        (struct weir__sighting){key, weir__span_of(slice), pairs->tail - 1, weir__span_bit(slice)};
    pairs->head++;
    return WEIR__PAIR_NEW;
}

/*
 * Marks a pair as seen in a slice that counts. Returns true when it was not yet. Then *before and
 * *after are the nearest other slices that count, at most `reach` away, in which it has been seen:
 * WEIR__NO_SLICE where there is none. first: the cell to look in first.
 */
bool weir__pairs_mark(struct weir__pairs *pairs, uint64_t key, uint32_t first, int64_t slice,
                      int64_t reach, int64_t *before, int64_t *after);

/* Slices before it do not count any more, nor will they again. Names seen in no other may go. */
void weir__pairs_set_horizon(struct weir__pairs *pairs, int64_t horizon);

/* A pair with the slices of one span. */
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
