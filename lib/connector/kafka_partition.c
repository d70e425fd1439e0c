/*
 * Offsets of the Kafka source's partitions (see kafka_partition.h).
 */
#include "connector/kafka_partition.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>

rd_kafka_topic_partition_list_t *weir__kafka_partitions_list(
    const char *topic, const struct weir__kafka_partition *partitions, int count)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
    for (int i = 0; i < count; i++) {
        (void)rd_kafka_topic_partition_list_add(list, topic, partitions[i].number);
    }
    return list;
}

enum weir_status weir__kafka_partitions_assign(struct weir__kafka_client *client, const char *topic,
                                               const struct weir__kafka_partition *partitions,
                                               int count, struct weir_error *error)
{
    rd_kafka_topic_partition_list_t *list = weir__kafka_partitions_list(topic, partitions, count);
    for (int i = 0; i < count; i++) {
        list->elems[i].offset = partitions[i].next;
    }
    rd_kafka_resp_err_t why = rd_kafka_assign(client->handle, list);
    rd_kafka_topic_partition_list_destroy(list);
    return why == RD_KAFKA_RESP_ERR_NO_ERROR
               ? WEIR_OK
               : weir_error_set(error, WEIR_UNAVAILABLE, topic, "cannot read the partitions: %s",
                                rd_kafka_err2str(why));
}

/* ---- what was lost ---- */

/* The broker has nothing below `oldest` any more. Returns how many messages that we wanted are
 * gone. */
static int64_t lose(const char *topic, struct weir__kafka_partition *partition, int64_t oldest)
{
    int64_t from = partition->next;
    if (oldest <= from) {
        return 0;
    }
    partition->next = oldest;
    if (partition->fresh) {
        weir__log(WEIR__LOG_WARNING,
                  "topic %s partition %" PRId32 " begins at offset %" PRId64
                  ": the broker no longer has what was written before",
                  topic, partition->number, oldest);
        return 0;
    }
    weir__log(WEIR__LOG_WARNING,
              "topic %s partition %" PRId32 ": %" PRId64
              " messages were lost by the broker before they were read (offsets %" PRId64
              " to %" PRId64 "). The embedded broker keeps about 5 MiB a partition: read sooner, "
              "write slower, or use more partitions",
              topic, partition->number, oldest - from, from, oldest - 1);
    return oldest - from;
}

int64_t weir__kafka_partition_settle(const char *topic, struct weir__kafka_partition *partition)
{
    if (partition->next > partition->end) {
        weir__log(WEIR__LOG_WARNING,
                  "topic %s partition %" PRId32 " was read up to offset %" PRId64
                  " before, but the broker ends at %" PRId64
                  " (was it restarted?); reading from its beginning",
                  topic, partition->number, partition->next, partition->end);
        partition->next = partition->oldest;
    }
    int64_t lost = lose(topic, partition, partition->oldest);
    partition->fresh = false;
    return lost;
}

int64_t weir__kafka_partition_advance(struct weir__kafka_client *client, const char *topic,
                                      struct weir__kafka_partition *partition, int64_t offset)
{
    int64_t oldest = 0;
    int64_t end = 0;
    int64_t lost = 0;
    if (offset > partition->next) {
        /* What the client learned with its last fetch; asks nobody. */
        rd_kafka_resp_err_t why =
            rd_kafka_get_watermark_offsets(client->handle, topic, partition->number, &oldest, &end);
        bool known = why == RD_KAFKA_RESP_ERR_NO_ERROR && oldest >= 0;
        lost = lose(topic, partition, known && oldest < offset ? oldest : offset);
    }
    partition->next = offset + 1;
    return lost;
}

/* ---- commits ---- */

static void report(rd_kafka_resp_err_t why)
{
    if (why != RD_KAFKA_RESP_ERR_NO_ERROR && why != RD_KAFKA_RESP_ERR__NO_OFFSET) {
        weir__log(WEIR__LOG_WARNING,
                  "Kafka: offsets were not committed: %s. After a restart, messages since the "
                  "last commit are read again",
                  rd_kafka_err2str(why));
    }
}

static void on_commit(rd_kafka_t *handle, rd_kafka_resp_err_t why,
                      rd_kafka_topic_partition_list_t *offsets, void *opaque)
{
    (void)handle;
    (void)offsets;
    (void)opaque;
    report(why);
}

/* Waits for the answer, but not for ever as rd_kafka_commit would. */
static void commit_and_wait(struct weir__kafka_client *client,
                            rd_kafka_topic_partition_list_t *list, int wait_ms)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client->handle);
    rd_kafka_resp_err_t why = rd_kafka_commit_queue(client->handle, list, queue, NULL, NULL);
    if (why == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, wait_ms);
        why = event != NULL ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
        rd_kafka_event_destroy(event);
    }
    report(why);
    rd_kafka_queue_destroy(queue);
}

void weir__kafka_partitions_commit(struct weir__kafka_client *client, const char *topic,
                                   const struct weir__kafka_partition *partitions, int count,
                                   int wait_ms)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
    for (int i = 0; i < count; i++) {
        if (partitions[i].commit >= 0) {
            rd_kafka_topic_partition_list_add(list, topic, partitions[i].number)->offset =
                partitions[i].commit;
        }
    }
    if (list->cnt > 0 && wait_ms > 0) {
        commit_and_wait(client, list, wait_ms);
    } else if (list->cnt > 0) {
        report(rd_kafka_commit_queue(client->handle, list, NULL, on_commit, NULL));
    }
    rd_kafka_topic_partition_list_destroy(list);
}
