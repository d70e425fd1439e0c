/*
 * The Kafka source and sink against the embedded broker, which each test starts inside its own
 * process on a free port.
 */
#include "source_output.h"

#include "base/log.h"
#include "base/rand.h"
#include "connector/kafka_producer.h"
#include "connector/mock_broker.h"

#include <weir/connectors.h>

#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define TOPIC       "clicks"
#define PATIENCE_MS 20000 /* before a test gives up; nothing waits that long when it works */

#define POINT_FIELDS(F, T)                                                                         \
    F(T, string, name, "name", required)                                                           \
    F(T, int64, x, "x", required)
WEIR_DECLARE_TYPE(point, POINT_FIELDS);
WEIR_DEFINE_TYPE(point, POINT_FIELDS);

static struct weir__mock_broker *broker;
static const char *address;
static int wake_pipe[2];
static char last_warning[600];
static int warnings;

static void wake(void *waker)
{
    ck_assert(write(*(int *)waker, "!", 1) == 1);
}

static void remember(enum weir__log_level level, const char *line, void *user)
{
    (void)user;
    if (level <= WEIR__LOG_WARNING) {
        snprintf(last_warning, sizeof last_warning, "%s", line);
        warnings++;
    }
}

static void start_broker(void)
{
    struct weir_error error = {0};
    ck_assert_msg(weir__mock_broker_start(0, &broker, &error) == WEIR_OK, "%s", error.message);
    address = weir__mock_broker_address(broker);
    ck_assert_int_eq(pipe(wake_pipe), 0);
    weir__log_set_writer(remember, NULL);
}

static void stop_broker(void)
{
    weir__mock_broker_stop(broker);
}

static void create_topic(int partitions)
{
    struct weir_error error = {0};
    ck_assert_int_eq(weir__mock_broker_create_topic(broker, TOPIC, partitions, &error), WEIR_OK);
}

/* ---- writing ---- */

static void produce_to(const char *const *properties, const char *const *values, int count,
                       size_t repeat)
{
    struct weir__kafka_producer producer;
    struct weir_error error = {0};
    ck_assert_msg(weir__kafka_producer_init(&producer, address, TOPIC, properties, &error) ==
                      WEIR_OK,
                  "%s", error.message);
    for (size_t n = 0; n < repeat; n++) {
        for (int i = 0; i < count; i++) {
            enum weir_status status;
            while ((status = weir__kafka_producer_send(&producer, (struct weir_str){NULL, 0},
                                                       weir_str_from(values[i]), 1000 + i,
                                                       &error)) == WEIR_LIMIT) {
                ck_assert_int_eq(weir__kafka_producer_poll(&producer, 100, &error), WEIR_OK);
            }
            ck_assert_int_eq(status, WEIR_OK);
        }
    }
    ck_assert_msg(weir__kafka_producer_flush(&producer, PATIENCE_MS, &error) == WEIR_OK, "%s",
                  error.message);
    ck_assert_int_eq(producer.delivered, (int64_t)repeat * count);
    weir__kafka_producer_fini(&producer);
}

static void produce(const char *const *values, int count)
{
    produce_to(NULL, values, count, 1);
}

/* ---- reading ---- */

static weir_source *kafka(struct weir_kafka_source_config config)
{
    config.topic = TOPIC;
    config.brokers = address;
    if (config.format.ops == NULL) {
        config.format = weir_text();
    }
    return weir_kafka_source(&config);
}

static struct source_reader open_reader(weir_source *source, int subtask, int parallelism,
                                        const char *const *properties)
{
    struct source_reader reader =
        source_reader_open(source, &(struct weir_source_context){.subtask = subtask,
                                                                 .parallelism = parallelism,
                                                                 .operator_name = "source",
                                                                 .properties = properties,
                                                                 .clock = &weir_system_clock,
                                                                 .wake = wake,
                                                                 .waker = &wake_pipe[1]});
    ck_assert_msg(reader.error.code == WEIR_OK, "%s", reader.error.message);
    return reader;
}

static void wait_for_wake(void)
{
    char bytes[64];
    struct pollfd ready = {.fd = wake_pipe[0], .events = POLLIN};
    ck_assert_msg(poll(&ready, 1, PATIENCE_MS) == 1, "nobody woke the task");
    ck_assert(read(wake_pipe[0], bytes, sizeof bytes) > 0);
}

/* Polls, and parks as a task would, until that many events and dead letters have come, or the
 * source ends. */
static enum weir_poll read_until(struct source_reader *reader, weir_source_output *out,
                                 int64_t wanted)
{
    for (;;) {
        enum weir_poll last = source_reader_drain(reader, out, 100);
        if (last != WEIR_POLL_NOTHING || out->events + out->dead_letters + out->counted >= wanted) {
            return last;
        }
        wait_for_wake();
    }
}

/* ---- the tests ---- */

START_TEST(messages_come_in_the_order_of_their_partition)
{
    create_topic(1);
    produce((const char *[]){"one", "two", "three"}, 3);
    weir_source *source = kafka((struct weir_kafka_source_config){.group_id = "g"});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    ck_assert_int_eq(read_until(&reader, &out, 3), WEIR_POLL_NOTHING);
    ck_assert_str_eq(out.log.data, "+0 0:\"one\" 0:\"two\" 0:\"three\" ");
    ck_assert_int_eq(out.last_timestamp, 1002);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(task_is_woken_when_a_message_comes)
{
    create_topic(1);
    weir_source *source = kafka((struct weir_kafka_source_config){.group_id = "g"});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    for (int i = 1; i <= 3; i++) {
        ck_assert_int_eq(source_reader_drain(&reader, &out, 100), WEIR_POLL_NOTHING);
        produce((const char *[]){"one"}, 1);
        ck_assert_int_eq(read_until(&reader, &out, i), WEIR_POLL_NOTHING);
    }
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(partitions_are_dealt_to_the_subtasks_by_number)
{
    create_topic(3);
    weir_source *source = kafka((struct weir_kafka_source_config){.group_id = "g"});
    const char *expected[] = {"+0 +2 ", "+1 "};
    for (int s = 0; s < 2; s++) {
        weir_source_output out = {.type = &weir_string_type};
        struct source_reader reader = open_reader(source, s, 2, NULL);
        ck_assert_int_eq(source_reader_poll(&reader, &out, 1), WEIR_POLL_NOTHING);
        ck_assert_str_eq(out.log.data, expected[s]);
        source_reader_close(&reader);
        source_output_fini(&out);
    }
    source_free(source);
}
END_TEST

/* How a subtask's first poll ends that has no partition of the topic's one. */
static enum weir_poll poll_without_partition(struct weir_kafka_source_config config)
{
    create_topic(1);
    config.group_id = "g";
    weir_source *source = kafka(config);
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 1, 2, NULL);
    enum weir_poll polled = source_reader_poll(&reader, &out, 1);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
    return polled;
}

START_TEST(subtask_without_partition_waits_for_one)
{
    ck_assert_int_eq(poll_without_partition((struct weir_kafka_source_config){0}),
                     WEIR_POLL_NOTHING);
}
END_TEST

START_TEST(subtask_without_partition_ends_when_none_can_come)
{
    ck_assert_int_eq(
        poll_without_partition((struct weir_kafka_source_config){.discovery_interval_ms = -1}),
        WEIR_POLL_END);
}
END_TEST

START_TEST(subtask_without_partition_of_a_bounded_source_ends)
{
    ck_assert_int_eq(poll_without_partition((struct weir_kafka_source_config){.bounded = true}),
                     WEIR_POLL_END);
}
END_TEST

START_TEST(bounded_source_ends_at_the_offsets_found_at_its_start)
{
    create_topic(2);
    produce_to(NULL, (const char *[]){"x"}, 1, 50);
    weir_source *source =
        kafka((struct weir_kafka_source_config){.group_id = "g", .bounded = true});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    produce_to(NULL, (const char *[]){"later"}, 1, 50);
    ck_assert_int_eq(read_until(&reader, &out, 1000), WEIR_POLL_END);
    ck_assert_int_eq(out.events, 50);
    ck_assert_ptr_null(strstr(out.values.data, "later"));
    ck_assert_ptr_nonnull(strstr(out.log.data, "-0 "));
    ck_assert_ptr_nonnull(strstr(out.log.data, "-1 "));
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(bounded_source_of_an_empty_topic_ends_at_once)
{
    create_topic(2);
    weir_source *source =
        kafka((struct weir_kafka_source_config){.group_id = "g", .bounded = true});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    ck_assert_int_eq(source_reader_poll(&reader, &out, 10), WEIR_POLL_END);
    ck_assert_str_eq(out.log.data, "+0 -0 +1 -1 ");
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(latest_begins_at_the_end)
{
    create_topic(1);
    produce((const char *[]){"before"}, 1);
    weir_source *source = kafka((struct weir_kafka_source_config){.group_id = "g", .latest = true});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    produce((const char *[]){"after"}, 1);
    read_until(&reader, &out, 1);
    ck_assert_str_eq(out.values.data, "\"after\"\n");
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

/* ---- positions ---- */

static void read_and_close(weir_source *source, const char *const *properties, int64_t wanted,
                           const char *expected)
{
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, properties);
    read_until(&reader, &out, wanted);
    ck_assert_str_eq(out.values.data, expected);
    source_reader_close(&reader);
    source_output_fini(&out);
}

START_TEST(group_goes_on_where_it_stopped)
{
    create_topic(1);
    weir_source *source = kafka((struct weir_kafka_source_config){.group_id = "g"});
    produce((const char *[]){"one", "two"}, 2);
    read_and_close(source, NULL, 2, "\"one\"\n\"two\"\n");
    produce((const char *[]){"three"}, 1);
    read_and_close(source, NULL, 1, "\"three\"\n");
    /* CONSUMER_GROUP and -X group.id arrive as a property, and win. */
    read_and_close(source, (const char *[]){"group.id=other", NULL}, 3,
                   "\"one\"\n\"two\"\n\"three\"\n");
    source_free(source);
}
END_TEST

START_TEST(job_with_checkpoints_commits_when_one_is_complete)
{
    create_topic(1);
    weir_source *source = kafka((struct weir_kafka_source_config){.group_id = "g"});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    produce((const char *[]){"one"}, 1);
    read_until(&reader, &out, 1);
    (void)source->ops->snapshot(reader.reader);
    source_reader_close(&reader); /* it never became complete: nothing was committed */
    read_and_close(source, (const char *[]){"enable.auto.commit=false", NULL}, 1, "\"one\"\n");
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(restored_position_wins_over_the_committed_one)
{
    create_topic(2);
    produce_to(NULL, (const char *[]){"x"}, 1, 40);
    weir_source *source = kafka((struct weir_kafka_source_config){.group_id = "g"});
    weir_source_output first = {.type = &weir_string_type};
    weir_source_output second = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    char position[200];
    while (first.events < 10) {
        if (source_reader_poll(&reader, &first, 5) == WEIR_POLL_NOTHING) {
            wait_for_wake();
        }
    }
    struct weir_str saved = source->ops->snapshot(reader.reader);
    ck_assert_uint_lt(saved.len, sizeof position);
    memcpy(position, saved.data, saved.len);
    saved.data = position;
    int64_t before = first.events;
    read_until(&reader, &first, 40);
    source->ops->checkpoint_complete(reader.reader, 1);
    source_reader_close(&reader);

    reader = open_reader(source, 0, 1, NULL);
    ck_assert_int_eq(source->ops->restore(reader.reader, saved, &reader.error), WEIR_OK);
    read_until(&reader, &second, 40 - before);
    ck_assert_int_eq(second.events, 40 - before);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&first);
    source_output_fini(&second);
}
END_TEST

/* ---- bad messages ---- */

/* Fault list, row 10: the job goes on, and the position advances. */
START_TEST(malformed_message_is_a_dead_letter_with_its_place)
{
    create_topic(1);
    produce(
        (const char *[]){"{\"name\":\"a\",\"x\":1}", "{\"name\":\"b\"", "{\"name\":\"c\",\"x\":3}"},
        3);
    weir_source *source =
        kafka((struct weir_kafka_source_config){.group_id = "g", .format = weir_json(&point_type)});
    weir_source_output out = {.type = &point_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    read_until(&reader, &out, 3);
    ck_assert_str_eq(out.log.data, "+0 0:{\"name\":\"a\",\"x\":1} 0!1 0:{\"name\":\"c\",\"x\":3} ");
    ck_assert_ptr_nonnull(strstr(out.last_reason.where, TOPIC " partition 0 offset 1"));
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(too_large_message_is_a_dead_letter_that_names_the_limit)
{
    create_topic(1);
    produce((const char *[]){"0123456789", "01234567890"}, 2);
    weir_source *source =
        kafka((struct weir_kafka_source_config){.group_id = "g", .max_message_bytes = 10});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    read_until(&reader, &out, 2);
    ck_assert_int_eq(out.dead_letters, 1);
    ck_assert_int_eq(out.last_reason.code, WEIR_LIMIT);
    ck_assert_str_eq(out.last_reason.message, "expected a message of at most 10 bytes, got 11");
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

/* ---- what the broker loses ---- */

enum { BIG = 1000, MANY = 12000 }; /* 12 MB: more than twice what the embedded broker keeps */

/* Text that does not compress: the broker must really be full. */
static void produce_too_much(void)
{
    static char text[BIG + 1];
    struct weir__rand rand;
    weir__rand_init(&rand, 7);
    for (int i = 0; i < BIG; i++) {
        text[i] = (char)('!' + weir__rand_below(&rand, 90));
    }
    produce_to((const char *[]){"compression.codec=none", NULL}, (const char *[]){text}, 1, MANY);
}

START_TEST(messages_lost_before_the_restored_position_are_counted)
{
    create_topic(1);
    weir_source *source = kafka((struct weir_kafka_source_config){.group_id = "g"});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    struct weir_str at_zero = source->ops->snapshot(reader.reader);
    produce_too_much();
    struct source_reader later = open_reader(source, 0, 1, NULL);
    ck_assert_int_eq(source->ops->restore(later.reader, at_zero, &later.error), WEIR_OK);
    read_until(&later, &out, MANY);
    ck_assert_int_gt(out.counted, 0);
    ck_assert_int_eq(out.events + out.counted, MANY);
    ck_assert_ptr_nonnull(strstr(last_warning, "were lost by the broker before they were read"));
    source_reader_close(&reader);
    source_reader_close(&later);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(messages_lost_while_the_job_runs_are_counted)
{
    /* A client that fetches little ahead falls behind. */
    static const char *const slow[] = {"queued.min.messages=1", "fetch.max.bytes=2000",
                                       "message.max.bytes=2000", NULL};
    create_topic(1);
    weir_source *source = kafka((struct weir_kafka_source_config){.group_id = "g"});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, slow);
    produce((const char *[]){"first"}, 1);
    read_until(&reader, &out, 1);
    produce_too_much();
    read_until(&reader, &out, MANY + 1);
    ck_assert_int_gt(out.counted, 0);
    ck_assert_int_eq(out.events + out.counted, MANY + 1);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(history_that_is_gone_before_the_first_start_is_told_but_is_no_loss)
{
    create_topic(1);
    produce_too_much();
    weir_source *source =
        kafka((struct weir_kafka_source_config){.group_id = "g", .bounded = true});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    ck_assert_int_eq(read_until(&reader, &out, MANY), WEIR_POLL_END);
    ck_assert_int_eq(out.counted, 0);
    ck_assert_int_gt(out.events, 0);
    ck_assert_ptr_nonnull(strstr(last_warning, "no longer has what was written before"));
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(what_is_there_and_not_fetched_is_waited_for)
{
    create_topic(1);
    produce((const char *[]){"a", "b"}, 2);
    weir_source *source = kafka((struct weir_kafka_source_config){.group_id = "g"});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    enum weir_poll polled;
    do {
        polled = source_reader_ask(&reader, &out, 100);
        ck_assert(polled != WEIR_POLL_NOTHING || out.events == 2);
    } while (polled != WEIR_POLL_NOTHING); /* the broker has said that this is all */
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

/* ---- faults ---- */

/* Fault list, row 5. */
START_TEST(reading_goes_on_when_the_broker_is_back)
{
    create_topic(1);
    weir_source *source = kafka((struct weir_kafka_source_config){.group_id = "g"});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    produce((const char *[]){"before"}, 1);
    read_until(&reader, &out, 1);
    weir__mock_broker_set_down(broker, true);
    ck_assert_int_eq(source_reader_drain(&reader, &out, 100), WEIR_POLL_NOTHING);
    weir__mock_broker_set_down(broker, false);
    produce((const char *[]){"after"}, 1);
    read_until(&reader, &out, 2);
    ck_assert_str_eq(out.values.data, "\"before\"\n\"after\"\n");
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

static void open_without_broker(const char *const *properties, struct weir_error *error)
{
    weir_source *source = weir_kafka_source(&(struct weir_kafka_source_config){
        .topic = TOPIC, .brokers = "127.0.0.1:1", .format = weir_text()});
    struct source_reader reader =
        source_reader_open(source, &(struct weir_source_context){.parallelism = 1,
                                                                 .operator_name = "source",
                                                                 .properties = properties,
                                                                 .clock = &weir_system_clock});
    *error = reader.error;
    source_reader_close(&reader);
    source_free(source);
}

START_TEST(absent_broker_is_named_with_how_to_start_one)
{
    struct weir_error error;
    open_without_broker(NULL, &error);
    ck_assert_int_eq(error.code, WEIR_UNAVAILABLE);
    ck_assert(error.retriable);
    ck_assert_ptr_nonnull(strstr(error.message, "127.0.0.1:1"));
    ck_assert_ptr_nonnull(strstr(error.message, "Connection refused"));
    ck_assert_ptr_nonnull(strstr(error.message, "build/bin/weir broker"));
    ck_assert_ptr_nonnull(strstr(error.message, "KAFKA_BROKERS")); /* the text was not cut */
    ck_assert_int_eq(warnings, 0);
}
END_TEST

START_TEST(unknown_property_is_refused)
{
    struct weir_error error;
    open_without_broker((const char *[]){"no.such.property=1", NULL}, &error);
    ck_assert_int_eq(error.code, WEIR_INVALID);
    ck_assert_str_eq(error.where, "no.such.property");
}
END_TEST

/* ---- the sink ---- */

static void *open_writer(weir_sink *sink, const char *const *properties)
{
    struct weir_error error = {0};
    void *writer = sink->ops->writer_new(sink->config);
    struct weir_sink_context context = {.parallelism = 1,
                                        .type = &point_type,
                                        .properties = properties,
                                        .brokers = address,
                                        .clock = &weir_system_clock};
    ck_assert_msg(sink->ops->open(writer, &context, &error) == WEIR_OK, "%s", error.message);
    return writer;
}

static void free_sink(weir_sink *sink)
{
    sink->ops->config_free(sink->config);
    weir__free(sink);
}

START_TEST(what_the_sink_flushed_can_be_read)
{
    struct weir_error error = {0};
    create_topic(4);
    weir_sink *sink = weir_kafka_sink(&(struct weir_kafka_sink_config){
        .topic = TOPIC, .format = weir_json(&point_type), .key = WEIR_FIELD(point, x)});
    void *writer = open_writer(sink, NULL);
    for (int i = 0; i < 100; i++) {
        struct point point = {.name = WEIR_STR("p"), .x = i % 5};
        ck_assert_int_eq(sink->ops->write(writer, &point, 5000 + i, &error), WEIR_OK);
    }
    ck_assert_int_eq(sink->ops->flush(writer, &error), WEIR_OK);

    weir_source *source = kafka((struct weir_kafka_source_config){
        .group_id = "g", .bounded = true, .format = weir_json(&point_type)});
    weir_source_output out = {.type = &point_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    ck_assert_int_eq(read_until(&reader, &out, 1000), WEIR_POLL_END);
    ck_assert_int_eq(out.events, 100);
    for (int x = 0; x < 5; x++) { /* equal keys share a partition */
        int partitions = 0;
        for (int p = 0; p < 4; p++) {
            char text[60];
            snprintf(text, sizeof text, " %d:{\"name\":\"p\",\"x\":%d}", p, x);
            partitions += strstr(out.log.data, text) != NULL;
        }
        ck_assert_int_eq(partitions, 1);
    }
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
    sink->ops->writer_free(writer);
    free_sink(sink);
}
END_TEST

START_TEST(full_queue_is_back_pressure_and_a_lost_delivery_an_error)
{
    static const char *const properties[] = {"queue.buffering.max.messages=10",
                                             "message.timeout.ms=1000", NULL};
    struct weir_error error = {0};
    struct point point = {.name = WEIR_STR("p"), .x = 1};
    create_topic(1);
    weir_sink *sink = weir_kafka_sink(
        &(struct weir_kafka_sink_config){.topic = TOPIC, .format = weir_json(&point_type)});
    void *writer = open_writer(sink, properties);
    weir__mock_broker_set_down(broker, true);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(sink->ops->write(writer, &point, 0, &error), WEIR_OK);
    }
    ck_assert_int_eq(sink->ops->write(writer, &point, 0, &error), WEIR_LIMIT);
    ck_assert_int_eq(sink->ops->flush(writer, &error), WEIR_UNAVAILABLE);
    ck_assert_str_eq(error.where, "topic " TOPIC " partition 0");
    ck_assert_int_eq(sink->ops->write(writer, &point, 0, &error), WEIR_UNAVAILABLE);
    sink->ops->writer_free(writer);
    free_sink(sink);
    weir__mock_broker_set_down(broker, false);
}
END_TEST

/* ---- the sink without a guarantee ---- */

/* How many messages the broker has. */
static int64_t readable(void)
{
    weir_source *source = kafka((struct weir_kafka_source_config){
        .group_id = "g", .bounded = true, .start = WEIR_KAFKA_EARLIEST});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, 0, 1, NULL);
    ck_assert_int_eq(read_until(&reader, &out, INT64_MAX), WEIR_POLL_END);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
    return out.events;
}

static weir_sink *careless_sink(void)
{
    return weir_kafka_sink(&(struct weir_kafka_sink_config){
        .topic = TOPIC, .format = weir_json(&point_type), .delivery = WEIR_DELIVERY_NONE});
}

/* A writer whose messages do not leave by themselves, with ten of them. */
static void *open_careless_writer(weir_sink *sink)
{
    static const char *const lingering[] = {"linger.ms=600000", "message.timeout.ms=900000", NULL};
    struct weir_error error = {0};
    create_topic(1);
    void *writer = open_writer(sink, lingering);
    for (int i = 0; i < 10; i++) {
        struct point point = {.name = WEIR_STR("p"), .x = i};
        ck_assert_int_eq(sink->ops->write(writer, &point, 5000 + i, &error), WEIR_OK);
    }
    return writer;
}

START_TEST(without_a_guarantee_a_checkpoint_flushes_nothing)
{
    struct weir_error error = {0};
    weir_sink *sink = careless_sink();
    void *writer = open_careless_writer(sink);
    ck_assert_int_eq(sink->ops->flush(writer, &error), WEIR_OK);
    ck_assert_int_eq(readable(), 0);
    sink->ops->writer_free(writer);
    free_sink(sink);
}
END_TEST

START_TEST(without_a_guarantee_the_end_of_the_input_flushes)
{
    struct weir_error error = {0};
    weir_sink *sink = careless_sink();
    void *writer = open_careless_writer(sink);
    ck_assert_int_eq(sink->ops->finish(writer, &error), WEIR_OK);
    ck_assert_int_eq(readable(), 10);
    sink->ops->writer_free(writer);
    free_sink(sink);
}
END_TEST

START_TEST(without_a_guarantee_a_job_that_stops_sends_what_it_has_written)
{
    weir_sink *sink = careless_sink();
    void *writer = open_careless_writer(sink);
    sink->ops->writer_free(writer);
    ck_assert_int_eq(readable(), 10);
    free_sink(sink);
}
END_TEST

START_TEST(without_a_guarantee_a_checkpoint_waits_for_room_alone)
{
    static const char *const small[] = {"queue.buffering.max.messages=10", NULL};
    struct weir_error error = {0};
    struct point point = {.name = WEIR_STR("p"), .x = 1};
    create_topic(1);
    weir_sink *sink = careless_sink();
    void *writer = open_writer(sink, small);
    enum weir_status status = WEIR_OK;
    while (status == WEIR_OK) {
        status = sink->ops->write(writer, &point, 0, &error);
    }
    ck_assert_int_eq(status, WEIR_LIMIT);
    ck_assert_int_eq(sink->ops->flush(writer, &error), WEIR_OK);
    ck_assert_int_eq(sink->ops->write(writer, &point, 0, &error), WEIR_OK);
    sink->ops->writer_free(writer);
    free_sink(sink);
}
END_TEST

START_TEST(without_a_guarantee_a_lost_delivery_is_an_error_all_the_same)
{
    static const char *const impatient[] = {"message.timeout.ms=1000", NULL};
    struct weir_error error = {0};
    struct point point = {.name = WEIR_STR("p"), .x = 1};
    create_topic(1);
    weir_sink *sink = careless_sink();
    void *writer = open_writer(sink, impatient);
    weir__mock_broker_set_down(broker, true);
    ck_assert_int_eq(sink->ops->write(writer, &point, 0, &error), WEIR_OK);
    ck_assert_int_eq(sink->ops->flush(writer, &error), WEIR_OK);
    ck_assert_int_eq(sink->ops->finish(writer, &error), WEIR_UNAVAILABLE);
    ck_assert_str_eq(error.where, "topic " TOPIC " partition 0");
    sink->ops->writer_free(writer);
    free_sink(sink);
    weir__mock_broker_set_down(broker, false);
}
END_TEST

/* ---- the broker ---- */

START_TEST(port_in_use_is_an_error)
{
    struct weir__mock_broker *second;
    struct weir_error error = {0};
    uint16_t port = (uint16_t)strtol(strchr(address, ':') + 1, NULL, 10);
    ck_assert_int_eq(weir__mock_broker_start(port, &second, &error), WEIR_UNAVAILABLE);
    ck_assert(error.retriable);
    ck_assert_ptr_nonnull(strstr(error.message, address));
}
END_TEST

START_TEST(port_is_free_again_after_the_broker_stopped)
{
    struct weir_error error = {0};
    char before[64];
    snprintf(before, sizeof before, "%s", address);
    weir__mock_broker_stop(broker);
    uint16_t port = (uint16_t)strtol(strchr(before, ':') + 1, NULL, 10);
    ck_assert_msg(weir__mock_broker_start(port, &broker, &error) == WEIR_OK, "%s", error.message);
    ck_assert_str_eq(weir__mock_broker_address(broker), before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connector kafka");
    TCase *tests = tcase_create("kafka");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, start_broker, stop_broker);
    tcase_add_test(tests, messages_come_in_the_order_of_their_partition);
    tcase_add_test(tests, task_is_woken_when_a_message_comes);
    tcase_add_test(tests, partitions_are_dealt_to_the_subtasks_by_number);
    tcase_add_test(tests, subtask_without_partition_waits_for_one);
    tcase_add_test(tests, subtask_without_partition_ends_when_none_can_come);
    tcase_add_test(tests, subtask_without_partition_of_a_bounded_source_ends);
    tcase_add_test(tests, bounded_source_ends_at_the_offsets_found_at_its_start);
    tcase_add_test(tests, bounded_source_of_an_empty_topic_ends_at_once);
    tcase_add_test(tests, latest_begins_at_the_end);
    tcase_add_test(tests, group_goes_on_where_it_stopped);
    tcase_add_test(tests, job_with_checkpoints_commits_when_one_is_complete);
    tcase_add_test(tests, restored_position_wins_over_the_committed_one);
    tcase_add_test(tests, malformed_message_is_a_dead_letter_with_its_place);
    tcase_add_test(tests, too_large_message_is_a_dead_letter_that_names_the_limit);
    tcase_add_test(tests, messages_lost_before_the_restored_position_are_counted);
    tcase_add_test(tests, messages_lost_while_the_job_runs_are_counted);
    tcase_add_test(tests, history_that_is_gone_before_the_first_start_is_told_but_is_no_loss);
    tcase_add_test(tests, what_is_there_and_not_fetched_is_waited_for);
    tcase_add_test(tests, reading_goes_on_when_the_broker_is_back);
    tcase_add_test(tests, absent_broker_is_named_with_how_to_start_one);
    tcase_add_test(tests, unknown_property_is_refused);
    tcase_add_test(tests, what_the_sink_flushed_can_be_read);
    tcase_add_test(tests, full_queue_is_back_pressure_and_a_lost_delivery_an_error);
    tcase_add_test(tests, without_a_guarantee_a_checkpoint_flushes_nothing);
    tcase_add_test(tests, without_a_guarantee_the_end_of_the_input_flushes);
    tcase_add_test(tests, without_a_guarantee_a_job_that_stops_sends_what_it_has_written);
    tcase_add_test(tests, without_a_guarantee_a_checkpoint_waits_for_room_alone);
    tcase_add_test(tests, without_a_guarantee_a_lost_delivery_is_an_error_all_the_same);
    tcase_add_test(tests, port_in_use_is_an_error);
    tcase_add_test(tests, port_is_free_again_after_the_broker_stopped);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
