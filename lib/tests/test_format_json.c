/*
 * The JSON format: what is accepted, what is refused and how it is said, and that encoding and
 * decoding are inverse.
 */
#include "test_types_sample.inc"

#include "types/codec.h"

#include <weir/format.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static weir_decoder *decoder;
static struct weir_error error;
static char *copy; /* of the message in hand */

static void set_up(void)
{
    decoder = weir_decoder_new(weir_json(&sample_type));
    error = (struct weir_error){0};
}

static void tear_down(void)
{
    weir_decoder_free(decoder);
    free(copy);
    copy = NULL;
}

/*
 * From memory of exactly its size, so that a read past the end is seen. The copy lives until the
 * next call.
 */
static enum weir_status decode_bytes(const char *bytes, size_t len, void *value)
{
    free(copy);
    copy = malloc(len > 0 ? len : 1);
    memcpy(copy, bytes, len);
    enum weir_status status = weir_decoder_decode(decoder, copy, len, value, &error);
    return status;
}

static enum weir_status decode(const char *text, void *value)
{
    return decode_bytes(text, strlen(text), value);
}

static void use_type(const struct weir_type *type)
{
    weir_decoder_free(decoder);
    decoder = weir_decoder_new(weir_json(type));
}

#define REST "\"flag\":true,\"ratio\":1,\"home\":{\"x\":2}}"

START_TEST(object_fills_the_struct)
{
    struct sample value;
    ck_assert_int_eq(
        decode(" {\"name\":\"Ada\", \"number\" : -42 "
               ",\"flag\":true,\"ratio\":1.5e3,\r\n\t\"users\":[\"u1\",\"u2\",\"u1\"],"
               "\"points\":[{\"x\":1},{\"label\":\"p\",\"x\":-0.5}],\"tags\":[\"\",\"b\"],"
               "\"home\":{\"x\":2,\"y\":null},\"note\":null} ",
               &value),
        WEIR_OK);
    ck_assert(weir_str_equals(value.name, "Ada"));
    ck_assert(weir_str_is_null(value.note));
    ck_assert_int_eq(value.number, -42);
    ck_assert(value.flag);
    ck_assert_double_eq(value.ratio, 1500);
    ck_assert_int_eq(weir_string_set_count(&value.users, WEIR_STR("u1")), 2);
    ck_assert_uint_eq(value.points.count, 2);
    const struct point *point = weir_list_at(&value.points, &point_type, 1);
    ck_assert(weir_str_equals(point->label, "p"));
    ck_assert_double_eq(point->x, -0.5);
    ck_assert_uint_eq(value.tags.count, 2);
    const struct weir_str *tag = weir_list_at(&value.tags, &weir_string_type, 0);
    ck_assert(!weir_str_is_null(*tag) && tag->len == 0);
    ck_assert_double_eq(value.home.x, 2);
}
END_TEST

START_TEST(strings_are_views_of_the_message)
{
    struct weir_str value;
    const char *message = "\"abc\"";
    use_type(&weir_string_type);
    ck_assert_int_eq(weir_decoder_decode(decoder, message, 5, &value, NULL), WEIR_OK);
    ck_assert_ptr_eq(value.data, message + 1);
}
END_TEST

START_TEST(keys_may_come_in_any_and_changing_order)
{
    static const char *const texts[] = {
        "{\"x\":1,\"y\":2,\"label\":\"a\"}",
        "{\"label\":\"a\",\"y\":2,\"x\":1}",
        "{\"y\":2,\"x\":1,\"label\":\"a\"}",
        "{\"y\":2,\"unknown\":[{\"x\":9},null],\"x\":1,\"label\":\"a\"}",
        "{\"\\u0078\":1,\"\\u006cabel\":\"a\",\"y\":2}",
        "{\"lab\":0,\"labels\":0,\"x\":1,\"label\":\"a\",\"y\":2}",
    };
    use_type(&point_type);
    for (int i = 0; i < 30; i++) {
        struct point value;
        ck_assert_int_eq(decode(texts[(i * 7 + i / 6) % 6], &value), WEIR_OK);
        ck_assert(value.x == 1 && value.y == 2 && weir_str_equals(value.label, "a"));
    }
}
END_TEST

START_TEST(escapes_are_undone)
{
    struct weir_str value;
    use_type(&weir_string_type);
    ck_assert_int_eq(
        decode("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u6d41\\ud83d\\ude00é😀z\x7f\"", &value),
        WEIR_OK);
    ck_assert(weir_str_equals(value, "a\"\\/\b\f\n\r\té流😀é😀z\x7f"));
}
END_TEST

START_TEST(unescaped_strings_of_one_message_do_not_overlap)
{
    struct weir_str fields[3];
    static const struct weir_type strings = {.name = "strings",
                                             .kind = WEIR_KIND_LIST,
                                             .size = sizeof(struct weir_list),
                                             .element = &weir_string_type};
    struct weir_list list;
    use_type(&strings);
    ck_assert_int_eq(decode("[\"\\n1\",\"2\\n\",\"\\n\"]", &list), WEIR_OK);
    ck_assert_uint_eq(list.count, 3);
    memcpy(fields, list.items, sizeof(fields));
    ck_assert(weir_str_equals(fields[0], "\n1") && weir_str_equals(fields[1], "2\n") &&
              weir_str_equals(fields[2], "\n"));
}
END_TEST

static const struct refusal {
    const char *text;
    enum weir_status status;
    const char *where;
    const char *message;
} refusals[] = {
    {"", WEIR_MALFORMED, "column 1", "expected a value, got the end of the message"},
    {"   ", WEIR_MALFORMED, "column 4", "expected a value, got the end of the message"},
    {"hello", WEIR_MALFORMED, "column 1", "expected a value, got hello"},
    {"[1]", WEIR_MISMATCH, "column 1", "expected an object, got [1]"},
    {"null", WEIR_MISMATCH, "column 1", "expected an object, got null"},
    {"{", WEIR_MALFORMED, "column 2", "expected a key in quotes, got the end of the message"},
    {"{}", WEIR_MISMATCH, "column 2", "expected a field \"name\", got an object without it"},
    {"{\"name\":\"a\",\"number\":1," REST "x", WEIR_MALFORMED, "column 61",
     "expected the end of the message, got x"},
    {"{\"name\" \"a\"}", WEIR_MALFORMED, "column 9", "expected ':' behind a key, got \"a\""},
    {"{\"name\":\"a\" \"b\"}", WEIR_MALFORMED, "column 13", "expected ',' or '}', got \"b\""},
    {"{\"name\":\"a\",}", WEIR_MALFORMED, "column 13", "expected a key in quotes, got }"},
    {"{\"name\":7}", WEIR_MISMATCH, "column 9", "field \"name\": expected a string, got 7"},
    {"{\"name\":null}", WEIR_MISMATCH, "column 9", "field \"name\": expected a value, got null"},
    {"{\"name\":nul}", WEIR_MALFORMED, "column 9", "field \"name\": expected a value, got nul"},
    {"{\"name\":\"a\",\"name\":\"b\"}", WEIR_MALFORMED, "column 13",
     "field \"name\": expected it once, got it again"},
    {"{\"number\":\"2024-10-22T18:00:00Z\"}", WEIR_MISMATCH, "column 11",
     "field \"number\": expected an integer, got \"2024-10-22T18:00:00Z\""},
    {"{\"number\":1.0}", WEIR_MISMATCH, "column 11",
     "field \"number\": expected an integer, got 1.0"},
    {"{\"number\":1e3}", WEIR_MISMATCH, "column 11",
     "field \"number\": expected an integer, got 1e3"},
    {"{\"number\":9223372036854775808}", WEIR_LIMIT, "column 11",
     "field \"number\": expected an integer of 64 bits, got one of 19 digits"},
    {"{\"number\":-9223372036854775809}", WEIR_LIMIT, "column 11",
     "field \"number\": expected an integer of 64 bits, got one of 19 digits"},
    {"{\"number\":123456789012345678901234567890}", WEIR_LIMIT, "column 11",
     "field \"number\": expected an integer of 64 bits, got one of 30 digits"},
    {"{\"number\":01}", WEIR_MALFORMED, "column 11",
     "field \"number\": expected a number without leading zeros, got 01"},
    {"{\"number\":-}", WEIR_MALFORMED, "column 12", "field \"number\": expected a digit, got }"},
    {"{\"number\":+1}", WEIR_MALFORMED, "column 11", "field \"number\": expected a value, got +1"},
    {"{\"number\":NaN}", WEIR_MALFORMED, "column 11",
     "field \"number\": expected a value, got NaN"},
    {"{\"ratio\":NaN}", WEIR_MALFORMED, "column 10", "field \"ratio\": expected a value, got NaN"},
    {"{\"ratio\":-Infinity}", WEIR_MALFORMED, "column 11",
     "field \"ratio\": expected a digit, got Infinity"},
    {"{\"ratio\":1e400}", WEIR_LIMIT, "column 10",
     "field \"ratio\": expected a number of at most 1.8e308 (a double), got a larger one"},
    {"{\"ratio\":1.}", WEIR_MALFORMED, "column 12",
     "field \"ratio\": expected a digit behind the decimal point, got }"},
    {"{\"ratio\":1e}", WEIR_MALFORMED, "column 12",
     "field \"ratio\": expected a digit in the exponent, got }"},
    {"{\"flag\":1}", WEIR_MISMATCH, "column 9", "field \"flag\": expected true or false, got 1"},
    {"{\"flag\":tru}", WEIR_MALFORMED, "column 9", "field \"flag\": expected a value, got tru"},
    {"{\"users\":[1]}", WEIR_MISMATCH, "column 11", "field \"users\": expected a string, got 1"},
    {"{\"users\":[null]}", WEIR_MISMATCH, "column 11",
     "field \"users\": expected an element, got null"},
    {"{\"tags\":{}}", WEIR_MISMATCH, "column 9", "field \"tags\": expected a list, got {}"},
    {"{\"tags\":[\"a\",]}", WEIR_MALFORMED, "column 14", "field \"tags\": expected a value, got ]"},
    {"{\"home\":{\"y\":2}}", WEIR_MISMATCH, "column 15",
     "field \"home\": expected a field \"x\", got an object without it"},
    {"{\"other\":{\"a\":[1,2}}", WEIR_MALFORMED, "column 19", "expected ',' or ']', got }"},
    {"{\"name\":\"a", WEIR_MALFORMED, "column 11",
     "field \"name\": expected '\"' at the end of a string, got the end of the message"},
    {"{\"name\":\"\\x\"}", WEIR_MALFORMED, "column 11",
     "field \"name\": expected one of \" \\ / b f n r t u behind a backslash, got x\""},
    {"{\"name\":\"\\u12g4\"}", WEIR_MALFORMED, "column 14",
     "field \"name\": expected four hexadecimal digits behind \\u, got g4\""},
    {"{\"name\":\"\\ud800\"}", WEIR_MALFORMED, "column 10",
     "field \"name\": expected a pair of surrogates, got one half, \\ud800"},
    {"{\"name\":\"\\ude00\"}", WEIR_MALFORMED, "column 10",
     "field \"name\": expected a pair of surrogates, got one half, \\ude00"},
    {"{\"name\":\"\\ud800\\u0041\"}", WEIR_MALFORMED, "column 10",
     "field \"name\": expected a pair of surrogates, got one half, \\ud800"},
    {"{\"name\":\"\\u0000\"}", WEIR_MALFORMED, "column 10",
     "field \"name\": expected text without NUL characters, got \\u0000"},
    {"{\"name\":\"\x1b[2J\"}", WEIR_MALFORMED, "column 10",
     "field \"name\": expected control characters in a string to be escaped, got the raw byte "
     "0x1b"},
    {"{\"name\":\"\xff\"}", WEIR_MALFORMED, "column 10",
     "field \"name\": expected UTF-8, got the invalid byte 0xff"},
    {"{\"other\":\"\xc0\xaf\"}", WEIR_MALFORMED, "column 11",
     "expected UTF-8, got the invalid byte 0xc0"},
    {"\xef\xbb\xbf{}", WEIR_MALFORMED, "column 1", "expected a value, got \\ufeff{"},
    {"\x1b[31m", WEIR_MALFORMED, "column 1", "expected a value, got \\x1b[31m"},
};

/* FAULTS 11 and 12. */
START_TEST(bad_message_is_refused_with_place_expected_and_got)
{
    const struct refusal *refusal = &refusals[_i];
    struct sample value, zero;
    memset(&zero, 0, sizeof(zero));
    enum weir_status status = decode(refusal->text, &value);
    ck_assert_str_eq(error.message, refusal->message);
    ck_assert_str_eq(error.where, refusal->where);
    ck_assert_int_eq(status, refusal->status);
    ck_assert_int_eq(error.code, refusal->status);
    ck_assert_mem_eq(&value, &zero, sizeof(value));
    ck_assert_int_eq(
        weir_decoder_decode(decoder, refusal->text, strlen(refusal->text), &value, NULL),
        refusal->status);
}
END_TEST

START_TEST(integers_are_taken_in_their_full_range)
{
    int64_t value;
    use_type(&weir_int64_type);
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {{"0", 0},
                 {"-0", 0},
                 {"999999999999999999", 999999999999999999},
                 {"1000000000000000000", 1000000000000000000},
                 {"9223372036854775807", INT64_MAX},
                 {"-9223372036854775808", INT64_MIN}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_int_eq(decode(cases[i].text, &value), WEIR_OK);
        ck_assert_int_eq(value, cases[i].value);
    }
}
END_TEST

START_TEST(doubles_are_read_to_the_last_bit)
{
    static const char *const texts[] = {"0.1",
                                        "-0.0",
                                        "1.7976931348623157e308",
                                        "5e-324",
                                        "1e-400",
                                        "123456789012345678901234567890",
                                        "9007199254740993",
                                        "0.30000000000000004",
                                        "2.2250738585072011e-308",
                                        "1E+2",
                                        "1234567890.123456789",
                                        "99999999999999999999",
                                        ("1.0000000000000000000000000000000000000"
                                         "000000000000000000000000000000000000000000001")};
    use_type(&weir_double_type);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        double value;
        double expected = strtod(texts[i], NULL);
        ck_assert_int_eq(decode(texts[i], &value), WEIR_OK);
        ck_assert_msg(memcmp(&value, &expected, sizeof(value)) == 0, "%s", texts[i]);
    }
}
END_TEST

static char *nested(size_t levels, const char *open, const char *inner, const char *close)
{
    size_t size = levels * (strlen(open) + strlen(close)) + strlen(inner) + 1;
    char *text = calloc(size, 1);
    char *to = text;
    for (size_t i = 0; i < levels; i++) {
        to = (char *)memcpy(to, open, strlen(open)) + strlen(open);
    }
    to = (char *)memcpy(to, inner, strlen(inner)) + strlen(inner);
    for (size_t i = 0; i < levels; i++) {
        to = (char *)memcpy(to, close, strlen(close)) + strlen(close);
    }
    return text;
}

/* FAULTS 12: nested 100 000 deep. */
START_TEST(nesting_is_taken_to_64_levels_and_refused_beyond)
{
    struct node value;
    use_type(&node_type);
    /* node, list, node, list, … 32 nodes are 63 levels. */
    char *deepest = nested(31, "{\"children\":[", "{\"id\":1}", "]}");
    ck_assert_int_eq(decode(deepest, &value), WEIR_OK);
    free(deepest);
    char *unknown = nested(63, "[", "", "]");
    char text[400];
    snprintf(text, sizeof(text), "{\"unknown\":%s}", unknown);
    ck_assert_int_eq(decode(text, &value), WEIR_OK);
    snprintf(text, sizeof(text), "{\"unknown\":[%s]}", unknown);
    ck_assert_int_eq(decode(text, &value), WEIR_LIMIT);
    free(unknown);

    static const char *const opens[] = {"{\"children\":[", "[", "{\"a\":"};
    static const char *const closes[] = {"]}", "]", "}"};
    for (int i = 0; i < 3; i++) {
        char *deep = nested(100000, opens[i], "", closes[i]);
        ck_assert_int_eq(decode(deep, &value), WEIR_LIMIT);
        ck_assert_ptr_nonnull(
            strstr(error.message, "expected at most 64 levels of nesting, got more"));
        free(deep);
    }
}
END_TEST

/* What a message may hold must also go through channels and state. */
START_TEST(deepest_message_survives_the_codec)
{
    static const struct weir_type nodes = {.name = "nodes",
                                           .kind = WEIR_KIND_LIST,
                                           .size = sizeof(struct weir_list),
                                           .element = &node_type};
    struct weir_list value, decoded;
    struct weir__buf buf = {0};
    use_type(&nodes);
    char *deepest = nested(31, "[{\"children\":", "[{}]", "}]"); /* 64 levels */
    ck_assert_int_eq(decode(deepest, &value), WEIR_OK);
    weir__encode(&nodes, &value, &buf);
    struct weir__reader in = weir__reader_of((struct weir_str){buf.data, (uint32_t)buf.len});
    ck_assert_int_eq(weir__decode(&nodes, &in, &decoded), WEIR_OK);
    ck_assert(weir_value_equals(&nodes, &value, &decoded));
    weir_value_fini(&nodes, &decoded);
    weir__buf_fini(&buf);
    free(deepest);
}
END_TEST

START_TEST(what_is_encoded_decodes_to_an_equal_value)
{
    weir_encoder *encoder = weir_encoder_new(weir_json(&sample_type));
    sample_least_character = 1; /* U+0000 is refused */
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct weir__rand rand;
        struct sample value, decoded;
        weir__rand_init(&rand, seed);
        sample_random(&rand, &value);
        struct weir_str text = weir_encoder_encode(encoder, &value);
        ck_assert_msg(decode_bytes(text.data, text.len, &decoded) == WEIR_OK, "seed %d: %s: %s",
                      (int)seed, error.where, error.message);
        ck_assert_msg(weir_value_equals(&sample_type, &decoded, &value), "seed %d", (int)seed);
        weir_value_fini(&sample_type, &value);
    }
    weir_encoder_free(encoder);
}
END_TEST

START_TEST(encoder_writes_declared_order_nulls_and_escapes)
{
    struct point value = {.x = -1, .label = WEIR_STR("a\"\n\xff\x1b")};
    weir_encoder *encoder = weir_encoder_new(weir_json(&point_type));
    struct weir_str text = weir_encoder_encode(encoder, &value);
    ck_assert(weir_str_equals(text, "{\"x\":-1.0,\"y\":0.0,\"label\":\"a\\\"\\n\\ufffd\\u001b\"}"));
    value.label = (struct weir_str){NULL, 0};
    text = weir_encoder_encode(encoder, &value);
    ck_assert(weir_str_equals(text, "{\"x\":-1.0,\"y\":0.0,\"label\":null}"));
    weir_encoder_free(encoder);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    const char *text = "{\"name\":\"A\\u00e9\\ud83d\\ude00é\",\"number\":-42,\"users\":[\"u1\"],"
                       "\"points\":[{\"x\":1.5e3}]," REST;
    struct sample value;
    ck_assert_int_eq(decode(text, &value), WEIR_OK);
    for (size_t len = 0; len < strlen(text); len++) {
        ck_assert_int_ne(decode_bytes(text, len, &value), WEIR_OK);
    }
}
END_TEST

START_TEST(text_format_takes_lines_as_they_are)
{
    struct weir_str value;
    weir_decoder *text_decoder = weir_decoder_new(weir_text());
    ck_assert_int_eq(weir_decoder_decode(text_decoder, "gr\xc3\xbc\xc3\x9f\t{", 8, &value, &error),
                     WEIR_OK);
    ck_assert(weir_str_equals(value, "grüß\t{"));
    ck_assert_int_eq(weir_decoder_decode(text_decoder, "", 0, &value, &error), WEIR_OK);
    ck_assert(!weir_str_is_null(value) && value.len == 0);
    ck_assert_int_eq(weir_decoder_decode(text_decoder, "ab\xff", 3, &value, &error),
                     WEIR_MALFORMED);
    ck_assert_str_eq(error.where, "column 3");
    ck_assert_str_eq(error.message, "expected a line of UTF-8 text, got the invalid byte 0xff");
    ck_assert_int_eq(weir_decoder_decode(text_decoder, "a\0b", 3, &value, &error), WEIR_MALFORMED);
    ck_assert_str_eq(error.where, "column 2");
    weir_decoder_free(text_decoder);

    weir_encoder *encoder = weir_encoder_new(weir_text());
    value = WEIR_STR("line");
    ck_assert(weir_str_equals(weir_encoder_encode(encoder, &value), "line"));
    weir_encoder_free(encoder);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format json");
    TCase *tests = tcase_create("json");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, object_fills_the_struct);
    tcase_add_test(tests, strings_are_views_of_the_message);
    tcase_add_test(tests, keys_may_come_in_any_and_changing_order);
    tcase_add_test(tests, escapes_are_undone);
    tcase_add_test(tests, unescaped_strings_of_one_message_do_not_overlap);
    tcase_add_loop_test(tests, bad_message_is_refused_with_place_expected_and_got, 0,
                        (int)(sizeof(refusals) / sizeof(refusals[0])));
    tcase_add_test(tests, integers_are_taken_in_their_full_range);
    tcase_add_test(tests, doubles_are_read_to_the_last_bit);
    tcase_add_test(tests, nesting_is_taken_to_64_levels_and_refused_beyond);
    tcase_add_test(tests, deepest_message_survives_the_codec);
    tcase_add_test(tests, what_is_encoded_decodes_to_an_equal_value);
    tcase_add_test(tests, encoder_writes_declared_order_nulls_and_escapes);
    tcase_add_test(tests, every_truncation_is_refused);
    tcase_add_test(tests, text_format_takes_lines_as_they_are);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
