/*
 * Lesson 1's first program reads from a socket: this test is the server that it reads from.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Listens on a free port of this machine. */
static int listen_somewhere(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(server, 0);
    ck_assert_int_eq(bind(server, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(server, 1), 0);
    ck_assert_int_eq(getsockname(server, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return server;
}

START_TEST(lines_of_a_server_become_words_until_it_closes)
{
    static const char lines[] = "https://shop.example/a/b\nhttps://blog.example/c\n"
                                "https://shop.example/d\n";
    char command[128];
    char output[1024];
    int port;
    int server = listen_somewhere(&port);
    snprintf(command, sizeof command, "build/bin/first-stream --port %d", port);
    FILE *program = popen(command, "r");
    ck_assert_ptr_nonnull(program);
    int client = accept(server, NULL, NULL);
    ck_assert_int_ge(client, 0);
    ck_assert_int_eq(write(client, lines, sizeof lines - 1), (ssize_t)sizeof lines - 1);
    close(client);
    close(server);
    size_t len = fread(output, 1, sizeof output - 1, program);
    output[len] = '\0';
    ck_assert_int_eq(pclose(program), 0);
    ck_assert_str_eq(output, "\"a\"\n\"b\"\n\"d\"\n\n3 URLs in, 2 of the shop, 3 words out\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lesson socket");
    TCase *tests = tcase_create("lesson socket");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, lines_of_a_server_become_words_until_it_closes);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
