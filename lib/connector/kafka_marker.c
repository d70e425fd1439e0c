/*
 * The marker of a committed checkpoint (see kafka_marker.h).
 */
#include "connector/kafka_marker.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "weir checkpoint "

static void add(rd_kafka_topic_partition_list_t *list, const char *topic, int32_t partition,
                int64_t offset, int64_t checkpoint)
{
    rd_kafka_topic_partition_t *item = rd_kafka_topic_partition_list_add(list, topic, partition);
    item->offset = offset;
    item->metadata = weir__asprintf(PREFIX "%" PRId64, checkpoint); /* the list's to free */
    item->metadata_size = strlen(item->metadata);
}

void weir__kafka_marker_add(rd_kafka_topic_partition_list_t *list, const char *topic,
                            int64_t checkpoint)
{
    add(list, topic, 0, checkpoint, checkpoint);
}

void weir__kafka_marker_add_offsets(rd_kafka_topic_partition_list_t *list, const char *group,
                                    const struct weir_sink_commit *commit)
{
    for (size_t i = 0; i < commit->offset_count; i++) {
        const struct weir_source_offset *offset = &commit->offsets[i];
        if (strcmp(offset->group_id, group) == 0) {
            add(list, offset->topic, offset->partition, offset->next, commit->checkpoint);
        }
    }
}

/* The offset and its metadata say the same, or it is not ours. */
static enum weir_status parse(const rd_kafka_topic_partition_t *item, int64_t *checkpoint,
                              struct weir_error *error)
{
    char expected[64];
    int len = snprintf(expected, sizeof expected, PREFIX "%" PRId64, item->offset);
    if (item->offset < 0) { /* RD_KAFKA_OFFSET_INVALID: nothing committed */
        *checkpoint = -1;
        return WEIR_OK;
    }
    if (item->metadata_size != (size_t)len || memcmp(item->metadata, expected, (size_t)len) != 0) {
        return weir_error_set(
            error, WEIR_CORRUPT, item->topic,
            "expected the committed checkpoint of a job (\"%s\"), found an offset of another "
            "consumer. A group of this name reads the topic; give the sink another transactional "
            "id (-X transactional.id=NAME)",
            expected);
    }
    *checkpoint = item->offset;
    return WEIR_OK;
}

enum weir_status weir__kafka_marker_read(struct weir__kafka_client *asker, const char *topic,
                                         int64_t *checkpoint, struct weir_error *error)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    (void)rd_kafka_topic_partition_list_add(list, topic, 0);
    rd_kafka_resp_err_t why = rd_kafka_committed(asker->handle, list, WEIR__KAFKA_PATIENCE_MS);
    enum weir_status status =
        why == RD_KAFKA_RESP_ERR_NO_ERROR
            ? parse(&list->elems[0], checkpoint, error)
            : weir_error_set(error, WEIR_UNAVAILABLE, topic,
                             "the broker did not say which checkpoint was committed last: %s",
                             rd_kafka_err2str(why));
    rd_kafka_topic_partition_list_destroy(list);
    return status;
}
