/* Counting barriers. Semantics sheet, section 19. */
#include "runtime/barriers.h"

#include <check.h>

static struct weir__barriers *barriers;

static void setup_three(void)
{
    barriers = weir__barriers_new(3, true);
}

static void teardown(void)
{
    weir__barriers_free(barriers);
}

static int64_t arrive(size_t channel, int64_t checkpoint)
{
    return weir__barriers_arrive(barriers, channel, checkpoint);
}

START_TEST(checkpoint_is_aligned_when_all_channels_have_brought_its_barrier)
{
    ck_assert_int_eq(arrive(0, 1), 0);
    ck_assert_int_eq(arrive(2, 1), 0);
    ck_assert_int_eq(arrive(1, 1), 1);
}
END_TEST

START_TEST(channel_with_its_barrier_is_blocked_until_the_others_have_theirs)
{
    arrive(0, 1);
    ck_assert(weir__barriers_blocks(barriers, 0));
    ck_assert(!weir__barriers_blocks(barriers, 1));
    arrive(1, 1);
    arrive(2, 1);
    ck_assert(!weir__barriers_blocks(barriers, 0));
}
END_TEST

START_TEST(ended_channels_count_as_aligned)
{
    ck_assert_int_eq(weir__barriers_end(barriers, 1), 0);
    arrive(0, 1);
    ck_assert_int_eq(arrive(2, 1), 1);
    arrive(0, 2);
    ck_assert_int_eq(weir__barriers_end(barriers, 2), 2);
    ck_assert_int_eq(arrive(0, 3), 3);
}
END_TEST

START_TEST(higher_barrier_gives_up_the_pending_checkpoint)
{
    arrive(0, 1);
    ck_assert_int_eq(arrive(1, 2), 0);
    ck_assert(!weir__barriers_blocks(barriers, 0));
    ck_assert(weir__barriers_blocks(barriers, 1));
    ck_assert_int_eq(arrive(2, 1), 0); /* of the one that was given up */
    ck_assert_int_eq(arrive(0, 2), 0);
    ck_assert_int_eq(arrive(2, 2), 2);
}
END_TEST

START_TEST(barrier_of_a_finished_or_lower_checkpoint_is_ignored)
{
    for (size_t channel = 0; channel < 3; channel++) {
        arrive(channel, 5);
    }
    ck_assert_int_eq(arrive(0, 5), 0);
    ck_assert_int_eq(arrive(0, 4), 0);
    ck_assert(!weir__barriers_blocks(barriers, 0));
}
END_TEST

START_TEST(at_least_once_counts_and_blocks_nobody)
{
    struct weir__barriers *loose = weir__barriers_new(2, false);
    ck_assert_int_eq(weir__barriers_arrive(loose, 0, 1), 0);
    ck_assert(!weir__barriers_blocks(loose, 0));
    ck_assert_int_eq(weir__barriers_end(loose, 0), 0); /* it had arrived: counted once */
    ck_assert_int_eq(weir__barriers_arrive(loose, 1, 1), 1);
    weir__barriers_free(loose);
}
END_TEST

START_TEST(single_channel_is_aligned_at_once)
{
    struct weir__barriers *single = weir__barriers_new(1, true);
    ck_assert_int_eq(weir__barriers_arrive(single, 0, 7), 7);
    ck_assert(!weir__barriers_blocks(single, 0));
    weir__barriers_free(single);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("barriers");
    TCase *tcase = tcase_create("section 19");
    tcase_add_checked_fixture(tcase, setup_three, teardown);
    tcase_add_test(tcase, checkpoint_is_aligned_when_all_channels_have_brought_its_barrier);
    tcase_add_test(tcase, channel_with_its_barrier_is_blocked_until_the_others_have_theirs);
    tcase_add_test(tcase, ended_channels_count_as_aligned);
    tcase_add_test(tcase, higher_barrier_gives_up_the_pending_checkpoint);
    tcase_add_test(tcase, barrier_of_a_finished_or_lower_checkpoint_is_ignored);
    tcase_add_test(tcase, at_least_once_counts_and_blocks_nobody);
    tcase_add_test(tcase, single_channel_is_aligned_at_once);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
