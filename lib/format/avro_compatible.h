/*
 * Whether data written with one Avro schema can be read with another: the specification's rules of
 * schema resolution, for whole schemas. What a registry checks before it takes a new version.
 */
#ifndef WEIR__FORMAT_AVRO_COMPATIBLE_H
#define WEIR__FORMAT_AVRO_COMPATIBLE_H

#include "format/avro_schema.h"

/* False: *reason says what cannot be read. */
bool weir__avro_can_read(const struct weir__avro_schema *reader,
                         const struct weir__avro_schema *writer, char reason[160]);

/* Both are the same JSON, whatever space and order of members they are written with. */
bool weir__avro_same_text(struct weir_str a, struct weir_str b);

#endif
