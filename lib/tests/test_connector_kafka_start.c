/*
 * Where the Kafka source begins, against the embedded broker: what the program says, what the job's
 * properties say, and what cannot be. (test_kafka_source.c asks a real Kafka for the same.)
 */
#include "source_output.h"

#include "base/log.h"
#include "connector/kafka_client.h"
#include "connector/mock_broker.h"

#include <weir/connectors.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#define TOPIC       "clicks"
#define PATIENCE_MS 60000

static struct weir__mock_broker *broker;
static const char *address;
static char last_warning[600];

static void remember(enum weir__log_level level, const char *line, void *user)
{
    (void)user;
    if (level <= WEIR__LOG_WARNING) {
        snprintf(last_warning, sizeof last_warning, "%s", line);
    }
}

static void start_broker(void)
{
    struct weir_error error = {0};
    ck_assert_msg(weir__mock_broker_start(0, &broker, &error) == WEIR_OK, "%s", error.message);
    address = weir__mock_broker_address(broker);
    weir__log_set_writer(remember, NULL);
    ck_assert_int_eq(weir__mock_broker_create_topic(broker, TOPIC, 2, &error), WEIR_OK);
}

static void stop_broker(void)
{
    weir__mock_broker_stop(broker);
}

/* ---- writing ---- */

struct message {
    int32_t partition;
    const char *text;
    int64_t timestamp;
};

static void write_messages(const struct message *messages, int count)
{
    struct weir__kafka_client client;
    struct weir_error error = {0};
    weir__kafka_client_init(&client, address);
    ck_assert_int_eq(weir__kafka_client_open(
                         &client, RD_KAFKA_PRODUCER,
                         (const struct weir__kafka_setting[]){{"linger.ms", "0"}, {NULL, NULL}},
                         NULL, NULL, NULL, &error),
                     WEIR_OK);
    for (int i = 0; i < count; i++) {
        ck_assert_int_eq(
            rd_kafka_producev(client.handle, RD_KAFKA_V_TOPIC(TOPIC),
                              RD_KAFKA_V_PARTITION(messages[i].partition),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                              RD_KAFKA_V_VALUE((void *)messages[i].text, strlen(messages[i].text)),
                              RD_KAFKA_V_TIMESTAMP(messages[i].timestamp), RD_KAFKA_V_END),
            RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    ck_assert_int_eq(rd_kafka_flush(client.handle, PATIENCE_MS), RD_KAFKA_RESP_ERR_NO_ERROR);
    weir__kafka_client_fini(&client);
}

/* Partition 0 is not in the order of time. */
static void fill_topic(void)
{
    static const struct message messages[] = {
        {0, "a", 1000}, {0, "b", 3000}, {0, "c", 2000}, {0, "d", 4000},
        {1, "v", 1000}, {1, "w", 2000}, {1, "x", 2000}, {1, "y", 3000},
    };
    write_messages(messages, sizeof messages / sizeof messages[0]);
}

/* ---- reading ---- */

static weir_source *kafka(struct weir_kafka_source_config config)
{
    config.topic = TOPIC;
    config.group_id = "g";
    config.brokers = address;
    config.format = weir_text();
    return weir_kafka_source(&config);
}

static struct source_reader open_reader(weir_source *source, const char *const *properties)
{
    return source_reader_open(source, &(struct weir_source_context){.parallelism = 1,
                                                                    .operator_name = "source",
                                                                    .properties = properties,
                                                                    .clock = &weir_system_clock});
}

/* The values of a partition that were read, in order: "0:b0:c". */
static void values_of(const weir_source_output *out, int partition, char text[100])
{
    char wanted[8];
    snprintf(wanted, sizeof wanted, " %d:\"", partition);
    text[0] = '\0';
    for (const char *at = out->log.data; at != NULL && (at = strstr(at, wanted)) != NULL; at++) {
        snprintf(text + strlen(text), 100 - strlen(text), "%c", at[strlen(wanted)]);
    }
}

static void expect(const weir_source_output *out, const char *of_0, const char *of_1)
{
    char text[100];
    values_of(out, 0, text);
    ck_assert_str_eq(text, of_0);
    values_of(out, 1, text);
    ck_assert_str_eq(text, of_1);
}

/* Reads what is there, from a start: each partition's values, in order. */
static void expect_read(struct weir_kafka_source_config config, const char *const *properties,
                        const char *of_0, const char *of_1)
{
    config.bounded = true;
    weir_source *source = kafka(config);
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, properties);
    ck_assert_msg(reader.error.code == WEIR_OK, "%s", reader.error.message);
    while (source_reader_drain(&reader, &out, 100) != WEIR_POLL_END) {
    }
    expect(&out, of_0, of_1);
    source_reader_close(&reader); /* commits what was read */
    source_free(source);
    source_output_fini(&out);
}

/* The group g has read everything, and committed it. */
static void commit_everything(void)
{
    expect_read((struct weir_kafka_source_config){0}, NULL, "abcd", "vwxy");
}

/* ---- whatever is committed ---- */

START_TEST(earliest_reads_all_whatever_the_group_has_committed)
{
    fill_topic();
    commit_everything();
    expect_read((struct weir_kafka_source_config){.start = WEIR_KAFKA_EARLIEST}, NULL, "abcd",
                "vwxy");
}
END_TEST

START_TEST(latest_reads_nothing_though_the_group_has_committed_nothing)
{
    fill_topic();
    expect_read((struct weir_kafka_source_config){.start = WEIR_KAFKA_LATEST}, NULL, "", "");
}
END_TEST

/* ---- a timestamp ---- */

START_TEST(a_timestamp_is_the_first_message_of_each_partition_that_is_as_new)
{
    fill_topic();
    const struct {
        int64_t ms;
        const char *of_0;
        const char *of_1;
    } starts[] = {{0, "abcd", "vwxy"},  {1000, "abcd", "vwxy"}, {1001, "bcd", "wxy"},
                  {2000, "bcd", "wxy"}, {2001, "bcd", "y"},     {3001, "d", ""},
                  {4000, "d", ""},      {4001, "", ""}};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        expect_read((struct weir_kafka_source_config){.start = WEIR_KAFKA_TIMESTAMP,
                                                      .start_timestamp_ms = starts[i].ms},
                    NULL, starts[i].of_0, starts[i].of_1);
    }
}
END_TEST

START_TEST(a_timestamp_behind_the_last_message_is_the_end)
{
    fill_topic();
    weir_source *source = kafka((struct weir_kafka_source_config){.start = WEIR_KAFKA_TIMESTAMP,
                                                                  .start_timestamp_ms = 5000});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = open_reader(source, NULL);
    ck_assert_msg(reader.error.code == WEIR_OK, "%s", reader.error.message);
    write_messages((const struct message[]){{0, "e", 10}, {1, "z", 6000}}, 2);
    while (out.events < 2) {
        ck_assert_int_ne(source_reader_drain(&reader, &out, 100), WEIR_POLL_FAILED);
    }
    expect(&out, "e", "z"); /* the end is an offset, whatever the times behind it */
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(a_timestamp_of_an_empty_partition_is_its_end)
{
    write_messages((const struct message[]){{1, "v", 1000}}, 1);
    expect_read(
        (struct weir_kafka_source_config){.start = WEIR_KAFKA_TIMESTAMP, .start_timestamp_ms = 1},
        NULL, "", "v");
}
END_TEST

START_TEST(a_timestamp_wins_over_what_the_group_has_committed)
{
    fill_topic();
    commit_everything();
    expect_read((struct weir_kafka_source_config){.start = WEIR_KAFKA_TIMESTAMP,
                                                  .start_timestamp_ms = 3000},
                NULL, "bcd", "y");
}
END_TEST

/* ---- given offsets ---- */

/* Of partition 0 alone; nothing says where partition 1 begins. */
static struct weir_kafka_source_config from_offset(const struct weir_kafka_offset *of_0,
                                                   bool latest)
{
    return (struct weir_kafka_source_config){.start = WEIR_KAFKA_OFFSETS,
                                             .start_offsets = of_0,
                                             .start_offset_count = 1,
                                             .latest = latest};
}

START_TEST(a_given_offset_is_that_of_the_first_message)
{
    const struct weir_kafka_offset places[] = {{0, 2}, {1, 1}};
    fill_topic();
    expect_read((struct weir_kafka_source_config){.start = WEIR_KAFKA_OFFSETS,
                                                  .start_offsets = places,
                                                  .start_offset_count = 2},
                NULL, "cd", "wxy");
}
END_TEST

START_TEST(a_given_offset_wins_over_what_the_group_has_committed)
{
    fill_topic();
    commit_everything();
    expect_read(from_offset(&(struct weir_kafka_offset){0, 3}, false), NULL, "d", "");
}
END_TEST

START_TEST(a_partition_without_an_offset_is_read_as_the_fallback_says)
{
    fill_topic();
    const struct weir_kafka_offset last = {0, 3};
    expect_read(from_offset(&last, true), (const char *[]){"group.id=other", NULL}, "d", "");
    expect_read(from_offset(&last, false), NULL, "d", "vwxy");
}
END_TEST

START_TEST(a_partition_without_an_offset_goes_on_behind_what_was_committed)
{
    fill_topic();
    commit_everything();
    write_messages((const struct message[]){{1, "z", 5000}}, 1);
    expect_read(from_offset(&(struct weir_kafka_offset){0, 0}, true), NULL, "abcd", "z");
}
END_TEST

START_TEST(an_offset_that_the_broker_does_not_have_falls_back_and_warns)
{
    fill_topic();
    expect_read(from_offset(&(struct weir_kafka_offset){0, 5}, false), NULL, "abcd", "vwxy");
    ck_assert_ptr_nonnull(strstr(last_warning, "partition 0 was to be read from offset 5"));
    ck_assert_ptr_nonnull(
        strstr(last_warning, "the broker has 0 to 4; reading from its beginning"));
    expect_read(from_offset(&(struct weir_kafka_offset){0, 5}, true), NULL, "", "");
    ck_assert_ptr_nonnull(strstr(last_warning, "reading from its end"));
}
END_TEST

START_TEST(the_offset_behind_the_last_message_is_one_to_begin_with)
{
    fill_topic();
    expect_read(from_offset(&(struct weir_kafka_offset){0, 4}, false), NULL, "", "vwxy");
    ck_assert_str_eq(last_warning, "");
}
END_TEST

START_TEST(an_offset_of_a_partition_that_is_not_there_is_ignored_with_a_warning)
{
    fill_topic();
    expect_read(from_offset(&(struct weir_kafka_offset){2, 1}, false), NULL, "abcd", "vwxy");
    ck_assert_ptr_nonnull(strstr(last_warning, "topic " TOPIC " has 2 partitions"));
    ck_assert_ptr_nonnull(strstr(last_warning, "of partition 2 is ignored"));
}
END_TEST

/* ---- a checkpoint ---- */

START_TEST(a_restored_position_wins_over_every_start)
{
    const struct weir_kafka_offset offsets[] = {{0, 0}, {1, 0}};
    const struct weir_kafka_source_config starts[] = {
        {.start = WEIR_KAFKA_COMMITTED},
        {.start = WEIR_KAFKA_EARLIEST},
        {.start = WEIR_KAFKA_LATEST},
        {.start = WEIR_KAFKA_TIMESTAMP, .start_timestamp_ms = 4000},
        {.start = WEIR_KAFKA_OFFSETS, .start_offsets = offsets, .start_offset_count = 2}};
    /* count, then partition and next offset of each, in big endian or little as the buffer has it
     */
    fill_topic();
    struct weir__buf position = {0};
    weir__buf_put_u32(&position, 2);
    for (uint32_t partition = 0; partition < 2; partition++) {
        weir__buf_put_u32(&position, partition);
        weir__buf_put_i64(&position, 2);
    }
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        struct weir_kafka_source_config config = starts[i];
        config.bounded = true;
        weir_source *source = kafka(config);
        weir_source_output out = {.type = &weir_string_type};
        struct source_reader reader = open_reader(source, NULL);
        ck_assert_int_eq(
            source->ops->restore(reader.reader,
                                 (struct weir_str){position.data, (uint32_t)position.len},
                                 &reader.error),
            WEIR_OK);
        while (source_reader_drain(&reader, &out, 100) != WEIR_POLL_END) {
        }
        expect(&out, "cd", "xy");
        source_reader_close(&reader);
        source_free(source);
        source_output_fini(&out);
    }
    weir__buf_fini(&position);
}
END_TEST

/* ---- the job's properties ---- */

#define MODE    "scan.startup.mode"
#define TIME    "scan.startup.timestamp-millis"
#define OFFSETS "scan.startup.specific-offsets"

START_TEST(the_jobs_properties_win_over_the_program)
{
    const struct weir_kafka_source_config program = {.start = WEIR_KAFKA_OFFSETS,
                                                     .start_offsets =
                                                         &(struct weir_kafka_offset){0, 3},
                                                     .start_offset_count = 1};
    const struct {
        const char *properties[3];
        const char *of_0;
        const char *of_1;
    } jobs[] = {
        {{MODE "=earliest-offset", NULL}, "abcd", "vwxy"},
        {{MODE "=latest-offset", NULL}, "", ""},
        {{MODE "=group-offsets", NULL}, "", ""}, /* where the first run stopped */
        {{MODE "=timestamp", TIME "=2001", NULL}, "bcd", "y"},
        {{MODE "=specific-offsets", OFFSETS "=partition:1,offset:3;partition:0,offset:1", NULL},
         "bcd",
         "y"},
        {{OFFSETS "=partition:1,offset:3;partition:0,offset:2", NULL}, "cd", "y"},
    };
    fill_topic();
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        expect_read(program, jobs[i].properties, jobs[i].of_0, jobs[i].of_1);
    }
}
END_TEST

START_TEST(a_program_that_begins_at_a_timestamp_can_be_given_another_one)
{
    fill_topic();
    expect_read((struct weir_kafka_source_config){.start = WEIR_KAFKA_TIMESTAMP,
                                                  .start_timestamp_ms = 1000},
                (const char *[]){TIME "=4000", NULL}, "d", "");
}
END_TEST

/* ---- what cannot be ---- */

static void expect_refused(struct weir_kafka_source_config config, const char *const *properties,
                           const char *where, const char *says)
{
    weir_source *source = kafka(config);
    struct source_reader reader = open_reader(source, properties);
    ck_assert_int_eq(reader.error.code, WEIR_INVALID);
    ck_assert_str_eq(reader.error.where, where);
    ck_assert_msg(strstr(reader.error.message, says) != NULL, "%s: %s", where,
                  reader.error.message);
    source_reader_close(&reader);
    source_free(source);
}

START_TEST(a_start_that_cannot_be_is_refused)
{
    expect_refused(
        (struct weir_kafka_source_config){.start = WEIR_KAFKA_TIMESTAMP, .start_timestamp_ms = -1},
        NULL, "start_timestamp_ms", "from 0 on, got -1");
    expect_refused(from_offset(&(struct weir_kafka_offset){0, -1}, false), NULL, "start_offsets",
                   "got partition 0 offset -1");
    expect_refused(from_offset(&(struct weir_kafka_offset){-1, 7}, false), NULL, "start_offsets",
                   "got partition -1 offset 7");
    const struct weir_kafka_offset twice[] = {{1, 5}, {0, 1}, {1, 6}};
    expect_refused((struct weir_kafka_source_config){.start = WEIR_KAFKA_OFFSETS,
                                                     .start_offsets = twice,
                                                     .start_offset_count = 3},
                   NULL, "start_offsets", "partition 1 with offset 5 and with offset 6");
}
END_TEST

START_TEST(properties_that_cannot_be_are_refused)
{
    const struct {
        const char *properties[3];
        const char *where;
        const char *says;
    } cases[] = {
        {{MODE "=yesterday", NULL}, MODE, "or specific-offsets, got \"yesterday\""},
        {{MODE "=", NULL}, MODE, "got \"\""},
        {{MODE "=timestamp", NULL}, MODE, "timestamp needs -X " TIME},
        {{MODE "=specific-offsets", NULL}, MODE, "specific-offsets needs -X " OFFSETS},
        {{TIME "=1000", NULL},
         TIME,
         "goes with " MODE "=timestamp, and the mode here is group-off"},
        {{MODE "=latest-offset", OFFSETS "=partition:0,offset:1", NULL},
         OFFSETS,
         "goes with " MODE "=specific-offsets, and the mode here is latest-offset"},
        {{MODE "=timestamp", TIME "=noon", NULL}, TIME, "got \"noon\""},
        {{MODE "=timestamp", TIME "=-1", NULL}, TIME, "got \"-1\""},
        {{MODE "=timestamp", TIME "=1000 ", NULL}, TIME, "got \"1000 \""},
        {{MODE "=timestamp", TIME "=9223372036854775808", NULL}, TIME, "since 1970"},
        {{MODE "=specific-offsets", OFFSETS "=0:42", NULL}, OFFSETS, "got \"0:42\""},
        {{MODE "=specific-offsets", OFFSETS "=partition:0", NULL}, OFFSETS, "got \"partition:0\""},
        {{MODE "=specific-offsets", OFFSETS "=partition:0,offset:-2", NULL}, OFFSETS, "offset:-2"},
        {{MODE "=specific-offsets", OFFSETS "=partition:0,offset:1,", NULL}, OFFSETS, "offset:1,"},
        {{MODE "=specific-offsets", OFFSETS "=partition:4294967296,offset:1", NULL},
         OFFSETS,
         "expected partition:0,offset:42"},
        {{MODE "=specific-offsets", OFFSETS "=partition:0,offset:1;partition:0,offset:2", NULL},
         "start_offsets",
         "partition 0 with offset 1 and with offset 2"},
        {{"scan.startup.timestamp=1000", NULL}, "scan.startup.timestamp", "No such"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_refused((struct weir_kafka_source_config){0}, cases[i].properties, cases[i].where,
                       cases[i].says);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connector kafka start");
    TCase *tests = tcase_create("kafka start");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, start_broker, stop_broker);
    tcase_add_test(tests, earliest_reads_all_whatever_the_group_has_committed);
    tcase_add_test(tests, latest_reads_nothing_though_the_group_has_committed_nothing);
    tcase_add_test(tests, a_timestamp_is_the_first_message_of_each_partition_that_is_as_new);
    tcase_add_test(tests, a_timestamp_behind_the_last_message_is_the_end);
    tcase_add_test(tests, a_timestamp_of_an_empty_partition_is_its_end);
    tcase_add_test(tests, a_timestamp_wins_over_what_the_group_has_committed);
    tcase_add_test(tests, a_given_offset_is_that_of_the_first_message);
    tcase_add_test(tests, a_given_offset_wins_over_what_the_group_has_committed);
    tcase_add_test(tests, a_partition_without_an_offset_is_read_as_the_fallback_says);
    tcase_add_test(tests, a_partition_without_an_offset_goes_on_behind_what_was_committed);
    tcase_add_test(tests, an_offset_that_the_broker_does_not_have_falls_back_and_warns);
    tcase_add_test(tests, the_offset_behind_the_last_message_is_one_to_begin_with);
    tcase_add_test(tests, an_offset_of_a_partition_that_is_not_there_is_ignored_with_a_warning);
    tcase_add_test(tests, a_restored_position_wins_over_every_start);
    tcase_add_test(tests, the_jobs_properties_win_over_the_program);
    tcase_add_test(tests, a_program_that_begins_at_a_timestamp_can_be_given_another_one);
    suite_add_tcase(suite, tests);
    TCase *mistakes = tcase_create("mistakes"); /* are found before a broker is asked */
    tcase_add_test(mistakes, a_start_that_cannot_be_is_refused);
    tcase_add_test(mistakes, properties_that_cannot_be_are_refused);
    suite_add_tcase(suite, mistakes);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
