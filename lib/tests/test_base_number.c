/*
 * Numbers: seeded generators, hashes, doubles and integers as text.
 */
#include "base/buf.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/rand.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(generator_repeats_from_its_seed)
{
    struct weir__rand a, b, other;
    weir__rand_init(&a, 42);
    weir__rand_init(&b, 42);
    weir__rand_init(&other, 43);
    bool differs = false;
    for (int i = 0; i < 100; i++) {
        uint64_t value = weir__rand_next(&a);
        ck_assert_uint_eq(value, weir__rand_next(&b));
        differs |= value != weir__rand_next(&other);
    }
    ck_assert(differs);
}
END_TEST

/* xoshiro256** seeded by splitmix64(0): the reference implementation's first numbers. */
START_TEST(generator_is_xoshiro)
{
    struct weir__rand rand;
    weir__rand_init(&rand, 0);
    ck_assert_uint_eq(rand.state[0], UINT64_C(0xe220a8397b1dcdaf));
    ck_assert_uint_eq(rand.state[1], UINT64_C(0x6e789e6aa1b965f4));
    ck_assert_uint_eq(weir__rand_next(&rand), UINT64_C(0x99ec5f36cb75f2b4));
    ck_assert_uint_eq(weir__rand_next(&rand), UINT64_C(0xbf6e1f784956452a));
}
END_TEST

START_TEST(numbers_stay_in_their_range)
{
    struct weir__rand rand;
    int counts[7] = {0};
    bool in_range = true;
    weir__rand_init(&rand, 1);
    for (int i = 0; i < 70000; i++) {
        counts[weir__rand_below(&rand, 7)]++;
        double unit = weir__rand_unit(&rand);
        int64_t between = weir__rand_between(&rand, -3, 3);
        in_range = in_range && unit >= 0 && unit < 1 && between >= -3 && between <= 3;
    }
    ck_assert(in_range);
    for (int i = 0; i < 7; i++) {
        ck_assert(counts[i] > 9500 && counts[i] < 10500);
    }
    ck_assert_uint_eq(weir__rand_below(&rand, 1), 0);
    ck_assert_int_eq(weir__rand_between(&rand, INT64_MAX, INT64_MAX), INT64_MAX);
    weir__rand_between(&rand, INT64_MIN, INT64_MAX);
}
END_TEST

START_TEST(hashes_tell_short_keys_apart)
{
    enum { KEYS = 20000 };
    uint64_t *hashes = calloc(KEYS, sizeof(hashes[0]));
    int buckets[256] = {0};
    for (int i = 0; i < KEYS; i++) {
        char key[40];
        int len =
            snprintf(key, sizeof(key), i % 2 == 0 ? "user-%d" : "a-longer-prefix-of-the-key/%d", i);
        hashes[i] = weir__hash_bytes(key, (size_t)len);
        buckets[hashes[i] & 255]++;
    }
    for (int i = 0; i < KEYS; i++) {
        for (int j = i + 1; j < i + 40 && j < KEYS; j++) {
            if (hashes[i] == hashes[j]) {
                ck_abort_msg("keys %d and %d have the same hash", i, j);
            }
        }
    }
    for (int i = 0; i < 256; i++) {
        ck_assert(buckets[i] > KEYS / 256 / 2 && buckets[i] < KEYS / 256 * 2);
    }
    free(hashes);
}
END_TEST

START_TEST(hash_depends_on_every_byte_and_the_length)
{
    char bytes[64] = {0};
    for (size_t len = 1; len <= sizeof(bytes); len++) {
        uint64_t hash = weir__hash_bytes(bytes, len);
        ck_assert_uint_ne(hash, weir__hash_bytes(bytes, len - 1));
        for (size_t i = 0; i < len; i++) {
            bytes[i] = 1;
            ck_assert_uint_ne(hash, weir__hash_bytes(bytes, len));
            bytes[i] = 0;
        }
    }
}
END_TEST

START_TEST(doubles_survive_their_text)
{
    struct weir__rand rand;
    weir__rand_init(&rand, 9);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = weir__rand_next(&rand);
        double value, parsed;
        char text[WEIR__DOUBLE_TEXT];
        memcpy(&value, &bits, sizeof(value));
        if (i % 2 == 0) {
            value = (double)weir__rand_between(&rand, -1000000, 1000000) / 100;
        }
        if (value - value != 0) { /* neither NaN nor infinite */
            continue;
        }
        size_t len = weir__double_format(value, text);
        ck_assert(weir__double_parse(text, len, &parsed));
        ck_assert_msg(memcmp(&parsed, &value, sizeof(value)) == 0, "%s", text);
        ck_assert_uint_eq(len, strlen(text));
    }
}
END_TEST

START_TEST(doubles_are_written_short)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0.0"},
                 {-0.0, "-0.0"},
                 {3, "3.0"},
                 {-12.25, "-12.25"},
                 {0.1, "0.1"},
                 {1e15, "1e+15"},
                 {1.0 / 3, "0.3333333333333333"},
                 {1e300, "1e+300"},
                 {5e-324, "4.94065645841247e-324"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[WEIR__DOUBLE_TEXT];
        weir__double_format(cases[i].value, text);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(too_large_doubles_are_refused)
{
    double value;
    ck_assert(!weir__double_parse("1e400", 5, &value));
    ck_assert(!weir__double_parse("-1e400", 6, &value));
    ck_assert(weir__double_parse("1e-400", 6, &value) && value == 0);
    ck_assert(weir__double_parse("18446744073709551617", 20, &value) &&
              value == 18446744073709551616.0);
}
END_TEST

START_TEST(integers_are_written_as_printf_does)
{
    struct weir__rand rand;
    weir__rand_init(&rand, 3);
    for (int i = 0; i < 20000; i++) {
        int64_t value = (int64_t)(weir__rand_next(&rand) >> weir__rand_below(&rand, 64));
        value = i % 2 == 0 ? value : -value;
        char expected[24];
        snprintf(expected, sizeof(expected), "%" PRId64, value);
        struct weir__buf buf = {0};
        weir__buf_put_decimal(&buf, value);
        ck_assert(weir_str_equals((struct weir_str){buf.data, (uint32_t)buf.len}, expected));
        weir__buf_fini(&buf);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base number");
    TCase *tests = tcase_create("number");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, generator_repeats_from_its_seed);
    tcase_add_test(tests, generator_is_xoshiro);
    tcase_add_test(tests, numbers_stay_in_their_range);
    tcase_add_test(tests, hashes_tell_short_keys_apart);
    tcase_add_test(tests, hash_depends_on_every_byte_and_the_length);
    tcase_add_test(tests, doubles_survive_their_text);
    tcase_add_test(tests, doubles_are_written_short);
    tcase_add_test(tests, too_large_doubles_are_refused);
    tcase_add_test(tests, integers_are_written_as_printf_does);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
