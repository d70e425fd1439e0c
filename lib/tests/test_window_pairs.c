/*
 * Pairs and names: which strings occurred with which owners in which slices, against a model that
 * keeps one byte for each.
 */
#include "window/pairs.h"

#include "base/mem.h"
#include "base/rand.h"
#include "random_cases.h"

#include <weir/time.h>

#include <check.h>
#include <string.h>

enum { OWNERS = 3, TEXTS = 300, SLICES = 700, TOGETHER = 60, NONE = -1 };

static struct weir__pairs pairs;
static uint32_t owners[OWNERS];
static uint8_t seen[OWNERS][TEXTS][SLICES];
static int64_t origin; /* the slice that the model calls 0 */
static bool crowded;   /* all pairs have the same home, and most of them the same tag */

/* Short ones, long ones, and the empty one. */
static struct weir_str text_of(int number, char text[40])
{
    int len =
        number == 0
            ? 0
            : snprintf(text, 40, number % 3 == 0 ? "a string beyond 16 bytes %d" : "%d", number);
    return (struct weir_str){text, (uint32_t)len};
}

static uint32_t name_of(int number, int64_t slice)
{
    char text[40];
    struct weir_str str = text_of(number, text);
    return weir__names_see(&pairs.names, str, weir__hash_bytes(str.data, str.len), slice);
}

/* All steps of one pair. */
static bool mark_key(uint64_t key, int64_t slice, int64_t reach, int64_t *before, int64_t *after)
{
    weir__pairs_expect(&pairs, key);
    *before = *after = WEIR__NO_SLICE;
    uint32_t first = weir__pairs_mark_new(&pairs, key, slice);
    return first == WEIR__PAIR_NEW ||
           weir__pairs_mark(&pairs, key, first, slice, reach, before, after);
}

static bool mark_pair(uint32_t owner, int number, int64_t slice, int64_t reach, int64_t *before,
                      int64_t *after)
{
    return mark_key(weir__pair_key(owner, name_of(number, slice)), slice, reach, before, after);
}

static int neighbour(const uint8_t *slices, int from, int step, int reach, int horizon)
{
    for (int i = 1; i <= reach; i++) {
        int slice = from + step * i;
        if (slice < horizon || slice < 0 || slice >= SLICES) {
            return NONE;
        }
        if (slices[slice] != 0) {
            return slice;
        }
    }
    return NONE;
}

/* One of the marks that go their steps together. */
struct step {
    int owner;
    int text;
    int slice;
    uint64_t key;
    uint32_t first; /* cell */
};

static void check_neighbours(const struct step *step, int64_t before, int64_t after, int reach,
                             int horizon)
{
    const uint8_t *slices = seen[step->owner][step->text];
    int older = neighbour(slices, step->slice, -1, reach, horizon);
    int newer = neighbour(slices, step->slice, 1, reach, horizon);
    ck_assert_int_eq(before, older == NONE ? WEIR__NO_SLICE : origin + older);
    ck_assert_int_eq(after, newer == NONE ? WEIR__NO_SLICE : origin + newer);
}

static void mark_step(const struct step *step, int reach, int horizon)
{
    int64_t before = 0;
    int64_t after = 0;
    uint8_t *slices = seen[step->owner][step->text];
    bool is_new = weir__pairs_mark(&pairs, step->key, step->first, origin + step->slice, reach,
                                   &before, &after);
    ck_assert_int_eq(is_new, slices[step->slice] == 0);
    slices[step->slice] = 1;
    if (is_new) {
        check_neighbours(step, before, after, reach, horizon);
    }
}

/* A pair that is settled at the first look is in no slice nearby. */
static bool settle_step(struct step *step, int reach, int horizon)
{
    step->first = weir__pairs_mark_new(&pairs, step->key, origin + step->slice);
    if (step->first != WEIR__PAIR_NEW) {
        return false;
    }
    ck_assert_int_eq(seen[step->owner][step->text][step->slice], 0);
    seen[step->owner][step->text][step->slice] = 1;
    check_neighbours(step, WEIR__NO_SLICE, WEIR__NO_SLICE, reach, horizon);
    return true;
}

static uint64_t key_of(const struct step *step)
{
    uint32_t name = name_of(step->text, origin + step->slice);
    return crowded ? (uint64_t)name << 32 | (uint32_t)step->owner
                   : weir__pair_key(owners[step->owner], name);
}

static void mark_together(struct step *steps, int count, int reach, int horizon)
{
    int waiting = 0;
    for (int i = 0; i < count; i++) {
        steps[i].key = key_of(&steps[i]);
        weir__pairs_expect(&pairs, steps[i].key);
    }
    for (int i = 0; i < count; i++) {
        if (!settle_step(&steps[i], reach, horizon)) {
            steps[waiting++] = steps[i];
        }
    }
    for (int i = 0; i < waiting; i++) {
        mark_step(&steps[i], reach, horizon);
    }
}

/* What the list says of all owners is what the model says behind the horizon. */
static void check_list(int horizon)
{
    if (crowded) {
        return; /* made-up keys tell of no owners */
    }
    struct weir__pair_list list = weir__pairs_by_owner(&pairs);
    struct weir_str *texts = weir__names_texts(&pairs.names);
    size_t expected = 0;
    for (int owner = 0; owner < OWNERS; owner++) {
        for (int text = 0; text < TEXTS; text++) {
            for (int slice = horizon; slice < SLICES; slice++) {
                expected += seen[owner][text][slice];
            }
        }
        for (uint32_t i = list.first[owners[owner]]; i < list.first[owners[owner] + 1]; i++) {
            const struct weir__pair_view *view = &list.items[i];
            struct weir_str name = texts[view->name];
            char digits[12] = "0";
            struct weir_str number = name;
            if (name.len > 16) {
                number = (struct weir_str){name.data + 25, name.len - 25};
            }
            memcpy(digits, number.data, number.len);
            ck_assert_uint_eq(view->owner, owners[owner]);
            for (uint32_t left = view->mask; left != 0; left &= left - 1) {
                int64_t slice = view->base + __builtin_ctz(left) - origin;
                ck_assert_int_eq(seen[owner][strtol(digits, NULL, 10)][slice], 1);
                expected--;
            }
        }
    }
    ck_assert_uint_eq(expected, 0);
    weir__free(texts);
    weir__pair_list_fini(&list);
}

/* The empty log begins at another position, soon before positions wrap. */
static void begin_at_the_last_positions(void)
{
    uint32_t position = 0U - 2 * (pairs.cell_mask + 1);
    pairs.tail = pairs.head = pairs.lap = position;
    pairs.renew_at += position;
}

static void run_case(uint64_t seed)
{
    struct weir__rand rand;
    weir__rand_init(&rand, seed);
    memset(seen, 0, sizeof(seen));
    weir__pairs_init(&pairs);
    crowded = weir__rand_below(&rand, 8) == 0;
    if (weir__rand_below(&rand, 2) == 0) {
        begin_at_the_last_positions();
    }
    for (int i = 0; i < OWNERS; i++) {
        owners[i] = weir__pairs_add_owner(&pairs);
    }
    origin = weir__rand_between(&rand, -1000, 1000);
    int reach = (int)weir__rand_between(&rand, 1, weir__rand_below(&rand, 3) == 0 ? 150 : 40);
    int behind = (int)weir__rand_between(&rand, 0, weir__rand_below(&rand, 3) == 0 ? 300 : 40);
    int texts = (int)weir__rand_between(&rand, 1, TEXTS);
    int horizon = 0;
    for (int now = 0; now < SLICES; now += (int)weir__rand_between(&rand, 0, 12)) {
        struct step steps[TOGETHER];
        int count = (int)weir__rand_between(&rand, 1, TOGETHER);
        for (int i = 0; i < count; i++) {
            int ahead = (int)weir__rand_below(&rand, 4) * (now + 3 < SLICES);
            int slice = now + ahead - (int)weir__rand_between(&rand, 0, behind);
            steps[i] = (struct step){
                .owner = (int)weir__rand_below(&rand, OWNERS),
                .text = (int)weir__rand_below(&rand, (uint64_t)texts),
                .slice = slice < horizon ? horizon : slice,
            };
        }
        mark_together(steps, count, reach, horizon);
        if (weir__rand_below(&rand, 3) == 0 && now - behind > horizon) {
            horizon = now - behind;
            weir__pairs_set_horizon(&pairs, origin + horizon);
        }
        if (weir__rand_below(&rand, 20) == 0) {
            check_list(horizon);
        }
    }
    check_list(horizon);
    weir__pairs_fini(&pairs);
}

START_TEST(random_marks_find_the_neighbours_that_a_search_finds)
{
    struct random_cases cases = random_cases("pairs", 60);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        run_case(seed);
    }
}
END_TEST

START_TEST(what_the_horizon_has_passed_gives_room_to_what_comes)
{
    int64_t before;
    int64_t after;
    enum { MANY = 20000 };
    weir__pairs_init(&pairs);
    for (int round = 0; round < 10; round++) {
        uint32_t owner = weir__pairs_add_owner(&pairs);
        for (int i = 0; i < MANY; i++) {
            mark_pair(owner, round * MANY + i, 100 * round, 30, &before, &after);
        }
        weir__pairs_set_horizon(&pairs, 100 * round + 50);
        weir__pairs_drop_owner(&pairs, owner);
    }
    ck_assert_uint_le(pairs.names.next_number, 4 * MANY); /* numbers are used again */
    ck_assert_uint_le(pairs.names.line_count, 3 * MANY);
    ck_assert_uint_le(pairs.limit, 4 * MANY);
    ck_assert_uint_le(pairs.owners.used, 1);
    weir__pairs_fini(&pairs);
}
END_TEST

/* It lies in the log before all others, and is not over for long. */
START_TEST(a_slice_far_ahead_keeps_no_room_from_the_others)
{
    enum { A_SLICE = 1000, FAR = 1000000 };
    int64_t before;
    int64_t after;
    weir__pairs_init(&pairs);
    uint32_t owner = weir__pairs_add_owner(&pairs);
    ck_assert(mark_key(weir__pair_key(owner, 7), FAR, 30, &before, &after));
    for (uint32_t i = 0; i < 300 * A_SLICE; i++) {
        int64_t slice = i / A_SLICE;
        if (i % A_SLICE == 0) {
            weir__pairs_set_horizon(&pairs, slice - 5);
        }
        ck_assert(mark_key(weir__pair_key(owner, 1000 + i), slice, 30, &before, &after));
    }
    ck_assert_uint_le(pairs.limit, 30 * A_SLICE);
    ck_assert(mark_key(weir__pair_key(owner, 7), FAR + 30, 30, &before, &after));
    ck_assert_int_eq(before, FAR);
    weir__pairs_fini(&pairs);
}
END_TEST

START_TEST(a_pair_with_the_numbers_of_one_that_has_gone_is_a_new_one)
{
    int64_t before;
    int64_t after;
    weir__pairs_init(&pairs);
    uint32_t owner = weir__pairs_add_owner(&pairs);
    uint64_t key = weir__pair_key(owner, 0);
    ck_assert(mark_key(key, 10, 5, &before, &after));
    weir__pairs_set_horizon(&pairs, 12);
    ck_assert(mark_key(key, 13, 5, &before, &after));
    ck_assert_int_eq(before, WEIR__NO_SLICE);
    struct weir__pair_list list = weir__pairs_by_owner(&pairs);
    ck_assert_uint_eq(list.first[owner + 1] - list.first[owner], 1);
    ck_assert_uint_eq(list.items[0].mask, 1U << (13 - list.items[0].base));
    weir__pair_list_fini(&list);
    weir__pairs_fini(&pairs);
}
END_TEST

START_TEST(slices_at_the_ends_of_time_are_slices_too)
{
    static const int64_t slices[] = {INT64_MIN + 1,  INT64_MIN + 70, -1, 0,
                                     INT64_MAX - 70, INT64_MAX};
    int64_t before;
    int64_t after;
    weir__pairs_init(&pairs);
    uint32_t owner = weir__pairs_add_owner(&pairs);
    for (size_t i = 0; i < sizeof(slices) / sizeof(slices[0]); i++) {
        ck_assert(mark_pair(owner, 1, slices[i], 100, &before, &after));
        ck_assert_int_eq(before, i % 2 == 0 ? WEIR__NO_SLICE : slices[i - 1]);
        ck_assert_int_eq(after, WEIR__NO_SLICE);
    }
    ck_assert(!mark_pair(owner, 1, -1, 100, &before, &after));
    weir__pairs_fini(&pairs);
}
END_TEST

/* Names come and go by thousands around two that stay. */
START_TEST(a_name_is_one_number_while_its_last_slice_counts)
{
    weir__pairs_init(&pairs);
    uint32_t first = name_of(7, 0);
    uint32_t other = name_of(9, 0);
    ck_assert_uint_ne(other, first);
    for (int slice = 0; slice < 100; slice++) {
        weir__pairs_set_horizon(&pairs, slice - 3);
        for (int i = 0; i < 1000; i++) {
            name_of(1000 + slice * 1000 + i, slice);
        }
        ck_assert_uint_eq(name_of(7, slice), first);
        ck_assert_uint_eq(name_of(9, slice / 3 * 3), other); /* not later than before */
    }
    struct weir_str *texts = weir__names_texts(&pairs.names);
    ck_assert(weir_str_equals(texts[first], "7"));
    ck_assert(weir_str_equals(texts[other], "a string beyond 16 bytes 9"));
    ck_assert_uint_le(pairs.names.next_number, 20000);
    weir__free(texts);
    weir__pairs_fini(&pairs);
}
END_TEST

/* Every number of owner and name, small ones and the largest, can be read off its key. */
START_TEST(a_key_tells_owner_and_name)
{
    static const uint32_t numbers[] = {0, 1, 2, 1000, 65535, 65536, 0x7fffffff, 0xfffffffe};
    enum { COUNT = sizeof(numbers) / sizeof(numbers[0]) };
    for (int i = 0; i < COUNT * COUNT; i++) {
        uint64_t key = weir__pair_key(numbers[i / COUNT], numbers[i % COUNT]);
        ck_assert_uint_eq(weir__pair_owner(key), numbers[i / COUNT]);
        ck_assert_uint_eq(weir__pair_name(key), numbers[i % COUNT]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("window pairs");
    TCase *tests = tcase_create("pairs");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, random_marks_find_the_neighbours_that_a_search_finds);
    tcase_add_test(tests, what_the_horizon_has_passed_gives_room_to_what_comes);
    tcase_add_test(tests, a_slice_far_ahead_keeps_no_room_from_the_others);
    tcase_add_test(tests, a_pair_with_the_numbers_of_one_that_has_gone_is_a_new_one);
    tcase_add_test(tests, a_key_tells_owner_and_name);
    tcase_add_test(tests, slices_at_the_ends_of_time_are_slices_too);
    tcase_add_test(tests, a_name_is_one_number_while_its_last_slice_counts);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
