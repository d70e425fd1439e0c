/*
 * The Kafka sink, at-least-once and without a guarantee: encodes values with a format and produces
 * them to a topic.
 *
 * A full queue is back-pressure (WEIR_LIMIT): the task offers the value again. A message that could
 * not be delivered fails the job. At-least-once, flush waits until the broker has everything: so
 * has it what was written before a checkpoint. Without a guarantee a checkpoint waits for nothing
 * but room for the values before it, and everything is flushed at the end alone.
 */
#include "connector/kafka_sink.h"

#include "base/log.h"
#include "base/mem.h"
#include "connector/kafka_producer.h"

#include <inttypes.h>
#include <stdio.h>

#define POLL_EVERY 256 /* messages between two looks at the confirmations */
#define FLUSH_TIMEOUT_MS                                                                           \
    35000 /* more than a message's own time-out, which has the better explanation */

struct writer {
    const struct weir__kafka_sink_config *config;
    struct weir__kafka_producer producer;
    weir_encoder *encoder;
    bool opened; /* the producer is there, perhaps without a broker */
    bool ready;  /* and a broker has answered */
    bool full;   /* the last value was not taken */
    int unpolled;
    char key_text[WEIR__KAFKA_KEY_TEXT];
};

struct weir_str weir__kafka_sink_key(const struct weir__kafka_sink_config *config,
                                     const void *value, char text[WEIR__KAFKA_KEY_TEXT])
{
    const struct weir_field *field = config->key;
    if (field == NULL) {
        return (struct weir_str){NULL, 0};
    }
    const void *at = (const char *)value + field->offset;
    if (field->kind == WEIR_KIND_STRING) {
        return *(const struct weir_str *)at;
    }
    snprintf(text, WEIR__KAFKA_KEY_TEXT, "%" PRId64, *(const int64_t *)at);
    return weir_str_from(text);
}

static void *writer_new(const void *config)
{
    struct writer *writer = WEIR__NEW(struct writer);
    writer->config = config;
    writer->encoder = weir_encoder_new(writer->config->format);
    return writer;
}

static enum weir_status writer_open(void *self, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    struct writer *writer = self;
    const struct weir__kafka_sink_config *config = writer->config;
    enum weir_status status = weir_format_check(config->format, error);
    if (status != WEIR_OK) {
        return status;
    }
    writer->opened = true;
    status = weir__kafka_producer_init(&writer->producer,
                                       config->brokers != NULL ? config->brokers : context->brokers,
                                       config->topic, context->properties, error);
    writer->ready = status == WEIR_OK;
    return status;
}

static enum weir_status writer_write(void *self, const void *value, int64_t timestamp,
                                     struct weir_error *error)
{
    struct writer *writer = self;
    struct weir_str bytes;
    struct weir_str key = weir__kafka_sink_key(writer->config, value, writer->key_text);
    enum weir_status status = weir_encoder_try(writer->encoder, value, &bytes, error);
    if (status != WEIR_OK) { /* to Kafka, null would mean a deletion */
        return status;
    }
    status = weir__kafka_producer_send(&writer->producer, key, bytes, timestamp, error);
    writer->full = status == WEIR_LIMIT;
    if (writer->full || (status == WEIR_OK && ++writer->unpolled >= POLL_EVERY)) {
        writer->unpolled = 0;
        enum weir_status polled = weir__kafka_producer_poll(&writer->producer, 0, error);
        return polled != WEIR_OK ? polled : status;
    }
    return status;
}

static enum weir_status writer_idle(void *self, struct weir_error *error)
{
    struct writer *writer = self;
    return weir__kafka_producer_poll(&writer->producer, 0, error);
}

static enum weir_status writer_flush(void *self, struct weir_error *error)
{
    struct writer *writer = self;
    return weir__kafka_producer_flush(&writer->producer, FLUSH_TIMEOUT_MS, error);
}

/* In the place of a flush, when nothing is guaranteed. */
static enum weir_status writer_make_room(void *self, struct weir_error *error)
{
    struct writer *writer = self;
    return writer->full
               ? weir__kafka_producer_await_room(&writer->producer, FLUSH_TIMEOUT_MS, error)
               : weir__kafka_producer_poll(&writer->producer, 0, error);
}

/* What was written before a savepoint, or before the job was ended, is not written again by
 * anybody: it goes out now, as when Flink closes its producer. */
static void send_the_rest(struct writer *writer)
{
    struct weir_error error = {0};
    if (weir__kafka_producer_flush(&writer->producer, FLUSH_TIMEOUT_MS, &error) != WEIR_OK) {
        weir__log(WEIR__LOG_WARNING, "Kafka: results were lost at the end: %s: %s", error.where,
                  error.message);
    }
}

static void writer_free(void *self)
{
    struct writer *writer = self;
    if (writer->opened) {
        weir__kafka_producer_fini(&writer->producer);
    }
    weir_encoder_free(writer->encoder);
    weir__free(writer);
}

void weir__kafka_sink_config_free(void *self)
{
    struct weir__kafka_sink_config *config = self;
    weir__kafka_transaction_leave(config->held->transaction);
    weir__free(config->held);
    weir__free(config->topic);
    weir__free(config->brokers);
    weir__free(config->transactional_id);
    weir__free(config);
}

const struct weir_sink_ops weir__kafka_at_least_once = {
    .kind = "Kafka",
    .writer_new = writer_new,
    .open = writer_open,
    .write = writer_write,
    .flush = writer_flush,
    .idle = writer_idle,
    .writer_free = writer_free,
    .config_free = weir__kafka_sink_config_free,
};

static void careless_free(void *self)
{
    struct writer *writer = self;
    if (writer->ready) {
        send_the_rest(writer);
    }
    writer_free(writer);
}

static const struct weir_sink_ops no_guarantee = {
    .kind = "Kafka",
    .writer_new = writer_new,
    .open = writer_open,
    .write = writer_write,
    .flush = writer_make_room,
    .idle = writer_idle,
    .finish = writer_flush,
    .writer_free = careless_free,
    .config_free = weir__kafka_sink_config_free,
};

static const struct weir_sink_ops *ops_of(enum weir_delivery delivery)
{
    switch (delivery) {
    case WEIR_AT_LEAST_ONCE:
        return &weir__kafka_at_least_once;
    case WEIR_EXACTLY_ONCE:
        return &weir__kafka_exactly_once;
    case WEIR_DELIVERY_NONE:
        return &no_guarantee;
    }
    return &weir__kafka_at_least_once;
}

weir_sink *weir_kafka_sink(const struct weir_kafka_sink_config *config)
{
    struct weir__kafka_sink_config *copy = WEIR__NEW(struct weir__kafka_sink_config);
    copy->topic = weir__strdup(config->topic != NULL ? config->topic : "");
    copy->brokers = weir__strdup(config->brokers);
    copy->transactional_id = weir__strdup(config->transactional_id);
    copy->format = config->format;
    copy->key = config->key;
    copy->held = WEIR__NEW(struct weir__kafka_held);
    return weir_sink_new(ops_of(config->delivery), "Kafka", config->format.type, copy);
}
