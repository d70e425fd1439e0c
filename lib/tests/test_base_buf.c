/*
 * The byte buffer and its reader: what is written is read back, and reading past the end is
 * refused.
 */
#include "base/buf.h"

#include <check.h>
#include <stdlib.h>

START_TEST(written_values_are_read_back)
{
    static const int64_t integers[] = {0,   1,   -1,         63,        64,
                                       -64, -65, 1000000007, INT64_MIN, INT64_MAX};
    struct weir__buf buf = {0};
    weir__buf_put_u8(&buf, 200);
    weir__buf_put_u32(&buf, 0xdeadbeef);
    for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
        weir__buf_put_i64(&buf, integers[i]);
        weir__buf_put_zigzag(&buf, integers[i]);
        weir__buf_put_varint(&buf, (uint64_t)integers[i]);
    }
    weir__buf_put_str(&buf, WEIR_STR("a\0b"));
    weir__buf_put_str(&buf, WEIR_STR(""));
    weir__buf_put_str(&buf, (struct weir_str){NULL, 0});

    struct weir__reader in = weir__reader_of((struct weir_str){buf.data, (uint32_t)buf.len});
    ck_assert_uint_eq(weir__read_u8(&in), 200);
    ck_assert_uint_eq(weir__read_u32(&in), 0xdeadbeef);
    for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
        ck_assert_int_eq(weir__read_i64(&in), integers[i]);
        ck_assert_int_eq(weir__read_zigzag(&in), integers[i]);
        ck_assert_uint_eq(weir__read_varint(&in), (uint64_t)integers[i]);
    }
    ck_assert(weir_str_same(weir__read_str(&in), WEIR_STR("a\0b")));
    struct weir_str empty = weir__read_str(&in);
    ck_assert(empty.data != NULL && empty.len == 0);
    ck_assert(weir_str_is_null(weir__read_str(&in)));
    ck_assert(!in.failed && in.at == in.end);
    weir__buf_fini(&buf);
}
END_TEST

START_TEST(decimals_are_written_in_full_range)
{
    struct weir__buf buf = {0};
    weir__buf_put_decimal(&buf, INT64_MIN);
    weir__buf_put_u8(&buf, ' ');
    weir__buf_put_decimal(&buf, 0);
    weir__buf_put_u8(&buf, ' ');
    weir__buf_put_decimal(&buf, INT64_MAX);
    weir__buf_printf(&buf, " %d", 42);
    ck_assert_str_eq(buf.data, "-9223372036854775808 0 9223372036854775807 42");
    weir__buf_fini(&buf);
}
END_TEST

START_TEST(reading_past_the_end_fails_and_stays_failed)
{
    struct weir__reader in = weir__reader_of(WEIR_STR("abc"));
    ck_assert_uint_eq(weir__read_u32(&in), 0);
    ck_assert(in.failed);
    ck_assert_uint_eq(weir__read_u8(&in), 0);

    struct weir__reader nothing = weir__reader_of((struct weir_str){NULL, 0});
    ck_assert_uint_eq(weir__read_u8(&nothing), 0);
    ck_assert(nothing.failed);
}
END_TEST

START_TEST(varint_of_more_than_64_bits_is_refused)
{
    struct weir__reader most =
        weir__reader_of(WEIR_STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    ck_assert_uint_eq(weir__read_varint(&most), UINT64_MAX);
    ck_assert(!most.failed);
    struct weir__reader over =
        weir__reader_of(WEIR_STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));
    weir__read_varint(&over);
    ck_assert(over.failed);
    struct weir__reader endless =
        weir__reader_of(WEIR_STR("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"));
    weir__read_varint(&endless);
    ck_assert(endless.failed);
}
END_TEST

START_TEST(string_longer_than_its_bytes_is_refused)
{
    struct weir__reader in = weir__reader_of(WEIR_STR("\x05"
                                                      "abc"));
    ck_assert(weir_str_is_null(weir__read_str(&in)));
    ck_assert(in.failed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base buf");
    TCase *tests = tcase_create("buf");
    tcase_add_test(tests, written_values_are_read_back);
    tcase_add_test(tests, decimals_are_written_in_full_range);
    tcase_add_test(tests, reading_past_the_end_fails_and_stays_failed);
    tcase_add_test(tests, varint_of_more_than_64_bits_is_refused);
    tcase_add_test(tests, string_longer_than_its_bytes_is_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
