/*
 * Printing values as JSON.
 */
#include "types/json_print.h"

#include "base/escape.h"
#include "base/number.h"

#include <assert.h>
#include <math.h>

void weir__json_print_double(double value, struct weir__buf *out)
{
    if (!isfinite(value)) {
        weir__buf_put(out, "null", 4);
        return;
    }
    char text[WEIR__DOUBLE_TEXT];
    size_t length = weir__double_format(value, text);
    weir__buf_put(out, text, length);
}

static void print_set(const struct weir_string_set *set, struct weir__buf *out)
{
    weir__buf_put_u8(out, '[');
    for (uint32_t i = 0; i < weir_string_set_size(set); i++) {
        if (i > 0) {
            weir__buf_put_u8(out, ',');
        }
        weir__buf_put_json_string(out, weir_string_set_at(set, i, NULL));
    }
    weir__buf_put_u8(out, ']');
}

static void print_list(const struct weir_type *element, const struct weir_list *list,
                       struct weir__buf *out)
{
    weir__buf_put_u8(out, '[');
    for (uint32_t i = 0; i < list->count; i++) {
        if (i > 0) {
            weir__buf_put_u8(out, ',');
        }
        weir__json_print(weir__slot_of_type(element), weir_list_at(list, element, i), out);
    }
    weir__buf_put_u8(out, ']');
}

static void print_struct(const struct weir_type *type, const void *at, struct weir__buf *out)
{
    weir__buf_put_u8(out, '{');
    for (size_t i = 0; i < type->field_count; i++) {
        const struct weir_field *field = &type->fields[i];
        if (i > 0) {
            weir__buf_put_u8(out, ',');
        }
        weir__buf_put_json_string(out, weir_str_from(field->wire_name));
        weir__buf_put_u8(out, ':');
        weir__json_print(weir__slot_of_field(field), (const char *)at + field->offset, out);
    }
    weir__buf_put_u8(out, '}');
}

void weir__json_print(struct weir__slot slot, const void *at, struct weir__buf *out)
{
    switch (slot.kind) {
    case WEIR_KIND_BOOL:
        weir__buf_put(out, *(const bool *)at ? "true" : "false", *(const bool *)at ? 4 : 5);
        break;
    case WEIR_KIND_INT64:
        weir__buf_put_decimal(out, *(const int64_t *)at);
        break;
    case WEIR_KIND_DOUBLE:
        weir__json_print_double(*(const double *)at, out);
        break;
    case WEIR_KIND_STRING:
        weir__buf_put_json_string(out, *(const struct weir_str *)at);
        break;
    case WEIR_KIND_STRING_SET:
        print_set(at, out);
        break;
    case WEIR_KIND_LIST:
        print_list(slot.type, at, out);
        break;
    case WEIR_KIND_STRUCT:
        print_struct(slot.type, at, out);
        break;
    }
}

size_t weir_value_to_json(const struct weir_type *type, const void *value, char *text, size_t size)
{
    struct weir__buf out = {0};
    weir__json_print(weir__slot_of_type(type), value, &out);
    size_t len = out.len;
    assert(len > 0); /* even nothing prints as null */
    if (size > 0) {
        size_t shown = len < size ? len : size - 1;
        /* Cut between characters: half a one is not safe to print. */
        while (shown < len && shown > 0 && ((unsigned char)out.data[shown] & 0xc0) == 0x80) {
            shown--;
        }
        memcpy(text, out.data, shown);
        text[shown] = '\0';
    }
    weir__buf_fini(&out);
    return len;
}
