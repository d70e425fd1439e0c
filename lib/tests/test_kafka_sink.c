/*
 * The exactly-once Kafka sink against a real Kafka, without a job around it: the test takes the
 * checkpoints.
 */
#include "real_kafka.h"
#include "source_output.h"

#include "base/log.h"
#include "connector/kafka_transaction.h"

#include <weir/connectors.h>

static char topic[REAL_KAFKA_NAME];
static char job[REAL_KAFKA_NAME];
static char marker_group[REAL_KAFKA_NAME + 8];
static char last_warning[600];

static void remember(enum weir__log_level level, const char *line, void *user)
{
    (void)user;
    if (level <= WEIR__LOG_WARNING) {
        snprintf(last_warning, sizeof last_warning, "%s", line);
    }
}

static bool prepare_test(void)
{
    if (real_kafka() == NULL) {
        return false;
    }
    weir__log_set_writer(remember, NULL);
    real_kafka_name("results", topic);
    real_kafka_name("job", job);
    snprintf(marker_group, sizeof marker_group, "weir-%s", job);
    real_kafka_create(topic, 2);
    return true;
}

/* ---- writers ---- */

static weir_sink *new_sink(void)
{
    return weir_kafka_sink(&(struct weir_kafka_sink_config){
        .topic = topic, .format = weir_text(), .delivery = WEIR_EXACTLY_ONCE});
}

static struct weir_sink_context around(void)
{
    return (struct weir_sink_context){.parallelism = 1,
                                      .operator_name = "sink",
                                      .type = &weir_string_type,
                                      .brokers = real_kafka(),
                                      .clock = &weir_system_clock,
                                      .checkpoint_interval_ms = 1000,
                                      .checkpoint_timeout_ms = 10000,
                                      .job_name = job};
}

static void *open_writer(const weir_sink *sink)
{
    struct weir_error error = {0};
    const struct weir_sink_context context = around();
    void *writer = sink->ops->writer_new(sink->config);
    ck_assert_msg(sink->ops->open(writer, &context, &error) == WEIR_OK, "%s", error.message);
    return writer;
}

static void put(const weir_sink *sink, void *writer, const char *text)
{
    struct weir_error error = {0};
    struct weir_str value = weir_str_from(text);
    ck_assert_msg(sink->ops->write(writer, &value, 1000, &error) == WEIR_OK, "%s", error.message);
}

static void prepare(const weir_sink *sink, void *writer, int64_t checkpoint)
{
    struct weir_error error = {0};
    struct weir_str state = {NULL, 0};
    ck_assert_msg(sink->ops->prepare(writer, checkpoint, &state, &error) == WEIR_OK, "%s",
                  error.message);
    ck_assert_uint_gt(state.len, 0);
}

static void commit(const weir_sink *sink, void *writer, int64_t checkpoint)
{
    struct weir_error error = {0};
    const struct weir_sink_commit commit = {.checkpoint = checkpoint};
    ck_assert_msg(sink->ops->commit(writer, &commit, &error) == WEIR_OK, "%s", error.message);
}

static void free_sink(weir_sink *sink)
{
    sink->ops->config_free(sink->config);
    weir__free(sink);
}

/* Reads what a read_committed reader sees of the topic now. */
static void read_topic(weir_source_output *out)
{
    char group[REAL_KAFKA_NAME];
    real_kafka_name("reader", group);
    weir_source *source =
        weir_kafka_source(&(struct weir_kafka_source_config){.topic = topic,
                                                             .group_id = group,
                                                             .brokers = real_kafka(),
                                                             .format = weir_text(),
                                                             .bounded = true});
    struct source_reader reader = source_reader_open(
        source, &(struct weir_source_context){
                    .parallelism = 1, .operator_name = "reader", .clock = &weir_system_clock});
    ck_assert_msg(reader.error.code == WEIR_OK, "%s", reader.error.message);
    while (source_reader_drain(&reader, out, 100) != WEIR_POLL_END) {
    }
    source_reader_close(&reader);
    source_free(source);
}

/* So many values can be seen, and among them `some`. A committed transaction can be seen when the
 * broker has written its end into each partition, a moment later: looks until all are there. */
static void expect_visible(int64_t count, const char *some)
{
    weir_source_output out = {.type = &weir_string_type};
    do {
        source_output_fini(&out);
        out = (weir_source_output){.type = &weir_string_type};
        read_topic(&out);
    } while (out.events < count);
    ck_assert_int_eq(out.events, count);
    ck_assert(some == NULL || (count > 0 && strstr(out.values.data, some) != NULL));
    source_output_fini(&out);
}

/* ---- the tests ---- */

START_TEST(results_are_seen_when_their_checkpoint_is_committed)
{
    if (!prepare_test()) {
        return;
    }
    weir_sink *sink = new_sink();
    void *writer = open_writer(sink);
    put(sink, writer, "one");
    prepare(sink, writer, 1);
    commit(sink, writer, 1);
    expect_visible(1, "one");
    sink->ops->writer_free(writer);
    free_sink(sink);
}
END_TEST

/* Fault list, row 8. */
START_TEST(what_is_not_committed_is_undone_by_the_next_start)
{
    if (!prepare_test()) {
        return;
    }
    weir_sink *sink = new_sink();
    void *writer = open_writer(sink);
    put(sink, writer, "one");
    prepare(sink, writer, 1);
    commit(sink, writer, 1);
    put(sink, writer, "undone");
    prepare(sink, writer, 2);
    sink->ops->writer_free(writer);
    writer = open_writer(sink);
    expect_visible(1, "one");
    sink->ops->writer_free(writer);
    free_sink(sink);
}
END_TEST

START_TEST(what_is_written_behind_the_barrier_belongs_to_the_next_checkpoint)
{
    if (!prepare_test()) {
        return;
    }
    weir_sink *sink = new_sink();
    void *writer = open_writer(sink);
    put(sink, writer, "one");
    prepare(sink, writer, 1);
    put(sink, writer, "two");
    commit(sink, writer, 1);
    put(sink, writer, "three");
    expect_visible(1, "one");
    prepare(sink, writer, 2);
    commit(sink, writer, 2);
    expect_visible(3, "two");
    sink->ops->writer_free(writer);
    free_sink(sink);
}
END_TEST

START_TEST(results_of_a_failed_checkpoint_belong_to_the_next_one)
{
    if (!prepare_test()) {
        return;
    }
    weir_sink *sink = new_sink();
    void *writer = open_writer(sink);
    put(sink, writer, "one");
    prepare(sink, writer, 1);
    put(sink, writer, "two");
    sink->ops->abort(writer, 1);
    put(sink, writer, "three");
    prepare(sink, writer, 2);
    commit(sink, writer, 2);
    expect_visible(3, "two");
    sink->ops->writer_free(writer);
    free_sink(sink);
}
END_TEST

START_TEST(subtasks_and_sinks_of_a_job_share_one_transaction)
{
    if (!prepare_test()) {
        return;
    }
    weir_sink *sinks[] = {new_sink(), new_sink()};
    void *writers[] = {open_writer(sinks[0]), open_writer(sinks[0]), open_writer(sinks[1])};
    for (int i = 0; i < 3; i++) {
        put(sinks[i / 2], writers[i], "one");
    }
    for (int i = 0; i < 3; i++) {
        prepare(sinks[i / 2], writers[i], 1);
    }
    commit(sinks[0], writers[0], 1);
    expect_visible(3, "one");
    put(sinks[0], writers[0], "two"); /* while the others have not heard of it */
    commit(sinks[0], writers[1], 1);
    commit(sinks[1], writers[2], 1);
    expect_visible(3, "one");
    for (int i = 0; i < 3; i++) {
        sinks[i / 2]->ops->writer_free(writers[i]);
    }
    free_sink(sinks[0]);
    free_sink(sinks[1]);
}
END_TEST

/* ---- which checkpoint is committed ---- */

static int64_t committed(const weir_sink *sink)
{
    int64_t checkpoint = -1;
    struct weir_error error = {0};
    const struct weir_sink_context context = around();
    ck_assert_msg(sink->ops->committed(sink->config, &context, &checkpoint, &error) == WEIR_OK,
                  "%s", error.message);
    return checkpoint;
}

START_TEST(the_broker_knows_which_checkpoint_was_committed_last)
{
    if (!prepare_test()) {
        return;
    }
    weir_sink *sink = new_sink();
    ck_assert_int_eq(committed(sink), -1); /* never heard of the job */
    void *writer = open_writer(sink);
    sink->ops->writer_free(writer);
    ck_assert_int_eq(committed(sink), 0); /* it has begun */
    writer = open_writer(sink);
    prepare(sink, writer, 7);
    commit(sink, writer, 7);
    prepare(sink, writer, 8);
    sink->ops->writer_free(writer);
    ck_assert_int_eq(committed(sink), 7);
    free_sink(sink);
    char note[REAL_KAFKA_NAME];
    ck_assert_int_eq(real_kafka_committed(marker_group, topic, 0, note), 7);
    ck_assert_str_eq(note, "weir checkpoint 7");
}
END_TEST

START_TEST(a_job_that_goes_on_elsewhere_is_told_what_is_missing_or_doubled)
{
    if (!prepare_test()) {
        return;
    }
    weir_sink *sink = new_sink();
    void *writer = open_writer(sink);
    struct weir_error error = {0};
    struct weir_str state = {NULL, 0};
    ck_assert_int_eq(sink->ops->prepare(writer, 5, &state, &error), WEIR_OK);
    commit(sink, writer, 5);
    last_warning[0] = '\0';
    ck_assert_int_eq(sink->ops->restore(writer, state, &error), WEIR_OK);
    ck_assert_str_eq(last_warning, "");
    ck_assert_int_eq(sink->ops->prepare(writer, 6, &state, &error), WEIR_OK);
    ck_assert_int_eq(sink->ops->restore(writer, state, &error), WEIR_OK);
    ck_assert_ptr_nonnull(strstr(last_warning, "checkpoint 5, and the job goes on from 6"));
    ck_assert_ptr_nonnull(strstr(last_warning, "are missing"));
    sink->ops->writer_free(writer);
    free_sink(sink);
}
END_TEST

START_TEST(offsets_of_the_sources_are_committed_with_the_results)
{
    if (!prepare_test()) {
        return;
    }
    char note[REAL_KAFKA_NAME];
    weir_sink *sink = new_sink();
    void *writer = open_writer(sink);
    put(sink, writer, "one");
    prepare(sink, writer, 3);
    struct weir_error error = {0};
    const struct weir_source_offset offsets[] = {
        {job, topic, 0, 41}, {job, topic, 1, 42}, {"another", topic, 0, 43}};
    const struct weir_sink_commit commit = {3, offsets, 3};
    ck_assert_msg(sink->ops->commit(writer, &commit, &error) == WEIR_OK, "%s", error.message);
    ck_assert_int_eq(real_kafka_committed(job, topic, 0, note), 41);
    ck_assert_str_eq(note, "weir checkpoint 3");
    ck_assert_int_eq(real_kafka_committed(job, topic, 1, NULL), 42);
    ck_assert_int_eq(real_kafka_committed("another", topic, 0, NULL), 43);
    sink->ops->writer_free(writer);
    free_sink(sink);
}
END_TEST

/* ---- what cannot work, and what has ended ---- */

/* What a writer says that another instance of the job has replaced. A process has one producer a
 * transactional id, so the other one is a plain librdkafka producer. */
static void take_over(void)
{
    rd_kafka_t *other = real_kafka_client(RD_KAFKA_PRODUCER,
                                          (const char *[]){"transactional.id", marker_group, NULL});
    rd_kafka_error_t *why = rd_kafka_init_transactions(other, REAL_KAFKA_ADMIN_MS);
    ck_assert_msg(why == NULL, "%s", rd_kafka_error_string(why));
    rd_kafka_destroy(other);
}

START_TEST(an_instance_that_was_replaced_is_fenced_at_its_commit)
{
    if (!prepare_test()) {
        return;
    }
    weir_sink *sink = new_sink();
    void *writer = open_writer(sink);
    put(sink, writer, "zombie");
    prepare(sink, writer, 1);
    take_over();
    struct weir_error error = {0};
    ck_assert_int_eq(sink->ops->commit(writer, &(struct weir_sink_commit){.checkpoint = 1}, &error),
                     WEIR_FENCED);
    ck_assert_ptr_nonnull(strstr(error.message, "another instance of this job has taken over"));
    ck_assert_ptr_nonnull(strstr(error.message, "Leave that one running"));
    ck_assert(!error.retriable);
    sink->ops->writer_free(writer);
    expect_visible(0, NULL);
    free_sink(sink);
}
END_TEST

static void expect_refused(struct weir_sink_context context, const char *const *properties,
                           const char *text)
{
    struct weir_error error = {0};
    weir_sink *sink = new_sink();
    context.properties = properties;
    void *writer = sink->ops->writer_new(sink->config);
    ck_assert_int_eq(sink->ops->open(writer, &context, &error), WEIR_INVALID);
    ck_assert_msg(strstr(error.message, text) != NULL, "%s", error.message);
    sink->ops->writer_free(writer);
    free_sink(sink);
}

START_TEST(exactly_once_without_checkpoints_is_refused)
{
    if (!prepare_test()) {
        return;
    }
    struct weir_sink_context context = around();
    context.checkpoint_interval_ms = 0;
    expect_refused(context, NULL, "--checkpoint-interval 10s");
}
END_TEST

START_TEST(a_transaction_must_outlast_a_checkpoint)
{
    if (!prepare_test()) {
        return;
    }
    expect_refused(around(), (const char *[]){"transaction.timeout.ms=11000", NULL},
                   "a checkpoint's interval and timeout, 11000 ms together");
}
END_TEST

START_TEST(a_transaction_longer_than_the_broker_allows_is_refused)
{
    if (!prepare_test()) {
        return;
    }
    struct weir_sink_context context = around();
    context.checkpoint_timeout_ms = 1000000;
    expect_refused(context, NULL, "transaction.max.timeout.ms");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kafka sink");
    TCase *tests = tcase_create("kafka sink");
    tcase_add_test(tests, results_are_seen_when_their_checkpoint_is_committed);
    tcase_add_test(tests, what_is_not_committed_is_undone_by_the_next_start);
    tcase_add_test(tests, what_is_written_behind_the_barrier_belongs_to_the_next_checkpoint);
    tcase_add_test(tests, results_of_a_failed_checkpoint_belong_to_the_next_one);
    tcase_add_test(tests, subtasks_and_sinks_of_a_job_share_one_transaction);
    tcase_add_test(tests, the_broker_knows_which_checkpoint_was_committed_last);
    tcase_add_test(tests, a_job_that_goes_on_elsewhere_is_told_what_is_missing_or_doubled);
    tcase_add_test(tests, offsets_of_the_sources_are_committed_with_the_results);
    tcase_add_test(tests, an_instance_that_was_replaced_is_fenced_at_its_commit);
    tcase_add_test(tests, exactly_once_without_checkpoints_is_refused);
    tcase_add_test(tests, a_transaction_must_outlast_a_checkpoint);
    tcase_add_test(tests, a_transaction_longer_than_the_broker_allows_is_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
