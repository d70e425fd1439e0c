/*
 * Schemas from types (see <weir/avro.h>). A struct that came before is written as its name.
 */
#include "format/avro_schema_of.h"

#include "base/escape.h"
#include "base/vec.h"
#include "types/slot.h"

#include <weir/avro.h>

#include <stdio.h>

struct writing {
    struct weir__buf *out;
    struct weir__vec known; /* const struct weir_type *: structs written so far */
};

static void put_text(struct writing *writing, const char *text)
{
    weir__buf_put(writing->out, text, strlen(text));
}

static void put_type(struct writing *writing, struct weir__slot slot);

static void put_field(struct writing *writing, const struct weir_field *field)
{
    put_text(writing, "{\"name\":");
    weir__buf_put_json_string(writing->out, weir_str_from(field->wire_name));
    put_text(writing, field->nullable ? ",\"type\":[\"null\"," : ",\"type\":");
    put_type(writing, weir__slot_of_field(field));
    put_text(writing, field->nullable ? "],\"default\":null}" : "}");
}

static void put_record(struct writing *writing, const struct weir_type *type)
{
    for (size_t i = 0; i < writing->known.count; i++) {
        if (*(const struct weir_type **)weir__vec_at(&writing->known, i) == type) {
            weir__buf_put_json_string(writing->out, weir_str_from(type->name));
            return;
        }
    }
    weir__vec_push(&writing->known, &type);
    put_text(writing, "{\"type\":\"record\",\"name\":");
    weir__buf_put_json_string(writing->out, weir_str_from(type->name));
    put_text(writing, ",\"fields\":[");
    for (size_t i = 0; i < type->field_count; i++) {
        put_text(writing, i > 0 ? "," : "");
        put_field(writing, &type->fields[i]);
    }
    put_text(writing, "]}");
}

static void put_type(struct writing *writing, struct weir__slot slot)
{
    switch (slot.kind) {
    case WEIR_KIND_BOOL:
        put_text(writing, "\"boolean\"");
        break;
    case WEIR_KIND_INT64:
        put_text(writing, "\"long\"");
        break;
    case WEIR_KIND_DOUBLE:
        put_text(writing, "\"double\"");
        break;
    case WEIR_KIND_STRING:
        put_text(writing, "\"string\"");
        break;
    case WEIR_KIND_STRING_SET:
        put_text(writing, "{\"type\":\"array\",\"items\":\"string\"}");
        break;
    case WEIR_KIND_LIST:
        put_text(writing, "{\"type\":\"array\",\"items\":");
        put_type(writing, weir__slot_of_type(slot.type));
        put_text(writing, "}");
        break;
    case WEIR_KIND_STRUCT:
        put_record(writing, slot.type);
        break;
    }
}

void weir__avro_put_schema_of(const struct weir_type *type, struct weir__buf *out)
{
    struct writing writing = {.out = out, .known = WEIR__VEC_OF(const struct weir_type *)};
    put_type(&writing, weir__slot_of_type(type));
    weir__vec_fini(&writing.known);
}

size_t weir_avro_schema(const struct weir_type *type, char *text, size_t size)
{
    struct weir__buf schema = {0};
    weir__avro_put_schema_of(type, &schema);
    size_t len = schema.len;
    if (size > 0) {
        snprintf(text, size, "%.*s", (int)schema.len, schema.data);
    }
    weir__buf_fini(&schema);
    return len;
}
