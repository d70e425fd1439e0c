/*
 * The file sink: names, buckets, rolling to the byte and the millisecond. Semantics sheet, section
 * 20. What it does after a failure: test_connector_file_sink_recovery.c.
 */
#include "file_sink_folder.inc"

#include <time.h>

/* ---- life of a part ---- */

START_TEST(a_part_is_hidden_until_its_checkpoint_is_complete)
{
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true, .suffix = ".jsonl"});
    start();
    put(1);
    put(2);
    weir__free((char *)prepare_of(0, 1).data);
    expect_visible("");
    expect_hidden("2024-10-22--21/.part-0-0.jsonl: {\"x\":1} {\"x\":2} \n");
    commit_of(0, 1);
    expect_visible("2024-10-22--21/part-0-0.jsonl: {\"x\":1} {\"x\":2} \n");
    expect_hidden("");
    put(3);
    checkpoint(2);
    expect_visible("2024-10-22--21/part-0-0.jsonl: {\"x\":1} {\"x\":2} \n"
                   "2024-10-22--21/part-0-1.jsonl: {\"x\":3} \n");
}
END_TEST

START_TEST(hidden_names_are_those_of_flink)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .prefix = "clicks"});
    start();
    put(1);
    struct weir__vec entries;
    struct weir_error error = {0};
    ck_assert_int_eq(weir__files_list(disk, folder, &entries, &error), WEIR_OK);
    ck_assert_uint_eq(entries.count, 1);
    const char *name = ((struct weir__files_entry *)weir__vec_at(&entries, 0))->name;
    unsigned parts[5];
    unsigned long long last;
    int end = 0;
    ck_assert_int_eq(sscanf(name, ".clicks-0-0.inprogress.%8x-%4x-%4x-%4x-%12llx%n", &parts[0],
                            &parts[1], &parts[2], &parts[3], &last, &end),
                     5);
    ck_assert_str_eq(name + end, "");
    ck_assert_uint_eq(strlen(name), strlen(".clicks-0-0.inprogress.") + 36);
    weir__files_list_fini(&entries);
}
END_TEST

START_TEST(an_open_part_grows_over_checkpoints)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    start();
    put(1);
    checkpoint(1);
    put(2);
    checkpoint(2);
    expect_visible("");
    expect_hidden(".part-0-0: {\"x\":1} {\"x\":2} \n");
}
END_TEST

START_TEST(the_end_of_input_rolls_everything)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    start();
    put(1);
    end_input();
    checkpoint(0); /* a job without checkpoints has this one */
    expect_visible("part-0-0: {\"x\":1} \n");
    expect_hidden("");
}
END_TEST

/* Fault list, row 8. */
START_TEST(commit_shows_what_was_prepared_up_to_its_checkpoint_and_nothing_else)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .roll_on_checkpoint = true});
    start();
    put(1);
    weir__free((char *)prepare_of(0, 1).data);
    put(2);
    weir__free((char *)prepare_of(0, 2).data); /* of 1 nothing was heard */
    put(3);
    weir__free((char *)prepare_of(0, 3).data);
    commit_of(0, 2);
    expect_visible("part-0-0: {\"x\":1} \npart-0-1: {\"x\":2} \n");
    commit_of(0, 2);
    expect_visible("part-0-0: {\"x\":1} \npart-0-1: {\"x\":2} \n");
    commit_of(0, 4);
    expect_visible("part-0-0: {\"x\":1} \npart-0-1: {\"x\":2} \npart-0-2: {\"x\":3} \n");
}
END_TEST

START_TEST(a_part_rolled_after_the_barrier_waits_for_the_next_checkpoint)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .max_part_bytes = 1});
    start();
    put(1);
    weir__free((char *)prepare_of(0, 1).data); /* rolls the part of 1, which is too large */
    put(2);
    put(3); /* rolls that of 2 */
    commit_of(0, 1);
    expect_visible("part-0-0: {\"x\":1} \n");
    checkpoint(2);
    expect_visible("part-0-0: {\"x\":1} \npart-0-1: {\"x\":2} \npart-0-2: {\"x\":3} \n");
}
END_TEST

/* ---- rolling ---- */

/* {"x":1} and a newline are 8 bytes. */
START_TEST(size_is_checked_before_a_write_and_must_be_exceeded)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .max_part_bytes = 16});
    start();
    for (int x = 1; x <= 4; x++) {
        put(x); /* at 16 bytes a third line still goes in */
    }
    checkpoint(1);
    expect_visible("part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} \n");
    expect_hidden(".part-0-1: {\"x\":4} \n");
}
END_TEST

START_TEST(size_is_checked_at_a_checkpoint_too)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .max_part_bytes = 8});
    start();
    put(1);
    checkpoint(1);
    expect_visible("");
    put(2);
    checkpoint(2);
    expect_visible("part-0-0: {\"x\":1} {\"x\":2} \n");
}
END_TEST

START_TEST(a_part_is_rolled_a_minute_after_it_was_begun_inclusive)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    int64_t begin = now.ms;
    start();
    put(1);
    for (int64_t age = 0; age < MINUTE; age += 10000) {
        weir_manual_clock_set(&now, begin + age);
        put(2);
    }
    weir_manual_clock_set(&now, begin + MINUTE - 1);
    tick();
    checkpoint(1);
    expect_visible("");
    weir_manual_clock_set(&now, begin + MINUTE);
    tick();
    checkpoint(2);
    expect_hidden("");
}
END_TEST

START_TEST(a_part_is_rolled_when_nothing_came_for_a_minute_inclusive)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .rollover_ms = HOUR});
    int64_t begin = now.ms;
    start();
    put(1);
    weir_manual_clock_set(&now, begin + 30000);
    put(2);
    weir_manual_clock_set(&now, begin + 30000 + MINUTE - 1);
    tick();
    checkpoint(1);
    expect_visible("");
    weir_manual_clock_set(&now, begin + 30000 + MINUTE);
    tick();
    checkpoint(2);
    expect_visible("part-0-0: {\"x\":1} {\"x\":2} \n");
}
END_TEST

START_TEST(without_a_tick_the_clock_rolls_nothing)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    start();
    put(1);
    weir_manual_clock_set(&now, now.ms + HOUR);
    put(2);
    checkpoint(1);
    expect_visible("");
}
END_TEST

/* ---- buckets ---- */

START_TEST(each_bucket_has_a_part_of_its_own_and_numbers_go_on)
{
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true});
    start();
    put(1);
    weir_manual_clock_set(&now, now.ms + HOUR - 1);
    put(2);
    weir_manual_clock_set(&now, now.ms + 1);
    put(3);
    checkpoint(1);
    expect_visible("2024-10-22--21/part-0-0: {\"x\":1} {\"x\":2} \n"
                   "2024-10-22--22/part-0-1: {\"x\":3} \n");
}
END_TEST

START_TEST(buckets_can_follow_event_time)
{
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true,
                                             .bucket = "day=%Y-%m-%d/%H.%M",
                                             .bucket_time = WEIR_BUCKET_EVENT_TIME,
                                             .bucket_utc = true});
    start();
    put_to(0, 1, 59999);
    put_to(0, 2, 60000);
    put_to(0, 3, -1);
    put_to(0, 4, WEIR_TIME_MIN);
    put_to(0, 5, WEIR_TIME_MAX);
    checkpoint(1);
    expect_visible("day=1969-12-31/23.59/part-0-2: {\"x\":3} \n"
                   "day=1970-01-01/00.00/part-0-0: {\"x\":1} \n"
                   "day=1970-01-01/00.01/part-0-1: {\"x\":2} \n"
                   "day=292278994-08-17/07.12/part-0-4: {\"x\":5} \n"
                   "no-time/part-0-3: {\"x\":4} \n");
}
END_TEST

START_TEST(a_bucket_with_seconds_changes_with_them)
{
    make_sink((struct weir_file_sink_config){
        .roll_on_checkpoint = true, .bucket = "%H%M%S", .bucket_time = WEIR_BUCKET_EVENT_TIME});
    start();
    put_to(0, 1, 1999);
    put_to(0, 2, 2000);
    checkpoint(1);
    expect_visible("000001/part-0-0: {\"x\":1} \n000002/part-0-1: {\"x\":2} \n");
}
END_TEST

START_TEST(buckets_follow_the_systems_zone)
{
    setenv("TZ", "XYZ-5:30", 1);
    tzset();
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true, .bucket = "%H:%M"});
    start();
    put(1);
    checkpoint(1);
    expect_visible("02:30/part-0-0: {\"x\":1} \n");
    setenv("TZ", "UTC", 1);
    tzset();
}
END_TEST

static void bucket_by_value(const void *value, int64_t timestamp, char *name, size_t size,
                            void *user)
{
    const struct point *point = value;
    (void)timestamp;
    snprintf(name, size, "%s", ((const char *const *)user)[point->x]);
}

START_TEST(a_function_can_choose_the_bucket_but_not_leave_the_folder)
{
    static const char *names[] = {"a", "b/c", "", "../../etc/.x", "//d//", "e\n\x1b[31m", "a"};
    make_sink((struct weir_file_sink_config){
        .roll_on_checkpoint = true, .bucket_of = bucket_by_value, .user = names});
    start();
    for (int x = 0; x < 7; x++) {
        put(x);
    }
    checkpoint(1);
    expect_visible("_./_./etc/_x/part-0-3: {\"x\":3} \n"
                   "a/part-0-0: {\"x\":0} {\"x\":6} \n"
                   "b/c/part-0-1: {\"x\":1} \n"
                   "d/part-0-4: {\"x\":4} \n"
                   "e__[31m/part-0-5: {\"x\":5} \n"
                   "part-0-2: {\"x\":2} \n");
}
END_TEST

/* ---- settings ---- */

START_TEST(wrong_settings_are_refused_in_words)
{
    struct weir_error error = {0};
    make_sink((struct weir_file_sink_config){.prefix = "a/b"});
    ck_assert_int_eq(start_of(0, 1, &error), WEIR_INVALID);
    ck_assert_str_eq(error.message,
                     "the prefix and suffix of parts must not have a \"/\", nor the prefix a "
                     "leading dot, got \"a/b\" and \"\"");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file sink");
    TCase *tests = tcase_create("section 20");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_part_is_hidden_until_its_checkpoint_is_complete);
    tcase_add_test(tests, hidden_names_are_those_of_flink);
    tcase_add_test(tests, an_open_part_grows_over_checkpoints);
    tcase_add_test(tests, the_end_of_input_rolls_everything);
    tcase_add_test(tests, commit_shows_what_was_prepared_up_to_its_checkpoint_and_nothing_else);
    tcase_add_test(tests, a_part_rolled_after_the_barrier_waits_for_the_next_checkpoint);
    tcase_add_test(tests, size_is_checked_before_a_write_and_must_be_exceeded);
    tcase_add_test(tests, size_is_checked_at_a_checkpoint_too);
    tcase_add_test(tests, a_part_is_rolled_a_minute_after_it_was_begun_inclusive);
    tcase_add_test(tests, a_part_is_rolled_when_nothing_came_for_a_minute_inclusive);
    tcase_add_test(tests, without_a_tick_the_clock_rolls_nothing);
    tcase_add_test(tests, each_bucket_has_a_part_of_its_own_and_numbers_go_on);
    tcase_add_test(tests, buckets_can_follow_event_time);
    tcase_add_test(tests, a_bucket_with_seconds_changes_with_them);
    tcase_add_test(tests, buckets_follow_the_systems_zone);
    tcase_add_test(tests, a_function_can_choose_the_bucket_but_not_leave_the_folder);
    tcase_add_test(tests, wrong_settings_are_refused_in_words);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
