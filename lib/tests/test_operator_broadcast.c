/*
 * Broadcast state: rules that reach every subtask, and events that only read them. Flink's
 * broadcast state pattern.
 */
#include <weir/harness.h>
#include <weir/weir.h>

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define CLICK_FIELDS(F, T)                                                                         \
    F(T, string, user, "user", required)                                                           \
    F(T, string, page, "page", required)
WEIR_DECLARE_TYPE(click, CLICK_FIELDS);
WEIR_DEFINE_TYPE(click, CLICK_FIELDS);

#define RULE_FIELDS(F, T)                                                                          \
    F(T, string, page, "page", required)                                                           \
    F(T, int64, points, "points", required)
WEIR_DECLARE_TYPE(rule, RULE_FIELDS);
WEIR_DEFINE_TYPE(rule, RULE_FIELDS);

static weir_env *env;
static weir_harness *harness;

/* What a test wants the functions to do that they must not. */
static enum { NOTHING, MAIN_PUTS, MAIN_REMOVES, MAIN_CLEARS, TIMER_PUTS, BROADCAST_ASKS } misuse;

static void setup(void)
{
    misuse = NOTHING;
    env = weir_env_new("broadcast test", 0, NULL);
}

static void teardown(void)
{
    weir_harness_free(harness);
    harness = NULL;
    weir_env_free(env);
}

/* ---- a user's points: a rule says how many a page gives; 0 takes the rule away ---- */

static const struct weir_state_descriptor rules = {.name = "rules",
                                                   .kind = WEIR_STATE_MAP,
                                                   .type = &weir_int64_type,
                                                   .key_type = &weir_string_type};
static const struct weir_state_descriptor *const broadcast_states[] = {&rules, NULL};
static const struct weir_state_descriptor total = {
    .name = "total", .kind = WEIR_STATE_VALUE, .type = &weir_int64_type};
static const struct weir_state_descriptor *const states[] = {&total, NULL};

static void take_click(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    const struct click *click = value;
    const int64_t *points = weir_map_state_get(context, &rules, &click->page);
    int64_t *sum = weir_value_state_edit(context, &total);
    *sum += points != NULL ? *points : 0;
    weir_emit(out, sum);
    weir_register_event_timer(context, 100);
    if (misuse == MAIN_PUTS) {
        weir_map_state_put(context, &rules, &click->page, sum);
    } else if (misuse == MAIN_REMOVES) {
        weir_map_state_remove(context, &rules, &click->page);
    } else if (misuse == MAIN_CLEARS) {
        weir_state_clear(context, &rules);
    }
}

static void take_rule(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    const struct rule *rule = value;
    if (misuse == BROADCAST_ASKS) {
        weir_value_state_get(context, &total);
    }
    if (rule->points != 0) {
        weir_map_state_put(context, &rules, &rule->page, &rule->points);
    } else {
        weir_map_state_remove(context, &rules, &rule->page);
    }
    int64_t count = (int64_t)weir_map_state_count(context, &rules);
    weir_emit(out, &count);
}

static void on_timer(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                     void *user)
{
    (void)event_time;
    (void)user;
    if (misuse == TIMER_PUTS) {
        weir_map_state_put(context, &rules, weir_current_key(context), &time);
    }
    int64_t count = (int64_t)weir_map_state_count(context, &rules);
    weir_emit(out, &count);
    weir_state_clear(context, &total);
}

static const struct weir_broadcast_function points = {
    .name = "points",
    .in_type = &click_type,
    .broadcast_type = &rule_type,
    .out_type = &weir_int64_type,
    .process = take_click,
    .process_broadcast = take_rule,
    .on_timer = on_timer,
    .states = states,
    .broadcast_states = broadcast_states,
};

static weir_connected_stream *connected(void)
{
    return weir_connect_keyed_broadcast(
        weir_key_by(weir_harness_input(env, &click_type), WEIR_FIELD(click, user)),
        weir_harness_input(env, &rule_type));
}

static void start(void)
{
    harness = weir_harness_new(env, weir_broadcast_process(connected(), &points));
}

static void click(const char *user, const char *page, int64_t timestamp)
{
    weir_harness_push(harness, &(struct click){weir_str_from(user), weir_str_from(page)},
                      timestamp);
}

static void rule(const char *page, int64_t value, int64_t timestamp)
{
    weir_harness_push2(harness, &(struct rule){weir_str_from(page), value}, timestamp);
}

static void expect(const char *text)
{
    ck_assert_str_eq(weir_harness_take_text(harness), text);
}

START_TEST(events_of_all_keys_read_what_the_broadcast_wrote)
{
    start();
    click("ann", "/a", 1);
    rule("/a", 5, 2);
    click("ann", "/a", 3);
    click("bob", "/a", 4);
    rule("/a", 7, 5);
    click("ann", "/a", 6);
    expect("0@1 1@2 5@3 5@4 1@5 12@6");
}
END_TEST

START_TEST(broadcast_event_takes_an_entry_away)
{
    start();
    rule("/a", 5, 1);
    rule("/b", 6, 2);
    rule("/a", 0, 3);
    click("ann", "/a", 4);
    click("ann", "/b", 5);
    expect("1@1 2@2 1@3 0@4 6@5");
    rule("/b", 0, 6);
    rule("/c", 1, 7);
    expect("0@6 1@7");
}
END_TEST

START_TEST(timers_of_the_keyed_side_read_the_broadcast_state)
{
    start();
    click("ann", "/a", 1);
    rule("/a", 5, 2);
    weir_harness_watermark(harness, 100);
    expect("0@1 1@2 1@100 W100");
}
END_TEST

/* Section 13: the broadcast stream's watermark counts like any other. */
START_TEST(silent_rules_hold_time_back_unless_they_are_idle)
{
    start();
    click("ann", "/a", 1);
    weir_harness_clear(harness);
    weir_harness_watermark1(harness, 100);
    expect("");
    weir_harness_idle2(harness, true);
    expect("0@100 W100");
}
END_TEST

static void expect_failure(void)
{
    const struct weir_error *error = weir_harness_error(harness);
    ck_assert_int_eq(error->code, WEIR_INVALID);
    ck_assert_str_eq(error->where, "points");
    ck_assert_str_eq(error->message,
                     "broadcast state \"rules\" was changed by an event of the main stream, or a "
                     "timer: they may only read it; change it in process_broadcast");
}

START_TEST(main_event_that_writes_fails_the_operator)
{
    misuse = _i;
    start();
    rule("/a", 5, 1);
    click("ann", "/a", 2);
    expect_failure();
}
END_TEST

START_TEST(timer_that_writes_fails_the_operator)
{
    misuse = TIMER_PUTS;
    start();
    click("ann", "/a", 2);
    weir_harness_watermark(harness, 100);
    expect_failure();
}
END_TEST

/* The program ends with a line that says why. */
START_TEST(broadcast_event_that_asks_for_keyed_state_ends_the_program)
{
    misuse = BROADCAST_ASKS;
    start();
    rule("/a", 5, 1);
}
END_TEST

START_TEST(snapshot_and_restore_keep_rules_state_and_timers)
{
    start();
    rule("/a", 5, 1);
    click("ann", "/a", 2);
    struct weir_str snapshot = weir_harness_snapshot(harness);
    ck_assert_int_eq(weir_harness_state(harness).entries, 2);
    ck_assert_int_eq(weir_harness_restore(harness, &snapshot, 1), WEIR_OK);
    ck_assert_int_eq(weir_harness_state(harness).entries, 2);
    weir_harness_clear(harness);
    click("ann", "/a", 3);
    rule("/b", 1, 4);
    weir_harness_watermark(harness, 100);
    expect("10@3 2@4 2@100 W100");
}
END_TEST

START_TEST(every_subtask_restores_the_rules_once)
{
    weir_stream *stream = weir_broadcast_process(connected(), &points);
    weir_harness *parts[2];
    struct weir_str snapshots[2];
    for (int i = 0; i < 2; i++) {
        parts[i] = weir_harness_new_subtask(env, stream, i, 2);
        weir_harness_push2(parts[i], &(struct rule){WEIR_STR("/a"), 5}, 1);
        snapshots[i] = weir_harness_snapshot(parts[i]);
    }
    harness = weir_harness_new(env, stream);
    ck_assert_int_eq(weir_harness_restore(harness, snapshots, 2), WEIR_OK);
    rule("/b", 1, 2);
    click("ann", "/a", 3);
    expect("2@2 5@3");
    weir_harness_free(parts[0]);
    weir_harness_free(parts[1]);
}
END_TEST

START_TEST(damaged_snapshot_is_refused)
{
    start();
    rule("/a", 5, 1);
    struct weir_str snapshot = weir_harness_snapshot(harness);
    char *bytes = malloc(snapshot.len);
    memcpy(bytes, snapshot.data, snapshot.len);
    for (uint32_t len = 1; len < snapshot.len; len++) {
        weir_harness *other = weir_harness_new(env, weir_broadcast_process(connected(), &points));
        ck_assert_int_ne(weir_harness_restore(other, &(struct weir_str){bytes, len}, 1), WEIR_OK);
        weir_harness_free(other);
    }
    free(bytes);
}
END_TEST

/* ---- without a key ---- */

static void look_up(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    const int64_t *found =
        weir_map_state_get(context, &rules, &((const struct click *)value)->page);
    int64_t result = found != NULL ? *found : -1;
    weir_emit(out, &result);
}

static const struct weir_broadcast_function unkeyed = {
    .name = "unkeyed",
    .in_type = &click_type,
    .broadcast_type = &rule_type,
    .out_type = &weir_int64_type,
    .process = look_up,
    .process_broadcast = take_rule,
    .broadcast_states = broadcast_states,
};

START_TEST(main_stream_needs_no_key)
{
    harness = weir_harness_new(
        env, weir_broadcast_process(weir_connect_broadcast(weir_harness_input(env, &click_type),
                                                           weir_harness_input(env, &rule_type)),
                                    &unkeyed));
    click("ann", "/a", 1);
    rule("/a", 5, 2);
    click("ann", "/a", 3);
    expect("-1@1 1@2 5@3");
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
    weir_connected_stream *wrong = weir_connect_broadcast(weir_harness_input(env, &click_type),
                                                          weir_harness_input(env, &click_type));
    expect_mistake(weir_broadcast_process(wrong, &unkeyed), WEIR_MISMATCH, "unkeyed",
                   "its second input takes rule, but is a stream of click");
}
END_TEST

START_TEST(connection_that_is_no_broadcast_is_a_mistake)
{
    weir_connected_stream *wrong =
        weir_connect(weir_harness_input(env, &click_type), weir_harness_input(env, &rule_type));
    expect_mistake(weir_broadcast_process(wrong, &unkeyed), WEIR_INVALID, "unkeyed",
                   "its second stream is not a broadcast: use weir_connect_broadcast or "
                   "weir_connect_keyed_broadcast");
}
END_TEST

START_TEST(broadcast_state_that_is_no_map_is_a_mistake)
{
    struct weir_broadcast_function wrong = points;
    wrong.broadcast_states = states;
    expect_mistake(weir_broadcast_process(connected(), &wrong), WEIR_INVALID, "points",
                   "broadcast state \"total\" must be of kind WEIR_STATE_MAP, without TTL");
}
END_TEST

START_TEST(timers_without_keys_are_a_mistake)
{
    weir_connected_stream *in = weir_connect_broadcast(weir_harness_input(env, &click_type),
                                                       weir_harness_input(env, &rule_type));
    struct weir_broadcast_function wrong = unkeyed;
    wrong.on_timer = on_timer;
    expect_mistake(weir_broadcast_process(in, &wrong), WEIR_INVALID, "unkeyed",
                   "timers need a key: connect streams from weir_key_by");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operator/broadcast");
    TCase *tests = tcase_create("broadcast");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, events_of_all_keys_read_what_the_broadcast_wrote);
    tcase_add_test(tests, broadcast_event_takes_an_entry_away);
    tcase_add_test(tests, timers_of_the_keyed_side_read_the_broadcast_state);
    tcase_add_test(tests, silent_rules_hold_time_back_unless_they_are_idle);
    tcase_add_loop_test(tests, main_event_that_writes_fails_the_operator, MAIN_PUTS,
                        MAIN_CLEARS + 1);
    tcase_add_test(tests, timer_that_writes_fails_the_operator);
    tcase_add_test_raise_signal(tests, broadcast_event_that_asks_for_keyed_state_ends_the_program,
                                SIGABRT);
    tcase_add_test(tests, snapshot_and_restore_keep_rules_state_and_timers);
    tcase_add_test(tests, every_subtask_restores_the_rules_once);
    tcase_add_test(tests, damaged_snapshot_is_refused);
    tcase_add_test(tests, main_stream_needs_no_key);
    tcase_add_test(tests, type_mismatch_names_the_operator_the_input_and_both_types);
    tcase_add_test(tests, connection_that_is_no_broadcast_is_a_mistake);
    tcase_add_test(tests, broadcast_state_that_is_no_map_is_a_mistake);
    tcase_add_test(tests, timers_without_keys_are_a_mistake);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
