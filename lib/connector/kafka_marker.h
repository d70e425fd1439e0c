/*
 * What Kafka remembers of an exactly-once job: the number of the checkpoint that was committed
 * last.
 *
 * It is a committed offset like others, written in the same transaction as the results, so it
 * changes together with them:
 *
 *     group = the job's transactional id, topic = the sink's, partition 0
 *     offset = the checkpoint's number, metadata = "weir checkpoint 7"
 *
 * 0: the job has begun, and no checkpoint is committed yet. The offsets of the job's Kafka sources
 * go into the transaction too, with the same metadata, in the sources' own groups: there they show
 * how far the job has read, and its lag.
 * Threads: any; nothing is shared.
 */
#ifndef WEIR__CONNECTOR_KAFKA_MARKER_H
#define WEIR__CONNECTOR_KAFKA_MARKER_H

#include "connector/kafka_client.h"

#include <weir/sink.h>

/* The marker of a topic among others that are to be committed. */
void weir__kafka_marker_add(rd_kafka_topic_partition_list_t *list, const char *topic,
                            int64_t checkpoint);
/* Those of the offsets that are of the group, with the checkpoint in their metadata. */
void weir__kafka_marker_add_offsets(rd_kafka_topic_partition_list_t *list, const char *group,
                                    const struct weir_sink_commit *commit);
/*
 * Asks which checkpoint the topic's marker names; -1: there is none. asker: a consumer of the
 * transactional id's group. Errors: WEIR_UNAVAILABLE; WEIR_CORRUPT: an offset that is no marker.
 */
WEIR_MUST_USE enum weir_status weir__kafka_marker_read(struct weir__kafka_client *asker,
                                                       const char *topic, int64_t *checkpoint,
                                                       struct weir_error *error);

#endif
