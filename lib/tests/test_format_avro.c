/*
 * The Avro format: bytes as the specification has them, schemas that changed, framing, and what is
 * refused. test_format_avro_oracle.c compares with avro-c.
 */
#include <weir/avro.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define EVENT_FIELDS(F, T)                                                                         \
    F(T, string, user, "user", required)                                                           \
    F(T, string, page, "page", nullable)                                                           \
    F(T, int64, count, "count", required)                                                          \
    F(T, real, price, "price", required)                                                           \
    F(T, boolean, bought, "bought", required)                                                      \
    F(T, list, tags, "tags", nullable, weir_string)
WEIR_DECLARE_TYPE(event, EVENT_FIELDS);
WEIR_DEFINE_TYPE(event, EVENT_FIELDS);

#define SMALL_FIELDS(F, T)                                                                         \
    F(T, string, name, "name", nullable)                                                           \
    F(T, int64, n, "n", required)
WEIR_DECLARE_TYPE(small, SMALL_FIELDS);
WEIR_DEFINE_TYPE(small, SMALL_FIELDS);

#define RECORD(fields) "{\"type\":\"record\",\"name\":\"Small\",\"fields\":[" fields "]}"
#define NAME           "{\"name\":\"name\",\"type\":[\"null\",\"string\"],\"default\":null}"

static weir_decoder *decoder;
static struct weir_error error;
static struct small small;

static void tear_down(void)
{
    weir_decoder_free(decoder);
    decoder = NULL;
}

/* Decodes a small value written with `writer`, read with the aliases and defaults of `reader`. */
static enum weir_status read_small(const char *writer, const char *reader, const char *bytes,
                                   size_t len)
{
    static struct weir_avro_config config;
    config =
        (struct weir_avro_config){.type = &small_type, .schema = reader, .writer_schema = writer};
    weir_decoder_free(decoder);
    error = (struct weir_error){0};
    decoder = weir_decoder_new(weir_avro_with(&config));
    return weir_decoder_decode(decoder, bytes, len, &small, &error);
}

#define READ(writer, reader, literal) read_small(writer, reader, literal, sizeof(literal) - 1)

/* ---- bytes ---- */

START_TEST(value_has_the_bytes_of_the_specification)
{
    struct weir_str tags[] = {WEIR_STR("x"), WEIR_STR("")};
    struct event event = {
        .user = WEIR_STR("Ada"), .count = -65, .price = 1.5, .bought = true, .tags = {tags, 2, 0}};
    static const char expected[] = "\x06"
                                   "Ada"
                                   "\0"
                                   "\x81\x01"
                                   "\0\0\0\0\0\0\xf8\x3f"
                                   "\1"
                                   "\2\4\2x\0\0";
    weir_encoder *encoder = weir_encoder_new(weir_avro(&event_type));
    struct weir_str bytes = weir_encoder_encode(encoder, &event);
    ck_assert_uint_eq(bytes.len, sizeof(expected) - 1);
    ck_assert_mem_eq(bytes.data, expected, bytes.len);
    struct event again;
    decoder = weir_decoder_new(weir_avro(&event_type));
    ck_assert_int_eq(weir_decoder_decode(decoder, expected, sizeof(expected) - 1, &again, &error),
                     WEIR_OK);
    ck_assert(weir_value_equals(&event_type, &event, &again));
    weir_encoder_free(encoder);
}
END_TEST

START_TEST(strings_are_views_of_the_message)
{
    const char message[] = "\2\6abc\0";
    ck_assert_int_eq(read_small(NULL, NULL, message, 6), WEIR_OK);
    ck_assert_ptr_eq(small.name.data, message + 2);
}
END_TEST

START_TEST(array_in_several_blocks_is_one_list)
{
    struct event event;
    static const char bytes[] = "\2u\0\0\0\0\0\0\0\0\0\0\0\2\2\2a\1\4\2b\0";
    decoder = weir_decoder_new(weir_avro(&event_type));
    ck_assert_int_eq(weir_decoder_decode(decoder, bytes, sizeof(bytes) - 1, &event, &error),
                     WEIR_OK);
    ck_assert_uint_eq(event.tags.count, 2);
    ck_assert(weir_str_equals(((struct weir_str *)event.tags.items)[1], "b"));
}
END_TEST

START_TEST(schema_is_made_from_the_type)
{
    char text[512];
    ck_assert_uint_lt(weir_avro_schema(&small_type, text, sizeof text), sizeof text);
    ck_assert_str_eq(text, "{\"type\":\"record\",\"name\":\"small\",\"fields\":[" NAME
                           ",{\"name\":\"n\",\"type\":\"long\"}]}");
}
END_TEST

/* ---- schemas that changed ---- */

START_TEST(added_nullable_field_is_null)
{
    ck_assert_int_eq(READ(RECORD("{\"name\":\"n\",\"type\":\"long\"}"), NULL, "\x0e"), WEIR_OK);
    ck_assert_int_eq(small.n, 7);
    ck_assert(weir_str_is_null(small.name));
}
END_TEST

START_TEST(added_field_gets_its_default)
{
    ck_assert_int_eq(READ(RECORD(NAME),
                          RECORD(NAME ",{\"name\":\"n\",\"type\":\"long\",\"default\""
                                      ":-3}"),
                          "\2\2a"),
                     WEIR_OK);
    ck_assert_int_eq(small.n, -3);
    ck_assert(weir_str_equals(small.name, "a"));
}
END_TEST

START_TEST(default_of_a_string_lives_as_long_as_the_decoder)
{
    ck_assert_int_eq(READ(RECORD("{\"name\":\"n\",\"type\":\"long\"}"),
                          RECORD("{\"name\":\"name\",\"type\":[\"string\",\"null\"],\"default\":"
                                 "\"none\"},{\"name\":\"n\",\"type\":\"long\"}"),
                          "\0"),
                     WEIR_OK);
    ck_assert(weir_str_equals(small.name, "none"));
}
END_TEST

START_TEST(added_field_without_default_is_refused_by_name)
{
    ck_assert_int_eq(READ(RECORD(NAME), NULL, "\0"), WEIR_MISMATCH);
    ck_assert_str_eq(error.message, "field \"n\": the schema's record Small does not fit; expected "
                                    "one with that field, or a default for it");
}
END_TEST

START_TEST(default_of_another_type_is_none)
{
    ck_assert_int_eq(READ(RECORD(NAME),
                          RECORD(NAME ",{\"name\":\"n\",\"type\":\"long\",\"default\""
                                      ":\"x\"}"),
                          "\0"),
                     WEIR_MISMATCH);
}
END_TEST

START_TEST(removed_fields_of_every_type_are_skipped)
{
    ck_assert_int_eq(
        READ(RECORD("{\"name\":\"a\",\"type\":{\"type\":\"map\",\"values\":\"int\"}},"
                    "{\"name\":\"b\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":3}},"
                    "{\"name\":\"c\",\"type\":{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"X\","
                    "\"Y\"]}},{\"name\":\"n\",\"type\":\"long\"},"
                    "{\"name\":\"d\",\"type\":[\"float\",\"double\",\"boolean\"]},"
                    "{\"name\":\"e\",\"type\":{\"type\":\"array\",\"items\":\"bytes\"}},"
                    "{\"name\":\"f\",\"type\":\"null\"}"),
             NULL,
             "\2\2k\4\0"
             "fff"
             "\2"
             "\x10"
             "\0\0\0\0\0"
             "\1\4\2z\0"),
        WEIR_OK);
    ck_assert_int_eq(small.n, 8);
}
END_TEST

START_TEST(reordered_fields_find_their_places)
{
    ck_assert_int_eq(READ(RECORD("{\"name\":\"n\",\"type\":\"long\"}," NAME), NULL, "\4\2\2b"),
                     WEIR_OK);
    ck_assert_int_eq(small.n, 2);
    ck_assert(weir_str_equals(small.name, "b"));
}
END_TEST

START_TEST(union_may_have_null_last)
{
    static const char writer[] =
        RECORD("{\"name\":\"name\",\"type\":[\"string\",\"null\"]},{\"name\":\"n\",\"type\":"
               "\"long\"}");
    ck_assert_int_eq(READ(writer, NULL, "\0\2b\0"), WEIR_OK);
    ck_assert(weir_str_equals(small.name, "b"));
    ck_assert_int_eq(READ(writer, NULL, "\2\0"), WEIR_OK);
    ck_assert(weir_str_is_null(small.name));
}
END_TEST

START_TEST(field_is_found_by_an_alias)
{
    ck_assert_int_eq(READ(RECORD("{\"name\":\"total\",\"type\":\"int\"}"),
                          RECORD(NAME ",{\"name\":\"n\",\"type\":\"long\",\"aliases\":[\"sum\","
                                      "\"total\"]}"),
                          "\x14"),
                     WEIR_OK);
    ck_assert_int_eq(small.n, 10);
}
END_TEST

static const struct promotion {
    const char *written;
    const char *bytes;
    size_t len;
    double value;
} promotions[] = {
    {"\"int\"", "\x03", 1, -2},
    {"\"long\"", "\xfe\xff\xff\xff\xff\x1f", 6, 549755813887},
    {"\"float\"", "\0\0\xc0\x3f", 4, 1.5},
    {"\"double\"", "\0\0\0\0\0\0\xf8\x3f", 8, 1.5},
    {"[\"null\",\"float\"]", "\2\0\0\xc0\x3f", 5, 1.5},
};

START_TEST(numbers_are_promoted_to_double)
{
    static const struct weir_field fields[] = {
        {"price", "price", WEIR_KIND_DOUBLE, false, 0, NULL}};
    static const struct weir_type type = {"price", WEIR_KIND_STRUCT, sizeof(double), fields, 1,
                                          NULL};
    char schema[200];
    double price = 0;
    snprintf(schema, sizeof schema, RECORD("{\"name\":\"price\",\"type\":%s}"),
             promotions[_i].written);
    struct weir_avro_config config = {.type = &type, .writer_schema = schema};
    decoder = weir_decoder_new(weir_avro_with(&config));
    ck_assert_int_eq(
        weir_decoder_decode(decoder, promotions[_i].bytes, promotions[_i].len, &price, &error),
        WEIR_OK);
    ck_assert_double_eq(price, promotions[_i].value);
}
END_TEST

START_TEST(int_is_promoted_to_int64_and_kept_within_32_bits)
{
    static const char writer[] = RECORD("{\"name\":\"n\",\"type\":\"int\"}");
    ck_assert_int_eq(READ(writer, NULL, "\xff\xff\xff\xff\x0f"), WEIR_OK);
    ck_assert_int_eq(small.n, INT32_MIN);
    ck_assert_int_eq(READ(writer, NULL, "\x80\x80\x80\x80\x10"), WEIR_MALFORMED);
}
END_TEST

START_TEST(enum_and_bytes_become_strings)
{
    ck_assert_int_eq(
        READ(RECORD("{\"name\":\"name\",\"type\":{\"type\":\"enum\",\"name\":\"E\","
                    "\"symbols\":[\"RED\",\"BLUE\"]}},{\"name\":\"n\",\"type\":\"int\"}"),
             NULL, "\2\0"),
        WEIR_OK);
    ck_assert(weir_str_equals(small.name, "BLUE"));
    ck_assert_int_eq(READ(RECORD("{\"name\":\"name\",\"type\":\"bytes\"},{\"name\":\"n\",\"type\":"
                                 "\"int\"}"),
                          NULL, "\4ab\0"),
                     WEIR_OK);
    ck_assert(weir_str_equals(small.name, "ab"));
}
END_TEST

START_TEST(double_does_not_become_an_integer)
{
    ck_assert_int_eq(READ(RECORD("{\"name\":\"n\",\"type\":\"double\"}"), NULL, ""), WEIR_MISMATCH);
    ck_assert_str_eq(error.message,
                     "field \"n\": the schema's double does not fit; expected long or int");
}
END_TEST

START_TEST(branch_that_does_not_fit_is_refused_when_it_comes)
{
    static const char writer[] = RECORD("{\"name\":\"n\",\"type\":[\"long\",\"string\",\"null\"]}");
    ck_assert_int_eq(READ(writer, NULL, "\0\2"), WEIR_OK);
    ck_assert_int_eq(small.n, 1);
    ck_assert_int_eq(READ(writer, NULL, "\2\2a"), WEIR_MISMATCH);
    ck_assert_str_eq(error.message, "field \"n\": got a value of type string, which it does not "
                                    "take");
    ck_assert_int_eq(READ(writer, NULL, "\4"), WEIR_MISMATCH);
}
END_TEST

/* ---- writing by a schema ---- */

static const char narrow[] =
    RECORD("{\"name\":\"n\",\"type\":\"int\"},{\"name\":\"name\",\"type\":[\"string\",\"null\"]},"
           "{\"name\":\"more\",\"type\":\"long\",\"default\":5}");

START_TEST(values_are_written_by_the_schema)
{
    struct weir_avro_config config = {.type = &small_type, .schema = narrow};
    weir_encoder *encoder = weir_encoder_new(weir_avro_with(&config));
    struct weir_str bytes = weir_encoder_encode(encoder, &(struct small){.n = 3});
    ck_assert_uint_eq(bytes.len, 3);
    ck_assert_mem_eq(bytes.data, "\6\2\x0a", 3);
    weir_encoder_free(encoder);
}
END_TEST

START_TEST(value_that_does_not_fit_is_not_written)
{
    struct weir_avro_config config = {.type = &small_type, .schema = narrow};
    weir_encoder *encoder = weir_encoder_new(weir_avro_with(&config));
    struct weir_str bytes = weir_encoder_encode(encoder, &(struct small){.n = INT64_C(1) << 31});
    ck_assert_ptr_null(bytes.data);
    ck_assert_int_eq(
        weir_encoder_try(encoder, &(struct small){.n = INT64_C(1) << 31}, &bytes, &error),
        WEIR_MISMATCH);
    weir_encoder_free(encoder);
}
END_TEST

/* ---- framing ---- */

struct table {
    struct weir_schema_store store;
    int asked;
};

static enum weir_status schema_of(struct weir_schema_store *store, int32_t id,
                                  struct weir_str *schema, struct weir_error *why)
{
    ((struct table *)store)->asked++;
    switch (id) {
    case 7:
        *schema = weir_str_from(RECORD("{\"name\":\"n\",\"type\":\"int\"}"));
        return WEIR_OK;
    case 0x01020304:
        *schema = weir_str_from(RECORD(NAME ",{\"name\":\"n\",\"type\":\"long\"}"));
        return WEIR_OK;
    case 9:
        return weir_error_set(why, WEIR_UNAVAILABLE, "registry", "down");
    default:
        return weir_error_set(why, WEIR_NOT_FOUND, "registry", "no schema %d", id);
    }
}

static struct table table;
static struct weir_avro_config framed;

static void set_up_framing(void)
{
    table = (struct table){.store = {schema_of}};
    framed = (struct weir_avro_config){
        .type = &small_type, .schemas = &table.store, .schema_id = 0x01020304};
    decoder = weir_decoder_new(weir_avro_with(&framed));
    error = (struct weir_error){0};
}

static enum weir_status read_framed(const char *bytes, size_t len)
{
    return weir_decoder_decode(decoder, bytes, len, &small, &error);
}

START_TEST(frame_has_a_zero_and_the_id_in_big_endian)
{
    weir_encoder *encoder = weir_encoder_new(weir_avro_with(&framed));
    struct weir_str bytes = weir_encoder_encode(encoder, &(struct small){.n = 3});
    ck_assert_uint_eq(bytes.len, 7);
    ck_assert_mem_eq(bytes.data, "\0\1\2\3\4\0\6", 7);
    ck_assert_int_eq(read_framed(bytes.data, bytes.len), WEIR_OK);
    ck_assert_int_eq(small.n, 3);
    weir_encoder_free(encoder);
}
END_TEST

START_TEST(each_message_is_read_with_its_own_schema)
{
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(read_framed("\0\0\0\0\7\6", 6), WEIR_OK);
        ck_assert_int_eq(small.n, 3);
        ck_assert_int_eq(read_framed("\0\1\2\3\4\2\2a\6", 9), WEIR_OK);
        ck_assert(weir_str_equals(small.name, "a"));
    }
    ck_assert_int_eq(table.asked, 2);
}
END_TEST

START_TEST(unknown_id_is_asked_for_once)
{
    ck_assert_int_eq(read_framed("\0\0\0\0\5\0", 6), WEIR_NOT_FOUND);
    ck_assert_int_eq(read_framed("\0\0\0\0\5\0", 6), WEIR_NOT_FOUND);
    ck_assert_str_eq(error.message, "no schema 5");
    ck_assert_int_eq(table.asked, 1);
}
END_TEST

START_TEST(store_that_is_away_is_asked_again)
{
    ck_assert_int_eq(read_framed("\0\0\0\0\x09\0", 6), WEIR_UNAVAILABLE);
    ck_assert_int_eq(read_framed("\0\0\0\0\x09\0", 6), WEIR_UNAVAILABLE);
    ck_assert_int_eq(table.asked, 2);
}
END_TEST

START_TEST(message_without_a_frame_is_refused)
{
    ck_assert_int_eq(read_framed("\0\0\0\0", 4), WEIR_MALFORMED);
    ck_assert_int_eq(read_framed("{\"n\":1}", 7), WEIR_MALFORMED);
    ck_assert_int_eq(table.asked, 0);
}
END_TEST

/* ---- refusals ---- */

static const struct refusal {
    const char *bytes;
    size_t len;
    enum weir_status status;
    const char *where;
} refusals[] = {
    {"", 0, WEIR_MALFORMED, "byte 1"},
    {"\4", 1, WEIR_MALFORMED, "byte 1"},     /* no such branch */
    {"\1", 1, WEIR_MALFORMED, "byte 1"},     /* a branch below 0 */
    {"\2\6ab", 4, WEIR_MALFORMED, "byte 2"}, /* longer than what is left */
    {"\2\1", 2, WEIR_MALFORMED, "byte 2"},   /* a length below 0 */
    {"\2\4\xc3\x28\0", 5, WEIR_MALFORMED, "byte 3"},
    {"\0\x80\x80", 3, WEIR_MALFORMED, "byte 2"}, /* no end of an integer */
    {"\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\2", 11, WEIR_MALFORMED, "byte 2"},
    {"\0\0\0", 3, WEIR_MALFORMED, "byte 3"}, /* more than a value */
};

START_TEST(damaged_message_is_refused_with_its_place)
{
    const struct refusal *refusal = &refusals[_i];
    ck_assert_int_eq(read_small(NULL, NULL, refusal->bytes, refusal->len), refusal->status);
    ck_assert_str_eq(error.where, refusal->where);
    ck_assert(small.n == 0 && weir_str_is_null(small.name));
}
END_TEST

START_TEST(list_that_promises_more_than_there_is_takes_no_memory)
{
    struct event event;
    static const char bytes[] = "\2u\0\0\0\0\0\0\0\0\0\0\0\2\xfe\xff\xff\xff\xff\xff\xff\xff\xff\1";
    decoder = weir_decoder_new(weir_avro(&event_type));
    ck_assert_int_eq(weir_decoder_decode(decoder, bytes, sizeof(bytes) - 1, &event, &error),
                     WEIR_MALFORMED);
}
END_TEST

static const char *const bad_schemas[] = {
    "",
    "{",
    "\"nothing\"",
    "[]",
    "[[\"int\"]]",
    "{\"type\":\"record\",\"name\":\"R\"}",
    "{\"type\":\"record\",\"fields\":[]}",
    RECORD("{\"name\":\"n\"}"),
    RECORD("{\"name\":\"n\",\"type\":\"int\"},{\"name\":\"n\",\"type\":\"int\"}"),
    RECORD("{\"name\":\"n\",\"type\":{\"type\":\"enum\",\"name\":\"Small\",\"symbols\":[\"A\"]}}"),
    "{\"type\":\"fixed\",\"name\":\"F\",\"size\":-1}",
    "{\"type\":\"array\"}",
};

START_TEST(what_is_no_schema_is_refused_when_checked)
{
    struct weir_avro_config config = {.type = &small_type, .writer_schema = bad_schemas[_i]};
    ck_assert_int_eq(weir_format_check(weir_avro_with(&config), &error), WEIR_MALFORMED);
    ck_assert_ptr_nonnull(strstr(error.message, "Avro schema: expected"));
}
END_TEST

START_TEST(names_are_resolved_within_their_namespace)
{
    ck_assert_int_eq(
        READ("{\"type\":\"record\",\"name\":\"Small\",\"namespace\":\"shop.v1\",\"fields\":["
             "{\"name\":\"a\",\"type\":{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"X\"]}},"
             "{\"name\":\"b\",\"type\":\"E\"},{\"name\":\"c\",\"type\":\"shop.v1.E\"},"
             "{\"name\":\"n\",\"type\":\"long\"}]}",
             NULL, "\0\0\0\2"),
        WEIR_OK);
    ck_assert_int_eq(small.n, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format avro");
    TCase *tests = tcase_create("avro");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, value_has_the_bytes_of_the_specification);
    tcase_add_test(tests, strings_are_views_of_the_message);
    tcase_add_test(tests, array_in_several_blocks_is_one_list);
    tcase_add_test(tests, schema_is_made_from_the_type);
    tcase_add_test(tests, added_nullable_field_is_null);
    tcase_add_test(tests, added_field_gets_its_default);
    tcase_add_test(tests, default_of_a_string_lives_as_long_as_the_decoder);
    tcase_add_test(tests, added_field_without_default_is_refused_by_name);
    tcase_add_test(tests, default_of_another_type_is_none);
    tcase_add_test(tests, removed_fields_of_every_type_are_skipped);
    tcase_add_test(tests, reordered_fields_find_their_places);
    tcase_add_test(tests, union_may_have_null_last);
    tcase_add_test(tests, field_is_found_by_an_alias);
    tcase_add_loop_test(tests, numbers_are_promoted_to_double, 0,
                        sizeof(promotions) / sizeof(promotions[0]));
    tcase_add_test(tests, int_is_promoted_to_int64_and_kept_within_32_bits);
    tcase_add_test(tests, enum_and_bytes_become_strings);
    tcase_add_test(tests, double_does_not_become_an_integer);
    tcase_add_test(tests, branch_that_does_not_fit_is_refused_when_it_comes);
    tcase_add_test(tests, values_are_written_by_the_schema);
    tcase_add_test(tests, value_that_does_not_fit_is_not_written);
    tcase_add_loop_test(tests, damaged_message_is_refused_with_its_place, 0,
                        sizeof(refusals) / sizeof(refusals[0]));
    tcase_add_test(tests, list_that_promises_more_than_there_is_takes_no_memory);
    tcase_add_loop_test(tests, what_is_no_schema_is_refused_when_checked, 0,
                        sizeof(bad_schemas) / sizeof(bad_schemas[0]));
    tcase_add_test(tests, names_are_resolved_within_their_namespace);
    suite_add_tcase(suite, tests);
    TCase *framing = tcase_create("framing");
    tcase_add_checked_fixture(framing, set_up_framing, tear_down);
    tcase_add_test(framing, frame_has_a_zero_and_the_id_in_big_endian);
    tcase_add_test(framing, each_message_is_read_with_its_own_schema);
    tcase_add_test(framing, unknown_id_is_asked_for_once);
    tcase_add_test(framing, store_that_is_away_is_asked_again);
    tcase_add_test(framing, message_without_a_frame_is_refused);
    suite_add_tcase(suite, framing);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
