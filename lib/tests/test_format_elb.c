/*
 * The access-log format: the parts of a line, what is not there, quotes in the wild, and that every
 * line is an event or refused. WEIR_WEBLOG_ELB names a file of real lines to be tried too.
 */
#include "base/buf.h"
#include "base/rand.h"
#include "random_cases.h"

#include <clickstream/elb_request.h>
#include <weir/format.h>

#include <check.h>

#define HEAD                                                                                       \
    "2015-07-22T09:00:28.019143Z shop 123.242.248.130:54635 10.0.6.158:80 0.000022 0.026109 "      \
    "0.00002 200 200 0 699 "
#define TAIL " ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2"
#define CART "\"GET https://shop.example:443/cart HTTP/1.1\""

static weir_decoder *decoder;
static weir_encoder *encoder;
static struct weir_error error;
static struct elb_request request;

static void set_up(void)
{
    decoder = weir_decoder_new(weir_elb(&elb_request_type));
    encoder = weir_encoder_new(weir_elb(&elb_request_type));
    error = (struct weir_error){0};
}

static void tear_down(void)
{
    weir_decoder_free(decoder);
    weir_encoder_free(encoder);
}

static enum weir_status read(const char *line)
{
    return weir_decoder_decode(decoder, line, strlen(line), &request, &error);
}

START_TEST(line_fills_the_struct)
{
    ck_assert_int_eq(read(HEAD CART " \"Mozilla/5.0 (X11)\"" TAIL), WEIR_OK);
    ck_assert_int_eq(request.timestamp, 1437555628019);
    ck_assert_int_eq(request.micros, 1437555628019143);
    ck_assert(weir_str_equals(request.elb, "shop"));
    ck_assert(weir_str_equals(request.client_ip, "123.242.248.130"));
    ck_assert_int_eq(request.client_port, 54635);
    ck_assert(weir_str_equals(request.backend_ip, "10.0.6.158"));
    ck_assert_int_eq(request.backend_port, 80);
    ck_assert_double_eq(request.request_time, 0.000022);
    ck_assert_double_eq(request.backend_time, 0.026109);
    ck_assert_double_eq(request.response_time, 0.00002);
    ck_assert_int_eq(request.elb_status, 200);
    ck_assert_int_eq(request.backend_status, 200);
    ck_assert_int_eq(request.received_bytes, 0);
    ck_assert_int_eq(request.sent_bytes, 699);
    ck_assert(weir_str_equals(request.method, "GET"));
    ck_assert(weir_str_equals(request.url, "https://shop.example:443/cart"));
    ck_assert(weir_str_equals(request.protocol, "HTTP/1.1"));
    ck_assert(weir_str_equals(request.user_agent, "Mozilla/5.0 (X11)"));
    ck_assert(weir_str_equals(request.ssl_cipher, "ECDHE-RSA-AES128-GCM-SHA256"));
    ck_assert(weir_str_equals(request.ssl_protocol, "TLSv1.2"));
}
END_TEST

START_TEST(failed_request_has_no_backend_and_times_of_minus_one)
{
    ck_assert_int_eq(
        read("2015-07-22T09:00:28.019143Z shop 1.2.3.4:5 - -1 -1 -1 504 0 0 0 " CART " \"-\" - -"),
        WEIR_OK);
    ck_assert(weir_str_is_null(request.backend_ip) && request.backend_port == 0);
    ck_assert_double_eq(request.backend_time, -1);
    ck_assert_int_eq(request.elb_status, 504);
    ck_assert(weir_str_is_null(request.user_agent) && weir_str_is_null(request.ssl_cipher));
}
END_TEST

START_TEST(connection_that_is_not_http_has_no_request)
{
    ck_assert_int_eq(read(HEAD "\"- - - \" \"-\"" TAIL), WEIR_OK);
    ck_assert(weir_str_is_null(request.method) && weir_str_is_null(request.url) &&
              weir_str_is_null(request.protocol));
}
END_TEST

/* ---- quotes in the wild ---- */

START_TEST(quotes_inside_stay)
{
    ck_assert_int_eq(read(HEAD "\"GET http://a/?q=\"x\" HTTP/1.1\" \"\"Mozilla/5.0 \"odd\"\"" TAIL),
                     WEIR_OK);
    ck_assert(weir_str_equals(request.url, "http://a/?q=\"x\""));
    ck_assert(weir_str_equals(request.user_agent, "\"Mozilla/5.0 \"odd\""));
}
END_TEST

START_TEST(quote_space_quote_in_the_agent_is_told_by_the_protocol)
{
    ck_assert_int_eq(read(HEAD CART " \"Agent \"a\" \"b\"\"" TAIL), WEIR_OK);
    ck_assert(weir_str_equals(request.user_agent, "Agent \"a\" \"b\""));
}
END_TEST

START_TEST(address_may_have_spaces)
{
    ck_assert_int_eq(read(HEAD "\"GET http://a/b c d HTTP/1.0\" \"\"" TAIL), WEIR_OK);
    ck_assert(weir_str_equals(request.url, "http://a/b c d"));
    ck_assert(weir_str_equals(request.user_agent, ""));
}
END_TEST

static const struct refusal {
    const char *line;
    const char *where;
    const char *expected;
} refusals[] = {
    {"", "column 1", "expected a time such as"},
    {"2015-02-29T00:00:00Z shop", "column 1", "expected a time such as"},
    {"2015-07-22T09:00:28.019143Z shop nowhere - -1 -1 -1 504 0 0 0 " CART " \"-\" - -",
     "column 34", "expected the client as address:port"},
    {"2015-07-22T09:00:28.019143Z shop 1.2.3.4:5 - -1 -1 -1 504 0 0", "column 61",
     "expected three times, two status codes and two sizes"},
    {HEAD CART " \"Mozilla\"", "column ", "expected a cipher and a protocol at the end"},
    {HEAD CART TAIL, "column ", "expected one place where the request ends"},
    {HEAD "\"GET\" \"Mozilla\"" TAIL, "column ", "expected a request of method"},
    {HEAD "\"GET /a\" \"b\" \"c\"" TAIL, "column ", "expected one place where the request ends"},
    {HEAD "GET http://a HTTP/1.1 Mozilla" TAIL, "column ", "expected request and user agent"},
    {"2015-07-22T09:00:28.019143Z shop 1.2.3.4:x - -1 -1 -1 504 0 0 0 " CART " \"-\" - -",
     "column 42", "field \"clientPort\": expected an integer"},
    {HEAD CART " \"\xff\"" TAIL, "column ", "expected UTF-8 text"},
};

START_TEST(line_that_cannot_be_read_is_refused_with_its_place)
{
    const struct refusal *refusal = &refusals[_i];
    ck_assert_int_ne(read(refusal->line), WEIR_OK);
    ck_assert_msg(strstr(error.message, refusal->expected) != NULL, "%s", error.message);
    ck_assert_msg(strstr(error.where, refusal->where) != NULL, "%s", error.where);
    ck_assert(request.timestamp == 0 && weir_str_is_null(request.elb));
}
END_TEST

START_TEST(what_is_written_is_read_again)
{
    const char *line = HEAD CART " \"Mozilla \"5.0\"\"" TAIL;
    ck_assert_int_eq(read(line), WEIR_OK);
    struct weir_str text = weir_encoder_encode(encoder, &request);
    ck_assert_uint_eq(text.len, strlen(line));
    ck_assert_mem_eq(text.data, line, text.len);
    line = "2015-07-22T09:00:28.000000Z shop 1.2.3.4:5 - -1 -1 -1 504 0 0 0 \"- - -\" \"-\" - -";
    ck_assert_int_eq(read(line), WEIR_OK);
    text = weir_encoder_encode(encoder, &request);
    ck_assert_mem_eq(text.data, line, text.len);
}
END_TEST

/* ---- damage ---- */

START_TEST(damaged_lines_are_read_or_refused)
{
    static const char *const lines[] = {HEAD CART " \"Mozilla/5.0\"" TAIL,
                                        HEAD "\"- - - \" \"-\" - -"};
    static const char alphabet[] = "\"\" -:1Z.\xc3\xff\x1b";
    struct random_cases cases = random_cases("lines", 5000);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct weir__rand rand;
        struct weir__buf line = {0};
        weir__rand_init(&rand, seed);
        const char *from = lines[weir__rand_below(&rand, 2)];
        weir__buf_put(&line, from, strlen(from));
        for (uint64_t n = 1 + weir__rand_below(&rand, 6); n > 0; n--) {
            line.data[weir__rand_below(&rand, line.len)] =
                alphabet[weir__rand_below(&rand, sizeof alphabet - 1)];
        }
        line.len -= weir__rand_below(&rand, 4) == 0 ? weir__rand_below(&rand, line.len) : 0;
        char *exact = malloc(line.len + 1); /* a read past the end is seen */
        char *end = memcpy(exact, line.data, line.len);
        exact = realloc(end, line.len > 0 ? line.len : 1);
        error = (struct weir_error){0};
        if (weir_decoder_decode(decoder, exact, line.len, &request, &error) != WEIR_OK) {
            ck_assert_str_ne(error.message, "");
            ck_assert_ptr_null(strpbrk(error.message, "\x1b"));
        }
        free(exact);
        weir__buf_fini(&line);
    }
}
END_TEST

START_TEST(every_line_of_a_real_log_is_an_event_or_refused)
{
    const char *path = getenv("WEIR_WEBLOG_ELB");
    char line[8192];
    int lines = 0;
    int events = 0;
    FILE *file = path != NULL && *path != '\0' ? fopen(path, "r") : NULL;
    if (file == NULL) {
        puts("WEIR_WEBLOG_ELB names no file: not tried");
        return;
    }
    for (; fgets(line, sizeof line, file) != NULL; lines++) {
        line[strcspn(line, "\n")] = '\0';
        if (read(line) == WEIR_OK) {
            struct weir_str text = weir_encoder_encode(encoder, &request);
            ck_assert_msg(text.len == strlen(line) && memcmp(text.data, line, text.len) == 0,
                          "%s\n%.*s", line, WEIR_STR_ARG(text));
            events++;
        } else {
            printf("line %d: %s: %s\n", lines + 1, error.where, error.message);
        }
    }
    fclose(file);
    printf("%d lines, %d events, %d refused\n", lines, events, lines - events);
    ck_assert_int_gt(events, lines / 2);
}
END_TEST

START_TEST(type_with_another_field_is_refused_when_checked)
{
    static const struct weir_field fields[] = {
        {"colour", "colour", WEIR_KIND_STRING, false, 0, NULL}};
    static const struct weir_type type = {
        "other", WEIR_KIND_STRUCT, sizeof(struct weir_str), fields, 1, NULL};
    ck_assert_int_eq(weir_format_check(weir_elb(&type), &error), WEIR_MISMATCH);
    ck_assert_int_eq(weir_format_check(weir_elb(&elb_request_type), &error), WEIR_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format elb");
    TCase *tests = tcase_create("elb");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, line_fills_the_struct);
    tcase_add_test(tests, failed_request_has_no_backend_and_times_of_minus_one);
    tcase_add_test(tests, connection_that_is_not_http_has_no_request);
    tcase_add_test(tests, quotes_inside_stay);
    tcase_add_test(tests, quote_space_quote_in_the_agent_is_told_by_the_protocol);
    tcase_add_test(tests, address_may_have_spaces);
    tcase_add_loop_test(tests, line_that_cannot_be_read_is_refused_with_its_place, 0,
                        sizeof(refusals) / sizeof(refusals[0]));
    tcase_add_test(tests, what_is_written_is_read_again);
    tcase_add_test(tests, damaged_lines_are_read_or_refused);
    tcase_add_test(tests, every_line_of_a_real_log_is_an_event_or_refused);
    tcase_add_test(tests, type_with_another_field_is_refused_when_checked);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
