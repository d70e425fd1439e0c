/*
 * The schema registry's client against the stand-in: register, fetch, cache, compatibility, and
 * what is said when a registry is away, slow, or something else. WEIR_REGISTRY_URL names another
 * registry to be tried too (Apicurio: http://127.0.0.1:8080/apis/ccompat/v7).
 */
#include "base/buf.h"
#include "registry/server.h"

#include <weir/schema_registry.h>

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECORD(fields) "{\"type\":\"record\",\"name\":\"Click\",\"fields\":[" fields "]}"
#define USER           "{\"name\":\"user\",\"type\":\"string\"}"
#define COUNT(more)    "{\"name\":\"count\",\"type\":\"int\"" more "}"

static registry_server *server;
static weir_schema_registry *registry;
static struct weir_error error;
static char subject[64];

static void set_up(void)
{
    char url[64];
    const char *other = getenv("WEIR_REGISTRY_URL");
    ck_assert_int_eq(registry_server_start(0, &server, &error), WEIR_OK);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", (int)registry_server_port(server));
    registry = weir_schema_registry_new(&(struct weir_schema_registry_config){
        .url = other != NULL && *other != '\0' ? other : url});
    /* Another registry may outlive a run. */
    snprintf(subject, sizeof subject, "clicks %ld-value", (long)getpid());
    error = (struct weir_error){0};
}

static void tear_down(void)
{
    weir_schema_registry_free(registry);
    registry_server_stop(server);
}

static enum weir_status put(const char *schema, int32_t *id)
{
    return weir_schema_registry_register(registry, subject, schema, id, &error);
}

START_TEST(registered_schema_is_fetched_by_its_id)
{
    int32_t id = 0;
    struct weir_str schema;
    ck_assert_msg(put(RECORD(USER), &id) == WEIR_OK, "%s: %s", error.where, error.message);
    ck_assert_int_gt(id, 0);
    ck_assert_int_eq(weir_schema_registry_fetch(registry, id, &schema, &error), WEIR_OK);
    ck_assert_ptr_nonnull(strstr(schema.data, "Click"));
}
END_TEST

START_TEST(same_schema_has_the_same_id)
{
    int32_t first = 0;
    int32_t second = 0;
    int32_t other = 0;
    ck_assert_int_eq(put(RECORD(USER), &first), WEIR_OK);
    ck_assert_int_eq(put(RECORD(USER), &second), WEIR_OK);
    ck_assert_int_eq(put(RECORD(USER "," COUNT(",\"default\":0")), &other), WEIR_OK);
    ck_assert_int_eq(first, second);
    ck_assert_int_ne(first, other);
}
END_TEST

START_TEST(latest_is_the_newest_version)
{
    int32_t ids[2];
    int32_t id = 0;
    int32_t version = 0;
    struct weir_str schema;
    ck_assert_int_eq(put(RECORD(USER), &ids[0]), WEIR_OK);
    ck_assert_int_eq(put(RECORD(USER "," COUNT(",\"default\":0")), &ids[1]), WEIR_OK);
    ck_assert_int_eq(weir_schema_registry_latest(registry, subject, &schema, &id, &version, &error),
                     WEIR_OK);
    ck_assert_int_eq(id, ids[1]);
    ck_assert_int_eq(version, 2);
    ck_assert_ptr_nonnull(strstr(schema.data, "count"));
}
END_TEST

START_TEST(unknown_id_and_subject_are_not_found)
{
    struct weir_str schema;
    bool compatible;
    ck_assert_int_eq(weir_schema_registry_fetch(registry, 123456789, &schema, &error),
                     WEIR_NOT_FOUND);
    ck_assert(!error.retriable);
    ck_assert_int_eq(weir_schema_registry_latest(registry, "nobody", &schema, NULL, NULL, &error),
                     WEIR_NOT_FOUND);
    if (getenv("WEIR_REGISTRY_URL") == NULL) { /* elsewhere nothing may fit everything */
        ck_assert_int_eq(
            weir_schema_registry_check(registry, "nobody", RECORD(USER), &compatible, &error),
            WEIR_NOT_FOUND);
    }
}
END_TEST

START_TEST(what_is_no_schema_is_refused)
{
    int32_t id = 7;
    ck_assert_int_eq(put("{\"type\":\"nothing\"}", &id), WEIR_MALFORMED);
    ck_assert_int_eq(id, 0);
    ck_assert_ptr_nonnull(strstr(error.message, "the registry answered 422"));
}
END_TEST

/* What a registry does by itself once it has the rule BACKWARD. */
START_TEST(schema_that_cannot_read_the_old_one_is_refused)
{
    int32_t id = 0;
    bool compatible = true;
    if (getenv("WEIR_REGISTRY_URL") != NULL) {
        return;
    }
    ck_assert_int_eq(put(RECORD(USER), &id), WEIR_OK);
    ck_assert_int_eq(weir_schema_registry_check(registry, subject, RECORD(USER "," COUNT("")),
                                                &compatible, &error),
                     WEIR_OK);
    ck_assert(!compatible);
    ck_assert_int_eq(weir_schema_registry_check(registry, subject,
                                                RECORD(USER "," COUNT(",\"default\":1")),
                                                &compatible, &error),
                     WEIR_OK);
    ck_assert(compatible);
    ck_assert_int_eq(put(RECORD(USER "," COUNT("")), &id), WEIR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(error.message, "without default: count"));
}
END_TEST

START_TEST(schema_of_an_id_is_asked_for_once)
{
    int32_t id = 0;
    struct weir_str first;
    struct weir_str second;
    if (getenv("WEIR_REGISTRY_URL") != NULL) {
        return;
    }
    ck_assert_int_eq(put(RECORD(USER), &id), WEIR_OK);
    ck_assert_int_eq(weir_schema_registry_fetch(registry, id, &first, &error), WEIR_OK);
    registry_server_stop(server);
    ck_assert_int_eq(weir_schema_registry_fetch(registry, id, &second, &error), WEIR_OK);
    ck_assert_ptr_eq(first.data, second.data);
    ck_assert_int_eq(weir_schema_registry_fetch(registry, id + 1, &second, &error),
                     WEIR_UNAVAILABLE);
    ck_assert_int_eq(registry_server_start(0, &server, &error), WEIR_OK); /* for tear_down */
}
END_TEST

#define CLICK_FIELDS(F, T)                                                                         \
    F(T, string, user, "user", required)                                                           \
    F(T, int64, count, "count", nullable)
WEIR_DECLARE_TYPE(click, CLICK_FIELDS);
WEIR_DEFINE_TYPE(click, CLICK_FIELDS);

START_TEST(messages_of_two_versions_are_read_by_their_ids)
{
    struct weir_avro_config old = {.type = &click_type, .schema = RECORD(USER)};
    struct weir_avro_config new = {.type = &click_type,
                                   .schema = RECORD(USER "," COUNT(",\"default\":5"))};
    struct click click;
    old.schemas = new.schemas = weir_schema_registry_store(registry);
    ck_assert_int_eq(put(old.schema, &old.schema_id), WEIR_OK);
    ck_assert_int_eq(put(new.schema, &new.schema_id), WEIR_OK);
    weir_encoder *old_encoder = weir_encoder_new(weir_avro_with(&old));
    weir_encoder *new_encoder = weir_encoder_new(weir_avro_with(&new));
    weir_decoder *decoder = weir_decoder_new(weir_avro_with(&new));
    struct click ada = {.user = WEIR_STR("Ada"), .count = 9};
    struct weir_str bytes = weir_encoder_encode(old_encoder, &ada);
    ck_assert_msg(weir_decoder_decode(decoder, bytes.data, bytes.len, &click, &error) == WEIR_OK,
                  "%s", error.message);
    ck_assert_int_eq(click.count, 5);
    bytes = weir_encoder_encode(new_encoder, &ada);
    ck_assert_int_eq(weir_decoder_decode(decoder, bytes.data, bytes.len, &click, &error), WEIR_OK);
    ck_assert_int_eq(click.count, 9);
    weir_encoder_free(old_encoder);
    weir_encoder_free(new_encoder);
    weir_decoder_free(decoder);
}
END_TEST

/* ---- registries that are none ---- */

struct impostor {
    int listener;
    uint16_t port;
    const char *says; /* NULL: takes the connection and says nothing */
    size_t filler;    /* bytes of 'x' behind that */
    pthread_t thread;
};

static void *play(void *user)
{
    struct impostor *impostor = user;
    char request[2048];
    char filler[4096];
    int fd = accept(impostor->listener, NULL, NULL);
    memset(filler, 'x', sizeof filler);
    if (fd >= 0) {
        (void)!read(fd, request, sizeof request);
        bool good = impostor->says != NULL &&
                    send(fd, impostor->says, strlen(impostor->says), MSG_NOSIGNAL) > 0;
        for (size_t sent = 0; good && sent < impostor->filler; sent += sizeof filler) {
            good = send(fd, filler, sizeof filler, MSG_NOSIGNAL) > 0;
        }
        if (impostor->says == NULL) {
            (void)!read(fd, request, sizeof request); /* until the client has enough */
        }
        close(fd);
    }
    return NULL;
}

static weir_schema_registry *ask_impostor(struct impostor *impostor)
{
    char url[64];
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    impostor->listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(impostor->listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(impostor->listener, 1), 0);
    getsockname(impostor->listener, (struct sockaddr *)&address, &size);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    ck_assert_int_eq(pthread_create(&impostor->thread, NULL, play, impostor), 0);
    return weir_schema_registry_new(
        &(struct weir_schema_registry_config){.url = url, .timeout_ms = 300});
}

static void expect_from_impostor(struct impostor impostor, enum weir_status expected,
                                 const char *message)
{
    struct weir_str schema;
    weir_schema_registry *asked = ask_impostor(&impostor);
    enum weir_status status = weir_schema_registry_fetch(asked, 1, &schema, &error);
    ck_assert_msg(status == expected, "%s: %s", weir_status_name(status), error.message);
    ck_assert_msg(strstr(error.message, message) != NULL, "%s", error.message);
    weir_schema_registry_free(asked);
    shutdown(impostor.listener, SHUT_RDWR);
    pthread_join(impostor.thread, NULL);
    close(impostor.listener);
}

#define ANSWER "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

START_TEST(registry_that_says_nothing_is_given_up)
{
    expect_from_impostor((struct impostor){.says = NULL}, WEIR_TIMED_OUT, "");
    ck_assert(error.retriable);
}
END_TEST

START_TEST(something_else_is_told_apart)
{
    expect_from_impostor((struct impostor){.says = ANSWER "<html>"}, WEIR_IO, "is the URL right?");
    expect_from_impostor((struct impostor){.says = ANSWER "{}"}, WEIR_IO, "with a schema");
    expect_from_impostor(
        (struct impostor){.says = ANSWER "{\"schema\":\"x\",\"schemaType\":\"PROTOBUF\"}"},
        WEIR_UNSUPPORTED, "PROTOBUF");
}
END_TEST

START_TEST(endless_answer_is_cut_short)
{
    expect_from_impostor((struct impostor){.says = ANSWER, .filler = 64 * 1024 * 1024}, WEIR_LIMIT,
                         "at most 4194304 bytes");
}
END_TEST

START_TEST(trouble_of_the_registry_is_worth_another_try)
{
    expect_from_impostor((struct impostor){.says =
                                               "HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n"
                                               "{\"error_code\":503,\"message\":\"ba\\u001bd\"}"},
                         WEIR_UNAVAILABLE, "answered 503: ba\\x1bd");
    ck_assert(error.retriable);
}
END_TEST

START_TEST(nobody_there_is_told_with_what_to_do)
{
    struct weir_str schema;
    weir_schema_registry *asked = weir_schema_registry_new(
        &(struct weir_schema_registry_config){.url = "http://127.0.0.1:1"});
    ck_assert_int_eq(weir_schema_registry_fetch(asked, 1, &schema, &error), WEIR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(error.message, "`build/bin/weir registry` starts one"));
    ck_assert(error.retriable);
    weir_schema_registry_free(asked);
}
END_TEST

int main(void)
{
#if !defined(WEIR_HAVE_LIBCURL) || !defined(WEIR_HAVE_LIBMICROHTTPD)
    puts("# SKIP libcurl and libmicrohttpd are not both installed");
    return 0;
#endif
    Suite *suite = suite_create("registry client");
    TCase *tests = tcase_create("registry");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, registered_schema_is_fetched_by_its_id);
    tcase_add_test(tests, same_schema_has_the_same_id);
    tcase_add_test(tests, latest_is_the_newest_version);
    tcase_add_test(tests, unknown_id_and_subject_are_not_found);
    tcase_add_test(tests, what_is_no_schema_is_refused);
    tcase_add_test(tests, schema_that_cannot_read_the_old_one_is_refused);
    tcase_add_test(tests, schema_of_an_id_is_asked_for_once);
    tcase_add_test(tests, messages_of_two_versions_are_read_by_their_ids);
    suite_add_tcase(suite, tests);
    TCase *impostors = tcase_create("impostors");
    tcase_set_timeout(impostors, 60);
    tcase_add_test(impostors, registry_that_says_nothing_is_given_up);
    tcase_add_test(impostors, something_else_is_told_apart);
    tcase_add_test(impostors, endless_answer_is_cut_short);
    tcase_add_test(impostors, trouble_of_the_registry_is_worth_another_try);
    tcase_add_test(impostors, nobody_there_is_told_with_what_to_do);
    suite_add_tcase(suite, impostors);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
