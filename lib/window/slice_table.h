/*
 * The accumulators of one slice of time, by key. What a record of a sliding or tumbling window
 * costs is one look-up here, and that is one cache line when the accumulator is small.
 *
 *     entry := hash, sequence, key, length, count, accumulator     (64 bytes up to an accumulator
 * of 24)
 *
 * Entries lie in an open-addressing table, linear probing; `order` lists them as their keys came.
 * Keys of up to 16 bytes lie in the entry, longer ones in blocks that belong to the table. Clearing
 * keeps the memory for the next slice. Invariant: an entry is free exactly when its sequence is 0;
 * there are always free ones. One thread.
 */
#ifndef WEIR__WINDOW_SLICE_TABLE_H
#define WEIR__WINDOW_SLICE_TABLE_H

#include "base/hash.h"
#include "types/key.h"

#include <weir/window.h>

#define WEIR__SHORT_KEY 16u /* bytes */
#define WEIR__PREFETCH  8u  /* entries ahead */

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
    char *slots;         /* aligned to a cache line */
    uint32_t mask;       /* number of slots - 1 */
    uint32_t count;      /* of entries */
    size_t stride;       /* bytes of a slot */
    uint32_t *order;     /* slots of the entries, in the order in which they were added */
    void *memory;        /* that slots lie in */
    enum weir_kind kind; /* of the keys */
    struct weir__text_block *blocks; /* of long keys; the newest first */
};

/* accumulator_size: bytes. */
void weir__slice_table_init(struct weir__slice_table *table, size_t accumulator_size);
/* The accumulators must have been released. */
void weir__slice_table_fini(struct weir__slice_table *table);
void weir__slice_table_clear(struct weir__slice_table *table);

/*
 * Adds an entry for a key that is not there; its accumulator is zeroed, its count 0. Entries may
 * move.
 */
struct weir__slice_entry *weir__slice_table_add(struct weir__slice_table *table,
                                                const struct weir__key *key, uint64_t sequence);

/* Drops the entries whose count is 0. Entries move; the order stays. */
void weir__slice_table_keep(struct weir__slice_table *table);

static inline struct weir__slice_entry *weir__slice_table_slot(
    const struct weir__slice_table *table, uint32_t slot)
{
    return (struct weir__slice_entry *)(void *)(table->slots + slot * table->stride);
}

/* The entry that was added as the number-th; number < count. */
static inline struct weir__slice_entry *weir__slice_table_at(const struct weir__slice_table *table,
                                                             uint32_t number)
{
    return weir__slice_table_slot(table, table->order[number]);
}

/*
 * Tells the processor to fetch an entry that will soon be wanted: entries lie all over the table,
 * so walking them in order would wait for memory at each.
 */
static inline void weir__slice_table_prefetch(const struct weir__slice_table *table,
                                              uint32_t number)
{
    if (number + WEIR__PREFETCH < table->count) {
        __builtin_prefetch(weir__slice_table_at(table, number + WEIR__PREFETCH));
    }
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

/* Equal bytes, len <= 16, by loads that may overlap instead of a call. */
static inline bool weir__short_equals(const char *a, const char *b, uint32_t len)
{
    if (len >= 8) {
        return weir__load_u64(a) == weir__load_u64(b) &&
               weir__load_u64(a + len - 8) == weir__load_u64(b + len - 8);
    }
    if (len >= 4) {
        return weir__load_u32(a) == weir__load_u32(b) &&
               weir__load_u32(a + len - 4) == weir__load_u32(b + len - 4);
    }
    return len == 0 || (a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1]);
}

/* The hashes are known to be equal. */
static inline bool weir__slice_entry_is(const struct weir__slice_entry *entry,
                                        const struct weir__key *key)
{
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
    for (uint32_t slot = (uint32_t)key->hash & table->mask;; slot = (slot + 1) & table->mask) {
        struct weir__slice_entry *entry = weir__slice_table_slot(table, slot);
        if (entry->sequence == 0) {
            return NULL;
        }
        if (entry->hash == key->hash && weir__slice_entry_is(entry, key)) {
            return entry;
        }
    }
}

#endif
