/*
 * The CSV format: what RFC 4180 asks for, nulls, and what is refused.
 */
#include "base/rand.h"
#include "random_cases.h"

#include <weir/format.h>

#include <check.h>

#define ROW_FIELDS(F, T)                                                                           \
    F(T, string, name, "name", required)                                                           \
    F(T, string, note, "note", nullable)                                                           \
    F(T, int64, n, "n", required)                                                                  \
    F(T, real, price, "price", nullable)                                                           \
    F(T, boolean, flag, "flag", nullable)
WEIR_DECLARE_TYPE(row, ROW_FIELDS);
WEIR_DEFINE_TYPE(row, ROW_FIELDS);

static weir_decoder *decoder;
static weir_encoder *encoder;
static struct weir_error error;
static struct row row;

static void set_up(void)
{
    decoder = weir_decoder_new(weir_csv(&row_type));
    encoder = weir_encoder_new(weir_csv(&row_type));
    error = (struct weir_error){0};
}

static void tear_down(void)
{
    weir_decoder_free(decoder);
    weir_encoder_free(encoder);
}

static enum weir_status read(const char *text)
{
    return weir_decoder_decode(decoder, text, strlen(text), &row, &error);
}

START_TEST(fields_come_in_declared_order)
{
    ck_assert_int_eq(read("Ada,hello,-42,1.5e2,true"), WEIR_OK);
    ck_assert(weir_str_equals(row.name, "Ada") && weir_str_equals(row.note, "hello"));
    ck_assert_int_eq(row.n, -42);
    ck_assert_double_eq(row.price, 150);
    ck_assert(row.flag);
}
END_TEST

START_TEST(quoted_fields_hold_anything)
{
    ck_assert_int_eq(read("\"a, \"\"b\"\"\r\nc\",\"\"\"\",7,,"), WEIR_OK);
    ck_assert(weir_str_equals(row.name, "a, \"b\"\r\nc"));
    ck_assert(weir_str_equals(row.note, "\""));
}
END_TEST

START_TEST(nothing_is_null_and_empty_quotes_are_empty)
{
    ck_assert_int_eq(read(",,1,,"), WEIR_OK);
    ck_assert(weir_str_equals(row.name, ""));
    ck_assert(weir_str_is_null(row.note));
    ck_assert(row.price == 0 && !row.flag);
    ck_assert_int_eq(read(",\"\",1,,"), WEIR_OK);
    ck_assert(weir_str_equals(row.note, ""));
}
END_TEST

static const struct refusal {
    const char *text;
    enum weir_status status;
    const char *where;
    const char *message;
} refusals[] = {
    {"a,b", WEIR_MISMATCH, "column 4", "field \"n\": expected a value, got the end of the record"},
    {"a,b,1,,,", WEIR_MISMATCH, "column 8", "expected the end of the record, got ,"},
    {"a,b,1.0,,", WEIR_MISMATCH, "column 5",
     "field \"n\": expected an integer of at most 64 bits, got 1.0"},
    {"a,b,9223372036854775808,,", WEIR_MISMATCH, "column 5",
     "field \"n\": expected an integer of at most 64 bits, got 9223372036854775808"},
    {"a,b,,,", WEIR_MISMATCH, "column 5",
     "field \"n\": expected an integer of at most 64 bits, got "},
    {"a,b,1,1e999,", WEIR_MISMATCH, "column 7", "field \"price\": expected a number, got 1e999"},
    {"a,b,1,nan,", WEIR_MISMATCH, "column 7", "field \"price\": expected a number, got nan"},
    {"a,b,1,,yes", WEIR_MISMATCH, "column 8", "field \"flag\": expected true or false, got yes"},
    {"a\"b,c,1,,", WEIR_MALFORMED, "column 1",
     "field \"name\": expected text, or text in quotes with each quote in it doubled, got "
     "a\"b,c,1,,"},
    {"\"a\"b,c,1,,", WEIR_MALFORMED, "column 1",
     "field \"name\": expected text, or text in quotes with each quote in it doubled, got "
     "\"a\"b,c,1,,"},
    {"\"a,b,1,,", WEIR_MALFORMED, "column 1",
     "field \"name\": expected text, or text in quotes with each quote in it doubled, got "
     "\"a,b,1,,"},
    {"a,\xff,1,,", WEIR_MALFORMED, "column 3", "expected UTF-8 text, got \\xff"},
};

START_TEST(what_is_no_record_is_refused_with_its_place)
{
    const struct refusal *refusal = &refusals[_i];
    ck_assert_int_eq(read(refusal->text), refusal->status);
    ck_assert_str_eq(error.where, refusal->where);
    ck_assert_str_eq(error.message, refusal->message);
    ck_assert(weir_str_is_null(row.name) && row.n == 0);
}
END_TEST

static struct weir_str random_text(struct weir__rand *rand, char text[12], bool nullable)
{
    static const char alphabet[] = "a,\"\r\n\\ ";
    uint32_t len = (uint32_t)weir__rand_below(rand, 12);
    for (uint32_t i = 0; i < len; i++) {
        text[i] = alphabet[weir__rand_below(rand, sizeof alphabet - 1)];
    }
    return nullable && weir__rand_below(rand, 4) == 0 ? (struct weir_str){NULL, 0}
                                                      : (struct weir_str){text, len};
}

START_TEST(what_is_written_is_read_again)
{
    struct random_cases cases = random_cases("rows", 2000);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct weir__rand rand;
        char name[12];
        char note[12];
        weir__rand_init(&rand, seed);
        struct row written = {.name = random_text(&rand, name, false),
                              .note = random_text(&rand, note, true),
                              .n = (int64_t)weir__rand_next(&rand),
                              .price = weir__rand_unit(&rand) * 1e9,
                              .flag = weir__rand_below(&rand, 2) == 1};
        struct weir_str text = weir_encoder_encode(encoder, &written);
        ck_assert_int_eq(weir_decoder_decode(decoder, text.data, text.len, &row, &error), WEIR_OK);
        ck_assert(weir_value_equals(&row_type, &written, &row));
    }
}
END_TEST

START_TEST(type_with_a_list_is_refused_when_checked)
{
    static const struct weir_field fields[] = {
        {"tags", "tags", WEIR_KIND_LIST, false, 0, &weir_string_type}};
    static const struct weir_type type = {
        "tagged", WEIR_KIND_STRUCT, sizeof(struct weir_list), fields, 1, NULL};
    ck_assert_int_eq(weir_format_check(weir_csv(&type), &error), WEIR_UNSUPPORTED);
    ck_assert_int_eq(weir_format_check(weir_csv(&row_type), &error), WEIR_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format csv");
    TCase *tests = tcase_create("csv");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, fields_come_in_declared_order);
    tcase_add_test(tests, quoted_fields_hold_anything);
    tcase_add_test(tests, nothing_is_null_and_empty_quotes_are_empty);
    tcase_add_loop_test(tests, what_is_no_record_is_refused_with_its_place, 0,
                        sizeof(refusals) / sizeof(refusals[0]));
    tcase_add_test(tests, what_is_written_is_read_again);
    tcase_add_test(tests, type_with_a_list_is_refused_when_checked);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
