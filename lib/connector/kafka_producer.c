/*
 * The Kafka producer (see kafka_producer.h).
 */
#include "connector/kafka_producer.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>

/* acks=all without idempotence: at-least-once. lz4 because the embedded broker keeps batches as
 * they come, and little of them. */
static const struct weir__kafka_setting defaults[] = {
    {"acks", "all"},
    {"enable.idempotence", "false"},
    {"linger.ms", "5"},
    {"compression.codec", "lz4"},
    {"partitioner", "murmur2_random"},
    {"queue.buffering.max.messages", "100000"},
    {"queue.buffering.max.kbytes", "32768"},
    {"message.timeout.ms", "30000"},
    {"reconnect.backoff.max.ms", "1000"},
    {"allow.auto.create.topics", "true"},
    {NULL, NULL},
};

enum weir_status weir__kafka_produce(rd_kafka_t *handle, const char *topic, struct weir_str key,
                                     struct weir_str value, int64_t timestamp,
                                     struct weir_error *error)
{
    rd_kafka_resp_err_t why = rd_kafka_producev(
        handle, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_VALUE((void *)value.data, value.len), RD_KAFKA_V_KEY((void *)key.data, key.len),
        RD_KAFKA_V_TIMESTAMP(timestamp < 0 ? 0 : timestamp), RD_KAFKA_V_END);
    if (why == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return WEIR_OK;
    }
    if (why == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        return WEIR_LIMIT;
    }
    bool dead = why == RD_KAFKA_RESP_ERR__FATAL || why == RD_KAFKA_RESP_ERR__STATE;
    return weir_error_set(error, dead ? WEIR_UNAVAILABLE : WEIR_INVALID, topic,
                          "a message of %u bytes was refused: %s", (unsigned)value.len,
                          rd_kafka_err2str(why));
}

void weir__kafka_undelivered(const rd_kafka_message_t *message, struct weir_error *error)
{
    char where[160];
    snprintf(where, sizeof where, "topic %.100s partition %" PRId32,
             rd_kafka_topic_name(message->rkt), message->partition);
    (void)weir_error_set(error, WEIR_UNAVAILABLE, where,
                         "a message of %zu bytes was not delivered: %s", message->len,
                         rd_kafka_err2str(message->err));
}

static void on_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    struct weir__kafka_producer *producer = opaque;
    (void)handle;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        producer->delivered++;
    } else if (producer->failure.code == WEIR_OK) {
        weir__kafka_undelivered(message, &producer->failure);
    }
}

static void prepare(rd_kafka_conf_t *conf, void *user)
{
    (void)user;
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
}

enum weir_status weir__kafka_producer_init(struct weir__kafka_producer *producer,
                                           const char *brokers, const char *topic,
                                           const char *const *properties, struct weir_error *error)
{
    *producer = (struct weir__kafka_producer){.topic = weir__strdup(topic)};
    weir__kafka_client_init(&producer->client, brokers);
    enum weir_status status = weir__kafka_client_open(&producer->client, RD_KAFKA_PRODUCER,
                                                      defaults, properties, prepare, NULL, error);
    if (status == WEIR_OK) {
        status = weir__kafka_client_topic(&producer->client, topic, &producer->partitions, error);
    }
    return status;
}

void weir__kafka_producer_fini(struct weir__kafka_producer *producer)
{
    if (producer->client.handle != NULL) {
        (void)rd_kafka_purge(producer->client.handle,
                             RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        (void)rd_kafka_flush(producer->client.handle, 1000);
    }
    weir__kafka_client_fini(&producer->client);
    weir__free(producer->topic);
}

static enum weir_status failure_of(const struct weir__kafka_producer *producer,
                                   struct weir_error *error)
{
    if (producer->failure.code != WEIR_OK && error != NULL) {
        *error = producer->failure;
    }
    return producer->failure.code;
}

enum weir_status weir__kafka_producer_send(struct weir__kafka_producer *producer,
                                           struct weir_str key, struct weir_str value,
                                           int64_t timestamp, struct weir_error *error)
{
    if (producer->failure.code != WEIR_OK) {
        return failure_of(producer, error);
    }
    return weir__kafka_produce(producer->client.handle, producer->topic, key, value, timestamp,
                               error);
}

enum weir_status weir__kafka_producer_poll(struct weir__kafka_producer *producer, int timeout_ms,
                                           struct weir_error *error)
{
    (void)rd_kafka_poll(producer->client.handle, timeout_ms);
    return failure_of(producer, error);
}

static enum weir_status timed_out(struct weir__kafka_producer *producer, int timeout_ms,
                                  struct weir_error *error)
{
    return weir_error_set(error, WEIR_TIMED_OUT, producer->topic,
                          "%d messages are still waiting for the broker after %d ms",
                          rd_kafka_outq_len(producer->client.handle), timeout_ms);
}

enum weir_status weir__kafka_producer_flush(struct weir__kafka_producer *producer, int timeout_ms,
                                            struct weir_error *error)
{
    rd_kafka_resp_err_t why = rd_kafka_flush(producer->client.handle, timeout_ms);
    if (producer->failure.code == WEIR_OK && why != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return timed_out(producer, timeout_ms, error);
    }
    return failure_of(producer, error);
}

enum weir_status weir__kafka_producer_await_room(struct weir__kafka_producer *producer,
                                                 int timeout_ms, struct weir_error *error)
{
    enum { STEP_MS = 100 };
    int before = rd_kafka_outq_len(producer->client.handle);
    int waited_ms = 0;
    while (producer->failure.code == WEIR_OK &&
           rd_kafka_outq_len(producer->client.handle) >= before) {
        if (waited_ms >= timeout_ms) {
            return timed_out(producer, timeout_ms, error);
        }
        waited_ms += rd_kafka_poll(producer->client.handle, STEP_MS) == 0 ? STEP_MS : 0;
    }
    return failure_of(producer, error);
}
