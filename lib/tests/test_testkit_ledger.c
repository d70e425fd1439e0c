/*
 * The ledger: right outputs pass, and every kind of wrong one is told by its name and counted.
 */
#include "base/rand.h"
#include "random_cases.h"

#include <weir/ledger.h>

#include <check.h>
#include <stdlib.h>

static weir_ledger *ledger;

static void setup(void)
{
    ledger = weir_ledger_new();
}

static void teardown(void)
{
    weir_ledger_free(ledger);
}

static void expect(const char *what, const char *content)
{
    weir_ledger_expect(ledger, weir_str_from(what), weir_str_from(content));
}

static void saw(const char *what, const char *content)
{
    weir_ledger_saw(ledger, weir_str_from(what), weir_str_from(content));
}

static void event(int64_t producer, int64_t sequence, const char *key, int64_t timestamp)
{
    weir_ledger_event(ledger, &(struct weir_ledger_event){.producer = producer,
                                                          .sequence = sequence,
                                                          .key = weir_str_from(key),
                                                          .timestamp = timestamp,
                                                          .value = 10 * sequence});
}

static void verdict_is(const char *text)
{
    ck_assert_str_eq(weir_ledger_check(ledger)->text, text);
}

START_TEST(right_results_pass_in_any_order)
{
    expect("a", "1");
    expect("b", "2");
    saw("b", "2");
    saw("a", "1");
    ck_assert(weir_ledger_check(ledger)->ok);
    verdict_is("2 expected, 2 seen: 0 missing, 0 doubled, 0 phantom, 0 wrong");
}
END_TEST

START_TEST(a_missing_result_is_told)
{
    expect("a", "1");
    expect("b", "2");
    saw("b", "2");
    ck_assert(!weir_ledger_check(ledger)->ok);
    verdict_is("missing: a: 1\n"
               "2 expected, 1 seen: 1 missing, 0 doubled, 0 phantom, 0 wrong");
}
END_TEST

START_TEST(a_doubled_result_is_told)
{
    expect("a", "1");
    saw("a", "1");
    saw("a", "1");
    saw("a", "1");
    ck_assert(!weir_ledger_check(ledger)->ok);
    verdict_is("doubled: a: 1 (2 times)\n"
               "1 expected, 3 seen: 0 missing, 2 doubled, 0 phantom, 0 wrong");
}
END_TEST

START_TEST(a_result_about_something_unexpected_is_a_phantom)
{
    expect("a", "1");
    saw("a", "1");
    saw("x", "1");
    ck_assert(!weir_ledger_check(ledger)->ok);
    verdict_is("phantom: x: 1\n"
               "1 expected, 2 seen: 0 missing, 0 doubled, 1 phantom, 0 wrong");
}
END_TEST

START_TEST(a_result_that_says_something_else_is_wrong_and_not_missing_too)
{
    expect("a", "1");
    saw("a", "7");
    ck_assert(!weir_ledger_check(ledger)->ok);
    verdict_is("missing: a: 1\nwrong: a: 7\n"
               "1 expected, 1 seen: 0 missing, 0 doubled, 0 phantom, 1 wrong");
}
END_TEST

START_TEST(a_wrong_result_beside_a_right_one_is_wrong)
{
    expect("a", "1");
    saw("a", "1");
    saw("a", "7");
    const struct weir_ledger_verdict *verdict = weir_ledger_check(ledger);
    ck_assert(!verdict->ok);
    ck_assert_int_eq(verdict->wrong, 1);
    ck_assert_int_eq(verdict->missing, 0);
}
END_TEST

START_TEST(a_result_may_be_expected_more_than_once)
{
    expect("a", "1");
    expect("a", "1");
    expect("a", "2");
    saw("a", "1");
    saw("a", "2");
    saw("a", "1");
    ck_assert(weir_ledger_check(ledger)->ok);
}
END_TEST

START_TEST(windows_are_recomputed_from_the_events)
{
    event(1, 1, "/home", -1);
    event(1, 2, "/home", 0);
    event(1, 3, "/home", 9999);
    event(2, 1, "/cart", 5000);
    weir_ledger_expect_windows(ledger, 10000);
    weir_ledger_saw_window(ledger, WEIR_STR("/home"), -10000, 0, 1, 10);
    weir_ledger_saw_window(ledger, WEIR_STR("/home"), 0, 10000, 2, 50);
    weir_ledger_saw_window(ledger, WEIR_STR("/cart"), 0, 10000, 1, 10);
    verdict_is("3 expected, 3 seen: 0 missing, 0 doubled, 0 phantom, 0 wrong");
}
END_TEST

START_TEST(a_window_that_counted_an_event_twice_is_wrong)
{
    event(1, 1, "/home", 0);
    weir_ledger_expect_windows(ledger, 10);
    weir_ledger_saw_window(ledger, WEIR_STR("/home"), 0, 10, 2, 20);
    verdict_is("missing: /home [0,10): 1 events, sum 10\n"
               "wrong: /home [0,10): 2 events, sum 20\n"
               "1 expected, 1 seen: 0 missing, 0 doubled, 0 phantom, 1 wrong");
}
END_TEST

START_TEST(an_event_that_is_delivered_twice_is_one_event)
{
    event(1, 1, "/home", 0);
    event(1, 2, "/home", 1);
    event(1, 1, "/home", 0);
    ck_assert_int_eq(weir_ledger_events(ledger), 2);
    weir_ledger_expect_windows(ledger, 10);
    weir_ledger_saw_window(ledger, WEIR_STR("/home"), 0, 10, 2, 30);
    ck_assert(weir_ledger_check(ledger)->ok);
}
END_TEST

START_TEST(every_event_is_in_one_account)
{
    for (int64_t i = 1; i <= 10; i++) {
        event(1, i, "k", i);
    }
    weir_ledger_account(ledger, 7, 2, 1);
    ck_assert(weir_ledger_check(ledger)->ok);
    weir_ledger_account(ledger, 1, 0, 0);
    ck_assert_int_eq(weir_ledger_check(ledger)->lost, -1);
    ck_assert(!weir_ledger_check(ledger)->ok);
}
END_TEST

START_TEST(an_event_in_no_account_is_lost)
{
    event(1, 1, "k", 1);
    event(1, 2, "k", 1);
    weir_ledger_account(ledger, 1, 0, 0);
    ck_assert_int_eq(weir_ledger_check(ledger)->lost, 1);
    verdict_is("0 expected, 0 seen: 0 missing, 0 doubled, 0 phantom, 0 wrong; 2 events in, 1 "
               "accounted for");
}
END_TEST

START_TEST(many_findings_are_counted_and_not_all_told)
{
    char what[16];
    for (int i = 0; i < 100; i++) {
        snprintf(what, sizeof(what), "%03d", i);
        expect(what, "1");
    }
    const struct weir_ledger_verdict *verdict = weir_ledger_check(ledger);
    ck_assert_int_eq(verdict->missing, 100);
    ck_assert_ptr_nonnull(strstr(verdict->text, "missing: 019: 1\n… and 80 more\n100 expected"));
}
END_TEST

/* Any right output passes; with any one change it does not. */
START_TEST(a_random_change_of_a_right_output_is_found)
{
    struct random_cases cases = random_cases("ledger", 500);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct weir__rand rand;
        weir__rand_init(&rand, seed);
        weir_ledger *own = weir_ledger_new();
        int count = 1 + (int)weir__rand_below(&rand, 20);
        int victim = (int)weir__rand_below(&rand, (uint64_t)count);
        int change = (int)weir__rand_below(&rand, 5); /* the last one is none */
        for (int i = 0; i < count; i++) {
            char what[16];
            snprintf(what, sizeof(what), "%d", i % 7);
            char content[24];
            snprintf(content, sizeof(content), "%llu",
                     (unsigned long long)weir__rand_below(&rand, 3));
            weir_ledger_expect(own, weir_str_from(what), weir_str_from(content));
            bool hit = i == victim;
            struct weir_str about = hit && change == 2 ? WEIR_STR("x") : weir_str_from(what);
            struct weir_str says = hit && change == 3 ? WEIR_STR("7") : weir_str_from(content);
            for (int n = hit && change == 0 ? 0 : hit && change == 1 ? 2 : 1; n > 0; n--) {
                weir_ledger_saw(own, about, says);
            }
        }
        const struct weir_ledger_verdict *verdict = weir_ledger_check(own);
        ck_assert_msg(verdict->ok == (change == 4), "seed %llu: %s", (unsigned long long)seed,
                      verdict->text);
        ck_assert_int_eq(verdict->doubled, change == 1);
        ck_assert_int_eq(verdict->phantom, change == 2);
        ck_assert_int_eq(verdict->wrong, change == 3);
        ck_assert_int_eq(verdict->missing, change == 0 || change == 2);
        weir_ledger_free(own);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("testkit ledger");
    TCase *tests = tcase_create("ledger");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, right_results_pass_in_any_order);
    tcase_add_test(tests, a_missing_result_is_told);
    tcase_add_test(tests, a_doubled_result_is_told);
    tcase_add_test(tests, a_result_about_something_unexpected_is_a_phantom);
    tcase_add_test(tests, a_result_that_says_something_else_is_wrong_and_not_missing_too);
    tcase_add_test(tests, a_wrong_result_beside_a_right_one_is_wrong);
    tcase_add_test(tests, a_result_may_be_expected_more_than_once);
    tcase_add_test(tests, windows_are_recomputed_from_the_events);
    tcase_add_test(tests, a_window_that_counted_an_event_twice_is_wrong);
    tcase_add_test(tests, an_event_that_is_delivered_twice_is_one_event);
    tcase_add_test(tests, every_event_is_in_one_account);
    tcase_add_test(tests, an_event_in_no_account_is_lost);
    tcase_add_test(tests, many_findings_are_counted_and_not_all_told);
    tcase_add_test(tests, a_random_change_of_a_right_output_is_found);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
