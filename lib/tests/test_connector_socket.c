/*
 * The socket source: lines, bad lines, a server that comes late, goes, and comes back.
 */
#include "source_output.h"

#include <weir/connectors.h>

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define POINT_FIELDS(F, T)                                                                         \
    F(T, string, name, "name", required)                                                           \
    F(T, int64, x, "x", required)
WEIR_DECLARE_TYPE(point, POINT_FIELDS);
WEIR_DEFINE_TYPE(point, POINT_FIELDS);

static int listener = -1;
static int port;
static struct weir_manual_clock the_clock;
static weir_source *source;
static weir_source_output out;
static struct source_reader reader;

static void listen_on(int wanted)
{
    int yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)wanted)};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(listener, 4), 0);
    getsockname(listener, (struct sockaddr *)&address, &size);
    port = ntohs(address.sin_port);
}

static void open_source(struct weir_format format, bool once)
{
    struct weir_source_context context = {.parallelism = 1, .clock = &the_clock.clock};
    source = weir_socket_source(
        &(struct weir_socket_source_config){.port = port, .format = format, .once = once});
    out = (weir_source_output){.type = format.type};
    reader = source_reader_open(source, &context);
    ck_assert_str_eq(reader.error.message, "");
}

static void set_up(void)
{
    weir_manual_clock_init(&the_clock, 1000);
    listen_on(0);
}

static void tear_down(void)
{
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
    close(listener);
}

/* Polls until a connection has come. */
static int accept_source(void)
{
    struct pollfd ready = {.fd = listener, .events = POLLIN};
    while (poll(&ready, 1, 1) == 0) {
        ck_assert_int_eq(source_reader_poll(&reader, &out, 10), WEIR_POLL_NOTHING);
    }
    int fd = accept(listener, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void say(int fd, const char *text)
{
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static enum weir_poll poll_until(int64_t events, int64_t dead_letters)
{
    enum weir_poll last = WEIR_POLL_NOTHING;
    while ((out.events < events || out.dead_letters < dead_letters) && last != WEIR_POLL_END) {
        last = source_reader_poll(&reader, &out, 10);
        ck_assert_int_ne(last, WEIR_POLL_FAILED);
    }
    return last;
}

static enum weir_poll poll_until_end(void)
{
    enum weir_poll last;
    do {
        last = source_reader_poll(&reader, &out, 10);
    } while (last == WEIR_POLL_MORE || last == WEIR_POLL_NOTHING);
    return last;
}

/* Polls until the other side is known to have gone. */
static void poll_until_disconnected(void)
{
    while (out.counted == 0) {
        ck_assert_int_ne(source_reader_poll(&reader, &out, 10), WEIR_POLL_FAILED);
    }
}

START_TEST(lines_come_in_order)
{
    open_source(weir_text(), true);
    int fd = accept_source();
    say(fd, "one\ntw");
    poll_until(1, 0);
    say(fd, "o\nthree\n");
    close(fd);
    ck_assert_int_eq(poll_until_end(), WEIR_POLL_END);
    ck_assert_str_eq(out.log.data, "+0 0:\"one\" 0:\"two\" 0:\"three\" -0 ");
}
END_TEST

START_TEST(bad_line_is_a_dead_letter_with_its_number)
{
    open_source(weir_json(&point_type), true);
    int fd = accept_source();
    say(fd, "{\"name\":\"a\",\"x\":1}\nnonsense\n{\"name\":\"b\",\"x\":2}\n");
    poll_until(2, 1);
    ck_assert_str_eq(out.log.data, "+0 0:{\"name\":\"a\",\"x\":1} 0!2 0:{\"name\":\"b\",\"x\":2} ");
    ck_assert_ptr_nonnull(strstr(out.last_reason.where, "line 2, column 1"));
    close(fd);
}
END_TEST

START_TEST(server_that_comes_back_is_found_again)
{
    open_source(weir_text(), false);
    int fd = accept_source();
    say(fd, "one\n");
    poll_until(1, 0);
    close(fd);
    poll_until_disconnected();
    weir_manual_clock_set(&the_clock, 1100);
    fd = accept_source();
    say(fd, "two\n");
    poll_until(2, 0);
    ck_assert_str_eq(out.log.data, "+0 0:\"one\" 0:\"two\" ");
    close(fd);
}
END_TEST

START_TEST(after_each_failure_it_waits_twice_as_long)
{
    int64_t now = 1000;
    int attempts = 0;
    close(listener); /* nobody there: each attempt fails at once */
    open_source(weir_text(), false);
    for (int64_t wait = 0; attempts < 4; attempts++) {
        struct pollfd ready;
        (void)source_reader_poll(&reader, &out, 10);
        (void)source_reader_poll(&reader, &out, 10);
        wait = wait == 0 ? 100 : 2 * wait;
        /* a server that is there a moment too early is not found yet … */
        listen_on(port);
        weir_manual_clock_set(&the_clock, now + wait - 1);
        (void)source_reader_poll(&reader, &out, 10);
        ready = (struct pollfd){.fd = listener, .events = POLLIN};
        ck_assert_int_eq(poll(&ready, 1, 0), 0);
        close(listener);
        now += wait;
        weir_manual_clock_set(&the_clock, now);
    }
    listen_on(port);
    int fd = accept_source(); /* … but one that stays is */
    close(fd);
}
END_TEST

START_TEST(unknown_host_is_refused)
{
    struct weir_source_context context = {.parallelism = 1, .clock = &the_clock.clock};
    source = weir_socket_source(&(struct weir_socket_source_config){
        .host = "no such host", .port = port, .format = weir_text()});
    out = (weir_source_output){.type = &weir_string_type};
    reader = source_reader_open(source, &context);
    ck_assert_int_eq(reader.error.code, WEIR_NOT_FOUND);
    ck_assert_str_eq(reader.error.where, "no such host");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connector socket");
    TCase *tests = tcase_create("socket");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, lines_come_in_order);
    tcase_add_test(tests, bad_line_is_a_dead_letter_with_its_number);
    tcase_add_test(tests, server_that_comes_back_is_found_again);
    tcase_add_test(tests, after_each_failure_it_waits_twice_as_long);
    tcase_add_test(tests, unknown_host_is_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
