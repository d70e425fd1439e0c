/* JSON values as text. */
#include "lab/json_text.h"

#include "base/escape.h"
#include "types/json_print.h"

static struct weir_str string_of(const json_t *value)
{
    return (struct weir_str){json_string_value(value), (uint32_t)json_string_length(value)};
}

static void put_array(struct weir__buf *out, const json_t *array)
{
    weir__buf_put_u8(out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0) {
            weir__buf_put_u8(out, ',');
        }
        lab_put_json(out, json_array_get(array, i));
    }
    weir__buf_put_u8(out, ']');
}

static void put_object(struct weir__buf *out, const json_t *object)
{
    const char *separator = "{";
    json_t *members = (json_t *)object; /* jansson's iterators are not const, and change nothing */
    for (void *at = json_object_iter(members); at != NULL;
         at = json_object_iter_next(members, at)) {
        weir__buf_put(out, separator, 1);
        weir__buf_put_json_string(out, weir_str_from(json_object_iter_key(at)));
        weir__buf_put_u8(out, ':');
        lab_put_json(out, json_object_iter_value(at));
        separator = ",";
    }
    weir__buf_put(out, json_object_size(object) == 0 ? "{}" : "}",
                  json_object_size(object) == 0 ? 2 : 1);
}

/* The parser bounds the depth (2048), so the recursion is bounded. */
void lab_put_json(struct weir__buf *out, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(out, value);
        break;
    case JSON_ARRAY:
        put_array(out, value);
        break;
    case JSON_STRING:
        weir__buf_put_json_string(out, string_of(value));
        break;
    case JSON_INTEGER:
        weir__buf_printf(out, "%lld", (long long)json_integer_value(value));
        break;
    case JSON_REAL:
        weir__json_print_double(json_real_value(value), out);
        break;
    case JSON_TRUE:
        weir__buf_put(out, "true", 4);
        break;
    case JSON_FALSE:
        weir__buf_put(out, "false", 5);
        break;
    case JSON_NULL:
        weir__buf_put(out, "null", 4);
        break;
    }
}

/* Begins as a number or as quoted JSON does. */
static bool looks_encoded(struct weir_str text)
{
    return text.len > 0 && (text.data[0] == '"' || text.data[0] == '-' ||
                            (text.data[0] >= '0' && text.data[0] <= '9'));
}

bool lab_put_key(struct weir__buf *out, const json_t *key)
{
    if (json_is_number(key)) {
        lab_put_json(out, key);
        return true;
    }
    if (!json_is_string(key)) {
        return false;
    }
    struct weir_str text = string_of(key);
    if (looks_encoded(text)) {
        weir__buf_put_json_string(out, text);
    } else {
        weir__buf_put(out, text.data, text.len);
    }
    return true;
}

void lab_put_key_json(struct weir__buf *out, struct weir_str key)
{
    if (looks_encoded(key)) {
        weir__buf_put(out, key.data, key.len);
    } else {
        weir__buf_put_json_string(out, key.data != NULL ? key : WEIR_STR(""));
    }
}
