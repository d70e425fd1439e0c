/*
 * The host of one operator: main and side outputs reach their receivers, and its metrics are at
 * hand.
 */
#include "graph/graph.h"
#include "runtime/host.h"
#include "test_runtime_event.inc"

/* A receiver that counts. */
struct counter {
    int records;
    int64_t last;
    int64_t watermark;
    bool idle;
};

static void count_record(void *self, const struct weir__record *record)
{
    struct counter *counter = self;
    counter->records++;
    counter->last = ((const struct event *)record->value)->number;
}

static void count_watermark(void *self, int64_t watermark)
{
    ((struct counter *)self)->watermark = watermark;
}

static void count_idle(void *self, bool idle)
{
    ((struct counter *)self)->idle = idle;
}

static const struct weir__receiver_ops counter_ops = {
    .record = count_record, .watermark = count_watermark, .idle = count_idle};

static const struct weir_output_tag odd_tag = {"odd", &event_type};
static const struct weir_output_tag unread_tag = {"unread", &event_type};

static void split(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    if (((const struct event *)value)->number % 2 != 0) {
        weir_side_emit(context, &odd_tag, value);
        weir_side_emit(context, &unread_tag, value);
    } else {
        weir_emit(out, value);
    }
    weir_count(context, "seen", 1);
}

static const struct weir_output_tag *const tags[] = {&odd_tag, &unread_tag, NULL};
static const struct weir_process_function splitter = {.name = "split",
                                                      .in_type = &event_type,
                                                      .out_type = &event_type,
                                                      .process = split,
                                                      .side_outputs = tags};

static bool is_large(const void *value, void *user)
{
    (void)user;
    return ((const struct event *)value)->number >= 10;
}

static void receive(struct weir__host *host, int64_t number)
{
    struct event event = {.key = WEIR_STR("k"), .number = number};
    struct weir__record record = {.value = &event, .timestamp = number};
    weir__operator_receive(host->op, 0, &record);
}

START_TEST(outputs_reach_their_receivers_and_unread_sides_are_dropped)
{
    weir_env *env = weir_env_new("test", 0, NULL);
    weir_stream *stream = weir_process(weir_from_source(env, event_source(1, 1, NULL)), &splitter);
    const struct weir__surroundings surroundings = {.clock = &weir_system_clock};
    struct weir__host *host =
        weir__host_new(weir__stream_transformation(stream), &surroundings, 1, 4);
    struct counter main = {0};
    struct counter second = {0};
    struct counter side = {0};
    weir__host_connect(host, NULL, (struct weir__receiver){&counter_ops, &main});
    weir__host_connect(host, NULL, (struct weir__receiver){&counter_ops, &second});
    weir__host_connect(host, "odd", (struct weir__receiver){&counter_ops, &side});
    struct weir_error error = {0};
    ck_assert_int_eq(weir__host_open(host, &error), WEIR_OK);
    for (int64_t i = 0; i < 5; i++) {
        receive(host, i);
    }
    weir__operator_advance(host->op, 42);
    weir__operator_set_idle(host->op, true);
    ck_assert_int_eq(main.records, 3);
    ck_assert_int_eq(second.records, 3);
    ck_assert_int_eq(side.records, 2);
    ck_assert_int_eq(side.last, 3);
    ck_assert_int_eq(main.watermark, 42);
    ck_assert_int_eq(side.watermark, 42);
    ck_assert(main.idle && side.idle);
    ck_assert_int_eq(weir__host_metric(host, "numRecordsIn"), 5);
    ck_assert_int_eq(weir__host_metric(host, "numRecordsOut"), 5);
    ck_assert_int_eq(weir__host_metric(host, "seen"), 5);
    weir__host_finish(host);
    ck_assert_int_eq(weir__host_next_tick(host), WEIR_TIME_MAX);
    ck_assert(!weir__host_tick(host, WEIR_TIME_MAX - 1));
    weir__host_free(host);
    weir_env_free(env);
}
END_TEST

START_TEST(chained_hosts_call_each_other)
{
    weir_env *env = weir_env_new("test", 0, NULL);
    weir_stream *first = weir_process(weir_from_source(env, event_source(1, 1, NULL)), &splitter);
    weir_stream *second = weir_filter(weir_side_output(first, &odd_tag), "large", is_large, NULL);
    const struct weir__surroundings surroundings = {.clock = &weir_system_clock};
    struct weir__host *head =
        weir__host_new(weir__stream_transformation(first), &surroundings, 0, 1);
    struct weir__host *tail =
        weir__host_new(weir__stream_transformation(second), &surroundings, 0, 1);
    struct counter counter = {0};
    weir__host_chain(head, "odd", tail);
    weir__host_connect(tail, NULL, (struct weir__receiver){&counter_ops, &counter});
    struct weir_error error = {0};
    ck_assert_int_eq(weir__host_open(tail, &error), WEIR_OK);
    ck_assert_int_eq(weir__host_open(head, &error), WEIR_OK);
    for (int64_t i = 0; i < 20; i++) {
        receive(head, i);
    }
    ck_assert_int_eq(weir__host_metric(tail, "numRecordsIn"), 10);
    ck_assert_int_eq(counter.records, 5);
    weir__host_free(head);
    weir__host_free(tail);
    weir_env_free(env);
}
END_TEST

START_TEST(host_that_was_never_opened_is_freed)
{
    weir_env *env = weir_env_new("test", 0, NULL);
    weir_stream *stream = weir_from_source(env, event_source(1, 1, NULL));
    const struct weir__surroundings surroundings = {.clock = &weir_system_clock};
    weir__host_free(weir__host_new(weir__stream_transformation(stream), &surroundings, 0, 1));
    weir__host_free(NULL);
    weir_env_free(env);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime host");
    TCase *tests = tcase_create("host");
    tcase_add_test(tests, outputs_reach_their_receivers_and_unread_sides_are_dropped);
    tcase_add_test(tests, chained_hosts_call_each_other);
    tcase_add_test(tests, host_that_was_never_opened_is_freed);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
