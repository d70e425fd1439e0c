/*
 * The arena.
 */
#include "base/arena.h"

#include "base/mem.h"

#include <stdalign.h>
#include <stdint.h>

enum { FIRST_CHUNK_BYTES = 1024, KEPT_CHUNK_BYTES = 1 << 20 };

struct weir__arena_chunk {
    struct weir__arena_chunk *older;
    size_t size;
    alignas(max_align_t) char bytes[];
};

void *weir__arena_alloc(struct weir__arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    size_t rounded = size <= SIZE_MAX - align ? (size + align - 1) & ~(align - 1)
                                              : SIZE_MAX - sizeof(*arena->newest);
    if (arena->newest == NULL || rounded > arena->newest->size - arena->used) {
        size_t doubled = arena->newest != NULL ? arena->newest->size * 2 : FIRST_CHUNK_BYTES;
        size_t bytes = doubled > rounded ? doubled : rounded;
        struct weir__arena_chunk *chunk = weir__alloc(sizeof(*chunk) + bytes);
        chunk->older = arena->newest;
        chunk->size = bytes;
        arena->newest = chunk;
        arena->used = 0;
    }
    void *memory = arena->newest->bytes + arena->used;
    arena->used += rounded;
    return memory;
}

static void free_from(struct weir__arena_chunk *chunk)
{
    while (chunk != NULL) {
        struct weir__arena_chunk *older = chunk->older;
        weir__free(chunk);
        chunk = older;
    }
}

void weir__arena_reset(struct weir__arena *arena)
{
    arena->used = 0;
    if (arena->newest == NULL) {
        return;
    }
    free_from(arena->newest->older);
    arena->newest->older = NULL;
    if (arena->newest->size >
        KEPT_CHUNK_BYTES) { /* one huge message must not cost memory for ever */
        weir__free(arena->newest);
        arena->newest = NULL;
    }
}

void weir__arena_fini(struct weir__arena *arena)
{
    free_from(arena->newest);
    *arena = (struct weir__arena){NULL, 0};
}
