/*
 * Co-process functions over two connected streams. Semantics sheet, sections 10 and 13.
 */
#include <weir/harness.h>
#include <weir/weir.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define CLICK_FIELDS(F, T)                                                                         \
    F(T, string, user, "user", required)                                                           \
    F(T, int64, timer, "timer", required)
WEIR_DECLARE_TYPE(click, CLICK_FIELDS);
WEIR_DEFINE_TYPE(click, CLICK_FIELDS);

#define NAME_FIELDS(F, T)                                                                          \
    F(T, int64, number, "number", required)                                                        \
    F(T, string, id, "id", required)                                                               \
    F(T, string, name, "name", required)
WEIR_DECLARE_TYPE(name, NAME_FIELDS);
WEIR_DEFINE_TYPE(name, NAME_FIELDS);

static weir_env *env;
static weir_harness *harness;

static void setup(void)
{
    env = weir_env_new("co-process test", 0, NULL);
}

static void teardown(void)
{
    weir_harness_free(harness);
    harness = NULL;
    weir_env_free(env);
}

/* ---- enriches clicks (first) with the latest name of their user (second) ---- */

static const struct weir_state_descriptor latest = {
    .name = "latest", .kind = WEIR_STATE_VALUE, .type = &weir_string_type};
static const struct weir_state_descriptor *const states[] = {&latest, NULL};
static const struct weir_output_tag unknown = {"unknown", &click_type};
static const struct weir_output_tag *const tags[] = {&unknown, NULL};

static void take_click(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    const struct click *click = value;
    const struct weir_str *known = weir_value_state_get(context, &latest);
    if (known != NULL) {
        weir_emit(out, known);
    } else {
        weir_side_emit(context, &unknown, click);
    }
    if (click->timer > 0) {
        weir_register_event_timer(context, click->timer);
    } else if (click->timer < 0) {
        weir_register_processing_timer(context, -click->timer);
    }
}

static void take_name(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)out;
    (void)user;
    weir_value_state_set(context, &latest, &((const struct name *)value)->name);
}

static void on_timer(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                     void *user)
{
    (void)time;
    (void)user;
    const struct weir_str *known = weir_value_state_get(context, &latest);
    weir_emit(out, known != NULL ? known : weir_current_key(context));
    if (event_time) {
        weir_state_clear(context, &latest);
    }
}

static const struct weir_co_process_function enrich = {
    .name = "enrich",
    .in_type1 = &click_type,
    .in_type2 = &name_type,
    .out_type = &weir_string_type,
    .process1 = take_click,
    .process2 = take_name,
    .on_timer = on_timer,
    .states = states,
    .side_outputs = tags,
};

static weir_stream *enriched(void)
{
    weir_keyed_stream *clicks =
        weir_key_by(weir_harness_input(env, &click_type), WEIR_FIELD(click, user));
    weir_keyed_stream *names =
        weir_key_by(weir_harness_input(env, &name_type), WEIR_FIELD(name, id));
    return weir_co_process(weir_connect_keyed(clicks, names), &enrich);
}

static void start(void)
{
    harness = weir_harness_new(env, enriched());
}

static void click(const char *user, int64_t timer, int64_t timestamp)
{
    weir_harness_push(harness, &(struct click){weir_str_from(user), timer}, timestamp);
}

static void name(const char *id, const char *text, int64_t timestamp)
{
    weir_harness_push2(
        harness, &(struct name){.id = weir_str_from(id), .name = weir_str_from(text)}, timestamp);
}

static void expect(const char *text)
{
    ck_assert_str_eq(weir_harness_take_text(harness), text);
}

static void expect_mistake(weir_stream *stream, enum weir_status code, const char *where,
                           const char *message)
{
    harness = weir_harness_new(env, stream);
    const struct weir_error *error = weir_harness_error(harness);
    ck_assert_str_eq(error->message, message);
    ck_assert_str_eq(error->where, where);
    ck_assert_int_eq(error->code, code);
}

START_TEST(both_inputs_share_the_state_of_a_key)
{
    start();
    click("a", 0, 1);
    name("a", "Ann", 2);
    name("b", "Bob", 3);
    click("a", 0, 4);
    click("b", 0, 5);
    expect("unknown:{\"user\":\"a\",\"timer\":0}@1 \"Ann\"@4 \"Bob\"@5");
    ck_assert_int_eq(weir_harness_state(harness).entries, 2);
    ck_assert_int_eq(weir_harness_metric(harness, "numRecordsIn"), 5);
}
END_TEST

START_TEST(both_inputs_share_the_timers_of_a_key)
{
    start();
    click("a", 10, 1);
    name("a", "Ann", 2);
    expect("unknown:{\"user\":\"a\",\"timer\":10}@1");
    weir_harness_watermark(harness, 10);
    expect("\"Ann\"@10 W10");
    ck_assert_int_eq(weir_harness_state(harness).entries, 0);
    ck_assert_int_eq(weir_harness_state(harness).event_timers, 0);
}
END_TEST

/* Section 10: output of a processing-time timer has no timestamp. */
START_TEST(processing_timer_fires_with_the_clock)
{
    start();
    click("a", -500, 1);
    weir_harness_clear(harness);
    weir_harness_set_time(harness, 499);
    expect("");
    weir_harness_set_time(harness, 500);
    expect("\"a\"@-");
}
END_TEST

/* Section 13: the minimum over the inputs. */
START_TEST(watermark_is_the_minimum_of_both_inputs)
{
    start();
    weir_harness_watermark1(harness, 10);
    expect("");
    weir_harness_watermark2(harness, 5);
    expect("W5");
    weir_harness_watermark2(harness, 20);
    expect("W10");
}
END_TEST

START_TEST(idle_input_does_not_hold_timers_back)
{
    start();
    click("a", 10, 1);
    weir_harness_clear(harness);
    weir_harness_watermark1(harness, 10);
    expect("");
    weir_harness_idle2(harness, true);
    expect("\"a\"@10 W10");
    weir_harness_idle1(harness, true);
    expect("idle");
    weir_harness_watermark1(harness, 12);
    expect("active W12");
}
END_TEST

/* Section 10: the watermark is not part of a snapshot. */
START_TEST(snapshot_and_restore_keep_state_and_timers_of_both_inputs)
{
    start();
    name("a", "Ann", 1);
    click("a", 10, 2);
    weir_harness_watermark(harness, 9);
    weir_harness_clear(harness);
    struct weir_str snapshot = weir_harness_snapshot(harness);
    ck_assert_int_eq(weir_harness_restore(harness, &snapshot, 1), WEIR_OK);
    click("a", 0, 3);
    weir_harness_watermark1(harness, 10);
    expect("\"Ann\"@3");
    weir_harness_watermark2(harness, 10);
    expect("\"Ann\"@10 W10");
}
END_TEST

START_TEST(snapshot_spreads_over_more_subtasks_by_key)
{
    start();
    name("a", "Ann", 1);
    name("b", "Bob", 1);
    name("c", "Cid", 1);
    struct weir_str snapshot = weir_harness_snapshot(harness);
    int64_t entries = 0;
    for (int i = 0; i < 3; i++) {
        weir_harness *part = weir_harness_new_subtask(env, enriched(), i, 3);
        ck_assert_int_eq(weir_harness_restore(part, &snapshot, 1), WEIR_OK);
        entries += weir_harness_state(part).entries;
        weir_harness_free(part);
    }
    ck_assert_int_eq(entries, 3);
}
END_TEST

START_TEST(finish_ends_both_inputs)
{
    start();
    click("a", 10, 1);
    weir_harness_clear(harness);
    weir_harness_finish(harness);
    expect("\"a\"@10 Wmax");
}
END_TEST

/* ---- without keys ---- */

static void count(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)value;
    (void)user;
    int64_t watermark = weir_current_watermark(context);
    weir_emit(out, &watermark);
}

static const struct weir_co_process_function unkeyed = {
    .name = "unkeyed",
    .in_type1 = &click_type,
    .in_type2 = &name_type,
    .out_type = &weir_int64_type,
    .process1 = count,
    .process2 = count,
};

START_TEST(streams_without_keys_can_be_connected)
{
    harness =
        weir_harness_new(env, weir_co_process(weir_connect(weir_harness_input(env, &click_type),
                                                           weir_harness_input(env, &name_type)),
                                              &unkeyed));
    weir_harness_watermark(harness, 3);
    click("a", 0, 5);
    name("b", "Bob", WEIR_TIME_MIN);
    expect("W3 3@5 3@-");
    ck_assert_int_eq(weir_harness_state(harness).entries, 0);
}
END_TEST

/* ---- mistakes ---- */

START_TEST(type_mismatch_names_the_operator_the_input_and_both_types)
{
    weir_keyed_stream *clicks =
        weir_key_by(weir_harness_input(env, &click_type), WEIR_FIELD(click, user));
    expect_mistake(weir_co_process(weir_connect_keyed(clicks, clicks), &enrich), WEIR_MISMATCH,
                   "enrich", "its second input takes name, but is a stream of click");
}
END_TEST

START_TEST(first_input_of_another_type_is_a_mistake)
{
    weir_keyed_stream *names =
        weir_key_by(weir_harness_input(env, &name_type), WEIR_FIELD(name, id));
    expect_mistake(weir_co_process(weir_connect_keyed(names, names), &enrich), WEIR_MISMATCH,
                   "enrich", "its first input takes click, but is a stream of name");
}
END_TEST

START_TEST(keys_of_different_kinds_are_a_mistake)
{
    weir_keyed_stream *clicks =
        weir_key_by(weir_harness_input(env, &click_type), WEIR_FIELD(click, user));
    weir_keyed_stream *names =
        weir_key_by(weir_harness_input(env, &name_type), WEIR_FIELD(name, number));
    expect_mistake(weir_co_process(weir_connect_keyed(clicks, names), &enrich), WEIR_MISMATCH,
                   "connect",
                   "its keys never meet: user of click is a string, number of name is an int64");
}
END_TEST

START_TEST(states_without_keys_are_a_mistake)
{
    weir_connected_stream *connected =
        weir_connect(weir_harness_input(env, &click_type), weir_harness_input(env, &name_type));
    expect_mistake(weir_co_process(connected, &enrich), WEIR_INVALID, "enrich",
                   "states need a key: connect streams from weir_key_by");
}
END_TEST

START_TEST(broadcast_connection_is_a_mistake)
{
    weir_connected_stream *connected = weir_connect_broadcast(weir_harness_input(env, &click_type),
                                                              weir_harness_input(env, &name_type));
    expect_mistake(weir_co_process(connected, &unkeyed), WEIR_INVALID, "unkeyed",
                   "its second stream is a broadcast: use weir_broadcast_process");
}
END_TEST

START_TEST(missing_function_is_a_mistake)
{
    weir_connected_stream *connected =
        weir_connect(weir_harness_input(env, &click_type), weir_harness_input(env, &name_type));
    struct weir_co_process_function half = unkeyed;
    half.process2 = NULL;
    expect_mistake(weir_co_process(connected, &half), WEIR_INVALID, "unkeyed",
                   "it needs a function for each input");
}
END_TEST

START_TEST(null_streams_are_a_mistake)
{
    expect_mistake(weir_co_process(weir_connect(NULL, NULL), &unkeyed), WEIR_INVALID, "connect",
                   "its input stream is NULL");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operator/co_process");
    TCase *tests = tcase_create("co-process");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, both_inputs_share_the_state_of_a_key);
    tcase_add_test(tests, both_inputs_share_the_timers_of_a_key);
    tcase_add_test(tests, processing_timer_fires_with_the_clock);
    tcase_add_test(tests, watermark_is_the_minimum_of_both_inputs);
    tcase_add_test(tests, idle_input_does_not_hold_timers_back);
    tcase_add_test(tests, snapshot_and_restore_keep_state_and_timers_of_both_inputs);
    tcase_add_test(tests, snapshot_spreads_over_more_subtasks_by_key);
    tcase_add_test(tests, finish_ends_both_inputs);
    tcase_add_test(tests, streams_without_keys_can_be_connected);
    tcase_add_test(tests, type_mismatch_names_the_operator_the_input_and_both_types);
    tcase_add_test(tests, first_input_of_another_type_is_a_mistake);
    tcase_add_test(tests, keys_of_different_kinds_are_a_mistake);
    tcase_add_test(tests, states_without_keys_are_a_mistake);
    tcase_add_test(tests, broadcast_connection_is_a_mistake);
    tcase_add_test(tests, missing_function_is_a_mistake);
    tcase_add_test(tests, null_streams_are_a_mistake);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
