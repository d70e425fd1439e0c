/*
 * Visits of a shop: what counts, merging, departments, totals; and the ids and skew of sessions.
 */
#include <clickstream/page_event.h>
#include <clickstream/session.h>
#include <clickstream/shop_event.h>
#include <clickstream/shop_session.h>
#include <clickstream/skew.h>

#include <weir/harness.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static void add(struct shop_session *visit, const char *type, const char *product)
{
    const struct shop_event event = {.event_type = weir_str_from(type),
                                     .product_type = weir_str_from(product)};
    shop_session_aggregate.add(visit, &event, 0, NULL);
}

static struct shop_session result(const struct shop_session *visit)
{
    static const int64_t user = 7;
    const struct weir_window_context context = {
        .window = {1000, 2500}, .key_type = &weir_int64_type, .key = &user};
    struct shop_session out = {.user_id = 0};
    shop_session_aggregate.result(visit, &context, &out, NULL);
    return out;
}

START_TEST(only_events_about_a_product_count_and_orders_are_counted_apart)
{
    struct shop_session visit = {.user_id = 0};
    add(&visit, "home_page", "N/A");
    add(&visit, "product_detail", "cameras");
    add(&visit, "product_detail", "cameras");
    add(&visit, "order_checkout", "laptops");
    add(&visit, "end", NULL);
    struct shop_session out = result(&visit);
    ck_assert_int_eq(out.event_count, 3);
    ck_assert_int_eq(out.checkouts, 1);
    ck_assert_uint_eq(weir_string_set_size(&out.departments), 2);
    ck_assert_int_eq(out.user_id, 7);
    ck_assert_int_eq(out.everybody, 1);
    ck_assert_int_eq(out.window_start, 1000);
    ck_assert_int_eq(out.window_end, 2500);
    weir_value_fini(&shop_session_type, &visit);
}
END_TEST

START_TEST(merged_visits_are_one_with_the_departments_of_both)
{
    struct shop_session left = {.user_id = 0};
    struct shop_session right = {.user_id = 0};
    add(&left, "product_detail", "cameras");
    add(&left, "order_checkout", "cameras");
    add(&right, "product_detail", "laptops");
    add(&right, "product_detail", "cameras");
    add(&right, "order_checkout", "laptops");
    shop_session_aggregate.merge(&left, &right, NULL);
    struct shop_session out = result(&left);
    ck_assert_int_eq(out.event_count, 5);
    ck_assert_int_eq(out.checkouts, 2);
    ck_assert_uint_eq(weir_string_set_size(&out.departments), 2);
    weir_value_fini(&shop_session_type, &left);
    weir_value_fini(&shop_session_type, &right);
}
END_TEST

START_TEST(a_visit_gives_each_of_its_departments_once)
{
    struct shop_session visit = {.user_id = 0};
    add(&visit, "product_detail", "cameras");
    add(&visit, "product_detail", "laptops");
    add(&visit, "product_detail", "cameras");
    weir_env *env = weir_env_new("test", 0, NULL);
    weir_harness *harness = weir_harness_new(
        env, weir_flat_map(weir_harness_input(env, &shop_session_type), NULL,
                           &department_count_type, shop_session_departments, NULL));
    weir_harness_push(harness, &visit, 5);
    ck_assert_uint_eq(weir_harness_count(harness), 2);
    const struct department_count *first = weir_harness_at(harness, 0)->value;
    ck_assert(weir_str_equals(first->department, "cameras"));
    ck_assert_int_eq(first->sessions, 1);
    weir_harness_free(harness);
    weir_env_free(env);
    weir_value_fini(&shop_session_type, &visit);
}
END_TEST

START_TEST(totals_round_down_and_survive_merging)
{
    const struct weir_window_context context = {.window = {0, 10000}};
    struct shop_totals left = {.sessions = 0};
    struct shop_totals right = {.sessions = 0};
    struct shop_totals out = {.sessions = 0};
    for (int64_t checkouts = 0; checkouts < 3; checkouts++) {
        const struct shop_session visit = {.checkouts = checkouts};
        shop_totals_aggregate.add(checkouts < 2 ? &left : &right, &visit, 0, NULL);
    }
    shop_totals_aggregate.merge(&left, &right, NULL);
    shop_totals_aggregate.result(&left, &context, &out, NULL);
    ck_assert_int_eq(out.sessions, 3);
    ck_assert_int_eq(out.buyers, 2);
    ck_assert(out.percent == 66.0);
    ck_assert_int_eq(out.window_end, 10000);
}
END_TEST

/* ---- sessions of page events */

static void name_of(const char *user, int64_t timestamp, char id[64])
{
    struct session session = {.id = {NULL, 0}};
    const struct page_event first = {.timestamp = timestamp, .user_id = weir_str_from(user)};
    session_name(&session, &first);
    snprintf(id, 64, "%.*s", WEIR_STR_ARG(session.id));
    weir_value_fini(&session_type, &session);
}

START_TEST(session_ids_are_stable_and_differ_by_user_and_time)
{
    char id[4][64];
    name_of("ann", 1000, id[0]);
    name_of("ann", 1000, id[1]);
    name_of("bob", 1000, id[2]);
    name_of("ann", 1001, id[3]);
    ck_assert_str_eq(id[0], id[1]);
    ck_assert_str_ne(id[0], id[2]);
    ck_assert_str_ne(id[0], id[3]);
    /* xxxxxxxx-xxxx-8xxx-[89ab]xxx-xxxxxxxxxxxx */
    ck_assert_uint_eq(strlen(id[0]), 36);
    ck_assert_uint_eq(strspn(id[0], "0123456789abcdef-"), 36);
    ck_assert_int_eq(id[0][14], '8');
    ck_assert_ptr_nonnull(strchr("89ab", id[0][19]));
}
END_TEST

START_TEST(skew_counts_events_of_many_keys_also_negative_ones)
{
    skew_table *skew = skew_new();
    for (int64_t key = -600; key < 600; key++) {
        skew_add(skew, key, key & 1);
        skew_add(skew, key, key & 1);
    }
    ck_assert_int_eq(skew_events(skew), 2400);
    skew_free(skew);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shop sessions");
    TCase *tests = tcase_create("shop sessions");
    tcase_add_test(tests, only_events_about_a_product_count_and_orders_are_counted_apart);
    tcase_add_test(tests, merged_visits_are_one_with_the_departments_of_both);
    tcase_add_test(tests, a_visit_gives_each_of_its_departments_once);
    tcase_add_test(tests, totals_round_down_and_survive_merging);
    tcase_add_test(tests, session_ids_are_stable_and_differ_by_user_and_time);
    tcase_add_test(tests, skew_counts_events_of_many_keys_also_negative_ones);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
