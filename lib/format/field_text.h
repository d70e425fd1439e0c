/*
 * Scalars as plain text, as CSV and log formats have them.
 */
#ifndef WEIR__FORMAT_FIELD_TEXT_H
#define WEIR__FORMAT_FIELD_TEXT_H

#include "base/buf.h"

#include <weir/type.h>

/* Whether fields of this kind have a text form: bool, int64, double, string. */
bool weir__field_has_text(enum weir_kind kind);

/*
 * Reads a value of the kind: true or false, a decimal integer that fits, a decimal number, the text
 * itself as a view. Returns NULL, or what was expected ("an integer of at most 64 bits").
 */
const char *weir__field_from_text(enum weir_kind kind, struct weir_str text, void *out);

/* Appends the value's text; a null string is empty, NaN and infinity are empty. */
void weir__field_put_text(enum weir_kind kind, const void *at, struct weir__buf *out);

#endif
