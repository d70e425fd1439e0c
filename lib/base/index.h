/*
 * A hash index: finds numbers of entries that lie elsewhere by the hash of their key. The owner of
 * the entries compares keys:
 *
 *     struct weir__index_cursor at = weir__index_find(&index, hash);
 *     for (uint32_t entry; (entry = weir__index_next(&index, &at)) != WEIR__INDEX_NONE;) {
 *         if (equal(entries[entry], key)) { … }
 *     }
 *
 * Open addressing, linear probing, 8 bytes a cell: 32 bits of the hash and the entry's number.
 * Removal shifts the followers back, so there are no tombstones. Growing needs only what is in the
 * cells; entries are not touched. Zero-initialised is empty. One thread.
 */
#ifndef WEIR__BASE_INDEX_H
#define WEIR__BASE_INDEX_H

#include "base/prefetch.h"

#include <stddef.h>
#include <stdint.h>

#define WEIR__INDEX_NONE UINT32_MAX

struct weir__index_cell {
    uint32_t tag;   /* of the hash; its low bits are the cell's home */
    uint32_t entry; /* WEIR__INDEX_NONE: free */
};

struct weir__index {
    struct weir__index_cell *cells;
    uint32_t mask; /* number of cells - 1; meaningless while cells is NULL */
    uint32_t used;
};

struct weir__index_cursor {
    uint32_t tag;
    uint32_t at;
};

void weir__index_fini(struct weir__index *index);
/* Forgets all entries, keeps the memory. */
void weir__index_clear(struct weir__index *index);
/* Adds an entry; does not look whether it is there already. */
void weir__index_put(struct weir__index *index, uint64_t hash, uint32_t entry);
/* Takes an entry out; it must be there. */
void weir__index_remove(struct weir__index *index, uint64_t hash, uint32_t entry);

static inline uint32_t weir__index_tag(uint64_t hash)
{
    return (uint32_t)(hash ^ hash >> 32);
}

static inline struct weir__index_cursor weir__index_find(const struct weir__index *index,
                                                         uint64_t hash)
{
    uint32_t tag = weir__index_tag(hash);
    return (struct weir__index_cursor){tag, tag & index->mask};
}

/* Tells the processor to fetch the cell where a hash will be looked for. */
static inline void weir__index_expect(const struct weir__index *index, uint64_t hash)
{
    if (index->cells != NULL) {
        weir__prefetch(&index->cells[weir__index_tag(hash) & index->mask]);
    }
}

/* The next entry with that hash (or one that looks like it), or WEIR__INDEX_NONE. */
static inline uint32_t weir__index_next(const struct weir__index *index,
                                        struct weir__index_cursor *cursor)
{
    if (index->cells == NULL) {
        return WEIR__INDEX_NONE;
    }
    for (;;) {
        const struct weir__index_cell *cell = &index->cells[cursor->at];
        if (cell->entry == WEIR__INDEX_NONE) {
            return WEIR__INDEX_NONE;
        }
        cursor->at = (cursor->at + 1) & index->mask;
        if (cell->tag == cursor->tag) {
            return cell->entry;
        }
    }
}

#endif
