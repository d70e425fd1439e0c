/*
 * Metrics of an operator: the four kinds, and what others see of them.
 */
#include "metrics/meter.h"
#include "metrics/metrics.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(counter_begins_at_zero_and_is_the_same_at_every_look)
{
    struct weir__metric_group *group = weir__metric_group_new();
    int64_t *late = weir__metric_counter(group, WEIR__LATE_DROPPED);
    ck_assert_int_eq(*late, 0);
    int64_t *other = weir__metric_counter(group, "other");
    *late += 3;
    ck_assert_ptr_eq(weir__metric_counter(group, WEIR__LATE_DROPPED), late);
    ck_assert_ptr_ne(other, late);
    ck_assert_int_eq(weir__metric_value(group, WEIR__LATE_DROPPED), 3);
    weir__metric_group_free(group);
}
END_TEST

START_TEST(missing_counter_reads_as_zero_and_is_not_made)
{
    struct weir__metric_group *group = weir__metric_group_new();
    ck_assert_int_eq(weir__metric_value(group, "none"), 0);
    weir__metric_group_free(group);
    weir__metric_group_free(NULL);
}
END_TEST

static void join(const char *name, enum weir__metric_kind kind, int64_t value, void *user)
{
    (void)kind;
    char *text = user;
    size_t len = strlen(text);
    snprintf(text + len, 64 - len, "%s=%lld ", name, (long long)value);
}

START_TEST(each_visits_counters_in_order_of_creation)
{
    struct weir__metric_group *group = weir__metric_group_new();
    *weir__metric_counter(group, "b") = 2;
    *weir__metric_counter(group, "a") = 1;
    char text[64] = "";
    weir__metric_each(group, join, text);
    ck_assert_str_eq(text, "b=2 a=1 ");
    weir__metric_group_free(group);
}
END_TEST

START_TEST(gauge_meter_and_histogram_have_a_value_of_their_own)
{
    struct weir__metric_group *group = weir__metric_group_new();
    *weir__metric_gauge(group, "open") = 2.6;
    *weir__metric_meter(group, "orders") += 4;
    weir__histogram_add(weir__metric_histogram(group, "price"), 100);
    weir__histogram_add(weir__metric_histogram(group, "price"), 300);
    ck_assert_int_eq(weir__metric_value(group, "open"), 3);
    ck_assert_int_eq(weir__metric_value(group, "orders"), 4);
    ck_assert_int_eq(weir__metric_value(group, "price"), 2);
    weir__metric_group_free(group);
}
END_TEST

/* ---- publishing ---- */

static void keep_last(const struct weir__metric_reading *reading, void *user)
{
    *(struct weir__metric_reading *)user = *reading;
}

START_TEST(reader_sees_what_was_published_and_not_what_came_after)
{
    struct weir__metric_group *group = weir__metric_group_new();
    struct weir__metric_reading last = {.name = NULL};
    int64_t *counter = weir__metric_counter(group, "n");
    *counter = 7;
    weir__metric_read(group, keep_last, &last);
    ck_assert_ptr_null(last.name);
    weir__metric_publish(group, 1000);
    *counter = 8;
    weir__metric_read(group, keep_last, &last);
    ck_assert_str_eq(last.name, "n");
    ck_assert_int_eq(last.kind, WEIR__COUNTER);
    ck_assert_int_eq(last.count, 7);
    weir__metric_group_free(group);
}
END_TEST

START_TEST(published_histogram_has_its_statistics)
{
    struct weir__metric_group *group = weir__metric_group_new();
    struct weir__metric_reading last = {.name = NULL};
    for (int i = 99; i > 0; i--) {
        weir__histogram_add(weir__metric_histogram(group, "h"), i);
    }
    weir__metric_publish(group, 0);
    weir__metric_read(group, keep_last, &last);
    ck_assert_int_eq(last.count, 99);
    ck_assert_double_eq(last.summary.of[WEIR__MIN], 1);
    ck_assert_double_eq(last.summary.of[WEIR__MAX], 99);
    ck_assert_double_eq(last.summary.of[WEIR__MEAN], 50);
    ck_assert_double_eq_tol(last.summary.of[WEIR__STDDEV], 28.72281, 1e-5);
    ck_assert_double_eq(last.summary.of[WEIR__P50], 50);
    ck_assert_double_eq(last.summary.of[WEIR__P75], 75);
    ck_assert_double_eq_tol(last.summary.of[WEIR__P999], 99, 1e-9);
    weir__metric_group_free(group);
}
END_TEST

START_TEST(histogram_forgets_values_older_than_its_window)
{
    struct weir__histogram histogram = {0};
    struct weir__histogram_summary summary;
    weir__histogram_add(&histogram, 1000000);
    for (int i = 0; i < WEIR__HISTOGRAM_WINDOW; i++) {
        weir__histogram_add(&histogram, 1);
    }
    weir__histogram_summarize(&histogram, &summary);
    ck_assert_double_eq(summary.of[WEIR__MAX], 1);
    ck_assert_int_eq(histogram.count, WEIR__HISTOGRAM_WINDOW + 1);
}
END_TEST

static void count_up(int64_t *counter, double *gauge, struct weir__histogram *histogram, int i)
{
    (*counter)++;
    *gauge = i;
    weir__histogram_add(histogram, i);
}

struct race {
    struct weir__metric_group *group;
    atomic_bool over;
    int64_t seen;
};

static void never_falls(const struct weir__metric_reading *reading, void *user)
{
    struct race *race = user;
    if (strcmp(reading->name, "n") == 0) {
        ck_assert_int_ge(reading->count, race->seen);
        race->seen = reading->count;
    }
}

static void *read_all_the_time(void *arg)
{
    struct race *race = arg;
    while (!atomic_load(&race->over)) {
        weir__metric_read(race->group, never_falls, race);
    }
    weir__metric_read(race->group, never_falls, race);
    return NULL;
}

/* TSan is the judge. */
START_TEST(another_thread_reads_while_the_task_counts_and_makes_new_metrics)
{
    struct race race = {.group = weir__metric_group_new()};
    pthread_t reader;
    ck_assert_int_eq(pthread_create(&reader, NULL, read_all_the_time, &race), 0);
    for (int i = 0; i < 2000; i++) {
        char name[16];
        snprintf(name, sizeof(name), "m%d", i / 100);
        count_up(weir__metric_counter(race.group, "n"), weir__metric_gauge(race.group, name),
                 weir__metric_histogram(race.group, "h"), i);
        weir__metric_publish(race.group, i);
    }
    atomic_store(&race.over, true);
    pthread_join(reader, NULL);
    ck_assert_int_eq(race.seen, 2000);
    weir__metric_group_free(race.group);
}
END_TEST

/* ---- rates ---- */

START_TEST(rate_is_what_was_added_over_the_time_since_the_start)
{
    struct weir__meter meter = {0};
    ck_assert_double_eq(weir__meter_rate(&meter, 0, 10000), 0);
    ck_assert_double_eq(weir__meter_rate(&meter, 50, 10500), 100);
    ck_assert_double_eq(weir__meter_rate(&meter, 300, 20000), 30);
}
END_TEST

START_TEST(rate_forgets_what_is_older_than_a_minute)
{
    struct weir__meter meter = {0};
    for (int64_t ms = 0; ms <= 60000; ms += 1000) {
        weir__meter_rate(&meter, ms, ms); /* 1000 a second */
    }
    double rate = 0;
    for (int64_t ms = 61000; ms <= 125000; ms += 1000) {
        rate = weir__meter_rate(&meter, 60000, ms); /* and then nothing */
    }
    ck_assert_double_eq(rate, 0);
}
END_TEST

START_TEST(rate_begins_anew_when_the_clock_goes_back)
{
    struct weir__meter meter = {0};
    weir__meter_rate(&meter, 0, 50000);
    weir__meter_rate(&meter, 100, 51000);
    ck_assert_double_eq(weir__meter_rate(&meter, 100, 20000), 0);
    ck_assert_double_eq(weir__meter_rate(&meter, 110, 21000), 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics");
    TCase *tcase = tcase_create("counters");
    tcase_add_test(tcase, counter_begins_at_zero_and_is_the_same_at_every_look);
    tcase_add_test(tcase, missing_counter_reads_as_zero_and_is_not_made);
    tcase_add_test(tcase, each_visits_counters_in_order_of_creation);
    tcase_add_test(tcase, gauge_meter_and_histogram_have_a_value_of_their_own);
    tcase_add_test(tcase, reader_sees_what_was_published_and_not_what_came_after);
    tcase_add_test(tcase, published_histogram_has_its_statistics);
    tcase_add_test(tcase, histogram_forgets_values_older_than_its_window);
    tcase_add_test(tcase, another_thread_reads_while_the_task_counts_and_makes_new_metrics);
    tcase_add_test(tcase, rate_is_what_was_added_over_the_time_since_the_start);
    tcase_add_test(tcase, rate_forgets_what_is_older_than_a_minute);
    tcase_add_test(tcase, rate_begins_anew_when_the_clock_goes_back);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
