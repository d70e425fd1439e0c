/*
 * The scanner against jansson over seeded documents: valid ones in any order, with unknown fields,
 * escapes and space; and the same with bytes changed, cut out, doubled and replaced by what
 * usually breaks parsers. random_cases.h repeats a run.
 */
#include "fuzz_json.c"

#include "base/buf.h"
#include "random_cases.h"

#include <check.h>

enum { DOCUMENTS = 150, MUTATIONS = 12 };

static json_t *random_json(struct weir__rand *rand, int depth)
{
    char text[160];
    struct weir_str str;
    json_t *json;
    switch (weir__rand_below(rand, depth < 4 ? 8 : 6)) {
    case 0:
        return json_null();
    case 1:
        return json_boolean(weir__rand_below(rand, 2));
    case 2:
        return json_integer((json_int_t)(weir__rand_next(rand) >> weir__rand_below(rand, 64)));
    case 3:
        return json_real((weir__rand_unit(rand) - 0.5) * 1e9);
    case 4:
    case 5:
        str = sample_random_text(rand, text);
        return json_stringn(str.data, str.len);
    case 6:
        json = json_array();
        for (uint64_t left = weir__rand_below(rand, 4); left > 0; left--) {
            json_array_append_new(json, random_json(rand, depth + 1));
        }
        return json;
    default:
        json = json_object();
        for (uint64_t left = weir__rand_below(rand, 4); left > 0; left--) {
            char key[8] = {(char)('a' + weir__rand_below(rand, 26)), '\0'};
            json_object_set_new(json, key, random_json(rand, depth + 1));
        }
        return json;
    }
}

/* The members of `from` in random order, unknown ones among them. */
static json_t *shuffled(struct weir__rand *rand, const json_t *from)
{
    const char *keys[32];
    size_t count = 0;
    for (void *at = json_object_iter((json_t *)from); at != NULL;
         at = json_object_iter_next((json_t *)from, at)) {
        keys[count++] = json_object_iter_key(at);
    }
    json_t *to = json_object();
    while (count > 0) {
        size_t pick = weir__rand_below(rand, count);
        if (weir__rand_below(rand, 4) == 0) {
            char key[16];
            snprintf(key, sizeof(key), "extra%d", (int)weir__rand_below(rand, 100));
            json_object_set_new(to, key, random_json(rand, 0));
        }
        json_object_set(to, keys[pick], json_object_get(from, keys[pick]));
        keys[pick] = keys[--count];
    }
    return to;
}

/* A valid document of one of the types; free it. */
static char *random_document(struct weir__rand *rand)
{
    struct sample value;
    sample_least_character = 1;
    sample_random(rand, &value);
    const struct weir_type *type = weir__rand_below(rand, 4) == 0 ? &point_type : &sample_type;
    weir_encoder *encoder = weir_encoder_new(weir_json(type));
    struct weir_str text =
        weir_encoder_encode(encoder, type == &sample_type ? (void *)&value : (void *)&value.home);
    json_t *plain = json_loadb(text.data, text.len, 0, NULL);
    ck_assert_ptr_nonnull(plain);
    json_t *mixed = shuffled(rand, plain);
    size_t flags = JSON_INDENT(weir__rand_below(rand, 3));
    flags |= weir__rand_below(rand, 2) == 0 ? JSON_ENSURE_ASCII : 0;
    flags |= weir__rand_below(rand, 2) == 0 ? JSON_ESCAPE_SLASH : 0;
    char *document = json_dumps(mixed, flags);
    json_decref(mixed);
    json_decref(plain);
    weir_encoder_free(encoder);
    weir_value_fini(&sample_type, &value);
    return document;
}

static void mutate(struct weir__rand *rand, struct weir__buf *buf)
{
    static const struct weir_str breakers[] = {
        WEIR_STR("null"),
        WEIR_STR("\\u0000"),
        WEIR_STR("\\ud83d"),
        WEIR_STR("\\ud83d\\ude00"),
        WEIR_STR("\xff"),
        WEIR_STR("\xc3\xa9"),
        WEIR_STR("\xed\xa0\x80"),
        WEIR_STR("\xf4\x90\x80\x80"),
        WEIR_STR("\0"),
        WEIR_STR("\x1b["),
        WEIR_STR("1e400"),
        WEIR_STR("-1e-400"),
        WEIR_STR("99999999999999999999"),
        WEIR_STR("9223372036854775808"),
        WEIR_STR("-9223372036854775808"),
        WEIR_STR("0"),
        WEIR_STR("."),
        WEIR_STR("e5"),
        WEIR_STR("-"),
        WEIR_STR("\""),
        WEIR_STR("\\"),
        WEIR_STR("["),
        WEIR_STR("]"),
        WEIR_STR("{"),
        WEIR_STR("}"),
        WEIR_STR(","),
        WEIR_STR(":"),
        WEIR_STR("\"name\":\"x\","),
        WEIR_STR("\"x\":1,"),
        WEIR_STR("\"number\":5,"),
        WEIR_STR("\"extra\":[],"),
        WEIR_STR(" "),
        WEIR_STR("\n"),
        WEIR_STR("true"),
        WEIR_STR("{\"a\":1,\"a\":2}"),
        WEIR_STR("[[[[[[[[[[[[[[[["),
    };
    size_t at = weir__rand_below(rand, buf->len + 1);
    size_t len = weir__rand_below(rand, 1 + (buf->len - at < 40 ? buf->len - at : 40));
    struct weir__buf changed = {0};
    weir__buf_put(&changed, buf->data, at);
    switch (weir__rand_below(rand, 5)) {
    case 0: { /* insert */
        struct weir_str breaker =
            breakers[weir__rand_below(rand, sizeof(breakers) / sizeof(breakers[0]))];
        weir__buf_put(&changed, breaker.data, breaker.len);
        len = 0;
        break;
    }
    case 1: { /* replace */
        struct weir_str breaker =
            breakers[weir__rand_below(rand, sizeof(breakers) / sizeof(breakers[0]))];
        weir__buf_put(&changed, breaker.data, breaker.len);
        break;
    }
    case 2: /* cut out */
        break;
    case 3: /* double */
        weir__buf_put(&changed, buf->data + at, len);
        len = 0;
        break;
    default: /* any byte */
        weir__buf_put_u8(&changed, (uint8_t)weir__rand_next(rand));
        len = len > 0;
        break;
    }
    weir__buf_put(&changed, buf->data + at + len, buf->len - at - len);
    weir__buf_fini(buf);
    *buf = changed;
}

START_TEST(scanner_and_jansson_agree)
{
    struct random_cases cases = random_cases("documents", DOCUMENTS);
    uint64_t accepted = 0;
    weir_decoder *decoder = weir_decoder_new(weir_json(&sample_type));
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct weir__rand rand;
        weir__rand_init(&rand, seed);
        char *document = random_document(&rand);
        struct weir__buf buf = {0};
        weir__buf_put(&buf, document, strlen(document));
        free(document);
        for (int step = 0; step <= MUTATIONS; step++) {
            LLVMFuzzerTestOneInput((const uint8_t *)buf.data, buf.len);
            accepted += (uint64_t)compare(&sample_type, decoder, buf.data,
                                          buf.len); /* with predictions from before */
            mutate(&rand, &buf);
        }
        weir__buf_fini(&buf);
    }
    weir_decoder_free(decoder);
    ck_assert_uint_gt(accepted, (cases.end - cases.first) / 2); /* not all of them nonsense */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format json oracle");
    TCase *tests = tcase_create("oracle");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, scanner_and_jansson_agree);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
