/*
 * The text format: a message is a string. There is nothing to keep, so decoders and encoders have
 * no instance.
 */
#include <weir/format.h>

#include "base/utf8.h"

#include <stdio.h>

static void *instance_new(const struct weir_format *format)
{
    (void)format;
    return NULL;
}

static void instance_free(void *instance)
{
    (void)instance;
}

static enum weir_status refuse(struct weir_error *error, enum weir_status code, size_t offset,
                               const char *what)
{
    char where[48];
    snprintf(where, sizeof(where), "column %zu", offset + 1);
    return weir_error_set(error, code, where, "expected a line of UTF-8 text, got %s", what);
}

static enum weir_status decode(void *decoder, const char *bytes, size_t len, void *value,
                               struct weir_error *error)
{
    (void)decoder;
    struct weir_str *text = value;
    *text = (struct weir_str){NULL, 0};
    if (len > UINT32_MAX) {
        return refuse(error, WEIR_LIMIT, 0, "more than 4 GiB");
    }
    size_t valid = weir__utf8_check(bytes, len);
    if (valid < len) {
        char what[40];
        snprintf(what, sizeof(what), "the invalid byte 0x%02x", (unsigned)(uint8_t)bytes[valid]);
        return refuse(error, WEIR_MALFORMED, valid, what);
    }
    const char *nul = len > 0 ? memchr(bytes, '\0', len) : NULL;
    if (nul != NULL) {
        return refuse(error, WEIR_MALFORMED, (size_t)(nul - bytes), "a NUL character");
    }
    *text = (struct weir_str){len > 0 ? bytes : "", (uint32_t)len};
    return WEIR_OK;
}

static struct weir_str encode(void *encoder, const void *value)
{
    (void)encoder;
    const struct weir_str *text = value;
    return text->data != NULL ? *text : WEIR_STR("");
}

static const struct weir_format_ops text_ops = {
    .name = "text",
    .decoder_new = instance_new,
    .decode = decode,
    .decoder_free = instance_free,
    .encoder_new = instance_new,
    .encode = encode,
    .encoder_free = instance_free,
};

struct weir_format weir_text(void)
{
    return (struct weir_format){.ops = &text_ops, .type = &weir_string_type};
}
