/*
 * An arena: memory that is given back all at once. For what lives as long as one message.
 *
 *     chunk ─▶ chunk ─▶ …      each twice the one before
 *
 * A reset keeps the newest, so that a steady load allocates nothing.
 */
#ifndef WEIR__BASE_ARENA_H
#define WEIR__BASE_ARENA_H

#include <stddef.h>

struct weir__arena_chunk;

/* Zeroed is empty. */
struct weir__arena {
    struct weir__arena_chunk *newest;
    size_t used; /* bytes of the newest */
};

/* Uninitialised, aligned for any type, valid until reset or fini. */
void *weir__arena_alloc(struct weir__arena *arena, size_t size);
void weir__arena_reset(struct weir__arena *arena);
void weir__arena_fini(struct weir__arena *arena);

#endif
