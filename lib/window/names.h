/*
 * Names: strings as numbers. A string that is seen again and again exists once; whoever means it
 * keeps four bytes, and compares numbers.
 *
 *     name := text (up to 16 bytes lie here, longer ones elsewhere), length, number, last slice
 *
 * Names lie in a hash table themselves, two in a cache line, so that a string costs one look at
 * memory. Open addressing by lines: a name lies in the first line from its home on that had room.
 *
 * Nobody counts who keeps a number. A name remembers the last slice of time in which it was seen;
 * when there is no room left, those go whose last slice does not count any more, and their numbers
 * are used again. Zeroed by weir__names_init. One thread.
 */
#ifndef WEIR__WINDOW_NAMES_H
#define WEIR__WINDOW_NAMES_H

#include "base/prefetch.h"
#include "base/short_text.h"
#include "base/vec.h"

#include <weir/str.h>

#define WEIR__NAME_FREE UINT32_MAX

struct weir__name {
    union {
        char text[16];
        char *data; /* of a longer one; owned */
    };
    uint32_t len; /* WEIR__NAME_FREE: the slot is free */
    uint32_t number;
    int64_t last; /* slice in which it was seen */
};
#define WEIR__NAME_LINE 2u /* names in a cache line */

struct weir__names {
    struct weir__name *slots;
    uint32_t last_slot; /* number of slots - 1 */
    uint32_t used;
    uint32_t limit;         /* when so many are used, room has to be made */
    uint32_t next_number;   /* never used so far */
    struct weir__vec spare; /* uint32_t: numbers to be used again */
    int64_t horizon;        /* slices before it do not count */
};

void weir__names_init(struct weir__names *names);
void weir__names_fini(struct weir__names *names);

/* Slices before it do not count any more: names last seen there go when their room is needed. */
void weir__names_set_horizon(struct weir__names *names, int64_t horizon);

/* The texts by their numbers; null for a number that is not used. Borrowed while nothing is added;
 * the array is the caller's. */
struct weir_str *weir__names_texts(const struct weir__names *names);

/* As weir__names_see, wherever the name may lie. */
uint32_t weir__names_look_up(struct weir__names *names, struct weir_str text, uint64_t hash,
                             int64_t slice);

static inline struct weir__name *weir__names_home(const struct weir__names *names, uint64_t hash)
{
    return &names->slots[(uint32_t)hash & names->last_slot & ~(WEIR__NAME_LINE - 1)];
}

/* Tells the processor to fetch what seeing a string will read. */
static inline void weir__names_expect(const struct weir__names *names, uint64_t hash)
{
    weir__prefetch(weir__names_home(names, hash));
}

/* Once that has come: the same for the next line, if this one is full. */
static inline void weir__names_expect_more(const struct weir__names *names, uint64_t hash)
{
    const struct weir__name *home = weir__names_home(names, hash);
    const struct weir__name *next = home + WEIR__NAME_LINE;
    next = next <= &names->slots[names->last_slot] ? next : names->slots;
    weir__prefetch(home[WEIR__NAME_LINE - 1].len != WEIR__NAME_FREE ? next : home);
}

static inline bool weir__name_is_short(const struct weir__name *name, struct weir_str text)
{
    return name->len == text.len && text.len <= sizeof(name->text) &&
           weir__short_equals(name->text, text.data, text.len);
}

/* The number of a string with that hash (weir__hash_bytes), which is seen in a slice. */
static inline uint32_t weir__names_see(struct weir__names *names, struct weir_str text,
                                       uint64_t hash, int64_t slice)
{
    struct weir__name *name = weir__names_home(names, hash);
    if (!weir__name_is_short(name, text)) {
        name++;
        if (!weir__name_is_short(name, text)) {
            return weir__names_look_up(names, text, hash, slice);
        }
    }
    name->last = slice > name->last ? slice : name->last;
    return name->number;
}

#endif
