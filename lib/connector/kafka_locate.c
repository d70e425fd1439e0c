/*
 * Which offset of each partition a start is (see kafka_start.h). As in Flink:
 *
 *     timestamp   the first message that is as new or newer, in the order of offsets; none: the end.
 *                 The end is asked for first, so that what is written meanwhile is not missed
 *     offsets     of a partition that is not named: what the group has committed, else `latest`
 *                 decides; it also decides where the offset named is outside of what the broker has
 */
#include "connector/kafka_start.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>

static enum weir_status unavailable(const char *topic, int32_t partition, const char *question,
                                    rd_kafka_resp_err_t why, struct weir_error *error)
{
    char where[160];
    snprintf(where, sizeof where, "topic %.100s partition %" PRId32, topic, partition);
    return weir_error_set(error, WEIR_UNAVAILABLE, where, "the broker did not say %s: %s", question,
                          rd_kafka_err2str(why));
}

/* A partition that was just made, or whose broker was just away, has no leader for a moment. */
static bool passes(rd_kafka_resp_err_t why)
{
    return why == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
           why == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
}

static rd_kafka_resp_err_t ask_range_of(struct weir__kafka_client *client, const char *topic,
                                        struct weir__kafka_partition *partition)
{
    enum { TRIES = 8 };
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; i < TRIES && (i == 0 || passes(why)); i++) {
        if (i > 0) { /* waits by serving the client's events, which are few */
            (void)rd_kafka_poll(client->handle, WEIR__KAFKA_PAUSE_MS);
        }
        why = rd_kafka_query_watermark_offsets(client->handle, topic, partition->number,
                                               &partition->oldest, &partition->end,
                                               WEIR__KAFKA_PATIENCE_MS);
    }
    return why;
}

static enum weir_status ask_range(struct weir__kafka_client *client, const char *topic,
                                  struct weir__kafka_partition *partitions, int count,
                                  struct weir_error *error)
{
    for (int i = 0; i < count; i++) {
        struct weir__kafka_partition *partition = &partitions[i];
        rd_kafka_resp_err_t why = ask_range_of(client, topic, partition);
        if (why != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return unavailable(topic, partition->number, "which offsets it has", why, error);
        }
        partition->commit = -1;
        partition->fresh = true;
    }
    return WEIR_OK;
}

/* ---- earliest, latest ---- */

static void begin_at(struct weir__kafka_partition *partition, bool latest)
{
    partition->next = latest ? partition->end : 0;
}

static void all_begin_at(struct weir__kafka_partition *partitions, int count, bool latest)
{
    for (int i = 0; i < count; i++) {
        begin_at(&partitions[i], latest);
    }
}

/* ---- committed ---- */

static enum weir_status behind_committed(struct weir__kafka_client *client, const char *topic,
                                         struct weir__kafka_partition *partitions, int count,
                                         bool latest, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    rd_kafka_topic_partition_list_t *list = weir__kafka_partitions_list(topic, partitions, count);
    rd_kafka_resp_err_t why = rd_kafka_committed(client->handle, list, WEIR__KAFKA_PATIENCE_MS);
    if (why != RD_KAFKA_RESP_ERR_NO_ERROR) {
        status = unavailable(topic, partitions[0].number, "what the group has read", why, error);
    }
    for (int i = 0; i < count && status == WEIR_OK; i++) {
        int64_t committed = list->elems[i].offset;
        partitions[i].fresh = committed < 0; /* RD_KAFKA_OFFSET_INVALID: nothing committed */
        if (partitions[i].fresh) {
            begin_at(&partitions[i], latest);
        } else {
            partitions[i].next = committed;
        }
    }
    rd_kafka_topic_partition_list_destroy(list);
    return status;
}

/* ---- given offsets ---- */

static void begin_at_given(struct weir__kafka_partition *partition, const char *topic,
                           int64_t offset, bool latest)
{
    partition->fresh = true;
    partition->next = offset;
    if (offset < partition->oldest || offset > partition->end) {
        weir__log(WEIR__LOG_WARNING,
                  "topic %s partition %" PRId32 " was to be read from offset %" PRId64
                  ", but the broker has %" PRId64 " to %" PRId64 "; reading from its %s",
                  topic, partition->number, offset, partition->oldest, partition->end,
                  latest ? "end" : "beginning");
        partition->next = latest ? partition->end : partition->oldest;
    }
}

static enum weir_status at_offsets(const struct weir__kafka_start *start,
                                   struct weir__kafka_client *client, const char *topic,
                                   struct weir__kafka_partition *partitions, int count,
                                   struct weir_error *error)
{
    enum weir_status status =
        behind_committed(client, topic, partitions, count, start->latest, error);
    for (int i = 0; i < count && status == WEIR_OK; i++) {
        for (size_t n = 0; n < start->offset_count; n++) {
            if (start->offsets[n].partition == partitions[i].number) {
                begin_at_given(&partitions[i], topic, start->offsets[n].offset, start->latest);
            }
        }
    }
    return status;
}

/* ---- a timestamp ---- */

static enum weir_status ask_time(struct weir__kafka_client *client, const char *topic,
                                 struct weir__kafka_partition *partitions, int count,
                                 int64_t timestamp_ms, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    rd_kafka_topic_partition_list_t *list = weir__kafka_partitions_list(topic, partitions, count);
    for (int i = 0; i < count; i++) {
        list->elems[i].offset = timestamp_ms;
    }
    rd_kafka_resp_err_t why =
        rd_kafka_offsets_for_times(client->handle, list, WEIR__KAFKA_PATIENCE_MS);
    for (int i = 0; i < count && status == WEIR_OK; i++) {
        rd_kafka_resp_err_t of_one = why != RD_KAFKA_RESP_ERR_NO_ERROR ? why : list->elems[i].err;
        if (of_one != RD_KAFKA_RESP_ERR_NO_ERROR) {
            status =
                unavailable(topic, partitions[i].number, "where that time begins", of_one, error);
        }
        int64_t found = list->elems[i].offset;
        partitions[i].next = found >= 0 ? found : partitions[i].end;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return status;
}

/* Whether the message settles where its partition begins; *next is that, as far as is known. */
static bool settles(const rd_kafka_message_t *message,
                    const struct weir__kafka_partition *partition, int64_t timestamp_ms,
                    int64_t *next)
{
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF || message->offset >= partition->end) {
        *next = partition->end;
        return true;
    }
    bool new_enough = rd_kafka_message_timestamp(message, NULL) >= timestamp_ms;
    *next = message->offset + (new_enough ? 0 : 1);
    return new_enough || *next >= partition->end;
}

/* NULL: none came. In steps, so that a process that was stopped for a while has patience left. */
static rd_kafka_message_t *next_message(struct weir__kafka_client *client)
{
    enum { STEPS = 10 };
    rd_kafka_message_t *message = NULL;
    for (int i = 0; i < STEPS && message == NULL; i++) {
        message = rd_kafka_consumer_poll(client->handle, WEIR__KAFKA_PATIENCE_MS / STEPS);
    }
    return message;
}

/* Reads from the oldest message on. */
static enum weir_status search_one(struct weir__kafka_client *client, const char *topic,
                                   struct weir__kafka_partition *partition, int64_t timestamp_ms,
                                   struct weir_error *error)
{
    partition->next = partition->oldest;
    bool settled = partition->oldest >= partition->end;
    enum weir_status status =
        settled ? WEIR_OK : weir__kafka_partitions_assign(client, topic, partition, 1, error);
    while (status == WEIR_OK && !settled) {
        rd_kafka_message_t *message = next_message(client);
        rd_kafka_resp_err_t why = message != NULL ? message->err : RD_KAFKA_RESP_ERR__TIMED_OUT;
        if (why != RD_KAFKA_RESP_ERR_NO_ERROR && why != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            status = unavailable(topic, partition->number, "where that time begins", why, error);
        } else {
            settled = settles(message, partition, timestamp_ms, &partition->next);
        }
        if (message != NULL) {
            rd_kafka_message_destroy(message);
        }
    }
    return status;
}

/* The embedded broker does not look for times, and says of each that it is behind the last message.
 * It keeps little, so that reading is quick. */
static enum weir_status search(struct weir__kafka_client *client, const char *topic,
                               struct weir__kafka_partition *partitions, int count,
                               int64_t timestamp_ms, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    for (int i = 0; i < count && status == WEIR_OK; i++) {
        status = search_one(client, topic, &partitions[i], timestamp_ms, error);
    }
    (void)rd_kafka_assign(client->handle, NULL);
    return status;
}

static enum weir_status at_time(struct weir__kafka_client *client, const char *topic,
                                struct weir__kafka_partition *partitions, int count,
                                int64_t timestamp_ms, struct weir_error *error)
{
    return weir__kafka_client_is_embedded(client)
               ? search(client, topic, partitions, count, timestamp_ms, error)
               : ask_time(client, topic, partitions, count, timestamp_ms, error);
}

/* ---- all of them ---- */

enum weir_status weir__kafka_start_locate(const struct weir__kafka_start *start,
                                          struct weir__kafka_client *client, const char *topic,
                                          struct weir__kafka_partition *partitions, int count,
                                          struct weir_error *error)
{
    enum weir_status status = ask_range(client, topic, partitions, count, error);
    if (status != WEIR_OK || count == 0) {
        return status;
    }
    switch (start->mode) {
    case WEIR_KAFKA_COMMITTED:
        return behind_committed(client, topic, partitions, count, start->latest, error);
    case WEIR_KAFKA_EARLIEST:
    case WEIR_KAFKA_LATEST:
        all_begin_at(partitions, count, start->mode == WEIR_KAFKA_LATEST);
        return WEIR_OK;
    case WEIR_KAFKA_TIMESTAMP:
        return at_time(client, topic, partitions, count, start->timestamp_ms, error);
    case WEIR_KAFKA_OFFSETS:
        return at_offsets(start, client, topic, partitions, count, error);
    }
    return WEIR_OK;
}
