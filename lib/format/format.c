/*
 * Formats: decoders and encoders hand over to the format's own functions.
 */
#include <weir/format.h>

#include "base/mem.h"

struct weir_decoder {
    const struct weir_format_ops *ops;
    void *instance;
};

struct weir_encoder {
    const struct weir_format_ops *ops;
    void *instance;
};

enum weir_status weir_format_check(struct weir_format format, struct weir_error *error)
{
    return format.ops->check != NULL ? format.ops->check(&format, error) : WEIR_OK;
}

weir_decoder *weir_decoder_new(struct weir_format format)
{
    weir_decoder *decoder = WEIR__NEW(weir_decoder);
    decoder->ops = format.ops;
    decoder->instance = format.ops->decoder_new(&format);
    return decoder;
}

void weir_decoder_free(weir_decoder *decoder)
{
    if (decoder != NULL) {
        decoder->ops->decoder_free(decoder->instance);
        weir__free(decoder);
    }
}

enum weir_status weir_decoder_decode(weir_decoder *decoder, const char *bytes, size_t len,
                                     void *value, struct weir_error *error)
{
    return decoder->ops->decode(decoder->instance, bytes, len, value, error);
}

weir_encoder *weir_encoder_new(struct weir_format format)
{
    weir_encoder *encoder = WEIR__NEW(weir_encoder);
    encoder->ops = format.ops;
    encoder->instance = format.ops->encoder_new(&format);
    return encoder;
}

void weir_encoder_free(weir_encoder *encoder)
{
    if (encoder != NULL) {
        encoder->ops->encoder_free(encoder->instance);
        weir__free(encoder);
    }
}

struct weir_str weir_encoder_encode(weir_encoder *encoder, const void *value)
{
    return encoder->ops->encode(encoder->instance, value);
}

enum weir_status weir_encoder_try(weir_encoder *encoder, const void *value, struct weir_str *bytes,
                                  struct weir_error *error)
{
    *bytes = weir_encoder_encode(encoder, value);
    return bytes->data != NULL
               ? WEIR_OK
               : weir_error_set(error, WEIR_MISMATCH, NULL,
                                "expected a value that fits the schema of the format %s, got one "
                                "that does not: a null where none may be, an integer too large, or "
                                "a symbol unknown",
                                encoder->ops->name);
}
