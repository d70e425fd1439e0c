/*
 * Owned lists. A borrowed list (capacity 0) is only read.
 */
#include <weir/type.h>

#include "base/mem.h"

#include <assert.h>

void weir_list_append(struct weir_list *owned, const struct weir_type *element, const void *value)
{
    assert(owned->capacity > 0 || owned->count == 0);
    void *old = NULL;
    if (owned->count == owned->capacity) {
        /* The old items live until the copy is made: `value` may be one of them. */
        old = owned->items;
        uint32_t capacity = owned->capacity < 4 ? 4 : owned->capacity * 2;
        assert(capacity > owned->capacity);
        owned->items = weir__reallocarray(NULL, capacity, element->size);
        owned->capacity = capacity;
        if (owned->count > 0) {
            memcpy(owned->items, old, owned->count * element->size);
        }
    }
    weir_value_copy(element, weir_list_at(owned, element, owned->count), value);
    owned->count++;
    weir__free(old);
}

void weir_list_clear(struct weir_list *owned, const struct weir_type *element)
{
    if (owned->capacity > 0) {
        for (uint32_t i = 0; i < owned->count; i++) {
            weir_value_fini(element, weir_list_at(owned, element, i));
        }
        weir__free(owned->items);
    }
    *owned = (struct weir_list){NULL, 0, 0};
}
