/*
 * Partitions that are added to a topic while it is read.
 *
 * Every reader looks for itself, and takes what the deal by number gives it: no subtask has to tell
 * another. A partition that was not there before is read from its beginning, whatever the source's
 * start is, because nothing in it is older than the job (semantics sheet, section 21).
 */
#include "connector/kafka_reader.h"

#include "base/log.h"

#include <inttypes.h>

#define ANSWER_MS 500 /* a broker that is well says it in a few */

/* How many partitions the topic has; 0: nobody says. */
static int32_t ask_count(struct weir__kafka_reader *reader)
{
    const struct rd_kafka_metadata *metadata = NULL;
    int32_t count = 0;
    rd_kafka_topic_t *topic =
        rd_kafka_topic_new(reader->client.handle, reader->config->topic, NULL);
    if (rd_kafka_metadata(reader->client.handle, 0, topic, &metadata, ANSWER_MS) ==
        RD_KAFKA_RESP_ERR_NO_ERROR) {
        count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
        rd_kafka_metadata_destroy(metadata);
    }
    rd_kafka_topic_destroy(topic);
    return count;
}

static enum weir_status take_in(struct weir__kafka_reader *reader, weir_source_output *out,
                                int first, struct weir_error *error)
{
    for (int i = first; i < reader->partition_count; i++) {
        struct weir__kafka_partition *partition = &reader->partitions[i];
        weir__kafka_partition_is_new(partition);
        partition->commit = -1;
        weir__log(WEIR__LOG_INFO,
                  "topic %s has a new partition, %" PRId32 ": reading it from its beginning",
                  reader->config->topic, partition->number);
        weir_source_split_added(out, partition->number);
    }
    /* All are assigned anew, at the message that each is to hand over next. */
    return weir__kafka_partitions_assign(&reader->client, reader->config->topic, reader->partitions,
                                         reader->partition_count, error);
}

enum weir_status weir__kafka_reader_discover(struct weir__kafka_reader *reader,
                                             weir_source_output *out, struct weir_error *error)
{
    int64_t now_ms = weir_clock_ms(reader->clock);
    bool set_back =
        weir_time_sub(reader->discover_at_ms, now_ms) > reader->config->discovery_interval_ms &&
        reader->discover_at_ms != WEIR_TIME_MAX;
    if (now_ms < reader->discover_at_ms && !set_back) {
        return WEIR_OK;
    }
    reader->discover_at_ms = weir_time_add(now_ms, reader->config->discovery_interval_ms);
    int32_t count = ask_count(reader);
    int first = reader->partition_count;
    if (count <= reader->topic_partitions || weir__kafka_reader_deal(reader, count) == 0) {
        return WEIR_OK;
    }
    return take_in(reader, out, first, error);
}
