/*
 * Defaults of a schema's fields: from JSON to Avro bytes.
 */
#ifndef WEIR__FORMAT_AVRO_DEFAULT_H
#define WEIR__FORMAT_AVRO_DEFAULT_H

#include "format/avro_schema.h"

#include <jansson.h>

/*
 * Appends the Avro bytes of a JSON value of the node's type. False when it is not of that type, or
 * takes more work than is left in *budget (unions within unions try branch after branch).
 */
bool weir__avro_default_write(const struct weir__avro_node *node, const json_t *json,
                              struct weir__buf *out, int *budget);

#endif
