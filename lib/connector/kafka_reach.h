/*
 * Is a broker there? At the start of a job, after a restart, and for weir doctor.
 *
 * Somebody who listens is waited for: on a busy machine a broker's first TLS handshake may take ten
 * seconds and more. Where nobody does, the address is wrong or the broker is not up, and that is
 * told soon; in between is time enough for a broker that is being started.
 */
#ifndef WEIR__CONNECTOR_KAFKA_REACH_H
#define WEIR__CONNECTOR_KAFKA_REACH_H

#include "connector/kafka_client.h"

#define WEIR__KAFKA_START_MS 4000 /* for somebody to listen */

/* Whether anything listens at one of "host:port,…" (port 9092 when there is none). Takes a second
 * for each that is silent. */
bool weir__kafka_listens(const char *brokers);

/*
 * Asks for the metadata of a topic (NULL: of all) until a broker answers: at most
 * WEIR__KAFKA_START_MS, or patience_ms when somebody listens; less when it says that it does not
 * take this client. *metadata is then the caller's, for rd_kafka_metadata_destroy. Errors:
 * WEIR_UNAVAILABLE: no broker, or one that refuses. Blocks. One thread a client.
 */
WEIR_MUST_USE enum weir_status weir__kafka_reach(struct weir__kafka_client *client,
                                                 rd_kafka_topic_t *topic, int patience_ms,
                                                 const struct rd_kafka_metadata **metadata,
                                                 struct weir_error *error);

#endif
