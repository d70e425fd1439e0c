/*
 * Values as JSON text, by descriptor: fields in declared order, null for null strings, a string
 * set as the array of its members (how often each was added does not show), NaN and infinities as
 * null. Safe to print: see base/escape.h.
 */
#ifndef WEIR__TYPES_JSON_PRINT_H
#define WEIR__TYPES_JSON_PRINT_H

#include "base/buf.h"
#include "types/slot.h"

void weir__json_print(struct weir__slot slot, const void *at, struct weir__buf *out);
/* See base/number.h; NaN and infinities as null. */
void weir__json_print_double(double value, struct weir__buf *out);

#endif
