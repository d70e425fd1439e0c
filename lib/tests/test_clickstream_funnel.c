/*
 * The funnel: how visits are counted and merged, and the line that shows them.
 */
#include <clickstream/funnel.h>

#include <check.h>
#include <stdlib.h>

static const struct weir_aggregate *const aggregate = &funnel_aggregate;

static void add(struct funnel *accumulator, int64_t reached)
{
    struct visit visit = {.user_id = WEIR_STR("ann"), .reached = reached};
    aggregate->add(accumulator, &visit, 0, aggregate->user);
}

START_TEST(a_visit_counts_in_every_step_up_to_the_one_it_reached)
{
    struct funnel funnel = {.visits = 0};
    for (int64_t reached = 0; reached <= 4; reached++) {
        add(&funnel, reached);
    }
    ck_assert_int_eq(funnel.visits, 5);
    ck_assert_int_eq(funnel.viewed, 4);
    ck_assert_int_eq(funnel.clicked, 3);
    ck_assert_int_eq(funnel.carted, 2);
    ck_assert_int_eq(funnel.bought, 1);
}
END_TEST

START_TEST(merged_parts_give_the_whole)
{
    struct funnel whole = {.visits = 0};
    struct funnel parts[2] = {{.visits = 0}, {.visits = 0}};
    for (int64_t i = 0; i < 20; i++) {
        add(&whole, i % 5);
        add(&parts[i % 3 == 0], i % 5);
    }
    aggregate->merge(&parts[0], &parts[1], aggregate->user);
    ck_assert(weir_value_equals(&funnel_type, &parts[0], &whole));
}
END_TEST

START_TEST(the_window_comes_from_the_context)
{
    struct funnel funnel = {.visits = 3};
    struct funnel out = {.visits = 0};
    struct weir_window_context context = {.window = {1000, 2000}};
    aggregate->result(&funnel, &context, &out, aggregate->user);
    ck_assert_int_eq(out.visits, 3);
    ck_assert_int_eq(out.window_start, 1000);
    ck_assert_int_eq(out.window_end, 2000);
}
END_TEST

START_TEST(a_line_rounds_percentages_down_and_divides_by_nothing_but_numbers)
{
    struct funnel funnel = {.visits = 3, .viewed = 2, .clicked = 0};
    char text[256];
    funnel_line(&funnel, text, sizeof text, NULL);
    ck_assert_ptr_nonnull(strstr(text, "2  66%"));
    ck_assert_ptr_nonnull(strstr(text, "0   0%"));
    ck_assert_ptr_nonnull(strstr(text, "0    –"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("funnel");
    TCase *tests = tcase_create("funnel");
    tcase_add_test(tests, a_visit_counts_in_every_step_up_to_the_one_it_reached);
    tcase_add_test(tests, merged_parts_give_the_whole);
    tcase_add_test(tests, the_window_comes_from_the_context);
    tcase_add_test(tests, a_line_rounds_percentages_down_and_divides_by_nothing_but_numbers);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
