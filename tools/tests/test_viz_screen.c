/*
 * Screens: any trace, of any size of screen, after any keys, gives a picture and nothing but a
 * picture: no control character, no broken half of a wide one, no crash.
 */
#include "base/mem.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "viz/app.h"
#include "viz/headless.h"
#include "viz/keys.h"

#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const traces[] = {
    "tools/tests/viz/tumbling-late.jsonl",
    "tools/tests/viz/idle.jsonl",
    "tools/tests/viz/sliding.jsonl",
    "tools/tests/viz/session.jsonl",
};
enum { TRACES = sizeof traces / sizeof traces[0] };

struct viewer {
    struct viz_recording recording;
    struct viz_timeline timeline;
    struct viz_app app;
    struct viz_grid grid;
};

static void start(struct viewer *viewer)
{
    viz_timeline_init(&viewer->timeline, &viewer->recording);
    while (viz_timeline_load(&viewer->timeline, 1000)) {
    }
    viz_app_init(&viewer->app, &viewer->timeline, false);
    viz_app_loaded(&viewer->app);
    viewer->grid = (struct viz_grid){0};
}

static void open_file(struct viewer *viewer, const char *path)
{
    struct weir_error error;
    ck_assert_int_eq(viz_recording_open(&viewer->recording, path, &error), WEIR_OK);
    start(viewer);
}

static void open_text(struct viewer *viewer, const char *text, size_t len)
{
    struct weir_error error;
    ck_assert_int_eq(viz_recording_create(&viewer->recording, NULL, &error), WEIR_OK);
    viz_recording_add(&viewer->recording, text, len);
    viewer->recording.complete = true;
    start(viewer);
}

static void stop(struct viewer *viewer)
{
    viz_grid_fini(&viewer->grid);
    viz_timeline_fini(&viewer->timeline);
    viz_recording_close(&viewer->recording);
}

static void check_cells(const struct viz_grid *grid)
{
    for (int i = 0; i < grid->rows * grid->columns; i++) {
        uint32_t rune = grid->cells[i].rune;
        bool half = rune == 0 && i % grid->columns > 0 && grid->cells[i - 1].rune != 0;
        bool shown = rune != 0 && !weir__is_control(rune) && rune <= 0x10FFFF;
        if (!half && !shown) {
            ck_abort_msg("cell %d,%d is %x", i / grid->columns, i % grid->columns, rune);
        }
    }
}

static void draw(struct viewer *viewer, int rows, int columns)
{
    viz_grid_resize(&viewer->grid, rows, columns);
    viewer->app.columns = columns;
    struct viz_scene scene = viz_app_scene(&viewer->app);
    viz_render(&scene, &viewer->grid);
    check_cells(&viewer->grid);
}

/* The row of the screen that has the text in it; -1. */
static int find(const struct viz_grid *grid, const char *text)
{
    char *row = weir__alloc((size_t)grid->columns * 8 + 1);
    int found = -1;
    for (int i = 0; i < grid->rows && found < 0; i++) {
        viz_row_text(grid, i, row);
        found = strstr(row, text) != NULL ? i : -1;
    }
    weir__free(row);
    return found;
}

START_TEST(every_size_of_screen_gets_a_picture)
{
    struct viewer viewer;
    open_file(&viewer, traces[_i]);
    struct weir__rand rand;
    weir__rand_init(&rand, 99 + (uint64_t)_i);
    static const char keys[] = "..,][ +-\t<>zZhl0?o\n\x1bgGL.....";
    for (int round = 0; round < 400; round++) {
        viz_app_key(&viewer.app, keys[weir__rand_below(&rand, sizeof keys - 1)]);
        viewer.app.quit = false;
        viz_app_tick(&viewer.app, viewer.app.now_ns + weir__rand_between(&rand, 0, 100000000));
        draw(&viewer, (int)weir__rand_between(&rand, 1, 60),
             (int)weir__rand_between(&rand, 1, 200));
    }
    for (int size = 1; size < 30; size++) {
        draw(&viewer, size, size);
    }
    stop(&viewer);
}
END_TEST

static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    char *text = weir__alloc(1 << 20);
    *len = fread(text, 1, 1 << 20, file);
    fclose(file);
    return text;
}

static const char *const splinters[] = {
    "9223372036854775807", "-9223372036854775808", "null",         "-1",      "0", "\"\"", "true",
    "\"\\u001b[2J\"",      "\"漢字漢字\"",         "\"e\\u0301\"", "[[1,2]]",
};

/* Replaces numbers and bytes of a text by others. */
static size_t mutate(struct weir__rand *rand, const char *from, size_t len, char *to)
{
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        bool digit = from[i] >= '0' && from[i] <= '9';
        bool value = digit && i > 0 && from[i - 1] == ':';
        if (value && weir__rand_below(rand, 200) == 0) {
            const char *other =
                splinters[weir__rand_below(rand, sizeof splinters / sizeof splinters[0])];
            memcpy(to + used, other, strlen(other));
            used += strlen(other);
            while (i + 1 < len && from[i + 1] >= '0' && from[i + 1] <= '9') {
                i++;
            }
        } else {
            to[used++] =
                weir__rand_below(rand, 3000) == 0 ? (char)weir__rand_below(rand, 256) : from[i];
        }
    }
    return used;
}

START_TEST(mutated_traces_do_no_harm)
{
    struct weir__rand rand;
    weir__rand_init(&rand, 7000 + (uint64_t)_i);
    size_t len;
    char *text = read_file(traces[_i], &len);
    char *mutated = weir__alloc(len * 2 + 100);
    for (int round = 0; round < 25; round++) {
        struct viewer viewer;
        open_text(&viewer, mutated, mutate(&rand, text, len, mutated));
        for (int look = 0; look < 12; look++) {
            int64_t place = (int64_t)weir__rand_below(&rand, (uint64_t)viewer.timeline.count + 1);
            viz_timeline_seek(&viewer.timeline, place);
            viz_app_key(&viewer.app, "\t<\n\x1b?zZ"[weir__rand_below(&rand, 7)]);
            draw(&viewer, 24, 80);
        }
        FILE *nowhere = fopen("/dev/null", "w");
        struct viz_plain plain = {.timeline = &viewer.timeline};
        viz_plain_print(&plain, true, nowhere);
        fclose(nowhere);
        stop(&viewer);
    }
    weir__free(mutated);
    weir__free(text);
}
END_TEST

START_TEST(hostile_keys_are_shown_and_not_obeyed)
{
    static const char text[] = "{\"t\":\"record\",\"id\":1,\"op\":1,\"sub\":0,\"from\":\"p\\u001b]"
                               "0;x\\u0007\",\"key\":\"\\u001b[31m\\u202e"
                               "\xff漢字e\\u0301\",\"ts\":1000,\"value\":\"\\u009b2J\"}\n"
                               "{\"t\":\"window\",\"action\":\"add\",\"op\":1,\"sub\":0,\"key\":"
                               "\"\\u001b[31m\\u202e\xff漢字e\\u0301\","
                               "\"start\":0,\"end\":10000,\"n\":1}\n";
    struct viewer viewer;
    open_text(&viewer, text, sizeof text - 1);
    viz_app_key(&viewer.app, 'G');
    draw(&viewer, 24, 80);
    ck_assert_int_ge(find(&viewer.grid, "\xEF\xBF\xBD[31m\xEF\xBF\xBD漢字e\xCC\x81"), 0);
    for (int columns = 40; columns < 80; columns++) {
        draw(&viewer, 24, columns); /* wide characters at every edge */
    }
    stop(&viewer);
}
END_TEST

START_TEST(ascii_screens_have_only_ascii)
{
    struct viewer viewer;
    open_file(&viewer, traces[_i]);
    viewer.grid.ascii = true;
    for (int round = 0; round < 60; round++) {
        viz_app_key(&viewer.app, round % 7 == 0 ? '?' : '.');
        draw(&viewer, 24, 80);
        for (int i = 0; i < 24 * 80; i++) {
            ck_assert_uint_lt(viewer.grid.cells[i].rune, 0x7F);
        }
    }
    stop(&viewer);
}
END_TEST

START_TEST(very_small_screens_say_the_watermark_in_a_line)
{
    struct viewer viewer;
    open_file(&viewer, traces[0]);
    viz_app_key(&viewer.app, 'G');
    draw(&viewer, 5, 38);
    ck_assert_int_eq(find(&viewer.grid, "wm 40.999"), 0);
    stop(&viewer);
}
END_TEST

START_TEST(running_follows_the_recorded_pace_and_stops_at_the_end)
{
    struct viewer viewer;
    open_file(&viewer, traces[0]);
    viz_app_key(&viewer.app, ' ');
    int64_t now = 0;
    viz_app_tick(&viewer.app, now);
    int64_t first = viewer.timeline.place;
    ck_assert_int_gt(first, 0);
    viz_app_tick(&viewer.app, now += 100000000);
    ck_assert_int_eq(viewer.timeline.place, first);
    viz_app_tick(&viewer.app, now += 1000000000);
    ck_assert_int_gt(viewer.timeline.place, first);
    while (viewer.app.running) {
        viz_app_tick(&viewer.app, now += 1000000000);
    }
    ck_assert_int_eq(viewer.timeline.place, viewer.timeline.count);
    ck_assert_int_eq(viz_app_wait(&viewer.app), INT64_MAX);
    stop(&viewer);
}
END_TEST

START_TEST(script_reads_named_repeated_and_timed_keys)
{
    struct viz_press press;
    ck_assert_str_eq(viz_script_next(".x", &press), "x");
    ck_assert_int_eq(press.key, '.');
    ck_assert_str_eq(viz_script_next("{UP}", &press), "");
    ck_assert_int_eq(press.key, VIZ_KEY_UP);
    ck_assert_ptr_nonnull(viz_script_next("{20.}", &press));
    ck_assert_int_eq(press.times, 20);
    ck_assert_ptr_nonnull(viz_script_next("{WAIT 2s}", &press));
    ck_assert_int_eq(press.wait_ms, 2000);
    ck_assert_ptr_null(viz_script_next("{NOPE}", &press));
    ck_assert_ptr_null(viz_script_next("{UP", &press));
    ck_assert_ptr_null(viz_script_next("", &press));
}
END_TEST

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    TCase *tests = tcase_create("screen");
    tcase_set_timeout(tests, 100);
    tcase_add_loop_test(tests, every_size_of_screen_gets_a_picture, 0, TRACES);
    tcase_add_loop_test(tests, mutated_traces_do_no_harm, 0, TRACES);
    tcase_add_test(tests, hostile_keys_are_shown_and_not_obeyed);
    tcase_add_loop_test(tests, ascii_screens_have_only_ascii, 0, TRACES);
    tcase_add_test(tests, very_small_screens_say_the_watermark_in_a_line);
    tcase_add_test(tests, running_follows_the_recorded_pace_and_stops_at_the_end);
    tcase_add_test(tests, script_reads_named_repeated_and_timed_keys);
    Suite *suite = suite_create("viz");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
