/*
 * Properties: the list that a Kafka client takes, from single texts and from files.
 */
#include "base/properties.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct weir__vec list;
static char path[] = "/tmp/weir-properties-XXXXXX";

static void setup(void)
{
    list = WEIR__PROPERTY_LIST;
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void teardown(void)
{
    weir__property_list_fini(&list);
    remove(path);
}

static void expect(size_t count, const char *const *texts)
{
    ck_assert_uint_eq(list.count, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_str_eq(*(const char **)weir__vec_at(&list, i), texts[i]);
    }
}

#define EXPECT(...)                                                                                \
    expect(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *),                      \
           (const char *const[]){__VA_ARGS__})

START_TEST(the_later_value_of_a_key_wins)
{
    ck_assert_int_eq(weir__property_list_add(&list, "acks=1", NULL), WEIR_OK);
    ck_assert_int_eq(weir__property_list_add(&list, "acks.more=2", NULL), WEIR_OK);
    ck_assert_int_eq(weir__property_list_add(&list, "acks=all", NULL), WEIR_OK);
    EXPECT("acks=all", "acks.more=2");
}
END_TEST

START_TEST(a_value_may_be_empty_and_have_equal_signs)
{
    ck_assert_int_eq(weir__property_list_add(&list, "a=", NULL), WEIR_OK);
    ck_assert_int_eq(weir__property_list_add(&list, "b=x=y", NULL), WEIR_OK);
    EXPECT("a=", "b=x=y");
}
END_TEST

START_TEST(a_text_without_key_or_value_is_refused)
{
    struct weir_error error = {0};
    ck_assert_int_eq(weir__property_list_add(&list, "=1", &error), WEIR_MALFORMED);
    ck_assert_int_eq(weir__property_list_add(&list, "acks", &error), WEIR_MALFORMED);
    ck_assert_str_eq(error.message, "expected key=value, got \"acks\"");
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

static enum weir_status load(const char *text, struct weir_error *error)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    return weir__property_list_load(&list, path, error);
}

START_TEST(a_file_adds_its_lines)
{
    ck_assert_int_eq(weir__property_list_add(&list, "acks=1", NULL), WEIR_OK);
    ck_assert_int_eq(load("# for a test\n\n acks = all \nclient.id=me\n", NULL), WEIR_OK);
    EXPECT("acks=all", "client.id=me");
}
END_TEST

START_TEST(a_file_with_a_wrong_line_adds_nothing)
{
    struct weir_error error = {0};
    ck_assert_int_eq(load("acks=all\njust words\n", &error), WEIR_MALFORMED);
    ck_assert_int_eq(strncmp(error.where, path, strlen(path)), 0);
    ck_assert_str_eq(error.where + strlen(path), ":2");
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

START_TEST(an_ended_list_has_null_behind_the_last)
{
    ck_assert_int_eq(weir__property_list_add(&list, "acks=1", NULL), WEIR_OK);
    weir__property_list_end(&list);
    const char *const *texts = list.items;
    ck_assert_str_eq(texts[0], "acks=1");
    ck_assert_ptr_null(texts[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base properties");
    TCase *tests = tcase_create("properties");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_later_value_of_a_key_wins);
    tcase_add_test(tests, a_value_may_be_empty_and_have_equal_signs);
    tcase_add_test(tests, a_text_without_key_or_value_is_refused);
    tcase_add_test(tests, a_file_adds_its_lines);
    tcase_add_test(tests, a_file_with_a_wrong_line_adds_nothing);
    tcase_add_test(tests, an_ended_list_has_null_behind_the_last);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
