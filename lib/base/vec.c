/*
 * The growable array: doubling, so that n additions cost O(n).
 */
#include "base/vec.h"

#include "base/mem.h"

void weir__vec_fini(struct weir__vec *vec)
{
    weir__free(vec->items);
    *vec = (struct weir__vec){.item_size = vec->item_size};
}

void weir__vec_reserve(struct weir__vec *vec, size_t capacity)
{
    if (capacity > vec->capacity) {
        vec->items = weir__reallocarray(vec->items, capacity, vec->item_size);
        vec->capacity = capacity;
    }
}

void *weir__vec_add(struct weir__vec *vec)
{
    if (vec->count == vec->capacity) {
        weir__vec_reserve(vec, vec->capacity < 8 ? 8 : vec->capacity * 2);
    }
    vec->count++;
    return weir__vec_last(vec);
}

void weir__vec_remove(struct weir__vec *vec, size_t index)
{
    char *item = weir__vec_at(vec, index);
    vec->count--;
    memmove(item, item + vec->item_size, (vec->count - index) * vec->item_size);
}
