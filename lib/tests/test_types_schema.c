/* Values that an earlier program wrote, read into the types of a later one. */
#include "types/codec.h"
#include "types/schema.h"

#include "base/mem.h"

#include <check.h>
#include <string.h>

#define STOP_FIELDS(F, T)                                                                          \
    F(T, string, place, "place", required)                                                         \
    F(T, int64, at, "at", required)
WEIR_DECLARE_TYPE(stop, STOP_FIELDS);
WEIR_DEFINE_TYPE(stop, STOP_FIELDS);

#define TRIP_FIELDS(F, T)                                                                          \
    F(T, int64, distance, "distance", required)                                                    \
    F(T, string, driver, "driver", required)                                                       \
    F(T, list, stops, "stops", required, stop)                                                     \
    F(T, string_set, tags, "tags", required)                                                       \
    F(T, structure, first, "first", required, stop)
WEIR_DECLARE_TYPE(trip, TRIP_FIELDS);
WEIR_DEFINE_TYPE(trip, TRIP_FIELDS);

/* Later: fields came, went and changed places, also in what a list holds. */
#define STOP2_FIELDS(F, T)                                                                         \
    F(T, int64, at, "at", required)                                                                \
    F(T, boolean, paid, "paid", required)                                                          \
    F(T, string, place, "place", required)
WEIR_DECLARE_TYPE(stop2, STOP2_FIELDS);
WEIR_DEFINE_TYPE(stop2, STOP2_FIELDS);

#define TRIP2_FIELDS(F, T)                                                                         \
    F(T, list, stops, "stops", required, stop2)                                                    \
    F(T, real, price, "price", required)                                                           \
    F(T, int64, distance, "distance", required)                                                    \
    F(T, structure, first, "first", required, stop2)                                               \
    F(T, string, note, "note", nullable)
WEIR_DECLARE_TYPE(trip2, TRIP2_FIELDS);
WEIR_DEFINE_TYPE(trip2, TRIP2_FIELDS);

#define CHANGED_FIELDS(F, T) F(T, string, distance, "distance", required)
WEIR_DECLARE_TYPE(changed, CHANGED_FIELDS);
WEIR_DEFINE_TYPE(changed, CHANGED_FIELDS);

static struct weir__buf schema_bytes;
static struct weir__buf value_bytes;

static void setup(void)
{
    struct trip trip = {.distance = 42};
    weir_str_set(&trip.driver, WEIR_STR("ann"));
    weir_list_append(&trip.stops, &stop_type, &(struct stop){WEIR_STR("north"), 7});
    weir_list_append(&trip.stops, &stop_type, &(struct stop){WEIR_STR("south"), 9});
    weir_string_set_add(&trip.tags, WEIR_STR("red"), 2);
    trip.first.at = 7;
    weir_str_set(&trip.first.place, WEIR_STR("north"));
    weir__schema_write(&trip_type, &schema_bytes);
    weir__encode(&trip_type, &trip, &value_bytes);
    weir_value_fini(&trip_type, &trip);
}

static void teardown(void)
{
    weir__buf_fini(&schema_bytes);
    weir__buf_fini(&value_bytes);
}

static struct weir_str str_of(const struct weir__buf *buf)
{
    return (struct weir_str){buf->data, (uint32_t)buf->len};
}

static void assert_json(const struct weir_type *type, const char *expected)
{
    struct weir_error error = {0};
    struct weir__schema *schema = weir__schema_read(str_of(&schema_bytes), type, &error);
    ck_assert_msg(schema != NULL, "%s", error.message);
    struct weir__reader in = weir__reader_of(str_of(&value_bytes));
    void *value = weir__calloc(1, type->size);
    ck_assert_int_eq(weir__schema_decode(schema, &in, value), WEIR_OK);
    ck_assert_ptr_eq(in.at, in.end);
    char text[300];
    weir_value_to_json(type, value, text, sizeof(text));
    ck_assert_str_eq(text, expected);
    weir_value_fini(type, value);
    weir__free(value);
    weir__schema_free(schema);
}

START_TEST(same_type_reads_what_was_written)
{
    assert_json(&trip_type,
                "{\"distance\":42,\"driver\":\"ann\",\"stops\":[{\"place\":\"north\",\"at\":7},"
                "{\"place\":\"south\",\"at\":9}],\"tags\":[\"red\"],"
                "\"first\":{\"place\":\"north\",\"at\":7}}");
}
END_TEST

START_TEST(fields_may_come_go_and_change_places_at_any_depth)
{
    assert_json(&trip2_type,
                "{\"stops\":[{\"at\":7,\"paid\":false,\"place\":\"north\"},"
                "{\"at\":9,\"paid\":false,\"place\":\"south\"}],\"price\":0.0,\"distance\":42,"
                "\"first\":{\"at\":7,\"paid\":false,\"place\":\"north\"},\"note\":null}");
}
END_TEST

START_TEST(field_of_another_kind_is_refused_by_name)
{
    struct weir_error error = {0};
    ck_assert_ptr_null(weir__schema_read(str_of(&schema_bytes), &changed_type, &error));
    ck_assert_int_eq(error.code, WEIR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(error.message, "'distance'"));
}
END_TEST

START_TEST(scalar_is_no_struct)
{
    struct weir_error error = {0};
    ck_assert_ptr_null(weir__schema_read(str_of(&schema_bytes), &weir_int64_type, &error));
    ck_assert_int_eq(error.code, WEIR_MISMATCH);
}
END_TEST

START_TEST(damaged_schema_is_refused_whatever_the_damage)
{
    for (size_t cut = 0; cut < schema_bytes.len; cut++) {
        struct weir_error error = {0};
        struct weir_str bytes = {schema_bytes.data, (uint32_t)cut};
        ck_assert_ptr_null(weir__schema_read(bytes, &trip_type, &error));
    }
    for (size_t bit = 0; bit < schema_bytes.len * 8; bit++) {
        struct weir_error error = {0};
        schema_bytes.data[bit / 8] ^= (char)(1 << bit % 8);
        weir__schema_free(weir__schema_read(str_of(&schema_bytes), &trip_type, &error));
        schema_bytes.data[bit / 8] ^= (char)(1 << bit % 8);
    }
}
END_TEST

START_TEST(damaged_value_is_refused_and_leaks_nothing)
{
    struct weir_error error = {0};
    struct weir__schema *schema = weir__schema_read(str_of(&schema_bytes), &trip2_type, &error);
    for (size_t cut = 0; cut < value_bytes.len; cut++) {
        struct trip2 trip;
        struct weir__reader in =
            weir__reader_of((struct weir_str){value_bytes.data, (uint32_t)cut});
        ck_assert_int_eq(weir__schema_decode(schema, &in, &trip), WEIR_CORRUPT);
    }
    weir__schema_free(schema);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schemas");
    TCase *tcase = tcase_create("schemas");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, same_type_reads_what_was_written);
    tcase_add_test(tcase, fields_may_come_go_and_change_places_at_any_depth);
    tcase_add_test(tcase, field_of_another_kind_is_refused_by_name);
    tcase_add_test(tcase, scalar_is_no_struct);
    tcase_add_test(tcase, damaged_schema_is_refused_whatever_the_damage);
    tcase_add_test(tcase, damaged_value_is_refused_and_leaks_nothing);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
