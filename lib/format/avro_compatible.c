/*
 * Schema compatibility (see avro_compatible.h). Schemas may contain themselves: a pair that is
 * being looked at counts as fitting, and each pair is looked at once.
 */
#include "format/avro_compatible.h"

#include "base/escape.h"
#include "base/vec.h"

#include <jansson.h>
#include <stdio.h>

/* Schemas come from outside. */
enum { MOST_PAIRS = 2000, MOST_LEVELS = 200, MOST_WORK = 200000 };

struct comparison {
    struct weir__vec pairs; /* struct pair: of records, compared or being compared */
    int levels;
    int work;
    char *reason;
};

struct pair {
    const struct weir__avro_node *reader;
    const struct weir__avro_node *writer;
};

/* False, with the reason. */
static bool refuse(struct comparison *comparison, const char *what, const char *name)
{
    char shown[80];
    weir__printable(weir_str_from(name), shown, sizeof(shown));
    snprintf(comparison->reason, 160, "%s %s", what, shown);
    return false;
}

/* False, with the field in front of the reason. */
static bool refuse_field(struct comparison *comparison, const char *name)
{
    char shown[40];
    char inner[160];
    weir__printable(weir_str_from(name), shown, sizeof(shown));
    memcpy(inner, comparison->reason, sizeof(inner));
    snprintf(comparison->reason, 160, "field %s: %.100s", shown, inner);
    return false;
}

static bool refuse_type(struct comparison *comparison, enum weir__avro_type reader,
                        enum weir__avro_type writer)
{
    snprintf(comparison->reason, 160, "expected %s, got %s", weir__avro_type_name(reader),
             weir__avro_type_name(writer));
    return false;
}

static bool can_read(struct comparison *comparison, const struct weir__avro_node *reader,
                     const struct weir__avro_node *writer);

/* The last part of a name: namespaces may change. */
static const char *short_name(const struct weir__avro_node *node)
{
    const char *dot = node->name != NULL ? strrchr(node->name, '.') : NULL;
    return dot != NULL ? dot + 1 : node->name;
}

static bool is_promotion(enum weir__avro_type reader, enum weir__avro_type writer)
{
    switch ((int)writer) {
    case WEIR__AVRO_INT:
        return reader == WEIR__AVRO_LONG || reader == WEIR__AVRO_FLOAT ||
               reader == WEIR__AVRO_DOUBLE;
    case WEIR__AVRO_LONG:
        return reader == WEIR__AVRO_FLOAT || reader == WEIR__AVRO_DOUBLE;
    case WEIR__AVRO_FLOAT:
        return reader == WEIR__AVRO_DOUBLE;
    case WEIR__AVRO_STRING:
        return reader == WEIR__AVRO_BYTES;
    case WEIR__AVRO_BYTES:
        return reader == WEIR__AVRO_STRING;
    default:
        return false;
    }
}

/* ---- records and enums ---- */

static bool is_named(const struct weir__avro_field *field, const char *name)
{
    bool named = strcmp(field->name, name) == 0;
    for (size_t i = 0; !named && field->aliases[i] != NULL; i++) {
        named = strcmp(field->aliases[i], name) == 0;
    }
    return named;
}

static bool can_read_field(struct comparison *comparison, const struct weir__avro_field *field,
                           const struct weir__avro_node *writer)
{
    for (size_t i = 0; i < writer->count; i++) {
        if (is_named(field, writer->fields[i].name)) {
            return can_read(comparison, field->type, writer->fields[i].type) ||
                   refuse_field(comparison, field->name);
        }
    }
    return field->has_default ||
           refuse(comparison, "nothing was written for a field without default:", field->name);
}

static bool can_read_record(struct comparison *comparison, const struct weir__avro_node *reader,
                            const struct weir__avro_node *writer)
{
    bool good = true;
    for (size_t i = 0; i < comparison->pairs.count; i++) {
        const struct pair *pair = weir__vec_at(&comparison->pairs, i);
        if (pair->reader == reader && pair->writer == writer) {
            return true;
        }
    }
    if (comparison->pairs.count == MOST_PAIRS) {
        return refuse(comparison, "too many types to compare, at", reader->name);
    }
    weir__vec_push(&comparison->pairs, &(struct pair){reader, writer});
    for (size_t i = 0; good && i < reader->count; i++) {
        good = can_read_field(comparison, &reader->fields[i], writer);
    }
    return good;
}

static bool can_read_enum(struct comparison *comparison, const struct weir__avro_node *reader,
                          const struct weir__avro_node *writer)
{
    for (size_t i = 0; i < writer->count; i++) {
        bool known = false;
        for (size_t j = 0; !known && j < reader->count; j++) {
            known = strcmp(writer->symbols[i], reader->symbols[j]) == 0;
        }
        if (!known) {
            return refuse(comparison, "does not know the symbol", writer->symbols[i]);
        }
    }
    return true;
}

/* ---- any ---- */

static bool can_read_branch(struct comparison *comparison, const struct weir__avro_node *reader,
                            const struct weir__avro_node *writer)
{
    for (size_t i = 0; i < reader->count; i++) {
        char ignored[160] = "";
        size_t pairs = comparison->pairs.count;
        char *reason = comparison->reason;
        comparison->reason = ignored;
        bool good = can_read(comparison, reader->parts[i], writer);
        comparison->reason = reason;
        if (good) {
            return true;
        }
        comparison->pairs.count = pairs; /* they rest on what was refused */
    }
    return refuse(comparison, "no branch of the union takes", weir__avro_type_name(writer->type));
}

static bool can_read_type(struct comparison *comparison, const struct weir__avro_node *reader,
                          const struct weir__avro_node *writer)
{
    if (writer->type == WEIR__AVRO_UNION) {
        bool good = true;
        for (size_t i = 0; good && i < writer->count; i++) {
            good = can_read(comparison, reader, writer->parts[i]);
        }
        return good;
    }
    if (reader->type == WEIR__AVRO_UNION) {
        return can_read_branch(comparison, reader, writer);
    }
    if (reader->type != writer->type) {
        return is_promotion(reader->type, writer->type) ||
               refuse_type(comparison, reader->type, writer->type);
    }
    if (reader->name != NULL && strcmp(short_name(reader), short_name(writer)) != 0) {
        return refuse(comparison, "another name:", writer->name);
    }
    switch ((int)reader->type) {
    case WEIR__AVRO_RECORD:
        return can_read_record(comparison, reader, writer);
    case WEIR__AVRO_ENUM:
        return can_read_enum(comparison, reader, writer);
    case WEIR__AVRO_FIXED:
        return reader->size == writer->size || refuse(comparison, "another size:", reader->name);
    case WEIR__AVRO_ARRAY:
    case WEIR__AVRO_MAP:
        return can_read(comparison, reader->parts[0], writer->parts[0]);
    default:
        return true;
    }
}

static bool can_read(struct comparison *comparison, const struct weir__avro_node *reader,
                     const struct weir__avro_node *writer)
{
    if (comparison->levels == MOST_LEVELS || comparison->work == MOST_WORK) {
        return refuse(comparison, "too deep or too much to compare", "");
    }
    comparison->work++;
    comparison->levels++;
    bool good = can_read_type(comparison, reader, writer);
    comparison->levels--;
    return good;
}

bool weir__avro_can_read(const struct weir__avro_schema *reader,
                         const struct weir__avro_schema *writer, char reason[160])
{
    struct comparison comparison = {.pairs = WEIR__VEC_OF(struct pair), .reason = reason};
    reason[0] = '\0';
    bool good = can_read(&comparison, reader->root, writer->root);
    weir__vec_fini(&comparison.pairs);
    return good;
}

bool weir__avro_same_text(struct weir_str a, struct weir_str b)
{
    json_t *left = json_loadb(a.data, a.len, JSON_DECODE_ANY, NULL);
    json_t *right = json_loadb(b.data, b.len, JSON_DECODE_ANY, NULL);
    bool same = left != NULL && right != NULL && json_equal(left, right) == 1;
    json_decref(left);
    json_decref(right);
    return same;
}
