/*
 * Counters of an operator.
 */
#include "metrics/metrics.h"

#include <check.h>
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

static void join(const char *name, int64_t value, void *user)
{
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

int main(void)
{
    Suite *suite = suite_create("metrics");
    TCase *tcase = tcase_create("counters");
    tcase_add_test(tcase, counter_begins_at_zero_and_is_the_same_at_every_look);
    tcase_add_test(tcase, missing_counter_reads_as_zero_and_is_not_made);
    tcase_add_test(tcase, each_visits_counters_in_order_of_creation);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
