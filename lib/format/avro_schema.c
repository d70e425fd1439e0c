/*
 * Parsing Avro schemas (see avro_schema.h).
 *
 * A named type is entered under its full name before its inside is parsed, because that may refer
 * to it. Defaults are written when all types are known.
 */
#include "format/avro_schema.h"

#include "base/escape.h"
#include "base/mem.h"
#include "base/vec.h"
#include "format/avro_default.h"
#include "types/slot.h"

#include <jansson.h>

enum { MOST_TYPES = 10000, DEFAULT_BUDGET = 100000 };

struct parse {
    struct weir__avro_schema *schema;
    struct weir__vec named;    /* struct weir__avro_node * */
    struct weir__vec defaults; /* struct pending */
    int depth;
    int types;
    struct weir_error *error;
    enum weir_status status;
};

/* A default that is still JSON. */
struct pending {
    struct weir__avro_field *field;
    const json_t *json;
};

static const char *const type_names[WEIR__AVRO_TYPES] = {
#define X(name, text) text,
    WEIR__AVRO_TYPE_MAP(X)
#undef X
};

const char *weir__avro_type_name(enum weir__avro_type type)
{
    return type_names[type];
}

/* ---- small things ---- */

/* Whatever the schema says is quoted in at most 80 printable bytes. Returns NULL. */
static const struct weir__avro_node *fail(struct parse *parse, enum weir_status status,
                                          const char *where, const char *expected, const char *got)
{
    char shown_where[100];
    char shown[100];
    weir__printable(weir_str_from(where), shown_where, sizeof(shown_where));
    weir__printable(weir_str_from(got), shown, sizeof(shown));
    if (parse->status == WEIR_OK) {
        parse->status = weir_error_set(parse->error, status, shown_where,
                                       "Avro schema: expected %s, got %s", expected, shown);
    }
    return NULL;
}

static void *keep(struct parse *parse, const void *bytes, size_t size)
{
    void *kept = weir__arena_alloc(&parse->schema->arena, size > 0 ? size : 1);
    if (bytes != NULL) {
        memcpy(kept, bytes, size);
    } else {
        memset(kept, 0, size);
    }
    return kept;
}

static struct weir__avro_node *node_new(struct parse *parse, enum weir__avro_type type)
{
    struct weir__avro_node *node = keep(parse, NULL, sizeof(*node));
    node->type = type;
    return node;
}

/* "name" within `space` is "space.name"; a name with dots is full already. */
static const char *full_name(struct parse *parse, const char *name, const char *space)
{
    struct weir__buf text = {0};
    if (space[0] != '\0' && strchr(name, '.') == NULL) {
        weir__buf_put(&text, space, strlen(space));
        weir__buf_put_u8(&text, '.');
    }
    weir__buf_put(&text, name, strlen(name) + 1);
    const char *kept = keep(parse, text.data, text.len);
    weir__buf_fini(&text);
    return kept;
}

/* What stands before the last dot of a full name. */
static const char *space_of(struct parse *parse, const char *full)
{
    const char *dot = strrchr(full, '.');
    if (dot == NULL) {
        return "";
    }
    char *space = keep(parse, full, strlen(full) + 1);
    space[dot - full] = '\0';
    return space;
}

static const struct weir__avro_node *find_named(struct parse *parse, const char *name)
{
    for (size_t i = 0; i < parse->named.count; i++) {
        const struct weir__avro_node *node =
            *(struct weir__avro_node **)weir__vec_at(&parse->named, i);
        if (strcmp(node->name, name) == 0) {
            return node;
        }
    }
    return NULL;
}

/* ---- the kinds of schemas ---- */

static const struct weir__avro_node *parse_node(struct parse *parse, const json_t *json,
                                                const char *space);

/* "long", or the name of a type that came before. */
static const struct weir__avro_node *parse_name(struct parse *parse, const char *name,
                                                const char *space)
{
    for (int type = 0; type <= WEIR__AVRO_STRING; type++) {
        if (strcmp(name, type_names[type]) == 0) {
            return node_new(parse, (enum weir__avro_type)type);
        }
    }
    const struct weir__avro_node *node = find_named(parse, full_name(parse, name, space));
    node = node != NULL ? node : find_named(parse, name);
    return node != NULL ? node
                        : fail(parse, WEIR_MALFORMED, NULL,
                               "a type's name, or one that was defined before", name);
}

/* Record, enum, fixed: gets its name and is entered. */
static struct weir__avro_node *named_new(struct parse *parse, const json_t *json,
                                         enum weir__avro_type type, const char *space)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *own_space = json_string_value(json_object_get(json, "namespace"));
    if (name == NULL || name[0] == '\0') {
        (void)fail(parse, WEIR_MALFORMED, NULL, "a name of a record, enum or fixed", "none");
        return NULL;
    }
    struct weir__avro_node *node = node_new(parse, type);
    node->name = full_name(parse, name, own_space != NULL ? own_space : space);
    if (find_named(parse, node->name) != NULL) {
        (void)fail(parse, WEIR_MALFORMED, node->name, "a type's definition once", "it again");
        return NULL;
    }
    weir__vec_push(&parse->named, &node);
    return node;
}

/* A JSON array of strings, kept with a NULL behind it; NULL when it is something else. */
static const char **parse_strings(struct parse *parse, const json_t *json, size_t *count)
{
    *count = json_array_size(json);
    const char **strings = keep(parse, NULL, (*count + 1) * sizeof(*strings));
    for (size_t i = 0; i < *count; i++) {
        const char *text = json_string_value(json_array_get(json, i));
        if (text == NULL) {
            return NULL;
        }
        strings[i] = keep(parse, text, strlen(text) + 1);
    }
    return strings;
}

static bool parse_field(struct parse *parse, const json_t *json,
                        const struct weir__avro_node *record, struct weir__avro_field *field)
{
    size_t aliases = 0;
    const char *name = json_string_value(json_object_get(json, "name"));
    if (name == NULL) {
        (void)fail(parse, WEIR_MALFORMED, record->name, "a field with a name", "one without");
        return false;
    }
    field->name = keep(parse, name, strlen(name) + 1);
    field->aliases = parse_strings(parse, json_object_get(json, "aliases"), &aliases);
    if (field->aliases == NULL) {
        (void)fail(parse, WEIR_MALFORMED, name, "aliases that are names", "something else");
        return false;
    }
    field->type = parse_node(parse, json_object_get(json, "type"), space_of(parse, record->name));
    const json_t *value = json_object_get(json, "default");
    if (value != NULL) {
        weir__vec_push(&parse->defaults, &(struct pending){field, value});
    }
    return field->type != NULL;
}

static const struct weir__avro_node *parse_record(struct parse *parse, const json_t *json,
                                                  const char *space)
{
    const json_t *fields = json_object_get(json, "fields");
    struct weir__avro_node *node = named_new(parse, json, WEIR__AVRO_RECORD, space);
    if (node == NULL) {
        return NULL;
    }
    if (!json_is_array(fields)) {
        return fail(parse, WEIR_MALFORMED, node->name, "a list of fields", "none");
    }
    size_t count = json_array_size(fields);
    node->fields = keep(parse, NULL, count * sizeof(node->fields[0]));
    for (size_t i = 0; i < count; i++) {
        if (!parse_field(parse, json_array_get(fields, i), node, &node->fields[i])) {
            return NULL;
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(node->fields[i].name, node->fields[j].name) == 0) {
                return fail(parse, WEIR_MALFORMED, node->name, "each field once",
                            node->fields[i].name);
            }
        }
    }
    node->count = count;
    return node;
}

static const struct weir__avro_node *parse_enum(struct parse *parse, const json_t *json,
                                                const char *space)
{
    struct weir__avro_node *node = named_new(parse, json, WEIR__AVRO_ENUM, space);
    if (node == NULL) {
        return NULL;
    }
    node->symbols = parse_strings(parse, json_object_get(json, "symbols"), &node->count);
    return node->symbols != NULL && node->count > 0
               ? node
               : fail(parse, WEIR_MALFORMED, node->name, "a list of symbols", "none");
}

static const struct weir__avro_node *parse_fixed(struct parse *parse, const json_t *json,
                                                 const char *space)
{
    const json_t *size = json_object_get(json, "size");
    struct weir__avro_node *node = named_new(parse, json, WEIR__AVRO_FIXED, space);
    if (node == NULL) {
        return NULL;
    }
    json_int_t bytes = json_integer_value(size);
    if (!json_is_integer(size) || bytes < 0 || bytes > UINT32_MAX) {
        return fail(parse, WEIR_MALFORMED, node->name, "a size in bytes", "none");
    }
    node->size = (size_t)bytes;
    return node;
}

static const struct weir__avro_node *parse_container(struct parse *parse, const json_t *json,
                                                     enum weir__avro_type type, const char *space)
{
    struct weir__avro_node *node = node_new(parse, type);
    node->parts = keep(parse, NULL, sizeof(node->parts[0]));
    node->count = 1;
    node->parts[0] = parse_node(
        parse, json_object_get(json, type == WEIR__AVRO_ARRAY ? "items" : "values"), space);
    return node->parts[0] != NULL ? node : NULL;
}

static const struct weir__avro_node *parse_union(struct parse *parse, const json_t *json,
                                                 const char *space)
{
    struct weir__avro_node *node = node_new(parse, WEIR__AVRO_UNION);
    node->count = json_array_size(json);
    node->parts = keep(parse, NULL, node->count * sizeof(node->parts[0]));
    for (size_t i = 0; i < node->count; i++) {
        node->parts[i] = parse_node(parse, json_array_get(json, i), space);
        if (node->parts[i] == NULL) {
            return NULL;
        }
        if (node->parts[i]->type == WEIR__AVRO_UNION) {
            return fail(parse, WEIR_MALFORMED, NULL, "branches of a union", "a union in a union");
        }
    }
    return node->count > 0 ? node
                           : fail(parse, WEIR_MALFORMED, NULL, "a union of branches", "none");
}

static const struct weir__avro_node *parse_object(struct parse *parse, const json_t *json,
                                                  const char *space)
{
    const json_t *type = json_object_get(json, "type");
    const char *name = json_string_value(type);
    if (name == NULL) { /* {"type": {…}} */
        return parse_node(parse, type, space);
    }
    if (strcmp(name, "record") == 0 || strcmp(name, "error") == 0) {
        return parse_record(parse, json, space);
    }
    if (strcmp(name, "enum") == 0) {
        return parse_enum(parse, json, space);
    }
    if (strcmp(name, "fixed") == 0) {
        return parse_fixed(parse, json, space);
    }
    if (strcmp(name, "array") == 0 || strcmp(name, "map") == 0) {
        return parse_container(parse, json, name[0] == 'a' ? WEIR__AVRO_ARRAY : WEIR__AVRO_MAP,
                               space);
    }
    return parse_name(parse, name, space);
}

static const struct weir__avro_node *parse_node(struct parse *parse, const json_t *json,
                                                const char *space)
{
    const struct weir__avro_node *node = NULL;
    if (++parse->depth > WEIR__MAX_DEPTH) {
        (void)fail(parse, WEIR_LIMIT, NULL, "types nested at most 64 deep", "more");
    } else if (++parse->types > MOST_TYPES) {
        (void)fail(parse, WEIR_LIMIT, NULL, "at most 10000 types", "more");
    } else if (json_is_string(json)) {
        node = parse_name(parse, json_string_value(json), space);
    } else if (json_is_array(json)) {
        node = parse_union(parse, json, space);
    } else if (json_is_object(json)) {
        node = parse_object(parse, json, space);
    } else {
        (void)fail(parse, WEIR_MALFORMED, NULL, "a type", json == NULL ? "none" : "another value");
    }
    parse->depth--;
    return node;
}

/* ---- defaults ---- */

static void write_defaults(struct parse *parse)
{
    int budget = DEFAULT_BUDGET;
    struct weir__buf bytes = {0};
    for (size_t i = 0; i < parse->defaults.count; i++) {
        struct pending *pending = weir__vec_at(&parse->defaults, i);
        bytes.len = 0;
        if (weir__avro_default_write(pending->field->type, pending->json, &bytes, &budget)) {
            pending->field->has_default = true;
            pending->field->default_bytes =
                (struct weir_str){keep(parse, bytes.data, bytes.len), (uint32_t)bytes.len};
        }
    }
    weir__buf_fini(&bytes);
}

/* A schema may be a bare name, which is not a JSON document for jansson unless it is told. */
static json_t *load(struct weir_str text, struct parse *parse)
{
    json_error_t why;
    if (text.len > WEIR__AVRO_SCHEMA_LIMIT) {
        (void)fail(parse, WEIR_LIMIT, NULL, "at most 1 MiB of text", "more");
        return NULL;
    }
    json_t *json = json_loadb(text.data != NULL ? text.data : "", text.len,
                              JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
    if (json == NULL) {
        (void)fail(parse, WEIR_MALFORMED, NULL, "JSON", why.text);
    }
    return json;
}

enum weir_status weir__avro_schema_parse(struct weir_str text, struct weir__avro_schema **schema,
                                         struct weir_error *error)
{
    struct parse parse = {
        .schema = WEIR__NEW(struct weir__avro_schema),
        .named = WEIR__VEC_OF(struct weir__avro_node *),
        .defaults = WEIR__VEC_OF(struct pending),
        .error = error,
    };
    json_t *json = load(text, &parse);
    if (json != NULL) {
        parse.schema->root = parse_node(&parse, json, "");
    }
    if (parse.schema->root != NULL) {
        write_defaults(&parse);
        *schema = parse.schema;
    } else {
        weir__avro_schema_free(parse.schema);
        *schema = NULL;
    }
    json_decref(json);
    weir__vec_fini(&parse.named);
    weir__vec_fini(&parse.defaults);
    return parse.status;
}

void weir__avro_schema_free(struct weir__avro_schema *schema)
{
    if (schema != NULL) {
        weir__arena_fini(&schema->arena);
        weir__free(schema);
    }
}
