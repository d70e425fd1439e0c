/*
 * A growable array of items of one size, zero-initialised to empty by WEIR__VEC_OF(type).
 *
 *     struct weir__vec timers = WEIR__VEC_OF(struct timer);
 *     *(struct timer *)weir__vec_add(&timers) = (struct timer){…};
 *     struct timer *third = weir__vec_at(&timers, 2);
 *     weir__vec_fini(&timers);
 *
 * Item pointers hold until the next add or remove. What items point to is the owner's business.
 */
#ifndef WEIR__BASE_VEC_H
#define WEIR__BASE_VEC_H

#include <assert.h>
#include <stddef.h>
#include <string.h>

struct weir__vec {
    void *items;
    size_t count;
    size_t capacity;
    size_t item_size; /* bytes */
};

#define WEIR__VEC_OF(type) ((struct weir__vec){.item_size = sizeof(type)})

void weir__vec_fini(struct weir__vec *vec);
void weir__vec_reserve(struct weir__vec *vec, size_t capacity);
/* Appends an uninitialised item, and returns it. */
void *weir__vec_add(struct weir__vec *vec);
/* Takes the item at `index` out; those behind move up. */
void weir__vec_remove(struct weir__vec *vec, size_t index);

static inline void *weir__vec_at(const struct weir__vec *vec, size_t index)
{
    assert(index < vec->count);
    return (char *)vec->items + index * vec->item_size;
}

static inline void weir__vec_push(struct weir__vec *vec, const void *item)
{
    memcpy(weir__vec_add(vec), item, vec->item_size);
}

static inline void *weir__vec_last(const struct weir__vec *vec)
{
    return weir__vec_at(vec, vec->count - 1);
}

/* Drops the last item; its bytes stay readable until the next add. */
static inline void *weir__vec_pop(struct weir__vec *vec)
{
    void *last = weir__vec_last(vec);
    vec->count--;
    return last;
}

static inline void weir__vec_clear(struct weir__vec *vec)
{
    vec->count = 0;
}

#endif
