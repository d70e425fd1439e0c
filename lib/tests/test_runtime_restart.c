/*
 * Restart strategies, rule by rule: semantics sheet, section 18. Times are written as now.
 */
#include "graph/env.h"
#include "graph/restart.h"
#include "random_cases.h"
#include "runtime/restart.h"

#include <check.h>

enum { DAY = 86400000 };

/* A failure at each of the times, up to -1, is answered by these delays. */
static void expect_delays(const char *strategy, const int64_t *times, const int64_t *delays)
{
    struct weir_restart_strategy parsed;
    struct weir__restart restart;
    struct weir_error error = {0};
    ck_assert_msg(weir__restart_parse(strategy, &parsed, &error) == WEIR_OK, "%s", error.message);
    weir__restart_init(&restart, &parsed, 1);
    for (size_t i = 0; times[i] >= 0; i++) {
        int64_t delay = weir__restart_failure(&restart, times[i]);
        ck_assert_msg(delay == delays[i], "%s, failure %zu at %lld: %lld, expected %lld", strategy,
                      i + 1, (long long)times[i], (long long)delay, (long long)delays[i]);
    }
    weir__restart_fini(&restart);
}
#define TIMES(...)  ((const int64_t[]){__VA_ARGS__, -1})
#define DELAYS(...) ((const int64_t[]){__VA_ARGS__})

START_TEST(none_never_restarts)
{
    expect_delays("none", TIMES(0, 5), DELAYS(-1, -1));
}
END_TEST

START_TEST(fixed_delay_restarts_as_often_as_it_says_and_no_more)
{
    expect_delays("fixed-delay:3,10s", TIMES(0, 1, 100 * (int64_t)DAY, 100 * (int64_t)DAY),
                  DELAYS(10000, 10000, 10000, -1));
    expect_delays("fixed-delay", TIMES(0, 1), DELAYS(1000, -1));
    expect_delays("fixed-delay:0,10s", TIMES(0), DELAYS(-1));
}
END_TEST

/* Refused iff more than max failures are known and now - oldest of the last max + 1 <= interval. */
START_TEST(failure_rate_refuses_one_failure_too_many_within_the_interval_inclusive)
{
    expect_delays("failure-rate:3,100,5", TIMES(0, 10, 20, 100), DELAYS(5, 5, 5, -1));
    expect_delays("failure-rate:3,100,5", TIMES(0, 10, 20, 101), DELAYS(5, 5, 5, 5));
}
END_TEST

START_TEST(failure_rate_forgets_all_but_the_last_max_plus_one_failures)
{
    expect_delays("failure-rate:2,100,5", TIMES(0, 10, 200, 201, 211, 301, 400),
                  DELAYS(5, 5, 5, 5, -1, -1, 5));
}
END_TEST

START_TEST(failure_rate_has_the_defaults_of_flink)
{
    expect_delays("failure-rate", TIMES(0, 60001, 120001), DELAYS(1000, 1000, -1));
}
END_TEST

START_TEST(exponential_delay_of_4_times_2_3_is_4_9_21)
{
    expect_delays("exponential-delay:4,1000,2.3,1h,0", TIMES(100, 200, 300, 400),
                  DELAYS(4, 9, 21, 48));
}
END_TEST

START_TEST(exponential_delay_stops_growing_at_its_maximum)
{
    expect_delays("exponential-delay:1s,5s,2,1h,0", TIMES(0, 10000, 20000, 30000, 40000),
                  DELAYS(1000, 2000, 4000, 5000, 5000));
}
END_TEST

START_TEST(exponential_delay_counts_a_failure_at_or_before_the_pending_restart_once)
{
    expect_delays("exponential-delay:10,1000,2,1h,0", TIMES(100, 104, 110, 111),
                  DELAYS(10, 6, 0, 20));
}
END_TEST

/* Not when that long has passed since the failure: since the restart. */
START_TEST(exponential_delay_begins_anew_a_threshold_after_the_last_restart_inclusive)
{
    expect_delays("exponential-delay:10,1000,2,500,0", TIMES(100, 609), DELAYS(10, 20));
    expect_delays("exponential-delay:10,1000,2,500,0", TIMES(100, 610), DELAYS(10, 10));
}
END_TEST

START_TEST(exponential_delay_gives_up_after_its_attempts_and_a_reset_counts_anew)
{
    expect_delays("exponential-delay:10,1000,2,500,0,2", TIMES(0, 100, 200), DELAYS(10, 20, -1));
    expect_delays("exponential-delay:10,1000,2,500,0,2", TIMES(0, 100, 700, 800, 900),
                  DELAYS(10, 20, 10, 20, -1));
}
END_TEST

START_TEST(exponential_delay_never_overflows)
{
    struct weir_restart_strategy strategy = weir_exponential_delay_restart();
    strategy.max_ms = INT64_MAX;
    strategy.multiplier = 1e300;
    strategy.jitter = 1;
    struct weir__restart restart;
    weir__restart_init(&restart, &strategy, 1);
    int64_t now_ms = 0;
    for (int i = 0; i < 100; i++) {
        int64_t delay = weir__restart_failure(&restart, now_ms);
        ck_assert_int_ge(delay, strategy.initial_ms);
        restart.next_ms = now_ms++ - 1; /* as if it had started already */
    }
    weir__restart_fini(&restart);
}
END_TEST

/* ± trunc(delay * jitter), both ends included, and within initial … max. */
START_TEST(jitter_is_a_share_of_the_delay_and_reaches_both_ends)
{
    struct weir_restart_strategy strategy = {.kind = WEIR_RESTART_EXPONENTIAL_DELAY,
                                             .initial_ms = 10,
                                             .max_ms = 42,
                                             .multiplier = 4,
                                             .reset_threshold_ms = DAY,
                                             .jitter = 0.1};
    int least[3] = {1000, 1000, 1000};
    int most[3] = {0};
    struct random_cases cases = random_cases("jitter", 2000);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct weir__restart restart;
        weir__restart_init(&restart, &strategy, seed);
        for (int attempt = 0; attempt < 3; attempt++) {
            int delay = (int)weir__restart_failure(&restart, (int64_t)1000 * attempt);
            least[attempt] = delay < least[attempt] ? delay : least[attempt];
            most[attempt] = delay > most[attempt] ? delay : most[attempt];
        }
        weir__restart_fini(&restart);
    }
    ck_assert_int_ge(least[0], 10);
    ck_assert_int_le(most[0], 11);
    ck_assert_int_ge(least[1], 36);
    ck_assert_int_le(most[1], 42);
    ck_assert_int_eq(most[2], 42);
    if (cases.end - cases.first >= 1000) { /* by chance missed once in 10^30 runs */
        ck_assert_int_eq(least[0], 10);
        ck_assert_int_eq(most[0], 11);
        ck_assert_int_eq(least[1], 36);
        ck_assert_int_eq(most[1], 42);
    }
}
END_TEST

/* 7 * 1.5 is 10.5, so 10, of which 0.096 is less than a millisecond. */
START_TEST(jitter_is_a_share_of_whole_milliseconds)
{
    struct weir_restart_strategy strategy = {.kind = WEIR_RESTART_EXPONENTIAL_DELAY,
                                             .initial_ms = 7,
                                             .max_ms = 100,
                                             .multiplier = 1.5,
                                             .reset_threshold_ms = DAY,
                                             .jitter = 0.096};
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct weir__restart restart;
        weir__restart_init(&restart, &strategy, seed);
        ck_assert_int_eq(weir__restart_failure(&restart, 0), 7);
        ck_assert_int_eq(weir__restart_failure(&restart, 1000), 10);
        weir__restart_fini(&restart);
    }
}
END_TEST

START_TEST(where_nothing_is_said_checkpoints_decide)
{
    struct weir_restart_strategy nothing = {0};
    char text[WEIR__RESTART_TEXT];
    struct weir_restart_strategy strategy = weir__restart_resolve(&nothing, true);
    weir__restart_format(&strategy, text);
    ck_assert_str_eq(text, "exponential-delay:1s,1m,1.5,1h,0.1,0");
    ck_assert_int_eq(weir__restart_resolve(&nothing, false).kind, WEIR_RESTART_NONE);
    strategy = weir_fixed_delay_restart(2, 5);
    ck_assert_int_eq(weir__restart_resolve(&strategy, false).kind, WEIR_RESTART_FIXED_DELAY);
}
END_TEST

START_TEST(text_is_read_and_written)
{
    static const char *const cases[][2] = {
        {"none", "none"},
        {"fixed-delay", "fixed-delay:1,1s"},
        {"fixed-delay:3", "fixed-delay:3,1s"},
        {"fixed-delay:3,10000", "fixed-delay:3,10s"},
        {"exponential-delay:5s,2m,2,30m,0.5,7", "exponential-delay:5s,2m,2.0,30m,0.5,7"},
        {"failure-rate:3,2h,4m", "failure-rate:3,2h,4m"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct weir_restart_strategy strategy;
        char text[WEIR__RESTART_TEXT];
        ck_assert_int_eq(weir__restart_parse(cases[i][0], &strategy, NULL), WEIR_OK);
        weir__restart_format(&strategy, text);
        ck_assert_str_eq(text, cases[i][1]);
    }
}
END_TEST

START_TEST(wrong_text_is_refused_in_words)
{
    static const char *const cases[][2] = {
        {"", "expected none, fixed-delay:ATTEMPTS,DELAY, exponential-delay:INITIAL,MAX,MULTIPLIER,"
             "RESET,JITTER,ATTEMPTS or failure-rate:FAILURES,INTERVAL,DELAY, got \"\""},
        {"fixed-delay:", "fixed-delay: expected a number for its attempts, got \"\""},
        {"fixed-delay:-1", "fixed-delay: expected a number for its attempts, got \"-1\""},
        {"fixed-delay:3,soon", "fixed-delay: expected a duration such as 10s for its delay, got "
                               "\"soon\""},
        {"fixed-delay:3,-5s", "fixed-delay: expected a duration such as 10s for its delay, got "
                              "\"-5s\""},
        {"exponential-delay:1s,5s,x",
         "exponential-delay: expected a factor for its multiplier, got \"x\""},
        {"exponential-delay:1s,5s,1.",
         "exponential-delay: expected a factor for its multiplier, got \"1.\""},
        {"exponential-delay:1s,5s,0.5", "exponential-delay: its multiplier must be at least 1"},
        {"exponential-delay:5s,1s",
         "exponential-delay: its largest delay is below its initial one"},
        {"exponential-delay:1s,1m,2,1h,1.5", "exponential-delay: its jitter must be 0 to 1"},
        {"failure-rate:0,1m", "failure-rate: expected 1 to 1000000 failures, got 0"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct weir_restart_strategy strategy;
        struct weir_error error = {0};
        ck_assert_int_eq(weir__restart_parse(cases[i][0], &strategy, &error), WEIR_INVALID);
        ck_assert_str_eq(error.message, cases[i][1]);
    }
    struct weir_restart_strategy strategy;
    ck_assert_int_eq(weir__restart_parse("none:1", &strategy, NULL), WEIR_INVALID);
    ck_assert_int_eq(weir__restart_parse("fixed-delay:1,2,3", &strategy, NULL), WEIR_INVALID);
    ck_assert_int_eq(weir__restart_parse("fixed", &strategy, NULL), WEIR_INVALID);
}
END_TEST

START_TEST(decisions_are_told_in_words)
{
    static const struct {
        const char *strategy;
        const char *first;
        const char *second;
    } cases[] = {
        {"none", "no restart: the strategy is none (--restart names others)", NULL},
        {"fixed-delay:1,10s", "restart 1 of 1 in 10s",
         "no restart: all 1 are used up (fixed-delay:1,10s)"},
        {"exponential-delay:1s,1m,1.5,1h,0", "restart 1 in 1s", "restart 2 in 1500ms"},
        {"failure-rate:1,2h,4m", "restart 1 in 4m", "no restart: more than 1 failure within 2h"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct weir_restart_strategy strategy;
        struct weir__restart restart;
        char text[WEIR__RESTART_DECISION_TEXT];
        ck_assert_int_eq(weir__restart_parse(cases[i].strategy, &strategy, NULL), WEIR_OK);
        weir__restart_init(&restart, &strategy, 1);
        weir__restart_failure(&restart, 0);
        weir__restart_decision(&restart, text);
        ck_assert_str_eq(text, cases[i].first);
        if (cases[i].second != NULL) {
            weir__restart_failure(&restart, 3600000);
            weir__restart_decision(&restart, text);
            ck_assert_str_eq(text, cases[i].second);
        }
        weir__restart_fini(&restart);
    }
}
END_TEST

START_TEST(command_line_beats_the_programs_strategy)
{
    char *args[] = {(char *)"job", (char *)"--restart", (char *)"fixed-delay:3,10s", NULL};
    weir_env *env = weir_env_new("job", 3, args);
    weir_env_set_restart(env, weir_no_restart());
    ck_assert_int_eq(env->settings.restart.kind, WEIR_RESTART_FIXED_DELAY);
    weir_env_free(env);
    env = weir_env_new("job", 1, args);
    ck_assert_int_eq(env->settings.restart.kind, WEIR_RESTART_DEFAULT);
    weir_env_set_restart(env, weir_failure_rate_restart(3, weir_hours(2), weir_minutes(4)));
    ck_assert_int_eq(env->settings.restart.kind, WEIR_RESTART_FAILURE_RATE);
    weir_env_set_restart(env, weir_fixed_delay_restart(-1, 5));
    ck_assert_str_eq(weir_env_error(env)->message,
                     "restart strategy: fixed-delay: attempts and delay must be at least 0");
    weir_env_free(env);
    args[2] = (char *)"often";
    env = weir_env_new("job", 3, args);
    ck_assert_str_eq(env->options.error.message,
                     "--restart: expected none, fixed-delay:ATTEMPTS,DELAY, exponential-delay:"
                     "INITIAL,MAX,MULTIPLIER,RESET,JITTER,ATTEMPTS or failure-rate:FAILURES,"
                     "INTERVAL,DELAY, got \"often\"");
    weir_env_free(env);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("restart");
    TCase *tests = tcase_create("section 18");
    tcase_add_test(tests, none_never_restarts);
    tcase_add_test(tests, fixed_delay_restarts_as_often_as_it_says_and_no_more);
    tcase_add_test(tests, failure_rate_refuses_one_failure_too_many_within_the_interval_inclusive);
    tcase_add_test(tests, failure_rate_forgets_all_but_the_last_max_plus_one_failures);
    tcase_add_test(tests, failure_rate_has_the_defaults_of_flink);
    tcase_add_test(tests, exponential_delay_of_4_times_2_3_is_4_9_21);
    tcase_add_test(tests, exponential_delay_stops_growing_at_its_maximum);
    tcase_add_test(tests, exponential_delay_counts_a_failure_at_or_before_the_pending_restart_once);
    tcase_add_test(tests,
                   exponential_delay_begins_anew_a_threshold_after_the_last_restart_inclusive);
    tcase_add_test(tests, exponential_delay_gives_up_after_its_attempts_and_a_reset_counts_anew);
    tcase_add_test(tests, exponential_delay_never_overflows);
    tcase_add_test(tests, jitter_is_a_share_of_the_delay_and_reaches_both_ends);
    tcase_add_test(tests, jitter_is_a_share_of_whole_milliseconds);
    tcase_add_test(tests, where_nothing_is_said_checkpoints_decide);
    tcase_add_test(tests, text_is_read_and_written);
    tcase_add_test(tests, wrong_text_is_refused_in_words);
    tcase_add_test(tests, decisions_are_told_in_words);
    tcase_add_test(tests, command_line_beats_the_programs_strategy);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
