/*
 * The Kafka sink: what its kinds share, at-least-once and none (kafka_sink.c) and
 * exactly-once (kafka_exactly_once.c).
 */
#ifndef WEIR__CONNECTOR_KAFKA_SINK_H
#define WEIR__CONNECTOR_KAFKA_SINK_H

#include "connector/kafka_transaction.h"

#include <weir/connectors.h>

enum { WEIR__KAFKA_KEY_TEXT = 24 };

/* Joined when the job asked which checkpoint is committed, until the first writer opens. One thread
 * at a time, before the job runs. */
struct weir__kafka_held {
    struct weir__kafka_transaction *transaction; /* NULL: none */
};

struct weir__kafka_sink_config {
    char *topic;
    char *brokers;
    char *transactional_id; /* NULL: of the job's name */
    struct weir_format format;
    const struct weir_field *key;
    struct weir__kafka_held *held;
};

/* The key of a message; null: none. Borrowed from the value or from text. */
struct weir_str weir__kafka_sink_key(const struct weir__kafka_sink_config *config,
                                     const void *value, char text[WEIR__KAFKA_KEY_TEXT]);
void weir__kafka_sink_config_free(void *config);

extern const struct weir_sink_ops weir__kafka_at_least_once;
extern const struct weir_sink_ops weir__kafka_exactly_once;

#endif
