/*
 * Durations and points in time as text, saturating sums, the two clocks.
 */
#include "base/iso_time.h"

#include <weir/clock.h>

#include <weir/time.h>

#include <check.h>
#include <stdlib.h>

START_TEST(durations_are_read_with_every_unit)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"0", 0},
                 {"500", 500},
                 {"500ms", 500},
                 {"10s", 10000},
                 {"5m", 300000},
                 {"1h", 3600000},
                 {"7d", 604800000},
                 {"-5m", -300000},
                 {"9223372036854775807", INT64_MAX},
                 {"-9223372036854775808", INT64_MIN}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ms = 1;
        ck_assert_int_eq(weir_duration_parse(cases[i].text, &ms, NULL), WEIR_OK);
        ck_assert_int_eq(ms, cases[i].ms);
    }
}
END_TEST

START_TEST(other_texts_are_no_durations)
{
    static const char *const texts[] = {"",     "m",  "-",   "5x",  "5 m", " 5",
                                        "5.5s", "+5", "5mm", "--5", "0x10"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t ms;
        ck_assert_int_eq(weir_duration_parse(texts[i], &ms, NULL), WEIR_INVALID);
    }
    int64_t ms;
    struct weir_error error;
    ck_assert_int_eq(weir_duration_parse(NULL, &ms, &error), WEIR_INVALID);
    ck_assert_int_eq(weir_duration_parse("5 minutes", &ms, &error), WEIR_INVALID);
    ck_assert_str_eq(
        error.message,
        "expected a duration such as 500, 500ms, 10s, 5m, 1h or 7d, got \"5 minutes\"");
    ck_assert_int_eq(weir_duration_parse("9223372036854775808", &ms, &error), WEIR_LIMIT);
    ck_assert_int_eq(weir_duration_parse("9223372036854775807s", &ms, &error), WEIR_LIMIT);
}
END_TEST

START_TEST(durations_are_written_in_their_largest_unit)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {{0, "0ms"},
                 {1500, "1500ms"},
                 {10000, "10s"},
                 {300000, "5m"},
                 {5400000, "90m"},
                 {86400000, "1d"},
                 {-60000, "-1m"},
                 {INT64_MAX, "9223372036854775807ms"},
                 {INT64_MIN, "-9223372036854775808ms"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[24];
        weir_duration_format(cases[i].ms, text, sizeof(text));
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(times_are_written_as_iso_8601)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1729620000000, "2024-10-22T18:00:00Z"},
        {1729630800000,
         "2024-10-22T21:00:00Z"}, /* ORIGINS 001: the original's example line is wrong */
        {1709164799001, "2024-02-28T23:59:59.001Z"},
        {951782400000, "2000-02-29T00:00:00Z"},
        {4107542400000, "2100-03-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-62135596800000, "0001-01-01T00:00:00Z"},
        {-62167219200001, "-0001-12-31T23:59:59.999Z"},
        {253402300800000, "+10000-01-01T00:00:00Z"},
        {INT64_MAX, "+292278994-08-17T07:12:55.807Z"},
        {INT64_MIN, "-292275055-05-16T16:47:04.192Z"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[40];
        weir_time_format(cases[i].ms, text, sizeof(text));
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(sums_of_times_stop_at_the_ends)
{
    ck_assert_int_eq(weir_time_add(WEIR_TIME_MAX, 1), WEIR_TIME_MAX);
    ck_assert_int_eq(weir_time_add(WEIR_TIME_MIN, -1), WEIR_TIME_MIN);
    ck_assert_int_eq(weir_time_sub(WEIR_TIME_MIN, 1), WEIR_TIME_MIN);
    ck_assert_int_eq(weir_time_sub(0, WEIR_TIME_MIN), WEIR_TIME_MAX);
    ck_assert_int_eq(weir_time_sub(5, 7), -2);
}
END_TEST

START_TEST(manual_clock_stands_still_until_it_is_set)
{
    struct weir_manual_clock manual;
    weir_manual_clock_init(&manual, 1000);
    ck_assert_int_eq(weir_clock_ms(&manual.clock), 1000);
    ck_assert_int_eq(weir_clock_ns(&manual.clock), 1000000000);
    weir_manual_clock_set(&manual, 1001);
    ck_assert_int_eq(weir_clock_ms(&manual.clock), 1001);
    weir_manual_clock_set(&manual, INT64_MAX);
    ck_assert_int_eq(weir_clock_ns(&manual.clock), INT64_MAX);
}
END_TEST

START_TEST(system_clock_does_not_go_back)
{
    int64_t before = weir_clock_ns(&weir_system_clock);
    ck_assert_int_ge(weir_clock_ns(&weir_system_clock), before);
    ck_assert_int_gt(weir_clock_ms(&weir_system_clock), 1600000000000);
}
END_TEST

START_TEST(iso_times_are_read_to_the_microsecond)
{
    int64_t us = 0;
    char text[WEIR__ISO_TIME_TEXT];
    ck_assert(weir__iso_time_parse(WEIR_STR("2015-07-22T09:00:28.019143Z"), &us));
    ck_assert_int_eq(us, INT64_C(1437555628019143));
    ck_assert(weir__iso_time_parse(WEIR_STR("1969-12-31T23:59:59.9Z"), &us));
    ck_assert_int_eq(us, -100000);
    ck_assert(weir__iso_time_parse(WEIR_STR("2000-02-29T00:00:00.123456789Z"), &us));
    ck_assert_uint_eq(weir__iso_time_format_us(us, text), 27);
    ck_assert_str_eq(text, "2000-02-29T00:00:00.123456Z");
}
END_TEST

START_TEST(what_is_no_iso_time_is_refused)
{
    static const char *const texts[] = {
        "",
        "2015-07-22T09:00:28",
        "2015-07-22 09:00:28Z",
        "2015-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2015-13-01T00:00:00Z",
        "2015-00-01T00:00:00Z",
        "2015-01-01T24:00:00Z",
        "2015-01-01T00:60:00Z",
        "2015-01-01T00:00:60Z",
        "2015-01-01T00:00:00.Z",
        "2015-01-01T00:00:00.1234567890Z",
        "2015-01-01T00:00:00+00:00",
        "2015-01-01T00:00:00Zx",
        "2O15-01-01T00:00:00Z",
    };
    int64_t us = 0;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        ck_assert_msg(!weir__iso_time_parse(weir_str_from(texts[i]), &us), "%s", texts[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base time");
    TCase *tests = tcase_create("time");
    tcase_add_test(tests, durations_are_read_with_every_unit);
    tcase_add_test(tests, other_texts_are_no_durations);
    tcase_add_test(tests, durations_are_written_in_their_largest_unit);
    tcase_add_test(tests, times_are_written_as_iso_8601);
    tcase_add_test(tests, sums_of_times_stop_at_the_ends);
    tcase_add_test(tests, manual_clock_stands_still_until_it_is_set);
    tcase_add_test(tests, system_clock_does_not_go_back);
    tcase_add_test(tests, iso_times_are_read_to_the_microsecond);
    tcase_add_test(tests, what_is_no_iso_time_is_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
