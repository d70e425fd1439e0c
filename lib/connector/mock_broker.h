/*
 * The embedded broker: librdkafka's mock cluster with one broker, on an address of our choice,
 * inside this process.
 *
 * It is for learning and for tests: nothing is written to disk; about 5 MiB (or 100 000 batches) a
 * partition are kept and the oldest go without a word; transactions are accepted but not honoured;
 * IPv4 loopback only, no TLS. A topic that a client names for the first time appears with
 * WEIR__MOCK_PARTITIONS partitions, which librdkafka fixes.
 */
#ifndef WEIR__CONNECTOR_MOCK_BROKER_H
#define WEIR__CONNECTOR_MOCK_BROKER_H

#include <weir/status.h>

#include <stdint.h>

#define WEIR__MOCK_PARTITIONS 4

struct weir__mock_broker;

/*
 * Starts a broker at 127.0.0.1:port; 0 takes a free port. Its threads live in this process and do
 * not survive a fork. Errors: WEIR_UNAVAILABLE: the port is in use (retriable), or may not be used.
 */
WEIR_MUST_USE enum weir_status weir__mock_broker_start(uint16_t port,
                                                       struct weir__mock_broker **broker,
                                                       struct weir_error *error);
void weir__mock_broker_stop(struct weir__mock_broker *broker);

/* "127.0.0.1:9092"; lives as long as the broker. */
const char *weir__mock_broker_address(const struct weir__mock_broker *broker);

/* Errors: WEIR_INVALID: the topic exists, or its name or number of partitions (1 …) cannot be. */
WEIR_MUST_USE enum weir_status weir__mock_broker_create_topic(struct weir__mock_broker *broker,
                                                              const char *topic, int partitions,
                                                              struct weir_error *error);

/* Faults, for tests and for class: from now on the broker neither accepts nor keeps connections;
 * and comes back. */
void weir__mock_broker_set_down(struct weir__mock_broker *broker, bool down);

#endif
