/*
 * Lesson 5's open sessions, on the test bench: ticks and silence to the millisecond. The program's
 * own file is compiled in, so that what is tested is what a learner reads.
 */
int open_sessions_main(int argc, char **argv);
#define main open_sessions_main
#include "../../lessons/05-stateful-sessions/open-sessions.c"
#undef main

#include <weir/harness.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define MINUTE INT64_C(60000)
#define GAP    (30 * MINUTE)

static weir_env *env;
static weir_harness *harness;
static struct settings settings;

static void start(void)
{
    settings = (struct settings){.gap_ms = GAP, .tick_ms = MINUTE};
    env = weir_env_new("test", 0, NULL);
    harness =
        weir_harness_new(env, find_sessions(weir_harness_input(env, &page_event_type), &settings));
    ck_assert_int_eq(weir_harness_error(harness)->code, WEIR_OK);
}

static void end(void)
{
    weir_harness_free(harness);
    weir_env_free(env);
}

/* The clock reaches the event's time, and the event comes. */
static void event(const char *user, int64_t timestamp)
{
    weir_harness_set_time(harness, timestamp);
    weir_harness_push(harness,
                      &(struct page_event){timestamp, weir_str_from(user), WEIR_STR("PAGE_VIEW")},
                      WEIR_TIME_MIN);
}

/* What came out since the last call: "OPEN:0,30000", a word a session with its events' times. */
static const char *taken(void)
{
    static char text[4096];
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < weir_harness_count(harness); i++) {
        const struct weir_harness_output *out = weir_harness_at(harness, i);
        if (out->kind != WEIR_OUT_RECORD) {
            continue;
        }
        const struct session *session = out->value;
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%.*s:", len > 0 ? " " : "",
                                WEIR_STR_ARG(session->status));
        for (uint32_t e = 0; e < session->events.count; e++) {
            const struct page_event *event = weir_list_at(&session->events, &page_event_type, e);
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%lld", e > 0 ? "," : "",
                                    (long long)event->timestamp);
        }
    }
    weir_harness_clear(harness);
    return text;
}

static const char *at(int64_t ms)
{
    weir_harness_set_time(harness, ms);
    return taken();
}

/* The id of the session that came out first. */
static void take_id(char id[64])
{
    ck_assert_uint_gt(weir_harness_count(harness), 0);
    const struct session *session = weir_harness_at(harness, 0)->value;
    snprintf(id, 64, "%.*s", WEIR_STR_ARG(session->id));
    weir_harness_clear(harness);
}

static void expect_nothing_kept(void)
{
    struct weir_harness_state state = weir_harness_state(harness);
    ck_assert_int_eq(state.entries, 0);
    ck_assert_int_eq(state.event_timers, 0);
    ck_assert_int_eq(state.processing_timers, 0);
}

START_TEST(open_session_is_shown_every_minute_from_its_first_event_on)
{
    event("ann", 1000);
    event("ann", 30000);
    ck_assert_str_eq(at(1000 + MINUTE - 1), "");
    ck_assert_str_eq(at(1000 + MINUTE), "OPEN:1000,30000");
    event("ann", 90000);
    ck_assert_str_eq(at(1000 + 2 * MINUTE), "OPEN:1000,30000,90000");
}
END_TEST

START_TEST(session_is_closed_at_the_tick_that_finds_thirty_minutes_of_silence)
{
    event("ann", 0);
    for (int64_t tick = 1; tick < 30; tick++) {
        ck_assert_str_eq(at(tick * MINUTE), "OPEN:0");
    }
    ck_assert_str_eq(at(GAP), "CLOSED:0");
    expect_nothing_kept();
    ck_assert_str_eq(at(GAP + 10 * MINUTE), "");
}
END_TEST

START_TEST(a_millisecond_less_of_silence_leaves_it_open_until_the_next_tick)
{
    event("ann", 0);
    event("ann", 1);
    for (int64_t tick = 1; tick < 30; tick++) {
        (void)at(tick * MINUTE);
    }
    ck_assert_str_eq(at(GAP), "OPEN:0,1");
    ck_assert_str_eq(at(GAP + MINUTE), "CLOSED:0,1");
}
END_TEST

START_TEST(event_after_the_silence_but_before_the_tick_begins_a_new_session)
{
    char first[64];
    char second[64];
    event("ann", 0);
    event("ann", 30000);
    for (int64_t tick = 1; tick <= 30; tick++) {
        (void)at(tick * MINUTE);
    }
    event("ann", 30000 + GAP);
    take_id(first);
    ck_assert_str_eq(at(GAP + MINUTE), ""); /* the tick of the old session is gone */
    ck_assert_str_eq(at(30000 + GAP + MINUTE - 1), "");
    weir_harness_set_time(harness, 30000 + GAP + MINUTE);
    take_id(second);
    ck_assert_str_ne(first, second);
}
END_TEST

START_TEST(event_before_the_silence_is_over_belongs_to_the_session)
{
    event("ann", 0);
    event("ann", 30000);
    for (int64_t tick = 1; tick <= 30; tick++) {
        (void)at(tick * MINUTE);
    }
    event("ann", 30000 + GAP - 1);
    ck_assert_str_eq(at(GAP + MINUTE), "OPEN:0,30000,1829999");
}
END_TEST

START_TEST(old_session_is_told_closed_with_its_own_events_when_a_new_one_begins)
{
    event("ann", 0);
    event("ann", 30000);
    for (int64_t tick = 1; tick <= 30; tick++) {
        (void)at(tick * MINUTE);
    }
    event("ann", 30000 + GAP);
    ck_assert_str_eq(taken(), "CLOSED:0,30000");
    ck_assert_str_eq(at(30000 + GAP + MINUTE), "OPEN:1830000");
}
END_TEST

START_TEST(event_that_is_out_of_order_does_not_set_the_last_time_back)
{
    event("ann", 2000);
    weir_harness_push(harness, &(struct page_event){500, WEIR_STR("ann"), WEIR_STR("PAGE_VIEW")},
                      WEIR_TIME_MIN);
    weir_harness_set_time(harness, 2000 + MINUTE);
    const struct session *session = weir_harness_at(harness, 0)->value;
    ck_assert_int_eq(session->last_event_timestamp, 2000);
}
END_TEST

START_TEST(users_have_sessions_and_ticks_of_their_own)
{
    event("ann", 0);
    event("bob", 20000);
    ck_assert_str_eq(at(MINUTE), "OPEN:0");
    ck_assert_str_eq(at(20000 + MINUTE), "OPEN:20000");
}
END_TEST

START_TEST(delta_shows_each_event_once_and_nothing_when_nothing_is_new)
{
    settings.delta = true;
    event("ann", 0);
    event("ann", 1000);
    ck_assert_str_eq(at(MINUTE), "OPEN:0,1000");
    ck_assert_str_eq(at(2 * MINUTE), "");
    event("ann", 2 * MINUTE + 5);
    ck_assert_str_eq(at(3 * MINUTE), "OPEN:120005");
    (void)at(4 * MINUTE);
    ck_assert_str_eq(at(33 * MINUTE), "CLOSED:");
    expect_nothing_kept();
}
END_TEST

START_TEST(id_stays_from_line_to_line_and_over_a_restore)
{
    char first[64];
    char second[64];
    event("ann", 0);
    weir_harness_set_time(harness, MINUTE);
    take_id(first);
    struct weir_str snapshot = weir_harness_snapshot(harness);
    ck_assert_int_eq(weir_harness_restore(harness, &snapshot, 1), WEIR_OK);
    event("ann", MINUTE + 1);
    weir_harness_set_time(harness, 2 * MINUTE);
    take_id(second);
    ck_assert_str_eq(first, second);
    ck_assert_uint_eq(strlen(first), 36);
    ck_assert_int_eq(first[14], '8'); /* the version */
}
END_TEST

START_TEST(end_of_input_shows_what_is_still_open)
{
    event("ann", 0);
    event("ann", 10);
    weir_harness_finish(harness);
    ck_assert_str_eq(taken(), "OPEN:0,10");
    expect_nothing_kept();
    ck_assert_int_eq(weir_harness_metric(harness, "eventsOpen"), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("open sessions");
    TCase *tests = tcase_create("open sessions");
    tcase_add_checked_fixture(tests, start, end);
    tcase_add_test(tests, open_session_is_shown_every_minute_from_its_first_event_on);
    tcase_add_test(tests, session_is_closed_at_the_tick_that_finds_thirty_minutes_of_silence);
    tcase_add_test(tests, a_millisecond_less_of_silence_leaves_it_open_until_the_next_tick);
    tcase_add_test(tests, event_after_the_silence_but_before_the_tick_begins_a_new_session);
    tcase_add_test(tests, event_before_the_silence_is_over_belongs_to_the_session);
    tcase_add_test(tests, old_session_is_told_closed_with_its_own_events_when_a_new_one_begins);
    tcase_add_test(tests, event_that_is_out_of_order_does_not_set_the_last_time_back);
    tcase_add_test(tests, users_have_sessions_and_ticks_of_their_own);
    tcase_add_test(tests, delta_shows_each_event_once_and_nothing_when_nothing_is_new);
    tcase_add_test(tests, id_stays_from_line_to_line_and_over_a_restore);
    tcase_add_test(tests, end_of_input_shows_what_is_still_open);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
