/*
 * A real Apache Kafka for tests: its address is in WEIR_TEST_KAFKA, which `make test-kafka` sets.
 * Topics are made anew for each test, under names that no other run has.
 */
#ifndef WEIR__TESTS_REAL_KAFKA_H
#define WEIR__TESTS_REAL_KAFKA_H

#include "connector/kafka_client.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { REAL_KAFKA_NAME = 80, REAL_KAFKA_ADMIN_MS = 30000 };

/* NULL, and a line for the runner: there is none. */
static inline const char *real_kafka(void)
{
    const char *address = getenv("WEIR_TEST_KAFKA");
    if (address == NULL || address[0] == '\0') {
        printf("# SKIP needs a real Kafka: make test-kafka, or WEIR_TEST_KAFKA=HOST:PORT\n");
        return NULL;
    }
    return address;
}

/* A name for a topic, a group or a job: of this run alone. */
static inline void real_kafka_name(const char *what, char name[REAL_KAFKA_NAME])
{
    static int count;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(name, REAL_KAFKA_NAME, "%s-%lld-%ld-%d", what,
             (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000, (long)getpid(), count++);
}

static inline rd_kafka_t *real_kafka_client(rd_kafka_type_t type, const char *const *settings)
{
    char reason[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    ck_assert(rd_kafka_conf_set(conf, "bootstrap.servers", getenv("WEIR_TEST_KAFKA"), reason,
                                sizeof reason) == RD_KAFKA_CONF_OK);
    for (; settings != NULL && *settings != NULL; settings += 2) {
        ck_assert_msg(rd_kafka_conf_set(conf, settings[0], settings[1], reason, sizeof reason) ==
                          RD_KAFKA_CONF_OK,
                      "%s", reason);
    }
    rd_kafka_t *client = rd_kafka_new(type, conf, reason, sizeof reason);
    ck_assert_msg(client != NULL, "%s", reason);
    return client;
}

/* Waits for the answer to an admin request, which must be a success. */
static inline void real_kafka_expect(rd_kafka_queue_t *queue)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, REAL_KAFKA_ADMIN_MS);
    ck_assert_msg(event != NULL, "the broker did not answer");
    ck_assert_msg(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR, "%s",
                  rd_kafka_event_error_string(event));
    size_t count = 0;
    const rd_kafka_topic_result_t **results =
        rd_kafka_event_type(event) == RD_KAFKA_EVENT_CREATETOPICS_RESULT
            ? rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
            : rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event),
                                                      &count);
    ck_assert(count == 1);
    ck_assert_msg(rd_kafka_topic_result_error(results[0]) == RD_KAFKA_RESP_ERR_NO_ERROR, "%s",
                  rd_kafka_topic_result_error_string(results[0]));
    rd_kafka_event_destroy(event);
}

static inline void real_kafka_create(const char *topic, int partitions)
{
    char reason[256];
    rd_kafka_t *client = real_kafka_client(RD_KAFKA_PRODUCER, NULL);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_NewTopic_t *wanted =
        rd_kafka_NewTopic_new(topic, partitions, 1, reason, sizeof reason);
    ck_assert_msg(wanted != NULL, "%s", reason);
    rd_kafka_CreateTopics(client, &wanted, 1, NULL, queue);
    real_kafka_expect(queue);
    rd_kafka_NewTopic_destroy(wanted);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
}

static inline void real_kafka_add_partitions(const char *topic, int partitions)
{
    char reason[256];
    rd_kafka_t *client = real_kafka_client(RD_KAFKA_PRODUCER, NULL);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_NewPartitions_t *wanted =
        rd_kafka_NewPartitions_new(topic, (size_t)partitions, reason, sizeof reason);
    ck_assert_msg(wanted != NULL, "%s", reason);
    rd_kafka_CreatePartitions(client, &wanted, 1, NULL, queue);
    real_kafka_expect(queue);
    rd_kafka_NewPartitions_destroy(wanted);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
}

/* What the group has committed for a partition; metadata (may be NULL): a copy of its note. */
static inline int64_t real_kafka_committed(const char *group, const char *topic, int32_t partition,
                                           char metadata[REAL_KAFKA_NAME])
{
    rd_kafka_t *client =
        real_kafka_client(RD_KAFKA_CONSUMER, (const char *[]){"group.id", group, NULL});
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    (void)rd_kafka_topic_partition_list_add(list, topic, partition);
    ck_assert(rd_kafka_committed(client, list, REAL_KAFKA_ADMIN_MS) == RD_KAFKA_RESP_ERR_NO_ERROR);
    int64_t offset = list->elems[0].offset;
    if (metadata != NULL) {
        snprintf(metadata, REAL_KAFKA_NAME, "%.*s", (int)list->elems[0].metadata_size,
                 list->elems[0].metadata != NULL ? (const char *)list->elems[0].metadata : "");
    }
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(client);
    return offset;
}

#endif
