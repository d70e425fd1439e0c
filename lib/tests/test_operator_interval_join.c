/*
 * The interval join. Semantics sheet, section 15.
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
    F(T, string, customer, "customer", required)
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
    env = weir_env_new("interval join test", 0, NULL);
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
    ck_assert(weir_str_equals(*(const struct weir_str *)context->key, "k") ||
              weir_str_equals(*(const struct weir_str *)context->key, "other"));
    ck_assert_int_eq(context->timestamp, context->left_timestamp > context->right_timestamp
                                             ? context->left_timestamp
                                             : context->right_timestamp);
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

static void start_with(struct weir_interval_join_config config)
{
    config.function = &pairs;
    harness = weir_harness_new(env, weir_interval_join(orders(), payments(), &config));
    ck_assert_str_eq(weir_harness_error(harness)->message, "");
}

static void start(int64_t lower, int64_t upper)
{
    start_with((struct weir_interval_join_config){.lower_ms = lower, .upper_ms = upper});
}

static void left_of(const char *key, int64_t id, int64_t timestamp)
{
    weir_harness_push(harness, &(struct order){id, weir_str_from(key)}, timestamp);
}

static void right_of(const char *key, int64_t id, int64_t timestamp)
{
    struct payment payment = {weir_str_from(key), WEIR_STR("a note"), id};
    weir_harness_push2(harness, &payment, timestamp);
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

static int64_t entries(void)
{
    return weir_harness_state(harness).entries;
}

/* ---- which pairs ---- */

/* l.ts + lower <= r.ts <= l.ts + upper, both inclusive. */
START_TEST(bounds_belong_to_the_interval)
{
    start(-2, 1);
    left(10);
    right(7);
    right(8);
    right(11);
    right(12);
    expect("\"10-8\"@10 \"10-11\"@11");
}
END_TEST

/* Exclusive bounds become lower + 1 and upper - 1. */
START_TEST(exclusive_bounds_move_by_one)
{
    start_with((struct weir_interval_join_config){
        .lower_ms = -2, .upper_ms = 2, .lower_exclusive = true, .upper_exclusive = true});
    left(10);
    for (int64_t ts = 7; ts <= 13; ts++) {
        right(ts);
    }
    expect("\"10-9\"@10 \"10-10\"@10 \"10-11\"@11");
}
END_TEST

START_TEST(one_bound_may_be_exclusive)
{
    start_with(
        (struct weir_interval_join_config){.lower_ms = 0, .upper_ms = 2, .lower_exclusive = true});
    left(10);
    for (int64_t ts = 9; ts <= 13; ts++) {
        right(ts);
    }
    expect("\"10-11\"@11 \"10-12\"@12");
}
END_TEST

START_TEST(exclusive_bounds_that_leave_nothing_join_nothing)
{
    start_with((struct weir_interval_join_config){.lower_exclusive = true});
    left(10);
    right(10);
    expect("");
}
END_TEST

START_TEST(interval_of_one_point_joins_equal_timestamps)
{
    start(0, 0);
    left(10);
    right(9);
    right(10);
    right(11);
    expect("\"10-10\"@10");
}
END_TEST

/* Each pair once, when its later-arriving half arrives. */
START_TEST(pair_comes_once_when_its_second_half_arrives)
{
    start(-5, 5);
    right(12);
    expect("");
    left(10);
    expect("\"10-12\"@12");
    right(8);
    expect("\"10-8\"@10");
    weir_harness_watermark(harness, 100);
    expect("W100");
}
END_TEST

/* Result ts = max of the two. */
START_TEST(result_has_the_larger_timestamp)
{
    start(-100, 100);
    left(-7);
    right(-50);
    right(3);
    expect("\"-7--50\"@-7 \"-7-3\"@3");
}
END_TEST

START_TEST(pairs_come_by_timestamp_and_equal_ones_by_arrival)
{
    start(-10, 10);
    right_of("k", 1, 5);
    right_of("k", 2, 3);
    right_of("k", 3, 5);
    right_of("k", 4, 3);
    left_of("k", 9, 4);
    expect("\"9-2\"@4 \"9-4\"@4 \"9-1\"@5 \"9-3\"@5");
}
END_TEST

START_TEST(only_events_of_one_key_meet)
{
    start(-10, 10);
    left_of("other", 1, 5);
    right_of("k", 2, 5);
    right_of("other", 3, 5);
    expect("\"1-3\"@5");
}
END_TEST

/* ---- late events ---- */

/* Late: ts < wm, strict: ts == wm is on time, unlike windows. */
START_TEST(event_at_the_watermark_is_on_time_one_below_is_late)
{
    start(-5, 5);
    right(14);
    weir_harness_watermark(harness, 10);
    left(9);
    left(10);
    expect("W10 \"10-14\"@14");
    ck_assert_int_eq(weir_harness_metric(harness, "numLateRecordsDropped"), 1);
}
END_TEST

/* Side outputs per side since 1.17. */
START_TEST(late_events_go_to_the_output_of_their_side)
{
    static const struct weir_output_tag late_left = {"late-left", &order_type};
    static const struct weir_output_tag late_right = {"late-right", &payment_type};
    start_with(
        (struct weir_interval_join_config){.late_left = &late_left, .late_right = &late_right});
    weir_harness_watermark(harness, 10);
    left(9);
    right(8);
    expect("W10 late-left:{\"id\":9,\"customer\":\"k\"}@9 "
           "late-right:{\"payer\":\"k\",\"note\":\"a note\",\"id\":8}@8");
    ck_assert_int_eq(weir_harness_metric(harness, "numLateRecordsDropped"), 0);
    ck_assert_int_eq(entries(), 0);
}
END_TEST

START_TEST(one_side_may_have_a_late_output_and_the_other_none)
{
    static const struct weir_output_tag late_right = {"late-right", &payment_type};
    start_with((struct weir_interval_join_config){.late_right = &late_right});
    weir_harness_watermark(harness, 10);
    left(9);
    right(8);
    expect("W10 late-right:{\"payer\":\"k\",\"note\":\"a note\",\"id\":8}@8");
    ck_assert_int_eq(weir_harness_metric(harness, "numLateRecordsDropped"), 1);
}
END_TEST

/* Combined wm = min of the inputs. */
START_TEST(watermark_of_one_input_makes_nothing_late)
{
    start(-5, 5);
    weir_harness_watermark1(harness, 100);
    left(1);
    right(2);
    expect("\"1-2\"@2");
    weir_harness_watermark2(harness, 3);
    left(2);
    right(3);
    expect("W3 \"1-3\"@3");
    ck_assert_int_eq(weir_harness_metric(harness, "numLateRecordsDropped"), 1);
    weir_harness_idle2(harness, true);
    expect("W100");
}
END_TEST

/* ts MIN throws in Flink; here the event is rejected, and counted. */
START_TEST(event_without_timestamp_is_rejected)
{
    start(-5, 5);
    left(WEIR_TIME_MIN);
    ck_assert_str_eq(weir_harness_rejection(harness)->message,
                     "the left event has no timestamp; an interval join needs one: assign "
                     "timestamps before it");
    right(WEIR_TIME_MIN);
    ck_assert_int_eq(weir_harness_metric(harness, "numRecordsRejected"), 2);
    ck_assert_int_eq(entries(), 0);
}
END_TEST

/* ---- clean-up ---- */

/* Joins what is pushed now with what is remembered: shows which timestamps those are. */
static void expect_remembered(int64_t watermark, const char *lefts, const char *rights)
{
    struct weir_str snapshot = weir_harness_snapshot(harness);
    char *bytes = malloc(snapshot.len);
    memcpy(bytes, snapshot.data, snapshot.len);
    weir_harness *probe = weir_harness_new(
        env, weir_interval_join(orders(), payments(),
                                &(struct weir_interval_join_config){.lower_ms = WEIR_TIME_MIN,
                                                                    .upper_ms = WEIR_TIME_MAX,
                                                                    .function = &pairs}));
    struct weir_str copy = {bytes, snapshot.len};
    ck_assert_int_eq(weir_harness_restore(probe, &copy, 1), WEIR_OK);
    weir_harness_push(probe, &(struct order){0, WEIR_STR("k")}, watermark);
    ck_assert_str_eq(weir_harness_take_text(probe), rights);
    ck_assert_int_eq(weir_harness_restore(probe, &copy, 1), WEIR_OK);
    weir_harness_push2(probe, &(struct payment){WEIR_STR("k"), WEIR_STR(""), 0}, watermark);
    ck_assert_str_eq(weir_harness_take_text(probe), lefts);
    weir_harness_free(probe);
    free(bytes);
}

/* [T] Bounds -1..0: at wm 1 left keeps 2..5, right 1..5; at wm 4 left 5, right 4,5. */
START_TEST(table_of_the_sheet_for_bounds_minus_one_to_zero)
{
    start(-1, 0);
    for (int64_t ts = 1; ts <= 5; ts++) {
        left(ts);
        right(ts);
    }
    weir_harness_watermark(harness, 1);
    expect_remembered(9, "\"2-0\"@9 \"3-0\"@9 \"4-0\"@9 \"5-0\"@9",
                      "\"0-1\"@9 \"0-2\"@9 \"0-3\"@9 \"0-4\"@9 \"0-5\"@9");
    weir_harness_watermark(harness, 4);
    expect_remembered(9, "\"5-0\"@9", "\"0-4\"@9 \"0-5\"@9");
    weir_harness_watermark(harness, 6);
    ck_assert_int_eq(entries(), 0);
    ck_assert_int_eq(weir_harness_state(harness).event_timers, 0);
}
END_TEST

/* Cleanup: left at ts + upper if upper > 0 else ts. */
static const struct {
    int64_t lower;
    int64_t upper;
    int64_t left;  /* clean-up of a left event at 10 */
    int64_t right; /* of a right one */
} cleanups[] = {
    {-1, 0, 10, 11}, {0, 0, 10, 10},  {-2, -1, 10, 12},      {1, 2, 12, 10},   {-3, 4, 14, 13},
    {0, 5, 15, 10},  {-5, 0, 10, 15}, {-100, 200, 210, 110}, {-7, -7, 10, 17}, {7, 7, 17, 10},
};

START_TEST(events_are_forgotten_at_their_clean_up_time)
{
    start(cleanups[_i].lower, cleanups[_i].upper);
    left(10);
    weir_harness_watermark(harness, cleanups[_i].left - 1);
    ck_assert_int_eq(entries(), 1);
    weir_harness_watermark(harness, cleanups[_i].left);
    ck_assert_int_eq(entries(), 0);
    weir_harness_free(harness);
    start(cleanups[_i].lower, cleanups[_i].upper);
    right(10);
    weir_harness_watermark(harness, cleanups[_i].right - 1);
    ck_assert_int_eq(entries(), 1);
    weir_harness_watermark(harness, cleanups[_i].right);
    ck_assert_int_eq(entries(), 0);
    ck_assert_int_eq(weir_harness_state(harness).event_timers, 0);
}
END_TEST

START_TEST(older_event_brings_the_clean_up_forward)
{
    start(-5, 5);
    left(10);
    left(3);
    left(7);
    ck_assert_int_eq(weir_harness_state(harness).event_timers, 1);
    weir_harness_watermark(harness, 8);
    ck_assert_int_eq(entries(), 2);
    weir_harness_watermark(harness, 12);
    ck_assert_int_eq(entries(), 1);
    weir_harness_watermark(harness, 15);
    ck_assert_int_eq(entries(), 0);
}
END_TEST

/*
 * A left event whose clean-up time is the watermark is gone, though a right one could still come.
 */
START_TEST(pair_at_the_very_bound_is_lost_once_the_watermark_is_there)
{
    start(0, 5);
    left(10);
    weir_harness_watermark(harness, 15);
    right(15);
    expect("W15");
}
END_TEST

START_TEST(event_at_the_watermark_stays_until_the_next_one)
{
    start(-1, 0);
    weir_harness_watermark(harness, 10);
    left(10);
    right(10);
    expect("W10 \"10-10\"@10");
    weir_harness_watermark(harness, 11);
    ck_assert_int_eq(entries(), 0);
}
END_TEST

START_TEST(final_watermark_forgets_everything)
{
    start(WEIR_TIME_MIN, WEIR_TIME_MAX);
    left(10);
    right(-10);
    right(WEIR_TIME_MAX);
    weir_harness_watermark(harness, WEIR_TIME_MAX - 1);
    ck_assert_int_eq(entries(), 3);
    weir_harness_clear(harness);
    weir_harness_finish(harness);
    expect("Wmax");
    ck_assert_int_eq(entries(), 0);
    ck_assert_int_eq(weir_harness_state(harness).event_timers, 0);
}
END_TEST

/* Nothing overflows at the ends of time. */
START_TEST(arithmetic_saturates)
{
    start(-1000, 1000);
    left_of("k", 1, WEIR_TIME_MIN + 1);
    left_of("k", 2, WEIR_TIME_MAX);
    right_of("k", 3, WEIR_TIME_MIN + 500);
    right_of("k", 4, WEIR_TIME_MAX - 1000);
    right_of("k", 5, WEIR_TIME_MAX - 1001);
    expect("\"1-3\"@-9223372036854775308 \"2-4\"@max");
    weir_harness_free(harness);
    start(WEIR_TIME_MIN, WEIR_TIME_MAX);
    left_of("k", 1, WEIR_TIME_MIN + 1);
    right_of("k", 2, WEIR_TIME_MAX);
    left_of("k", 3, WEIR_TIME_MAX);
    right_of("k", 4, WEIR_TIME_MIN + 1);
    expect("\"1-2\"@max \"3-2\"@max \"1-4\"@-9223372036854775807 \"3-4\"@max");
}
END_TEST

/* ---- state ---- */

/* The watermark is not part of a snapshot (section 10). */
START_TEST(snapshot_and_restore_keep_events_and_timers)
{
    start(-5, 5);
    left(10);
    right_of("other", 3, 12);
    weir_harness_watermark(harness, 11);
    struct weir_str snapshot = weir_harness_snapshot(harness);
    ck_assert_int_eq(weir_harness_restore(harness, &snapshot, 1), WEIR_OK);
    weir_harness_clear(harness);
    right(6);
    left_of("other", 4, 9);
    expect("\"10-6\"@10 \"4-3\"@12");
    weir_harness_watermark(harness, 17);
    expect("W17");
    ck_assert_int_eq(entries(), 0);
}
END_TEST

START_TEST(snapshot_spreads_over_more_subtasks_by_key)
{
    start(-5, 5);
    left(10);
    right_of("other", 3, 12);
    right_of("third", 3, 12);
    struct weir_str snapshot = weir_harness_snapshot(harness);
    int64_t sum = 0;
    for (int i = 0; i < 4; i++) {
        weir_harness *part = weir_harness_new_subtask(
            env,
            weir_interval_join(orders(), payments(),
                               &(struct weir_interval_join_config){.function = &pairs}),
            i, 4);
        ck_assert_int_eq(weir_harness_restore(part, &snapshot, 1), WEIR_OK);
        sum += weir_harness_state(part).entries;
        weir_harness_free(part);
    }
    ck_assert_int_eq(sum, 3);
}
END_TEST

START_TEST(damaged_snapshot_is_refused)
{
    start(-5, 5);
    left(10);
    right(200);
    struct weir_str snapshot = weir_harness_snapshot(harness);
    char *bytes = malloc(snapshot.len);
    memcpy(bytes, snapshot.data, snapshot.len);
    for (uint32_t len = 1; len < snapshot.len; len++) {
        weir_harness *other = weir_harness_new(
            env, weir_interval_join(orders(), payments(),
                                    &(struct weir_interval_join_config){.function = &pairs}));
        ck_assert_int_ne(weir_harness_restore(other, &(struct weir_str){bytes, len}, 1), WEIR_OK);
        weir_harness_free(other);
    }
    free(bytes);
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

START_TEST(lower_bound_above_the_upper_is_a_mistake)
{
    expect_mistake(weir_interval_join(orders(), payments(),
                                      &(struct weir_interval_join_config){
                                          .lower_ms = 2, .upper_ms = 1, .function = &pairs}),
                   WEIR_INVALID, "pairs", "its lower bound (2 ms) is above its upper bound (1 ms)");
}
END_TEST

START_TEST(type_mismatch_names_the_operator_the_input_and_both_types)
{
    expect_mistake(
        weir_interval_join(payments(), payments(),
                           &(struct weir_interval_join_config){.name = "paid", .function = &pairs}),
        WEIR_MISMATCH, "paid", "its first input takes order, but is a stream of payment");
}
END_TEST

START_TEST(late_output_of_another_type_is_a_mistake)
{
    static const struct weir_output_tag late = {"late", &order_type};
    expect_mistake(weir_interval_join(orders(), payments(),
                                      &(struct weir_interval_join_config){.late_right = &late,
                                                                          .function = &pairs}),
                   WEIR_MISMATCH, "pairs",
                   "late output \"late\" has type order; late events are as they came: payment");
}
END_TEST

START_TEST(keys_of_different_kinds_are_a_mistake)
{
    weir_keyed_stream *by_id =
        weir_key_by(weir_harness_input(env, &payment_type), WEIR_FIELD(payment, id));
    expect_mistake(weir_interval_join(orders(), by_id,
                                      &(struct weir_interval_join_config){.function = &pairs}),
                   WEIR_MISMATCH, "pairs",
                   "its keys never meet: customer of order is a string, id of payment is an int64");
}
END_TEST

START_TEST(missing_function_is_a_mistake)
{
    expect_mistake(weir_interval_join(orders(), payments(), NULL), WEIR_INVALID, "IntervalJoin",
                   "its join function is NULL");
}
END_TEST

/* ---- against brute force ---- */

enum { STEPS = 60, WORD = 80 };

struct event {
    int64_t id;
    int64_t timestamp;
    int key;
    bool is_right;
};

/* All that is remembered, in order of arrival; a pair is looked for by looking at each. */
struct model {
    int64_t lower;
    int64_t upper;
    int64_t watermarks[2];
    int64_t watermark;
    struct event events[STEPS];
    size_t count;
    int64_t late;
    char *expected; /* text */
    size_t len;
};

static struct weir__rand rand_state;

static int64_t random_below(int64_t limit)
{
    return (int64_t)weir__rand_below(&rand_state, (uint64_t)limit);
}

static void say(struct model *model, const char *word)
{
    model->len += (size_t)snprintf(model->expected + model->len, WORD, "%s%s",
                                   model->len > 0 ? " " : "", word);
}

static void say_pair(struct model *model, const struct event *left, const struct event *right)
{
    int64_t later = left->timestamp > right->timestamp ? left->timestamp : right->timestamp;
    char word[WORD];
    snprintf(word, sizeof(word), "\"%lld-%lld\"@%lld", (long long)left->id, (long long)right->id,
             (long long)later);
    say(model, word);
}

static void say_watermark(struct model *model)
{
    char word[WORD];
    snprintf(word, sizeof(word), "W%lld", (long long)model->watermark);
    say(model, word);
}

static void model_push(struct model *model, struct event new)
{
    if (new.timestamp < model->watermark) {
        model->late++;
        return;
    }
    for (int64_t at = -100; at < 200; at++) { /* by timestamp; equal ones by arrival */
        for (size_t i = 0; i < model->count; i++) {
            const struct event *old = &model->events[i];
            const struct event *l = new.is_right ? old : &new;
            const struct event *r = new.is_right ? &new : old;
            if (old->timestamp == at && old->key == new.key && old->is_right != new.is_right &&
                l->timestamp + model->lower <= r->timestamp &&
                r->timestamp <= l->timestamp + model->upper) {
                say_pair(model, l, r);
            }
        }
    }
    model->events[model->count++] = new;
}

static void model_watermark(struct model *model, int input, int64_t watermark)
{
    if (watermark > model->watermarks[input]) {
        model->watermarks[input] = watermark;
    }
    int64_t minimum =
        model->watermarks[0] < model->watermarks[1] ? model->watermarks[0] : model->watermarks[1];
    if (minimum <= model->watermark) {
        return;
    }
    model->watermark = minimum;
    size_t kept = 0;
    for (size_t i = 0; i < model->count; i++) {
        struct event event = model->events[i];
        int64_t extra = event.is_right ? -model->lower : model->upper;
        if (event.timestamp + (extra > 0 ? extra : 0) > minimum) {
            model->events[kept++] = event;
        }
    }
    model->count = kept;
    say_watermark(model);
}

static void step(struct model *model, int64_t id)
{
    int64_t kind = random_below(20);
    if (kind == 0) {
        struct weir_str snapshot = weir_harness_snapshot(harness);
        ck_assert_int_eq(weir_harness_restore(harness, &snapshot, 1), WEIR_OK);
        model->watermarks[0] = model->watermarks[1] = model->watermark = WEIR_TIME_MIN;
    } else if (kind < 6) {
        int64_t watermark = random_below(2 * id + 20) - 20;
        if (kind < 4) {
            weir_harness_watermark1(harness, watermark);
            model_watermark(model, 0, watermark);
        } else {
            weir_harness_watermark2(harness, watermark);
            model_watermark(model, 1, watermark);
        }
    } else {
        static const char *const keys[] = {"k", "other"};
        struct event event = {id, random_below(40) - 10 + id, (int)random_below(2),
                              random_below(2) == 1};
        (event.is_right ? right_of : left_of)(keys[event.key], event.id, event.timestamp);
        model_push(model, event);
    }
}

static void run_case(uint64_t seed, char *text)
{
    struct model model = {
        .watermarks = {WEIR_TIME_MIN, WEIR_TIME_MIN}, .watermark = WEIR_TIME_MIN, .expected = text};
    text[0] = '\0';
    weir__rand_init(&rand_state, seed);
    model.lower = random_below(30) - 15;
    model.upper = model.lower + random_below(20);
    start(model.lower, model.upper);
    for (int64_t id = 0; id < STEPS; id++) {
        step(&model, id);
    }
    const char *came = weir_harness_take_text(harness);
    ck_assert_msg(strcmp(came, text) == 0, "SEED=%llu\ncame     %s\nexpected %s",
                  (unsigned long long)seed, came, text);
    ck_assert_int_eq(entries(), (int64_t)model.count);
    ck_assert_int_eq(weir_harness_metric(harness, "numLateRecordsDropped"), model.late);
    weir_harness_finish(harness);
    ck_assert_int_eq(entries(), 0);
    ck_assert_int_eq(weir_harness_state(harness).event_timers, 0);
    weir_harness_free(harness);
    harness = NULL;
}

START_TEST(random_streams_join_as_by_brute_force)
{
    struct random_cases cases = random_cases("interval join", 1500);
    char *text = malloc((size_t)STEPS * STEPS * WORD);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        run_case(seed, text);
    }
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operator/interval_join");
    TCase *tests = tcase_create("interval join");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, bounds_belong_to_the_interval);
    tcase_add_test(tests, exclusive_bounds_move_by_one);
    tcase_add_test(tests, one_bound_may_be_exclusive);
    tcase_add_test(tests, exclusive_bounds_that_leave_nothing_join_nothing);
    tcase_add_test(tests, interval_of_one_point_joins_equal_timestamps);
    tcase_add_test(tests, pair_comes_once_when_its_second_half_arrives);
    tcase_add_test(tests, result_has_the_larger_timestamp);
    tcase_add_test(tests, pairs_come_by_timestamp_and_equal_ones_by_arrival);
    tcase_add_test(tests, only_events_of_one_key_meet);
    tcase_add_test(tests, event_at_the_watermark_is_on_time_one_below_is_late);
    tcase_add_test(tests, late_events_go_to_the_output_of_their_side);
    tcase_add_test(tests, one_side_may_have_a_late_output_and_the_other_none);
    tcase_add_test(tests, watermark_of_one_input_makes_nothing_late);
    tcase_add_test(tests, event_without_timestamp_is_rejected);
    tcase_add_test(tests, table_of_the_sheet_for_bounds_minus_one_to_zero);
    tcase_add_loop_test(tests, events_are_forgotten_at_their_clean_up_time, 0,
                        sizeof(cleanups) / sizeof(cleanups[0]));
    tcase_add_test(tests, older_event_brings_the_clean_up_forward);
    tcase_add_test(tests, pair_at_the_very_bound_is_lost_once_the_watermark_is_there);
    tcase_add_test(tests, event_at_the_watermark_stays_until_the_next_one);
    tcase_add_test(tests, final_watermark_forgets_everything);
    tcase_add_test(tests, arithmetic_saturates);
    tcase_add_test(tests, snapshot_and_restore_keep_events_and_timers);
    tcase_add_test(tests, snapshot_spreads_over_more_subtasks_by_key);
    tcase_add_test(tests, damaged_snapshot_is_refused);
    tcase_add_test(tests, lower_bound_above_the_upper_is_a_mistake);
    tcase_add_test(tests, type_mismatch_names_the_operator_the_input_and_both_types);
    tcase_add_test(tests, late_output_of_another_type_is_a_mistake);
    tcase_add_test(tests, keys_of_different_kinds_are_a_mistake);
    tcase_add_test(tests, missing_function_is_a_mistake);
    tcase_add_test(tests, random_streams_join_as_by_brute_force);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
