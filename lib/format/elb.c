/*
 * The access-log format: a message is a line (see elb_line.h), and a type's fields get the parts
 * whose names they have.
 */
#include <weir/format.h>

#include "base/escape.h"
#include "base/iso_time.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "format/elb_line.h"
#include "format/field_text.h"

#include <math.h>
#include <stdio.h>

struct decoder {
    const struct weir_type *type;
    int *parts; /* of each field; WEIR__ELB_PARTS: none */
};

struct encoder {
    const struct weir_type *type;
    const struct weir_field *fields[WEIR__ELB_PARTS]; /* NULL: the type has none */
    struct weir__buf text;
};

static enum weir__elb_part part_of(const struct weir_field *field)
{
    int part = 0;
    while (part < WEIR__ELB_PARTS && strcmp(weir__elb_names[part], field->wire_name) != 0) {
        part++;
    }
    return (enum weir__elb_part)part;
}

static enum weir_status check(const struct weir_format *format, struct weir_error *error)
{
    const struct weir_type *type = format->type;
    if (type->kind != WEIR_KIND_STRUCT) {
        return weir_error_set(error, WEIR_UNSUPPORTED, type->name,
                              "the access log needs a struct type");
    }
    for (size_t i = 0; i < type->field_count; i++) {
        const struct weir_field *field = &type->fields[i];
        if (!weir__field_has_text(field->kind) ||
            (part_of(field) == WEIR__ELB_PARTS && !field->nullable)) {
            return weir_error_set(error, WEIR_MISMATCH, type->name,
                                  "field \"%s\": the access log has no such value (as elb_request "
                                  "in <clickstream/elb_request.h>, it has clientIp, url, …)",
                                  field->wire_name);
        }
    }
    return WEIR_OK;
}

/* ---- decoding ---- */

static enum weir_status refuse(struct weir_error *error, enum weir_status status, size_t offset,
                               const struct weir_field *field, const char *expected,
                               struct weir_str got)
{
    char where[48];
    char shown[80];
    bool cut = got.len > 32;
    got.len = cut ? 32 : got.len;
    weir__printable(got, shown, sizeof(shown));
    snprintf(where, sizeof(where), "column %zu", offset + 1);
    return weir_error_set(error, status, where, "%s%s%sexpected %s, got %s%s",
                          field != NULL ? "field \"" : "", field != NULL ? field->wire_name : "",
                          field != NULL ? "\": " : "", expected,
                          got.len > 0 ? shown : "the end of the line", cut ? "…" : "");
}

static void *decoder_new(const struct weir_format *format)
{
    struct decoder *decoder = WEIR__NEW(struct decoder);
    decoder->type = format->type;
    decoder->parts = weir__calloc(format->type->field_count, sizeof(decoder->parts[0]));
    for (size_t i = 0; i < format->type->field_count; i++) {
        decoder->parts[i] = (int)part_of(&format->type->fields[i]);
    }
    return decoder;
}

/* Returns NULL, or what was expected. */
static const char *store(const struct weir_field *field, int part,
                         const struct weir__elb_line *line, void *out)
{
    if (part == WEIR__ELB_PARTS) {
        return NULL;
    }
    if (field->kind == WEIR_KIND_INT64 &&
        (part == WEIR__ELB_TIMESTAMP || part == WEIR__ELB_MICROSECONDS)) {
        int64_t us = line->time_us;
        *(int64_t *)out =
            part == WEIR__ELB_MICROSECONDS ? us : (us - (us % 1000 + 1000) % 1000) / 1000;
        return NULL;
    }
    struct weir_str text = line->part[part];
    if (text.data == NULL) {
        return field->nullable ? NULL : "a value";
    }
    return weir__field_from_text(field->kind, text, out);
}

static enum weir_status read_line(struct decoder *decoder, struct weir_str text, void *value,
                                  struct weir_error *error)
{
    struct weir__elb_line line;
    size_t offset = 0;
    const char *expected = weir__elb_line_cut(text, &line, &offset);
    if (expected != NULL) {
        return refuse(error, WEIR_MALFORMED, offset, NULL, expected,
                      (struct weir_str){text.data + offset, text.len - (uint32_t)offset});
    }
    for (size_t i = 0; i < decoder->type->field_count; i++) {
        const struct weir_field *field = &decoder->type->fields[i];
        expected = store(field, decoder->parts[i], &line, (char *)value + field->offset);
        if (expected != NULL) {
            struct weir_str got = line.part[decoder->parts[i]];
            offset = got.data != NULL ? (size_t)(got.data - text.data) : 0;
            return refuse(error, WEIR_MISMATCH, offset, field, expected,
                          got.data != NULL ? got : WEIR_STR("-"));
        }
    }
    return WEIR_OK;
}

static enum weir_status decode(void *instance, const char *bytes, size_t len, void *value,
                               struct weir_error *error)
{
    struct decoder *decoder = instance;
    weir_value_init(decoder->type, value);
    if (len > UINT32_MAX) {
        return refuse(error, WEIR_LIMIT, 0, NULL, "a line", WEIR_STR("more than 4 GiB"));
    }
    size_t valid = weir__utf8_check(bytes, len);
    const char *nul = len > 0 ? memchr(bytes, '\0', len) : NULL;
    if (valid < len || nul != NULL) {
        size_t offset = valid < len ? valid : (size_t)(nul - bytes);
        return refuse(error, WEIR_MALFORMED, offset, NULL, "UTF-8 text",
                      (struct weir_str){bytes + offset, 1});
    }
    struct weir_str text = {len > 0 ? bytes : "", (uint32_t)len};
    enum weir_status status = read_line(decoder, text, value, error);
    if (status != WEIR_OK) {
        weir_value_init(decoder->type, value);
    }
    return status;
}

static void decoder_free(void *instance)
{
    struct decoder *decoder = instance;
    weir__free(decoder->parts);
    weir__free(decoder);
}

/* ---- encoding ---- */

static void *encoder_new(const struct weir_format *format)
{
    struct encoder *encoder = WEIR__NEW(struct encoder);
    encoder->type = format->type;
    for (size_t i = 0; i < format->type->field_count; i++) {
        enum weir__elb_part part = part_of(&format->type->fields[i]);
        if (part != WEIR__ELB_PARTS) {
            encoder->fields[part] = &format->type->fields[i];
        }
    }
    return encoder;
}

static void put_text(struct encoder *encoder, const char *text)
{
    weir__buf_put(&encoder->text, text, strlen(text));
}

static void put_time(struct encoder *encoder, const void *value)
{
    const struct weir_field *micros = encoder->fields[WEIR__ELB_MICROSECONDS];
    const struct weir_field *millis = encoder->fields[WEIR__ELB_TIMESTAMP];
    char text[WEIR__ISO_TIME_TEXT];
    int64_t us = 0;
    if (micros != NULL && micros->kind == WEIR_KIND_INT64) {
        us = *(const int64_t *)((const char *)value + micros->offset);
    } else if (millis != NULL && millis->kind == WEIR_KIND_INT64) {
        us = *(const int64_t *)((const char *)value + millis->offset) * 1000;
    }
    (void)weir__iso_time_format_us(us, text);
    put_text(encoder, text);
}

/* What follows the time, in the order of the line. */
static const struct layout {
    const char *before;
    enum weir__elb_part part;
} layout[] = {
    {" ", WEIR__ELB_ELB},          {" ", WEIR__ELB_CLIENT_IP},
    {":", WEIR__ELB_CLIENT_PORT},  {" ", WEIR__ELB_BACKEND_IP},
    {":", WEIR__ELB_BACKEND_PORT}, {" ", WEIR__ELB_REQUEST_TIME},
    {" ", WEIR__ELB_BACKEND_TIME}, {" ", WEIR__ELB_RESPONSE_TIME},
    {" ", WEIR__ELB_ELB_STATUS},   {" ", WEIR__ELB_BACKEND_STATUS},
    {" ", WEIR__ELB_RECEIVED},     {" ", WEIR__ELB_SENT},
    {" \"", WEIR__ELB_METHOD},     {" ", WEIR__ELB_URL},
    {" ", WEIR__ELB_PROTOCOL},     {"\" \"", WEIR__ELB_USER_AGENT},
    {"\" ", WEIR__ELB_CIPHER},     {" ", WEIR__ELB_TLS},
};

static bool is_absent(const struct encoder *encoder, enum weir__elb_part part, const void *value)
{
    const struct weir_field *field = encoder->fields[part];
    return field == NULL ||
           (field->kind == WEIR_KIND_STRING &&
            weir_str_is_null(*(const struct weir_str *)((const char *)value + field->offset)));
}

static void put_part(struct encoder *encoder, enum weir__elb_part part, const void *value)
{
    const struct weir_field *field = encoder->fields[part];
    if (is_absent(encoder, part, value)) {
        put_text(encoder, "-");
        return;
    }
    const void *at = (const char *)value + field->offset;
    if (field->kind == WEIR_KIND_DOUBLE &&
        isfinite(*(const double *)at)) { /* microseconds, or -1 */
        char text[352];
        int len = snprintf(text, sizeof(text), "%.6f", *(const double *)at);
        while (len > 0 && text[len - 1] == '0') {
            len--;
        }
        len -= len > 0 && text[len - 1] == '.';
        weir__buf_put(&encoder->text, text, (size_t)len);
    } else {
        weir__field_put_text(field->kind, at, &encoder->text);
    }
}

static struct weir_str encode(void *instance, const void *value)
{
    struct encoder *encoder = instance;
    bool no_backend = is_absent(encoder, WEIR__ELB_BACKEND_IP, value);
    encoder->text.len = 0;
    put_time(encoder, value);
    for (size_t i = 0; i < sizeof(layout) / sizeof(layout[0]); i++) {
        if (layout[i].part != WEIR__ELB_BACKEND_PORT || !no_backend) {
            put_text(encoder, layout[i].before);
            put_part(encoder, layout[i].part, value);
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

static const struct weir_format_ops elb_ops = {
    .name = "elb",
    .decoder_new = decoder_new,
    .decode = decode,
    .decoder_free = decoder_free,
    .encoder_new = encoder_new,
    .encode = encode,
    .encoder_free = encoder_free,
    .check = check,
};

struct weir_format weir_elb(const struct weir_type *type)
{
    return (struct weir_format){.ops = &elb_ops, .type = type};
}
