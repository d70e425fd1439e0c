/*
 * The codec over seeded bytes: encodings with bytes changed, and noise. random_cases.h repeats a
 * run.
 */
#include "fuzz_codec.c"

#include "random_cases.h"

#include <check.h>

static void damage(struct weir__rand *rand, struct weir__buf *buf)
{
    static const uint8_t edges[] = {0x00, 0x01, 0x02, 0x7f, 0x80, 0xff};
    if (buf->len == 0) {
        return;
    }
    size_t at = weir__rand_below(rand, buf->len);
    switch (weir__rand_below(rand, 4)) {
    case 0:
        buf->data[at] = (char)weir__rand_next(rand);
        break;
    case 1:
        buf->data[at] = (char)edges[weir__rand_below(rand, sizeof(edges))];
        break;
    case 2:
        buf->data[at] = (char)(buf->data[at] ^ (1 << weir__rand_below(rand, 8)));
        break;
    default:
        buf->len = at;
        break;
    }
}

START_TEST(damaged_encodings_are_refused_or_harmless)
{
    struct random_cases cases = random_cases("damaged encodings", 300);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct weir__rand rand;
        weir__rand_init(&rand, seed);
        struct sample value;
        struct weir__buf buf = {0};
        sample_random(&rand, &value);
        weir__encode(&sample_type, &value, &buf);
        for (int step = 0; step < 10; step++) {
            LLVMFuzzerTestOneInput((const uint8_t *)buf.data, buf.len);
            damage(&rand, &buf);
        }
        weir__buf_fini(&buf);
        weir_value_fini(&sample_type, &value);
    }
}
END_TEST

START_TEST(noise_is_refused_or_harmless)
{
    struct random_cases cases = random_cases("noise", 3000);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct weir__rand rand;
        weir__rand_init(&rand, seed);
        uint8_t bytes[64];
        size_t len = weir__rand_below(&rand, sizeof(bytes));
        for (size_t at = 0; at < len; at++) {
            bytes[at] = (uint8_t)(weir__rand_next(&rand) >> weir__rand_below(&rand, 8) >> 56);
        }
        LLVMFuzzerTestOneInput(bytes, len);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("types codec fuzz");
    TCase *tests = tcase_create("fuzz");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, damaged_encodings_are_refused_or_harmless);
    tcase_add_test(tests, noise_is_refused_or_harmless);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
