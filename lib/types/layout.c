/* Struct types that are put together at run time. */
#include "types/layout.h"

#include <stdalign.h>
#include <stddef.h>

struct weir_field weir__layout_field(const char *name, const struct weir_type *type, size_t *end)
{
    size_t alignment = alignof(max_align_t);
    size_t offset = (*end + alignment - 1) / alignment * alignment;
    *end = offset + type->size;
    return (struct weir_field){
        .name = name,
        .wire_name = name,
        .kind = type->kind,
        .offset = offset,
        .type = type->kind == WEIR_KIND_LIST     ? type->element
                : type->kind == WEIR_KIND_STRUCT ? type
                                                 : NULL,
    };
}
