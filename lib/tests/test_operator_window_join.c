/*
 * The window join: every pair of a key's events in one window. Semantics sheet, sections 1 to 9;
 * Flink's join().where().equalTo().window().
 */
#include "base/rand.h"
#include "random_cases.h"

#include <weir/harness.h>
#include <weir/weir.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_FIELDS(F, T)                                                                         \
    F(T, int64, id, "id", required)                                                                \
    F(T, string, customer, "customer", required)                                                   \
    F(T, boolean, big, "big", required)
WEIR_DECLARE_TYPE(order, ORDER_FIELDS);
WEIR_DEFINE_TYPE(order, ORDER_FIELDS);

#define PAYMENT_FIELDS(F, T)                                                                       \
    F(T, string, payer, "payer", required)                                                         \
    F(T, string, note, "note", required)                                                           \
    F(T, int64, id, "id", required)
WEIR_DECLARE_TYPE(payment, PAYMENT_FIELDS);
WEIR_DEFINE_TYPE(payment, PAYMENT_FIELDS);

static weir_env *env;
static weir_harness *harness;

static void setup(void)
{
    env = weir_env_new("window join test", 0, NULL);
}

static void teardown(void)
{
    weir_harness_free(harness);
    harness = NULL;
    weir_env_free(env);
}

/* Emits "left-right" by their ids. */
static void pair(const void *left, const void *right, const struct weir_join_context *context,
                 weir_collector *out, void *user)
{
    (void)user;
    const struct order *order = left;
    const struct payment *payment = right;
    const struct weir_str key = *(const struct weir_str *)context->key;
    ck_assert(weir_str_compare(order->customer, key) == 0);
    ck_assert(weir_str_compare(payment->payer, key) == 0);
    ck_assert(weir_str_equals(payment->note, "a note"));
    ck_assert_int_ge(context->left_timestamp, context->window.start);
    ck_assert_int_lt(context->right_timestamp, context->window.end);
    char text[60];
    snprintf(text, sizeof(text), "%lld-%lld", (long long)order->id, (long long)payment->id);
    struct weir_str result = weir_str_from(text);
    weir_emit(out, &result);
}

static const struct weir_join_function pairs = {
    .name = "pairs",
    .left_type = &order_type,
    .right_type = &payment_type,
    .out_type = &weir_string_type,
    .join = pair,
};

static weir_keyed_stream *orders(void)
{
    return weir_key_by(weir_harness_input(env, &order_type), WEIR_FIELD(order, customer));
}

static weir_keyed_stream *payments(void)
{
    return weir_key_by(weir_harness_input(env, &payment_type), WEIR_FIELD(payment, payer));
}

static void start_with(struct weir_window_join_config config)
{
    config.function = &pairs;
    harness = weir_harness_new(env, weir_window_join(orders(), payments(), &config));
    ck_assert_str_eq(weir_harness_error(harness)->message, "");
}

static void start(struct weir_window_assigner assigner)
{
    start_with((struct weir_window_join_config){.assigner = assigner});
}

static void left_of(const char *key, int64_t id, int64_t timestamp)
{
    weir_harness_push(harness, &(struct order){id, weir_str_from(key), true}, timestamp);
}

static void right_of(const char *key, int64_t id, int64_t timestamp)
{
    weir_harness_push2(harness, &(struct payment){weir_str_from(key), WEIR_STR("a note"), id},
                       timestamp);
}

/* Ids are timestamps. */
static void left(int64_t timestamp)
{
    left_of("k", timestamp, timestamp);
}

static void right(int64_t timestamp)
{
    right_of("k", timestamp, timestamp);
}

static void expect(const char *text)
{
    ck_assert_str_eq(weir_harness_take_text(harness), text);
}

START_TEST(every_pair_of_a_window_is_joined_left_events_first)
{
    start(weir_tumbling_event_time(10));
    right(3);
    left(1);
    left(5);
    right(2);
    left(10);
    right(11);
    expect("");
    weir_harness_watermark(harness, 9);
    expect("\"1-3\"@9 \"1-2\"@9 \"5-3\"@9 \"5-2\"@9 W9");
    weir_harness_watermark(harness, 19);
    expect("\"10-11\"@19 W19");
    ck_assert_int_eq(weir_harness_state(harness).windows, 0);
    ck_assert_int_eq(weir_harness_state(harness).event_timers, 0);
}
END_TEST

START_TEST(window_with_events_of_one_side_gives_nothing)
{
    start(weir_tumbling_event_time(10));
    left(1);
    left(2);
    right_of("other", 3, 3);
    weir_harness_watermark(harness, 9);
    expect("W9");
}
END_TEST

/* Section 1: the result of a window carries end - 1. */
START_TEST(result_has_the_windows_last_millisecond)
{
    start(weir_tumbling_event_time(7));
    left(-3);
    right(-6);
    weir_harness_watermark(harness, -1);
    expect("\"-3--6\"@-1 W-1");
}
END_TEST

START_TEST(pair_meets_in_every_window_that_holds_both)
{
    start(weir_sliding_event_time(10, 5));
    left(4);
    right(6);
    weir_harness_finish(harness);
    expect("\"4-6\"@9 Wmax");
    weir_harness_free(harness);
    start(weir_sliding_event_time(10, 5));
    left(6);
    right(7);
    weir_harness_finish(harness);
    expect("\"6-7\"@9 \"6-7\"@14 Wmax");
}
END_TEST

/* Section 13: the minimum of the inputs. */
START_TEST(window_waits_for_both_inputs)
{
    start(weir_tumbling_event_time(10));
    left(1);
    right(2);
    weir_harness_watermark1(harness, 50);
    expect("");
    weir_harness_watermark2(harness, 9);
    expect("\"1-2\"@9 W9");
}
END_TEST

/* Section 5: late iff the window's clean-up time <= wm. */
START_TEST(late_event_of_either_side_is_dropped_and_counted)
{
    start(weir_tumbling_event_time(10));
    left(1);
    weir_harness_watermark(harness, 9);
    right(2);
    left(3);
    expect("W9");
    ck_assert_int_eq(weir_harness_metric(harness, "numLateRecordsDropped"), 2);
    ck_assert_int_eq(weir_harness_metric(harness, "numRecordsIn"), 3);
}
END_TEST

/* Section 4: a late but allowed element fires again with the full pane. */
START_TEST(allowed_lateness_fires_again_with_all_pairs)
{
    start_with((struct weir_window_join_config){.assigner = weir_tumbling_event_time(10),
                                                .allowed_lateness_ms = 5});
    left(1);
    right(2);
    weir_harness_watermark(harness, 9);
    right(3);
    expect("\"1-2\"@9 W9 \"1-2\"@9 \"1-3\"@9");
}
END_TEST

/* Section 8: sessions of both sides merge. */
START_TEST(session_is_held_together_by_events_of_either_side)
{
    start(weir_session_event_time(10));
    left(0);
    right(18);
    right(9);
    left(40);
    weir_harness_watermark(harness, 60);
    expect("\"0-18\"@27 \"0-9\"@27 W60");
}
END_TEST

START_TEST(count_trigger_counts_both_sides)
{
    start_with((struct weir_window_join_config){
        .assigner = weir_global_window(),
        .trigger = {.kind = WEIR_TRIGGER_COUNT, .count = 2, .purging = true}});
    left(1);
    right(2);
    left(3);
    left(4);
    expect("\"1-2\"@max");
}
END_TEST

START_TEST(processing_time_windows_go_by_the_clock)
{
    start(weir_tumbling_processing_time(10));
    left(3);
    weir_harness_watermark(harness, 100); /* says nothing to the clock */
    weir_harness_clear(harness);
    right(4);
    weir_harness_set_time(harness, 8);
    expect("");
    weir_harness_set_time(harness, 9);
    expect("\"3-4\"@9");
}
END_TEST

START_TEST(evictor_looks_at_both_sides_together)
{
    start_with((struct weir_window_join_config){.assigner = weir_tumbling_event_time(10),
                                                .evictor = {.kind = WEIR_EVICT_COUNT, .count = 2}});
    left(1);
    left(2);
    right(3);
    weir_harness_watermark(harness, 9);
    expect("\"2-3\"@9 W9");
}
END_TEST

START_TEST(event_without_timestamp_is_rejected)
{
    start(weir_tumbling_event_time(10));
    right(WEIR_TIME_MIN);
    ck_assert_str_eq(weir_harness_rejection(harness)->message,
                     "the event has no timestamp; event-time windows need one: assign timestamps "
                     "before the window");
    ck_assert_int_eq(weir_harness_metric(harness, "numRecordsRejected"), 1);
}
END_TEST

START_TEST(snapshot_and_restore_keep_both_sides)
{
    start(weir_tumbling_event_time(10));
    left(1);
    right_of("other", 5, 5);
    weir_harness_watermark(harness, 4);
    struct weir_str snapshot = weir_harness_snapshot(harness);
    ck_assert_int_eq(weir_harness_restore(harness, &snapshot, 1), WEIR_OK);
    weir_harness_clear(harness);
    ck_assert_int_eq(weir_harness_state(harness).windows, 2);
    right(2);
    left_of("other", 6, 6);
    weir_harness_watermark(harness, 9);
    expect("\"1-2\"@9 \"6-5\"@9 W9");
}
END_TEST

/* Streams of plain values, keyed by themselves. */
static void numbers(const void *left, const void *right, const struct weir_join_context *context,
                    weir_collector *out, void *user)
{
    (void)user;
    ck_assert_ptr_eq(context->key_type, &weir_int64_type);
    ck_assert_int_eq(*(const int64_t *)context->key, *(const int64_t *)right);
    int64_t sum = *(const int64_t *)left + *(const int64_t *)right;
    weir_emit(out, &sum);
}

START_TEST(streams_of_plain_values_join)
{
    static const struct weir_join_function sums = {.out_type = &weir_int64_type, .join = numbers};
    weir_keyed_stream *one = weir_key_by(weir_harness_input(env, &weir_int64_type), NULL);
    weir_keyed_stream *two = weir_key_by(weir_harness_input(env, &weir_int64_type), NULL);
    harness = weir_harness_new(
        env, weir_window_join(one, two,
                              &(struct weir_window_join_config){
                                  .assigner = weir_tumbling_event_time(10), .function = &sums}));
    int64_t number = 21;
    weir_harness_push(harness, &number, 1);
    weir_harness_push2(harness, &number, 2);
    number = 5;
    weir_harness_push2(harness, &number, 3);
    weir_harness_watermark(harness, 9);
    expect("42@9 W9");
}
END_TEST

/* ---- mistakes ---- */

static void expect_mistake(weir_stream *stream, enum weir_status code, const char *where,
                           const char *message)
{
    harness = weir_harness_new(env, stream);
    const struct weir_error *error = weir_harness_error(harness);
    ck_assert_str_eq(error->message, message);
    ck_assert_str_eq(error->where, where);
    ck_assert_int_eq(error->code, code);
}

START_TEST(type_mismatch_names_the_operator_the_input_and_both_types)
{
    expect_mistake(
        weir_window_join(orders(), orders(),
                         &(struct weir_window_join_config){.assigner = weir_tumbling_event_time(10),
                                                           .function = &pairs}),
        WEIR_MISMATCH, "pairs", "its second input takes payment, but is a stream of order");
}
END_TEST

START_TEST(window_of_size_zero_is_a_mistake)
{
    expect_mistake(
        weir_window_join(orders(), payments(),
                         &(struct weir_window_join_config){.assigner = weir_tumbling_event_time(0),
                                                           .function = &pairs}),
        WEIR_INVALID, "pairs", "window size 0 ms: it must be above 0");
}
END_TEST

static int64_t gap_of(const void *value, void *user)
{
    (void)value;
    (void)user;
    return 1;
}

START_TEST(dynamic_session_is_refused)
{
    expect_mistake(
        weir_window_join(
            orders(), payments(),
            &(struct weir_window_join_config){
                .assigner = weir_dynamic_session_event_time(gap_of, NULL), .function = &pairs}),
        WEIR_INVALID, "pairs",
        "a window join takes no dynamic session: its gap_of could not tell left events from right "
        "ones");
}
END_TEST

START_TEST(trigger_with_a_function_is_refused)
{
    expect_mistake(
        weir_window_join(orders(), payments(),
                         &(struct weir_window_join_config){.assigner = weir_tumbling_event_time(10),
                                                           .trigger = {.kind = WEIR_TRIGGER_DELTA},
                                                           .function = &pairs}),
        WEIR_INVALID, "pairs",
        "a window join takes no trigger with a function of its own: it could not tell "
        "left events from right ones");
}
END_TEST

START_TEST(evictor_with_a_function_is_refused)
{
    expect_mistake(
        weir_window_join(orders(), payments(),
                         &(struct weir_window_join_config){.assigner = weir_tumbling_event_time(10),
                                                           .evictor = {.kind = WEIR_EVICT_DELTA},
                                                           .function = &pairs}),
        WEIR_INVALID, "pairs",
        "a window join takes no evictor with a function of its own: it could not tell "
        "left events from right ones");
}
END_TEST

START_TEST(missing_function_is_a_mistake)
{
    expect_mistake(weir_window_join(orders(), payments(), NULL), WEIR_INVALID, "WindowJoin",
                   "its join function is NULL");
}
END_TEST

/* ---- against brute force ---- */

enum { STEPS = 60 };

struct event {
    int64_t id;
    int64_t timestamp;
    int64_t watermark; /* when it came */
    int key;
    bool is_right;
};

struct lines {
    char *items[STEPS * STEPS];
    size_t count;
};

static void add_line(struct lines *lines, const char *text)
{
    char *copy = malloc(strlen(text) + 1);
    memcpy(copy, text, strlen(text) + 1);
    lines->items[lines->count++] = copy;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every window of the case against every pair: both in it, both before it was late. */
static void expect_pairs(struct lines *lines, const struct event *events, size_t count,
                         int64_t size, int64_t slide)
{
    for (int64_t start = -20 * slide; start < 200; start += slide) {
        int64_t end = start + size;
        for (size_t i = 0; i < count * count; i++) {
            const struct event *l = &events[i / count];
            const struct event *r = &events[i % count];
            if (!l->is_right && r->is_right && l->key == r->key && l->timestamp >= start &&
                l->timestamp < end && r->timestamp >= start && r->timestamp < end &&
                l->watermark < end - 1 && r->watermark < end - 1) {
                char text[80];
                snprintf(text, sizeof(text), "%lld-%lld@%lld", (long long)l->id, (long long)r->id,
                         (long long)(end - 1));
                add_line(lines, text);
            }
        }
    }
}

static void take_pairs(struct lines *lines)
{
    for (size_t i = 0; i < weir_harness_count(harness); i++) {
        const struct weir_harness_output *output = weir_harness_at(harness, i);
        if (output->kind == WEIR_OUT_RECORD) {
            char text[80];
            snprintf(text, sizeof(text), "%.*s@%lld",
                     WEIR_STR_ARG(*(const struct weir_str *)output->value),
                     (long long)output->timestamp);
            add_line(lines, text);
        }
    }
}

static void assert_same(struct lines *came, struct lines *expected, uint64_t seed)
{
    qsort(came->items, came->count, sizeof(char *), compare_lines);
    qsort(expected->items, expected->count, sizeof(char *), compare_lines);
    ck_assert_msg(came->count == expected->count, "SEED=%llu: %zu pairs came, %zu were expected",
                  (unsigned long long)seed, came->count, expected->count);
    for (size_t i = 0; i < came->count; i++) {
        ck_assert_msg(strcmp(came->items[i], expected->items[i]) == 0,
                      "SEED=%llu: came %s, expected %s", (unsigned long long)seed, came->items[i],
                      expected->items[i]);
    }
}

static void clear_lines(struct lines *lines)
{
    while (lines->count > 0) {
        free(lines->items[--lines->count]);
    }
}

static size_t push_random(struct weir__rand *rand, struct event *events)
{
    static const char *const keys[] = {"k", "other"};
    int64_t watermark = WEIR_TIME_MIN;
    size_t count = 0;
    for (int64_t id = 0; id < STEPS; id++) {
        int64_t kind = weir__rand_between(rand, 0, 19);
        if (kind == 0) { /* the watermark is not part of it: give it again */
            struct weir_str snapshot = weir_harness_snapshot(harness);
            ck_assert_int_eq(weir_harness_restore(harness, &snapshot, 1), WEIR_OK);
            weir_harness_watermark(harness, watermark);
        } else if (kind < 4) {
            int64_t next = weir__rand_between(rand, id - 20, id + 10);
            watermark = next > watermark ? next : watermark;
            weir_harness_watermark(harness, watermark);
        } else {
            struct event event = {id, weir__rand_between(rand, id - 10, id + 30), watermark,
                                  (int)weir__rand_between(rand, 0, 1), kind % 2 == 1};
            (event.is_right ? right_of : left_of)(keys[event.key], id, event.timestamp);
            events[count++] = event;
        }
    }
    weir_harness_finish(harness);
    return count;
}

static void run_case(uint64_t seed, struct lines *came, struct lines *expected)
{
    struct weir__rand rand;
    weir__rand_init(&rand, seed);
    int64_t slide = weir__rand_between(&rand, 2, 15);
    int64_t size = weir__rand_between(&rand, 0, 1) ? slide : weir__rand_between(&rand, 1, 20);
    start(size == slide ? weir_tumbling_event_time(size) : weir_sliding_event_time(size, slide));
    struct event events[STEPS];
    size_t count = push_random(&rand, events);
    take_pairs(came);
    expect_pairs(expected, events, count, size, slide);
    assert_same(came, expected, seed);
    ck_assert_int_eq(weir_harness_state(harness).windows, 0);
    ck_assert_int_eq(weir_harness_state(harness).event_timers, 0);
    clear_lines(came);
    clear_lines(expected);
    weir_harness_free(harness);
    harness = NULL;
}

START_TEST(random_streams_join_as_by_brute_force)
{
    struct random_cases cases = random_cases("window join", 1000);
    struct lines *came = calloc(1, sizeof(*came));
    struct lines *expected = calloc(1, sizeof(*expected));
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        run_case(seed, came, expected);
    }
    free(came);
    free(expected);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operator/window_join");
    TCase *tests = tcase_create("window join");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, every_pair_of_a_window_is_joined_left_events_first);
    tcase_add_test(tests, window_with_events_of_one_side_gives_nothing);
    tcase_add_test(tests, result_has_the_windows_last_millisecond);
    tcase_add_test(tests, pair_meets_in_every_window_that_holds_both);
    tcase_add_test(tests, window_waits_for_both_inputs);
    tcase_add_test(tests, late_event_of_either_side_is_dropped_and_counted);
    tcase_add_test(tests, allowed_lateness_fires_again_with_all_pairs);
    tcase_add_test(tests, session_is_held_together_by_events_of_either_side);
    tcase_add_test(tests, count_trigger_counts_both_sides);
    tcase_add_test(tests, processing_time_windows_go_by_the_clock);
    tcase_add_test(tests, evictor_looks_at_both_sides_together);
    tcase_add_test(tests, event_without_timestamp_is_rejected);
    tcase_add_test(tests, snapshot_and_restore_keep_both_sides);
    tcase_add_test(tests, streams_of_plain_values_join);
    tcase_add_test(tests, type_mismatch_names_the_operator_the_input_and_both_types);
    tcase_add_test(tests, window_of_size_zero_is_a_mistake);
    tcase_add_test(tests, dynamic_session_is_refused);
    tcase_add_test(tests, trigger_with_a_function_is_refused);
    tcase_add_test(tests, evictor_with_a_function_is_refused);
    tcase_add_test(tests, missing_function_is_a_mistake);
    tcase_add_test(tests, random_streams_join_as_by_brute_force);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
