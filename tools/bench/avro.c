/*
 * Decoding and encoding click events as Avro: plans into structs against avro-c's generic values,
 * where that is installed; the same schema, or one whose writer had its fields in another order and
 * one more.
 */
#include "bench.h"

#include <clickstream/generator.h>
#include <weir/avro.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef WEIR_HAVE_AVRO_C
#include <avro.h>
#endif

enum { EVENTS = 4096, RUNS = 7, MOST_BYTES = 512 };

static const char other_schema[] = "{\"type\":\"record\",\"name\":\"click_event\",\"fields\":["
                                   "{\"name\":\"timestamp\",\"type\":\"long\"},"
                                   "{\"name\":\"version\",\"type\":\"int\",\"default\":1},"
                                   "{\"name\":\"eventType\",\"type\":\"string\"},"
                                   "{\"name\":\"pageUrl\",\"type\":\"string\"},"
                                   "{\"name\":\"userId\",\"type\":\"string\"},"
                                   "{\"name\":\"sessionId\",\"type\":[\"string\",\"null\"]},"
                                   "{\"name\":\"productId\",\"type\":[\"string\",\"null\"]},"
                                   "{\"name\":\"ipAddress\",\"type\":[\"string\",\"null\"]}]}";

struct messages {
    char bytes[EVENTS][MOST_BYTES];
    size_t len[EVENTS];
    struct click_event events[EVENTS]; /* views of bytes */
    weir_decoder *decoder;
    weir_encoder *encoder;
    size_t failures;
    size_t total_bytes;
#ifdef WEIR_HAVE_AVRO_C
    avro_value_t value;
#endif
};

static void write_messages(struct messages *messages, struct weir_format format)
{
    struct click_generator generator = click_generator_of(1);
    weir_encoder *encoder = weir_encoder_new(format);
    messages->total_bytes = 0;
    for (int i = 0; i < EVENTS; i++) {
        struct click_event event;
        click_generator_event(&generator, (uint64_t)i, INT64_C(1729620000000) + i * 137, &event);
        event.user_agent = event.referrer = (struct weir_str){NULL, 0};
        struct weir_str bytes = weir_encoder_encode(encoder, &event);
        if (bytes.data == NULL || bytes.len > MOST_BYTES) {
            messages->failures++;
            continue;
        }
        memcpy(messages->bytes[i], bytes.data, bytes.len);
        messages->len[i] = bytes.len;
        messages->total_bytes += bytes.len;
    }
    weir_encoder_free(encoder);
}

static void decode(void *user)
{
    struct messages *messages = user;
    for (int i = 0; i < EVENTS; i++) {
        messages->failures +=
            weir_decoder_decode(messages->decoder, messages->bytes[i], messages->len[i],
                                &messages->events[i], NULL) != WEIR_OK;
        bench_keep(&messages->events[i]);
    }
}

static void encode(void *user)
{
    struct messages *messages = user;
    for (int i = 0; i < EVENTS; i++) {
        bench_keep(weir_encoder_encode(messages->encoder, &messages->events[i]).data);
    }
}

#ifdef WEIR_HAVE_AVRO_C

/* Into avro-c's own value: one step short of the struct. */
static void decode_by_avro_c(void *user)
{
    struct messages *messages = user;
    for (int i = 0; i < EVENTS; i++) {
        avro_reader_t reader = avro_reader_memory(messages->bytes[i], (int64_t)messages->len[i]);
        messages->failures += avro_value_read(reader, &messages->value) != 0;
        avro_reader_free(reader);
    }
}

static double measure_avro_c(struct messages *messages)
{
    char text[4096];
    avro_schema_t schema = NULL;
    size_t len = weir_avro_schema(&click_event_type, text, sizeof text);
    if (avro_schema_from_json_length(text, len, &schema) != 0) {
        return 0;
    }
    avro_value_iface_t *class = avro_generic_class_from_schema(schema);
    avro_generic_value_new(class, &messages->value);
    double ns = bench_ns_per_item(decode_by_avro_c, messages, EVENTS, RUNS);
    bench_report("decode, avro-c into its generic value", ns, 0, NULL);
    avro_value_decref(&messages->value);
    avro_value_iface_decref(class);
    avro_schema_decref(schema);
    return ns;
}

#else

static double measure_avro_c(struct messages *messages)
{
    (void)messages;
    return 0;
}

#endif

void bench_avro(void)
{
    struct weir_avro_config other = {
        .type = &click_event_type, .schema = other_schema, .writer_schema = other_schema};
    if (!bench_row("decode and encode a click event in Avro", NULL)) {
        return;
    }
    struct messages *messages = calloc(1, sizeof(*messages));
    if (messages == NULL) {
        return;
    }
    write_messages(messages, weir_avro(&click_event_type));
    printf("  messages of %zu bytes on average\n", messages->total_bytes / EVENTS);
    messages->decoder = weir_decoder_new(weir_avro(&click_event_type));
    messages->encoder = weir_encoder_new(weir_avro(&click_event_type));
    double peer = measure_avro_c(messages);
    bench_report("decode, the same schema", bench_ns_per_item(decode, messages, EVENTS, RUNS), peer,
                 NULL);
    bench_report("encode", bench_ns_per_item(encode, messages, EVENTS, RUNS), 0, NULL);
    weir_decoder_free(messages->decoder);
    write_messages(messages, weir_avro_with(&other));
    messages->decoder = weir_decoder_new(weir_avro_with(&other));
    bench_report("decode, another order and a field more",
                 bench_ns_per_item(decode, messages, EVENTS, RUNS), peer, NULL);
    printf("%s", messages->failures > 0 ? "  some messages were refused: no figures\n" : "");
    weir_decoder_free(messages->decoder);
    weir_encoder_free(messages->encoder);
    free(messages);
}
