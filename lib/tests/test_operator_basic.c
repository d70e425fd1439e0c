/*
 * filter, map, flat_map, process and the entry points that all operators share.
 */
#include "operator_fixture.h"

#include <signal.h>

static bool is_even(const void *value, void *user)
{
    (void)user;
    return *(const int64_t *)value % 2 == 0;
}

static void times(const void *value, void *out, void *user)
{
    *(int64_t *)out +=
        *(const int64_t *)value * *(const int64_t *)user; /* += shows that it arrives zeroed */
}

static void count_down(const void *value, weir_collector *out, void *user)
{
    (void)user;
    for (int64_t i = *(const int64_t *)value; i > 0; i--) {
        weir_emit(out, &i);
    }
}

static void push_int(struct fixture *fixture, int64_t value, int64_t timestamp)
{
    push(fixture, &value, timestamp);
}

START_TEST(filter_keeps_what_the_predicate_accepts)
{
    struct fixture f;
    fixture_init(&f, weir__filter_factory(is_even, NULL), &weir_int64_type, &weir_int64_type);
    fixture_open(&f);
    for (int64_t i = 1; i <= 4; i++) {
        push_int(&f, i, 10 * i);
    }
    expect(&f, "2@20 4@40");
    ck_assert_int_eq(f.context.records_in, 4);
    ck_assert_int_eq(f.context.records_out, 2);
    fixture_free(&f);
}
END_TEST

START_TEST(map_starts_from_zero_each_time_and_keeps_the_timestamp)
{
    int64_t factor = 3;
    struct fixture f;
    fixture_init(&f, weir__map_factory(times, &factor), &weir_int64_type, &weir_int64_type);
    fixture_open(&f);
    push_int(&f, 1, 5);
    push_int(&f, 2, WEIR_TIME_MIN);
    expect(&f, "3@5 6@-");
    fixture_free(&f);
}
END_TEST

START_TEST(flat_map_emits_any_number_with_the_timestamp_of_its_event)
{
    struct fixture f;
    fixture_init(&f, weir__flat_map_factory(count_down, NULL), &weir_int64_type, &weir_int64_type);
    fixture_open(&f);
    push_int(&f, 2, 7);
    push_int(&f, 0, 8);
    push_int(&f, 1, 9);
    expect(&f, "2@7 1@7 1@9");
    fixture_free(&f);
}
END_TEST

/* ---- time, for every operator ---- */

START_TEST(watermark_and_idleness_pass_in_order_and_only_when_they_change)
{
    struct fixture f;
    fixture_init(&f, weir__filter_factory(is_even, NULL), &weir_int64_type, &weir_int64_type);
    fixture_open(&f);
    weir__operator_advance(f.op, 10);
    push_int(&f, 2, 11);
    weir__operator_advance(f.op, 10);
    weir__operator_advance(f.op, 9); /* section 7: monotony is kept before the operator */
    weir__operator_set_idle(f.op, true);
    weir__operator_set_idle(f.op, true);
    weir__operator_set_idle(f.op, false);
    weir__operator_advance(f.op, WEIR_TIME_MAX);
    expect(&f, "W10 2@11 idle active Wmax");
    ck_assert_int_eq(f.context.watermark, WEIR_TIME_MAX);
    fixture_free(&f);
}
END_TEST

START_TEST(splits_pass_through_operators_that_do_not_care)
{
    struct fixture f;
    fixture_init(&f, weir__filter_factory(is_even, NULL), &weir_int64_type, &weir_int64_type);
    fixture_open(&f);
    weir__operator_receiver_ops.split(f.op, 3, true);
    weir__operator_receiver_ops.split(f.op, 3, false);
    expect(&f, "+p3 -p3");
    fixture_free(&f);
}
END_TEST

START_TEST(failed_operator_gets_nothing_more_and_keeps_its_first_failure)
{
    struct fixture f;
    fixture_init(&f, weir__filter_factory(is_even, NULL), &weir_int64_type, &weir_int64_type);
    fixture_open(&f);
    struct weir_error first = {.code = WEIR_IO, .where = "orders/0", .message = "disk full"};
    struct weir_error second = {.code = WEIR_LIMIT, .message = "other"};
    weir__operator_fail(f.op, &first);
    weir__operator_fail(f.op, &second);
    push_int(&f, 2, 1);
    weir__operator_advance(f.op, 5);
    weir__operator_set_idle(f.op, true);
    expect(&f, "");
    ck_assert(f.context.failed);
    ck_assert_int_eq(f.context.failure.code, WEIR_IO);
    ck_assert_str_eq(f.context.failure.where, "under test: orders/0");
    fixture_free(&f);
}
END_TEST

START_TEST(a_batch_is_its_records_one_by_one)
{
    int64_t values[] = {2, 3, 4};
    struct weir__record records[3];
    for (int i = 0; i < 3; i++) {
        records[i] = (struct weir__record){
            .value = &values[i], .timestamp = 10 * i, .split = WEIR__NO_SPLIT};
    }
    struct fixture f;
    fixture_init(&f, weir__filter_factory(is_even, NULL), &weir_int64_type, &weir_int64_type);
    fixture_open(&f);
    weir__operator_receive_batch(f.op, records, 3);
    expect(&f, "2@0 4@20");
    ck_assert_int_eq(f.context.records_in, 3);
    weir__operator_fail(f.op, &(struct weir_error){.code = WEIR_IO, .message = "disk full"});
    weir__operator_receive_batch(f.op, records, 3);
    expect(&f, "");
    ck_assert_int_eq(f.context.records_in, 3);
    fixture_free(&f);
}
END_TEST

/* ---- process, without a key ---- */

static const struct weir_output_tag odd_tag = {"odd", &weir_int64_type};
static const struct weir_output_tag *const odd_tags[] = {&odd_tag, NULL};

static void split_odd(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    if (*(const int64_t *)value % 2 != 0) {
        weir_side_emit(context, &odd_tag, value);
        weir_count(context, "odd", 1);
    } else {
        int64_t watermark = weir_current_watermark(context);
        int64_t now = weir_current_processing_time(context);
        weir_emit(out, &watermark);
        weir_emit_at(out, &now, weir_timestamp(context) + 1);
    }
}

static const struct weir_process_function odd_function = {
    .in_type = &weir_int64_type,
    .out_type = &weir_int64_type,
    .process = split_odd,
    .side_outputs = odd_tags,
};

START_TEST(process_sees_watermark_clock_and_timestamp)
{
    struct fixture f;
    fixture_init(&f, weir__process_factory(&odd_function, false), &weir_int64_type,
                 &weir_int64_type);
    fixture_open(&f);
    weir__operator_advance(f.op, 40);
    set_clock(&f, 1000);
    push_int(&f, 2, 50);
    expect(&f, "W40 40@50 1000@51");
    fixture_free(&f);
}
END_TEST

START_TEST(side_output_keeps_the_timestamp_and_counts_as_output)
{
    struct fixture f;
    fixture_init(&f, weir__process_factory(&odd_function, false), &weir_int64_type,
                 &weir_int64_type);
    fixture_side(&f, &odd_tag);
    fixture_open(&f);
    push_int(&f, 1, 50);
    expect(&f, "odd:1@50");
    ck_assert_int_eq(weir__metric_value(f.context.metrics, "odd"), 1);
    ck_assert_int_eq(f.context.records_out, 1);
    fixture_free(&f);
}
END_TEST

static void emit_to_nobody(const void *value, weir_context *context, weir_collector *out,
                           void *user)
{
    (void)out;
    (void)user;
    weir_side_emit(context, NULL, value);
}

START_TEST(side_output_with_a_null_tag_is_refused)
{
    static const struct weir_process_function function = {
        .in_type = &weir_int64_type, .out_type = &weir_int64_type, .process = emit_to_nobody};
    struct fixture f;
    fixture_init(&f, weir__process_factory(&function, false), &weir_int64_type, &weir_int64_type);
    fixture_open(&f);
    push_int(&f, 1, 50);
}
END_TEST

START_TEST(side_output_that_nobody_reads_goes_nowhere)
{
    struct fixture f;
    fixture_init(&f, weir__process_factory(&odd_function, false), &weir_int64_type,
                 &weir_int64_type);
    fixture_open(&f);
    push_int(&f, 1, 50);
    expect(&f, "");
    fixture_free(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operators");
    TCase *tcase = tcase_create("basic");
    tcase_add_test(tcase, filter_keeps_what_the_predicate_accepts);
    tcase_add_test(tcase, map_starts_from_zero_each_time_and_keeps_the_timestamp);
    tcase_add_test(tcase, flat_map_emits_any_number_with_the_timestamp_of_its_event);
    tcase_add_test(tcase, watermark_and_idleness_pass_in_order_and_only_when_they_change);
    tcase_add_test(tcase, splits_pass_through_operators_that_do_not_care);
    tcase_add_test(tcase, a_batch_is_its_records_one_by_one);
    tcase_add_test(tcase, failed_operator_gets_nothing_more_and_keeps_its_first_failure);
    tcase_add_test(tcase, process_sees_watermark_clock_and_timestamp);
    tcase_add_test(tcase, side_output_keeps_the_timestamp_and_counts_as_output);
    tcase_add_test(tcase, side_output_that_nobody_reads_goes_nowhere);
    tcase_add_test_raise_signal(tcase, side_output_with_a_null_tag_is_refused, SIGABRT);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
