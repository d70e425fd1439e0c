/*
 * Opening the Kafka source's reader: a consumer that joins no group, the partitions of this
 * subtask, and where to begin.
 */
#include "base/log.h"
#include "base/mem.h"
#include "connector/kafka_reader.h"

#include <inttypes.h>

static void on_messages(rd_kafka_t *handle, void *user)
{
    struct weir__kafka_reader *reader = user;
    (void)handle;
    reader->wake(reader->waker);
}

static enum weir_status open_consumer(struct weir__kafka_reader *reader,
                                      const struct weir_source_context *context,
                                      struct weir_error *error)
{
    const struct weir__kafka_reader_config *config = reader->config;
    const char *job = weir__kafka_property(context->properties, "client.id");
    const char *group = config->group_id != NULL ? config->group_id
                        : job != NULL            ? job
                                                 : context->operator_name;
    const char *given = weir__kafka_property(context->properties, "group.id");
    reader->group = weir__strdup(given != NULL ? given : group);
    const struct weir__kafka_setting defaults[] = {
        {"group.id", group},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "earliest"}, /* what is out of range was lost: go on, and tell */
        {"allow.auto.create.topics", "true"},
        {"fetch.wait.max.ms",
         "50"}, /* the embedded broker sleeps all of it when there is nothing */
        {"fetch.error.backoff.ms", "100"},
        {"queued.max.messages.kbytes", "16384"},
        {"reconnect.backoff.max.ms", "1000"},
        {"enable.partition.eof", "true"},
        {NULL, NULL},
    };
    weir__kafka_client_init(&reader->client,
                            config->brokers != NULL ? config->brokers : context->brokers);
    reader->client_made = true;
    return weir__kafka_client_open(&reader->client, RD_KAFKA_CONSUMER, defaults,
                                   context->properties, NULL, NULL, error);
}

int weir__kafka_reader_deal(struct weir__kafka_reader *reader, int32_t topic_partitions)
{
    int before = reader->partition_count;
    reader->partitions = weir__reallocarray(reader->partitions, (size_t)topic_partitions,
                                            sizeof *reader->partitions);
    for (int32_t p = reader->topic_partitions; p < topic_partitions; p++) {
        if (p % reader->parallelism == reader->subtask) {
            reader->partitions[reader->partition_count++] =
                (struct weir__kafka_partition){.number = p, .stop = INT64_MAX};
        }
    }
    reader->topic_partitions = topic_partitions;
    return reader->partition_count - before;
}

static void open_queue(struct weir__kafka_reader *reader, const struct weir_source_context *context)
{
    (void)rd_kafka_poll_set_consumer(reader->client.handle);
    reader->queue = rd_kafka_queue_get_consumer(reader->client.handle);
    reader->wake = context->wake;
    reader->waker = context->waker;
    if (context->wake != NULL) {
        rd_kafka_queue_cb_event_enable(reader->queue, on_messages, reader);
    }
}

/* An offset of a partition that is not there is ignored, as in Flink: but it may be a mistake. */
static void tell_unknown(const struct weir__kafka_start *start, const char *topic, int32_t count)
{
    for (size_t i = 0; i < start->offset_count && start->mode == WEIR_KAFKA_OFFSETS; i++) {
        if (start->offsets[i].partition >= count) {
            weir__log(WEIR__LOG_WARNING,
                      "topic %s has %" PRId32 " partitions: the offset to begin with of partition "
                      "%" PRId32 " is ignored",
                      topic, count, start->offsets[i].partition);
        }
    }
}

enum weir_status weir__kafka_reader_check(const void *self, const char *const *properties,
                                          struct weir_error *error)
{
    const struct weir__kafka_reader_config *config = self;
    struct weir__kafka_start start;
    enum weir_status status = weir__kafka_start_choose(&config->start, properties, &start, error);
    weir__kafka_start_fini(&start);
    return status == WEIR_OK ? weir__kafka_client_check(properties, error) : status;
}

enum weir_status weir__kafka_reader_open(void *self, const struct weir_source_context *context,
                                         struct weir_error *error)
{
    struct weir__kafka_reader *reader = self;
    const struct weir__kafka_reader_config *config = reader->config;
    int32_t count = 0;
    reader->clock = context->clock;
    reader->subtask = context->subtask;
    reader->parallelism = context->parallelism;
    reader->job = weir__kafka_property(context->properties, "client.id");
    reader->checkpointed = context->checkpoint_interval_ms > 0;
    enum weir_status status = weir_format_check(config->format, error);
    if (status == WEIR_OK) {
        status =
            weir__kafka_start_choose(&config->start, context->properties, &reader->start, error);
    }
    if (status == WEIR_OK) {
        status = open_consumer(reader, context, error);
    }
    if (status == WEIR_OK) {
        status = weir__kafka_client_topic(&reader->client, config->topic, &count, error);
    }
    if (status != WEIR_OK) {
        return status;
    }
    open_queue(reader, context);
    (void)weir__kafka_reader_deal(reader, count);
    if (reader->subtask == 0) {
        tell_unknown(&reader->start, config->topic, count);
    }
    status = weir__kafka_start_locate(&reader->start, &reader->client, config->topic,
                                      reader->partitions, reader->partition_count, error);
    for (int i = 0; i < reader->partition_count && config->bounded; i++) {
        reader->partitions[i].stop = reader->partitions[i].end;
    }
    return status;
}
