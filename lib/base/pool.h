/*
 * A pool: items of one size, known by number, at addresses that never move. Freed items are used
 * again, the last freed first, so steady work allocates nothing.
 *
 * Items lie in chunks of 512, each aligned to a cache line: items whose size is a multiple of 64
 * lie in lines of their own. A live item is marked by a bit, so that all live items can be visited
 * in the order of their numbers. Zero-initialised by WEIR__POOL_OF(size). One thread.
 */
#ifndef WEIR__BASE_POOL_H
#define WEIR__BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEIR__POOL_NONE  UINT32_MAX
#define WEIR__POOL_CHUNK 512u

struct weir__pool_chunk {
    uint64_t live[WEIR__POOL_CHUNK / 64];
    _Alignas(max_align_t) char items[];
};

struct weir__pool {
    struct weir__pool_chunk **chunks;
    uint32_t chunk_count;
    uint32_t free_item; /* newest freed item + 1; each holds the one before it; 0: none */
    uint32_t used;      /* items ever handed out; those above are fresh */
    uint32_t count;     /* live items */
    size_t item_size;   /* bytes */
};

/* Items of `bytes` bytes, aligned for everything whose size divides the rounded size. */
#define WEIR__POOL_OF(bytes) ((struct weir__pool){.item_size = ((bytes) + 7u) & ~(size_t)7u})

void weir__pool_fini(struct weir__pool *pool);
/*
 * Makes `copy` hold what `pool` does, under the same numbers. It is empty, or was filled so before:
 * then its memory is used again. Costs a pass over the memory of the items, whatever they are.
 */
void weir__pool_copy(struct weir__pool *copy, const struct weir__pool *pool);
/* A new item, zeroed. */
uint32_t weir__pool_take(struct weir__pool *pool);
void weir__pool_give(struct weir__pool *pool, uint32_t item);

static inline void *weir__pool_at(const struct weir__pool *pool, uint32_t item)
{
    return pool->chunks[item / WEIR__POOL_CHUNK]->items + item % WEIR__POOL_CHUNK * pool->item_size;
}

static inline bool weir__pool_live(const struct weir__pool *pool, uint32_t item)
{
    uint32_t in_chunk = item % WEIR__POOL_CHUNK;
    return pool->chunks[item / WEIR__POOL_CHUNK]->live[in_chunk / 64] >> in_chunk % 64 & 1;
}

/*
 * The first live item at or above `from`, or WEIR__POOL_NONE; to visit all:
 * for (i = next(p, 0); i != NONE; i = next(p, i + 1)).
 */
uint32_t weir__pool_next(const struct weir__pool *pool, uint32_t from);

#endif
