/*
 * The Kafka source: reads a topic's partitions, which are its splits, and decodes messages with a
 * format.
 *
 * As in Flink, the source deals the partitions out itself instead of joining a consumer group:
 * subtask s of n reads the partitions whose number is s modulo n, at once and repeatably. The group
 * only names where committed offsets are kept. Where a job begins is in kafka_start.c and
 * kafka_locate.c. Partitions added later are found by looking now and then (kafka_discovery.c).
 *
 * poll takes what librdkafka has fetched and never waits; librdkafka wakes the task when something
 * comes to its empty queue. While nothing is fetched, and the broker has not said that this is all,
 * the source is waiting and not quiet, however slow the broker is.
 *
 * Offsets are committed when a checkpoint is complete, as they were at its snapshot, or by the
 * transaction of an exactly-once sink, together with the results (kafka_transaction.h); in a job
 * without checkpoints, every few seconds and at the end, for what was handed on (at-least-once).
 *
 *     position    count u32, then count times (partition u32, next offset i64)
 */
#include "base/log.h"
#include "base/mem.h"
#include "connector/kafka_reader.h"
#include "connector/kafka_transaction.h"

#include <weir/connectors.h>

#include <inttypes.h>
#include <stdio.h>

#define DEFAULT_MAX_MESSAGE_BYTES (1024 * 1024)
#define COMMIT_EVERY_MS           5000
#define LAST_COMMIT_WAIT_MS       3000
#define DISCOVERY_INTERVAL_MS     300000 /* Flink's */

static void *reader_new(const void *config)
{
    struct weir__kafka_reader *reader = WEIR__NEW(struct weir__kafka_reader);
    reader->config = config;
    reader->decoder = weir_decoder_new(reader->config->format);
    reader->value = weir__calloc(1, reader->config->format.type->size);
    reader->batch = weir__calloc(WEIR__KAFKA_BATCH, sizeof *reader->batch);
    reader->offsets = WEIR__VEC_OF(struct weir_source_offset);
    reader->discover_at_ms = WEIR_TIME_MAX;
    return reader;
}

/* ---- poll ---- */

static void dead_letter(struct weir__kafka_reader *reader, weir_source_output *out,
                        const rd_kafka_message_t *message, const struct weir_error *reason)
{
    struct weir_error placed = *reason;
    snprintf(placed.where, sizeof placed.where,
             "%.60s partition %" PRId32 " offset %" PRId64 "%s%.40s", reader->config->topic,
             message->partition, message->offset, reason->where[0] != '\0' ? ", " : "",
             reason->where);
    weir_source_dead_letter(out, message->partition, message->offset, message->payload,
                            message->len, &placed);
}

/* Errors: WEIR_UNAVAILABLE, when the message cannot be read now but perhaps later: it is no dead
 * letter, the job fails and comes back to it. */
static enum weir_status deliver(struct weir__kafka_reader *reader, weir_source_output *out,
                                const rd_kafka_message_t *message, struct weir_error *error)
{
    size_t limit = reader->config->max_message_bytes;
    struct weir_error reason = {0};
    if (message->len > limit) {
        (void)weir_error_set(&reason, WEIR_LIMIT, NULL,
                             "expected a message of at most %zu bytes, got %zu", limit,
                             message->len);
        dead_letter(reader, out, message, &reason);
        return WEIR_OK;
    }
    const char *bytes = message->payload != NULL ? message->payload : "";
    enum weir_status status =
        weir_decoder_decode(reader->decoder, bytes, message->len, reader->value, &reason);
    if (status == WEIR_UNAVAILABLE) {
        *error = reason;
        return status;
    }
    if (status != WEIR_OK) {
        dead_letter(reader, out, message, &reason);
        return WEIR_OK;
    }
    rd_kafka_timestamp_type_t kind;
    int64_t timestamp = rd_kafka_message_timestamp(message, &kind);
    weir_source_emit(out, message->partition, reader->value,
                     kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? timestamp : WEIR_TIME_MIN);
    return WEIR_OK;
}

static void count_lost(weir_source_output *out, int64_t lost)
{
    if (lost > 0) {
        weir_source_count(out, "numLostMessages", lost);
    }
}

static void finish_if_at_stop(weir_source_output *out, struct weir__kafka_partition *partition)
{
    if (!partition->finished && partition->next >= partition->stop) {
        partition->finished = true;
        weir_source_split_finished(out, partition->number);
    }
}

/* What librdkafka says in the place of a message. Passing troubles are logged there and tried
 * again. */
static enum weir_status judge(const struct weir__kafka_reader *reader,
                              const rd_kafka_message_t *message, struct weir_error *error)
{
    char where[160];
    switch (message->err) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__FATAL:
        snprintf(where, sizeof where, "topic %.100s partition %" PRId32, reader->config->topic,
                 message->partition);
        return weir_error_set(error, WEIR_UNAVAILABLE, where, "cannot read on: %s",
                              rd_kafka_message_errstr(message));
    default:
        weir__log(WEIR__LOG_DEBUG, "Kafka: %s", rd_kafka_message_errstr(message));
        return WEIR_OK;
    }
}

static enum weir_status take(struct weir__kafka_reader *reader, weir_source_output *out,
                             const rd_kafka_message_t *message, struct weir_error *error)
{
    struct weir__kafka_partition *partition =
        weir__kafka_reader_partition(reader, message->partition);
    bool at_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    enum weir_status status = WEIR_OK;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !at_end) {
        return judge(reader, message, error);
    }
    if (partition == NULL || partition->finished) {
        return WEIR_OK;
    }
    partition->at_end = at_end;
    if (message->offset >= partition->stop) {
        partition->next = partition->stop; /* the rest up to there never was a message */
    } else if (!at_end) {
        count_lost(out, weir__kafka_partition_advance(&reader->client, reader->config->topic,
                                                      partition, message->offset));
        status = deliver(reader, out, message, error);
    }
    finish_if_at_stop(out, partition);
    return status;
}

static bool discovers(const struct weir__kafka_reader *reader)
{
    return !reader->config->bounded && reader->config->discovery_interval_ms > 0;
}

/* At the first poll, because a restored position may come after open. */
static enum weir_status begin(struct weir__kafka_reader *reader, weir_source_output *out,
                              struct weir_error *error)
{
    reader->assigned = true;
    reader->last_commit_ms = weir_clock_ms(reader->clock);
    if (discovers(reader)) {
        reader->discover_at_ms =
            weir_time_add(reader->last_commit_ms, reader->config->discovery_interval_ms);
    }
    for (int i = 0; i < reader->partition_count; i++) {
        if (reader->restored && !reader->partitions[i].restored) {
            weir__kafka_partition_is_new(&reader->partitions[i]);
        }
        weir_source_split_added(out, reader->partitions[i].number);
        count_lost(out,
                   weir__kafka_partition_settle(reader->config->topic, &reader->partitions[i]));
        reader->partitions[i].at_end = reader->partitions[i].next == reader->partitions[i].end;
        finish_if_at_stop(out, &reader->partitions[i]);
    }
    if (reader->partition_count == 0) {
        weir_source_no_splits(out); /* more subtasks than partitions */
    }
    return weir__kafka_partitions_assign(&reader->client, reader->config->topic, reader->partitions,
                                         reader->partition_count, error);
}

static void commit_emitted(struct weir__kafka_reader *reader, int wait_ms)
{
    for (int i = 0; i < reader->partition_count; i++) {
        reader->partitions[i].commit = reader->partitions[i].next;
    }
    weir__kafka_partitions_commit(&reader->client, reader->config->topic, reader->partitions,
                                  reader->partition_count, wait_ms);
}

static void commit_now_and_then(struct weir__kafka_reader *reader)
{
    int64_t now = weir_clock_ms(reader->clock);
    bool due = now - reader->last_commit_ms >= COMMIT_EVERY_MS || now < reader->last_commit_ms;
    if (!reader->checkpointed && due) { /* also when the clock was set back */
        reader->last_commit_ms = now;
        commit_emitted(reader, 0);
    }
}

/* A subtask without a partition is finished, unless it may get one. */
static bool all_finished(const struct weir__kafka_reader *reader)
{
    if (discovers(reader)) {
        return false;
    }
    for (int i = 0; i < reader->partition_count; i++) {
        if (!reader->partitions[i].finished) {
            return false;
        }
    }
    return true;
}

static enum weir_poll nothing_fetched(const struct weir__kafka_reader *reader)
{
    for (int i = 0; i < reader->partition_count; i++) {
        if (!reader->partitions[i].finished && !reader->partitions[i].at_end) {
            return WEIR_POLL_WAITING;
        }
    }
    return WEIR_POLL_NOTHING;
}

static enum weir_poll reader_poll(void *self, weir_source_output *out, int budget,
                                  struct weir_error *error)
{
    struct weir__kafka_reader *reader = self;
    enum weir_status status = WEIR_OK;
    if (!reader->assigned) {
        status = begin(reader, out, error);
    }
    if (status != WEIR_OK) {
        return WEIR_POLL_FAILED;
    }
    if (all_finished(reader)) {
        return WEIR_POLL_END;
    }
    size_t room = budget < WEIR__KAFKA_BATCH ? (size_t)budget : WEIR__KAFKA_BATCH;
    ssize_t count = rd_kafka_consume_batch_queue(reader->queue, 0, reader->batch, room);
    for (ssize_t i = 0; i < count; i++) {
        if (status == WEIR_OK) {
            status = take(reader, out, reader->batch[i], error);
        }
        rd_kafka_message_destroy(reader->batch[i]);
    }
    if (status != WEIR_OK) {
        return WEIR_POLL_FAILED;
    }
    commit_now_and_then(reader);
    if (weir__kafka_reader_discover(reader, out, error) != WEIR_OK) {
        return WEIR_POLL_FAILED;
    }
    if (all_finished(reader)) {
        return WEIR_POLL_END;
    }
    return count > 0 ? WEIR_POLL_MORE : nothing_fetched(reader);
}

/* ---- positions ---- */

static struct weir_str reader_snapshot(void *self)
{
    struct weir__kafka_reader *reader = self;
    reader->checkpointed = true;
    reader->position.len = 0;
    weir__vec_clear(&reader->offsets);
    weir__buf_put_u32(&reader->position, (uint32_t)reader->partition_count);
    for (int i = 0; i < reader->partition_count; i++) {
        struct weir__kafka_partition *partition = &reader->partitions[i];
        partition->commit = partition->next;
        weir__vec_push(&reader->offsets,
                       &(struct weir_source_offset){.group_id = reader->group,
                                                    .topic = reader->config->topic,
                                                    .partition = partition->number,
                                                    .next = partition->next});
        weir__buf_put_u32(&reader->position, (uint32_t)partition->number);
        weir__buf_put_i64(&reader->position, partition->next);
    }
    return (struct weir_str){reader->position.data, (uint32_t)reader->position.len};
}

static const struct weir_source_offset *reader_offsets(void *self, size_t *count)
{
    struct weir__kafka_reader *reader = self;
    *count = reader->offsets.count;
    return reader->offsets.items;
}

/* Takes over the partitions that this subtask reads; others are in the position after a change of
 * parallelism. */
static enum weir_status reader_restore(void *self, struct weir_str position,
                                       struct weir_error *error)
{
    struct weir__kafka_reader *reader = self;
    struct weir__reader in = weir__reader_of(position);
    uint32_t count = weir__read_u32(&in);
    reader->restored = true;
    for (uint32_t n = 0; n < count && !in.failed; n++) {
        int32_t number = (int32_t)weir__read_u32(&in);
        int64_t next = weir__read_i64(&in);
        struct weir__kafka_partition *partition = weir__kafka_reader_partition(reader, number);
        if (partition != NULL && !in.failed) {
            partition->next = next;
            partition->fresh = false;
            partition->restored = true;
        }
    }
    return in.failed ? weir_error_set(error, WEIR_CORRUPT, "Kafka source",
                                      "the saved position is cut short")
                     : WEIR_OK;
}

static void reader_checkpoint_complete(void *self, int64_t checkpoint)
{
    struct weir__kafka_reader *reader = self;
    (void)checkpoint;
    if (!weir__kafka_transaction_carries(reader->job)) {
        weir__kafka_partitions_commit(&reader->client, reader->config->topic, reader->partitions,
                                      reader->partition_count, 0);
    }
}

/* ---- the end ---- */

static void reader_free(void *self)
{
    struct weir__kafka_reader *reader = self;
    if (reader->assigned && !reader->checkpointed) {
        commit_emitted(reader, LAST_COMMIT_WAIT_MS);
    }
    if (reader->queue != NULL) {
        rd_kafka_queue_cb_event_enable(reader->queue, NULL, NULL);
        rd_kafka_queue_destroy(reader->queue);
    }
    if (reader->client_made) {
        weir__kafka_client_fini(&reader->client);
    }
    weir_decoder_free(reader->decoder);
    weir__buf_fini(&reader->position);
    weir__vec_fini(&reader->offsets);
    weir__kafka_start_fini(&reader->start);
    weir__free(reader->group);
    weir__free(reader->partitions);
    weir__free(reader->batch);
    weir__free(reader->value);
    weir__free(reader);
}

static void config_free(void *self)
{
    struct weir__kafka_reader_config *config = self;
    weir__free(config->topic);
    weir__free(config->group_id);
    weir__free(config->brokers);
    weir__kafka_start_fini(&config->start);
    weir__free(config);
}

static const struct weir_source_ops kafka_source_ops = {
    .kind = "Kafka",
    .reader_new = reader_new,
    .open = weir__kafka_reader_open,
    .poll = reader_poll,
    .snapshot = reader_snapshot,
    .restore = reader_restore,
    .checkpoint_complete = reader_checkpoint_complete,
    .offsets = reader_offsets,
    .reader_free = reader_free,
    .config_free = config_free,
    .check = weir__kafka_reader_check,
};

weir_source *weir_kafka_source(const struct weir_kafka_source_config *config)
{
    struct weir__kafka_reader_config *copy = WEIR__NEW(struct weir__kafka_reader_config);
    copy->topic = weir__strdup(config->topic != NULL ? config->topic : "");
    copy->group_id = weir__strdup(config->group_id);
    copy->brokers = weir__strdup(config->brokers);
    copy->format = config->format;
    copy->start = weir__kafka_start_of(config);
    copy->bounded = config->bounded;
    copy->discovery_interval_ms =
        config->discovery_interval_ms != 0 ? config->discovery_interval_ms : DISCOVERY_INTERVAL_MS;
    copy->max_message_bytes = config->max_message_bytes > 0 ? (size_t)config->max_message_bytes
                                                            : DEFAULT_MAX_MESSAGE_BYTES;
    return weir_source_new(&kafka_source_ops, "Kafka", config->format.type, copy);
}
