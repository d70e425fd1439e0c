/*
 * A job whose broker goes away: while it runs, while it commits, and for good. The broker is one of
 * the test's own, which tools/kafka starts and stops.
 */
#include "kafka_job.h"
#include "random_cases.h"

enum { PER_SECOND = 5000, OUTAGES = 3 };

static char data[64];

/* Runs tools/kafka; its answer, a line at most, or a failure. */
static void run_kafka(const char *arguments, char *answer, size_t size)
{
    char command[160];
    snprintf(command, sizeof command, "tools/kafka %s --data %s", arguments, data);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    size_t len = fread(answer, 1, size - 1, pipe);
    answer[len] = '\0';
    answer[strcspn(answer, "\n")] = '\0';
    ck_assert_msg(pclose(pipe) == 0, "%s: failed", command);
}

static void start_broker(void)
{
    char address[80];
    if (real_kafka() == NULL) { /* there is no Java either */
        return;
    }
    snprintf(data, sizeof data, "build/kafka-outage-%ld", (long)getpid());
    run_kafka("up --port 0", address, sizeof address);
    ck_assert_int_eq(setenv("WEIR_TEST_KAFKA", address, 1), 0);
}

static void stop_broker(void)
{
    char ignored[80];
    if (data[0] != '\0') {
        run_kafka("down --purge", ignored, sizeof ignored);
    }
}

static void restart_broker(void)
{
    char address[80];
    run_kafka("up --port 0", address, sizeof address); /* at the same port, with what it had */
    ck_assert_str_eq(address, getenv("WEIR_TEST_KAFKA"));
}

static pid_t broker_pid(void)
{
    char path[80];
    int pid = 0;
    snprintf(path, sizeof path, "%s/pid", data);
    FILE *file = fopen(path, "r");
    ck_assert(file != NULL && fscanf(file, "%d", &pid) == 1);
    fclose(file);
    return pid;
}

/* kill -9: what is on its way is lost, and nobody is told. */
static void kill_broker(void)
{
    pid_t pid = broker_pid();
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    while (kill(pid, 0) == 0) {
        (void)poll(NULL, 0, 10);
    }
}

/* Fault list, rows 5 and 8: with ten checkpoints a second there is nearly always a commit on its
 * way. */
START_TEST(broker_dies_while_results_are_committed_and_comes_back)
{
    struct kafka_job job;
    struct kafka_job_input input;
    struct weir__rand rand;
    char ignored[80];
    if (real_kafka() == NULL) {
        return;
    }
    struct random_cases seeds = random_seeds("outages", 1);
    weir__rand_init(&rand, seeds.first);
    kafka_job_init(&job);
    kafka_job_input_init(&input, &job);
    pid_t pid = kafka_job_start(&job, (const char *[]){"--checkpoint-interval", "100ms", NULL});
    kafka_job_wait_for_commit(&job);
    for (int i = 0; i < OUTAGES; i++) {
        kafka_job_put_paced(&input, &rand,
                            PER_SECOND + (int64_t)weir__rand_below(&rand, PER_SECOND), PER_SECOND);
        kafka_job_flush(&input);
        if (i % 2 == 0) {
            kill_broker();
        } else {
            run_kafka("down", ignored, sizeof ignored);
        }
        restart_broker();
    }
    kafka_job_put_paced(&input, &rand, PER_SECOND, PER_SECOND);
    int status = 0;
    ck_assert_msg(waitpid(pid, &status, WNOHANG) == 0, "the job has ended:\n%s",
                  kafka_job_says(&job));
    ck_assert_int_eq(kill(pid, SIGTERM), 0);
    ck_assert_int_eq(kafka_job_wait(pid), 128 + SIGTERM);
    kafka_job_finish(&job, &input);
    kafka_job_check(&job, &input);
    kafka_job_input_fini(&input);
    kafka_job_fini(&job);
}
END_TEST

/* Fault list, row 5: bounded, in words, and the next start finds out what became of the last
 * commit. */
START_TEST(broker_that_stays_away_ends_the_job_with_a_message)
{
    struct kafka_job job;
    struct kafka_job_input input;
    struct weir__rand rand;
    if (real_kafka() == NULL) {
        return;
    }
    weir__rand_init(&rand, 5);
    kafka_job_init(&job);
    kafka_job_input_init(&input, &job);
    pid_t pid = kafka_job_start(&job, (const char *[]){"--restart", "none", NULL});
    kafka_job_put_paced(&input, &rand, 3 * PER_SECOND, PER_SECOND);
    kafka_job_flush(&input);
    kill_broker();
    int status = kafka_job_wait(pid); /* about half a minute: it tries for twenty seconds */
    const char *says = kafka_job_says(&job);
    ck_assert_msg(status == 1, "it ended with %d:\n%s", status, says);
    ck_assert_msg(strstr(says, "the next start") != NULL, "%s", says);
    restart_broker();
    kafka_job_finish(&job, &input);
    kafka_job_check(&job, &input);
    kafka_job_input_fini(&input);
    kafka_job_fini(&job);
}
END_TEST

/* Fault list, row 5, at the start. */
START_TEST(broker_that_is_not_there_at_the_start_is_named)
{
    struct kafka_job job;
    if (real_kafka() == NULL) {
        return;
    }
    kafka_job_init(&job);
    kill_broker();
    int status = kafka_job_wait(kafka_job_start(&job, NULL));
    const char *says = kafka_job_says(&job);
    ck_assert_msg(status == 1, "it ended with %d:\n%s", status, says);
    ck_assert_msg(strstr(says, "no Kafka broker answered at") != NULL, "%s", says);
    ck_assert_msg(strstr(says, "tools/kafka up") != NULL, "%s", says);
    restart_broker(); /* so that it can be stopped */
    kafka_job_fini(&job);
}
END_TEST

int main(int argc, char **argv)
{
    int status = kafka_job_main(argc, argv);
    if (status >= 0) {
        return status;
    }
    Suite *suite = suite_create("kafka outage");
    TCase *tests = tcase_create("kafka outage");
    tcase_add_unchecked_fixture(tests, start_broker, stop_broker);
    tcase_add_test(tests, broker_dies_while_results_are_committed_and_comes_back);
    tcase_add_test(tests, broker_that_stays_away_ends_the_job_with_a_message);
    tcase_add_test(tests, broker_that_is_not_there_at_the_start_is_named);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
