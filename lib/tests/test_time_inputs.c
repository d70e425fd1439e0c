/*
 * The watermarks of two inputs become one. Semantics sheet, sections 12 and 13.
 */
#include "time/inputs.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct weir__inputs inputs;

static void setup(void)
{
    weir__inputs_init(&inputs);
}

/* What goes out: "active W5 idle", or "". */
static const char *text_of(struct weir__time_change change)
{
    static char text[80];
    char watermark[40] = "";
    if (change.rises) {
        snprintf(watermark, sizeof(watermark), change.watermark == WEIR_TIME_MAX ? "Wmax" : "W%lld",
                 (long long)change.watermark);
    }
    snprintf(text, sizeof(text), "%s%s%s", change.active ? "active " : "", watermark,
             change.idle ? " idle" : "");
    return text;
}

static void expect_watermark(int input, int64_t watermark, const char *text)
{
    ck_assert_str_eq(text_of(weir__inputs_watermark(&inputs, input, watermark)), text);
}

static void expect_idle(int input, bool idle, const char *text)
{
    ck_assert_str_eq(text_of(weir__inputs_idle(&inputs, input, idle)), text);
}

START_TEST(nothing_goes_out_before_both_inputs_have_a_watermark)
{
    expect_watermark(0, 5, "");
    expect_watermark(1, 3, "W3");
}
END_TEST

START_TEST(combined_watermark_is_the_minimum_and_never_falls)
{
    expect_watermark(0, 5, "");
    expect_watermark(1, 7, "W5");
    expect_watermark(0, 6, "W6");
    expect_watermark(1, 2, "");
    expect_watermark(0, 9, "W7");
}
END_TEST

START_TEST(idle_input_does_not_hold_the_other_back)
{
    expect_watermark(0, 5, "");
    expect_idle(1, true, "W5");
    expect_watermark(0, 8, "W8");
}
END_TEST

START_TEST(input_that_is_back_behind_holds_the_watermark_until_it_has_caught_up)
{
    expect_watermark(1, 1, "");
    expect_idle(1, true, "");
    expect_watermark(0, 8, "W8");
    expect_idle(1, false, "");
    expect_watermark(0, 20, "");
    expect_watermark(1, 8, "");
    expect_watermark(1, 12, "W12");
}
END_TEST

/* FLINK-38454 */
START_TEST(both_idle_sends_the_larger_watermark_and_then_idle_once)
{
    expect_watermark(0, 5, "");
    expect_watermark(1, 4, "W4");
    expect_idle(0, true, "");
    expect_idle(1, true, "W5 idle");
    expect_idle(1, true, "");
    expect_idle(0, false, "active ");
}
END_TEST

START_TEST(watermark_makes_its_input_active)
{
    expect_idle(0, true, "");
    expect_idle(1, true, " idle");
    expect_watermark(0, 3, "active W3");
}
END_TEST

START_TEST(final_watermark_needs_the_end_of_both_inputs)
{
    expect_watermark(0, 5, "");
    expect_watermark(1, 7, "W5");
    expect_watermark(0, WEIR_TIME_MAX, "W7");
    expect_watermark(1, 9, "W9");
    expect_idle(1, true, " idle");
    expect_watermark(1, WEIR_TIME_MAX, "active Wmax");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("time/inputs");
    TCase *tests = tcase_create("inputs");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, nothing_goes_out_before_both_inputs_have_a_watermark);
    tcase_add_test(tests, combined_watermark_is_the_minimum_and_never_falls);
    tcase_add_test(tests, idle_input_does_not_hold_the_other_back);
    tcase_add_test(tests, input_that_is_back_behind_holds_the_watermark_until_it_has_caught_up);
    tcase_add_test(tests, both_idle_sends_the_larger_watermark_and_then_idle_once);
    tcase_add_test(tests, watermark_makes_its_input_active);
    tcase_add_test(tests, final_watermark_needs_the_end_of_both_inputs);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
