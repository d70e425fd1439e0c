/*
 * A Kafka producer for one topic: bounded, asynchronous, and honest about failed deliveries.
 *
 * send puts a copy into librdkafka's queue and says WEIR_LIMIT when that is full. Deliveries are
 * confirmed later; the first one that failed is kept, and reported by every call from then on.
 * At-least-once: a retry may write a message twice. One thread.
 */
#ifndef WEIR__CONNECTOR_KAFKA_PRODUCER_H
#define WEIR__CONNECTOR_KAFKA_PRODUCER_H

#include "connector/kafka_client.h"

#include <weir/str.h>

struct weir__kafka_producer {
    struct weir__kafka_client client; /* first: callbacks get it and find the producer around it */
    char *topic;
    int32_t partitions; /* of the topic, when it was opened */
    int64_t delivered;
    struct weir_error failure; /* code WEIR_OK: none */
};

/*
 * Puts a copy of one message into the queue of a producer's handle. key: null for none, then the
 * partition is chosen at random; equal keys go to the same partition, the one that Kafka's Java
 * clients choose. timestamp: epoch ms; negative: now. Errors: WEIR_LIMIT: full, wait and try again;
 * WEIR_UNAVAILABLE: the handle takes no more (rd_kafka_fatal_error, or its transaction has failed);
 * WEIR_INVALID. Any thread.
 */
WEIR_MUST_USE enum weir_status weir__kafka_produce(rd_kafka_t *handle, const char *topic,
                                                   struct weir_str key, struct weir_str value,
                                                   int64_t timestamp, struct weir_error *error);
/* Why a message that has been taken was not delivered, in words. */
void weir__kafka_undelivered(const rd_kafka_message_t *message, struct weir_error *error);

/* brokers NULL: 127.0.0.1:9092. properties as in weir__kafka_client_open. After a failure: fini all
 * the same. */
WEIR_MUST_USE enum weir_status weir__kafka_producer_init(struct weir__kafka_producer *producer,
                                                         const char *brokers, const char *topic,
                                                         const char *const *properties,
                                                         struct weir_error *error);
/* What was not delivered is given up. */
void weir__kafka_producer_fini(struct weir__kafka_producer *producer);

/* As weir__kafka_produce, to the producer's topic. Errors: WEIR_LIMIT; else see failure. */
WEIR_MUST_USE enum weir_status weir__kafka_producer_send(struct weir__kafka_producer *producer,
                                                         struct weir_str key, struct weir_str value,
                                                         int64_t timestamp,
                                                         struct weir_error *error);
/* Takes confirmations for at most that long, 0: those that are there. */
WEIR_MUST_USE enum weir_status weir__kafka_producer_poll(struct weir__kafka_producer *producer,
                                                         int timeout_ms, struct weir_error *error);
/* Waits until everything is confirmed or has failed. Errors: WEIR_TIMED_OUT. */
WEIR_MUST_USE enum weir_status weir__kafka_producer_flush(struct weir__kafka_producer *producer,
                                                          int timeout_ms, struct weir_error *error);
/* Waits until messages that are in the queue have left it, so that there is room. Errors:
 * WEIR_TIMED_OUT. */
WEIR_MUST_USE enum weir_status weir__kafka_producer_await_room(
    struct weir__kafka_producer *producer, int timeout_ms, struct weir_error *error);

#endif
