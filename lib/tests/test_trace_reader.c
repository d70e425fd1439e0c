/*
 * Reading traces back: everything the writer writes, and anything at all without harm.
 */
#include "trace/reader.h"

#include "base/mem.h"
#include "base/rand.h"
#include "trace/scan.h"

#include <check.h>
#include <stdlib.h>

static enum weir_status read_text(const char *text, struct weir__trace_event *event)
{
    static char line[2048];
    size_t len = strlen(text);
    ck_assert_uint_lt(len, sizeof line);
    memcpy(line, text, len);
    return weir__trace_read(line, len, event);
}

#define ck_assert_same(str, text)                                                                  \
    ck_assert_msg(weir_str_equals(str, text), "got %.*s", WEIR_STR_ARG(str))

START_TEST(what_is_written_reads_back_equal)
{
    struct weir__trace_event event = {.type = WEIR__TRACE_WINDOW_EVENT,
                                      .seq = 12,
                                      .at = 99,
                                      .op = 3,
                                      .sub = 1,
                                      .start = INT64_MIN,
                                      .end = INT64_MAX,
                                      .n = -1,
                                      .action = WEIR_STR("merge"),
                                      .key = WEIR_STR("k\"\\\n\x1b é 漢 😀"),
                                      .value = {NULL, 0},
                                      .merged = {{1, 2}, {-3, 4}},
                                      .merged_count = 2};
    struct weir__buf buf = {0};
    weir__trace_write_json(&buf, &event);
    struct weir__trace_event read;
    ck_assert_int_eq(weir__trace_read(buf.data, buf.len, &read), WEIR_OK);
    ck_assert_int_eq(read.type, event.type);
    ck_assert_int_eq(read.seq, 12);
    ck_assert_int_eq(read.at, 99);
    ck_assert_int_eq(read.start, INT64_MIN);
    ck_assert_int_eq(read.end, INT64_MAX);
    ck_assert_int_eq(read.n, -1);
    ck_assert_same(read.action, "merge");
    ck_assert_same(read.key, "k\"\\\n\x1b é 漢 😀");
    ck_assert(weir_str_is_null(read.value));
    ck_assert_uint_eq(read.merged_count, 2);
    ck_assert_int_eq(read.merged[1][0], -3);
    weir__buf_fini(&buf);
}
END_TEST

START_TEST(every_type_survives_the_ring)
{
    for (int type = 0; type < WEIR__TRACE_TYPES; type++) {
        struct weir__trace_event event = {.type = (enum weir__trace_type)type,
                                          .id = 1,
                                          .op = 2,
                                          .sub = 3,
                                          .ts = 4,
                                          .dropped = 5,
                                          .idle = true,
                                          .key = WEIR_STR("key"),
                                          .json = WEIR_STR("\"a\":1")};
        struct weir__buf ring = {0};
        struct weir__buf before = {0};
        struct weir__buf after = {0};
        struct weir__trace_event decoded;
        weir__trace_encode(&ring, &event);
        ck_assert(weir__trace_decode((struct weir_str){ring.data, (uint32_t)ring.len}, &decoded));
        weir__trace_write_json(&before, &event);
        weir__trace_write_json(&after, &decoded);
        ck_assert_uint_eq(before.len, after.len);
        ck_assert_mem_eq(before.data, after.data, before.len);
        weir__buf_fini(&ring);
        weir__buf_fini(&before);
        weir__buf_fini(&after);
    }
}
END_TEST

START_TEST(type_may_stand_anywhere_and_unknown_members_are_ignored)
{
    struct weir__trace_event event;
    ck_assert_int_eq(
        read_text(" { \"ts\" : 7 , \"new\" : [1,{\"x\":[]}], \"t\":\"late\" } \r\n", &event),
        WEIR_OK);
    ck_assert_int_eq(event.type, WEIR__TRACE_LATE_EVENT);
    ck_assert_int_eq(event.ts, 7);
    ck_assert(weir_str_is_null(event.key));
}
END_TEST

START_TEST(job_is_kept_as_it_is)
{
    struct weir__trace_event event;
    ck_assert_int_eq(read_text("{\"t\":\"job\",\"name\":\"a\\u0041\"}", &event), WEIR_OK);
    ck_assert_same(event.json, "{\"t\":\"job\",\"name\":\"a\\u0041\"}");
}
END_TEST

START_TEST(escapes_are_resolved_and_half_a_surrogate_pair_is_replaced)
{
    struct weir__trace_event event;
    ck_assert_int_eq(
        read_text("{\"t\":\"result\",\"key\":\"\\ud83d\\ude00\\ud83dx\\u0000\\/\\t\"}", &event),
        WEIR_OK);
    ck_assert_uint_eq(event.key.len, 4 + 3 + 1 + 1 + 1 + 1);
    ck_assert_mem_eq(event.key.data, "😀\xEF\xBF\xBDx\0/\t", event.key.len);
}
END_TEST

START_TEST(damaged_lines_are_refused)
{
    static const char *const damaged[] = {
        "",
        "null",
        "[]",
        "{",
        "{}",
        "{\"t\":\"late\"",
        "{\"t\":\"late\"}x",
        "{\"t\":\"late\",}",
        "{\"t\":\"late\" \"ts\":1}",
        "{\"t\":\"late\",\"ts\":1.5}",
        "{\"t\":\"late\",\"ts\":1e3}",
        "{\"t\":\"late\",\"ts\":\"1\"}",
        "{\"t\":\"late\",\"ts\":}",
        "{\"t\":\"late\",\"ts\":-}",
        "{\"t\":\"late\",\"ts\":9223372036854775808}",
        "{\"t\":\"late\",\"ts\":-9223372036854775809}",
        "{\"t\":\"late\",\"key\":5}",
        "{\"t\":\"late\",\"key\":\"\\x\"}",
        "{\"t\":\"late\",\"key\":\"\\u12\"}",
        "{\"t\":\"late\",\"key\":\"open}",
        "{\"t\":\"idle\",\"idle\":1}",
        "{\"t\":\"window\",\"from\":[[1,2,3]]}",
        "{\"t\":\"window\",\"from\":[1]}",
        "{\"t\":5}",
    };
    struct weir__trace_event event;
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        ck_assert_msg(read_text(damaged[i], &event) == WEIR_MALFORMED, "accepted: %s", damaged[i]);
    }
    ck_assert_int_eq(read_text("{\"t\":\"tomorrow\"}", &event), WEIR_UNSUPPORTED);
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
    char text[300] = "{\"t\":\"late\",\"x\":";
    size_t at = strlen(text);
    memset(text + at, '[', 100);
    memset(text + at + 100, ']', 100);
    struct weir__trace_event event;
    ck_assert_int_eq(weir__trace_read(text, strlen(text), &event), WEIR_MALFORMED);
}
END_TEST

/* Random damage to valid lines: no crash, no read outside (the sanitizers watch), and never an
 * event with a wild count. */
START_TEST(mutated_lines_do_no_harm)
{
    static const char *const seeds[] = {
        "{\"t\":\"window\",\"seq\":5,\"at\":1,\"action\":\"merge\",\"op\":3,\"sub\":1,\"key\":"
        "\"a\\u00e9\\n\","
        "\"start\":0,\"end\":30,\"n\":3,\"from\":[[0,10],[9,30]],\"value\":null}",
        "{\"t\":\"job\",\"seq\":0,\"at\":0,\"name\":\"x\",\"operators\":[{\"id\":1,\"inputs\":[]}],"
        "\"config\":{}}",
        "{\"t\":\"idle\",\"op\":2,\"sub\":0,\"channel\":\"p1\",\"idle\":true}",
    };
    struct weir__rand rand;
    uint64_t seed = 20240917;
    weir__rand_init(&rand, seed);
    for (int round = 0; round < 30000; round++) {
        const char *text = seeds[weir__rand_below(&rand, 3)];
        size_t len = strlen(text);
        char *line = weir__memdup(text, len); /* exactly as long: a sanitizer sees a step beyond */
        for (uint64_t i = weir__rand_below(&rand, 6); i > 0; i--) {
            line[weir__rand_below(&rand, len)] = (char)weir__rand_below(&rand, 256);
        }
        len = weir__rand_below(&rand, 4) == 0 ? weir__rand_below(&rand, len) : len;
        struct weir__trace_event event;
        if (weir__trace_read(line, len, &event) == WEIR_OK) {
            ck_assert_uint_le(event.merged_count, WEIR__TRACE_PAIRS_MAX);
        }
        weir__free(line);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("reader");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_is_written_reads_back_equal);
    tcase_add_test(tests, every_type_survives_the_ring);
    tcase_add_test(tests, type_may_stand_anywhere_and_unknown_members_are_ignored);
    tcase_add_test(tests, job_is_kept_as_it_is);
    tcase_add_test(tests, escapes_are_resolved_and_half_a_surrogate_pair_is_replaced);
    tcase_add_test(tests, damaged_lines_are_refused);
    tcase_add_test(tests, deep_nesting_is_refused);
    tcase_add_test(tests, mutated_lines_do_no_harm);
    Suite *suite = suite_create("trace");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
