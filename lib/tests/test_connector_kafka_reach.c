/*
 * Who is waited for, and how long, when a client looks for a broker.
 */
#include "base/log.h"
#include "connector/kafka_reach.h"
#include "connector/mock_broker.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int listener; /* takes connections, and says nothing */
static char address[40];
static pid_t broker;
static int told; /* how often it was said that somebody is waited for */

static void start_listening(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof any;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&any, size), 0);
    ck_assert_int_eq(listen(listener, 16), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&any, &size), 0);
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)ntohs(any.sin_port));
}

static void stop_listening(void)
{
    close(listener);
}

/* A broker in a process of its own, which says where it is and waits for its end. */
static void be_a_broker(int say)
{
    struct weir__mock_broker *mock = NULL;
    struct weir_error error;
    if (weir__mock_broker_start(0, &mock, &error) == WEIR_OK) {
        const char *at = weir__mock_broker_address(mock);
        ssize_t written = write(say, at, strlen(at) + 1);
        (void)written;
    }
    for (;;) {
        pause();
    }
}

/* Stopped, it still listens: the kernel takes connections for it. */
static void start_stopped_broker(void)
{
    int ends[2];
    int status = 0;
    ck_assert_int_eq(pipe(ends), 0);
    broker = fork();
    ck_assert_int_ge(broker, 0);
    if (broker == 0) {
        be_a_broker(ends[1]);
    }
    ck_assert(read(ends[0], address, sizeof address) > 0);
    ck_assert_int_eq(kill(broker, SIGSTOP), 0);
    ck_assert_int_eq(waitpid(broker, &status, WUNTRACED), broker);
    ck_assert(WIFSTOPPED(status));
}

static void kill_broker(void)
{
    ck_assert_int_eq(kill(broker, SIGKILL), 0);
    ck_assert_int_eq(waitpid(broker, NULL, 0), broker);
}

static enum weir_status reach(const char *brokers, int patience_ms, struct weir_error *error)
{
    const struct weir__kafka_setting none[] = {{NULL, NULL}};
    const struct rd_kafka_metadata *metadata = NULL;
    struct weir__kafka_client client;
    *error = (struct weir_error){0};
    weir__kafka_client_init(&client, brokers);
    enum weir_status status =
        weir__kafka_client_open(&client, RD_KAFKA_PRODUCER, none, NULL, NULL, NULL, error);
    ck_assert_msg(status == WEIR_OK, "%s", error->message);
    status = weir__kafka_reach(&client, NULL, patience_ms, &metadata, error);
    if (status == WEIR_OK) {
        rd_kafka_metadata_destroy(metadata);
    }
    weir__kafka_client_fini(&client);
    return status;
}

static void let_it_go_on(enum weir__log_level level, const char *line, void *user)
{
    (void)level;
    (void)user;
    if (strstr(line, "has not answered yet") != NULL) {
        told++;
        kill(broker, SIGCONT);
    }
}

START_TEST(broker_that_listens_and_is_slow_is_waited_for)
{
    struct weir_error error;
    start_stopped_broker();
    weir__log_set_writer(let_it_go_on, NULL);
    enum weir_status status = reach(address, WEIR__KAFKA_PATIENCE_MS, &error);
    weir__log_set_writer(NULL, NULL);
    ck_assert_msg(status == WEIR_OK, "%s", error.message);
    ck_assert_int_eq(told, 1);
    kill_broker();
}
END_TEST

START_TEST(listener_that_never_answers_is_told_as_such)
{
    struct weir_error error;
    ck_assert_int_eq(reach(address, 100, &error), WEIR_UNAVAILABLE);
    ck_assert(error.retriable);
    ck_assert_ptr_nonnull(strstr(error.message, address));
    ck_assert_ptr_nonnull(strstr(error.message, "something listens there"));
    ck_assert_ptr_nonnull(strstr(error.message, "security.protocol"));
    ck_assert_ptr_nonnull(strstr(error.message, "KAFKA_BROKERS")); /* the text was not cut */
}
END_TEST

START_TEST(nobody_who_listens_is_told_with_how_to_start_one)
{
    struct weir_error error;
    ck_assert_int_eq(reach("127.0.0.1:1", 100, &error), WEIR_UNAVAILABLE);
    ck_assert(error.retriable);
    ck_assert_ptr_nonnull(strstr(error.message, "build/bin/weir broker"));
    ck_assert_ptr_null(strstr(error.message, "something listens"));
}
END_TEST

START_TEST(one_of_several_addresses_is_enough_however_it_is_written)
{
    char brokers[120];
    ck_assert(!weir__kafka_listens("127.0.0.1:1"));
    ck_assert(!weir__kafka_listens(""));
    ck_assert(weir__kafka_listens(address));
    snprintf(brokers, sizeof brokers, "127.0.0.1:1, PLAINTEXT://%s", address);
    ck_assert(weir__kafka_listens(brokers));
    snprintf(brokers, sizeof brokers, "SSL://[::ffff:127.0.0.1]%s", strrchr(address, ':'));
    ck_assert(weir__kafka_listens(brokers));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connector kafka reach");
    TCase *tests = tcase_create("connector kafka reach");
    tcase_add_checked_fixture(tests, start_listening, stop_listening);
    tcase_add_test(tests, broker_that_listens_and_is_slow_is_waited_for);
    tcase_add_test(tests, listener_that_never_answers_is_told_as_such);
    tcase_add_test(tests, nobody_who_listens_is_told_with_how_to_start_one);
    tcase_add_test(tests, one_of_several_addresses_is_enough_however_it_is_written);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
