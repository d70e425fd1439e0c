/*
 * A snapshot that is copied at the barrier and encoded later holds what was there at the barrier,
 * whatever its owner does meanwhile: change cells, remove keys, add others.
 */
#include "state_backends.h"

#include "base/rand.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void add_up(void *accumulator, const void *value, void *user)
{
    (void)user;
    *(int64_t *)accumulator += *(const int64_t *)value;
}

static const struct weir_state_descriptor count = {.name = "count", .type = &weir_int64_type};
static const struct weir_state_descriptor total = {
    .name = "total", .kind = WEIR_STATE_REDUCING, .type = &weir_int64_type, .reduce = add_up};
static const struct weir_state_descriptor name = {.name = "name", .type = &weir_string_type};
static const struct weir_state_descriptor names = {
    .name = "names", .kind = WEIR_STATE_LIST, .type = &weir_string_type};
static const struct weir_state_descriptor *const states[] = {&count, &name, &total, &names, NULL};

enum { KEYS = 1500 }; /* more than a chunk of a pool */

static struct weir_manual_clock manual;
static struct weir__keyed keyed;
static struct weir__rand dice;

static void setup(void)
{
    weir_manual_clock_init(&manual, 0);
    weir__rand_init(&dice, 11);
    keyed_init(&keyed, &manual.clock);
    ck_assert_int_eq(weir__keyed_declare(&keyed, states, NULL), WEIR_OK);
}

static void teardown(void)
{
    weir__keyed_fini(&keyed);
}

static void set_key(int number)
{
    char text[48];
    snprintf(text, sizeof(text), "a key that owns its text: %d", number);
    struct weir__key key = weir__key_string(weir_str_from(text));
    weir__keyed_set_key(&keyed, &key);
    weir__keyed_node(&keyed); /* the text dies with this call */
    keyed.key = keyed.node->key;
}

static void change(void)
{
    int64_t value = (int64_t)weir__rand_below(&dice, 100000);
    weir__keyed_value_set(&keyed, &count, &value);
    weir__keyed_folding_add(&keyed, &total, &value, 0);
    weir__keyed_value_set(&keyed, &name, &WEIR_STR("somebody"));
    weir__keyed_list_add(&keyed, &names, &WEIR_STR("else"));
    weir__keyed_register_timer(&keyed, WEIR__EVENT_TIME, WEIR__NO_NAMESPACE, value);
}

static void clear(void)
{
    for (int i = 0; states[i] != NULL; i++) {
        weir__keyed_state_clear(&keyed, states[i]);
    }
}

static void fire(int64_t limit)
{
    struct weir__timer due;
    while (weir__keyed_next_timer(&keyed, WEIR__EVENT_TIME, limit, &due)) {
        clear();
    }
}

/* Some changes, from key `first` on. */
static void work(int first)
{
    for (int i = 0; i < KEYS; i++) {
        set_key(first + (int)weir__rand_below(&dice, KEYS));
        if (weir__rand_below(&dice, 4) == 0) {
            clear();
        } else {
            change();
        }
    }
    fire((int64_t)weir__rand_below(&dice, 50000));
}

struct frozen {
    struct weir__buf bytes;
    struct weir__vec gaps;
};

static struct frozen freeze(void)
{
    struct frozen frozen = {.gaps = WEIR__GAPS};
    weir__keyed_freeze(&keyed, &frozen.bytes, &frozen.gaps);
    return frozen;
}

static void *fill(void *memory)
{
    struct frozen *frozen = memory;
    weir__gaps_fill(&frozen->gaps, &frozen->bytes);
    return NULL;
}

static void expect_and_release(struct frozen *frozen, const struct weir__buf *expected)
{
    ck_assert_uint_eq(frozen->gaps.count, 0);
    ck_assert_uint_eq(frozen->bytes.len, expected->len);
    ck_assert(memcmp(frozen->bytes.data, expected->data, expected->len) == 0);
    weir__gaps_fini(&frozen->gaps);
    weir__buf_fini(&frozen->bytes);
}

START_TEST(it_is_the_snapshot_of_the_barrier)
{
    for (int round = 0; round < 3; round++) {
        work(round * 100);
        struct weir__buf expected = {0};
        weir__keyed_snapshot(&keyed, &expected);
        struct frozen frozen = freeze();
        work(round * 100 + KEYS / 2);
        fire(WEIR_TIME_MAX);
        fill(&frozen);
        expect_and_release(&frozen, &expected);
        weir__buf_fini(&expected);
    }
}
END_TEST

START_TEST(another_thread_encodes_it_while_the_owner_goes_on)
{
    for (int round = 0; round < 3; round++) {
        pthread_t writer;
        work(round * 100);
        struct weir__buf expected = {0};
        weir__keyed_snapshot(&keyed, &expected);
        struct frozen frozen = freeze();
        ck_assert_int_eq(pthread_create(&writer, NULL, fill, &frozen), 0);
        work(round * 100 + KEYS / 2);
        ck_assert_int_eq(pthread_join(writer, NULL), 0);
        expect_and_release(&frozen, &expected);
        weir__buf_fini(&expected);
    }
}
END_TEST

START_TEST(a_snapshot_while_a_copy_is_out_is_encoded_at_once)
{
    work(0);
    struct weir__buf expected = {0};
    weir__keyed_snapshot(&keyed, &expected);
    struct frozen first = freeze();
    struct frozen second = freeze();
    ck_assert_uint_gt(first.gaps.count, 0); /* timers are copied in every backend */
    expect_and_release(&second, &expected);
    fill(&first);
    expect_and_release(&first, &expected);
    weir__buf_fini(&expected);
}
END_TEST

START_TEST(a_copy_that_nobody_wants_is_given_back)
{
    work(0);
    struct frozen unwanted = freeze();
    size_t gaps = unwanted.gaps.count;
    weir__gaps_fini(&unwanted.gaps);
    weir__buf_fini(&unwanted.bytes);
    struct frozen next = freeze();
    ck_assert_uint_eq(next.gaps.count, gaps);
    weir__gaps_fini(&next.gaps);
    weir__buf_fini(&next.bytes);
}
END_TEST

START_TEST(keys_that_went_meanwhile_are_forgotten_afterwards)
{
    work(0);
    struct frozen frozen = freeze();
    fire(WEIR_TIME_MAX);
    for (int i = 0; i < KEYS; i++) {
        set_key(i);
        clear();
    }
    fill(&frozen);
    struct weir__buf empty = {0};
    weir__keyed_snapshot(&keyed, &empty); /* a database hears of removed cells now */
    weir__buf_fini(&empty);
    set_key(KEYS);
    set_key(KEYS + 1); /* the key before goes, and with it those that waited */
    ck_assert_uint_eq(cell_count(&keyed), 0);
    ck_assert_uint_le(keyed.keys.nodes.count, 1);
    weir__gaps_fini(&frozen.gaps);
    weir__buf_fini(&frozen.bytes);
}
END_TEST

static Suite *make_suite(const char *backend)
{
    Suite *suite = suite_create(backend);
    TCase *tests = tcase_create("freeze");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, it_is_the_snapshot_of_the_barrier);
    tcase_add_test(tests, another_thread_encodes_it_while_the_owner_goes_on);
    tcase_add_test(tests, a_snapshot_while_a_copy_is_out_is_encoded_at_once);
    tcase_add_test(tests, a_copy_that_nobody_wants_is_given_back);
    tcase_add_test(tests, keys_that_went_meanwhile_are_forgotten_afterwards);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return run_for_state_backends(make_suite) != 0;
}
