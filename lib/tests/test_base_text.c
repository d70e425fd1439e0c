/*
 * Text: strings, UTF-8, what is safe to show, errors, the log.
 */
#include "base/escape.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/utf8.h"

#include <weir/status.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static const struct weir_str null_str = {NULL, 0};

START_TEST(null_sorts_before_empty_and_equals_only_null)
{
    ck_assert_int_lt(weir_str_compare(null_str, WEIR_STR("")), 0);
    ck_assert_int_gt(weir_str_compare(WEIR_STR(""), null_str), 0);
    ck_assert_int_eq(weir_str_compare(null_str, null_str), 0);
    ck_assert_int_lt(weir_str_compare(WEIR_STR("a"), WEIR_STR("a\0")), 0);
    ck_assert_int_lt(weir_str_compare(WEIR_STR("z"), WEIR_STR("\xc3\xa9")), 0);
    ck_assert(!weir_str_same(null_str, WEIR_STR("")));
    ck_assert(weir_str_equals(null_str, NULL));
}
END_TEST

START_TEST(parts_of_strings_are_found)
{
    ck_assert(weir_str_starts_with(WEIR_STR("/home/x"), "/home"));
    ck_assert(!weir_str_starts_with(WEIR_STR("/hom"), "/home"));
    ck_assert(!weir_str_starts_with(null_str, ""));
    ck_assert(weir_str_contains(WEIR_STR("abcabd"), "abd"));
    ck_assert(weir_str_contains(WEIR_STR("a\0b"), "b"));
    ck_assert(!weir_str_contains(WEIR_STR("ab"), "abc"));
}
END_TEST

START_TEST(owned_string_may_be_set_to_a_piece_of_itself)
{
    struct weir_str owned = null_str;
    weir_str_set(&owned, WEIR_STR("hello world"));
    weir_str_set(&owned, (struct weir_str){owned.data + 6, 5});
    ck_assert(weir_str_equals(owned, "world"));
    weir_str_set(&owned, WEIR_STR(""));
    ck_assert(owned.data != NULL && owned.len == 0);
    weir_str_set(&owned, null_str);
    ck_assert(weir_str_is_null(owned));
    weir_str_set(&owned, WEIR_STR("x"));
    weir_str_clear(&owned);
    ck_assert(weir_str_is_null(owned));
}
END_TEST

START_TEST(only_well_formed_utf8_is_valid)
{
    static const struct {
        struct weir_str text;
        size_t valid;
    } cases[] = {
        {WEIR_STR("plain ascii, long enough for a word"), 35},
        {WEIR_STR("\xc3\xa9\xe6\xb5\x81\xf0\x9f\x98\x80"), 9},
        {WEIR_STR("a\xc0\xaf"), 1},         /* overlong */
        {WEIR_STR("a\xe0\x80\xaf"), 1},     /* overlong */
        {WEIR_STR("a\xf0\x80\x80\xaf"), 1}, /* overlong */
        {WEIR_STR("a\xed\xa0\x80"), 1},     /* surrogate */
        {WEIR_STR("a\xf4\x90\x80\x80"), 1}, /* beyond U+10FFFF */
        {WEIR_STR("12345678\xff"), 8},
        {WEIR_STR("a\xc3"), 1},
        {WEIR_STR("a\xf0\x9f\x98"), 1},
        {WEIR_STR("\x80"), 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_uint_eq(weir__utf8_check(cases[i].text.data, cases[i].text.len), cases[i].valid);
    }
}
END_TEST

START_TEST(every_character_is_encoded_and_decoded)
{
    bool same = true; /* one assertion: each costs a system call */
    for (uint32_t code = 0; code <= 0x10ffff && same; code++) {
        char bytes[4];
        uint32_t decoded = 0;
        if (code == 0xd800) {
            code = 0xe000;
        }
        int len = weir__utf8_encode(code, bytes);
        same = weir__utf8_decode(bytes, (size_t)len, &decoded) == len && decoded == code;
    }
    ck_assert(same);
}
END_TEST

/* What the JSON writer does eight bytes at a time, done one by one. */
static void put_simply(struct weir__buf *buf, struct weir_str str)
{
    weir__buf_put_u8(buf, '"');
    for (uint32_t i = 0; i < str.len; i++) {
        uint8_t byte = (uint8_t)str.data[i];
        if (byte == '"' || byte == '\\') {
            weir__buf_printf(buf, "\\%c", byte);
        } else if (byte == '\n' || byte == '\t' || byte == '\r' || byte == '\b' || byte == '\f') {
            weir__buf_printf(buf, "\\%c",
                             byte == '\n'   ? 'n'
                             : byte == '\t' ? 't'
                             : byte == '\r' ? 'r'
                             : byte == '\b' ? 'b'
                                            : 'f');
        } else if (byte < 0x20 || byte == 0x7f) {
            weir__buf_printf(buf, "\\u%04x", byte);
        } else if (byte >= 0x80) {
            weir__buf_printf(buf, "\\ufffd");
        } else {
            weir__buf_put_u8(buf, byte);
        }
    }
    weir__buf_put_u8(buf, '"');
}

START_TEST(json_strings_are_escaped_at_every_length_and_place)
{
    for (uint32_t len = 0; len <= 26; len++) {
        for (uint32_t place = 0; place < (len > 0 ? len : 1); place++) {
            for (int byte = 0; byte < 256; byte++) {
                char text[32];
                struct weir__buf fast = {0}, simple = {0};
                memset(text, 'x', sizeof(text));
                text[place] = (char)byte;
                weir__buf_put_json_string(&fast, (struct weir_str){text, len});
                put_simply(&simple, (struct weir_str){text, len});
                if (fast.len != simple.len || memcmp(fast.data, simple.data, fast.len) != 0) {
                    ck_abort_msg("byte %d at %u of %u", byte, place, len);
                }
                weir__buf_fini(&fast);
                weir__buf_fini(&simple);
            }
        }
    }
}
END_TEST

/* FAULTS 11. */
START_TEST(printable_text_drives_no_terminal)
{
    char text[64];
    weir__printable(WEIR_STR("gr\xc3\xbc\xc3\x9f\x1b[2J\r\n\0\x7f\xc2\x9b\xff\\"), text,
                    sizeof(text));
    ck_assert_str_eq(text, "gr\xc3\xbc\xc3\x9f\\x1b[2J\\x0d\\x0a\\x00\\x7f\\xc2\\x9b\\xff\\");
    char cut[5];
    weir__printable(WEIR_STR("abc\xc3\xbc"), cut, sizeof(cut));
    ck_assert_str_eq(cut, "abc");
}
END_TEST

START_TEST(printable_text_shows_what_would_not_be_seen)
{
    char text[64];
    weir__printable(WEIR_STR("\xef\xbb\xbfnow\xe2\x80\x8b \xe2\x80\xae\xe2\x80\xa8\xe2\x81\xa0"),
                    text, sizeof(text));
    ck_assert_str_eq(text, "\\ufeffnow\\u200b \\u202e\\u2028\\u2060");
    weir__printable(WEIR_STR("\xe2\x80\x94 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"), text,
                    sizeof(text));
    ck_assert_str_eq(text, "\xe2\x80\x94 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb");
}
END_TEST

START_TEST(error_shows_what_it_quotes)
{
    struct weir_error error;
    (void)weir_error_set(&error, WEIR_INVALID, "clicks\x1b[2J", "expected a number, got \"%s\"",
                         "\xe2\x80\x8b"
                         "5\r \xc3\xbc");
    ck_assert_str_eq(error.where, "clicks\\x1b[2J");
    ck_assert_str_eq(error.message, "expected a number, got \"\\u200b5\\x0d \xc3\xbc\"");
}
END_TEST

START_TEST(error_keeps_code_place_and_message)
{
    struct weir_error error;
    ck_assert_int_eq(weir_error_set(&error, WEIR_UNAVAILABLE, "broker", "expected %d", 1),
                     WEIR_UNAVAILABLE);
    ck_assert_str_eq(error.where, "broker");
    ck_assert_str_eq(error.message, "expected 1");
    ck_assert(error.retriable);
    ck_assert_int_eq(weir_error_set(&error, WEIR_IO, error.where, "other"), WEIR_IO);
    ck_assert_str_eq(error.where, "broker");
    ck_assert(!error.retriable);
    ck_assert_int_eq(weir_error_set(NULL, WEIR_IO, NULL, "%s", "nobody"), WEIR_IO);
    ck_assert_str_eq(weir_status_name(WEIR_NOT_FOUND), "NOT_FOUND");
    ck_assert_str_eq(weir_status_text(WEIR_OK), "ok");
}
END_TEST

static void keep_line(enum weir__log_level level, const char *line, void *user)
{
    snprintf(user, 256, "%d %s", (int)level, line);
}

START_TEST(log_lines_in_json_have_time_level_and_the_whole_message)
{
    static const char end[] =
        "Z\",\"level\":\"warning\",\"message\":\"topic \\\"a\\\" \\u001b[31mred\\n\"}";
    char line[256] = "";
    weir__log_set_writer(keep_line, line);
    weir__log_set_json(true);
    weir__log(WEIR__LOG_WARNING, "topic \"a\" %s", "\x1b[31mred\n");
    weir__log_set_json(false);
    weir__log_set_writer(NULL, NULL);
    ck_assert_int_eq(strncmp(line, "1 {\"time\":\"20", 13), 0);
    ck_assert_uint_gt(strlen(line), strlen(end));
    ck_assert_str_eq(line + strlen(line) - strlen(end), end);
}
END_TEST

START_TEST(log_lines_have_a_level_and_are_printable)
{
    char line[256] = "";
    weir__log_set_writer(keep_line, line);
    weir__log(WEIR__LOG_WARNING, "topic %s", "\x1b[31mred\n");
    ck_assert_str_eq(line, "1 weir: warning: topic \\x1b[31mred\\x0a");
    line[0] = '\0';
    weir__log(WEIR__LOG_DEBUG, "not shown");
    ck_assert_str_eq(line, "");
    weir__log_set_level(WEIR__LOG_DEBUG);
    weir__log(WEIR__LOG_DEBUG, "shown");
    ck_assert_str_eq(line, "3 weir: debug: shown");
    weir__log_set_level(WEIR__LOG_INFO);
    weir__log_set_writer(NULL, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base text");
    TCase *tests = tcase_create("text");
    tcase_add_test(tests, null_sorts_before_empty_and_equals_only_null);
    tcase_add_test(tests, parts_of_strings_are_found);
    tcase_add_test(tests, owned_string_may_be_set_to_a_piece_of_itself);
    tcase_add_test(tests, only_well_formed_utf8_is_valid);
    tcase_add_test(tests, every_character_is_encoded_and_decoded);
    tcase_add_test(tests, json_strings_are_escaped_at_every_length_and_place);
    tcase_add_test(tests, printable_text_drives_no_terminal);
    tcase_add_test(tests, printable_text_shows_what_would_not_be_seen);
    tcase_add_test(tests, error_shows_what_it_quotes);
    tcase_add_test(tests, error_keeps_code_place_and_message);
    tcase_add_test(tests, log_lines_have_a_level_and_are_printable);
    tcase_add_test(tests, log_lines_in_json_have_time_level_and_the_whole_message);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
