/*
 * A slot: what lies at an address, be it a whole value or one field of a struct. Everything that
 * walks a value by its descriptor (copy, hash, codec, JSON) switches over the slot's kind, and
 * recurs through slots of fields and elements.
 */
#ifndef WEIR__TYPES_SLOT_H
#define WEIR__TYPES_SLOT_H

#include <weir/type.h>

/*
 * Messages nest at most so deep, lists and structs counted together: decoders refuse more, so that
 * walking a value cannot exhaust the stack.
 */
#define WEIR__MAX_DEPTH 64

struct weir__slot {
    enum weir_kind kind;
    const struct weir_type *type; /* list: of the elements; struct: of the struct; else NULL */
};

static inline struct weir__slot weir__slot_of_field(const struct weir_field *field)
{
    return (struct weir__slot){field->kind, field->type};
}

static inline struct weir__slot weir__slot_of_type(const struct weir_type *type)
{
    return (struct weir__slot){type->kind, type->kind == WEIR_KIND_LIST ? type->element : type};
}

#endif
