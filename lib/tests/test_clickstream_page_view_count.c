/*
 * Page views: counting, merging, and the line that shows a result.
 */
#include <clickstream/click_event.h>
#include <clickstream/page_view_count.h>

#include <check.h>
#include <stdlib.h>

static const struct weir_aggregate *const aggregate = &page_view_count_aggregate;

static void *new_accumulator(void)
{
    return calloc(1, aggregate->accumulator_type->size);
}

static void free_accumulator(void *accumulator)
{
    weir_value_fini(aggregate->accumulator_type, accumulator);
    free(accumulator);
}

static void add(void *accumulator, const char *user)
{
    struct click_event event = {.user_id = weir_str_from(user), .page_url = WEIR_STR("/home")};
    aggregate->add(accumulator, &event, 0, aggregate->user);
}

static struct page_view_count result(const void *accumulator)
{
    static const struct weir_str page = {"/home", 5};
    struct weir_window_context context = {
        .window = {1000, 2000}, .key_type = &weir_string_type, .key = &page};
    struct page_view_count count = {.count = 0};
    aggregate->result(accumulator, &context, &count, aggregate->user);
    return count;
}

START_TEST(counts_views_and_distinct_users)
{
    void *accumulator = new_accumulator();
    add(accumulator, "user_1");
    add(accumulator, "user_2");
    add(accumulator, "user_1");
    struct page_view_count count = result(accumulator);
    ck_assert_int_eq(count.count, 3);
    ck_assert_int_eq(count.unique_users, 2);
    free_accumulator(accumulator);
}
END_TEST

START_TEST(page_and_window_come_from_the_context)
{
    void *accumulator = new_accumulator();
    struct page_view_count count = result(accumulator);
    ck_assert(weir_str_equals(count.page_url, "/home"));
    ck_assert_int_eq(count.window_start, 1000);
    ck_assert_int_eq(count.window_end, 2000);
    ck_assert_int_eq(count.count, 0);
    free_accumulator(accumulator);
}
END_TEST

START_TEST(merged_users_are_counted_once)
{
    void *left = new_accumulator();
    void *right = new_accumulator();
    add(left, "user_1");
    add(left, "user_2");
    add(right, "user_2");
    add(right, "user_3");
    aggregate->merge(left, right, aggregate->user);
    ck_assert_int_eq(result(left).count, 4);
    ck_assert_int_eq(result(left).unique_users, 3);
    ck_assert_int_eq(result(right).count, 2);
    free_accumulator(left);
    free_accumulator(right);
}
END_TEST

START_TEST(users_survive_the_event_that_named_them)
{
    void *accumulator = new_accumulator();
    char name[] = "user_1";
    add(accumulator, name);
    name[5] = '2';
    add(accumulator, name);
    ck_assert_int_eq(result(accumulator).unique_users, 2);
    free_accumulator(accumulator);
}
END_TEST

/* ---- the line ---- */

static const char *line_of(struct weir_str page)
{
    static char text[256];
    struct page_view_count count = {.page_url = page,
                                    .count = 12,
                                    .unique_users = 7,
                                    .window_start = 1700000000000,
                                    .window_end = 1700000300000};
    page_view_count_line(&count, text, sizeof text, NULL);
    return text;
}

/* Characters, which are the bytes that do not continue one. */
static size_t width(const char *text)
{
    size_t characters = 0;
    for (; *text != '\0'; text++) {
        characters += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return characters;
}

START_TEST(line_has_page_window_count_and_users)
{
    ck_assert_str_eq(line_of(WEIR_STR("/home")),
                     "/home                             22:13:20–22:18:20       12       7");
}
END_TEST

START_TEST(every_line_is_as_wide_as_the_heading)
{
    const char *pages[] = {"",
                           "/",
                           "/home",
                           "/category/computers/popular/of/the/week/and/more",
                           "/caf\u00e9/\u65e5\u672c/\U0001F600",
                           "/12345678901234567890123456789\u00e9\u00e9\u00e9"};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        ck_assert_uint_eq(width(line_of(weir_str_from(pages[i]))), width(page_view_count_heading));
    }
}
END_TEST

START_TEST(long_page_is_cut_with_a_sign)
{
    ck_assert_str_eq(line_of(WEIR_STR("/category/computers/popular/of/the/week")),
                     "/category/computers/popular/of/+  22:13:20–22:18:20       12       7");
}
END_TEST

/* Fault 11. */
START_TEST(escape_codes_in_a_page_are_not_printed_raw)
{
    ck_assert_str_eq(line_of(WEIR_STR("/\033[31m\xff")),
                     "/\\u001b[31m\\ufffd                 22:13:20–22:18:20       12       7");
}
END_TEST

START_TEST(short_text_is_not_overrun)
{
    char text[20];
    struct page_view_count count = {.page_url = WEIR_STR("/home")};
    page_view_count_line(&count, text, sizeof text, NULL);
    ck_assert_uint_lt(strlen(text), sizeof text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clickstream page views");
    TCase *tests = tcase_create("page views");
    tcase_add_test(tests, counts_views_and_distinct_users);
    tcase_add_test(tests, page_and_window_come_from_the_context);
    tcase_add_test(tests, merged_users_are_counted_once);
    tcase_add_test(tests, users_survive_the_event_that_named_them);
    tcase_add_test(tests, line_has_page_window_count_and_users);
    tcase_add_test(tests, every_line_is_as_wide_as_the_heading);
    tcase_add_test(tests, long_page_is_cut_with_a_sign);
    tcase_add_test(tests, escape_codes_in_a_page_are_not_printed_raw);
    tcase_add_test(tests, short_text_is_not_overrun);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
