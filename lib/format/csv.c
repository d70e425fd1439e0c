/*
 * The CSV format (RFC 4180): a message is one record, its fields in the order of the type's.
 *
 *     plain,"with, comma","with ""quotes""",,""        ⇒  plain | with, comma | with "quotes" | null | (empty)
 *
 * A field in quotes may hold anything, line breaks too where the source's messages can. Without
 * quotes, nothing is null where the field is nullable. A quote inside an unquoted field, or text
 * behind a closing quote, is refused: what it means is anybody's guess.
 */
#include <weir/format.h>

#include "base/arena.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "format/field_text.h"

#include <stdio.h>

struct decoder {
    const struct weir_type *type;
    struct weir__arena arena; /* fields with doubled quotes, until the next message */
};

struct encoder {
    const struct weir_type *type;
    struct weir__buf text;
};

/* A field as it stands in the message. */
struct raw {
    struct weir_str text; /* between the quotes, when there are */
    bool quoted;
    bool doubled; /* has doubled quotes in it */
};

static enum weir_status refuse(struct weir_error *error, enum weir_status status, size_t offset,
                               const struct weir_field *field, const char *expected,
                               struct weir_str got)
{
    char where[48];
    char shown[80];
    got.len = got.len < 32 ? got.len : 32;
    weir__printable(got, shown, sizeof(shown));
    snprintf(where, sizeof(where), "column %zu", offset + 1);
    if (field == NULL) {
        return weir_error_set(error, status, where, "expected %s, got %s", expected, shown);
    }
    return weir_error_set(error, status, where, "field \"%s\": expected %s, got %s",
                          field->wire_name, expected, shown);
}

/* Reads one field from `at`; returns the position of the comma or the end behind it, NULL when it
 * is malformed. */
static const char *read_raw(const char *at, const char *end, struct raw *raw)
{
    const char *from = at;
    *raw = (struct raw){.quoted = at < end && *at == '"'};
    if (!raw->quoted) {
        while (at < end && *at != ',' && *at != '"') {
            at++;
        }
        raw->text = (struct weir_str){from, (uint32_t)(at - from)};
        return at == end || *at == ',' ? at : NULL;
    }
    for (at++; at < end; at++) {
        if (*at == '"' && at + 1 < end && at[1] == '"') {
            raw->doubled = true;
            at++;
        } else if (*at == '"') {
            raw->text = (struct weir_str){from + 1, (uint32_t)(at - from - 1)};
            at++;
            return at == end || *at == ',' ? at : NULL;
        }
    }
    return NULL;
}

static struct weir_str undouble(struct decoder *decoder, struct weir_str text)
{
    char *out = weir__arena_alloc(&decoder->arena, text.len);
    uint32_t len = 0;
    for (uint32_t i = 0; i < text.len; i++) {
        out[len++] = text.data[i];
        i += text.data[i] == '"';
    }
    return (struct weir_str){out, len};
}

/* Returns NULL, or what was expected. */
static const char *store(struct decoder *decoder, const struct weir_field *field,
                         const struct raw *raw, void *value)
{
    void *out = (char *)value + field->offset;
    if (!raw->quoted && raw->text.len == 0 && field->nullable) {
        return NULL; /* null, as the struct is */
    }
    struct weir_str text = raw->doubled ? undouble(decoder, raw->text) : raw->text;
    return weir__field_from_text(field->kind, text, out);
}

static enum weir_status read_fields(struct decoder *decoder, const char *bytes, const char *end,
                                    void *value, struct weir_error *error)
{
    const char *at = bytes;
    for (size_t i = 0; i < decoder->type->field_count; i++) {
        const struct weir_field *field = &decoder->type->fields[i];
        struct raw raw;
        if (i > 0 && at == end) {
            return refuse(error, WEIR_MISMATCH, (size_t)(at - bytes), field, "a value",
                          WEIR_STR("the end of the record"));
        }
        at += i > 0; /* the comma */
        const char *behind = read_raw(at, end, &raw);
        if (behind == NULL) {
            return refuse(error, WEIR_MALFORMED, (size_t)(at - bytes), field,
                          "text, or text in quotes with each quote in it doubled",
                          (struct weir_str){at, (uint32_t)(end - at)});
        }
        const char *expected = store(decoder, field, &raw, value);
        if (expected != NULL) {
            return refuse(error, WEIR_MISMATCH, (size_t)(at - bytes), field, expected, raw.text);
        }
        at = behind;
    }
    if (at < end) {
        return refuse(error, WEIR_MISMATCH, (size_t)(at - bytes), NULL, "the end of the record",
                      (struct weir_str){at, (uint32_t)(end - at)});
    }
    return WEIR_OK;
}

static void *decoder_new(const struct weir_format *format)
{
    struct decoder *decoder = WEIR__NEW(struct decoder);
    decoder->type = format->type;
    return decoder;
}

static enum weir_status decode(void *instance, const char *bytes, size_t len, void *value,
                               struct weir_error *error)
{
    struct decoder *decoder = instance;
    enum weir_status status;
    weir__arena_reset(&decoder->arena);
    weir_value_init(decoder->type, value);
    if (len > UINT32_MAX) {
        return refuse(error, WEIR_LIMIT, 0, NULL, "a record", WEIR_STR("more than 4 GiB"));
    }
    size_t valid = weir__utf8_check(bytes, len);
    const char *nul = len > 0 ? memchr(bytes, '\0', len) : NULL;
    if (valid < len || nul != NULL) {
        size_t offset = valid < len ? valid : (size_t)(nul - bytes);
        return refuse(error, WEIR_MALFORMED, offset, NULL, "UTF-8 text",
                      (struct weir_str){bytes + offset, 1});
    }
    bytes = len > 0 ? bytes : "";
    status = read_fields(decoder, bytes, bytes + len, value, error);
    if (status != WEIR_OK) {
        weir_value_init(decoder->type, value);
    }
    return status;
}

static void decoder_free(void *instance)
{
    struct decoder *decoder = instance;
    weir__arena_fini(&decoder->arena);
    weir__free(decoder);
}

static void *encoder_new(const struct weir_format *format)
{
    struct encoder *encoder = WEIR__NEW(struct encoder);
    encoder->type = format->type;
    return encoder;
}

static void put_string(struct weir__buf *out, struct weir_str text, bool nullable)
{
    bool quote = nullable && text.len == 0; /* or it would be read as null */
    if (text.data == NULL) {
        return;
    }
    for (uint32_t i = 0; i < text.len && !quote; i++) {
        quote = memchr(",\"\r\n", text.data[i], 4) != NULL;
    }
    if (!quote) {
        weir__buf_put(out, text.data, text.len);
        return;
    }
    weir__buf_put_u8(out, '"');
    for (uint32_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"') {
            weir__buf_put_u8(out, '"');
        }
        weir__buf_put_u8(out, (uint8_t)text.data[i]);
    }
    weir__buf_put_u8(out, '"');
}

static struct weir_str encode(void *instance, const void *value)
{
    struct encoder *encoder = instance;
    encoder->text.len = 0;
    weir__buf_reserve(&encoder->text, 1);
    for (size_t i = 0; i < encoder->type->field_count; i++) {
        const struct weir_field *field = &encoder->type->fields[i];
        const void *at = (const char *)value + field->offset;
        if (i > 0) {
            weir__buf_put_u8(&encoder->text, ',');
        }
        if (field->kind == WEIR_KIND_STRING) {
            put_string(&encoder->text, *(const struct weir_str *)at, field->nullable);
        } else {
            weir__field_put_text(field->kind, at, &encoder->text);
        }
    }
    return (struct weir_str){encoder->text.data, (uint32_t)encoder->text.len};
}

static void encoder_free(void *instance)
{
    struct encoder *encoder = instance;
    weir__buf_fini(&encoder->text);
    weir__free(encoder);
}

static enum weir_status check(const struct weir_format *format, struct weir_error *error)
{
    const struct weir_type *type = format->type;
    if (type->kind != WEIR_KIND_STRUCT) {
        return weir_error_set(error, WEIR_UNSUPPORTED, type->name, "CSV needs a struct type");
    }
    for (size_t i = 0; i < type->field_count; i++) {
        if (!weir__field_has_text(type->fields[i].kind)) {
            return weir_error_set(error, WEIR_UNSUPPORTED, type->name,
                                  "field \"%s\": CSV has no lists, sets and structs; take JSON",
                                  type->fields[i].wire_name);
        }
    }
    return WEIR_OK;
}

static const struct weir_format_ops csv_ops = {
    .name = "csv",
    .decoder_new = decoder_new,
    .decode = decode,
    .decoder_free = decoder_free,
    .encoder_new = encoder_new,
    .encode = encode,
    .encoder_free = encoder_free,
    .check = check,
};

struct weir_format weir_csv(const struct weir_type *type)
{
    return (struct weir_format){.ops = &csv_ops, .type = type};
}
