/*
 * The file sink on S3: parts that appear when their checkpoint is complete, every line exactly
 * once, whichever request is the last one of a life. Semantics sheet, section 20. Requests that
 * fail, and settings: test_connector_s3_requests.c.
 */
#include <stdio.h>

#if !defined(WEIR_HAVE_LIBCURL) || !defined(WEIR_HAVE_LIBCRYPTO)
int main(void)
{
    puts("# SKIP libcurl or libcrypto is not installed");
    return 0;
}
#else

#include "s3_bucket.inc"

/* The life ends here and now: no request of it gets through any more. */
static void crash(void)
{
    s3_trouble(&s3, NO_ANSWER, 1, 1000000);
    end_life();
    s3_trouble(&s3, NO_TROUBLE, 1, 0);
}

static void end_input(void)
{
    OK(sink->ops->finish(writers[0], &error));
}

/* ---- life of a part ---- */

START_TEST(a_part_is_an_object_when_its_checkpoint_is_complete)
{
    make_sink_on((struct weir_file_sink_config){.roll_on_checkpoint = true,
                                                .suffix = ".jsonl",
                                                .bucket_utc = true},
                 (struct weir_s3_config){0});
    start();
    put(1, 2);
    weir__free((char *)prepare(1).data);
    expect_objects("");
    OK(try_commit(0, 1));
    expect_objects("a=b/2024-10-22--21/part-0-0.jsonl: {\"x\":1} {\"x\":2} \n");
    put(3, 3);
    checkpoint(2);
    expect_objects("a=b/2024-10-22--21/part-0-0.jsonl: {\"x\":1} {\"x\":2} \n"
                   "a=b/2024-10-22--21/part-0-1.jsonl: {\"x\":3} \n");
    ck_assert_uint_eq(s3_open_uploads(&s3), 0);
}
END_TEST

START_TEST(a_large_part_is_uploaded_while_it_grows)
{
    make_sink((struct weir_file_sink_config){.max_part_bytes = 7 * LINE});
    start();
    put(1, 2);
    ck_assert_uint_eq(s3_open_uploads(&s3), 0);
    put(3, 3); /* a part of the upload is full */
    ck_assert_uint_eq(s3_open_uploads(&s3), 1);
    put(4, 8);
    checkpoint(1);
    expect_objects("a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} {\"x\":4} {\"x\":5} {\"x\":6} "
                   "{\"x\":7} {\"x\":8} \n");
}
END_TEST

START_TEST(an_open_part_grows_over_checkpoints)
{
    make_sink((struct weir_file_sink_config){0});
    start();
    put(1, 4);
    checkpoint(1);
    put(5, 5);
    checkpoint(2);
    expect_objects("");
    end_input();
    checkpoint(3);
    expect_objects("a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} {\"x\":4} {\"x\":5} \n");
}
END_TEST

START_TEST(without_checkpoints_a_small_part_is_put_whole_at_the_end)
{
    interval_ms = 0;
    make_sink((struct weir_file_sink_config){.max_part_bytes = 3 * LINE});
    start();
    put(1, 6); /* a large part, finished before the end, and a small one */
    end_input();
    int before = s3_requests(&s3);
    checkpoint(1);
    ck_assert_int_eq(s3_requests(&s3), before + 2); /* one is completed, one is put */
    expect_objects("a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} {\"x\":4} \n"
                   "a=b/part-0-1: {\"x\":5} {\"x\":6} \n");
    ck_assert_uint_eq(s3_open_uploads(&s3), 0);
}
END_TEST

START_TEST(names_that_are_taken_are_passed_over)
{
    make_sink((struct weir_file_sink_config){.path = "s3://lake", .roll_on_checkpoint = true});
    start();
    put(1, 1);
    checkpoint(1);
    end_life();
    start();
    put(2, 2);
    checkpoint(1);
    expect_objects("part-0-0: {\"x\":1} \npart-0-1: {\"x\":2} \n");
}
END_TEST

/* ---- lives ---- */

START_TEST(what_a_checkpoint_has_is_completed_and_what_came_later_is_cut)
{
    make_sink((struct weir_file_sink_config){0});
    start();
    put(1, 4); /* three are uploaded, the fourth is in the state */
    struct weir_str state = prepare(1);
    put(5, 8);
    crash();
    start();
    OK(restore_to(0, state));
    put(5, 6);
    end_input();
    checkpoint(2);
    expect_objects("a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} {\"x\":4} {\"x\":5} {\"x\":6} \n");
    weir__free((char *)state.data);
}
END_TEST

START_TEST(completing_twice_is_no_error_and_makes_no_second_object)
{
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true});
    start();
    put(1, 1);
    struct weir_str state = prepare(1);
    OK(try_commit(0, 1));
    crash();
    start();
    OK(restore_to(0, state));
    expect_objects("a=b/part-0-0: {\"x\":1} \n");
    ck_assert_str_eq(log_text, "");
    weir__free((char *)state.data);
}
END_TEST

START_TEST(an_object_that_its_reader_took_away_does_not_come_back)
{
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true});
    start();
    put(1, 1);
    struct weir_str state = prepare(1);
    OK(try_commit(0, 1));
    crash();
    s3_clear(&s3);
    start();
    OK(restore_to(0, state));
    expect_objects("");
    ck_assert_ptr_nonnull(strstr(log_text, "moved it away"));
    weir__free((char *)state.data);
}
END_TEST

START_TEST(uploads_begun_after_the_checkpoint_are_aborted_and_no_others)
{
    make_sink((struct weir_file_sink_config){.max_part_bytes = 3 * LINE});
    start();
    put(1, 2);
    struct weir_str state = prepare(1);
    put(3, 8); /* part 0 is uploaded, so is part 1 begun */
    crash();
    ck_assert_uint_eq(s3_open_uploads(&s3), 2);
    s3_begin_foreign(&s3, "a=b/part-1-7");  /* another subtask's */
    s3_begin_foreign(&s3, "a=b/other-0-7"); /* another job's */
    s3_begin_foreign(&s3, "a=b/part-0-7.csv");
    start();
    OK(restore_to(0, state));
    put(3, 3);
    ck_assert_uint_eq(s3_open_uploads(&s3), 4); /* those, and part 0 again */
    end_input();
    checkpoint(2);
    expect_objects("a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} \n");
    weir__free((char *)state.data);
}
END_TEST

START_TEST(an_old_checkpoint_whose_part_was_finished_later_is_refused)
{
    make_sink((struct weir_file_sink_config){0});
    start();
    put(1, 4);
    struct weir_str state = prepare(1);
    end_input();
    checkpoint(2);
    end_life();
    start();
    ck_assert_int_eq(restore_to(0, state), WEIR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.message, "--from latest"));
    weir__free((char *)state.data);
}
END_TEST

START_TEST(states_of_two_writers_go_on_in_one)
{
    make_sink((struct weir_file_sink_config){0});
    struct weir_str states[MAX_WRITERS];
    for (int i = 0; i < MAX_WRITERS; i++) {
        OK(start_of(i));
        OK(put_to(i, i));
        OK(try_prepare(i, 1, &states[i]));
    }
    crash();
    for (int life = 0; life < 2; life++) { /* the first one dies before its first checkpoint */
        start();
        OK(restore_to(0, states[0]));
        OK(restore_to(0, states[1]));
        put(7, 7);
        if (life == 0) {
            crash();
        }
    }
    end_input();
    checkpoint(2);
    expect_objects("a=b/part-0-0: {\"x\":0} {\"x\":7} \na=b/part-1-0: {\"x\":1} \n");
    ck_assert_uint_eq(s3_open_uploads(&s3), 0);
    weir__free((char *)states[0].data);
    weir__free((char *)states[1].data);
}
END_TEST

START_TEST(a_state_of_files_is_refused_in_words)
{
    static const char bytes[] = {1, 0};
    make_sink((struct weir_file_sink_config){0});
    start();
    ck_assert_int_eq(restore_to(0, (struct weir_str){bytes, sizeof bytes}), WEIR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.message, "in a bucket of S3"));
}
END_TEST

/* ---- the job, crashed ---- */

static void crash_at(int request, enum trouble how)
{
    struct job job = {.from = 1};
    s3_clear(&s3);
    make_job(1);
    s3_trouble(&s3, how, request, 1000000);
    bool died = live(&job) != WEIR_OK;
    bool anew = job.checkpoint == 0;
    ck_assert(died);
    crash();
    OK(live(&job));
    expect_objects(whole_job);
    /* What was begun before the first checkpoint nobody knows. */
    ck_assert_msg(anew || s3_open_uploads(&s3) == 0, "at %d: an upload is left", request);
    weir__free((char *)job.state.data);
    end_life();
}

START_TEST(a_crash_at_any_request_loses_and_doubles_nothing)
{
    int requests = requests_of_job();
    ck_assert_int_ge(requests, 15);
    for (int i = 1; i <= requests; i++) {
        crash_at(i, NO_ANSWER);
    }
}
END_TEST

START_TEST(a_crash_after_any_request_loses_and_doubles_nothing)
{
    int requests = requests_of_job();
    for (int i = 1; i <= requests; i++) {
        crash_at(i, LOST_ANSWER);
    }
}
END_TEST

/* Again and again, at any request of the second life. */
START_TEST(a_crash_while_recovering_from_a_crash_changes_nothing)
{
    int requests = requests_of_job();
    for (int i = requests / 2; i <= requests; i += 3) {
        for (int j = 1; j < 8; j++) {
            struct job job = {.from = 1};
            s3_clear(&s3);
            make_job(1);
            s3_trouble(&s3, LOST_ANSWER, i, 1000000);
            ck_assert_int_ne(live(&job), WEIR_OK);
            crash();
            s3_trouble(&s3, j % 2 == 0 ? NO_ANSWER : LOST_ANSWER, j, 1000000);
            bool died = live(&job) != WEIR_OK;
            crash();
            OK(died ? live(&job) : WEIR_OK);
            expect_objects(whole_job);
            ck_assert_uint_eq(s3_open_uploads(&s3), 0);
            weir__free((char *)job.state.data);
            end_life();
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("S3");
    TCase *tests = tcase_create("parts");
    tcase_set_timeout(tests, 100);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_part_is_an_object_when_its_checkpoint_is_complete);
    tcase_add_test(tests, a_large_part_is_uploaded_while_it_grows);
    tcase_add_test(tests, an_open_part_grows_over_checkpoints);
    tcase_add_test(tests, without_checkpoints_a_small_part_is_put_whole_at_the_end);
    tcase_add_test(tests, names_that_are_taken_are_passed_over);
    tcase_add_test(tests, what_a_checkpoint_has_is_completed_and_what_came_later_is_cut);
    tcase_add_test(tests, completing_twice_is_no_error_and_makes_no_second_object);
    tcase_add_test(tests, an_object_that_its_reader_took_away_does_not_come_back);
    tcase_add_test(tests, uploads_begun_after_the_checkpoint_are_aborted_and_no_others);
    tcase_add_test(tests, an_old_checkpoint_whose_part_was_finished_later_is_refused);
    tcase_add_test(tests, states_of_two_writers_go_on_in_one);
    tcase_add_test(tests, a_state_of_files_is_refused_in_words);
    tcase_add_test(tests, a_crash_at_any_request_loses_and_doubles_nothing);
    tcase_add_test(tests, a_crash_after_any_request_loses_and_doubles_nothing);
    tcase_add_test(tests, a_crash_while_recovering_from_a_crash_changes_nothing);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
#endif
