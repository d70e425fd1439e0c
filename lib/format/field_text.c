/*
 * Scalars as text (see field_text.h).
 */
#include "format/field_text.h"

#include "base/number.h"

#include <math.h>

bool weir__field_has_text(enum weir_kind kind)
{
    return kind == WEIR_KIND_BOOL || kind == WEIR_KIND_INT64 || kind == WEIR_KIND_DOUBLE ||
           kind == WEIR_KIND_STRING;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Built negative: INT64_MIN has no positive. */
static bool read_int64(struct weir_str text, int64_t *out)
{
    uint32_t at = text.len > 0 && text.data[0] == '-';
    bool negative = at == 1;
    int64_t sum = 0;
    if (at == text.len) {
        return false;
    }
    for (; at < text.len; at++) {
        if (!is_digit(text.data[at]) || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, text.data[at] - '0', &sum)) {
            return false;
        }
    }
    *out = sum;
    return negative || !__builtin_sub_overflow((int64_t)0, sum, out);
}

static uint32_t skip_digits(struct weir_str text, uint32_t at)
{
    while (at < text.len && is_digit(text.data[at])) {
        at++;
    }
    return at;
}

/* [-] digits [. digits] [e [+-] digits] */
static bool is_number(struct weir_str text)
{
    uint32_t from = text.len > 0 && text.data[0] == '-';
    uint32_t at = skip_digits(text, from);
    bool good = at > from;
    if (good && at < text.len && text.data[at] == '.') {
        from = at + 1;
        at = skip_digits(text, from);
        good = at > from;
    }
    if (good && at < text.len && (text.data[at] == 'e' || text.data[at] == 'E')) {
        at++;
        at += at < text.len && (text.data[at] == '+' || text.data[at] == '-');
        from = at;
        at = skip_digits(text, from);
        good = at > from;
    }
    return good && at == text.len;
}

const char *weir__field_from_text(enum weir_kind kind, struct weir_str text, void *out)
{
    switch (kind) {
    case WEIR_KIND_BOOL:
        *(bool *)out = weir_str_equals(text, "true");
        return *(bool *)out || weir_str_equals(text, "false") ? NULL : "true or false";
    case WEIR_KIND_INT64:
        return read_int64(text, out) ? NULL : "an integer of at most 64 bits";
    case WEIR_KIND_DOUBLE:
        return is_number(text) && weir__double_parse(text.data, text.len, out) ? NULL : "a number";
    case WEIR_KIND_STRING:
        *(struct weir_str *)out = text;
        return NULL;
    case WEIR_KIND_STRING_SET:
    case WEIR_KIND_LIST:
    case WEIR_KIND_STRUCT:
        break;
    }
    return "a field that has a text form";
}

static void put_double(double value, struct weir__buf *out)
{
    char text[WEIR__DOUBLE_TEXT];
    if (isfinite(value)) {
        size_t len = weir__double_format(value, text);
        weir__buf_put(out, text, len);
    }
}

void weir__field_put_text(enum weir_kind kind, const void *at, struct weir__buf *out)
{
    switch (kind) {
    case WEIR_KIND_BOOL:
        weir__buf_put(out, *(const bool *)at ? "true" : "false", *(const bool *)at ? 4 : 5);
        break;
    case WEIR_KIND_INT64:
        weir__buf_put_decimal(out, *(const int64_t *)at);
        break;
    case WEIR_KIND_DOUBLE:
        put_double(*(const double *)at, out);
        break;
    case WEIR_KIND_STRING:
        weir__buf_put(out, ((const struct weir_str *)at)->data, ((const struct weir_str *)at)->len);
        break;
    case WEIR_KIND_STRING_SET:
    case WEIR_KIND_LIST:
    case WEIR_KIND_STRUCT:
        break;
    }
}
