/*
 * Elements that wait for memory.
 */
#include "window/waiting.h"

#include "types/codec.h"

void weir__waiting_init(struct weir__waiting *waiting, const struct weir_type *type)
{
    *waiting =
        (struct weir__waiting){.possible = weir__type_is_flat(type), .from = WEIR__WAITING_FROM};
    if (waiting->possible) {
        weir__flat_init(&waiting->flat, type);
    }
}

void weir__waiting_fini(struct weir__waiting *waiting)
{
    weir__flat_fini(&waiting->flat);
    weir__buf_fini(&waiting->bytes);
}

void weir__waiting_put(struct weir__waiting *waiting, const void *value, int64_t timestamp,
                       uint64_t hash)
{
    struct weir__waiting_element *element = &waiting->elements[waiting->count++];
    element->hash = hash;
    element->timestamp = timestamp;
    element->at = (waiting->bytes.len + 7) & ~(size_t)7;
    weir__buf_reserve(&waiting->bytes, 8);
    waiting->bytes.len = element->at;
    weir__flat_put(&waiting->flat, value, &waiting->bytes);
    element->len = waiting->bytes.len - element->at;
}

void weir__waiting_locate(struct weir__waiting *waiting)
{
    for (uint32_t i = 0; i < waiting->count; i++) {
        struct weir__waiting_element *element = &waiting->elements[i];
        element->value =
            weir__flat_get(&waiting->flat, waiting->bytes.data + element->at, element->len);
    }
}
