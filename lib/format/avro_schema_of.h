/*
 * The Avro schema of a type, as JSON text.
 */
#ifndef WEIR__FORMAT_AVRO_SCHEMA_OF_H
#define WEIR__FORMAT_AVRO_SCHEMA_OF_H

#include "base/buf.h"

#include <weir/type.h>

void weir__avro_put_schema_of(const struct weir_type *type, struct weir__buf *out);

#endif
