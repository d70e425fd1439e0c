/*
 * The Avro format (see <weir/avro.h>): a decoder is a scanner with plans, an encoder a plan with a
 * buffer.
 *
 * A decoder of framed messages makes a plan for each schema id that it meets, and remembers also
 * what cannot be had for good, so that a million messages of an unknown schema cost one question.
 */
#include <weir/avro.h>

#include "base/mem.h"
#include "format/avro_scan.h"
#include "format/avro_schema_of.h"

#include <assert.h>

enum { FRAME_BYTES = 5, MOST_IDS = 1000 };

/* How messages of one schema are read, or why they are not. */
struct reading {
    int32_t id;
    enum weir_status status;
    struct weir_error why;
    struct weir__avro_schema *written; /* NULL: the decoder's own */
    struct weir__arena arena;          /* of the plan */
    const struct weir__avro_plan *plan;
};

struct decoder {
    const struct weir_type *type;
    struct weir_schema_store *schemas; /* NULL: unframed */
    struct weir__avro_schema *own;
    enum weir_status status; /* of `own` */
    struct weir_error why;
    struct weir__avro_scan scan;
    struct reading unframed;
    struct weir__vec readings; /* struct reading *, by id */
    struct reading *last;
};

/* ---- schemas of a format ---- */

/* The configured schema, or the one that the type has. */
static enum weir_status parse_own(const struct weir_format *format,
                                  struct weir__avro_schema **schema, struct weir_error *error)
{
    const struct weir_avro_config *config = format->config;
    if (config != NULL && config->schema != NULL) {
        return weir__avro_schema_parse(weir_str_from(config->schema), schema, error);
    }
    struct weir__buf text = {0};
    weir__avro_put_schema_of(format->type, &text);
    enum weir_status status =
        weir__avro_schema_parse((struct weir_str){text.data, (uint32_t)text.len}, schema, error);
    weir__buf_fini(&text);
    return status;
}

static const char *writer_schema(const struct weir_format *format)
{
    const struct weir_avro_config *config = format->config;
    return config != NULL ? config->writer_schema : NULL;
}

/* ---- decoding ---- */

/* Makes the plan from the text of a schema; NULL: the decoder's own schema. */
static void prepare(struct decoder *decoder, struct reading *reading, struct weir_str text)
{
    const struct weir__avro_schema *written = decoder->own;
    reading->status = decoder->status;
    reading->why = decoder->why;
    if (reading->status == WEIR_OK && text.data != NULL) {
        reading->status = weir__avro_schema_parse(text, &reading->written, &reading->why);
        written = reading->written;
    }
    if (reading->status == WEIR_OK) {
        reading->status = weir__avro_plan_new(&reading->arena, written->root, decoder->own->root,
                                              decoder->type, &reading->plan, &reading->why);
    }
}

static void reading_fini(struct reading *reading)
{
    weir__avro_schema_free(reading->written);
    weir__arena_fini(&reading->arena);
}

static void forget_readings(struct decoder *decoder)
{
    for (size_t i = 0; i < decoder->readings.count; i++) {
        struct reading *reading = *(struct reading **)weir__vec_at(&decoder->readings, i);
        reading_fini(reading);
        weir__free(reading);
    }
    weir__vec_clear(&decoder->readings);
    decoder->last = NULL;
}

static void *decoder_new(const struct weir_format *format)
{
    const struct weir_avro_config *config = format->config;
    struct decoder *decoder = WEIR__NEW(struct decoder);
    decoder->type = format->type;
    decoder->schemas = config != NULL ? config->schemas : NULL;
    decoder->scan.sets = WEIR__VEC_OF(struct weir_string_set);
    decoder->readings = WEIR__VEC_OF(struct reading *);
    decoder->status = parse_own(format, &decoder->own, &decoder->why);
    prepare(decoder, &decoder->unframed, weir_str_from(writer_schema(format)));
    return decoder;
}

static void decoder_free(void *instance)
{
    struct decoder *decoder = instance;
    weir__avro_scan_forget(&decoder->scan);
    weir__arena_fini(&decoder->scan.arena);
    weir__vec_fini(&decoder->scan.sets);
    forget_readings(decoder);
    weir__vec_fini(&decoder->readings);
    reading_fini(&decoder->unframed);
    weir__avro_schema_free(decoder->own);
    weir__free(decoder);
}

/* Asks the store for the schema of an id. NULL, with *error: it cannot be had now. */
static struct reading *learn(struct decoder *decoder, int32_t id, struct weir_error *error)
{
    struct weir_str text = {NULL, 0};
    struct weir_error why = {0};
    enum weir_status status = decoder->schemas->schema_of(decoder->schemas, id, &text, &why);
    if (status == WEIR_UNAVAILABLE || status == WEIR_TIMED_OUT) {
        (void)weir_error_set(error, WEIR_UNAVAILABLE, why.where, "%s", why.message);
        return NULL;
    }
    if (decoder->readings.count == MOST_IDS) {
        forget_readings(decoder);
    }
    struct reading *reading = WEIR__NEW(struct reading);
    reading->id = id;
    if (status == WEIR_OK) {
        prepare(decoder, reading, text);
    } else {
        reading->status = status;
        reading->why = why;
    }
    weir__vec_push(&decoder->readings, &reading);
    return reading;
}

static struct reading *reading_of(struct decoder *decoder, int32_t id, struct weir_error *error)
{
    if (decoder->last != NULL && decoder->last->id == id) {
        return decoder->last;
    }
    struct reading *found = NULL;
    for (size_t i = 0; found == NULL && i < decoder->readings.count; i++) {
        struct reading *reading = *(struct reading **)weir__vec_at(&decoder->readings, i);
        found = reading->id == id ? reading : NULL;
    }
    decoder->last = found != NULL ? found : learn(decoder, id, error);
    return decoder->last;
}

static enum weir_status decode_with(struct decoder *decoder, const struct reading *reading,
                                    const char *at, void *value, struct weir_error *error)
{
    if (reading->status != WEIR_OK) {
        weir_value_init(decoder->type, value);
        return weir_error_set(error, reading->status, reading->why.where, "%s",
                              reading->why.message);
    }
    return weir__avro_scan_message(&decoder->scan, at, decoder->type, reading->plan, value);
}

static enum weir_status decode_framed(struct decoder *decoder, void *value,
                                      struct weir_error *error)
{
    const uint8_t *frame = (const uint8_t *)decoder->scan.begin;
    size_t len = (size_t)(decoder->scan.end - decoder->scan.begin);
    weir_value_init(decoder->type, value);
    if (len < FRAME_BYTES || frame[0] != 0) {
        return weir_error_set(error, WEIR_MALFORMED, "byte 1",
                              "expected a byte 0 and a schema id of 4 bytes in front of the Avro "
                              "value, got %s; was it written without a schema registry?",
                              len < FRAME_BYTES ? "a shorter message" : "another byte");
    }
    uint32_t id =
        (uint32_t)frame[1] << 24 | (uint32_t)frame[2] << 16 | (uint32_t)frame[3] << 8 | frame[4];
    const struct reading *reading = reading_of(decoder, (int32_t)id, error);
    return reading == NULL
               ? WEIR_UNAVAILABLE
               : decode_with(decoder, reading, decoder->scan.begin + FRAME_BYTES, value, error);
}

static enum weir_status decode(void *instance, const char *bytes, size_t len, void *value,
                               struct weir_error *error)
{
    struct decoder *decoder = instance;
    if (len > UINT32_MAX) {
        weir_value_init(decoder->type, value);
        return weir_error_set(error, WEIR_LIMIT, "byte 1",
                              "expected a message of less than 4 GiB, got %zu bytes", len);
    }
    weir__avro_scan_forget(&decoder->scan);
    decoder->scan.begin = len > 0 ? bytes : "";
    decoder->scan.end = decoder->scan.begin + len;
    decoder->scan.error = error;
    return decoder->schemas != NULL
               ? decode_framed(decoder, value, error)
               : decode_with(decoder, &decoder->unframed, decoder->scan.begin, value, error);
}

/* ---- encoding ---- */

struct encoder {
    struct weir__avro_schema *schema;
    struct weir__arena arena;
    const struct weir__avro_plan *plan;
    bool framed;
    uint8_t frame[FRAME_BYTES];
    struct weir__buf bytes;
};

static enum weir_status encoder_prepare(struct encoder *encoder, const struct weir_format *format,
                                        struct weir_error *error)
{
    enum weir_status status = parse_own(format, &encoder->schema, error);
    if (status == WEIR_OK) {
        status = weir__avro_plan_new(&encoder->arena, encoder->schema->root, encoder->schema->root,
                                     format->type, &encoder->plan, error);
    }
    return status == WEIR_OK ? weir__avro_plan_check_writable(encoder->plan, error) : status;
}

static void *encoder_new(const struct weir_format *format)
{
    const struct weir_avro_config *config = format->config;
    struct encoder *encoder = WEIR__NEW(struct encoder);
    if (encoder_prepare(encoder, format, NULL) != WEIR_OK) {
        encoder->plan = NULL; /* nothing fits; weir_format_check says why */
    }
    encoder->framed = config != NULL && config->schemas != NULL;
    for (int i = 1; encoder->framed && i < FRAME_BYTES; i++) {
        encoder->frame[i] = (uint8_t)((uint32_t)config->schema_id >> (8 * (FRAME_BYTES - 1 - i)));
    }
    return encoder;
}

static struct weir_str encode(void *instance, const void *value)
{
    struct encoder *encoder = instance;
    encoder->bytes.len = 0;
    weir__buf_reserve(&encoder->bytes, FRAME_BYTES);
    weir__buf_put(&encoder->bytes, encoder->frame, encoder->framed ? FRAME_BYTES : 0);
    if (encoder->plan == NULL || !weir__avro_write(encoder->plan, value, &encoder->bytes)) {
        return (struct weir_str){NULL, 0};
    }
    return (struct weir_str){encoder->bytes.data, (uint32_t)encoder->bytes.len};
}

static void encoder_free(void *instance)
{
    struct encoder *encoder = instance;
    weir__avro_schema_free(encoder->schema);
    weir__arena_fini(&encoder->arena);
    weir__buf_fini(&encoder->bytes);
    weir__free(encoder);
}

/* ---- the format ---- */

static enum weir_status check(const struct weir_format *format, struct weir_error *error)
{
    struct decoder *decoder = decoder_new(format);
    enum weir_status status = decoder->unframed.status;
    if (status != WEIR_OK && error != NULL) {
        *error = decoder->unframed.why;
    }
    decoder_free(decoder);
    return status;
}

static const struct weir_format_ops avro_ops = {
    .name = "avro",
    .decoder_new = decoder_new,
    .decode = decode,
    .decoder_free = decoder_free,
    .encoder_new = encoder_new,
    .encode = encode,
    .encoder_free = encoder_free,
    .check = check,
};

struct weir_format weir_avro(const struct weir_type *type)
{
    return (struct weir_format){.ops = &avro_ops, .type = type};
}

struct weir_format weir_avro_with(const struct weir_avro_config *config)
{
    assert(config != NULL && config->type != NULL);
    return (struct weir_format){.ops = &avro_ops, .type = config->type, .config = config};
}
