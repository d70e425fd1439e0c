/*
 * Where the Kafka source begins: what the program and the job's properties ask for, and which
 * offset of each partition that is.
 */
#ifndef WEIR__CONNECTOR_KAFKA_START_H
#define WEIR__CONNECTOR_KAFKA_START_H

#include "connector/kafka_partition.h"

#include <weir/connectors.h>

struct weir__kafka_start {
    enum weir_kafka_start mode;
    bool latest; /* where the mode does not say it: at the end instead of the beginning */
    int64_t timestamp_ms;
    struct weir_kafka_offset *offsets; /* owned */
    size_t offset_count;
};

/* What the program asks for, copied. */
struct weir__kafka_start weir__kafka_start_of(const struct weir_kafka_source_config *config);
void weir__kafka_start_fini(struct weir__kafka_start *start);

/* Whether it is one of the properties scan.startup…, which librdkafka does not know. */
bool weir__kafka_start_has_setting(const char *key);

/*
 * What the job asks for: its properties, else the program. *start is initialised, also after an
 * error. Errors: WEIR_INVALID: a value that cannot be, or a property that its mode has no use for.
 */
WEIR_MUST_USE enum weir_status weir__kafka_start_choose(const struct weir__kafka_start *program,
                                                        const char *const *properties,
                                                        struct weir__kafka_start *start,
                                                        struct weir_error *error);

/*
 * Finds out where that is: sets next, oldest and end of the partitions. May block for
 * WEIR__KAFKA_PATIENCE_MS a question. Errors: WEIR_UNAVAILABLE.
 */
WEIR_MUST_USE enum weir_status weir__kafka_start_locate(const struct weir__kafka_start *start,
                                                        struct weir__kafka_client *client,
                                                        const char *topic,
                                                        struct weir__kafka_partition *partitions,
                                                        int count, struct weir_error *error);

#endif
