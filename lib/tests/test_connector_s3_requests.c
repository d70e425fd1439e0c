/*
 * The file sink's requests to S3: trouble that passes and trouble that lasts, where they go by
 * which settings, and the XML of the answers.
 */
#include <stdio.h>

#if !defined(WEIR_HAVE_LIBCURL) || !defined(WEIR_HAVE_LIBCRYPTO)
int main(void)
{
    puts("# SKIP libcurl or libcrypto is not installed");
    return 0;
}
#else

#include "connector/s3_request.h"
#include "connector/s3_xml.h"
#include "s3_bucket.inc"

/* ---- trouble that passes ---- */

START_TEST(passing_trouble_at_any_request_is_tried_again)
{
    static const enum trouble passing[] = {INTERNAL_ERROR, SLOW_DOWN,   TOO_MANY,  NO_ANSWER,
                                           LOST_ANSWER,    HALF_ANSWER, LATE_ERROR};
    int requests = requests_of_job();
    for (size_t t = 0; t < sizeof passing / sizeof passing[0]; t++) {
        for (int i = 1; i <= requests; i++) {
            struct job job = {.from = 1};
            s3_clear(&s3);
            make_job(3);
            s3_trouble(&s3, passing[t], i, 2);
            OK(live(&job));
            expect_objects(whole_job);
            ck_assert_uint_le(s3_open_uploads(&s3), 2); /* begun, and the answer lost */
            weir__free((char *)job.state.data);
            end_life();
        }
    }
    ck_assert_ptr_nonnull(strstr(log_text, "trying again"));
}
END_TEST

START_TEST(silence_ends_with_the_time_out)
{
    struct job job = {.from = 1};
    make_sink_on((struct weir_file_sink_config){.bucket = "", .max_part_bytes = 5 * LINE},
                 (struct weir_s3_config){.timeout_ms = 300, .attempts = 100});
    s3_trouble(&s3, SILENCE, 5, 1);
    OK(live(&job));
    expect_objects(whole_job);
    weir__free((char *)job.state.data);
}
END_TEST

START_TEST(lasting_trouble_is_told_with_what_to_do)
{
    make_sink_on((struct weir_file_sink_config){0}, (struct weir_s3_config){.attempts = 3});
    s3_trouble(&s3, SLOW_DOWN, 1, 1000000);
    ck_assert_int_eq(start_of(0), WEIR_UNAVAILABLE);
    ck_assert(error.retriable);
    ck_assert_ptr_nonnull(strstr(error.message, "tried 3 times"));
    ck_assert_ptr_nonnull(strstr(error.message, "fewer requests"));
    ck_assert_ptr_null(strstr(error.message, "endpoint")); /* somebody is there */
    ck_assert_int_eq(s3_requests(&s3), 3);
}
END_TEST

START_TEST(a_wrong_secret_is_told_at_once)
{
    make_sink((struct weir_file_sink_config){0});
    s3_trouble(&s3, FORBIDDEN, 1, 1000000);
    ck_assert_int_eq(start_of(0), WEIR_INVALID);
    ck_assert_ptr_nonnull(strstr(error.message, "AWS_SECRET_ACCESS_KEY"));
    ck_assert_int_eq(s3_requests(&s3), 1);
}
END_TEST

START_TEST(nobody_there_is_told_with_the_endpoint)
{
    /* A port that is nobody else's, and at which nobody listens. */
    char nowhere[64];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int bound = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(bound, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(getsockname(bound, (struct sockaddr *)&address, &size), 0);
    snprintf(nowhere, sizeof nowhere, "http://127.0.0.1:%d", ntohs(address.sin_port));
    make_sink_on((struct weir_file_sink_config){0},
                 (struct weir_s3_config){.endpoint = nowhere, .attempts = 2});
    ck_assert_int_eq(start_of(0), WEIR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(error.message, nowhere));
    ck_assert_ptr_nonnull(strstr(error.message, "AWS_ENDPOINT_URL"));
    close(bound);
}
END_TEST

/* ---- settings ---- */

static void refuse(const char *path, struct weir_s3_config place, const char *words)
{
    make_sink_on((struct weir_file_sink_config){.path = path}, place);
    ck_assert_int_eq(start_of(0), WEIR_INVALID);
    ck_assert_msg(strstr(error.message, words) != NULL, "%s", error.message);
}

START_TEST(wrong_settings_are_refused_in_words)
{
    refuse("s3://", (struct weir_s3_config){0}, "s3://BUCKET/PREFIX");
    refuse("s3://No_Bucket/x", (struct weir_s3_config){0}, "lower-case");
    refuse("s3://lake", (struct weir_s3_config){.endpoint = "localhost:9000"}, "http://");
    refuse("s3://lake", (struct weir_s3_config){.endpoint = "ftp://a"}, "http://");
    refuse("s3://lake", (struct weir_s3_config){.part_bytes = PART - 1}, "parts of");
    refuse("s3://lake", (struct weir_s3_config){.attempts = -1}, "attempts");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    refuse("s3://lake", (struct weir_s3_config){0}, "AWS_SECRET_ACCESS_KEY");
}
END_TEST

START_TEST(settings_come_from_properties_and_environment)
{
    const char *const properties[] = {"client.id=x", endpoint, "s3.access-key=learner", NULL};
    char property[80];
    snprintf(property, sizeof property, "s3.endpoint=%s", endpoint);
    const char *const given[] = {properties[0], property, properties[2], NULL};
    struct weir_file_sink_config config = {.path = "s3://lake/x", .format = weir_json(&point_type)};
    struct weir_sink_context context = {
        .type = &point_type, .clock = &now.clock, .properties = given};
    setenv("AWS_ACCESS_KEY_ID", "somebody else", 1);
    setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1", 1);
    sink = weir_file_sink(&config);
    writers[0] = sink->ops->writer_new(sink->config);
    OK(sink->ops->open(writers[0], &context, &error));
}
END_TEST

START_TEST(a_session_token_is_shown_and_signed)
{
    s3.token = "for-an-hour";
    make_sink_on((struct weir_file_sink_config){.bucket = "", .roll_on_checkpoint = true},
                 (struct weir_s3_config){.session_token = "for-an-hour"});
    start();
    put(1, 3);
    checkpoint(1); /* the end of the test looks for complaints */
    expect_objects("a=b/part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} \n");
}
END_TEST

static void expect_base(struct weir_s3_config given, const char *expected)
{
    struct weir__s3_settings settings;
    OK(weir__s3_settings_read(&settings, &given, &(struct weir__s3_tuning){0}, "lake", NULL,
                              &error));
    ck_assert_str_eq(settings.base, expected);
    weir__s3_settings_fini(&settings);
}

START_TEST(buckets_are_paths_of_an_endpoint_and_hosts_of_amazon)
{
    expect_base((struct weir_s3_config){.region = "eu-central-1"},
                "https://lake.s3.eu-central-1.amazonaws.com");
    expect_base((struct weir_s3_config){.style = WEIR_S3_STYLE_PATH},
                "https://s3.us-east-1.amazonaws.com/lake");
    expect_base((struct weir_s3_config){.endpoint = "http://127.0.0.1:9000/"},
                "http://127.0.0.1:9000/lake");
    expect_base(
        (struct weir_s3_config){.endpoint = "http://minio:9000", .style = WEIR_S3_STYLE_HOST},
        "http://lake.minio:9000");
}
END_TEST

/* ---- XML ---- */

static struct weir_str of(const char *text)
{
    return weir_str_from(text);
}

START_TEST(elements_are_found_by_their_whole_name)
{
    struct weir_str rest;
    struct weir_str text = of("<List><Keys>1</Keys><Key a=\"b\">2</Key><Key/><Key>3</Key></List>");
    ck_assert(weir_str_equals(weir__s3_xml_element(text, "Key", &rest), "2"));
    ck_assert(weir_str_equals(weir__s3_xml_element(rest, "Key", &rest), "3"));
    ck_assert(weir_str_is_null(weir__s3_xml_element(rest, "Key", &rest)));
    ck_assert(weir_str_is_null(weir__s3_xml_element(of("<Key>1"), "Key", NULL)));
    ck_assert(weir_str_is_null(weir__s3_xml_element(of("<Key"), "Key", NULL)));
    ck_assert(weir_str_is_null(weir__s3_xml_element((struct weir_str){NULL, 0}, "Key", NULL)));
}
END_TEST

START_TEST(entities_go_both_ways)
{
    struct weir__buf text = {0};
    struct weir__buf xml = {0};
    weir__s3_xml_text(of("a&amp;b&lt;&gt;&quot;&apos;&#38;&#x41;&nbsp;&"), &text);
    ck_assert_str_eq(text.data, "a&b<>\"'&A&nbsp;&");
    weir__s3_xml_put(&xml, of("<\"&'>"));
    weir__s3_xml_text((struct weir_str){xml.data, (uint32_t)xml.len}, &text);
    ck_assert_str_eq(text.data, "<\"&'>");
    weir__buf_fini(&text);
    weir__buf_fini(&xml);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("S3 requests");
    TCase *tests = tcase_create("requests");
    tcase_set_timeout(tests, 100);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, passing_trouble_at_any_request_is_tried_again);
    tcase_add_test(tests, silence_ends_with_the_time_out);
    tcase_add_test(tests, lasting_trouble_is_told_with_what_to_do);
    tcase_add_test(tests, a_wrong_secret_is_told_at_once);
    tcase_add_test(tests, nobody_there_is_told_with_the_endpoint);
    tcase_add_test(tests, wrong_settings_are_refused_in_words);
    tcase_add_test(tests, settings_come_from_properties_and_environment);
    tcase_add_test(tests, a_session_token_is_shown_and_signed);
    tcase_add_test(tests, buckets_are_paths_of_an_endpoint_and_hosts_of_amazon);
    suite_add_tcase(suite, tests);
    TCase *xml = tcase_create("xml");
    tcase_add_test(xml, elements_are_found_by_their_whole_name);
    tcase_add_test(xml, entities_go_both_ways);
    suite_add_tcase(suite, xml);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
#endif
