/*
 * Names: strings as numbers. A string that is seen again and again exists once; whoever means it
 * keeps four bytes, and compares numbers.
 *
 *     line := three names, a cache line
 *     name := text (16 bytes, or where a longer one lies), number, mark (length, generation)
 *
 * Names lie in a hash table themselves, and a string costs one look at memory. Open addressing by
 * lines: a name lies in the first line from its home on that had room, and a full line says whether
 * there are names that have gone on from it. Homes are in the order of hashes, so a table is copied
 * into another one from front to back; its size is any number of lines.
 *
 * Nobody counts who keeps a number. A name remembers the generation in which it was last seen. A
 * generation ends when the horizon has passed all slices that had been seen when it began. So when
 * one begins, what was last seen before the previous one lies in slices that the horizon has
 * passed: only names of the current generation and of the one before may count. The others go when
 * room is needed, and their numbers are used again. A mark has room for eight generations; all
 * others go before their number comes again. Zeroed by weir__names_init. One thread.
 */
#ifndef WEIR__WINDOW_NAMES_H
#define WEIR__WINDOW_NAMES_H

#include "base/prefetch.h"
#include "base/short_text.h"
#include "base/vec.h"

#include <weir/str.h>

#define WEIR__NAME_LINE  3u  /* names in a cache line */
#define WEIR__NAME_SHORT 16u /* bytes of a text that lie in the line */

/* A mark: generation << 5 | kind. Kinds are the lengths of short texts + 1, and: */
#define WEIR__NAME_GENERATION 5u
#define WEIR__NAME_KIND       31u /* these bits */
#define WEIR__NAME_FREE       0u  /* the whole mark */
#define WEIR__NAME_LONG       18u

union weir__name_text {
    char bytes[WEIR__NAME_SHORT]; /* zeros behind a shorter one */
    struct {
        char *data; /* owned */
        uint32_t len;
        uint32_t hash; /* the bits that its home depends on */
    } longer;
};

struct weir__name_line {
    union weir__name_text texts[WEIR__NAME_LINE];
    uint32_t numbers[WEIR__NAME_LINE];
    uint8_t marks[WEIR__NAME_LINE]; /* the free ones are the last */
    bool more;                      /* it is full, and names have gone on from here */
};

struct weir__names {
    struct weir__name_line *lines;
    uint32_t line_count;
    uint32_t used;          /* names */
    uint32_t limit;         /* when so many are used, room has to be made */
    uint32_t generation;    /* its bits of a mark */
    int64_t newest;         /* slice seen so far */
    int64_t last;           /* slice of this generation: that was the newest when it began */
    uint32_t unswept;       /* generations since names went for the last time */
    uint32_t next_number;   /* never used so far */
    struct weir__vec spare; /* uint32_t: numbers to be used again */
};

void weir__names_init(struct weir__names *names);
void weir__names_fini(struct weir__names *names);

/* Slices before it do not count any more: names that were seen in no other go some time later. */
void weir__names_set_horizon(struct weir__names *names, int64_t horizon);

/* The texts by their numbers; null for a number that is not used. Borrowed while nothing is added
 * and the horizon stays; the array is the caller's. */
struct weir_str *weir__names_texts(const struct weir__names *names);

/* As weir__names_see, wherever the name may lie; names->newest is up to date. */
uint32_t weir__names_look_up(struct weir__names *names, struct weir_str text, uint64_t hash);

static inline struct weir__name_line *weir__names_home(const struct weir__names *names,
                                                       uint64_t hash)
{
    return &names->lines[weir__hash_scale(hash, names->line_count)];
}

/* Tells the processor to fetch what seeing a string will read. */
static inline void weir__names_expect(const struct weir__names *names, uint64_t hash)
{
    weir__prefetch(weir__names_home(names, hash));
}

/* Once that has come: the same for the next line, if names have gone on to it. */
static inline void weir__names_expect_more(const struct weir__names *names, uint64_t hash)
{
    const struct weir__name_line *home = weir__names_home(names, hash);
    weir__prefetch(home + home->more);
}

static inline uint32_t weir__name_kind(uint32_t len)
{
    return len <= WEIR__NAME_SHORT ? len + 1 : WEIR__NAME_LONG;
}

static inline uint32_t weir__name_has(const struct weir__name_line *line, uint32_t slot,
                                      struct weir__short bytes)
{
    struct weir__short own = weir__short_load(line->texts[slot].bytes, WEIR__NAME_SHORT);
    return ((own.low ^ bytes.low) | (own.high ^ bytes.high)) == 0;
}

/* The first slot with the bytes of a short text, whatever its kind: nothing branches on which it
 * is. WEIR__NAME_LINE: none has them. */
static inline uint32_t weir__name_slot(const struct weir__name_line *line, struct weir_str text)
{
    struct weir__short bytes = weir__short_load(text.data, text.len);
    uint32_t slots = 1U << WEIR__NAME_LINE | weir__name_has(line, 0, bytes) |
                     weir__name_has(line, 1, bytes) << 1 | weir__name_has(line, 2, bytes) << 2;
    return (uint32_t)__builtin_ctz(slots);
}

/* The number of a name, which is seen now. Most have been seen in this generation: their lines stay
 * as they are, and need not be written back. */
static inline uint32_t weir__name_see(const struct weir__names *names, struct weir__name_line *line,
                                      uint32_t slot)
{
    uint32_t mark = (line->marks[slot] & WEIR__NAME_KIND) | names->generation;
    if (line->marks[slot] != mark) {
        line->marks[slot] = (uint8_t)mark;
    }
    return line->numbers[slot];
}

/* The number of a string with that hash (weir__hash_bytes), which is seen in a slice. */
static inline uint32_t weir__names_see(struct weir__names *names, struct weir_str text,
                                       uint64_t hash, int64_t slice)
{
    if (slice > names->newest) {
        names->newest = slice;
    }
    if (text.len <= WEIR__NAME_SHORT) {
        struct weir__name_line *home = weir__names_home(names, hash);
        uint32_t slot = weir__name_slot(home, text);
        if (slot < WEIR__NAME_LINE &&
            (home->marks[slot] & WEIR__NAME_KIND) == weir__name_kind(text.len)) {
            return weir__name_see(names, home, slot);
        }
    }
    return weir__names_look_up(names, text, hash);
}

#endif
