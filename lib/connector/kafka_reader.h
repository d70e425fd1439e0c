/*
 * The Kafka source's reader of one subtask: what its opening (kafka_open.c) and its reading
 * (kafka_source.c) share.
 */
#ifndef WEIR__CONNECTOR_KAFKA_READER_H
#define WEIR__CONNECTOR_KAFKA_READER_H

#include "base/buf.h"
#include "base/vec.h"
#include "connector/kafka_start.h"

#include <weir/format.h>
#include <weir/source.h>

#define WEIR__KAFKA_BATCH 1000 /* messages taken at once */

struct weir__kafka_reader_config {
    char *topic;
    char *group_id;
    char *brokers;
    struct weir_format format;
    struct weir__kafka_start start; /* as the program says */
    bool bounded;
    size_t max_message_bytes;
    int64_t discovery_interval_ms; /* <= 0: never */
};

struct weir__kafka_reader {
    const struct weir__kafka_reader_config *config;
    const struct weir_clock *clock;
    struct weir__kafka_client client;
    bool client_made;
    rd_kafka_queue_t *queue; /* of the consumer: all partitions' messages */
    struct weir__kafka_partition *partitions;
    int partition_count;
    int32_t topic_partitions; /* of the topic, ours and those of other subtasks */
    int subtask;
    int parallelism;
    int64_t discover_at_ms;         /* WEIR_TIME_MAX: never */
    struct weir__kafka_start start; /* as the job says */
    bool restored;                  /* from a position: partitions that it does not name are new */
    char *group;
    const char *job; /* its name, the job's property client.id; NULL: unknown */
    bool assigned;
    bool checkpointed; /* the job takes snapshots, so it commits with them */
    int64_t last_commit_ms;
    weir_decoder *decoder;
    void *value;
    rd_kafka_message_t **batch; /* room for WEIR__KAFKA_BATCH */
    struct weir__buf position;
    struct weir__vec offsets; /* of struct weir_source_offset: the last snapshot */
    void (*wake)(void *waker);
    void *waker;
};

/* Whether the job's properties fit the source (its configuration, as weir_source has it). */
WEIR_MUST_USE enum weir_status weir__kafka_reader_check(const void *config,
                                                        const char *const *properties,
                                                        struct weir_error *error);
/* Connects, finds the partitions of this subtask and where to begin. May block for
 * WEIR__KAFKA_PATIENCE_MS a question. */
WEIR_MUST_USE enum weir_status weir__kafka_reader_open(void *reader,
                                                       const struct weir_source_context *context,
                                                       struct weir_error *error);

/* Takes this subtask's share of the topic's partitions, which now are so many, beyond those it
 * knows. Returns how many are new. */
int weir__kafka_reader_deal(struct weir__kafka_reader *reader, int32_t topic_partitions);

/*
 * Looks, when it is time, whether the topic has got partitions since; they are read from their
 * beginning. May block for a moment; a broker that does not answer is asked again later.
 */
WEIR_MUST_USE enum weir_status weir__kafka_reader_discover(struct weir__kafka_reader *reader,
                                                           weir_source_output *out,
                                                           struct weir_error *error);

/* NULL: not one of this subtask. */
static inline struct weir__kafka_partition *weir__kafka_reader_partition(
    struct weir__kafka_reader *reader, int32_t number)
{
    for (int i = 0; i < reader->partition_count; i++) {
        if (reader->partitions[i].number == number) {
            return &reader->partitions[i];
        }
    }
    return NULL;
}

#endif
