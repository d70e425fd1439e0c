/*
 * Exactly-once against a real Kafka, the hard way: processes that are killed and stopped. What
 * comes out is compared, result by result, with what must.
 */
#include "kafka_job.h"
#include "random_cases.h"

enum { KILLS = 20, PER_SECOND = 6000 };

/* How often the job's lives said it. */
static int times_said(const struct kafka_job *job, const char *words)
{
    int count = 0;
    for (const char *at = kafka_job_says(job); (at = strstr(at, words)) != NULL; at++) {
        count++;
    }
    return count;
}

/* Until the job's lives have said it. */
static void wait_until_said(const struct kafka_job *job, const char *words, int times)
{
    while (times_said(job, words) < times) {
        (void)poll(NULL, 0, 20);
    }
}

/* Fault list, row 1 (kill -9 at any moment), with real processes and a real broker. */
START_TEST(killed_twenty_times_every_result_is_seen_exactly_once)
{
    struct kafka_job job;
    struct kafka_job_input input;
    struct weir__rand rand;
    if (real_kafka() == NULL) {
        return;
    }
    struct random_cases seeds = random_seeds("kills", 1);
    weir__rand_init(&rand, seeds.first);
    kafka_job_init(&job);
    kafka_job_input_init(&input, &job);
    for (int i = 0; i < KILLS; i++) {
        pid_t pid = kafka_job_start(&job, NULL);
        /* After 0.2 to 4.2 seconds. */
        kafka_job_put_paced(&input, &rand,
                            PER_SECOND / 5 + (int64_t)weir__rand_below(&rand, 4 * PER_SECOND),
                            PER_SECOND);
        /* However slow the machine: some of the lives go on from what another one has committed. */
        if (i == 0) {
            kafka_job_wait_for_commit(&job);
        } else if (i % 4 == 3) {
            wait_until_said(&job, "were committed last: going on from there", (i + 1) / 4);
        }
        ck_assert_int_eq(kill(pid, SIGKILL), 0);
        int status = kafka_job_wait(pid);
        ck_assert_msg(status == 128 + SIGKILL, "life %d ended by itself with %d:\n%s", i, status,
                      kafka_job_says(&job));
    }
    kafka_job_finish(&job, &input);
    kafka_job_check(&job, &input);
    /* It did not do all the work in its last life. */
    printf("# %d lives went on from a committed checkpoint\n",
           times_said(&job, "were committed last: going on from there"));
    ck_assert_int_ge(times_said(&job, "were committed last: going on from there"), KILLS / 4);
    ck_assert_int_ge(input.sequence, KILLS * PER_SECOND / 5);
    kafka_job_input_fini(&input);
    kafka_job_fini(&job);
}
END_TEST

/* Fault list, row 7: SIGSTOP, a second instance, SIGCONT. */
START_TEST(a_zombie_is_fenced_and_its_successor_doubles_nothing)
{
    struct kafka_job job;
    struct kafka_job_input input;
    struct weir__rand rand;
    if (real_kafka() == NULL) {
        return;
    }
    weir__rand_init(&rand, 7);
    kafka_job_init(&job);
    kafka_job_input_init(&input, &job);
    pid_t zombie = kafka_job_start(&job, NULL);
    kafka_job_put_paced(&input, &rand, 3 * PER_SECOND, PER_SECOND);
    kafka_job_wait_for_commit(&job); /* for its successor to go on from */
    ck_assert_int_eq(kill(zombie, SIGSTOP), 0);
    pid_t successor = kafka_job_start(&job, NULL);
    wait_until_said(&job, "were committed last: going on from there", 1);
    kafka_job_put_paced(&input, &rand, 2 * PER_SECOND, PER_SECOND);
    ck_assert_int_eq(kill(zombie, SIGCONT), 0);
    kafka_job_put_paced(&input, &rand, PER_SECOND, PER_SECOND);
    int status = kafka_job_wait(zombie);
    ck_assert_msg(status == 1, "the zombie ended with %d:\n%s", status, kafka_job_says(&job));
    const char *says = kafka_job_says(&job);
    ck_assert_msg(strstr(says, "another instance of this job has taken over") != NULL, "%s", says);
    ck_assert_msg(strstr(says, "Leave that one running") != NULL, "%s", says);
    ck_assert_msg(waitpid(successor, &status, WNOHANG) == 0, "the successor ended:\n%s", says);
    ck_assert_int_eq(kill(successor, SIGKILL), 0);
    (void)kafka_job_wait(successor);
    kafka_job_finish(&job, &input);
    kafka_job_check(&job, &input);
    kafka_job_input_fini(&input);
    kafka_job_fini(&job);
}
END_TEST

/* A job that is stopped by a signal has committed what it has read; it goes on from there. */
START_TEST(stopped_and_started_again_nothing_is_lost_or_doubled)
{
    struct kafka_job job;
    struct kafka_job_input input;
    struct weir__rand rand;
    if (real_kafka() == NULL) {
        return;
    }
    weir__rand_init(&rand, 11);
    kafka_job_init(&job);
    kafka_job_input_init(&input, &job);
    for (int i = 0; i < 3; i++) {
        pid_t pid = kafka_job_start(&job, NULL);
        kafka_job_put_paced(&input, &rand, PER_SECOND + PER_SECOND / 3, PER_SECOND);
        ck_assert_int_eq(kill(pid, SIGTERM), 0);
        int status = kafka_job_wait(pid);
        ck_assert_msg(status == 128 + SIGTERM, "it ended with %d:\n%s", status,
                      kafka_job_says(&job));
    }
    kafka_job_finish(&job, &input);
    kafka_job_check(&job, &input);
    kafka_job_input_fini(&input);
    kafka_job_fini(&job);
}
END_TEST

int main(int argc, char **argv)
{
    int status = kafka_job_main(argc, argv);
    if (status >= 0) {
        return status;
    }
    Suite *suite = suite_create("kafka exactly-once");
    TCase *kills = tcase_create("kills"); /* CK_RUN_CASE=instances leaves it out */
    TCase *tests = tcase_create("instances");
    tcase_add_test(kills, killed_twenty_times_every_result_is_seen_exactly_once);
    tcase_add_test(tests, a_zombie_is_fenced_and_its_successor_doubles_nothing);
    tcase_add_test(tests, stopped_and_started_again_nothing_is_lost_or_doubled);
    suite_add_tcase(suite, kills);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
