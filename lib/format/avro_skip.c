/*
 * The parts of Avro's encoding that need no plan (see avro_scan.h).
 */
#include "format/avro_scan.h"

#include <stdarg.h>
#include <stdio.h>

const char *weir__avro_fail(struct weir__avro_scan *scan, enum weir_status status, const char *at,
                            const char *format, ...)
{
    char where[64];
    char message[320];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    snprintf(where, sizeof(where), "byte %zu", (size_t)(at - scan->begin) + 1);
    scan->status = status;
    if (scan->field != NULL) {
        weir_error_set(scan->error, status, where, "field \"%s\": %s", scan->field->wire_name,
                       message);
    } else {
        weir_error_set(scan->error, status, where, "%s", message);
    }
    return NULL;
}

static const char *fail_short(struct weir__avro_scan *scan, const char *at, const char *expected)
{
    return weir__avro_fail(scan, WEIR_MALFORMED, at, "expected %s, got the end of the message",
                           expected);
}

const char *weir__avro_any_long(struct weir__avro_scan *scan, const char *at, int64_t *out)
{
    uint64_t bits = 0;
    const char *from = at;
    for (int shift = 0; shift < 64; shift += 7) {
        if (at == scan->end) {
            return fail_short(scan, from, "an integer");
        }
        uint8_t byte = (uint8_t)*at++;
        if (shift == 63 && byte > 1) {
            break;
        }
        bits |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *out = (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
            return at;
        }
    }
    return weir__avro_fail(scan, WEIR_MALFORMED, from,
                           "expected an integer of at most 64 bits, got a longer one");
}

const char *weir__avro_length(struct weir__avro_scan *scan, const char *at, size_t *len)
{
    int64_t length = 0;
    const char *behind = weir__avro_scan_long(scan, at, &length);
    if (behind != NULL && (length < 0 || length > scan->end - behind)) {
        return weir__avro_fail(
            scan, WEIR_MALFORMED, at,
            "expected a length of at most the %lld bytes that are left, got %lld",
            (long long)(scan->end - behind), (long long)length);
    }
    *len = (size_t)length;
    return behind;
}

const char *weir__avro_block(struct weir__avro_scan *scan, const char *at, size_t *count)
{
    int64_t items = 0;
    int64_t bytes = 0;
    const char *behind = weir__avro_scan_long(scan, at, &items);
    if (behind != NULL && items < 0) {
        items = items == INT64_MIN ? INT64_MAX : -items;
        behind = weir__avro_scan_long(scan, behind, &bytes); /* said for those who skip */
    }
    /* An item has a byte at least, but for null and empty records, which nobody lists. */
    if (behind != NULL && items > scan->end - behind) {
        return weir__avro_fail(scan, WEIR_MALFORMED, at,
                               "expected at most as many items as the %lld bytes that are left, "
                               "got %lld",
                               (long long)(scan->end - behind), (long long)items);
    }
    *count = (size_t)items;
    return behind;
}

const char *weir__avro_index(struct weir__avro_scan *scan, const char *at, size_t count,
                             size_t *index)
{
    int64_t value = 0;
    const char *behind = weir__avro_scan_long(scan, at, &value);
    if (behind != NULL && (value < 0 || (uint64_t)value >= count)) {
        return weir__avro_fail(scan, WEIR_MALFORMED, at,
                               "expected an index of 0 to %zu, as the schema has, got %lld",
                               count - 1, (long long)value);
    }
    *index = (size_t)value;
    return behind;
}

bool weir__avro_enter(struct weir__avro_scan *scan, const char *at)
{
    if (scan->depth == WEIR__MAX_DEPTH) {
        (void)weir__avro_fail(scan, WEIR_LIMIT, at, "expected at most %d levels, got more",
                              WEIR__MAX_DEPTH);
        return false;
    }
    scan->depth++;
    return true;
}

static const char *skip_bytes(struct weir__avro_scan *scan, const char *at, size_t len)
{
    if ((size_t)(scan->end - at) < len) {
        return fail_short(scan, at, "a value");
    }
    return at + len;
}

static const char *skip_string(struct weir__avro_scan *scan, const char *at)
{
    size_t len = 0;
    at = weir__avro_length(scan, at, &len);
    return at != NULL ? at + len : NULL;
}

static const char *skip_items(struct weir__avro_scan *scan, const char *at,
                              const struct weir__avro_node *node)
{
    size_t left = 0;
    while ((at = weir__avro_block(scan, at, &left)) != NULL && left > 0) {
        for (; at != NULL && left > 0; left--) {
            at = node->type == WEIR__AVRO_MAP ? skip_string(scan, at) : at;
            at = at != NULL ? weir__avro_skip(scan, at, node->parts[0]) : NULL;
        }
        if (at == NULL) {
            return NULL;
        }
    }
    return at;
}

static const char *skip_branch(struct weir__avro_scan *scan, const char *at,
                               const struct weir__avro_node *node)
{
    size_t branch = 0;
    at = weir__avro_index(scan, at, node->count, &branch);
    return at != NULL ? weir__avro_skip(scan, at, node->parts[branch]) : NULL;
}

static const char *skip_nested(struct weir__avro_scan *scan, const char *at,
                               const struct weir__avro_node *node)
{
    if (!weir__avro_enter(scan, at)) {
        return NULL;
    }
    if (node->type == WEIR__AVRO_RECORD) {
        for (size_t i = 0; at != NULL && i < node->count; i++) {
            at = weir__avro_skip(scan, at, node->fields[i].type);
        }
    } else {
        at = skip_items(scan, at, node);
    }
    scan->depth--;
    return at;
}

const char *weir__avro_skip(struct weir__avro_scan *scan, const char *at,
                            const struct weir__avro_node *node)
{
    int64_t ignored = 0;
    size_t index = 0;
    switch (node->type) {
    case WEIR__AVRO_NULL:
        return at;
    case WEIR__AVRO_BOOLEAN:
        return skip_bytes(scan, at, 1);
    case WEIR__AVRO_INT:
    case WEIR__AVRO_LONG:
        return weir__avro_scan_long(scan, at, &ignored);
    case WEIR__AVRO_FLOAT:
        return skip_bytes(scan, at, sizeof(float));
    case WEIR__AVRO_DOUBLE:
        return skip_bytes(scan, at, sizeof(double));
    case WEIR__AVRO_BYTES:
    case WEIR__AVRO_STRING:
        return skip_string(scan, at);
    case WEIR__AVRO_ENUM:
        return weir__avro_index(scan, at, node->count, &index);
    case WEIR__AVRO_FIXED:
        return skip_bytes(scan, at, node->size);
    case WEIR__AVRO_RECORD:
    case WEIR__AVRO_ARRAY:
    case WEIR__AVRO_MAP:
        return skip_nested(scan, at, node);
    case WEIR__AVRO_UNION:
        return skip_branch(scan, at, node);
    case WEIR__AVRO_TYPES:
        break;
    }
    return NULL;
}
