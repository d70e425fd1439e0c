/*
 * Memory: allocation that aborts instead of failing, growable arrays, arenas.
 */
#include "base/arena.h"
#include "base/mem.h"
#include "base/vec.h"

#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(impossible_size_aborts)
{
    /* No such memory, and the product wraps: the size must not become a small one. */
    weir__free(weir__calloc(SIZE_MAX / 2, 3));
}
END_TEST

START_TEST(copies_are_independent)
{
    char text[] = "abc";
    char *copy = weir__strdup(text);
    char *formatted = weir__asprintf("%s-%d", text, 7);
    void *nothing = weir__memdup(NULL, 0);
    text[0] = 'x';
    ck_assert_str_eq(copy, "abc");
    ck_assert_str_eq(formatted, "abc-7");
    ck_assert_ptr_nonnull(nothing);
    ck_assert_ptr_null(weir__strdup(NULL));
    weir__free(copy);
    weir__free(formatted);
    weir__free(nothing);
}
END_TEST

START_TEST(lines_begin_at_a_cache_line_and_large_ones_at_a_large_page)
{
    static const size_t sizes[] = {64, 4096, 1 << 20, 2 << 20, (2 << 20) + 64, 6 << 20};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *lines = weir__alloc_lines(sizes[i]);
        size_t step = sizes[i] >= 2 << 20 ? 2 << 20 : 64;
        ck_assert_uint_eq((uintptr_t)lines % step, 0);
        memset(lines, 1, sizes[i]);
        weir__free(lines);
    }
}
END_TEST

START_TEST(array_keeps_items_through_growth_and_removal)
{
    struct weir__vec vec = WEIR__VEC_OF(int);
    for (int i = 0; i < 100; i++) {
        weir__vec_push(&vec, &i);
    }
    weir__vec_remove(&vec, 0);
    weir__vec_remove(&vec, 49); /* was 50 */
    weir__vec_remove(&vec, vec.count - 1);
    ck_assert_uint_eq(vec.count, 97);
    ck_assert_int_eq(*(int *)weir__vec_at(&vec, 48), 49);
    ck_assert_int_eq(*(int *)weir__vec_at(&vec, 49), 51);
    ck_assert_int_eq(*(int *)weir__vec_pop(&vec), 98);
    ck_assert_int_eq(*(int *)weir__vec_last(&vec), 97);
    weir__vec_clear(&vec);
    ck_assert_uint_eq(vec.count, 0);
    weir__vec_fini(&vec);
    ck_assert_ptr_null(vec.items);
}
END_TEST

START_TEST(arena_memory_does_not_overlap_and_is_aligned)
{
    struct weir__arena arena = {0};
    for (int round = 0; round < 3; round++) {
        char *blocks[200];
        for (size_t i = 0; i < 200; i++) {
            blocks[i] = weir__arena_alloc(&arena, i * 13 % 97 * 20);
            ck_assert_uint_eq((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
            memset(blocks[i], (int)i, i * 13 % 97 * 20);
        }
        bool kept = true;
        for (size_t i = 0; i < 200; i++) {
            for (size_t at = 0; at < i * 13 % 97 * 20; at++) {
                kept = kept && (uint8_t)blocks[i][at] == i;
            }
        }
        ck_assert(kept);
        weir__arena_reset(&arena);
    }
    memset(weir__arena_alloc(&arena, 4 << 20), 1, 4 << 20);
    weir__arena_reset(&arena);
    weir__arena_fini(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base memory");
    TCase *tests = tcase_create("memory");
    tcase_add_test_raise_signal(tests, impossible_size_aborts, SIGABRT);
    tcase_add_test(tests, copies_are_independent);
    tcase_add_test(tests, lines_begin_at_a_cache_line_and_large_ones_at_a_large_page);
    tcase_add_test(tests, array_keeps_items_through_growth_and_removal);
    tcase_add_test(tests, arena_memory_does_not_overlap_and_is_aligned);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
