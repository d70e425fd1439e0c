/*
 * Keyed state: every kind is scoped by the key, copies what is put in, and survives a snapshot.
 */
#include "state_backends.h"

#include "test_types_sample.inc"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static void add_up(void *accumulator, const void *value, void *user)
{
    (void)user;
    *(int64_t *)accumulator += *(const int64_t *)value;
}

/* An average: the accumulator is a point {sum, count}. */
static void average_create(void *accumulator, void *user)
{
    (void)user;
    weir_str_set(&((struct point *)accumulator)->label, WEIR_STR("average"));
}
static void average_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)user;
    (void)timestamp;
    ((struct point *)accumulator)->x += (double)*(const int64_t *)value;
    ((struct point *)accumulator)->y += 1;
}
static void average_result(const void *accumulator, const struct weir_window_context *context,
                           void *out, void *user)
{
    (void)user;
    (void)context;
    const struct point *sum = accumulator;
    *(double *)out = sum->x / sum->y;
}
static const struct weir_aggregate average = {
    .name = "average",
    .in_type = &weir_int64_type,
    .accumulator_type = &point_type,
    .out_type = &weir_double_type,
    .create = average_create,
    .add = average_add,
    .result = average_result,
};

static const struct weir_state_descriptor last = {.name = "last", .type = &sample_type};
static const struct weir_state_descriptor names = {
    .name = "names", .kind = WEIR_STATE_LIST, .type = &weir_string_type};
static const struct weir_state_descriptor visits = {
    .name = "visits", .kind = WEIR_STATE_MAP, .key_type = &weir_string_type, .type = &sample_type};
static const struct weir_state_descriptor total = {
    .name = "total", .kind = WEIR_STATE_REDUCING, .type = &weir_int64_type, .reduce = add_up};
static const struct weir_state_descriptor mean = {
    .name = "mean", .kind = WEIR_STATE_AGGREGATING, .aggregate = &average};
static const struct weir_state_descriptor *const states[] = {&last,  &names, &visits,
                                                             &total, &mean,  NULL};

static struct weir_manual_clock manual;
static struct weir__keyed keyed;

static void open_keyed(void)
{
    keyed_init(&keyed, &manual.clock);
    ck_assert_int_eq(weir__keyed_declare(&keyed, states, NULL), WEIR_OK);
}

static void setup(void)
{
    weir_manual_clock_init(&manual, 0);
    open_keyed();
}

static void teardown(void)
{
    weir__keyed_fini(&keyed);
}

static void key(const char *text)
{
    struct weir__key current = weir__key_string(weir_str_from(text));
    weir__keyed_set_key(&keyed, &current);
}

static void restart(void)
{
    struct weir__buf bytes = {0};
    weir__keyed_snapshot(&keyed, &bytes);
    weir__keyed_fini(&keyed);
    open_keyed();
    struct weir__reader in = {bytes.data, bytes.data + bytes.len, false};
    struct weir_error error = {0};
    ck_assert_msg(weir__keyed_restore(&keyed, &in, &error) == WEIR_OK, "%s", error.message);
    ck_assert(in.at == in.end);
    weir__buf_fini(&bytes);
}

static void set_number(int64_t number)
{
    weir__keyed_value_set(&keyed, &last, &(struct sample){.name = WEIR_STR("n"), .number = number});
}

static int64_t number(void)
{
    const struct sample *value = weir__keyed_value_get(&keyed, &last);
    return value != NULL ? value->number : -1;
}

START_TEST(a_value_belongs_to_its_key)
{
    key("a");
    ck_assert_ptr_null(weir__keyed_value_get(&keyed, &last));
    set_number(1);
    key("b");
    ck_assert_ptr_null(weir__keyed_value_get(&keyed, &last));
    set_number(2);
    key("a");
    ck_assert_int_eq(number(), 1);
    weir__keyed_state_clear(&keyed, &last);
    ck_assert_ptr_null(weir__keyed_value_get(&keyed, &last));
    key("b");
    ck_assert_int_eq(number(), 2);
}
END_TEST

START_TEST(a_value_is_copied_even_when_it_borrows_from_itself)
{
    char text[] = "before";
    key("a");
    weir__keyed_value_set(&keyed, &last, &(struct sample){.name = weir_str_from(text)});
    memcpy(text, "after!", 6);
    struct sample again = *(const struct sample *)weir__keyed_value_get(&keyed, &last);
    ck_assert(weir_str_equals(again.name, "before"));
    again.name.data++;
    again.name.len--;
    weir__keyed_value_set(&keyed, &last, &again);
    ck_assert(weir_str_equals(((const struct sample *)weir__keyed_value_get(&keyed, &last))->name,
                              "efore"));
}
END_TEST

START_TEST(a_value_can_be_edited_in_place)
{
    key("a");
    struct sample *value = weir__keyed_value_edit(&keyed, &last);
    weir_str_set(&value->name, WEIR_STR("x"));
    weir_string_set_add(&value->users, WEIR_STR("u1"), 1);
    key("b");
    key("a");
    value = weir__keyed_value_edit(&keyed, &last);
    weir_string_set_add(&value->users, WEIR_STR("u2"), 1);
    ck_assert_uint_eq(weir_string_set_size(&value->users), 2);
    ck_assert(weir_str_equals(value->name, "x"));
}
END_TEST

START_TEST(a_list_keeps_the_order_of_addition)
{
    key("a");
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &names), 0);
    ck_assert_ptr_null(weir__keyed_list_at(&keyed, &names, 0));
    for (int i = 0; i < 100; i++) {
        char text[16];
        snprintf(text, sizeof(text), "n%d", i);
        struct weir_str name = weir_str_from(text);
        weir__keyed_list_add(&keyed, &names, &name);
    }
    /* An element of the list itself, which moves when the list grows. */
    weir__keyed_list_add(&keyed, &names, weir__keyed_list_at(&keyed, &names, 7));
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &names), 101);
    ck_assert(
        weir_str_equals(*(const struct weir_str *)weir__keyed_list_at(&keyed, &names, 42), "n42"));
    ck_assert(
        weir_str_equals(*(const struct weir_str *)weir__keyed_list_at(&keyed, &names, 100), "n7"));
    ck_assert_ptr_null(weir__keyed_list_at(&keyed, &names, 101));
}
END_TEST

static void put(const char *user_key, int64_t number)
{
    struct weir_str name = weir_str_from(user_key);
    weir__keyed_map_put(&keyed, &visits, &name, &(struct sample){.name = name, .number = number});
}

static int64_t get(const char *user_key)
{
    struct weir_str name = weir_str_from(user_key);
    const struct sample *value = weir__keyed_map_get(&keyed, &visits, &name);
    return value != NULL ? value->number : -1;
}

static void remove_visit(const char *user_key)
{
    struct weir_str name = weir_str_from(user_key);
    weir__keyed_map_remove(&keyed, &visits, &name);
}

START_TEST(a_map_keeps_the_order_of_insertion)
{
    key("a");
    put("x", 1);
    put("y", 2);
    put("z", 3);
    put("x", 4);
    remove_visit("y");
    remove_visit("nobody");
    put("y", 5);
    ck_assert_uint_eq(weir__keyed_map_count(&keyed, &visits), 3);
    static const char *const order[] = {"x", "z", "y"};
    static const int64_t numbers[] = {4, 3, 5};
    for (size_t i = 0; i < 3; i++) {
        const void *user_key;
        const struct sample *value = weir__keyed_map_at(&keyed, &visits, i, &user_key);
        ck_assert(weir_str_equals(*(const struct weir_str *)user_key, order[i]));
        ck_assert_int_eq(value->number, numbers[i]);
    }
    ck_assert_ptr_null(weir__keyed_map_at(&keyed, &visits, 3, NULL));
}
END_TEST

START_TEST(an_emptied_map_leaves_nothing_behind)
{
    key("a");
    put("x", 1);
    remove_visit("x");
    key("b");
    ck_assert_uint_eq(cell_count(&keyed), 0);
    if (state_backend_is_heap()) { /* others have a node for the key in hand */
        ck_assert_uint_eq(keyed.keys.nodes.count, 0);
    }
}
END_TEST

START_TEST(reducing_starts_with_the_first_value)
{
    key("a");
    ck_assert_ptr_null(weir__keyed_reducing_get(&keyed, &total));
    weir__keyed_folding_add(&keyed, &total, &(int64_t){5}, 0);
    weir__keyed_folding_add(&keyed, &total, &(int64_t){7}, 0);
    ck_assert_int_eq(*(const int64_t *)weir__keyed_reducing_get(&keyed, &total), 12);
}
END_TEST

START_TEST(aggregating_gives_the_result_of_the_accumulator)
{
    double out;
    key("a");
    ck_assert(!weir__keyed_aggregating_get(&keyed, &mean, 0, &out));
    weir__keyed_folding_add(&keyed, &mean, &(int64_t){5}, 0);
    weir__keyed_folding_add(&keyed, &mean, &(int64_t){8}, 0);
    ck_assert(weir__keyed_aggregating_get(&keyed, &mean, 0, &out));
    ck_assert_double_eq(out, 6.5);
}
END_TEST

START_TEST(a_snapshot_brings_every_kind_and_the_timers_back)
{
    double out;
    key("a");
    set_number(11);
    weir__keyed_list_add(&keyed, &names, &WEIR_STR("n"));
    put("x", 1);
    put("y", 2);
    remove_visit("x");
    weir__keyed_folding_add(&keyed, &total, &(int64_t){5}, 0);
    weir__keyed_folding_add(&keyed, &mean, &(int64_t){5}, 0);
    weir__keyed_register_timer(&keyed, WEIR__EVENT_TIME, WEIR__NO_NAMESPACE, 100);
    weir__keyed_register_timer(&keyed, WEIR__PROCESSING_TIME, WEIR__NO_NAMESPACE, 200);
    key("b");
    set_number(22);
    restart();
    key("a");
    ck_assert_int_eq(number(), 11);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &names), 1);
    ck_assert_int_eq(get("x"), -1);
    ck_assert_int_eq(get("y"), 2);
    ck_assert_int_eq(*(const int64_t *)weir__keyed_reducing_get(&keyed, &total), 5);
    ck_assert(weir__keyed_aggregating_get(&keyed, &mean, 0, &out));
    ck_assert_double_eq(out, 5);
    ck_assert(!weir__keyed_register_timer(&keyed, WEIR__EVENT_TIME, WEIR__NO_NAMESPACE, 100));
    ck_assert_int_eq(weir__keyed_next_time(&keyed, WEIR__PROCESSING_TIME), 200);
    key("b");
    ck_assert_int_eq(number(), 22);
}
END_TEST

START_TEST(a_timer_sets_its_key)
{
    struct weir__timer due;
    key("a");
    set_number(1);
    weir__keyed_register_timer(&keyed, WEIR__EVENT_TIME, WEIR__NO_NAMESPACE, 100);
    key("b");
    weir__keyed_register_timer(&keyed, WEIR__EVENT_TIME, WEIR__NO_NAMESPACE, 50);
    ck_assert(weir__keyed_next_timer(&keyed, WEIR__EVENT_TIME, 100, &due));
    ck_assert(weir_str_equals(keyed.key.string, "b"));
    ck_assert_ptr_null(weir__keyed_value_get(&keyed, &last));
    ck_assert(weir__keyed_next_timer(&keyed, WEIR__EVENT_TIME, 100, &due));
    ck_assert_int_eq(due.time, 100);
    ck_assert_int_eq(number(), 1);
    ck_assert(!weir__keyed_next_timer(&keyed, WEIR__EVENT_TIME, 100, &due));
}
END_TEST

START_TEST(a_snapshot_of_another_type_is_refused_by_name)
{
    static const struct weir_state_descriptor other = {.name = "last", .type = &weir_int64_type};
    static const struct weir_state_descriptor *const changed[] = {&other, &names, &visits,
                                                                  &total, &mean,  NULL};
    static const struct weir_state_descriptor *const fewer[] = {&last, NULL};
    struct weir__buf bytes = {0};
    struct weir_error error;
    weir__keyed_snapshot(&keyed, &bytes);
    struct weir__reader in = {bytes.data, bytes.data + bytes.len, false};
    struct weir__keyed target;
    keyed_init(&target, &manual.clock);
    ck_assert_int_eq(weir__keyed_declare(&target, changed, NULL), WEIR_OK);
    ck_assert_int_eq(weir__keyed_restore(&target, &in, &error), WEIR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(error.message, "'last'"));
    weir__keyed_fini(&target);
    keyed_init(&target, &manual.clock);
    ck_assert_int_eq(weir__keyed_declare(&target, fewer, NULL), WEIR_OK);
    in = (struct weir__reader){bytes.data, bytes.data + bytes.len, false};
    ck_assert_int_eq(weir__keyed_restore(&target, &in, &error), WEIR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(error.message, "'names'"));
    weir__keyed_fini(&target);
    weir__buf_fini(&bytes);
}
END_TEST

START_TEST(a_snapshot_cut_anywhere_is_refused)
{
    struct weir__rand rand;
    struct weir__buf bytes = {0};
    weir__rand_init(&rand, 3);
    for (int i = 0; i < 3; i++) {
        char text[16];
        struct sample value;
        snprintf(text, sizeof(text), "k%d", i);
        key(text);
        sample_random(&rand, &value);
        weir__keyed_value_set(&keyed, &last, &value);
        weir__keyed_list_add(&keyed, &names, &value.name);
        weir__keyed_map_put(&keyed, &visits, &value.name, &value);
        weir_value_fini(&sample_type, &value);
    }
    weir__keyed_snapshot(&keyed, &bytes);
    size_t step = state_backend_is_heap() ? 1 : 59; /* a database for each */
    for (size_t len = 0; len < bytes.len; len += step) {
        weir__keyed_fini(&keyed);
        open_keyed();
        struct weir__reader in = {bytes.data, bytes.data + len, false};
        ck_assert_int_eq(weir__keyed_restore(&keyed, &in, NULL), WEIR_CORRUPT);
    }
    weir__buf_fini(&bytes);
}
END_TEST

START_TEST(states_that_cannot_work_are_refused)
{
    static const struct weir_state_descriptor nameless = {.type = &weir_int64_type};
    static const struct weir_state_descriptor typeless = {.name = "t"};
    static const struct weir_state_descriptor keyless = {
        .name = "m", .kind = WEIR_STATE_MAP, .type = &weir_int64_type};
    static const struct weir_state_descriptor twin = {.name = "last", .type = &weir_int64_type};
    static const struct weir_state_descriptor brief = {
        .name = "b", .type = &weir_int64_type, .ttl = {.ttl_ms = -1}}; /* section 17 */
    static const struct weir_state_descriptor *const bad[] = {&nameless, &typeless, &keyless, &twin,
                                                              &brief};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct weir_state_descriptor *const list[] = {bad[i], NULL};
        ck_assert_int_eq(weir__keyed_declare(&keyed, list, NULL), WEIR_INVALID);
    }
}
END_TEST

/* Many user keys, many removals, against the numbers that were put. */
START_TEST(a_large_map_agrees_with_a_plain_array)
{
    enum { KEYS = 300 };
    int64_t model[KEYS];
    struct weir__rand rand;
    weir__rand_init(&rand, 77);
    for (int i = 0; i < KEYS; i++) {
        model[i] = -1;
    }
    key("a");
    for (int step = 0; step < 20000; step++) {
        char text[16];
        int i = (int)weir__rand_below(&rand, KEYS);
        snprintf(text, sizeof(text), "u%d", i);
        if (weir__rand_below(&rand, 3) == 0) {
            remove_visit(text);
            model[i] = -1;
        } else {
            put(text, step);
            model[i] = step;
        }
        if (step % 5000 == 0) {
            restart();
            key("a");
        }
        i = (int)weir__rand_below(&rand, KEYS);
        snprintf(text, sizeof(text), "u%d", i);
        ck_assert_int_eq(get(text), model[i]);
    }
}
END_TEST

static Suite *make_suite(const char *backend)
{
    Suite *suite = suite_create(backend);
    TCase *tests = tcase_create("keyed");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_value_belongs_to_its_key);
    tcase_add_test(tests, a_value_is_copied_even_when_it_borrows_from_itself);
    tcase_add_test(tests, a_value_can_be_edited_in_place);
    tcase_add_test(tests, a_list_keeps_the_order_of_addition);
    tcase_add_test(tests, a_map_keeps_the_order_of_insertion);
    tcase_add_test(tests, an_emptied_map_leaves_nothing_behind);
    tcase_add_test(tests, reducing_starts_with_the_first_value);
    tcase_add_test(tests, aggregating_gives_the_result_of_the_accumulator);
    tcase_add_test(tests, a_snapshot_brings_every_kind_and_the_timers_back);
    tcase_add_test(tests, a_timer_sets_its_key);
    tcase_add_test(tests, a_snapshot_of_another_type_is_refused_by_name);
    tcase_add_test(tests, a_snapshot_cut_anywhere_is_refused);
    tcase_add_test(tests, states_that_cannot_work_are_refused);
    tcase_add_test(tests, a_large_map_agrees_with_a_plain_array);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return run_for_state_backends(make_suite) != 0;
}
