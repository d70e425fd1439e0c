/*
 * The search sink, against a stand-in: what it sends, when, what it does with each kind of answer,
 * and that nothing is lost, doubled or overtaken.
 */
#include <stdio.h>

#ifndef WEIR_HAVE_LIBCURL
int main(void)
{
    puts("# SKIP libcurl is not installed");
    return 0;
}
#else

#include "base/log.h"
#include "base/rand.h"
#include "metrics/metrics.h"
#include "tests/random_cases.h"
#include "tests/search_stand_in.h"

#include <weir/opensearch.h>

#include <check.h>

#define COUNT_FIELDS(F, T)                                                                         \
    F(T, string, page, "page", required)                                                           \
    F(T, int64, end, "end", required)                                                              \
    F(T, int64, count, "count", required)
WEIR_DECLARE_TYPE(page_count, COUNT_FIELDS);
WEIR_DEFINE_TYPE(page_count, COUNT_FIELDS);

static struct search_stand_in engine;
static struct weir_manual_clock the_clock;
static struct weir__metric_group *metrics;
static struct weir_opensearch_sink_config config;
static struct weir_error error;
static struct weir__buf logged;
static weir_sink *sink;
static void *writer;

static void keep_line(enum weir__log_level level, const char *line, void *user)
{
    (void)level;
    (void)user;
    weir__buf_printf(&logged, "%s\n", line);
}

static void set_up(void)
{
    ck_assert(stand_in_start(&engine));
    weir_manual_clock_init(&the_clock, 1000000);
    metrics = weir__metric_group_new();
    weir__log_set_writer(keep_line, NULL);
    weir__buf_printf(&logged, "%s", "");
    config = (struct weir_opensearch_sink_config){
        .url = engine.url,
        .index = "pages",
        .type = &page_count_type,
        .id = {WEIR_FIELD(page_count, page), WEIR_FIELD(page_count, end)},
    };
}

static void free_sink(void)
{
    if (writer != NULL) {
        sink->ops->writer_free(writer);
    }
    if (sink != NULL) {
        sink->ops->config_free(sink->config);
        weir__free(sink);
    }
    writer = NULL;
    sink = NULL;
}

static void tear_down(void)
{
    free_sink();
    stand_in_stop(&engine);
    weir__log_set_writer(NULL, NULL);
    weir__buf_fini(&logged);
    weir__metric_group_free(metrics);
}

static enum weir_status open_writer(void)
{
    struct weir_sink_context context = {.parallelism = 1,
                                        .operator_name = "search",
                                        .type = &page_count_type,
                                        .clock = &the_clock.clock,
                                        .metrics = (weir_sink_metrics *)metrics};
    sink = weir_opensearch_sink(&config);
    writer = sink->ops->writer_new(sink->config);
    return sink->ops->open(writer, &context, &error);
}

static void use_sink(void)
{
    ck_assert_msg(open_writer() == WEIR_OK, "%s: %s", error.where, error.message);
}

static enum weir_status try_put(const char *page, int64_t end, int64_t count)
{
    struct page_count value = {weir_str_from(page), end, count};
    return sink->ops->write(writer, &value, end, &error);
}

static void put(const char *page, int64_t end, int64_t count)
{
    ck_assert_msg(try_put(page, end, count) == WEIR_OK, "%s", error.message);
}

static void flush(void)
{
    ck_assert_msg(sink->ops->flush(writer, &error) == WEIR_OK, "%s: %s", error.where,
                  error.message);
}

static void tick(void)
{
    int64_t again_ms = 0;
    ck_assert_msg(sink->ops->tick(writer, &again_ms, &error) == WEIR_OK, "%s", error.message);
    ck_assert_int_gt(again_ms, 0);
}

/* So the next `count` requests are answered. */
static void set_trouble(int status, int count, const char *answer)
{
    pthread_mutex_lock(&engine.lock);
    engine.trouble = status;
    engine.trouble_left = count;
    engine.answer = answer;
    pthread_mutex_unlock(&engine.lock);
}

static int requests(void)
{
    pthread_mutex_lock(&engine.lock);
    int count = engine.requests;
    pthread_mutex_unlock(&engine.lock);
    return count;
}

static void expect(const char *id, const char *source)
{
    pthread_mutex_lock(&engine.lock);
    struct stand_in_document *document = stand_in_find(&engine, "pages", id);
    ck_assert_msg(document != NULL, "no document %s", id);
    ck_assert_str_eq(document->source, source);
    pthread_mutex_unlock(&engine.lock);
}

/* ---- what is sent, and when ---- */

START_TEST(document_is_the_values_json_under_its_id)
{
    use_sink();
    put("/home", 60000, 7);
    flush();
    expect("%2Fhome/60000", "{\"page\":\"/home\",\"end\":60000,\"count\":7}");
    ck_assert_str_eq(engine.content_type, "application/x-ndjson");
    ck_assert_str_eq(engine.authorization, "");
    ck_assert_int_eq(weir__metric_value(metrics, "numRecordsSend"), 1);
}
END_TEST

START_TEST(document_with_the_same_id_takes_the_old_ones_place)
{
    use_sink();
    put("a", 1, 7);
    flush();
    put("a", 1, 8);
    put("a", 2, 9);
    flush();
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 2);
    expect("a/1", "{\"page\":\"a\",\"end\":1,\"count\":8}");
}
END_TEST

START_TEST(of_one_id_only_the_newest_is_sent)
{
    use_sink();
    put("a", 1, 7);
    put("b", 1, 7);
    put("a", 1, 8);
    flush();
    ck_assert_int_eq(engine.sizes[0], 2);
    expect("a/1", "{\"page\":\"a\",\"end\":1,\"count\":8}");
}
END_TEST

START_TEST(different_values_have_different_ids)
{
    config.id[1] = WEIR_FIELD(page_count, page);
    use_sink();
    put("a/b", 1, 1);
    put("a%2Fb", 2, 2);
    flush();
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 2);
}
END_TEST

START_TEST(without_ids_every_document_stays)
{
    config.id[0] = NULL;
    use_sink();
    put("a", 1, 7);
    put("a", 1, 7);
    flush();
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 2);
}
END_TEST

START_TEST(batch_goes_out_when_it_has_enough_documents)
{
    config.most_documents = 3;
    use_sink();
    put("a", 1, 1);
    put("a", 2, 1);
    ck_assert_int_eq(requests(), 0);
    put("a", 3, 1);
    ck_assert_int_eq(requests(), 1);
    ck_assert_int_eq(engine.sizes[0], 3);
}
END_TEST

START_TEST(batch_goes_out_when_it_has_enough_bytes)
{
    static char page[400];
    config.most_bytes = 1000;
    memset(page, 'x', sizeof page - 1);
    use_sink();
    put(page, 1, 1); /* about 860 bytes: id and document */
    ck_assert_int_eq(requests(), 0);
    put(page, 2, 1);
    ck_assert_int_eq(requests(), 1);
}
END_TEST

START_TEST(by_default_ten_thousand_documents_go_together)
{
    config.id[0] = NULL; /* the stand-in looks ids up one by one */
    use_sink();
    for (int i = 0; i < 9999; i++) {
        put("a", i, 1);
    }
    ck_assert_int_eq(requests(), 0);
    put("a", 9999, 1);
    ck_assert_int_eq(requests(), 1);
    ck_assert_int_eq(engine.sizes[0], 10000);
}
END_TEST

START_TEST(what_waits_goes_out_every_second)
{
    int64_t again_ms = 0;
    use_sink();
    put("a", 1, 1);
    ck_assert_int_eq(sink->ops->tick(writer, &again_ms, &error), WEIR_OK);
    ck_assert_int_eq(again_ms, 1000);
    ck_assert_int_eq(requests(), 1);
    tick(); /* nothing waits: no request */
    ck_assert_int_eq(requests(), 1);
}
END_TEST

START_TEST(index_that_is_not_there_is_made_with_a_date)
{
    config.time = WEIR_FIELD(page_count, end);
    use_sink();
    put("a", 1, 1);
    flush();
    put("a", 2, 1);
    flush();
    ck_assert_int_eq(engine.indexes.count, 1);
    ck_assert_str_eq(*(char **)weir__vec_at(&engine.indexes, 0),
                     "pages {\"mappings\":{\"properties\":{\"end\":{\"type\":\"date\","
                     "\"format\":\"epoch_millis\"}}}}");
    free_sink();
    use_sink(); /* another life finds it */
    put("a", 3, 1);
    flush();
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 3);
}
END_TEST

/* ---- who writes ---- */

START_TEST(user_and_password_go_with_each_request)
{
    config.user = "ada";
    config.password = "s3cret";
    use_sink();
    put("a", 1, 1);
    flush();
    ck_assert_str_eq(engine.authorization, "Basic YWRhOnMzY3JldA==");
}
END_TEST

START_TEST(key_comes_from_the_environment)
{
    setenv("WEIR_SEARCH_API_KEY", "a2V5", 1);
    use_sink();
    put("a", 1, 1);
    flush();
    ck_assert_str_eq(engine.authorization, "ApiKey a2V5");
    unsetenv("WEIR_SEARCH_API_KEY");
}
END_TEST

START_TEST(refused_credentials_fail_the_job_and_stay_secret)
{
    config.user = "ada";
    config.password = "s3cret";
    use_sink();
    set_trouble(401, 1, "Unauthorized");
    put("a", 1, 1);
    ck_assert_int_eq(sink->ops->flush(writer, &error), WEIR_IO);
    ck_assert_msg(strstr(error.message, "answered 401 Unauthorized") != NULL, "%s", error.message);
    ck_assert_ptr_nonnull(strstr(error.message, "WEIR_SEARCH_PASSWORD"));
    ck_assert_ptr_null(strstr(error.message, "s3cret"));
    ck_assert_ptr_null(strstr(error.where, "s3cret"));
    ck_assert_ptr_null(strstr(logged.data, "s3cret"));
}
END_TEST

static void expect_refusal(const char *message)
{
    ck_assert_int_eq(open_writer(), WEIR_INVALID);
    ck_assert_msg(strstr(error.message, message) != NULL, "%s", error.message);
    ck_assert_ptr_null(strstr(error.message, "s3cret"));
    ck_assert_ptr_null(strstr(error.where, "s3cret"));
    free_sink();
}

START_TEST(mistakes_in_the_settings_are_said_at_the_start)
{
    config.url = "http://ada:s3cret@127.0.0.1:9200";
    expect_refusal("without user and password");
    config.url = "127.0.0.1:9200";
    expect_refusal("expected http://");
    config.url = engine.url;
    config.user = "ada";
    expect_refusal("a password beside the user");
    config.user = NULL;
    config.index = "Pages";
    expect_refusal("small letters");
    config.index = "_pages";
    expect_refusal("small letters");
    config.index = "";
    expect_refusal("an index's name");
    config.index = "pages";
    config.time = WEIR_FIELD(page_count, page);
    expect_refusal("int64 field (epoch ms) for the time, got page");
}
END_TEST

/* ---- answers ---- */

START_TEST(busy_engine_is_asked_again_after_ever_longer)
{
    static const int64_t delays[] = {100, 200, 400, 500, 500};
    config.most_backoff_ms = 500;
    use_sink();
    set_trouble(_i == 0 ? 429 : _i == 1 ? 503 : STAND_IN_HANGS_UP, 5, "{}");
    put("a", 1, 1);
    tick();
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(requests(), i + 1);
        weir_manual_clock_set(&the_clock, the_clock.ms + delays[i] - 1);
        ck_assert_int_eq(try_put("b", 1, 1), WEIR_LIMIT); /* takes no more meanwhile */
        tick();
        ck_assert_int_eq(requests(), i + 1);
        weir_manual_clock_set(&the_clock, the_clock.ms + 1);
        if (i % 2 == 0) {
            tick();
        } else {
            ck_assert_int_eq(try_put("b", 1, 1), WEIR_LIMIT);
        }
    }
    ck_assert_int_eq(requests(), 6);
    put("b", 1, 1);
    flush();
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 2);
}
END_TEST

START_TEST(flush_waits_until_all_is_taken)
{
    config.backoff_ms = 1;
    use_sink();
    set_trouble(503, 4, "");
    put("a", 1, 1);
    flush();
    ck_assert_int_eq(requests(), 5);
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 1);
    ck_assert_msg(strstr(logged.data, "1 documents wait for another try: 503") != NULL, "%s",
                  logged.data);
}
END_TEST

START_TEST(engine_that_says_nothing_is_asked_again)
{
    config.backoff_ms = 1;
    config.timeout_ms = 300;
    use_sink();
    set_trouble(STAND_IN_IS_SILENT, 1, NULL);
    put("a", 1, 1);
    flush();
    ck_assert_int_ge(requests(), 2);
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 1);
}
END_TEST

START_TEST(after_enough_tries_the_job_fails)
{
    config.backoff_ms = 1;
    config.most_tries = 3;
    config.url = _i == 0 ? "http://127.0.0.1:1" : engine.url;
    use_sink();
    set_trouble(429, 3,
                "{\"error\":{\"type\":\"circuit_breaking_exception\",\"reason\":\"full\"}}");
    put("a", 1, 1);
    ck_assert_int_eq(sink->ops->flush(writer, &error), WEIR_UNAVAILABLE);
    ck_assert(error.retriable);
    ck_assert_msg(strstr(error.message, "1 documents were not taken in 3 tries") != NULL, "%s",
                  error.message);
    ck_assert(_i == 0 || strstr(error.message, "429 circuit_breaking_exception: full") != NULL);
}
END_TEST

START_TEST(something_else_than_an_engine_is_told_apart)
{
    static const char *const answers[] = {"<html>", "{}", "{\"errors\":false,\"items\":[]}"};
    use_sink();
    set_trouble(200, 1, answers[_i]);
    put("a", 1, 1);
    ck_assert_int_eq(sink->ops->flush(writer, &error), WEIR_IO);
    ck_assert_msg(strstr(error.message, "is the URL right?") != NULL, "%s", error.message);
}
END_TEST

/* 400 for a count of 0; 429 the first time for a count of 1; 404 for one of 2. */
static int judge(const char *id, const char *source, void *user)
{
    int *busy = user;
    (void)id;
    if (strstr(source, "\"count\":0}") != NULL) {
        return 400;
    }
    if (strstr(source, "\"count\":2}") != NULL) {
        return 404;
    }
    return strstr(source, "\"count\":1}") != NULL && (*busy)-- > 0 ? 429 : 0;
}

START_TEST(only_documents_that_were_not_taken_are_sent_again)
{
    int busy = 2;
    engine.verdict = judge;
    engine.user = &busy;
    config.backoff_ms = 1;
    use_sink();
    put("a", 1, 5);
    put("b", 1, 1);
    put("c", 1, 5);
    flush();
    ck_assert_int_eq(engine.sizes[0], 3);
    ck_assert_int_eq(engine.sizes[1], 1);
    ck_assert_int_eq(engine.sizes[2], 1);
    ck_assert_int_eq(requests(), 3);
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 3);
    ck_assert_int_eq(weir__metric_value(metrics, "numRecordsSend"), 3);
}
END_TEST

START_TEST(refused_document_is_counted_told_and_kept_as_a_dead_letter)
{
    char directory[] = "/tmp/weir-test-opensearch-XXXXXX";
    char letters[64];
    char line[1024];
    int busy = 0;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(letters, sizeof letters, "%s/letters", directory);
    engine.verdict = judge;
    engine.user = &busy;
    config.dead_letters = letters;
    use_sink();
    put("a", 1, 5);
    put("b", 1, 0);
    put("c", 1, 5);
    flush();
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 2);
    ck_assert_int_eq(weir__metric_value(metrics, "numRecordsSendErrors"), 1);
    ck_assert_int_eq(weir__metric_value(metrics, "numRecordsSend"), 2);
    ck_assert_msg(strstr(logged.data, "index pages: a document was refused: 400 some_exception: "
                                      "failed to \\x1bparse [count] (1 so far)") != NULL,
                  "%s", logged.data);
    FILE *file = fopen(letters, "r");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    ck_assert_str_eq(line, "{\"source\":\"pages\",\"split\":0,\"position\":0,\"reason\":\"400 "
                           "some_exception: failed to \\\\x1bparse [count]\",\"payload\":"
                           "\"{\\\"page\\\":\\\"b\\\",\\\"end\\\":1,\\\"count\\\":0}\"}\n");
    ck_assert_ptr_null(fgets(line, sizeof line, file));
    fclose(file);
    unlink(letters);
    rmdir(directory);
}
END_TEST

START_TEST(answer_about_the_index_fails_the_job)
{
    int busy = 0;
    engine.verdict = judge;
    engine.user = &busy;
    use_sink();
    put("a", 1, 2);
    ck_assert_int_eq(sink->ops->flush(writer, &error), WEIR_IO);
    ck_assert_msg(strstr(error.message, "answered 404 some_exception") != NULL, "%s",
                  error.message);
}
END_TEST

START_TEST(request_that_is_too_large_is_sent_in_parts)
{
    engine.longest_body = 200;
    use_sink();
    for (int i = 0; i < 10; i++) {
        put("a", i, 5); /* about 65 bytes each */
    }
    flush();
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 10);
    ck_assert_int_eq(weir__metric_value(metrics, "numRecordsSendErrors"), 0);
}
END_TEST

START_TEST(single_document_that_is_too_large_is_refused)
{
    static char page[300];
    memset(page, 'x', sizeof page - 1);
    engine.longest_body = 200;
    use_sink();
    put("a", 1, 5);
    put(page, 1, 5);
    put("b", 1, 5);
    flush();
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 2);
    ck_assert_int_eq(weir__metric_value(metrics, "numRecordsSendErrors"), 1);
}
END_TEST

/* The engine would refuse the whole request. */
START_TEST(id_that_is_too_long_is_refused_alone)
{
    static char page[600];
    memset(page, 'x', sizeof page - 1);
    use_sink();
    put("a", 1, 5);
    put(page, 1, 5);
    flush();
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 1);
    ck_assert_ptr_nonnull(strstr(logged.data, "an id of 601 bytes, of at most 512"));
    ck_assert_int_eq(weir__metric_value(metrics, "numRecordsSendErrors"), 1);
}
END_TEST

/* ---- what comes of it all ---- */

START_TEST(after_a_crash_each_document_is_there_once)
{
    use_sink();
    put("a", 1, 1);
    put("b", 1, 1);
    flush(); /* the checkpoint */
    put("c", 1, 1);
    tick();         /* is sent, and no checkpoint knows */
    put("d", 1, 1); /* is lost with the writer */
    free_sink();
    use_sink();
    put("c", 1, 1);
    put("d", 1, 1);
    flush();
    ck_assert_int_eq(stand_in_count(&engine, "pages"), 4);
}
END_TEST

/* Any document may be busy any number of times. */
static int judge_at_random(const char *id, const char *source, void *user)
{
    (void)id;
    (void)source;
    return weir__rand_below(user, 3) == 0 ? 429 : 0;
}

static void expect_newest(const int64_t newest[], int ids)
{
    for (int i = 0; i < ids; i++) {
        char id[32];
        char source[80];
        snprintf(id, sizeof id, "p/%d", i);
        snprintf(source, sizeof source, "{\"page\":\"p\",\"end\":%d,\"count\":%lld}", i,
                 (long long)newest[i]);
        if (newest[i] > 0) {
            expect(id, source);
        }
    }
}

START_TEST(newest_document_of_an_id_wins_whatever_is_sent_again)
{
    enum { IDS = 8, VALUES = 60 };
    struct random_cases cases = random_cases("search sink", 20);
    config.backoff_ms = 1;
    config.most_backoff_ms = 1;
    config.most_tries = 1000;
    config.most_documents = 5;
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        int64_t newest[IDS] = {0};
        struct weir__rand ours;
        struct weir__rand its;
        weir__rand_init(&ours, seed);
        weir__rand_init(&its, seed + 1);
        engine.verdict = judge_at_random;
        engine.user = &its;
        use_sink();
        for (int i = 1; i <= VALUES; i++) {
            int64_t end = (int64_t)weir__rand_below(&ours, IDS);
            while (try_put("p", end, i) == WEIR_LIMIT) {
                weir_manual_clock_set(&the_clock, the_clock.ms + 1);
            }
            newest[end] = i;
        }
        flush();
        expect_newest(newest, IDS);
        free_sink();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connector opensearch");
    TCase *tests = tcase_create("opensearch");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, document_is_the_values_json_under_its_id);
    tcase_add_test(tests, document_with_the_same_id_takes_the_old_ones_place);
    tcase_add_test(tests, of_one_id_only_the_newest_is_sent);
    tcase_add_test(tests, different_values_have_different_ids);
    tcase_add_test(tests, without_ids_every_document_stays);
    tcase_add_test(tests, batch_goes_out_when_it_has_enough_documents);
    tcase_add_test(tests, batch_goes_out_when_it_has_enough_bytes);
    tcase_add_test(tests, by_default_ten_thousand_documents_go_together);
    tcase_add_test(tests, what_waits_goes_out_every_second);
    tcase_add_test(tests, index_that_is_not_there_is_made_with_a_date);
    tcase_add_test(tests, user_and_password_go_with_each_request);
    tcase_add_test(tests, key_comes_from_the_environment);
    tcase_add_test(tests, refused_credentials_fail_the_job_and_stay_secret);
    tcase_add_test(tests, mistakes_in_the_settings_are_said_at_the_start);
    tcase_add_loop_test(tests, busy_engine_is_asked_again_after_ever_longer, 0, 3);
    tcase_add_test(tests, flush_waits_until_all_is_taken);
    tcase_add_test(tests, engine_that_says_nothing_is_asked_again);
    tcase_add_loop_test(tests, after_enough_tries_the_job_fails, 0, 2);
    tcase_add_loop_test(tests, something_else_than_an_engine_is_told_apart, 0, 3);
    tcase_add_test(tests, only_documents_that_were_not_taken_are_sent_again);
    tcase_add_test(tests, refused_document_is_counted_told_and_kept_as_a_dead_letter);
    tcase_add_test(tests, answer_about_the_index_fails_the_job);
    tcase_add_test(tests, request_that_is_too_large_is_sent_in_parts);
    tcase_add_test(tests, single_document_that_is_too_large_is_refused);
    tcase_add_test(tests, id_that_is_too_long_is_refused_alone);
    tcase_add_test(tests, after_a_crash_each_document_is_there_once);
    tcase_add_test(tests, newest_document_of_an_id_wins_whatever_is_sent_again);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
#endif
