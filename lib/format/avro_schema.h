/*
 * Avro schemas (specification 1.11): JSON text parsed into nodes.
 *
 * Named types (record, enum, fixed) are nodes that several places may point to, themselves among
 * them, so the nodes are a graph; they live in one arena and go together. Logical types are what
 * they are stored as. The default of a field is kept as the Avro bytes that a writer would have
 * written for it, so that whoever needs it reads it like any other value; a default that does not
 * fit its field's type counts as none.
 *
 * Schemas come from outside: text, nesting and the work for defaults are bounded.
 */
#ifndef WEIR__FORMAT_AVRO_SCHEMA_H
#define WEIR__FORMAT_AVRO_SCHEMA_H

#include "base/arena.h"
#include "base/buf.h"

#include <weir/status.h>

#define WEIR__AVRO_SCHEMA_LIMIT (1024 * 1024) /* bytes of text */

#define WEIR__AVRO_TYPE_MAP(X)                                                                     \
    X(NULL, "null")                                                                                \
    X(BOOLEAN, "boolean")                                                                          \
    X(INT, "int")                                                                                  \
    X(LONG, "long")                                                                                \
    X(FLOAT, "float")                                                                              \
    X(DOUBLE, "double")                                                                            \
    X(BYTES, "bytes")                                                                              \
    X(STRING, "string")                                                                            \
    X(RECORD, "record")                                                                            \
    X(ENUM, "enum")                                                                                \
    X(ARRAY, "array")                                                                              \
    X(MAP, "map")                                                                                  \
    X(UNION, "union")                                                                              \
    X(FIXED, "fixed")

enum weir__avro_type {
#define X(name, text) WEIR__AVRO_##name,
    WEIR__AVRO_TYPE_MAP(X)
#undef X
        WEIR__AVRO_TYPES
};

struct weir__avro_node;

struct weir__avro_field {
    const char *name;
    const struct weir__avro_node *type;
    const char **aliases; /* NULL-terminated */
    bool has_default;
    struct weir_str default_bytes;
};

struct weir__avro_node {
    enum weir__avro_type type;
    const char *name;                     /* record, enum, fixed: with its namespace; else NULL */
    struct weir__avro_field *fields;      /* record */
    const struct weir__avro_node **parts; /* union: branches; array and map: the item */
    const char **symbols;                 /* enum */
    size_t count;                         /* of fields, parts or symbols */
    size_t size;                          /* fixed: bytes */
};

struct weir__avro_schema {
    struct weir__arena arena;
    const struct weir__avro_node *root;
};

/* Errors: WEIR_MALFORMED (not a schema; error->where has the name of the type), WEIR_LIMIT. */
WEIR_MUST_USE enum weir_status weir__avro_schema_parse(struct weir_str text,
                                                       struct weir__avro_schema **schema,
                                                       struct weir_error *error);
void weir__avro_schema_free(struct weir__avro_schema *schema);

const char *weir__avro_type_name(enum weir__avro_type type);

/* Appends a value of Avro's long: zigzag, seven bits a byte. */
static inline void weir__avro_put_long(struct weir__buf *out, int64_t value)
{
    weir__buf_put_zigzag(out, value);
}

#endif
