/*
 * Names: texts of all lengths, and numbers that are used again when they may be, and not before,
 * against a model that knows the last slice of each.
 */
#include "window/names.h"

#include "base/mem.h"
#include "base/rand.h"
#include "random_cases.h"

#include <check.h>
#include <string.h>

static struct weir__names names;

static uint32_t see(struct weir_str text, int64_t slice)
{
    uint64_t hash = weir__hash_bytes(text.data, text.len);
    weir__names_expect(&names, hash);
    weir__names_expect_more(&names, hash);
    return weir__names_see(&names, text, hash, slice);
}

/* Every third one is longer than what lies in a line. */
static struct weir_str text_of(int number, char text[40])
{
    int len =
        snprintf(text, 40, number % 3 == 0 ? "a string beyond 16 bytes %d" : "user %d", number);
    return (struct weir_str){text, (uint32_t)len};
}

static uint32_t see_number(int number, int64_t slice)
{
    char text[40];
    return see(text_of(number, text), slice);
}

START_TEST(texts_of_all_lengths_are_different_names)
{
    static const uint32_t lens[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,   9,   10,  11,
                                    12, 13, 14, 15, 16, 17, 18, 31, 255, 256, 1000};
    enum { COUNT = sizeof(lens) / sizeof(lens[0]) };
    static const char bytes[] = {0, 'a', (char)0xff};
    char text[1000];
    weir__names_init(&names);
    for (int round = 0; round < 3; round++) {
        uint32_t expected = 0;
        for (size_t b = 0; b < sizeof(bytes); b++) {
            memset(text, bytes[b], sizeof(text));
            for (int i = b > 0; i < COUNT; i++) { /* without bytes all are the same */
                ck_assert_uint_eq(see((struct weir_str){text, lens[i]}, round), expected);
                expected++;
            }
        }
        ck_assert_uint_eq(names.next_number, expected);
    }
    struct weir_str *texts = weir__names_texts(&names);
    for (uint32_t i = 0; i < names.next_number; i++) {
        ck_assert_uint_eq(see(texts[i], 0), i);
    }
    weir__free(texts);
    weir__names_fini(&names);
}
END_TEST

/* One byte, wherever it is, makes another name. */
START_TEST(every_byte_of_a_text_counts)
{
    char text[17] = {0};
    weir__names_init(&names);
    for (uint32_t len = 1; len <= sizeof(text); len++) {
        memset(text, 'x', sizeof(text));
        uint32_t plain = see((struct weir_str){text, len}, 0);
        for (uint32_t i = 0; i < len; i++) {
            text[i] = 'y';
            ck_assert_uint_eq(see((struct weir_str){text, len}, 0), plain + 1 + i);
            text[i] = 'x';
        }
        ck_assert_uint_eq(see((struct weir_str){text, len}, 0), plain);
    }
    weir__names_fini(&names);
}
END_TEST

START_TEST(millions_of_names_over_time_need_the_room_of_those_that_count)
{
    enum { A_SLICE = 5000, SLICES = 400, BEHIND = 3 };
    weir__names_init(&names);
    for (int slice = 0; slice < SLICES; slice++) {
        weir__names_set_horizon(&names, slice - BEHIND);
        for (int i = 0; i < A_SLICE; i++) {
            see_number(slice * A_SLICE + i, slice);
        }
    }
    /* Two generations, and what comes before there is no room: a generation is BEHIND + 1 slices */
    ck_assert_uint_le(names.next_number, 4 * (BEHIND + 1) * A_SLICE);
    ck_assert_uint_le(names.line_count, 4 * (BEHIND + 1) * A_SLICE);
    weir__names_fini(&names);
}
END_TEST

START_TEST(a_name_seen_once_a_generation_keeps_its_number)
{
    enum { OTHERS = 100, BEHIND = 5 };
    weir__names_init(&names);
    uint32_t shorter = see_number(1, 0);
    uint32_t longer = see_number(3, 0);
    for (int slice = 0; slice < 500; slice++) {
        weir__names_set_horizon(&names, slice - BEHIND);
        for (int i = 0; i < OTHERS; i++) {
            see_number(10 + slice * OTHERS + i, slice);
        }
        if (slice % BEHIND == 0) {
            ck_assert_uint_eq(see_number(1, slice), shorter);
            ck_assert_uint_eq(see_number(3, slice), longer);
        }
    }
    weir__names_fini(&names);
}
END_TEST

START_TEST(names_go_by_time_alone_when_nothing_is_added)
{
    weir__names_init(&names);
    uint32_t lines = names.line_count;
    for (int i = 0; i < 1000; i++) {
        see_number(i, 0);
    }
    for (int slice = 1; slice < 20; slice++) {
        weir__names_set_horizon(&names, slice);
        see_number(7, slice);
    }
    ck_assert_uint_eq(names.used, 1);
    ck_assert_uint_le(names.line_count, lines + 1);
    struct weir_str *texts = weir__names_texts(&names);
    for (uint32_t i = 0; i < names.next_number; i++) {
        ck_assert_int_eq(texts[i].data != NULL, i == 7);
    }
    weir__free(texts);
    weir__names_fini(&names);
}
END_TEST

START_TEST(a_late_slice_leaves_a_name_its_newer_one)
{
    weir__names_init(&names);
    uint32_t first = see_number(1, 100);
    see_number(1, 3);
    for (int horizon = 4; horizon <= 100; horizon++) {
        weir__names_set_horizon(&names, horizon);
        for (int i = 0; i < 50; i++) {
            see_number(1000 + horizon * 50 + i, horizon);
        }
    }
    ck_assert_uint_eq(see_number(1, 100), first);
    weir__names_fini(&names);
}
END_TEST

/* ---- against a model ---- */

enum { TEXTS = 2000, NEVER = -1000000 };

static struct {
    uint32_t number;
    int64_t last; /* slice; NEVER */
} known[TEXTS];
static int owner_of[TEXTS * 8]; /* of a number; -1: none yet */

static void check_see(int text, int64_t slice, int64_t horizon)
{
    uint32_t number = see_number(text, slice);
    ck_assert_uint_lt(number, TEXTS * 8);
    int owner = owner_of[number];
    if (known[text].last >= horizon) {
        ck_assert_uint_eq(number, known[text].number);
    } else if (owner >= 0 && owner != text && known[owner].number == number) {
        ck_assert_int_lt(known[owner].last, horizon); /* its number may be used again */
    }
    owner_of[number] = text;
    known[text].number = number;
    known[text].last = slice > known[text].last ? slice : known[text].last;
}

static void check_texts(int64_t horizon)
{
    char text[40];
    struct weir_str *texts = weir__names_texts(&names);
    for (int i = 0; i < TEXTS; i++) {
        if (known[i].last >= horizon) {
            struct weir_str expected = text_of(i, text);
            struct weir_str own = texts[known[i].number];
            ck_assert_uint_eq(own.len, expected.len);
            ck_assert_int_eq(memcmp(own.data, expected.data, own.len), 0);
        }
    }
    weir__free(texts);
}

static void run_case(uint64_t seed)
{
    struct weir__rand rand;
    weir__rand_init(&rand, seed);
    weir__names_init(&names);
    for (int i = 0; i < TEXTS; i++) {
        known[i].last = NEVER;
    }
    memset(owner_of, 0xff, sizeof(owner_of));
    int64_t now = weir__rand_between(&rand, -100, 100);
    int64_t horizon = now - 50;
    int64_t behind = weir__rand_between(&rand, 0, weir__rand_below(&rand, 2) == 0 ? 40 : 4);
    uint64_t drift = weir__rand_below(&rand, 3) == 0 ? 0 : weir__rand_between(&rand, 1, 60);
    int width = (int)weir__rand_between(&rand, 1, TEXTS);
    int from = 0;
    for (int round = 0; round < 400; round++) {
        int count = (int)weir__rand_between(&rand, 0, 60);
        for (int i = 0; i < count; i++) {
            int text = (from + (int)weir__rand_below(&rand, (uint64_t)width)) % TEXTS;
            int64_t slice = now - weir__rand_between(&rand, 0, behind);
            check_see(text, slice < horizon ? horizon : slice, horizon);
        }
        from += (int)weir__rand_below(&rand, drift + 1);
        now += weir__rand_between(&rand, 0, 3);
        if (weir__rand_below(&rand, 3) == 0 && now - behind > horizon) {
            horizon = now - behind;
            weir__names_set_horizon(&names, horizon);
        }
        if (weir__rand_below(&rand, 20) == 0) {
            check_texts(horizon);
        }
    }
    check_texts(horizon);
    weir__names_fini(&names);
}

START_TEST(numbers_are_used_again_only_when_the_horizon_has_passed_all_their_slices)
{
    struct random_cases cases = random_cases("names", 100);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        run_case(seed);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("window names");
    TCase *tests = tcase_create("names");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, texts_of_all_lengths_are_different_names);
    tcase_add_test(tests, every_byte_of_a_text_counts);
    tcase_add_test(tests, millions_of_names_over_time_need_the_room_of_those_that_count);
    tcase_add_test(tests, a_name_seen_once_a_generation_keeps_its_number);
    tcase_add_test(tests, names_go_by_time_alone_when_nothing_is_added);
    tcase_add_test(tests, a_late_slice_leaves_a_name_its_newer_one);
    tcase_add_test(tests, numbers_are_used_again_only_when_the_horizon_has_passed_all_their_slices);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
