/* Struct types that are put together at run time, field by field. */
#ifndef WEIR__TYPES_LAYOUT_H
#define WEIR__TYPES_LAYOUT_H

#include <weir/type.h>

/*
 * A field that holds a value of `type` (borrowed), laid behind the first *end bytes and aligned for
 * any value; *end moves behind it.
 */
struct weir_field weir__layout_field(const char *name, const struct weir_type *type, size_t *end);

#endif
