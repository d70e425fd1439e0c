/*
 * The pool: taking, giving back, visiting.
 */
#include "base/pool.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

void weir__pool_fini(struct weir__pool *pool)
{
    for (uint32_t i = 0; i < pool->chunk_count; i++) {
        weir__free(pool->chunks[i]);
    }
    weir__free(pool->chunks);
    *pool = (struct weir__pool){.item_size = pool->item_size};
}

static void add_chunk(struct weir__pool *pool)
{
    size_t bytes = sizeof(struct weir__pool_chunk) + WEIR__POOL_CHUNK * pool->item_size;
    struct weir__pool_chunk *chunk = weir__alloc_lines((bytes + 63) & ~(size_t)63);
    memset(chunk->live, 0, sizeof(chunk->live));
    pool->chunks =
        weir__reallocarray(pool->chunks, (size_t)pool->chunk_count + 1, sizeof(pool->chunks[0]));
    pool->chunks[pool->chunk_count++] = chunk;
}

static void mark(struct weir__pool *pool, uint32_t item)
{
    uint32_t in_chunk = item % WEIR__POOL_CHUNK;
    pool->chunks[item / WEIR__POOL_CHUNK]->live[in_chunk / 64] ^= UINT64_C(1) << in_chunk % 64;
}

/* The bytes of the chunk that items were ever taken from; of one without live items its marks. */
static size_t bytes_to_copy(const struct weir__pool *pool, uint32_t number)
{
    uint32_t items = pool->used - number * WEIR__POOL_CHUNK;
    uint64_t live = 0;
    for (size_t i = 0; i < WEIR__POOL_CHUNK / 64; i++) {
        live |= pool->chunks[number]->live[i];
    }
    items = items < WEIR__POOL_CHUNK ? items : WEIR__POOL_CHUNK;
    return sizeof(struct weir__pool_chunk) + (live != 0 ? items * pool->item_size : 0);
}

void weir__pool_copy(struct weir__pool *copy, const struct weir__pool *pool)
{
    copy->item_size = pool->item_size;
    for (uint32_t i = 0; i * WEIR__POOL_CHUNK < pool->used; i++) {
        if (i == copy->chunk_count) {
            add_chunk(copy);
        }
        memcpy(copy->chunks[i], pool->chunks[i], bytes_to_copy(pool, i));
    }
    copy->used = pool->used;
    copy->count = pool->count;
    copy->free_item = pool->free_item;
}

uint32_t weir__pool_take(struct weir__pool *pool)
{
    uint32_t item;
    if (pool->free_item != 0) {
        item = pool->free_item - 1;
        memcpy(&pool->free_item, weir__pool_at(pool, item), sizeof(pool->free_item));
    } else {
        assert(pool->used < WEIR__POOL_NONE - 1);
        item = pool->used++;
        if (item / WEIR__POOL_CHUNK == pool->chunk_count) {
            add_chunk(pool);
        }
    }
    memset(weir__pool_at(pool, item), 0, pool->item_size);
    mark(pool, item);
    pool->count++;
    return item;
}

void weir__pool_give(struct weir__pool *pool, uint32_t item)
{
    assert(weir__pool_live(pool, item));
    mark(pool, item);
    memcpy(weir__pool_at(pool, item), &pool->free_item, sizeof(pool->free_item));
    pool->free_item = item + 1;
    pool->count--;
}

uint32_t weir__pool_next(const struct weir__pool *pool, uint32_t from)
{
    for (uint32_t item = from; item < pool->used;) {
        uint32_t in_chunk = item % WEIR__POOL_CHUNK;
        uint64_t word = pool->chunks[item / WEIR__POOL_CHUNK]->live[in_chunk / 64] >> in_chunk % 64;
        if (word != 0) {
            return item + (uint32_t)__builtin_ctzll(word);
        }
        item += 64 - in_chunk % 64;
    }
    return WEIR__POOL_NONE;
}
