/*
 * The Kafka source and the sinks without transactions against a real Kafka: what an embedded broker
 * may do differently.
 */
#include "real_kafka.h"
#include "source_output.h"

#include "base/log.h"
#include "connector/kafka_producer.h"

#include <weir/connectors.h>

#include <string.h>

#define POINT_FIELDS(F, T)                                                                         \
    F(T, string, name, "name", required)                                                           \
    F(T, int64, x, "x", required)
WEIR_DECLARE_TYPE(point, POINT_FIELDS);
WEIR_DEFINE_TYPE(point, POINT_FIELDS);

static char topic[REAL_KAFKA_NAME];
static char group[REAL_KAFKA_NAME];

static bool prepare_test(int partitions)
{
    if (real_kafka() == NULL) {
        return false;
    }
    weir__log_set_writer(NULL, NULL);
    real_kafka_name("events", topic);
    real_kafka_name("group", group);
    real_kafka_create(topic, partitions);
    return true;
}

/* ---- writing and reading ---- */

static void *open_writer(weir_sink *sink, const char *const *properties)
{
    struct weir_error error = {0};
    void *writer = sink->ops->writer_new(sink->config);
    ck_assert_msg(sink->ops->open(writer,
                                  &(struct weir_sink_context){.parallelism = 1,
                                                              .operator_name = "sink",
                                                              .type = &point_type,
                                                              .brokers = real_kafka(),
                                                              .properties = properties,
                                                              .clock = &weir_system_clock},
                                  &error) == WEIR_OK,
                  "%s", error.message);
    return writer;
}

static void put_points(const weir_sink *sink, void *writer, int first, int count)
{
    struct weir_error error = {0};
    for (int i = first; i < first + count; i++) {
        const struct point point = {weir_str_from("p\xc3\xa9"), i};
        ck_assert_int_eq(sink->ops->write(writer, &point, 1000000 + i, &error), WEIR_OK);
    }
}

static void free_sink(weir_sink *sink)
{
    sink->ops->config_free(sink->config);
    weir__free(sink);
}

static void write_points(int first, int count)
{
    struct weir_error error = {0};
    weir_sink *sink = weir_kafka_sink(&(struct weir_kafka_sink_config){
        .topic = topic, .format = weir_json(&point_type), .key = WEIR_FIELD(point, x)});
    void *writer = open_writer(sink, NULL);
    put_points(sink, writer, first, count);
    ck_assert_msg(sink->ops->flush(writer, &error) == WEIR_OK, "%s", error.message);
    sink->ops->writer_free(writer);
    free_sink(sink);
}

static weir_source *new_source(struct weir_kafka_source_config config)
{
    config.topic = topic;
    config.group_id = group;
    config.brokers = real_kafka();
    config.format = weir_json(&point_type);
    return weir_kafka_source(&config);
}

static struct source_reader open_reader(weir_source *source, struct weir_source_context context)
{
    context.parallelism = context.parallelism > 0 ? context.parallelism : 1;
    context.operator_name = "source";
    context.clock = context.clock != NULL ? context.clock : &weir_system_clock;
    struct source_reader reader = source_reader_open(source, &context);
    ck_assert_msg(reader.error.code == WEIR_OK, "%s", reader.error.message);
    return reader;
}

static void read_until(struct source_reader *reader, weir_source_output *out, int64_t events)
{
    while (out->events < events) {
        ck_assert_msg(source_reader_drain(reader, out, 100) != WEIR_POLL_FAILED, "%s",
                      reader->error.message);
    }
}

/* Events 0 … n - 1, each once. */
static void expect_each_once(const weir_source_output *out, int n)
{
    ck_assert_int_eq(out->events, n);
    for (int i = 0; i < n; i++) {
        char text[64];
        snprintf(text, sizeof text, "\"x\":%d}\n", i);
        const char *found = strstr(out->values.data, text);
        ck_assert_msg(found != NULL, "event %d is missing", i);
        ck_assert_msg(strstr(found + 1, text) == NULL, "event %d is doubled", i);
    }
}

/* ---- the tests ---- */

START_TEST(json_goes_through_a_topic_and_comes_back)
{
    if (!prepare_test(3)) {
        return;
    }
    write_points(0, 200);
    weir_source *source = new_source((struct weir_kafka_source_config){.bounded = true});
    weir_source_output out = {.type = &point_type};
    struct source_reader reader = open_reader(source, (struct weir_source_context){0});
    while (source_reader_drain(&reader, &out, 100) != WEIR_POLL_END) {
    }
    expect_each_once(&out, 200);
    ck_assert_ptr_nonnull(strstr(out.values.data, "{\"name\":\"p\xc3\xa9\",\"x\":0}"));
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(a_message_has_the_timestamp_of_its_value)
{
    if (!prepare_test(1)) {
        return;
    }
    write_points(0, 3);
    weir_source *source = new_source((struct weir_kafka_source_config){0});
    weir_source_output out = {.type = &point_type};
    struct source_reader reader = open_reader(source, (struct weir_source_context){0});
    read_until(&reader, &out, 3);
    ck_assert_int_eq(out.last_timestamp, 1000002);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

/* Kafka's Java clients put key "0" and others where ours does: the numbers are Utils.murmur2 of the
 * key's bytes, positive, modulo the number of partitions. */
START_TEST(a_key_decides_the_partition_as_in_javas_clients)
{
    if (!prepare_test(4)) {
        return;
    }
    write_points(0, 4);
    weir_source *source = new_source((struct weir_kafka_source_config){.bounded = true});
    weir_source_output out = {.type = &point_type};
    struct source_reader reader = open_reader(source, (struct weir_source_context){0});
    while (source_reader_drain(&reader, &out, 100) != WEIR_POLL_END) {
    }
    static const int expected[] = {0, 3, 0, 3};
    for (int i = 0; i < 4; i++) {
        char text[80];
        snprintf(text, sizeof text, "%d:{\"name\":\"p\xc3\xa9\",\"x\":%d}", expected[i], i);
        ck_assert_msg(strstr(out.log.data, text) != NULL, "%s is not in %s", text, out.log.data);
    }
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

/* ---- offsets ---- */

START_TEST(a_job_without_checkpoints_goes_on_behind_what_its_group_has_committed)
{
    if (!prepare_test(2)) {
        return;
    }
    weir_source *source = new_source((struct weir_kafka_source_config){0});
    weir_source_output out = {.type = &point_type};
    for (int n = 1; n <= 2; n++) {
        write_points((n - 1) * 50, 50);
        struct source_reader reader = open_reader(source, (struct weir_source_context){0});
        read_until(&reader, &out, n * 50);
        source_reader_close(&reader);
    }
    expect_each_once(&out, 100);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

static int64_t lag(void)
{
    int64_t sum = 0;
    rd_kafka_t *client =
        real_kafka_client(RD_KAFKA_CONSUMER, (const char *[]){"group.id", group, NULL});
    for (int32_t p = 0; p < 2; p++) {
        int64_t low = 0;
        int64_t high = 0;
        ck_assert_int_eq(
            rd_kafka_query_watermark_offsets(client, topic, p, &low, &high, REAL_KAFKA_ADMIN_MS),
            0);
        int64_t committed = real_kafka_committed(group, topic, p, NULL);
        sum += high - (committed >= 0 ? committed : low);
    }
    rd_kafka_destroy(client);
    return sum;
}

START_TEST(the_groups_lag_is_what_is_behind_the_last_complete_checkpoint)
{
    if (!prepare_test(2)) {
        return;
    }
    write_points(0, 60);
    weir_source *source = new_source((struct weir_kafka_source_config){0});
    weir_source_output out = {.type = &point_type};
    struct source_reader reader =
        open_reader(source, (struct weir_source_context){.checkpoint_interval_ms = 1000});
    read_until(&reader, &out, 60);
    (void)source->ops->snapshot(reader.reader);
    ck_assert_int_eq(lag(), 60); /* read, but not complete */
    source->ops->checkpoint_complete(reader.reader, 1);
    write_points(60, 7);
    while (lag() != 7) { /* committed in the background */
    }
    source_reader_close(&reader);
    ck_assert_int_eq(lag(), 7);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(a_job_that_ends_before_its_first_checkpoint_commits_nothing)
{
    if (!prepare_test(2)) {
        return;
    }
    write_points(0, 10);
    weir_source *source = new_source((struct weir_kafka_source_config){0});
    weir_source_output out = {.type = &point_type};
    struct source_reader reader =
        open_reader(source, (struct weir_source_context){.checkpoint_interval_ms = 1000});
    read_until(&reader, &out, 10);
    source_reader_close(&reader);
    ck_assert_int_eq(lag(), 10);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(positions_are_told_as_consumer_groups_know_them)
{
    if (!prepare_test(2)) {
        return;
    }
    write_points(0, 10);
    weir_source *source = new_source((struct weir_kafka_source_config){0});
    weir_source_output out = {.type = &point_type};
    struct source_reader reader =
        open_reader(source, (struct weir_source_context){.checkpoint_interval_ms = 1000});
    read_until(&reader, &out, 10);
    for (int i = 0; i < 2; i++) { /* a second snapshot does not add to the first */
        (void)source->ops->snapshot(reader.reader);
    }
    size_t count = 0;
    const struct weir_source_offset *offsets = source->ops->offsets(reader.reader, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(offsets[0].group_id, group);
    ck_assert_str_eq(offsets[1].topic, topic);
    ck_assert_int_eq(offsets[0].partition + offsets[1].partition, 1);
    ck_assert_int_eq(offsets[0].next + offsets[1].next, 10);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

/* ---- where to begin ---- */

/* The x of what is there from a start on, in order; the topic has one partition. */
static void expect_read(struct weir_kafka_source_config config, const char *expected)
{
    char text[400] = "";
    config.bounded = true;
    weir_source *source = new_source(config);
    weir_source_output out = {.type = &point_type};
    struct source_reader reader = open_reader(source, (struct weir_source_context){0});
    while (source_reader_drain(&reader, &out, 100) != WEIR_POLL_END) {
    }
    for (const char *at = out.values.data; at != NULL && (at = strstr(at, "\"x\":")) != NULL;
         at++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%d ", (int)strtol(at + 4, NULL, 10));
    }
    ck_assert_str_eq(text, expected);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}

START_TEST(a_timestamp_is_the_first_message_that_is_as_new)
{
    if (!prepare_test(1)) {
        return;
    }
    write_points(5, 4); /* so the offsets are not in the order of time */
    write_points(0, 8);
    const struct {
        int64_t ms;
        const char *expected;
    } starts[] = {{0, "5 6 7 8 0 1 2 3 4 5 6 7 "},
                  {1000005, "5 6 7 8 0 1 2 3 4 5 6 7 "},
                  {1000006, "6 7 8 0 1 2 3 4 5 6 7 "},
                  {1000008, "8 0 1 2 3 4 5 6 7 "},
                  {1000009, ""}};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        expect_read((struct weir_kafka_source_config){.start = WEIR_KAFKA_TIMESTAMP,
                                                      .start_timestamp_ms = starts[i].ms},
                    starts[i].expected);
    }
}
END_TEST

START_TEST(a_timestamp_behind_the_last_message_is_the_end)
{
    if (!prepare_test(2)) {
        return;
    }
    write_points(0, 20);
    weir_source *source = new_source((struct weir_kafka_source_config){
        .start = WEIR_KAFKA_TIMESTAMP, .start_timestamp_ms = 2000000});
    weir_source_output out = {.type = &point_type};
    struct source_reader reader = open_reader(source, (struct weir_source_context){0});
    write_points(0, 3); /* behind the end, and as old as the others */
    read_until(&reader, &out, 3);
    expect_each_once(&out, 3);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(a_given_offset_is_that_of_the_first_message)
{
    if (!prepare_test(1)) {
        return;
    }
    write_points(0, 8);
    const struct weir_kafka_offset offsets[] = {{0, 5}, {0, 8}, {0, 9}};
    const char *expected[] = {"5 6 7 ", "", "0 1 2 3 4 5 6 7 "}; /* 9 is none: the beginning */
    for (int i = 0; i < 3; i++) {
        expect_read((struct weir_kafka_source_config){.start = WEIR_KAFKA_OFFSETS,
                                                      .start_offsets = &offsets[i],
                                                      .start_offset_count = 1},
                    expected[i]);
    }
}
END_TEST

START_TEST(a_partition_without_an_offset_goes_on_behind_what_was_committed)
{
    if (!prepare_test(1)) {
        return;
    }
    const struct weir_kafka_source_config config = {.start = WEIR_KAFKA_OFFSETS, .latest = true};
    write_points(0, 5);
    expect_read((struct weir_kafka_source_config){0}, "0 1 2 3 4 "); /* and commits */
    write_points(5, 3);
    expect_read(config, "5 6 7 ");
}
END_TEST

/* ---- the sink without a guarantee ---- */

START_TEST(without_a_guarantee_the_end_flushes_and_a_checkpoint_does_not)
{
    if (!prepare_test(1)) {
        return;
    }
    const struct weir_kafka_source_config all = {.start = WEIR_KAFKA_EARLIEST};
    struct weir_error error = {0};
    weir_sink *sink = weir_kafka_sink(&(struct weir_kafka_sink_config){
        .topic = topic, .format = weir_json(&point_type), .delivery = WEIR_DELIVERY_NONE});
    void *writer =
        open_writer(sink, (const char *[]){"linger.ms=600000", "message.timeout.ms=900000", NULL});
    put_points(sink, writer, 0, 3);
    ck_assert_msg(sink->ops->flush(writer, &error) == WEIR_OK, "%s", error.message);
    expect_read(all, "");
    ck_assert_msg(sink->ops->finish(writer, &error) == WEIR_OK, "%s", error.message);
    expect_read(all, "0 1 2 ");
    sink->ops->writer_free(writer);
    free_sink(sink);
}
END_TEST

/* ---- partitions that come later ---- */

/* Fault list, row 6. */
START_TEST(a_partition_added_later_is_read_from_its_beginning_whatever_the_start)
{
    if (!prepare_test(1)) {
        return;
    }
    write_points(0, 5); /* before the job: latest does not read them */
    struct weir_manual_clock manual;
    weir_manual_clock_init(&manual, 0);
    weir_source *source = new_source((struct weir_kafka_source_config){.latest = true});
    weir_source_output out = {.type = &point_type};
    struct source_reader reader =
        open_reader(source, (struct weir_source_context){.clock = &manual.clock});
    ck_assert_int_eq(source_reader_drain(&reader, &out, 100), WEIR_POLL_NOTHING);
    real_kafka_add_partitions(topic, 2);
    write_points(0, 40);
    while (strstr(out.log.data, "+1 ") == NULL) {           /* metadata may be old for a moment */
        weir_manual_clock_set(&manual, manual.ms + 300000); /* the discovery interval */
        (void)source_reader_drain(&reader, &out, 100);
    }
    read_until(&reader, &out, 40);
    expect_each_once(&out, 40);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(a_partition_added_while_the_job_was_down_is_read_from_its_beginning)
{
    if (!prepare_test(1)) {
        return;
    }
    weir_source *source = new_source((struct weir_kafka_source_config){.latest = true});
    weir_source_output out = {.type = &point_type};
    struct source_reader reader = open_reader(source, (struct weir_source_context){0});
    ck_assert_int_eq(source_reader_drain(&reader, &out, 100), WEIR_POLL_NOTHING);
    char position[64];
    struct weir_str saved = source->ops->snapshot(reader.reader);
    ck_assert_uint_lt(saved.len, sizeof position);
    memcpy(position, saved.data, saved.len);
    source_reader_close(&reader);

    real_kafka_add_partitions(topic, 2);
    write_points(0, 40);
    do { /* until this broker's clients hear of the second partition */
        reader = open_reader(source, (struct weir_source_context){0});
        ck_assert_int_eq(source->ops->restore(reader.reader, (struct weir_str){position, saved.len},
                                              &reader.error),
                         WEIR_OK);
        read_until(&reader, &out, 1);
        if (strstr(out.log.data, "+1 ") != NULL) {
            break;
        }
        source_reader_close(&reader);
        source_output_fini(&out);
        out = (weir_source_output){.type = &point_type};
    } while (true);
    read_until(&reader, &out, 40);
    expect_each_once(&out, 40);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kafka source");
    TCase *tests = tcase_create("kafka source");
    tcase_add_test(tests, json_goes_through_a_topic_and_comes_back);
    tcase_add_test(tests, a_message_has_the_timestamp_of_its_value);
    tcase_add_test(tests, a_key_decides_the_partition_as_in_javas_clients);
    tcase_add_test(tests, a_job_without_checkpoints_goes_on_behind_what_its_group_has_committed);
    tcase_add_test(tests, the_groups_lag_is_what_is_behind_the_last_complete_checkpoint);
    tcase_add_test(tests, a_job_that_ends_before_its_first_checkpoint_commits_nothing);
    tcase_add_test(tests, positions_are_told_as_consumer_groups_know_them);
    tcase_add_test(tests, a_timestamp_is_the_first_message_that_is_as_new);
    tcase_add_test(tests, a_timestamp_behind_the_last_message_is_the_end);
    tcase_add_test(tests, a_given_offset_is_that_of_the_first_message);
    tcase_add_test(tests, a_partition_without_an_offset_goes_on_behind_what_was_committed);
    tcase_add_test(tests, without_a_guarantee_the_end_flushes_and_a_checkpoint_does_not);
    tcase_add_test(tests, a_partition_added_later_is_read_from_its_beginning_whatever_the_start);
    tcase_add_test(tests, a_partition_added_while_the_job_was_down_is_read_from_its_beginning);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
