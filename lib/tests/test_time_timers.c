/*
 * Timers: order, deduplication, registration while firing, snapshots. Semantics sheet, sections 7
 * and 10.
 */
#include "time/timers.h"

#include "base/rand.h"
#include "random_cases.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct weir__key_table keys;
static struct weir__timers timers;

static void setup(void)
{
    weir__key_table_init(&keys, WEIR__DEFAULT_MAX_PARALLELISM);
    weir__timers_init(&timers, &keys);
}

static void teardown(void)
{
    weir__timers_fini(&timers);
    weir__key_table_fini(&keys);
}

static struct weir__key_node *key_of(int64_t number)
{
    struct weir__key key = weir__key_integer(WEIR_KIND_INT64, number);
    return weir__key_table_intern(&keys, &key);
}

static bool add(int64_t key, int64_t window, int64_t time)
{
    return weir__timers_register(&timers, key_of(key), (struct weir__namespace){window, window},
                                 time);
}

/* Pops one timer and answers its key; -1 when none is due. */
static int64_t pop(int64_t limit, int64_t *time)
{
    struct weir__timer due;
    if (!weir__timers_pop(&timers, limit, &due)) {
        return -1;
    }
    int64_t key = due.key->key.integer;
    *time = due.time;
    weir__key_unref(&keys, due.key);
    return key;
}

START_TEST(due_timers_fire_in_ascending_time_and_inclusively)
{
    int64_t time;
    add(1, 0, 30);
    add(2, 0, 10);
    add(3, 0, 20);
    ck_assert_int_eq(weir__timers_next(&timers), 10);
    ck_assert_int_eq(pop(9, &time), -1);
    ck_assert_int_eq(pop(20, &time), 2);
    ck_assert_int_eq(pop(20, &time), 3);
    ck_assert_int_eq(pop(20, &time), -1);
    ck_assert_int_eq(pop(INT64_MAX, &time), 1);
    ck_assert_int_eq(weir__timers_next(&timers), WEIR_TIME_MAX);
}
END_TEST

START_TEST(registering_twice_is_one_timer)
{
    int64_t time;
    ck_assert(add(1, 0, 10));
    ck_assert(!add(1, 0, 10));
    ck_assert(add(1, 5, 10)); /* another window */
    ck_assert(add(2, 0, 10)); /* another key */
    ck_assert_uint_eq(timers.count, 3);
    pop(10, &time);
    ck_assert(add(1, 0, 10)); /* it fired: this one is new */
}
END_TEST

START_TEST(deleting_a_missing_timer_does_nothing)
{
    int64_t time;
    add(1, 0, 10);
    ck_assert(!weir__timers_delete(&timers, key_of(1), (struct weir__namespace){0, 0}, 11));
    ck_assert(weir__timers_delete(&timers, key_of(1), (struct weir__namespace){0, 0}, 10));
    ck_assert_int_eq(pop(INT64_MAX, &time), -1);
}
END_TEST

START_TEST(equal_times_fire_in_order_of_registration)
{
    int64_t time;
    for (int64_t key = 0; key < 100; key++) {
        add(key * 7 % 100, 0, 5);
    }
    for (int64_t key = 0; key < 100; key++) {
        ck_assert_int_eq(pop(5, &time), key * 7 % 100);
    }
}
END_TEST

START_TEST(a_timer_registered_while_firing_fires_in_the_same_advance_when_due)
{
    int64_t time;
    add(1, 0, 10);
    add(2, 0, 20);
    ck_assert_int_eq(pop(20, &time), 1);
    add(3, 0, 5);
    add(4, 0, 15);
    add(5, 0, 21);
    ck_assert_int_eq(pop(20, &time), 3);
    ck_assert_int_eq(pop(20, &time), 4);
    ck_assert_int_eq(pop(20, &time), 2);
    ck_assert_int_eq(pop(20, &time), -1);
}
END_TEST

START_TEST(the_ends_of_time_are_times_like_others)
{
    int64_t time;
    add(1, 0, WEIR_TIME_MAX);
    add(2, 0, WEIR_TIME_MIN);
    ck_assert_int_eq(pop(WEIR_TIME_MIN, &time), 2);
    ck_assert_int_eq(pop(WEIR_TIME_MAX - 1, &time), -1);
    ck_assert_int_eq(pop(WEIR_TIME_MAX, &time), 1);
}
END_TEST

START_TEST(a_key_is_forgotten_with_its_last_timer)
{
    int64_t time;
    add(1, 0, 10);
    add(1, 0, 20);
    pop(10, &time);
    ck_assert_uint_eq(keys.nodes.count, 1);
    weir__timers_delete(&timers, key_of(1), (struct weir__namespace){0, 0}, 20);
    ck_assert_uint_eq(keys.nodes.count, 0);
}
END_TEST

static void restore_half(const struct weir__buf *bytes, int first, int last)
{
    struct weir__reader in = {bytes->data, bytes->data + bytes->len, false};
    ck_assert_int_eq(weir__timers_restore(&timers, &in, first, last, NULL), WEIR_OK);
    ck_assert(in.at == in.end);
}

START_TEST(a_snapshot_keeps_the_order_of_equal_times)
{
    int64_t time;
    struct weir__buf bytes = {0};
    for (int64_t key = 0; key < 200; key++) {
        add(key, key % 3, key % 2);
    }
    weir__timers_snapshot(&timers, &bytes, NULL);
    teardown();
    setup();
    restore_half(&bytes, 0, WEIR__DEFAULT_MAX_PARALLELISM - 1);
    add(500, 0, 0); /* comes after all restored ones */
    for (int64_t key = 0; key < 200; key += 2) {
        ck_assert_int_eq(pop(0, &time), key);
    }
    ck_assert_int_eq(pop(0, &time), 500);
    ck_assert_int_eq(pop(1, &time), 1);
    weir__buf_fini(&bytes);
}
END_TEST

START_TEST(a_snapshot_can_be_spread_over_subtasks)
{
    struct weir__buf bytes = {0};
    for (int64_t key = 0; key < 300; key++) {
        add(key, 0, key);
    }
    weir__timers_snapshot(&timers, &bytes, NULL);
    uint32_t sum = 0;
    for (int first = 0; first < WEIR__DEFAULT_MAX_PARALLELISM; first += 32) {
        teardown();
        setup();
        restore_half(&bytes, first, first + 31);
        ck_assert_uint_gt(timers.count, 0);
        sum += timers.count;
    }
    ck_assert_uint_eq(sum, 300);
    weir__buf_fini(&bytes);
}
END_TEST

START_TEST(a_damaged_snapshot_is_refused_wherever_it_ends)
{
    struct weir__buf bytes = {0};
    for (int64_t key = 0; key < 20; key++) {
        add(key, -key, key * 1000);
    }
    weir__timers_snapshot(&timers, &bytes, NULL);
    for (size_t len = 0; len < bytes.len; len++) {
        teardown();
        setup();
        struct weir__reader in = {bytes.data, bytes.data + len, false};
        struct weir_error error;
        ck_assert_int_eq(weir__timers_restore(&timers, &in, 0, 127, &error), WEIR_CORRUPT);
    }
    weir__buf_fini(&bytes);
}
END_TEST

/* ---- against a plain array ---- */

struct model_timer {
    int64_t key, window, time;
    uint64_t order;
};

static struct model_timer model[4096];
static size_t model_count;

static struct model_timer *model_find(int64_t key, int64_t window, int64_t time)
{
    for (size_t i = 0; i < model_count; i++) {
        if (model[i].key == key && model[i].window == window && model[i].time == time) {
            return &model[i];
        }
    }
    return NULL;
}

static int64_t model_pop(int64_t limit, int64_t *time)
{
    struct model_timer *least = NULL;
    for (size_t i = 0; i < model_count; i++) {
        if (model[i].time <= limit &&
            (least == NULL || model[i].time < least->time ||
             (model[i].time == least->time && model[i].order < least->order))) {
            least = &model[i];
        }
    }
    if (least == NULL) {
        return -1;
    }
    int64_t key = least->key;
    *time = least->time;
    *least = model[--model_count];
    return key;
}

static void random_step(struct weir__rand *rand, uint64_t step)
{
    int64_t key = weir__rand_between(rand, 0, 20);
    int64_t window = weir__rand_between(rand, 0, 3);
    int64_t time = weir__rand_between(rand, -30, 30);
    struct model_timer *known = model_find(key, window, time);
    uint64_t dice = weir__rand_below(rand, 10);
    if (dice < 6) {
        ck_assert_int_eq(add(key, window, time), known == NULL);
        if (known == NULL) {
            model[model_count++] = (struct model_timer){key, window, time, step};
        }
    } else if (dice < 8) {
        struct weir__key_node *node = key_of(key);
        weir__key_ref(node);
        struct weir__namespace ns = {window, window};
        ck_assert_int_eq(weir__timers_delete(&timers, node, ns, time), known != NULL);
        weir__key_unref(&keys, node);
        if (known != NULL) {
            *known = model[--model_count];
        }
    } else {
        int64_t got_time = 0;
        int64_t want_time = 0;
        int64_t want = model_pop(time, &want_time);
        ck_assert_int_eq(pop(time, &got_time), want);
        ck_assert_int_eq(got_time, want_time);
    }
    ck_assert_uint_eq(timers.count, model_count);
}

START_TEST(random_work_agrees_with_a_plain_array)
{
    struct random_cases cases = random_cases("timers", 50);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct weir__rand rand;
        weir__rand_init(&rand, seed);
        for (uint64_t step = 0; step < 1000; step++) {
            random_step(&rand, step);
        }
        int64_t time;
        while (pop(WEIR_TIME_MAX, &time) >= 0) {
            model_count--;
        }
        ck_assert_uint_eq(model_count, 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("time timers");
    TCase *tests = tcase_create("timers");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, due_timers_fire_in_ascending_time_and_inclusively);
    tcase_add_test(tests, registering_twice_is_one_timer);
    tcase_add_test(tests, deleting_a_missing_timer_does_nothing);
    tcase_add_test(tests, equal_times_fire_in_order_of_registration);
    tcase_add_test(tests, a_timer_registered_while_firing_fires_in_the_same_advance_when_due);
    tcase_add_test(tests, the_ends_of_time_are_times_like_others);
    tcase_add_test(tests, a_key_is_forgotten_with_its_last_timer);
    tcase_add_test(tests, a_snapshot_keeps_the_order_of_equal_times);
    tcase_add_test(tests, a_snapshot_can_be_spread_over_subtasks);
    tcase_add_test(tests, a_damaged_snapshot_is_refused_wherever_it_ends);
    tcase_add_test(tests, random_work_agrees_with_a_plain_array);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
