/*
 * Latency markers in an operator: they pass functions by, and leave what the way took behind.
 */
#include "operator_fixture.h"

#include <weir/connectors.h>

static int calls;

static bool count_calls(const void *value, void *user)
{
    (void)value, (void)user;
    calls++;
    return false;
}

/* A filter that lets nothing pass, in place 1 of vertex 4; subtask 2. */
static void set_up(struct fixture *f, const struct weir__latency_settings *settings)
{
    calls = 0;
    fixture_init(f, weir__filter_factory(count_calls, NULL), &weir_int64_type, &weir_int64_type);
    f->context.latency = settings != NULL ? weir__latency_new(settings, 4, 1, 2) : NULL;
    fixture_open(f);
}

static void tear_down(struct fixture *f)
{
    weir__latency_free(f->context.latency);
    fixture_free(f);
}

static void arrive(struct fixture *f, int64_t marked_ns, int source, int subtask)
{
    weir__operator_take_marker(f->op, &(struct weir__latency_marker){marked_ns, source, subtask});
}

static void put_reading(const struct weir__metric_reading *reading, void *user)
{
    struct weir__buf *text = user;
    weir__buf_printf(text, "%s%s n %lld max %g", text->len > 0 ? "; " : "", reading->name,
                     (long long)reading->count, reading->summary.of[WEIR__MAX]);
}

/* The histograms as they would be shown now. */
static void expect_histograms(struct fixture *f, const char *expected)
{
    struct weir__buf text = {0};
    weir__buf_printf(&text, "%s", "");
    weir__metric_publish(weir__latency_group(f->context.latency), 0);
    weir__metric_read(weir__latency_group(f->context.latency), put_reading, &text);
    ck_assert_str_eq(text.data, expected);
    weir__buf_fini(&text);
}

static const struct weir__latency_settings by_operator = {
    .interval_ms = 10, .granularity = WEIR__LATENCY_OPERATOR, .history = 128};

START_TEST(marker_passes_the_function_by_and_its_way_is_noted_in_ms)
{
    struct fixture f;
    set_up(&f, &by_operator);
    set_clock(&f, 1000);
    arrive(&f, 1000 * 1000000 - 250000, 1, 0);
    expect(&f, "m1.0");
    ck_assert_int_eq(calls, 0);
    ck_assert_int_eq(f.context.records_in, 0);
    ck_assert_int_eq(weir__latency_count(f.context.latency), 1);
    expect_histograms(
        &f, "latency.source_id.1_0.operator_id.4_1.operator_subtask_index.2.latency n 1 max 0.25");
    tear_down(&f);
}
END_TEST

START_TEST(operator_that_does_not_measure_passes_a_marker_on)
{
    struct fixture f;
    set_up(&f, NULL);
    arrive(&f, 0, 1, 0);
    expect(&f, "m1.0");
    tear_down(&f);
}
END_TEST

START_TEST(granularity_says_what_has_a_histogram_of_its_own)
{
    static const struct {
        enum weir__latency_granularity granularity;
        const char *histograms;
    } cases[] = {
        {WEIR__LATENCY_SINGLE,
         "latency.operator_id.4_1.operator_subtask_index.2.latency n 3 max 9"},
        {WEIR__LATENCY_OPERATOR,
         "latency.source_id.1_0.operator_id.4_1.operator_subtask_index.2.latency n 2 max 9; "
         "latency.source_id.2_0.operator_id.4_1.operator_subtask_index.2.latency n 1 max 7"},
        {WEIR__LATENCY_SUBTASK,
         "latency.source_id.1_0.source_subtask_index.0.operator_id.4_1.operator_subtask_index.2."
         "latency n 1 max 9; "
         "latency.source_id.1_0.source_subtask_index.1.operator_id.4_1.operator_subtask_index.2."
         "latency n 1 max 8; "
         "latency.source_id.2_0.source_subtask_index.0.operator_id.4_1.operator_subtask_index.2."
         "latency n 1 max 7"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct weir__latency_settings settings = {
            .interval_ms = 10, .granularity = cases[i].granularity, .history = 128};
        struct fixture f;
        set_up(&f, &settings);
        set_clock(&f, 10);
        arrive(&f, 1000000, 1, 0);
        arrive(&f, 2000000, 1, 1);
        arrive(&f, 3000000, 2, 0);
        expect_histograms(&f, cases[i].histograms);
        tear_down(&f);
    }
}
END_TEST

START_TEST(figures_are_made_of_the_last_values_only)
{
    const struct weir__latency_settings settings = {
        .interval_ms = 10, .granularity = WEIR__LATENCY_SINGLE, .history = 3};
    struct fixture f;
    set_up(&f, &settings);
    set_clock(&f, 100);
    for (int64_t ms = 0; ms < 90; ms += 10) { /* 100, 90, … 20 */
        arrive(&f, ms * 1000000, 1, 0);
    }
    expect_histograms(&f, "latency.operator_id.4_1.operator_subtask_index.2.latency n 9 max 40");
    tear_down(&f);
}
END_TEST

START_TEST(of_several_outputs_one_gets_the_marker_in_turn)
{
    static const struct weir_output_tag rest = {"rest", &weir_int64_type};
    struct fixture f;
    fixture_init(&f, weir__filter_factory(count_calls, NULL), &weir_int64_type, &weir_int64_type);
    fixture_side(&f, &rest);
    fixture_open(&f);
    arrive(&f, 0, 1, 0);
    arrive(&f, 0, 1, 1);
    arrive(&f, 0, 1, 2);
    expect(&f, "m1.0 rest:m1.1 m1.2");
    fixture_free(&f);
}
END_TEST

/* ---- a source ---- */

static bool one_two_three(int64_t index, void *value, int64_t *timestamp, void *user)
{
    (void)user;
    *(int64_t *)value = index;
    *timestamp = index;
    return index < 9;
}

static void poll(struct fixture *f, int64_t ms)
{
    struct weir_error error = {0};
    weir_manual_clock_set(&f->clock, ms);
    ck_assert_int_eq(weir__source_operator_poll(f->op, 2, &error), WEIR_POLL_MORE);
}

static void set_up_source(struct fixture *f, const struct weir__latency_settings *settings)
{
    weir_source *source = weir_generator_source(
        &(struct weir_generator_source_config){.type = &weir_int64_type, .next = one_two_three});
    fixture_init(f, weir__source_factory(source), NULL, &weir_int64_type);
    f->context.latency = settings != NULL ? weir__latency_new(settings, 1, 0, 0) : NULL;
    fixture_open(f);
}

START_TEST(source_sends_a_marker_every_interval_between_its_records)
{
    struct fixture f;
    set_up_source(&f, &by_operator);
    poll(&f, 1000);
    poll(&f, 1009);
    poll(&f, 1010);
    poll(&f, 1035); /* what was missed is not made up for */
    expect(&f, "m1.0 +p0 0@0 1@1 2@2 3@3 m1.0 4@4 5@5 m1.0 6@6 7@7");
    expect_histograms(&f, ""); /* it is no way to itself */
    tear_down(&f);
}
END_TEST

START_TEST(source_whose_clock_is_set_back_goes_on_marking)
{
    struct fixture f;
    set_up_source(&f, &by_operator);
    poll(&f, 1000);
    poll(&f, 500);
    poll(&f, 505);
    expect(&f, "m1.0 +p0 0@0 1@1 m1.0 2@2 3@3 4@4 5@5");
    tear_down(&f);
}
END_TEST

START_TEST(source_sends_none_when_nobody_measures)
{
    struct fixture f;
    set_up_source(&f, NULL);
    poll(&f, 1000);
    expect(&f, "+p0 0@0 1@1");
    tear_down(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operator latency");
    TCase *tcase = tcase_create("markers");
    tcase_add_test(tcase, marker_passes_the_function_by_and_its_way_is_noted_in_ms);
    tcase_add_test(tcase, operator_that_does_not_measure_passes_a_marker_on);
    tcase_add_test(tcase, granularity_says_what_has_a_histogram_of_its_own);
    tcase_add_test(tcase, figures_are_made_of_the_last_values_only);
    tcase_add_test(tcase, of_several_outputs_one_gets_the_marker_in_turn);
    tcase_add_test(tcase, source_sends_a_marker_every_interval_between_its_records);
    tcase_add_test(tcase, source_whose_clock_is_set_back_goes_on_marking);
    tcase_add_test(tcase, source_sends_none_when_nobody_measures);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
