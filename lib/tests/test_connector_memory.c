/*
 * The collection and generator sources: order, splits, rate, positions.
 */
#include "source_output.h"

#include <weir/connectors.h>

#include <check.h>

static const struct weir_source_context alone = {.parallelism = 1, .clock = &weir_system_clock};

START_TEST(collection_gives_its_values_in_order_and_ends)
{
    int64_t values[] = {3, 1, 2};
    weir_source *source = weir_collection_source(&weir_int64_type, values, 3);
    weir_source_output out = {.type = &weir_int64_type};
    values[0] = 99; /* the source has copied them */
    struct source_reader reader = source_reader_open(source, &alone);
    ck_assert_int_eq(source_reader_poll(&reader, &out, 2), WEIR_POLL_MORE);
    ck_assert_int_eq(source_reader_poll(&reader, &out, 2), WEIR_POLL_END);
    ck_assert_str_eq(out.log.data, "+0 0:3 0:1 0:2 -0 ");
    ck_assert_int_eq(out.last_timestamp, WEIR_TIME_MIN);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(collection_is_read_by_the_first_subtask_only)
{
    int64_t value = 1;
    weir_source *source = weir_collection_source(&weir_int64_type, &value, 1);
    weir_source_output out = {.type = &weir_int64_type};
    struct source_reader second =
        source_reader_open(source, &(struct weir_source_context){.subtask = 1, .parallelism = 2});
    ck_assert_int_eq(source_reader_poll(&second, &out, 10), WEIR_POLL_END);
    ck_assert_uint_eq(out.log.len, 0);
    source_reader_close(&second);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(empty_collection_ends_at_once)
{
    weir_source *source = weir_collection_source(&weir_string_type, NULL, 0);
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = source_reader_open(source, &alone);
    ck_assert_int_eq(source_reader_poll(&reader, &out, 10), WEIR_POLL_END);
    ck_assert_str_eq(out.log.data, "+0 -0 ");
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

/* Reads `before` values, saves the position, and reads on from it in a second reader. */
static void resume(weir_source *source, int before, const char *expected)
{
    weir_source_output first = {.type = source->type};
    weir_source_output second = {.type = source->type};
    struct source_reader reader = source_reader_open(source, &alone);
    struct source_reader resumed = source_reader_open(source, &alone);
    source_reader_poll(&reader, &first, before);
    struct weir_str position = source->ops->snapshot(reader.reader);
    ck_assert_int_eq(source->ops->restore(resumed.reader, position, &resumed.error), WEIR_OK);
    source_reader_drain(&resumed, &second, 10);
    ck_assert_str_eq(second.values.data, expected);
    source_reader_close(&reader);
    source_reader_close(&resumed);
    source_output_fini(&first);
    source_output_fini(&second);
}

START_TEST(collection_resumes_behind_its_position)
{
    struct weir_str values[] = {WEIR_STR("a"), WEIR_STR("b"), WEIR_STR("c")};
    weir_source *source = weir_collection_source(&weir_string_type, values, 3);
    resume(source, 1, "\"b\"\n\"c\"\n");
    source_free(source);
}
END_TEST

static bool squares_below_fifty(int64_t index, void *value, int64_t *timestamp, void *user)
{
    (void)user;
    *(int64_t *)value = index * index;
    *timestamp = 1000 + index;
    return index * index < 50;
}

START_TEST(generator_makes_events_until_the_function_says_no)
{
    weir_source *source = weir_generator_source(&(struct weir_generator_source_config){
        .type = &weir_int64_type, .next = squares_below_fifty});
    weir_source_output out = {.type = &weir_int64_type};
    struct source_reader reader = source_reader_open(source, &alone);
    ck_assert_int_eq(source_reader_drain(&reader, &out, 3), WEIR_POLL_END);
    ck_assert_str_eq(out.values.data, "0\n1\n4\n9\n16\n25\n36\n49\n");
    ck_assert_int_eq(out.last_timestamp, 1007);
    resume(source, 6, "36\n49\n");
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(generator_stops_at_its_count)
{
    weir_source *source = weir_generator_source(&(struct weir_generator_source_config){
        .type = &weir_int64_type, .next = squares_below_fifty, .count = 2});
    weir_source_output out = {.type = &weir_int64_type};
    struct source_reader reader = source_reader_open(source, &alone);
    ck_assert_int_eq(source_reader_drain(&reader, &out, 10), WEIR_POLL_END);
    ck_assert_str_eq(out.log.data, "+0 0:0 0:1 -0 ");
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(generator_deals_its_splits_to_the_subtasks)
{
    weir_source *source = weir_generator_source(&(struct weir_generator_source_config){
        .type = &weir_int64_type, .next = squares_below_fifty, .count = 6, .splits = 3});
    weir_source_output out[2] = {{.type = &weir_int64_type}, {.type = &weir_int64_type}};
    for (int s = 0; s < 2; s++) {
        struct source_reader reader = source_reader_open(
            source, &(struct weir_source_context){
                        .subtask = s, .parallelism = 2, .clock = &weir_system_clock});
        ck_assert_int_eq(source_reader_drain(&reader, &out[s], 10), WEIR_POLL_END);
        source_reader_close(&reader);
    }
    ck_assert_str_eq(out[0].log.data, "+0 +2 0:0 2:4 0:9 2:25 -0 -2 ");
    ck_assert_str_eq(out[1].log.data, "+1 1:1 1:16 -1 ");
    source_free(source);
    source_output_fini(&out[0]);
    source_output_fini(&out[1]);
}
END_TEST

/* ---- the rate, by a clock of our own ---- */

static int64_t now_ns;

static int64_t fake_ms(const struct weir_clock *clock)
{
    (void)clock;
    return now_ns / 1000000;
}

static int64_t fake_ns(const struct weir_clock *clock)
{
    (void)clock;
    return now_ns;
}

static bool endless(int64_t index, void *value, int64_t *timestamp, void *user)
{
    (void)timestamp;
    (void)user;
    *(int64_t *)value = index;
    return true;
}

START_TEST(generator_keeps_its_rate)
{
    static const struct weir_clock clock = {fake_ms, fake_ns};
    weir_source *source = weir_generator_source(&(struct weir_generator_source_config){
        .type = &weir_int64_type, .next = endless, .per_second = 10});
    weir_source_output out = {.type = &weir_int64_type};
    struct source_reader reader = source_reader_open(
        source, &(struct weir_source_context){.parallelism = 1, .clock = &clock});
    ck_assert_int_eq(source_reader_drain(&reader, &out, 1000), WEIR_POLL_NOTHING);
    ck_assert_int_eq(out.events, 1); /* the first is due at once */
    now_ns += 99 * 1000000;
    source_reader_drain(&reader, &out, 1000);
    ck_assert_int_eq(out.events, 1);
    now_ns += 1000000;
    source_reader_drain(&reader, &out, 1000);
    ck_assert_int_eq(out.events, 2);
    now_ns += INT64_C(3600) * 1000000000;
    source_reader_drain(&reader, &out, 1000);
    ck_assert_int_eq(out.events, 36002); /* what it fell behind is made up */
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(damaged_positions_are_refused)
{
    int64_t value = 1;
    weir_source *collection = weir_collection_source(&weir_int64_type, &value, 1);
    weir_source *generator = weir_generator_source(
        &(struct weir_generator_source_config){.type = &weir_int64_type, .next = endless});
    struct source_reader a = source_reader_open(collection, &alone);
    struct source_reader b = source_reader_open(generator, &alone);
    ck_assert_int_eq(collection->ops->restore(a.reader, WEIR_STR("\x05"), &a.error), WEIR_CORRUPT);
    ck_assert_int_eq(collection->ops->restore(a.reader, WEIR_STR(""), &a.error), WEIR_CORRUPT);
    ck_assert_int_eq(generator->ops->restore(b.reader, WEIR_STR("\x01\x00"), &b.error),
                     WEIR_CORRUPT);
    source_reader_close(&a);
    source_reader_close(&b);
    source_free(collection);
    source_free(generator);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connector memory");
    TCase *tests = tcase_create("memory");
    tcase_add_test(tests, collection_gives_its_values_in_order_and_ends);
    tcase_add_test(tests, collection_is_read_by_the_first_subtask_only);
    tcase_add_test(tests, empty_collection_ends_at_once);
    tcase_add_test(tests, collection_resumes_behind_its_position);
    tcase_add_test(tests, generator_makes_events_until_the_function_says_no);
    tcase_add_test(tests, generator_stops_at_its_count);
    tcase_add_test(tests, generator_deals_its_splits_to_the_subtasks);
    tcase_add_test(tests, generator_keeps_its_rate);
    tcase_add_test(tests, damaged_positions_are_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
