/*
 * Avro: binary messages with a schema, alone or framed as schema registries ask.
 *
 *     struct weir_format plain = weir_avro(&click_event_type);
 *     struct weir_format framed = weir_avro_with(&(struct weir_avro_config){
 *         .type = &click_event_type, .schema = click_event_schema, .schemas = registry});
 *
 * A message is read with the schema that it was written with. Fields are found by name, in any
 * order. A field that the writer did not know gets the default that `schema` gives it, or null
 * where nullable; one that only the writer knew is skipped; int becomes int64, and int, long and
 * float become double; a union with null may have it first or last; a field renamed is found by
 * its aliases. What can be anything else is refused when the format is checked or, for a schema
 * that comes with a message, then.
 *
 *     framed message:  0x00 | schema id, 4 bytes, big-endian | Avro binary
 */
#ifndef WEIR_AVRO_H
#define WEIR_AVRO_H

#include <weir/format.h>

/* Where the schema of an id is found: a registry, or a table. Its users call it from any thread. */
struct weir_schema_store {
    /*
     * The schema's text (JSON), borrowed as long as the store lives. May wait for an answer.
     * Errors: WEIR_NOT_FOUND (no such id, for good), WEIR_UNAVAILABLE (ask again later), others.
     */
    enum weir_status (*schema_of)(struct weir_schema_store *store, int32_t id,
                                  struct weir_str *schema, struct weir_error *error);
};

/* Borrowed as long as the format is used, with all that it points to. */
struct weir_avro_config {
    const struct weir_type *type;
    /* What is written, and what gives aliases and defaults on reading; JSON. NULL: made from the
     * type (weir_avro_schema). */
    const char *schema;
    /* What unframed messages were written with; NULL: `schema`. */
    const char *writer_schema;
    struct weir_schema_store *schemas; /* for framed messages; NULL: messages are not framed */
    int32_t schema_id;                 /* of `schema`, for writing framed messages */
};

/* Unframed messages with the schema that weir_avro_schema makes of the type. */
struct weir_format weir_avro(const struct weir_type *type);
struct weir_format weir_avro_with(const struct weir_avro_config *config);

/*
 * Writes the schema of a type: a record of its name; boolean, long, double, string, array; a
 * nullable field is a union of null and that, with default null. NUL-terminated. Returns the length
 * of the whole text; as with snprintf, it was cut when that is >= size.
 */
size_t weir_avro_schema(const struct weir_type *type, char *text, size_t size);

#endif
