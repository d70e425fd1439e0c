/*
 * The Avro scanner against avro-c over seeded messages: random values as our encoder writes them,
 * and the same with bytes changed, cut out and doubled; and schemas damaged the same way, which may
 * be refused but do no harm. random_cases.h repeats a run.
 */
#include <stdio.h>

#ifndef WEIR_HAVE_AVRO_C
int main(void)
{
    puts("# SKIP avro-c is not installed");
    return 0;
}
#else

#include "fuzz_avro.c"

#include "base/buf.h"
#include "random_cases.h"

#include <check.h>

enum { MESSAGES = 200, MUTATIONS = 12 };

static void mutate(struct weir__rand *rand, struct weir__buf *buf)
{
    static const uint8_t breakers[] = {0x00, 0x01, 0x02, 0x7f, 0x80, 0xfe, 0xff};
    struct weir__buf changed = {0};
    size_t at = weir__rand_below(rand, buf->len + 1);
    size_t len = weir__rand_below(rand, 1 + (buf->len - at < 20 ? buf->len - at : 20));
    weir__buf_put(&changed, buf->data, at);
    switch (weir__rand_below(rand, 4)) {
    case 0: /* replace one */
        weir__buf_put_u8(&changed, breakers[weir__rand_below(rand, sizeof breakers)]);
        len = at < buf->len;
        break;
    case 1: /* cut out */
        break;
    case 2: /* double */
        weir__buf_put(&changed, buf->data + at, len);
        len = 0;
        break;
    default: /* any byte */
        weir__buf_put_u8(&changed, (uint8_t)weir__rand_next(rand));
        len = at < buf->len;
        break;
    }
    weir__buf_put(&changed, buf->data + at + len, buf->len - at - len);
    weir__buf_fini(buf);
    *buf = changed;
}

static void random_message(struct weir__rand *rand, struct weir__buf *out)
{
    struct sample sample;
    sample_random(rand, &sample);
    weir_encoder *encoder = weir_encoder_new(weir_avro(&sample_type));
    struct weir_str bytes = weir_encoder_encode(encoder, &sample);
    weir__buf_put(out, bytes.data, bytes.len);
    weir_encoder_free(encoder);
    weir_value_fini(&sample_type, &sample);
}

START_TEST(scanner_and_avro_c_agree)
{
    struct random_cases cases = random_cases("messages", MESSAGES);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct weir__rand rand;
        struct weir__buf buf = {0};
        weir__rand_init(&rand, seed);
        random_message(&rand, &buf);
        ck_assert_int_eq(try_message(&sample_type, buf.data, buf.len), 1);
        for (int step = 0; step < MUTATIONS; step++) {
            mutate(&rand, &buf);
            (void)LLVMFuzzerTestOneInput((const uint8_t *)buf.data, buf.len);
        }
        weir__buf_fini(&buf);
    }
}
END_TEST

static const char schema[] =
    "{\"type\":\"record\",\"name\":\"a.Sample\",\"fields\":["
    "{\"name\":\"name\",\"type\":[\"string\",\"null\"],\"default\":\"x\"},"
    "{\"name\":\"points\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":"
    "\"P\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"},{\"name\":\"more\",\"type\":{\"type\":"
    "\"map\",\"values\":[\"P\",\"float\"]},\"default\":{}}]}}},"
    "{\"name\":\"home\",\"type\":\"P\"},"
    "{\"name\":\"number\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":4}},"
    "{\"name\":\"note\",\"type\":{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}},"
    "{\"name\":\"tags\",\"aliases\":[\"old\"],\"type\":{\"type\":\"array\",\"items\":\"bytes\"},"
    "\"default\":[\"\\u00ff\"]}]}";

START_TEST(damaged_schemas_do_no_harm)
{
    struct random_cases cases = random_cases("schemas", MESSAGES);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct weir__rand rand;
        struct weir__buf buf = {0};
        weir__rand_init(&rand, seed);
        weir__buf_put(&buf, schema, strlen(schema));
        for (int step = 0; step < MUTATIONS; step++) {
            try_schema(buf.data, buf.len);
            mutate(&rand, &buf);
        }
        weir__buf_fini(&buf);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format avro oracle");
    TCase *tests = tcase_create("oracle");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, scanner_and_avro_c_agree);
    tcase_add_test(tests, damaged_schemas_do_no_harm);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
#endif
