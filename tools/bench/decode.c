/*
 * Decoding and encoding click events of about 208 bytes: the scanner and the writer against
 * jansson doing the same work, that is filling, or writing, all fields of the struct. The two
 * results are compared before any time counts.
 */
#include "bench.h"

#include "base/mem.h"

#include <clickstream/click_event.h>
#include <weir/format.h>

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECODE_GOAL "<= 90 ns"

enum { EVENTS = 4096, RUNS = 7, MOST_BYTES = 256 };

struct messages {
    char bytes[EVENTS][MOST_BYTES];
    size_t len[EVENTS];
    struct click_event events[EVENTS]; /* views of bytes */
    weir_decoder *decoder;
    weir_encoder *encoder;
    size_t failures;
    size_t total_bytes;
};

/*
 * Six strings and a timestamp, as PERFORMANCE measures them; values differ, so that branches are
 * not learnt by heart.
 */
static void write_messages(struct messages *messages, const char *space)
{
    static const char *const pages[] = {"/home", "/products/electronics", "/products/books/1234",
                                        "/cart", "/checkout"};
    static const char *const kinds[] = {"VIEW", "CLICK", "ADD_TO_CART", "PURCHASE"};
    messages->total_bytes = 0;
    for (int i = 0; i < EVENTS; i++) {
        int len = snprintf(messages->bytes[i], MOST_BYTES,
                           "{\"userId\":%s\"user-%04d\",%s\"pageUrl\":%s\"%s?page=%d&ref="
                           "newsletter-october\",%s\"eventType\":%s\"%s\","
                           "%s\"timestamp\":%s%" PRId64
                           ",%s\"sessionId\":%s\"session-%08x-0123456789\",%s\"ipAddress\":%s"
                           "\"192.168.%d.%d\",%s\"productId\":%s\"product-%04d\"}",
                           space, i * 7919 % 1000, space, space, pages[i % 5], i % 13, space, space,
                           kinds[i * 31 % 4], space, space, INT64_C(1729620000000) + i * 137, space,
                           space, (unsigned)i * 2654435761u, space, space, i % 256, i * 17 % 256,
                           space, space, i * 29 % 500);
        messages->len[i] = (size_t)len;
        messages->total_bytes += (size_t)len;
    }
}

static void decode_by_scanner(void *user)
{
    struct messages *messages = user;
    for (int i = 0; i < EVENTS; i++) {
        struct click_event event;
        messages->failures += weir_decoder_decode(messages->decoder, messages->bytes[i],
                                                  messages->len[i], &event, NULL) != WEIR_OK;
        bench_keep(&event);
    }
}

static struct weir_str string_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return (struct weir_str){json_string_value(value), (uint32_t)json_string_length(value)};
}

static json_t *read_by_jansson(const char *bytes, size_t len, struct click_event *event)
{
    json_t *object = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
    *event = (struct click_event){
        .user_id = string_of(object, "userId"),
        .page_url = string_of(object, "pageUrl"),
        .event_type = string_of(object, "eventType"),
        .timestamp = json_integer_value(json_object_get(object, "timestamp")),
        .session_id = string_of(object, "sessionId"),
        .ip_address = string_of(object, "ipAddress"),
        .product_id = string_of(object, "productId"),
        .user_agent = string_of(object, "userAgent"),
        .referrer = string_of(object, "referrer"),
    };
    return object;
}

static void decode_by_jansson(void *user)
{
    struct messages *messages = user;
    for (int i = 0; i < EVENTS; i++) {
        struct click_event event;
        json_t *object = read_by_jansson(messages->bytes[i], messages->len[i], &event);
        messages->failures += object == NULL;
        bench_keep(&event);
        json_decref(object);
    }
}

static void encode_by_writer(void *user)
{
    struct messages *messages = user;
    for (int i = 0; i < EVENTS; i++) {
        struct weir_str text = weir_encoder_encode(messages->encoder, &messages->events[i]);
        bench_keep(text.data);
    }
}

static json_t *json_of(struct weir_str str)
{
    return str.data != NULL ? json_stringn(str.data, str.len) : json_null();
}

static void encode_by_jansson(void *user)
{
    struct messages *messages = user;
    for (int i = 0; i < EVENTS; i++) {
        const struct click_event *event = &messages->events[i];
        json_t *object = json_object();
        json_object_set_new(object, "userId", json_of(event->user_id));
        json_object_set_new(object, "pageUrl", json_of(event->page_url));
        json_object_set_new(object, "eventType", json_of(event->event_type));
        json_object_set_new(object, "timestamp", json_integer(event->timestamp));
        json_object_set_new(object, "sessionId", json_of(event->session_id));
        json_object_set_new(object, "ipAddress", json_of(event->ip_address));
        json_object_set_new(object, "productId", json_of(event->product_id));
        json_object_set_new(object, "userAgent", json_of(event->user_agent));
        json_object_set_new(object, "referrer", json_of(event->referrer));
        char *text = json_dumps(object, JSON_COMPACT);
        bench_keep(text);
        free(text);
        json_decref(object);
    }
}

/* Both readers must see the same in every message. */
static bool results_agree(struct messages *messages)
{
    bool agree = true;
    for (int i = 0; i < EVENTS && agree; i++) {
        struct click_event expected;
        agree = weir_decoder_decode(messages->decoder, messages->bytes[i], messages->len[i],
                                    &messages->events[i], NULL) == WEIR_OK;
        json_t *object = read_by_jansson(messages->bytes[i], messages->len[i], &expected);
        agree = agree && object != NULL &&
                weir_value_equals(&click_event_type, &messages->events[i], &expected);
        json_decref(object);
    }
    return agree;
}

static void measure(struct messages *messages)
{
    double decode_peer = bench_ns_per_item(decode_by_jansson, messages, EVENTS, RUNS);
    double encode_peer = bench_ns_per_item(encode_by_jansson, messages, EVENTS, RUNS);
    bench_report("decode, jansson", decode_peer, 0, NULL);
    bench_report("decode, scanner", bench_ns_per_item(decode_by_scanner, messages, EVENTS, RUNS),
                 decode_peer, DECODE_GOAL);
    bench_report("encode, jansson", encode_peer, 0, NULL);
    bench_report("encode, writer", bench_ns_per_item(encode_by_writer, messages, EVENTS, RUNS),
                 encode_peer, NULL);
    write_messages(messages, " ");
    bench_report("decode, scanner, with a space before each token",
                 bench_ns_per_item(decode_by_scanner, messages, EVENTS, RUNS), decode_peer, NULL);
    bench_note("messages of %zu bytes; %zu refused", messages->total_bytes / EVENTS,
               messages->failures);
}

void bench_decode(void)
{
    if (!bench_row("decode and encode a click event", DECODE_GOAL)) {
        return;
    }
    struct messages *messages = weir__calloc(1, sizeof(*messages));
    messages->decoder = weir_decoder_new(weir_json(&click_event_type));
    messages->encoder = weir_encoder_new(weir_json(&click_event_type));
    write_messages(messages, "");
    if (results_agree(messages)) {
        measure(messages);
    } else {
        bench_note("scanner and jansson read different values: no figures");
    }
    weir_decoder_free(messages->decoder);
    weir_encoder_free(messages->encoder);
    weir__free(messages);
}
