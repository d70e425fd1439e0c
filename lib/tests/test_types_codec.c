/*
 * The codec: what is encoded decodes to an equal value, and hostile bytes are refused without a
 * leak or a read out of bounds.
 */
#include "test_types_sample.inc"

#include "types/codec.h"
#include "types/slot.h"

#include <check.h>
#include <stdlib.h>

static struct weir_str bytes_of(const struct weir__buf *buf)
{
    return (struct weir_str){buf->data, (uint32_t)buf->len};
}

START_TEST(encoded_value_decodes_to_an_equal_one)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct weir__rand rand;
        struct sample value, copy, view;
        struct weir__buf buf = {0};
        weir__rand_init(&rand, seed);
        sample_random(&rand, &value);
        weir__encode(&sample_type, &value, &buf);

        struct weir__reader in = weir__reader_of(bytes_of(&buf));
        ck_assert_int_eq(weir__decode_view(&sample_type, &in, &view), WEIR_OK);
        ck_assert_msg(in.at == in.end && weir_value_equals(&sample_type, &view, &value), "seed %d",
                      (int)seed);
        weir__view_fini(&sample_type, &view);

        in = weir__reader_of(bytes_of(&buf));
        ck_assert_int_eq(weir__decode(&sample_type, &in, &copy), WEIR_OK);
        memset(buf.data, 0xff, buf.len); /* a copy does not need the bytes any more */
        ck_assert_msg(weir_value_equals(&sample_type, &copy, &value), "seed %d", (int)seed);
        weir_value_fini(&sample_type, &copy);
        weir_value_fini(&sample_type, &value);
        weir__buf_fini(&buf);
    }
}
END_TEST

START_TEST(set_keeps_counts_and_order)
{
    struct sample value = {.name = WEIR_STR("")}, copy;
    struct weir__buf buf = {0};
    weir_string_set_add(&value.users, WEIR_STR("z"), INT64_MAX);
    weir_string_set_add(&value.users, WEIR_STR("a"), 2);
    weir__encode(&sample_type, &value, &buf);
    struct weir__reader in = weir__reader_of(bytes_of(&buf));
    ck_assert_int_eq(weir__decode(&sample_type, &in, &copy), WEIR_OK);
    int64_t times;
    ck_assert(weir_str_equals(weir_string_set_at(&copy.users, 0, &times), "z"));
    ck_assert_int_eq(times, INT64_MAX);
    weir_value_fini(&sample_type, &copy);
    weir_string_set_clear(&value.users);
    weir__buf_fini(&buf);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    struct weir__rand rand;
    struct sample value, copy;
    struct weir__buf buf = {0};
    weir__rand_init(&rand, 5);
    sample_random(&rand, &value);
    weir__encode(&sample_type, &value, &buf);
    for (size_t len = 0; len < buf.len; len++) {
        struct weir__reader in = weir__reader_of((struct weir_str){buf.data, (uint32_t)len});
        ck_assert_int_eq(weir__decode(&sample_type, &in, &copy), WEIR_CORRUPT);
        ck_assert(copy.name.data == NULL && copy.points.items == NULL && copy.users.table == NULL);
    }
    weir_value_fini(&sample_type, &value);
    weir__buf_fini(&buf);
}
END_TEST

static enum weir_status decode_bytes(const struct weir_type *type, struct weir_str bytes)
{
    char value[256] __attribute__((aligned(16)));
    ck_assert_uint_le(type->size, sizeof(value));
    struct weir__reader in = weir__reader_of(bytes);
    enum weir_status status = weir__decode(type, &in, value);
    if (status == WEIR_OK) {
        weir_value_fini(type, value);
    }
    return status;
}

START_TEST(impossible_counts_are_refused_before_memory_is_taken)
{
    static const struct weir_type strings = {.name = "strings",
                                             .kind = WEIR_KIND_LIST,
                                             .size = sizeof(struct weir_list),
                                             .element = &weir_string_type};
    static const struct weir_type set = {
        .name = "set", .kind = WEIR_KIND_STRING_SET, .size = sizeof(struct weir_string_set)};
    ck_assert_int_eq(decode_bytes(&strings, WEIR_STR("\xff\xff\xff\xff\x0f")), WEIR_CORRUPT);
    ck_assert_int_eq(decode_bytes(&strings, WEIR_STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")),
                     WEIR_CORRUPT);
    ck_assert_int_eq(decode_bytes(&set, WEIR_STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")),
                     WEIR_CORRUPT);
    ck_assert_int_eq(decode_bytes(&set, WEIR_STR("\x02\x02"
                                                 "a\x01\x02"
                                                 "a\x01")),
                     WEIR_CORRUPT); /* twice the same */
    ck_assert_int_eq(decode_bytes(&set, WEIR_STR("\x01\x02"
                                                 "a\x00")),
                     WEIR_CORRUPT); /* never added */
    ck_assert_int_eq(decode_bytes(&weir_bool_type, WEIR_STR("\x02")), WEIR_CORRUPT);
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
    char bytes[20000];
    for (size_t i = 0; i < sizeof(bytes); i += 2) { /* id 0, one child */
        bytes[i] = 0;
        bytes[i + 1] = 1;
    }
    ck_assert_int_eq(decode_bytes(&node_type, (struct weir_str){bytes, sizeof(bytes)}),
                     WEIR_CORRUPT);
}
END_TEST

START_TEST(flat_types_have_neither_lists_nor_sets)
{
    ck_assert(weir__type_is_flat(&point_type));
    ck_assert(weir__type_is_flat(&weir_string_type));
    ck_assert(!weir__type_is_flat(&sample_type));
    ck_assert(!weir__type_is_flat(&node_type));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("types codec");
    TCase *tests = tcase_create("codec");
    tcase_add_test(tests, encoded_value_decodes_to_an_equal_one);
    tcase_add_test(tests, set_keeps_counts_and_order);
    tcase_add_test(tests, every_truncation_is_refused);
    tcase_add_test(tests, impossible_counts_are_refused_before_memory_is_taken);
    tcase_add_test(tests, deep_nesting_is_refused);
    tcase_add_test(tests, flat_types_have_neither_lists_nor_sets);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
