/*
 * User activity: what is counted, and what merging two parts gives.
 */
#include <clickstream/click_event.h>
#include <clickstream/user_activity.h>

#include <check.h>
#include <stdlib.h>

static const struct weir_aggregate *const aggregate = &user_activity_aggregate;

static void *new_accumulator(void)
{
    return calloc(1, aggregate->accumulator_type->size);
}

static void free_accumulator(void *accumulator)
{
    weir_value_fini(aggregate->accumulator_type, accumulator);
    free(accumulator);
}

static void add(void *accumulator, const char *type, const char *page)
{
    struct click_event event = {.user_id = WEIR_STR("ann"),
                                .event_type = weir_str_from(type),
                                .page_url = weir_str_from(page)};
    aggregate->add(accumulator, &event, 0, aggregate->user);
}

static struct user_activity result(const void *accumulator)
{
    static const struct weir_str ann = {"ann", 3};
    struct weir_window_context context = {
        .window = {1000, 2000}, .key_type = &weir_string_type, .key = &ann};
    struct user_activity activity = {.events = 0};
    aggregate->result(accumulator, &context, &activity, aggregate->user);
    return activity;
}

START_TEST(counts_by_type_and_distinct_pages)
{
    void *accumulator = new_accumulator();
    add(accumulator, "VIEW", "/a");
    add(accumulator, "VIEW", "/b");
    add(accumulator, "CLICK", "/a");
    add(accumulator, "ADD_TO_CART", "/a");
    add(accumulator, "PURCHASE", "/c");
    struct user_activity activity = result(accumulator);
    ck_assert_int_eq(activity.events, 5);
    ck_assert_int_eq(activity.views, 2);
    ck_assert_int_eq(activity.clicks, 1);
    ck_assert_int_eq(activity.carts, 1);
    ck_assert_int_eq(activity.purchases, 1);
    ck_assert_int_eq(activity.pages, 3);
    free_accumulator(accumulator);
}
END_TEST

START_TEST(an_unknown_type_is_an_event_all_the_same)
{
    void *accumulator = new_accumulator();
    add(accumulator, "SCROLL", "/a");
    struct user_activity activity = result(accumulator);
    ck_assert_int_eq(activity.events, 1);
    ck_assert_int_eq(activity.views + activity.clicks + activity.carts + activity.purchases, 0);
    free_accumulator(accumulator);
}
END_TEST

START_TEST(user_and_window_come_from_the_context)
{
    void *accumulator = new_accumulator();
    struct user_activity activity = result(accumulator);
    ck_assert(weir_str_equals(activity.user_id, "ann"));
    ck_assert_int_eq(activity.window_start, 1000);
    ck_assert_int_eq(activity.window_end, 2000);
    free_accumulator(accumulator);
}
END_TEST

START_TEST(merged_parts_give_the_whole)
{
    void *left = new_accumulator();
    void *right = new_accumulator();
    add(left, "VIEW", "/a");
    add(left, "CLICK", "/b");
    add(right, "VIEW", "/b");
    add(right, "ADD_TO_CART", "/c");
    add(right, "PURCHASE", "/c");
    aggregate->merge(left, right, aggregate->user);
    struct user_activity activity = result(left);
    ck_assert_int_eq(activity.events, 5);
    ck_assert_int_eq(activity.views, 2);
    ck_assert_int_eq(activity.clicks, 1);
    ck_assert_int_eq(activity.carts, 1);
    ck_assert_int_eq(activity.purchases, 1);
    ck_assert_int_eq(activity.pages, 3);
    free_accumulator(left);
    free_accumulator(right);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("user_activity");
    TCase *tests = tcase_create("user_activity");
    tcase_add_test(tests, counts_by_type_and_distinct_pages);
    tcase_add_test(tests, an_unknown_type_is_an_event_all_the_same);
    tcase_add_test(tests, user_and_window_come_from_the_context);
    tcase_add_test(tests, merged_parts_give_the_whole);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
