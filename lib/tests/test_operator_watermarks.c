/*
 * The watermark assigner as an operator: semantics sheet, sections 11 and 12.
 */
#include "operator_fixture.h"

#include <weir/watermark.h>

#define REQUEST_FIELDS(F, T)                                                                       \
    F(T, string, path, "path", required)                                                           \
    F(T, int64, at, "at", required)
WEIR_DECLARE_TYPE(request, REQUEST_FIELDS);
WEIR_DEFINE_TYPE(request, REQUEST_FIELDS);

static struct fixture f;

static void start(struct weir_watermark_strategy strategy, const struct weir_field *timestamp)
{
    fixture_init(&f, weir__watermark_factory(strategy, timestamp), &weir_int64_type,
                 &weir_int64_type);
    fixture_open(&f);
}

/* An event whose value is its time. */
static void event(int64_t timestamp)
{
    push(&f, &timestamp, timestamp);
}

static void event_of_split(int64_t timestamp, int32_t split)
{
    push_split(&f, &timestamp, timestamp, split);
}

START_TEST(timestamp_comes_from_the_field)
{
    fixture_init(&f,
                 weir__watermark_factory(weir_with_interval(weir_monotonous_timestamps(), -1),
                                         WEIR_FIELD(request, at)),
                 &request_type, &request_type);
    fixture_open(&f);
    push(&f, &(struct request){WEIR_STR("/"), 70}, 5);
    expect(&f, "{\"path\":\"/\",\"at\":70}@70 W69");
    fixture_free(&f);
}
END_TEST

START_TEST(without_a_field_the_records_own_timestamp_counts)
{
    start(weir_with_interval(weir_bounded_out_of_orderness(10), -1), NULL);
    event(1337);
    expect(&f, "1337@1337 W1326");
    fixture_free(&f);
}
END_TEST

START_TEST(events_emit_nothing_only_the_periodic_call_does_every_200_ms)
{
    start(weir_monotonous_timestamps(), NULL);
    event(10);
    set_clock(&f, 199);
    expect(&f, "10@10");
    set_clock(&f, 200);
    expect(&f, "W9");
    event(20);
    set_clock(&f, 399);
    expect(&f, "20@20");
    set_clock(&f, 400);
    expect(&f, "W19");
    fixture_free(&f);
}
END_TEST

START_TEST(interval_can_be_chosen)
{
    start(weir_with_interval(weir_monotonous_timestamps(), 1000), NULL);
    event(10);
    set_clock(&f, 999);
    expect(&f, "10@10");
    set_clock(&f, 1000);
    expect(&f, "W9");
    fixture_free(&f);
}
END_TEST

START_TEST(only_a_watermark_that_rises_is_forwarded)
{
    start(weir_monotonous_timestamps(), NULL);
    set_clock(&f, 1000);
    expect(&f, ""); /* the initial minimum never goes out */
    event(10);
    set_clock(&f, 2000);
    event(5);
    set_clock(&f, 3000);
    expect(&f, "10@10 W9 5@5");
    fixture_free(&f);
}
END_TEST

START_TEST(negative_interval_emits_after_every_event)
{
    start(weir_with_interval(weir_bounded_out_of_orderness(2), -1), NULL);
    event(10);
    event(8);
    event(11);
    expect(&f, "10@10 W7 8@8 11@11 W8");
    ck_assert_int_eq(f.op->ops->next_tick(f.op), WEIR_TIME_MAX);
    fixture_free(&f);
}
END_TEST

START_TEST(upstream_watermarks_are_swallowed_except_the_final_one)
{
    start(weir_monotonous_timestamps(), NULL);
    event(10);
    weir__operator_advance(f.op, 500);
    expect(&f, "10@10");
    weir__operator_advance(f.op, WEIR_TIME_MAX);
    expect(&f, "Wmax");
    set_clock(&f, 10000);
    expect(&f, "");
    fixture_free(&f);
}
END_TEST

START_TEST(after_the_final_watermark_nobody_falls_silent)
{
    start(weir_with_idleness(weir_monotonous_timestamps(), 100), NULL);
    event(10);
    weir__operator_advance(f.op, WEIR_TIME_MAX);
    expect(&f, "10@10 Wmax");
    for (int64_t ms = 200; ms <= 1000; ms += 200) {
        set_clock(&f, ms);
        expect(&f, "");
    }
    fixture_free(&f);
}
END_TEST

START_TEST(upstream_idleness_is_swallowed)
{
    start(weir_monotonous_timestamps(), NULL);
    weir__operator_set_idle(f.op, true);
    weir__operator_set_idle(f.op, false);
    expect(&f, "");
    fixture_free(&f);
}
END_TEST

/* Probes at 200, 400, 600: activity, countdown starts, 200 > 100 idle. */
START_TEST(idle_after_three_probes_and_active_with_the_next_watermark)
{
    start(weir_with_idleness(weir_monotonous_timestamps(), 100), NULL);
    event(10);
    set_clock(&f, 400);
    expect(&f, "10@10 W9");
    set_clock(&f, 600);
    expect(&f, "idle");
    set_clock(&f, 2000);
    expect(&f, ""); /* told once, and no watermark while idle */
    event(10);
    expect(&f, "10@10"); /* the event alone sends nothing */
    set_clock(&f, 2200);
    expect(&f, ""); /* 9 does not rise: downstream stays idle */
    event(11);
    set_clock(&f, 2400);
    expect(&f, "11@11 active W10");
    fixture_free(&f);
}
END_TEST

/* 400: countdown starts; 600: elapsed 200 is not MORE than 200; 800: it is. */
START_TEST(idle_only_when_more_than_the_timeout_elapsed)
{
    start(weir_with_idleness(weir_monotonous_timestamps(), 200), NULL);
    event(10);
    set_clock(&f, 799);
    expect(&f, "10@10 W9");
    set_clock(&f, 800);
    expect(&f, "idle");
    fixture_free(&f);
}
END_TEST

START_TEST(in_micro_batches_nobody_is_idle_between_two)
{
    fixture_init(
        &f, weir__watermark_factory(weir_with_idleness(weir_monotonous_timestamps(), 200), NULL),
        &weir_int64_type, &weir_int64_type);
    f.context.micro_batch_ms = 1000;
    fixture_open(&f);
    event(10);
    set_clock(&f, 1500); /* the countdown started at 400 */
    expect(&f, "10@10 W9");
    set_clock(&f, 1800); /* 1400 > 1000 + 200 */
    expect(&f, "idle");
    fixture_free(&f);
}
END_TEST

START_TEST(idle_operator_sends_active_before_the_final_watermark)
{
    start(weir_with_idleness(weir_monotonous_timestamps(), 100), NULL);
    set_clock(&f, 400);
    expect(&f, "idle");
    weir__operator_advance(f.op, WEIR_TIME_MAX);
    expect(&f, "active Wmax");
    fixture_free(&f);
}
END_TEST

START_TEST(after_every_event_idleness_is_probed_all_the_same)
{
    start(weir_with_idleness(weir_with_interval(weir_monotonous_timestamps(), -1), 100), NULL);
    event(10);
    set_clock(&f, 600);
    expect(&f, "10@10 W9 idle");
    event(12);
    expect(&f, "12@12 active W11");
    fixture_free(&f);
}
END_TEST

START_TEST(every_split_has_its_own_watermark_and_the_minimum_goes_out)
{
    start(weir_monotonous_timestamps(), NULL);
    weir__operator_receiver_ops.split(f.op, 0, true);
    weir__operator_receiver_ops.split(f.op, 1, true);
    event_of_split(100, 0);
    set_clock(&f, 200);
    expect(&f, "+p0 +p1 100@100"); /* split 1 holds */
    event_of_split(50, 1);
    set_clock(&f, 400);
    expect(&f, "50@50 W49");
    weir__operator_receiver_ops.split(f.op, 1, false);
    expect(&f, "-p1"); /* by itself it moves nothing */
    set_clock(&f, 600);
    expect(&f, "W99");
    fixture_free(&f);
}
END_TEST

START_TEST(subtask_without_splits_is_idle_at_once)
{
    start(weir_monotonous_timestamps(), NULL);
    weir__operator_receiver_ops.split(f.op, WEIR__NO_SPLIT, false);
    expect(&f, "idle -p-1");
    fixture_free(&f);
}
END_TEST

/* Fault list, row 14: processed, but the watermark does not move; counted. */
START_TEST(event_from_the_far_future_passes_and_moves_nothing)
{
    struct weir_watermark_strategy strategy = weir_with_interval(weir_monotonous_timestamps(), -1);
    start(weir_with_max_future_skew(strategy, 1000), NULL);
    set_clock(&f, 5000);
    event(6000);
    event(INT64_MAX);
    event(6001);
    expect(&f, "6000@6000 W5999 9223372036854775807@9223372036854775807 6001@6001");
    ck_assert_int_eq(weir__metric_value(f.context.metrics, WEIR__FUTURE_RECORDS), 2);
    fixture_free(&f);
}
END_TEST

START_TEST(timestamps_at_both_ends_of_time_are_legal)
{
    start(weir_with_interval(weir_bounded_out_of_orderness(INT64_MAX), -1), NULL);
    event(INT64_MIN);
    event(INT64_MAX);
    expect(&f, "-9223372036854775808@- 9223372036854775807@9223372036854775807 W-1");
    fixture_free(&f);
}
END_TEST

/* Fault list, row 9: event time is untouched, and watermarks go on. */
START_TEST(clock_that_is_set_back_stops_no_watermark)
{
    start(weir_monotonous_timestamps(), NULL);
    set_clock(&f, 7200000);
    event(10);
    set_clock(&f, 3600000); /* an hour back */
    expect(&f, "10@10 W9");
    event(20);
    set_clock(&f, 3600200);
    expect(&f, "20@20 W19");
    fixture_free(&f);
}
END_TEST

static bool at_tens(const void *value, int64_t timestamp, int64_t *watermark, void *user)
{
    (void)value;
    (void)user;
    *watermark = timestamp;
    return timestamp % 10 == 0;
}

START_TEST(punctuated_watermark_follows_its_event)
{
    start(
        (struct weir_watermark_strategy){.kind = WEIR_WATERMARK_PUNCTUATED, .punctuated = at_tens},
        NULL);
    event(9);
    event(10);
    event(10);
    expect(&f, "9@9 10@10 W10 10@10");
    fixture_free(&f);
}
END_TEST

START_TEST(ingestion_time_is_the_clocks_at_the_assigner)
{
    start(weir_with_interval(weir_ingestion_time(), -1), NULL);
    set_clock(&f, 1000);
    event(7); /* its own timestamp does not count */
    event(WEIR_TIME_MIN);
    set_clock(&f, 1500);
    event(WEIR_TIME_MAX);
    expect(&f, "7@1000 W999 -9223372036854775808@1000 9223372036854775807@1500 W1499");
    fixture_free(&f);
}
END_TEST

START_TEST(ingestion_time_goes_on_while_no_event_comes)
{
    start(weir_ingestion_time(), NULL);
    set_clock(&f, 199);
    event(1);
    set_clock(&f, 450);
    expect(&f, "1@199 W199 W399");
    fixture_free(&f);
}
END_TEST

START_TEST(ingestion_time_repeats_its_largest_when_the_clock_is_set_back)
{
    start(weir_with_interval(weir_ingestion_time(), -1), NULL);
    set_clock(&f, 1000);
    event(1);
    set_clock(&f, 600);
    event(2);
    set_clock(&f, 1001);
    event(3);
    expect(&f, "1@1000 W999 2@1000 3@1001 W1000");
    fixture_free(&f);
}
END_TEST

START_TEST(ingestion_time_is_the_same_for_all_splits)
{
    start(weir_ingestion_time(), NULL);
    weir__operator_receiver_ops.split(f.op, 0, true);
    weir__operator_receiver_ops.split(f.op, 1, true);
    event_of_split(5, 1);
    set_clock(&f, 200);
    expect(&f, "+p0 +p1 5@0 W199");
    fixture_free(&f);
}
END_TEST

START_TEST(factory_describes_the_strategy_for_the_trace)
{
    struct weir__operator_factory *factory = weir__watermark_factory(
        weir_with_idleness(weir_bounded_out_of_orderness(30000), 60000), NULL);
    struct weir__buf json = {0};
    factory->describe(factory, &json);
    ck_assert_str_eq(json.data, "\"watermark\":\"bounded\",\"bound\":30000,\"idle-timeout\":60000");
    weir__buf_fini(&json);
    factory->free(factory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("watermark assigner");
    TCase *tcase = tcase_create("sections 11, 12");
    tcase_add_test(tcase, timestamp_comes_from_the_field);
    tcase_add_test(tcase, without_a_field_the_records_own_timestamp_counts);
    tcase_add_test(tcase, events_emit_nothing_only_the_periodic_call_does_every_200_ms);
    tcase_add_test(tcase, interval_can_be_chosen);
    tcase_add_test(tcase, only_a_watermark_that_rises_is_forwarded);
    tcase_add_test(tcase, negative_interval_emits_after_every_event);
    tcase_add_test(tcase, upstream_watermarks_are_swallowed_except_the_final_one);
    tcase_add_test(tcase, after_the_final_watermark_nobody_falls_silent);
    tcase_add_test(tcase, upstream_idleness_is_swallowed);
    tcase_add_test(tcase, idle_after_three_probes_and_active_with_the_next_watermark);
    tcase_add_test(tcase, idle_only_when_more_than_the_timeout_elapsed);
    tcase_add_test(tcase, in_micro_batches_nobody_is_idle_between_two);
    tcase_add_test(tcase, idle_operator_sends_active_before_the_final_watermark);
    tcase_add_test(tcase, after_every_event_idleness_is_probed_all_the_same);
    tcase_add_test(tcase, every_split_has_its_own_watermark_and_the_minimum_goes_out);
    tcase_add_test(tcase, subtask_without_splits_is_idle_at_once);
    tcase_add_test(tcase, event_from_the_far_future_passes_and_moves_nothing);
    tcase_add_test(tcase, timestamps_at_both_ends_of_time_are_legal);
    tcase_add_test(tcase, clock_that_is_set_back_stops_no_watermark);
    tcase_add_test(tcase, punctuated_watermark_follows_its_event);
    tcase_add_test(tcase, ingestion_time_is_the_clocks_at_the_assigner);
    tcase_add_test(tcase, ingestion_time_goes_on_while_no_event_comes);
    tcase_add_test(tcase, ingestion_time_repeats_its_largest_when_the_clock_is_set_back);
    tcase_add_test(tcase, ingestion_time_is_the_same_for_all_splits);
    tcase_add_test(tcase, factory_describes_the_strategy_for_the_trace);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
