/*
 * What a window does with its events: a reduce, an aggregate with a window function behind it, a
 * window function with states, side outputs and time. Semantics sheet, sections 4, 6, 8 and 9.
 */
#include <weir/harness.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define SALE_FIELDS(F, T)                                                                          \
    F(T, string, shop, "shop", required)                                                           \
    F(T, int64, amount, "amount", required)
WEIR_DECLARE_TYPE(sale, SALE_FIELDS);
WEIR_DEFINE_TYPE(sale, SALE_FIELDS);

#define REPORT_FIELDS(F, T)                                                                        \
    F(T, string, shop, "shop", required)                                                           \
    F(T, int64, start, "from", required)                                                           \
    F(T, int64, amount, "sum", required)
WEIR_DECLARE_TYPE(report, REPORT_FIELDS);
WEIR_DEFINE_TYPE(report, REPORT_FIELDS);

static weir_env *env;
static weir_harness *harness;

static void setup(void)
{
    env = weir_env_new("window functions", 0, NULL);
}

static void teardown(void)
{
    weir_harness_free(harness);
    harness = NULL;
    weir_env_free(env);
}

static void open_window(const struct weir_window_config *config)
{
    weir_keyed_stream *sales =
        weir_key_by(weir_harness_input(env, &sale_type), WEIR_FIELD(sale, shop));
    harness = weir_harness_new(env, weir_window(sales, config));
    ck_assert_str_eq(weir_harness_error(harness)->message, "");
}

static void expect_mistake(const struct weir_window_config *config, enum weir_status code,
                           const char *message)
{
    weir_keyed_stream *sales =
        weir_key_by(weir_harness_input(env, &sale_type), WEIR_FIELD(sale, shop));
    harness = weir_harness_new(env, weir_window(sales, config));
    ck_assert_str_eq(weir_harness_error(harness)->message, message);
    ck_assert_int_eq(weir_harness_error(harness)->code, code);
}

static void push(const char *shop, int64_t amount, int64_t timestamp)
{
    weir_harness_push(harness, &(struct sale){weir_str_from(shop), amount}, timestamp);
}

static void watermark(int64_t value)
{
    weir_harness_watermark(harness, value);
}

static void expect(const char *text)
{
    ck_assert_str_eq(weir_harness_take_text(harness), text);
}

static void expect_nothing_is_left(void)
{
    struct weir_harness_state state = weir_harness_state(harness);
    ck_assert_int_eq(state.entries, 0);
    ck_assert_int_eq(state.windows, 0);
    ck_assert_int_eq(state.event_timers, 0);
    ck_assert_int_eq(state.processing_timers, 0);
}

static void restart(void)
{
    struct weir_str bytes = weir_harness_snapshot(harness);
    ck_assert_msg(weir_harness_restore(harness, &bytes, 1) == WEIR_OK, "%s",
                  weir_harness_error(harness)->message);
}

#define WINDOW(...) (&(struct weir_window_config){__VA_ARGS__})

/* ---- reduce ---- */

/* Adds amounts; strings of the kept one are its own. */
static void add_amounts(void *kept, const void *value, void *user)
{
    (void)user;
    ((struct sale *)kept)->amount += ((const struct sale *)value)->amount;
}

static const struct weir_reduce total = {
    .name = "total", .type = &sale_type, .reduce = add_amounts};

/* Keeps the one that came last. */
static void take_last(void *kept, const void *value, void *user)
{
    (void)user;
    weir_value_fini(&sale_type, kept);
    weir_value_copy(&sale_type, kept, value);
}

static const struct weir_reduce last = {.name = "last", .type = &sale_type, .reduce = take_last};

START_TEST(a_reduce_keeps_one_event_and_emits_it_as_the_window_ends)
{
    weir_keyed_stream *sales =
        weir_key_by(weir_harness_input(env, &sale_type), WEIR_FIELD(sale, shop));
    harness =
        weir_harness_new(env, weir_window_reduce(sales, weir_tumbling_event_time(10), &total));
    push("a", 1, 0);
    push("b", 5, 3);
    push("a", 2, 9);
    watermark(9);
    expect("{\"shop\":\"a\",\"amount\":3}@9 {\"shop\":\"b\",\"amount\":5}@9 W9");
    expect_nothing_is_left();
}
END_TEST

START_TEST(a_reduce_takes_the_first_event_as_it_came)
{
    open_window(WINDOW(.assigner = weir_tumbling_event_time(10), .reduce = &last));
    push("a", -7, 0);
    restart();
    watermark(9);
    expect("{\"shop\":\"a\",\"amount\":-7}@9 W9");
}
END_TEST

START_TEST(a_reduce_follows_the_order_of_arrival_in_sliding_windows_too)
{
    open_window(WINDOW(.assigner = weir_sliding_event_time(10, 5), .reduce = &last));
    push("a", 1, 7);
    push("a", 2, 1);
    watermark(14);
    expect("{\"shop\":\"a\",\"amount\":2}@4 {\"shop\":\"a\",\"amount\":2}@9 "
           "{\"shop\":\"a\",\"amount\":1}@14 W14");
    expect_nothing_is_left();
}
END_TEST

START_TEST(a_reduce_merges_with_sessions)
{
    open_window(WINDOW(.assigner = weir_session_event_time(10), .reduce = &total));
    push("a", 1, 0);
    push("a", 2, 20);
    push("a", 4, 10);
    watermark(29);
    expect("{\"shop\":\"a\",\"amount\":7}@29 W29");
    expect_nothing_is_left();
}
END_TEST

START_TEST(a_reduce_of_nothing_emits_nothing)
{
    open_window(WINDOW(.assigner = weir_tumbling_event_time(10), .reduce = &total,
                       .evictor = {.kind = WEIR_EVICT_COUNT, .count = 0}));
    push("a", 1, 0);
    watermark(9);
    expect("W9");
    expect_nothing_is_left();
}
END_TEST

START_TEST(a_reduce_with_an_evictor_sees_what_stays)
{
    open_window(WINDOW(.assigner = weir_tumbling_event_time(10), .reduce = &total,
                       .evictor = {.kind = WEIR_EVICT_COUNT, .count = 2}));
    push("a", 1, 0);
    push("a", 2, 1);
    push("a", 4, 2);
    watermark(9);
    expect("{\"shop\":\"a\",\"amount\":6}@9 W9");
}
END_TEST

START_TEST(a_reduce_of_another_type_is_a_mistake)
{
    static const struct weir_reduce numbers = {
        .name = "numbers", .type = &weir_int64_type, .reduce = add_amounts};
    expect_mistake(WINDOW(.assigner = weir_tumbling_event_time(10), .reduce = &numbers),
                   WEIR_MISMATCH, "it takes int64, but its input is a stream of sale");
}
END_TEST

/* ---- an aggregate, or a reduce, and a window function ---- */

static void sum_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)timestamp;
    (void)user;
    *(int64_t *)accumulator += ((const struct sale *)value)->amount;
}

static void sum_merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    *(int64_t *)accumulator += *(const int64_t *)other;
}

static void sum_result(const void *accumulator, const struct weir_window_context *context,
                       void *out, void *user)
{
    (void)user;
    ck_assert_ptr_null(context->window_state);
    *(int64_t *)out = *(const int64_t *)accumulator;
}

static const struct weir_aggregate sum = {
    .name = "sum",
    .in_type = &sale_type,
    .accumulator_type = &weir_int64_type,
    .out_type = &weir_int64_type,
    .add = sum_add,
    .merge = sum_merge,
    .result = sum_result,
};

static void report_sum(const struct weir_window_context *context,
                       const struct weir_window_element *elements, size_t count,
                       weir_collector *out, void *user)
{
    (void)user;
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(elements[0].timestamp, WEIR_TIME_MIN);
    weir_emit(out, &(struct report){*(const struct weir_str *)context->key, context->window.start,
                                    *(const int64_t *)elements[0].value});
}

static const struct weir_window_function report = {
    .in_type = &weir_int64_type, .out_type = &report_type, .process = report_sum};

START_TEST(a_window_function_sees_the_single_result_of_the_aggregate)
{
    static const enum weir_window_path paths[] = {WEIR_PATH_GENERAL, WEIR_PATH_SLICES};
    for (size_t i = 0; i < 2; i++) {
        open_window(WINDOW(.assigner = weir_sliding_event_time(10, 5), .aggregate = &sum,
                           .process = &report, .path = paths[i], .allowed_lateness_ms = 5));
        push("a", 1, 7);
        push("a", 2, 3);
        restart();
        watermark(9);
        expect(
            "{\"shop\":\"a\",\"from\":-5,\"sum\":2}@4 {\"shop\":\"a\",\"from\":0,\"sum\":3}@9 W9");
        push("a", 4, 8);
        expect("{\"shop\":\"a\",\"from\":0,\"sum\":7}@9");
        watermark(14);
        expect("{\"shop\":\"a\",\"from\":5,\"sum\":5}@14 W14");
        watermark(19);
        expect_nothing_is_left();
        weir_harness_free(harness);
        harness = NULL;
    }
}
END_TEST

START_TEST(with_an_evictor_the_window_function_sees_the_aggregate_of_what_stays)
{
    open_window(WINDOW(.assigner = weir_tumbling_event_time(10), .aggregate = &sum,
                       .process = &report, .evictor = {.kind = WEIR_EVICT_COUNT, .count = 1}));
    push("a", 1, 0);
    push("a", 2, 1);
    watermark(9);
    expect("{\"shop\":\"a\",\"from\":0,\"sum\":2}@9 W9");
}
END_TEST

static void report_sale(const struct weir_window_context *context,
                        const struct weir_window_element *elements, size_t count,
                        weir_collector *out, void *user)
{
    (void)user;
    (void)count;
    const struct sale *kept = elements[0].value;
    weir_emit(out, &(struct report){kept->shop, context->window.start, kept->amount});
}

static const struct weir_window_function report_reduced = {
    .in_type = &sale_type, .out_type = &report_type, .process = report_sale};

START_TEST(a_window_function_sees_the_single_result_of_the_reduce)
{
    open_window(WINDOW(.assigner = weir_session_event_time(10), .reduce = &total,
                       .process = &report_reduced));
    push("a", 1, 3);
    push("a", 2, 5);
    watermark(100);
    expect("{\"shop\":\"a\",\"from\":3,\"sum\":3}@14 W100");
}
END_TEST

START_TEST(a_window_function_that_takes_not_what_the_aggregate_gives_is_a_mistake)
{
    expect_mistake(WINDOW(.assigner = weir_tumbling_event_time(10), .aggregate = &sum,
                          .process = &report_reduced),
                   WEIR_MISMATCH, "its window function takes sale, but its aggregate gives int64");
}
END_TEST

START_TEST(an_aggregate_and_a_reduce_are_one_too_many)
{
    expect_mistake(
        WINDOW(.assigner = weir_tumbling_event_time(10), .aggregate = &sum, .reduce = &total),
        WEIR_INVALID, "it has an aggregate and a reduce: one of them is enough");
}
END_TEST

/* ---- states, side outputs, time ---- */

static const struct weir_state_descriptor firings = {
    .name = "firings", .kind = WEIR_STATE_VALUE, .type = &weir_int64_type};
static const struct weir_state_descriptor windows = {
    .name = "ended", .kind = WEIR_STATE_VALUE, .type = &weir_int64_type};
static const struct weir_state_descriptor *const of_window[] = {&firings, NULL};
static const struct weir_state_descriptor *const of_key[] = {&firings, &windows, NULL};
static const struct weir_output_tag times = {"times", &weir_int64_type};
static const struct weir_output_tag *const sides[] = {&times, NULL};

/* Emits how often this window, and this key, has fired; and says when. */
static void count_firings(const struct weir_window_context *context,
                          const struct weir_window_element *elements, size_t count,
                          weir_collector *out, void *user)
{
    (void)elements;
    (void)count;
    (void)user;
    int64_t *here = weir_value_state_edit(context->window_state, &firings);
    int64_t *ever = weir_value_state_edit(context->global_state, &firings);
    const int64_t *ended = weir_value_state_get(context->global_state, &windows);
    ++*ever;
    weir_emit(out, &(struct report){*(const struct weir_str *)context->key, ++*here,
                                    *ever * 100 + (ended != NULL ? *ended : 0)});
    int64_t time = weir_time_add(context->watermark, context->processing_time);
    weir_side_emit(context->window_state, &times, &time);
}

static void count_ended(const struct weir_window_context *context, void *user)
{
    (void)user;
    int64_t *ended = weir_value_state_edit(context->global_state, &windows);
    const int64_t *here = weir_value_state_get(context->window_state, &firings);
    *ended += here != NULL;
}

static const struct weir_window_function counting = {
    .in_type = &sale_type,
    .out_type = &report_type,
    .process = count_firings,
    .clear = count_ended,
    .window_states = of_window,
    .global_states = of_key,
    .side_outputs = sides,
};

static void open_counting(void)
{
    open_window(WINDOW(.assigner = weir_tumbling_event_time(10), .process = &counting,
                       .allowed_lateness_ms = 10));
}

static void expect_reports(const char *text)
{
    /* without the side output: what it says has a test of its own */
    struct weir_str all = weir_str_from(weir_harness_take_text(harness));
    char kept[1000] = "";
    size_t len = 0;
    for (uint32_t i = 0; i < all.len;) {
        uint32_t end = i;
        while (end < all.len && all.data[end] != ' ') {
            end++;
        }
        if (all.data[i] == '{') {
            len += (size_t)snprintf(kept + len, sizeof(kept) - len, "%s%.*s", len > 0 ? " " : "",
                                    (int)(end - i), all.data + i);
        }
        i = end + 1;
    }
    ck_assert_str_eq(kept, text);
}

START_TEST(state_of_a_window_is_its_own_and_state_of_the_key_is_shared)
{
    open_counting();
    push("a", 1, 0);
    push("a", 1, 10);
    push("b", 1, 10);
    watermark(19);
    expect_reports(
        "{\"shop\":\"a\",\"from\":1,\"sum\":100}@9 {\"shop\":\"a\",\"from\":1,\"sum\":201}@19 "
        "{\"shop\":\"b\",\"from\":1,\"sum\":100}@19");
    push("a", 1, 11);
    expect_reports("{\"shop\":\"a\",\"from\":2,\"sum\":301}@19");
}
END_TEST

START_TEST(state_of_a_window_goes_with_it_at_its_clean_up_and_not_before)
{
    open_counting();
    push("a", 1, 0);
    watermark(9);
    ck_assert_int_eq(weir_harness_state(harness).entries, 3); /* a pane, of window, of key */
    watermark(18);
    ck_assert_int_eq(weir_harness_state(harness).entries, 3);
    watermark(19);
    ck_assert_int_eq(weir_harness_state(harness).entries, 2); /* both of the key */
    ck_assert_int_eq(weir_harness_state(harness).windows, 0);
}
END_TEST

START_TEST(a_purge_leaves_the_state_of_the_window)
{
    open_window(WINDOW(.assigner = weir_tumbling_event_time(10), .process = &counting,
                       .trigger = {.kind = WEIR_TRIGGER_COUNT, .count = 1, .purging = true}));
    push("a", 1, 0);
    push("a", 1, 1);
    expect_reports(
        "{\"shop\":\"a\",\"from\":1,\"sum\":100}@9 {\"shop\":\"a\",\"from\":2,\"sum\":200}@9");
}
END_TEST

START_TEST(states_of_windows_and_keys_are_in_the_snapshot)
{
    open_counting();
    push("a", 1, 0);
    watermark(9);
    restart();
    watermark(9);
    push("a", 1, 1);
    expect_reports(
        "{\"shop\":\"a\",\"from\":1,\"sum\":100}@9 {\"shop\":\"a\",\"from\":2,\"sum\":200}@9");
    restart();
    watermark(19);
    push("a", 1, 20);
    watermark(29);
    expect_reports("{\"shop\":\"a\",\"from\":1,\"sum\":301}@29");
}
END_TEST

START_TEST(a_window_function_knows_watermark_and_clock_and_writes_side_outputs)
{
    open_counting();
    weir_harness_set_time(harness, 7000);
    push("a", 1, 0);
    watermark(12);
    expect("{\"shop\":\"a\",\"from\":1,\"sum\":100}@9 times:7012@9 W12");
}
END_TEST

START_TEST(windows_that_merge_have_no_states_of_their_own)
{
    expect_mistake(WINDOW(.assigner = weir_session_event_time(10), .process = &counting),
                   WEIR_INVALID,
                   "state 'firings' belongs to a window, and session windows merge: which one's "
                   "would stay? Keep it in global_states");
}
END_TEST

static void count_by_key(const struct weir_window_context *context,
                         const struct weir_window_element *elements, size_t count,
                         weir_collector *out, void *user)
{
    (void)elements;
    (void)user;
    int64_t *ever = weir_value_state_edit(context->global_state, &firings);
    weir_emit(out,
              &(struct report){*(const struct weir_str *)context->key, ++*ever, (int64_t)count});
}

START_TEST(state_of_the_key_works_with_windows_that_merge)
{
    static const struct weir_window_function function = {.in_type = &sale_type,
                                                         .out_type = &report_type,
                                                         .process = count_by_key,
                                                         .global_states = of_key};
    open_window(WINDOW(.assigner = weir_session_event_time(10), .process = &function));
    push("a", 1, 0);
    push("a", 1, 20);
    watermark(100);
    expect("{\"shop\":\"a\",\"from\":1,\"sum\":1}@9 {\"shop\":\"a\",\"from\":2,\"sum\":1}@29 W100");
}
END_TEST

START_TEST(windows_with_states_are_not_cut_into_slices)
{
    static const struct weir_window_function function = {.in_type = &weir_int64_type,
                                                         .out_type = &report_type,
                                                         .process = report_sum,
                                                         .window_states = of_window};
    expect_mistake(WINDOW(.assigner = weir_tumbling_event_time(10), .aggregate = &sum,
                          .process = &function, .path = WEIR_PATH_SLICES),
                   WEIR_INVALID,
                   "windows in slices are not cleaned up one by one, as the states of a window "
                   "function need; take the path auto or general");
}
END_TEST

START_TEST(late_events_and_a_side_output_of_one_name_are_of_one_type)
{
    static const struct weir_output_tag late = {"times", &sale_type};
    expect_mistake(WINDOW(.assigner = weir_tumbling_event_time(10), .process = &counting,
                          .late_output = &late),
                   WEIR_MISMATCH,
                   "side output 'times' has type int64, and late events go there too, which are "
                   "sale; give it another name");
}
END_TEST

int main(void)
{
    const TTest *const list[] = {
        a_reduce_keeps_one_event_and_emits_it_as_the_window_ends,
        a_reduce_takes_the_first_event_as_it_came,
        a_reduce_follows_the_order_of_arrival_in_sliding_windows_too,
        a_reduce_merges_with_sessions,
        a_reduce_of_nothing_emits_nothing,
        a_reduce_with_an_evictor_sees_what_stays,
        a_reduce_of_another_type_is_a_mistake,
        a_window_function_sees_the_single_result_of_the_aggregate,
        with_an_evictor_the_window_function_sees_the_aggregate_of_what_stays,
        a_window_function_sees_the_single_result_of_the_reduce,
        a_window_function_that_takes_not_what_the_aggregate_gives_is_a_mistake,
        an_aggregate_and_a_reduce_are_one_too_many,
        state_of_a_window_is_its_own_and_state_of_the_key_is_shared,
        state_of_a_window_goes_with_it_at_its_clean_up_and_not_before,
        a_purge_leaves_the_state_of_the_window,
        states_of_windows_and_keys_are_in_the_snapshot,
        a_window_function_knows_watermark_and_clock_and_writes_side_outputs,
        windows_that_merge_have_no_states_of_their_own,
        state_of_the_key_works_with_windows_that_merge,
        windows_with_states_are_not_cut_into_slices,
        late_events_and_a_side_output_of_one_name_are_of_one_type,
    };
    Suite *suite = suite_create("window functions");
    TCase *tests = tcase_create("window functions");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 300);
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        tcase_add_test(tests, list[i]);
    }
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
