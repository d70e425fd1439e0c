/*
 * The keyed process operator: state and timers of the key in hand. Semantics sheet, section 10 (and
 * 17 where TTL shows).
 */
#include "operator_fixture.h"

#include <signal.h>

#define CLICK_FIELDS(F, T)                                                                         \
    F(T, string, user, "user", required)                                                           \
    F(T, int64, timer, "timer", required)
WEIR_DECLARE_TYPE(click, CLICK_FIELDS);
WEIR_DEFINE_TYPE(click, CLICK_FIELDS);

static struct fixture f;

static const struct weir_state_descriptor count_state = {
    .name = "count", .kind = WEIR_STATE_VALUE, .type = &weir_int64_type};
static const struct weir_state_descriptor *const states[] = {&count_state, NULL};
static const struct weir_output_tag fired_tag = {"fired", &weir_string_type};
static const struct weir_output_tag *const tags[] = {&fired_tag, NULL};

/* What the function is to do with event.timer. */
static struct {
    bool processing_time;
    bool delete_it;
    int64_t again_at; /* on_timer registers this one, once; 0: none */
} script;

static void process(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    const struct click *click = value;
    int64_t *count = weir_value_state_edit(context, &count_state);
    ++*count;
    weir_emit(out, count);
    if (script.delete_it) {
        weir_delete_event_timer(context, click->timer);
        weir_delete_event_timer(context, click->timer);
    } else if (script.processing_time) {
        weir_register_processing_timer(context, click->timer);
    } else if (click->timer != 0) {
        weir_register_event_timer(context, click->timer);
    }
}

static void on_timer(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                     void *user)
{
    (void)user;
    ck_assert_int_eq(event_time, !script.processing_time);
    weir_emit(out, &time);
    weir_side_emit(context, &fired_tag, weir_current_key(context));
    int64_t watermark = weir_current_watermark(context);
    weir_emit(out, &watermark);
    if (script.again_at != 0) {
        weir_register_event_timer(context, script.again_at);
        script.again_at = 0;
    }
}

static const struct weir_process_function function = {
    .name = "clicks",
    .in_type = &click_type,
    .out_type = &weir_int64_type,
    .process = process,
    .on_timer = on_timer,
    .states = states,
    .side_outputs = tags,
};

static void start(void)
{
    memset(&script, 0, sizeof(script));
    fixture_init(&f, weir__process_factory(&function, true), &click_type, &weir_int64_type);
    f.context.key = WEIR_FIELD(click, user);
    fixture_side(&f, &fired_tag);
    fixture_open(&f);
}

static void click(const char *user, int64_t timestamp, int64_t timer)
{
    push(&f, &(struct click){weir_str_from(user), timer}, timestamp);
}

static struct weir__holdings holdings(void)
{
    struct weir__holdings held = {0};
    f.op->ops->holdings(f.op, &held);
    return held;
}

START_TEST(state_belongs_to_the_key_in_hand)
{
    start();
    click("ann", 1, 0);
    click("bob", 2, 0);
    click("ann", 3, 0);
    expect(&f, "1@1 1@2 2@3");
    ck_assert_int_eq(holdings().state_entries, 2);
    fixture_free(&f);
}
END_TEST

START_TEST(timer_fires_at_its_time_inclusive_before_the_watermark_goes_on)
{
    start();
    click("ann", 1, 50);
    weir__operator_advance(f.op, 49);
    expect(&f, "1@1 W49");
    weir__operator_advance(f.op, 50);
    expect(&f, "50@50 fired:\"ann\"@50 50@50 W50");
    fixture_free(&f);
}
END_TEST

START_TEST(registering_twice_is_one_timer)
{
    start();
    click("ann", 1, 50);
    click("ann", 2, 50);
    ck_assert_int_eq(holdings().event_timers, 1);
    weir__operator_advance(f.op, 60);
    expect(&f, "1@1 2@2 50@50 fired:\"ann\"@50 60@50 W60");
    ck_assert_int_eq(holdings().event_timers, 0);
    fixture_free(&f);
}
END_TEST

START_TEST(timers_fire_in_order_of_time_over_all_keys)
{
    start();
    click("ann", 1, 70);
    click("bob", 2, 60);
    expect(&f, "1@1 1@2");
    weir__operator_advance(f.op, 100);
    expect(&f, "60@60 fired:\"bob\"@60 100@60 70@70 fired:\"ann\"@70 100@70 W100");
    fixture_free(&f);
}
END_TEST

START_TEST(deleting_a_missing_timer_does_nothing_and_a_deleted_one_does_not_fire)
{
    start();
    click("ann", 1, 50);
    script.delete_it = true;
    click("bob", 2, 50); /* bob has none */
    click("ann", 3, 50);
    weir__operator_advance(f.op, 100);
    expect(&f, "1@1 1@2 2@3 W100");
    fixture_free(&f);
}
END_TEST

START_TEST(timer_at_or_below_the_watermark_fires_at_the_next_advance)
{
    start();
    weir__operator_advance(f.op, 100);
    click("ann", 101, 40);
    expect(&f, "W100 1@101");
    weir__operator_advance(f.op, 101);
    expect(&f, "40@40 fired:\"ann\"@40 101@40 W101");
    fixture_free(&f);
}
END_TEST

START_TEST(timer_registered_while_firing_at_a_due_time_fires_in_the_same_advance)
{
    start();
    click("ann", 1, 50);
    script.again_at = 30;
    weir__operator_advance(f.op, 60);
    expect(&f, "1@1 50@50 fired:\"ann\"@50 60@50 30@30 fired:\"ann\"@30 60@30 W60");
    fixture_free(&f);
}
END_TEST

START_TEST(processing_timer_fires_with_the_clock_and_its_output_has_no_timestamp)
{
    start();
    script.processing_time = true;
    click("ann", 1, 500);
    ck_assert_int_eq(f.op->ops->next_tick(f.op), 500);
    set_clock(&f, 499);
    expect(&f, "1@1");
    set_clock(&f, 500);
    expect(&f, "500@- fired:\"ann\"@- -9223372036854775808@-");
    ck_assert_int_eq(f.op->ops->next_tick(f.op), WEIR_TIME_MAX);
    fixture_free(&f);
}
END_TEST

/* Fault list, row 9: each timer fires once, in order, when the clock has reached it. */
START_TEST(clock_that_jumps_an_hour_fires_each_timer_once)
{
    start();
    script.processing_time = true;
    set_clock(&f, 10000000);
    click("ann", 1, 10005000);
    click("ann", 2, 10001000);
    expect(&f, "1@1 2@2");
    set_clock(&f, 10000000 + 3600000);
    expect(&f, "10001000@- fired:\"ann\"@- -9223372036854775808@- "
               "10005000@- fired:\"ann\"@- -9223372036854775808@-");
    click("ann", 3, 13601000);
    set_clock(&f, 10000500); /* an hour back: nothing again, and nothing early */
    set_clock(&f, 10006000);
    expect(&f, "3@3");
    set_clock(&f, 13601000);
    expect(&f, "13601000@- fired:\"ann\"@- -9223372036854775808@-");
    fixture_free(&f);
}
END_TEST

START_TEST(snapshot_holds_state_and_timers_but_not_the_watermark)
{
    start();
    click("ann", 1, 50);
    click("ann", 2, 0);
    weir__operator_advance(f.op, 10);
    struct weir__buf saved = {0};
    f.op->ops->snapshot(f.op, &saved);
    fixture_free(&f);

    start();
    struct weir_error error = {0};
    ck_assert_msg(f.op->ops->restore(f.op, (struct weir_str){saved.data, (uint32_t)saved.len},
                                     &error) == WEIR_OK,
                  "%s", error.message);
    ck_assert_int_eq(f.context.watermark, WEIR_TIME_MIN);
    click("ann", 3, 0);
    expect(&f, "3@3");
    weir__operator_advance(f.op, 50);
    expect(&f, "50@50 fired:\"ann\"@50 50@50 W50");
    ck_assert_int_ne(f.op->ops->restore(f.op, WEIR_STR("nonsense"), &error), WEIR_OK);
    weir__buf_fini(&saved);
    fixture_free(&f);
}
END_TEST

/* ---- misuse ends the program with a line that says what to write ---- */

static const struct weir_process_function keyless = {
    .in_type = &click_type, .out_type = &weir_int64_type, .process = process};

START_TEST(state_without_a_key_aborts)
{
    fixture_init(&f, weir__process_factory(&keyless, false), &click_type, &weir_int64_type);
    fixture_open(&f);
    click("ann", 1, 0);
}
END_TEST

START_TEST(state_that_is_not_listed_aborts)
{
    fixture_init(&f, weir__process_factory(&keyless, true), &click_type, &weir_int64_type);
    f.context.key = WEIR_FIELD(click, user);
    fixture_open(&f);
    click("ann", 1, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keyed process");
    TCase *tcase = tcase_create("section 10");
    tcase_add_test(tcase, state_belongs_to_the_key_in_hand);
    tcase_add_test(tcase, timer_fires_at_its_time_inclusive_before_the_watermark_goes_on);
    tcase_add_test(tcase, registering_twice_is_one_timer);
    tcase_add_test(tcase, timers_fire_in_order_of_time_over_all_keys);
    tcase_add_test(tcase, deleting_a_missing_timer_does_nothing_and_a_deleted_one_does_not_fire);
    tcase_add_test(tcase, timer_at_or_below_the_watermark_fires_at_the_next_advance);
    tcase_add_test(tcase, timer_registered_while_firing_at_a_due_time_fires_in_the_same_advance);
    tcase_add_test(tcase, processing_timer_fires_with_the_clock_and_its_output_has_no_timestamp);
    tcase_add_test(tcase, clock_that_jumps_an_hour_fires_each_timer_once);
    tcase_add_test(tcase, snapshot_holds_state_and_timers_but_not_the_watermark);
    tcase_add_test_raise_signal(tcase, state_without_a_key_aborts, SIGABRT);
    tcase_add_test_raise_signal(tcase, state_that_is_not_listed_aborts, SIGABRT);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
