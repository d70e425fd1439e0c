/*
 * The JSON format: a decoder is a scanner with the plan of its type, an encoder a buffer with it.
 */
#include <weir/format.h>

#include "base/mem.h"
#include "format/json_scan.h"
#include "format/json_write.h"

struct json_decoder {
    const struct weir_type *type;
    struct weir__json_plan *plan;
    struct weir__json_scan scan;
};

static void *decoder_new(const struct weir_format *format)
{
    struct json_decoder *decoder = WEIR__NEW(struct json_decoder);
    decoder->type = format->type;
    decoder->plan = weir__json_plan_new(format->type);
    decoder->scan.sets = WEIR__VEC_OF(struct weir_string_set);
    return decoder;
}

/* Takes back what the last message was given. */
static void forget_message(struct weir__json_scan *scan)
{
    while (scan->sets.count > 0) {
        weir_string_set_clear(weir__vec_pop(&scan->sets));
    }
    weir__arena_reset(&scan->arena);
}

static enum weir_status decode(void *instance, const char *bytes, size_t len, void *value,
                               struct weir_error *error)
{
    struct json_decoder *decoder = instance;
    struct weir__json_scan *scan = &decoder->scan;
    if (len > UINT32_MAX) {
        weir_value_init(decoder->type, value);
        return weir_error_set(error, WEIR_LIMIT, "column 1",
                              "expected a message of less than 4 GiB, got %zu bytes", len);
    }
    forget_message(scan);
    scan->begin = len > 0 ? bytes : "";
    scan->end = scan->begin + len;
    scan->depth = 0;
    scan->field = NULL;
    scan->error = error;
    return weir__json_scan_message(scan, decoder->type, decoder->plan, value);
}

static void decoder_free(void *instance)
{
    struct json_decoder *decoder = instance;
    forget_message(&decoder->scan);
    weir__arena_fini(&decoder->scan.arena);
    weir__vec_fini(&decoder->scan.sets);
    weir__json_plan_free(decoder->plan);
    weir__free(decoder);
}

struct json_encoder {
    struct weir__slot slot;
    struct weir__json_plan *plan;
    struct weir__buf text;
};

static void *encoder_new(const struct weir_format *format)
{
    struct json_encoder *encoder = WEIR__NEW(struct json_encoder);
    encoder->slot = weir__slot_of_type(format->type);
    encoder->plan = weir__json_plan_new(format->type);
    return encoder;
}

static struct weir_str encode(void *instance, const void *value)
{
    struct json_encoder *encoder = instance;
    encoder->text.len = 0;
    weir__json_write(encoder->slot, encoder->plan, value, &encoder->text);
    return (struct weir_str){encoder->text.data, (uint32_t)encoder->text.len};
}

static void encoder_free(void *instance)
{
    struct json_encoder *encoder = instance;
    weir__buf_fini(&encoder->text);
    weir__json_plan_free(encoder->plan);
    weir__free(encoder);
}

static const struct weir_format_ops json_ops = {
    .name = "json",
    .decoder_new = decoder_new,
    .decode = decode,
    .decoder_free = decoder_free,
    .encoder_new = encoder_new,
    .encode = encode,
    .encoder_free = encoder_free,
};

struct weir_format weir_json(const struct weir_type *type)
{
    return (struct weir_format){.ops = &json_ops, .type = type};
}
