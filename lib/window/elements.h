/*
 * The elements of a window, in order of arrival: what window functions and evictors see.
 *
 *     item := timestamp, arrival number, value
 */
#ifndef WEIR__WINDOW_ELEMENTS_H
#define WEIR__WINDOW_ELEMENTS_H

#include "base/buf.h"
#include "base/vec.h"

#include <weir/window.h>

/* Zeroed is empty. Owns copies of the values. */
struct weir__elements {
    char *items;
    size_t count;
    size_t capacity;
};

void weir__elements_add(struct weir__elements *elements, const struct weir_type *type,
                        const void *value, int64_t timestamp, uint64_t arrival);
void weir__elements_clear(struct weir__elements *elements, const struct weir_type *type);
/* Moves all of `other` in, keeping the order of arrival; `other` is empty then. */
void weir__elements_merge(struct weir__elements *elements, struct weir__elements *other,
                          const struct weir_type *type);
/* Appends a struct weir_window_element for each to `view`; borrowed until the elements change. */
void weir__elements_view(const struct weir__elements *elements, const struct weir_type *type,
                         struct weir__vec *view);
/* Keeps only those whose keep[index] is true. */
void weir__elements_filter(struct weir__elements *elements, const struct weir_type *type,
                           const bool *keep);

void weir__elements_encode(const struct weir__elements *elements, const struct weir_type *type,
                           struct weir__buf *out);
/* Errors: WEIR_CORRUPT; what was read so far stays in. */
WEIR_MUST_USE enum weir_status weir__elements_decode(struct weir__elements *elements,
                                                     const struct weir_type *type,
                                                     struct weir__reader *in);

#endif
