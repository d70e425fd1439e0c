/*
 * The Kafka sink: encodes values with a format and produces them to a topic, at-least-once.
 *
 * A full queue is back-pressure (WEIR_LIMIT): the task offers the value again. flush waits until
 * the broker has everything; a message that could not be delivered fails the job.
 */
#include "base/mem.h"
#include "connector/kafka_producer.h"

#include <weir/connectors.h>

#include <inttypes.h>
#include <stdio.h>

#define POLL_EVERY 256 /* messages between two looks at the confirmations */
#define FLUSH_TIMEOUT_MS                                                                           \
    35000 /* more than a message's own time-out, which has the better explanation */

struct config {
    char *topic;
    char *brokers;
    struct weir_format format;
    const struct weir_field *key;
};

struct writer {
    const struct config *config;
    struct weir__kafka_producer producer;
    weir_encoder *encoder;
    bool opened;
    int unpolled;
    char key_text[24];
};

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
    const struct config *config = writer->config;
    writer->opened = true;
    return weir__kafka_producer_init(&writer->producer,
                                     config->brokers != NULL ? config->brokers : context->brokers,
                                     config->topic, context->properties, error);
}

static struct weir_str key_of(struct writer *writer, const void *value)
{
    const struct weir_field *field = writer->config->key;
    if (field == NULL) {
        return (struct weir_str){NULL, 0};
    }
    const void *at = (const char *)value + field->offset;
    if (field->kind == WEIR_KIND_STRING) {
        return *(const struct weir_str *)at;
    }
    snprintf(writer->key_text, sizeof writer->key_text, "%" PRId64, *(const int64_t *)at);
    return weir_str_from(writer->key_text);
}

static enum weir_status writer_write(void *self, const void *value, int64_t timestamp,
                                     struct weir_error *error)
{
    struct writer *writer = self;
    struct weir_str bytes = weir_encoder_encode(writer->encoder, value);
    if (bytes.data == NULL) { /* to Kafka, null would mean a deletion */
        return weir_error_set(error, WEIR_MISMATCH, writer->config->topic,
                              "expected a value that fits the schema of the format, got one that "
                              "does not: a null where none may be, or an integer too large");
    }
    enum weir_status status = weir__kafka_producer_send(&writer->producer, key_of(writer, value),
                                                        bytes, timestamp, error);
    if (status == WEIR_LIMIT || (status == WEIR_OK && ++writer->unpolled >= POLL_EVERY)) {
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

static void writer_free(void *self)
{
    struct writer *writer = self;
    if (writer->opened) {
        weir__kafka_producer_fini(&writer->producer);
    }
    weir_encoder_free(writer->encoder);
    weir__free(writer);
}

static void config_free(void *self)
{
    struct config *config = self;
    weir__free(config->topic);
    weir__free(config->brokers);
    weir__free(config);
}

static const struct weir_sink_ops kafka_sink_ops = {
    .kind = "Kafka",
    .writer_new = writer_new,
    .open = writer_open,
    .write = writer_write,
    .flush = writer_flush,
    .idle = writer_idle,
    .writer_free = writer_free,
    .config_free = config_free,
};

weir_sink *weir_kafka_sink(const struct weir_kafka_sink_config *config)
{
    struct config *copy = WEIR__NEW(struct config);
    copy->topic = weir__strdup(config->topic != NULL ? config->topic : "");
    copy->brokers = weir__strdup(config->brokers);
    copy->format = config->format;
    copy->key = config->key;
    return weir_sink_new(&kafka_sink_ops, "Kafka", config->format.type, copy);
}
