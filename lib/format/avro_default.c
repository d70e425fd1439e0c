/*
 * Defaults (see avro_default.h). A union's default may be of any of its branches: the first that
 * takes it; bytes and fixed are written as text in which a character is a byte.
 */
#include "format/avro_default.h"

#include "base/utf8.h"

#include <math.h>

static bool put_integer(const json_t *json, int64_t min, int64_t max, struct weir__buf *out)
{
    json_int_t value = json_integer_value(json);
    if (!json_is_integer(json) || value < min || value > max) {
        return false;
    }
    weir__avro_put_long(out, value);
    return true;
}

static bool put_float(const json_t *json, bool is_double, struct weir__buf *out)
{
    double value = json_number_value(json);
    float narrow = (float)value;
    if (!json_is_number(json) || (!is_double && !isfinite(narrow))) {
        return false;
    }
    weir__buf_put(out, is_double ? (void *)&value : (void *)&narrow, is_double ? 8 : 4);
    return true;
}

static bool put_string(const json_t *json, struct weir__buf *out)
{
    if (!json_is_string(json)) {
        return false;
    }
    weir__avro_put_long(out, (int64_t)json_string_length(json));
    weir__buf_put(out, json_string_value(json), json_string_length(json));
    return true;
}

/* "\u00ff" is the byte 255. */
static bool put_bytes(const json_t *json, const struct weir__avro_node *node, struct weir__buf *out)
{
    struct weir__buf bytes = {0};
    size_t len = json_string_length(json);
    const char *text = json_string_value(json);
    bool good = json_is_string(json);
    for (size_t at = 0; good && at < len;) {
        uint32_t code_point = 0;
        at += (size_t)weir__utf8_decode(text + at, len - at, &code_point); /* jansson checked it */
        good = code_point <= 0xff;
        weir__buf_put_u8(&bytes, (uint8_t)code_point);
    }
    if (node->type == WEIR__AVRO_FIXED) {
        good = good && bytes.len == node->size;
    } else if (good) {
        weir__avro_put_long(out, (int64_t)bytes.len);
    }
    weir__buf_put(out, bytes.data, good ? bytes.len : 0);
    weir__buf_fini(&bytes);
    return good;
}

static bool put_enum(const json_t *json, const struct weir__avro_node *node, struct weir__buf *out)
{
    for (size_t i = 0; json_is_string(json) && i < node->count; i++) {
        if (strcmp(json_string_value(json), node->symbols[i]) == 0) {
            weir__avro_put_long(out, (int64_t)i);
            return true;
        }
    }
    return false;
}

static bool put_items(const json_t *json, const struct weir__avro_node *node, struct weir__buf *out,
                      int *budget)
{
    size_t count = json_is_array(json) ? json_array_size(json) : json_object_size(json);
    bool good = node->type == WEIR__AVRO_ARRAY ? json_is_array(json) : json_is_object(json);
    if (good && count > 0) {
        weir__avro_put_long(out, (int64_t)count);
    }
    if (good && node->type == WEIR__AVRO_ARRAY) {
        for (size_t i = 0; good && i < count; i++) {
            good = weir__avro_default_write(node->parts[0], json_array_get(json, i), out, budget);
        }
    } else if (good) {
        const char *key;
        json_t *member;
        json_object_foreach((json_t *)json, key, member)
        {
            weir__avro_put_long(out, (int64_t)strlen(key));
            weir__buf_put(out, key, strlen(key));
            good = good && weir__avro_default_write(node->parts[0], member, out, budget);
        }
    }
    weir__avro_put_long(out, 0);
    return good;
}

static bool put_record(const json_t *json, const struct weir__avro_node *node,
                       struct weir__buf *out, int *budget)
{
    bool good = json_is_object(json);
    for (size_t i = 0; good && i < node->count; i++) {
        const json_t *member = json_object_get(json, node->fields[i].name);
        good =
            member != NULL && weir__avro_default_write(node->fields[i].type, member, out, budget);
    }
    return good;
}

static bool put_branch(const json_t *json, const struct weir__avro_node *node,
                       struct weir__buf *out, int *budget)
{
    size_t begin = out->len;
    for (size_t i = 0; i < node->count; i++) {
        weir__avro_put_long(out, (int64_t)i);
        if (weir__avro_default_write(node->parts[i], json, out, budget)) {
            return true;
        }
        out->len = begin;
    }
    return false;
}

bool weir__avro_default_write(const struct weir__avro_node *node, const json_t *json,
                              struct weir__buf *out, int *budget)
{
    if (--*budget < 0) {
        return false;
    }
    switch (node->type) {
    case WEIR__AVRO_NULL:
        return json_is_null(json);
    case WEIR__AVRO_BOOLEAN:
        weir__buf_put_u8(out, json_is_true(json));
        return json_is_boolean(json);
    case WEIR__AVRO_INT:
        return put_integer(json, INT32_MIN, INT32_MAX, out);
    case WEIR__AVRO_LONG:
        return put_integer(json, INT64_MIN, INT64_MAX, out);
    case WEIR__AVRO_FLOAT:
    case WEIR__AVRO_DOUBLE:
        return put_float(json, node->type == WEIR__AVRO_DOUBLE, out);
    case WEIR__AVRO_STRING:
        return put_string(json, out);
    case WEIR__AVRO_BYTES:
    case WEIR__AVRO_FIXED:
        return put_bytes(json, node, out);
    case WEIR__AVRO_ENUM:
        return put_enum(json, node, out);
    case WEIR__AVRO_ARRAY:
    case WEIR__AVRO_MAP:
        return put_items(json, node, out, budget);
    case WEIR__AVRO_RECORD:
        return put_record(json, node, out, budget);
    case WEIR__AVRO_UNION:
        return put_branch(json, node, out, budget);
    case WEIR__AVRO_TYPES:
        break;
    }
    return false;
}
