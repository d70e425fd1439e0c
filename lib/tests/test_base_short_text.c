/*
 * Short texts: what overlapping loads say is what plain loops over bytes say, for each length.
 */
#include "base/short_text.h"

#include <check.h>

enum { MOST = 16, ROOM = 20 };

/* Bytes that all differ, and more of them behind a text's end. */
static void fill(char text[ROOM], int first)
{
    for (int i = 0; i < ROOM; i++) {
        text[i] = (char)(first + i);
    }
}

START_TEST(loaded_bytes_have_zeros_behind_them)
{
    char text[ROOM];
    fill(text, 0xf0);
    for (uint32_t len = 0; len <= MOST; len++) {
        char padded[MOST] = {0};
        memcpy(padded, text, len);
        struct weir__short bytes = weir__short_load(text, len);
        ck_assert_uint_eq(bytes.low, weir__load_u64(padded));
        ck_assert_uint_eq(bytes.high, weir__load_u64(padded + 8));
    }
}
END_TEST

START_TEST(texts_are_equal_when_all_bytes_are)
{
    char text[ROOM];
    char other[ROOM];
    for (uint32_t len = 0; len <= MOST; len++) {
        fill(text, 1);
        fill(other, 1);
        other[len] = 'x'; /* behind the end */
        ck_assert(weir__short_equals(text, other, len));
        for (uint32_t i = 0; i < len; i++) {
            other[i] ^= 1;
            ck_assert(!weir__short_equals(text, other, len));
            ck_assert(weir__short_load(text, len).low != weir__short_load(other, len).low ||
                      weir__short_load(text, len).high != weir__short_load(other, len).high);
            other[i] ^= 1;
        }
    }
}
END_TEST

START_TEST(no_byte_behind_the_end_is_written)
{
    for (uint32_t len = 0; len <= MOST; len++) {
        char from[ROOM];
        char to[ROOM] = {0};
        char expected[ROOM] = {0};
        fill(from, 1);
        memcpy(expected, from, len);
        weir__short_copy(to, from, len);
        ck_assert_int_eq(memcmp(to, expected, ROOM), 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base short text");
    TCase *tests = tcase_create("short text");
    tcase_add_test(tests, loaded_bytes_have_zeros_behind_them);
    tcase_add_test(tests, texts_are_equal_when_all_bytes_are);
    tcase_add_test(tests, no_byte_behind_the_end_is_written);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
