/*
 * Flat values: how a value of scalars and strings lies in one piece of memory.
 *
 *     | struct click_event {user_id {?, 5} page_url {?, 9} … timestamp} | u0042 | /products |
 *
 * The C struct, and behind it the bytes of its strings, in order. Whoever reads the piece uses the
 * struct where it lies, after pointing its strings at the bytes that follow; nothing is decoded or
 * copied.
 */
#ifndef WEIR__TYPES_FLAT_H
#define WEIR__TYPES_FLAT_H

#include "base/buf.h"

#include <weir/type.h>

struct weir__flat {
    size_t size;     /* of the struct */
    size_t *strings; /* offsets of the strings in it, in order */
    size_t string_count;
};

/* The type must be flat: weir__type_is_flat. */
void weir__flat_init(struct weir__flat *flat, const struct weir_type *type);
void weir__flat_fini(struct weir__flat *flat);

/* Appends the value. The buffer's length must be a multiple of 8. */
void weir__flat_put(const struct weir__flat *flat, const void *value, struct weir__buf *out);
/*
 * The value in these bytes, which are changed and must be aligned to 8. NULL: the bytes hold no
 * such value.
 */
const void *weir__flat_get(const struct weir__flat *flat, char *bytes, size_t len);

#endif
