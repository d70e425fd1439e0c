/*
 * Names: strings as numbers. A string that is held somewhere exists once, with a count of those who
 * hold it; whoever holds it keeps four bytes, and compares numbers.
 *
 *     index:  hash ─▶ number            (base/index.h)
 *     name := text (up to 16 bytes lie here, longer ones elsewhere), length, references, number
 *
 * A name goes with its last reference, and its number is used again. Zeroed by weir__names_init.
 * One thread.
 */
#ifndef WEIR__WINDOW_NAMES_H
#define WEIR__WINDOW_NAMES_H

#include "base/index.h"
#include "base/pool.h"
#include "base/prefetch.h"

#include "base/short_text.h"

#include <weir/str.h>

struct weir__name {
    union {
        char text[16];
        char *data; /* of a longer one; owned */
    };
    uint32_t len;
    uint32_t refs;
    uint32_t number;
};

struct weir__names {
    struct weir__index index;
    struct weir__pool pool; /* struct weir__name */
};

void weir__names_init(struct weir__names *names);
void weir__names_fini(struct weir__names *names);

/* The number of a string with that hash (weir__hash_bytes); takes a reference. */
uint32_t weir__names_take(struct weir__names *names, struct weir_str text, uint64_t hash);
/* Gives a reference back; expect_give, some time before: tells the processor. */
static inline void weir__names_expect_give(const struct weir__names *names, uint32_t number)
{
    weir__prefetch(weir__pool_at(&names->pool, number));
}
void weir__names_give(struct weir__names *names, uint32_t number);
/* Borrowed while there is a reference. */
struct weir_str weir__names_text(const struct weir__names *names, uint32_t number);

/* Tell the processor to fetch what taking a string will read: first where its hash leads; when
 * that has come, the name there, which is mostly the right one; NULL: there is none. */
static inline void weir__names_expect(const struct weir__names *names, uint64_t hash)
{
    weir__index_expect(&names->index, hash);
}
static inline struct weir__name *weir__names_guess(const struct weir__names *names, uint64_t hash)
{
    struct weir__index_cursor at = weir__index_find(&names->index, hash);
    uint32_t number = weir__index_next(&names->index, &at);
    if (number == WEIR__INDEX_NONE) {
        return NULL;
    }
    struct weir__name *name = weir__pool_at(&names->pool, number);
    weir__prefetch(name);
    return name;
}

/* As weir__names_take, by way of the guess. */
static inline uint32_t weir__names_take_guessed(struct weir__names *names, struct weir_str text,
                                                uint64_t hash, struct weir__name *guess)
{
    if (guess != NULL && guess->len == text.len && text.len <= sizeof(guess->text) &&
        weir__short_equals(guess->text, text.data, text.len)) {
        guess->refs++;
        return guess->number;
    }
    return weir__names_take(names, text, hash);
}

#endif
