/*
 * One partition as the Kafka source sees it: where it reads, where it may stop, and what the broker
 * lost before it was read.
 *
 *     offsets   0 … oldest … next … end
 *               └ gone ┘     └ the next message to hand over
 *
 * A broker deletes its oldest messages when it has too many; the embedded one does so after about 5
 * MiB. Messages between `next` and the broker's oldest offset are lost to us, and are counted and
 * told. A gap above the oldest offset is none: compacted topics and transactions leave such.
 */
#ifndef WEIR__CONNECTOR_KAFKA_PARTITION_H
#define WEIR__CONNECTOR_KAFKA_PARTITION_H

#include "connector/kafka_client.h"

#include <stdbool.h>

struct weir__kafka_partition {
    int32_t number;
    int64_t next;  /* offset of the next message to hand over */
    bool restored; /* next is from a checkpoint */
    bool fresh;    /* nothing was read before: what is gone below `oldest` is history, not a loss */
    int64_t oldest; /* what the broker still had when the source was opened … */
    int64_t end;    /* … and the offset behind its last message */
    int64_t stop;   /* bounded: finished when next >= stop; else INT64_MAX */
    int64_t commit; /* what the group's committed offset is, or is about to be; -1: nothing yet */
    bool at_end;    /* the broker has nothing behind `next`, as far as it said */
    bool finished;
};

/* Their names as a list of librdkafka's, without offsets; the caller destroys it. */
rd_kafka_topic_partition_list_t *weir__kafka_partitions_list(
    const char *topic, const struct weir__kafka_partition *partitions, int count);

/* Was added to the topic after the job's checkpoint, so it is read from its beginning. */
static inline void weir__kafka_partition_is_new(struct weir__kafka_partition *partition)
{
    partition->next = 0;
    partition->fresh = true;
}

/* Before reading begins at `next`: brings it into what the broker has. Returns how many messages
 * were lost. */
int64_t weir__kafka_partition_settle(const char *topic, struct weir__kafka_partition *partition);

/* Begins reading the partitions at their `next`. */
WEIR_MUST_USE enum weir_status weir__kafka_partitions_assign(
    struct weir__kafka_client *client, const char *topic,
    const struct weir__kafka_partition *partitions, int count, struct weir_error *error);

/* The message at `offset` has come: how many messages before it were lost. Moves next behind it. */
int64_t weir__kafka_partition_advance(struct weir__kafka_client *client, const char *topic,
                                      struct weir__kafka_partition *partition, int64_t offset);

/*
 * Commits `commit` of each partition where it is >= 0 for the group. wait_ms 0: in the background.
 * A failure is logged: at-least-once means that the messages come again.
 */
void weir__kafka_partitions_commit(struct weir__kafka_client *client, const char *topic,
                                   const struct weir__kafka_partition *partitions, int count,
                                   int wait_ms);

#endif
