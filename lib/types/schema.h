/*
 * Schemas: what a type looked like when its values were written, so that a later program whose type
 * has other fields can still read them.
 *
 *     schema := root kind u8, root struct varint, structs varint, struct…
 *     struct := name, fields varint, field…
 *     field  := name, kind u8, nested kind u8, nested struct varint
 *
 * Structs are numbered from 1, 0 is none; nested is what a list holds, or which struct it is. Names
 * are C names. The same type gives the same bytes.
 *
 * What may change: fields may come (they are then zero: 0, false, null, empty), go, and change
 * places. What may not: the kind of a field that keeps its name.
 */
#ifndef WEIR__TYPES_SCHEMA_H
#define WEIR__TYPES_SCHEMA_H

#include "base/buf.h"

#include <weir/type.h>

struct weir__schema;

/* Appends the schema of a type. */
void weir__schema_write(const struct weir_type *type, struct weir__buf *out);

/*
 * Reads one, and fits `type` to it. NULL: WEIR_CORRUPT (the bytes are no schema) or WEIR_MISMATCH
 * (a field has another kind, which *error names). `type` is borrowed until the schema is freed.
 */
struct weir__schema *weir__schema_read(struct weir_str bytes, const struct weir_type *type,
                                       struct weir_error *error);
void weir__schema_free(struct weir__schema *schema);

/* As weir__decode, for a value that was written with this schema. Errors: WEIR_CORRUPT. */
WEIR_MUST_USE enum weir_status weir__schema_decode(const struct weir__schema *schema,
                                                   struct weir__reader *in, void *value);

#endif
