/*
 * The accumulators of one slice of time, by key.
 *
 *     index:    hash ─▶ number of an entry          (base/index.h)
 *     entries:  | 0 | 1 | 2 | …  one cache line each, while the accumulator is small
 *     entry  := hash, sequence, key, length, count, accumulator
 *
 * Entries lie in the order in which their keys came, so that a window fires by walking through
 * memory; and they never move. A record costs a look at the index and one at an entry. Keys of up
 * to 16 bytes lie in the entry, longer ones in blocks that belong to the table. Clearing keeps the
 * memory for the next slice. One thread.
 */
#ifndef WEIR__WINDOW_SLICE_TABLE_H
#define WEIR__WINDOW_SLICE_TABLE_H

#include "base/hash.h"
#include "base/index.h"
#include "base/prefetch.h"
#include "base/short_text.h"
#include "types/key.h"

#include <weir/window.h>

#define WEIR__SHORT_KEY   16u  /* bytes */
#define WEIR__PREFETCH    16u  /* entries ahead */
#define WEIR__SLICE_CHUNK 512u /* entries in a piece of memory */

struct weir__slice_entry {
    uint64_t hash;
    uint64_t sequence; /* > 0; order of first arrival over all slices */
    union {
        char text[WEIR__SHORT_KEY]; /* len <= 16 */
        const char *data;           /* longer */
        int64_t integer;
    };
    uint32_t len;
    uint32_t count; /* elements; stops at its maximum */
    char accumulator[];
};

struct weir__slice_table {
    struct weir__index index;
    char **chunks; /* of WEIR__SLICE_CHUNK entries */
    uint32_t chunk_count;
    uint32_t count;                  /* of entries */
    size_t stride;                   /* bytes of an entry */
    enum weir_kind kind;             /* of the keys */
    struct weir__text_block *blocks; /* of long keys; the newest first */
    size_t text_bytes;               /* in them */
};

/* accumulator_size: bytes. */
void weir__slice_table_init(struct weir__slice_table *table, size_t accumulator_size);
/* The accumulators must have been released. */
void weir__slice_table_fini(struct weir__slice_table *table);
void weir__slice_table_clear(struct weir__slice_table *table);

/* Adds an entry for a key that is not there; its accumulator is zeroed, its count 0. */
struct weir__slice_entry *weir__slice_table_add(struct weir__slice_table *table,
                                                const struct weir__key *key, uint64_t sequence);

/* Drops the entries whose count is 0. The others move; their order stays. */
void weir__slice_table_keep(struct weir__slice_table *table);

/* The entry that was added as the number-th; number < count. */
static inline struct weir__slice_entry *weir__slice_table_at(const struct weir__slice_table *table,
                                                             uint32_t number)
{
    char *chunk = table->chunks[number / WEIR__SLICE_CHUNK];
    return (struct weir__slice_entry *)(void *)(chunk + number % WEIR__SLICE_CHUNK * table->stride);
}

/* Bytes of memory in use. */
static inline size_t weir__slice_table_bytes(const struct weir__slice_table *table)
{
    return table->count * table->stride + table->text_bytes;
}

/* The key of an entry. A string is borrowed from it. */
static inline struct weir__key weir__slice_entry_key(const struct weir__slice_table *table,
                                                     const struct weir__slice_entry *entry)
{
    struct weir__key key = {.kind = table->kind, .hash = entry->hash};
    if (table->kind == WEIR_KIND_STRING) {
        key.string = (struct weir_str){entry->len <= WEIR__SHORT_KEY ? entry->text : entry->data,
                                       entry->len};
    } else {
        key.integer = entry->integer;
    }
    return key;
}

static inline bool weir__slice_entry_is(const struct weir__slice_entry *entry,
                                        const struct weir__key *key)
{
    if (entry->hash != key->hash) {
        return false;
    }
    if (key->kind != WEIR_KIND_STRING) {
        return entry->integer == key->integer;
    }
    if (entry->len != key->string.len) {
        return false;
    }
    return entry->len <= WEIR__SHORT_KEY
               ? weir__short_equals(entry->text, key->string.data, entry->len)
               : memcmp(entry->data, key->string.data, entry->len) == 0;
}

static inline __attribute__((always_inline)) struct weir__slice_entry *weir__slice_table_find(
    const struct weir__slice_table *table, const struct weir__key *key)
{
    struct weir__index_cursor at = weir__index_find(&table->index, key->hash);
    uint32_t number;
    while ((number = weir__index_next(&table->index, &at)) != WEIR__INDEX_NONE) {
        struct weir__slice_entry *entry = weir__slice_table_at(table, number);
        if (__builtin_expect(weir__slice_entry_is(entry, key), 1)) {
            return entry;
        }
    }
    return NULL;
}

/*
 * Tell the processor to fetch what a look-up of this hash will need: first the cell of the index;
 * when it has come, the entry, which is mostly the right one: NULL when there is none.
 */
static inline void weir__slice_table_expect(const struct weir__slice_table *table, uint64_t hash)
{
    weir__index_expect(&table->index, hash);
}

static inline struct weir__slice_entry *weir__slice_table_guess(
    const struct weir__slice_table *table, uint64_t hash)
{
    struct weir__index_cursor at = weir__index_find(&table->index, hash);
    uint32_t number = weir__index_next(&table->index, &at);
    if (number == WEIR__INDEX_NONE) {
        return NULL;
    }
    struct weir__slice_entry *entry = weir__slice_table_at(table, number);
    weir__prefetch(entry);
    return entry;
}

/* guess: NULL, or an entry of this table. */
static inline __attribute__((always_inline)) struct weir__slice_entry *
weir__slice_table_find_guessed(const struct weir__slice_table *table, const struct weir__key *key,
                               struct weir__slice_entry *guess)
{
    bool right = guess != NULL && weir__slice_entry_is(guess, key);
    return __builtin_expect(right, 1) ? guess : weir__slice_table_find(table, key);
}

#endif
