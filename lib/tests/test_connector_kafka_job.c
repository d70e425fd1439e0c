/*
 * Whole jobs on the embedded broker: Kafka to Kafka, with several subtasks and both schedulers.
 */
#include "base/files.h"
#include "base/log.h"
#include "connector/kafka_producer.h"
#include "connector/mock_broker.h"
#include "scratch.h"

#include <weir/weir.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { EVENTS = 2000 };

#define POINT_FIELDS(F, T)                                                                         \
    F(T, string, name, "name", required)                                                           \
    F(T, int64, x, "x", required)
WEIR_DECLARE_TYPE(point, POINT_FIELDS);
WEIR_DEFINE_TYPE(point, POINT_FIELDS);

static struct weir__mock_broker *broker;
static char address[64];

static void start_broker(void)
{
    struct weir_error error = {0};
    ck_assert_msg(weir__mock_broker_start(0, &broker, &error) == WEIR_OK, "%s", error.message);
    snprintf(address, sizeof address, "%s", weir__mock_broker_address(broker));
    ck_assert_int_eq(weir__mock_broker_create_topic(broker, "in", 3, &error), WEIR_OK);
    ck_assert_int_eq(weir__mock_broker_create_topic(broker, "out", 2, &error), WEIR_OK);
}

static void stop_broker(void)
{
    weir__mock_broker_stop(broker);
}

/* Events x = 0 … EVENTS - 1; every hundredth is not JSON. */
static void fill_topic(void)
{
    struct weir__kafka_producer producer;
    struct weir_error error = {0};
    ck_assert_msg(weir__kafka_producer_init(&producer, address, "in", NULL, &error) == WEIR_OK,
                  "%s", error.message);
    for (int i = 0; i < EVENTS; i++) {
        char text[80];
        const char *format = i % 100 == 99 ? "no JSON %d" : "{\"name\":\"p\",\"x\":%d}";
        int len = snprintf(text, sizeof text, format, i);
        ck_assert_int_eq(weir__kafka_producer_send(&producer, (struct weir_str){NULL, 0},
                                                   (struct weir_str){text, (uint32_t)len}, 1000 + i,
                                                   &error),
                         WEIR_OK);
    }
    ck_assert_int_eq(weir__kafka_producer_flush(&producer, 20000, &error), WEIR_OK);
    weir__kafka_producer_fini(&producer);
}

static weir_stream *read_topic(weir_env *env, const char *topic)
{
    return weir_set_name(
        weir_from_source(env,
                         weir_kafka_source(&(struct weir_kafka_source_config){
                             .topic = topic, .format = weir_json(&point_type), .bounded = true})),
        "source");
}

static weir_env *new_env(const char *name, const char *scheduler)
{
    char *argv[] = {"job", "-b", address, "-p", "2", "--scheduler", (char *)scheduler, NULL};
    return weir_env_new(name, 7, argv);
}

static void double_x(const void *value, void *out, void *user)
{
    const struct point *in = value;
    struct point *doubled = out;
    (void)user;
    doubled->name = in->name;
    doubled->x = 2 * in->x;
}

static void add_up(const void *value, int64_t timestamp, void *user)
{
    const struct point *point = value;
    int64_t *sums = user;
    (void)timestamp;
    sums[0]++;
    sums[1] += point->x;
}

static void run_through_kafka(const char *scheduler)
{
    int64_t sums[2] = {0, 0};
    int64_t expected = 0;
    for (int i = 0; i < EVENTS; i++) {
        expected += i % 100 == 99 ? 0 : 2 * i;
    }
    fill_topic();

    weir_env *writing = new_env("writing", scheduler);
    weir_stream *points = weir_rebalance(read_topic(writing, "in"));
    weir_sink_to(weir_map(points, "double", &point_type, double_x, NULL),
                 weir_kafka_sink(&(struct weir_kafka_sink_config){.topic = "out",
                                                                  .format = weir_json(&point_type),
                                                                  .key = WEIR_FIELD(point, x)}));
    ck_assert_int_eq(weir_execute(writing), 0);
    ck_assert_int_eq(weir_metric(writing, "source", "numDeadLetters"), EVENTS / 100);
    weir_env_free(writing);

    weir_env *reading = new_env("reading", scheduler);
    weir_sink_to(read_topic(reading, "out"), weir_collect(add_up, sums));
    ck_assert_int_eq(weir_execute(reading), 0);
    weir_env_free(reading);
    ck_assert_int_eq(sums[0], EVENTS - EVENTS / 100);
    ck_assert_int_eq(sums[1], expected);
}

START_TEST(job_reads_and_writes_topics_with_threads)
{
    run_through_kafka("threads");
}
END_TEST

START_TEST(job_reads_and_writes_topics_in_simulation)
{
    run_through_kafka("simulation");
}
END_TEST

static void count(const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    ++*(int64_t *)user;
}

START_TEST(job_goes_on_behind_what_its_group_has_read)
{
    int64_t counts[2] = {0, 0};
    fill_topic();
    for (int run = 0; run < 2; run++) {
        weir_env *env = new_env("same job", "threads"); /* its name is its group */
        weir_sink_to(read_topic(env, "in"), weir_collect(count, &counts[run]));
        ck_assert_int_eq(weir_execute(env), 0);
        weir_env_free(env);
    }
    ck_assert_int_eq(counts[0], EVENTS - EVENTS / 100);
    ck_assert_int_eq(counts[1], 0);
}
END_TEST

static char warning[600];

static void remember(enum weir__log_level level, const char *line, void *user)
{
    (void)user;
    if (level <= WEIR__LOG_WARNING && strstr(line, "embedded") != NULL) {
        snprintf(warning, sizeof warning, "%s", line);
    }
}

/* The topic "out" has the results of all events; of a hundred messages one is none. */
static void check_results_and_remove(const char *directory)
{
    int64_t seen = 0;
    struct weir_error error;
    weir_env *reading = new_env("reading", "threads");
    weir_sink_to(read_topic(reading, "out"), weir_collect(count, &seen));
    ck_assert_int_eq(weir_execute(reading), 0);
    weir_env_free(reading);
    ck_assert_int_eq(seen, EVENTS - EVENTS / 100);
    ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, directory, &error), WEIR_OK);
}

/* Fault list, row 8: the embedded broker accepts transactions and does not honour them. */
START_TEST(exactly_once_on_the_embedded_broker_is_at_least_once_and_says_so)
{
    char directory[SCRATCH_PATH];
    scratch_make(directory, "kafka-job");
    char *argv[] = {
        "job",     "-b", address, "-p", "2", "--checkpoint-interval", "100ms", "--checkpoint-dir",
        directory, NULL};
    fill_topic();
    weir__log_set_writer(remember, NULL);
    weir_env *writing = weir_env_new("writing", 9, argv);
    weir_sink_to(read_topic(writing, "in"),
                 weir_kafka_sink(&(struct weir_kafka_sink_config){.topic = "out",
                                                                  .format = weir_json(&point_type),
                                                                  .delivery = WEIR_EXACTLY_ONCE}));
    ck_assert_int_eq(weir_execute(writing), 0);
    weir_env_free(writing);
    ck_assert_ptr_nonnull(strstr(warning, "Results are at-least-once here"));
    ck_assert_ptr_nonnull(strstr(warning, "tools/kafka up"));
    check_results_and_remove(directory);
}
END_TEST

/* The queue is full at most barriers: each waits for room, and the end of the input for all. */
START_TEST(job_without_a_guarantee_has_written_everything_at_the_end_of_its_input)
{
    char directory[SCRATCH_PATH];
    scratch_make(directory, "kafka-job");
    char *argv[] = {"job",
                    "-b",
                    address,
                    "-p",
                    "2",
                    "--checkpoint-interval",
                    "5ms",
                    "--checkpoint-dir",
                    directory,
                    "-X",
                    "queue.buffering.max.messages=20",
                    NULL};
    fill_topic();
    weir_env *writing = weir_env_new("writing", 11, argv);
    weir_sink_to(read_topic(writing, "in"),
                 weir_kafka_sink(&(struct weir_kafka_sink_config){.topic = "out",
                                                                  .format = weir_json(&point_type),
                                                                  .delivery = WEIR_DELIVERY_NONE}));
    ck_assert_int_eq(weir_execute(writing), 0);
    weir_env_free(writing);
    check_results_and_remove(directory);
}
END_TEST

START_TEST(job_without_broker_fails_and_says_how_to_start_one)
{
    int64_t seen = 0;
    char *argv[] = {"job", "-b", "127.0.0.1:1", "-p", "2", NULL};
    weir_env *env = weir_env_new("job", 5, argv);
    weir_sink_to(read_topic(env, "in"), weir_collect(count, &seen));
    ck_assert_int_eq(weir_execute(env), 1);
    ck_assert_int_eq(weir_env_error(env)->code, WEIR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(weir_env_error(env)->message, "build/bin/weir broker"));
    weir_env_free(env);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connector kafka job");
    TCase *tests = tcase_create("kafka job");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, start_broker, stop_broker);
    tcase_add_test(tests, job_reads_and_writes_topics_with_threads);
    tcase_add_test(tests, job_reads_and_writes_topics_in_simulation);
    tcase_add_test(tests, job_goes_on_behind_what_its_group_has_read);
    tcase_add_test(tests, exactly_once_on_the_embedded_broker_is_at_least_once_and_says_so);
    tcase_add_test(tests, job_without_a_guarantee_has_written_everything_at_the_end_of_its_input);
    tcase_add_test(tests, job_without_broker_fails_and_says_how_to_start_one);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
