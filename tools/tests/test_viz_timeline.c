/*
 * The time line: whatever way leads to a place of a trace, the model there is the same; and every
 * line of a damaged trace is either an event or counted.
 */
#include "base/mem.h"
#include "base/rand.h"
#include "trace/reader.h"
#include "viz/timeline.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const traces[] = {
    "tools/tests/viz/tumbling-late.jsonl",
    "tools/tests/viz/idle.jsonl",
    "tools/tests/viz/sliding.jsonl",
    "tools/tests/viz/session.jsonl",
};
enum { TRACES = sizeof traces / sizeof traces[0] };

struct opened {
    struct viz_recording recording;
    struct viz_timeline timeline;
};

static void open_trace(struct opened *opened, const char *path, int64_t keyframe_distance)
{
    struct weir_error error;
    ck_assert_msg(viz_recording_open(&opened->recording, path, &error) == WEIR_OK, "%s: %s", path,
                  error.message);
    viz_timeline_init(&opened->timeline, &opened->recording);
    opened->timeline.keyframe_distance = keyframe_distance;
    while (viz_timeline_load(&opened->timeline, 100)) {
    }
    ck_assert_int_gt(opened->timeline.count, 0);
}

static void close_trace(struct opened *opened)
{
    viz_timeline_fini(&opened->timeline);
    viz_recording_close(&opened->recording);
}

/* The model after the first n events, by nothing but apply. */
static void apply_from_scratch(const struct opened *opened, int64_t n, struct viz_model *model)
{
    struct viz_lines lines;
    viz_lines_init(&lines, &opened->recording);
    struct weir__trace_event event;
    size_t len;
    int64_t offset;
    for (int64_t i = 0; i < n; i++) {
        char *line = viz_lines_next(&lines, &len, &offset);
        ck_assert_ptr_nonnull(line);
        ck_assert_int_eq(weir__trace_read(line, len, &event), WEIR_OK);
        viz_model_apply(model, &event);
    }
    viz_lines_fini(&lines);
}

START_TEST(model_at_a_place_does_not_depend_on_the_way_there)
{
    struct opened opened;
    open_trace(&opened, traces[_i], 7); /* many keyframes, all around */
    struct weir__rand rand;
    weir__rand_init(&rand, 4711 + (uint64_t)_i);
    for (int round = 0; round < 40; round++) {
        int64_t place = (int64_t)weir__rand_below(&rand, (uint64_t)opened.timeline.count + 1);
        viz_timeline_seek(&opened.timeline, place);
        ck_assert_int_eq(opened.timeline.place, place);
        struct viz_model model;
        viz_model_init(&model, &opened.timeline.names);
        apply_from_scratch(&opened, place, &model);
        ck_assert_msg(viz_model_equal(&model, &opened.timeline.here), "%s at %d", traces[_i],
                      (int)place);
        viz_model_fini(&model);
    }
    close_trace(&opened);
}
END_TEST

START_TEST(stepping_back_undoes_stepping_forward)
{
    struct opened opened;
    open_trace(&opened, traces[_i], 50);
    struct viz_timeline *timeline = &opened.timeline;
    struct viz_model before;
    viz_model_init(&before, &timeline->names);
    for (int64_t place = 0; place < timeline->count;) {
        viz_timeline_seek(timeline, place);
        viz_model_copy(&before, &timeline->here);
        int64_t after = viz_timeline_after(timeline, place);
        ck_assert_int_gt(after, place);
        ck_assert_int_eq(viz_timeline_before(timeline, after), place);
        viz_timeline_seek(timeline, after);
        viz_timeline_seek(timeline, place);
        ck_assert(viz_model_equal(&before, &timeline->here));
        place = after;
    }
    viz_model_fini(&before);
    close_trace(&opened);
}
END_TEST

START_TEST(marks_are_where_their_happenings_end)
{
    struct opened opened;
    open_trace(&opened, traces[_i], 1000);
    struct viz_timeline *timeline = &opened.timeline;
    int64_t place = 0;
    int fires = 0;
    const struct viz_mark *mark;
    while ((mark = viz_timeline_next_mark(timeline, place)) != NULL) {
        ck_assert_int_gt(mark->place, place);
        place = mark->place;
        viz_timeline_seek(timeline, place);
        enum viz_kind kind = (enum viz_kind)timeline->here.now.kind;
        ck_assert_int_eq(mark->kind == VIZ_MARK_FIRE, kind == VIZ_FIRE || kind == VIZ_LATE_FIRE);
        ck_assert_int_eq(mark->kind == VIZ_MARK_LATE, kind == VIZ_LATE);
        ck_assert_int_eq(mark->kind == VIZ_MARK_MERGE, kind == VIZ_MERGE);
        fires += mark->kind == VIZ_MARK_FIRE;
        ck_assert_ptr_eq(viz_timeline_last_mark(timeline, place + 1), mark);
    }
    ck_assert_int_gt(fires, 0);
    ck_assert_ptr_null(viz_timeline_last_mark(timeline, 0));
    close_trace(&opened);
}
END_TEST

START_TEST(keyframes_are_thinned_when_they_take_too_much_memory)
{
    struct opened opened;
    open_trace(&opened, traces[2], 1);
    struct viz_timeline *timeline = &opened.timeline;
    int64_t place = timeline->count / 3;
    viz_timeline_seek(timeline, place);
    struct viz_model model;
    viz_model_init(&model, &timeline->names);
    apply_from_scratch(&opened, place, &model);
    ck_assert(viz_model_equal(&model, &timeline->here));
    viz_model_fini(&model);
    close_trace(&opened);
}
END_TEST

static char scratch[] = "/tmp/weir-test-XXXXXX";

static void write_scratch(const char *text, size_t len)
{
    snprintf(scratch, sizeof scratch, "/tmp/weir-test-XXXXXX");
    int fd = mkstemp(scratch);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
    close(fd);
}

START_TEST(damaged_lines_are_counted_and_skipped)
{
    static const char text[] = "{\"t\":\"gap\",\"dropped\":1}\n"
                               "not a line\n"
                               "\n"
                               "{\"t\":\"of tomorrow\"}\n"
                               "{\"t\":\"gap\",\"dropped\":\"x\"}\n"
                               "{\"t\":\"gap\",\"dropped\":2}"; /* the last may lack its newline */
    write_scratch(text, sizeof text - 1);
    struct opened opened;
    open_trace(&opened, scratch, 1);
    ck_assert_int_eq(opened.timeline.count, 2);
    ck_assert_int_eq(opened.timeline.damaged, 3);
    ck_assert_int_eq(opened.timeline.head.totals.missing, 3);
    close_trace(&opened);
    unlink(scratch);
}
END_TEST

START_TEST(line_of_many_megabytes_is_damage_and_not_memory)
{
    size_t len = 5u << 20;
    char *text = weir__alloc(len + 32);
    memset(text, 'x', len);
    memcpy(text + len, "\n{\"t\":\"gap\",\"dropped\":1}\n", 25);
    write_scratch(text, len + 25);
    weir__free(text);
    struct opened opened;
    open_trace(&opened, scratch, 1000);
    ck_assert_int_eq(opened.timeline.count, 1);
    ck_assert_int_eq(opened.timeline.damaged, 1);
    viz_timeline_seek(&opened.timeline, 0);
    viz_timeline_seek(&opened.timeline, 1);
    ck_assert_int_eq(opened.timeline.here.totals.missing, 1);
    close_trace(&opened);
    unlink(scratch);
}
END_TEST

START_TEST(recording_that_grows_is_read_up_to_the_last_whole_line)
{
    struct viz_recording recording;
    struct weir_error error;
    ck_assert_int_eq(viz_recording_create(&recording, NULL, &error), WEIR_OK);
    struct viz_timeline timeline;
    viz_timeline_init(&timeline, &recording);
    static const char line[] = "{\"t\":\"gap\",\"dropped\":1}\n";
    for (int i = 0; i < 100; i++) {
        for (size_t at = 0; at < sizeof line - 1; at += 5) {
            size_t len = sizeof line - 1 - at < 5 ? sizeof line - 1 - at : 5;
            ck_assert_int_eq(timeline.count, i);
            viz_recording_add(&recording, line + at, len);
            viz_timeline_load(&timeline, 10);
        }
    }
    ck_assert_int_eq(timeline.count, 100);
    ck_assert_int_eq(timeline.damaged, 0);
    viz_timeline_fini(&timeline);
    viz_recording_close(&recording);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("timeline");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, model_at_a_place_does_not_depend_on_the_way_there, 0, TRACES);
    tcase_add_loop_test(tests, stepping_back_undoes_stepping_forward, 0, TRACES);
    tcase_add_loop_test(tests, marks_are_where_their_happenings_end, 0, TRACES);
    tcase_add_test(tests, keyframes_are_thinned_when_they_take_too_much_memory);
    tcase_add_test(tests, damaged_lines_are_counted_and_skipped);
    tcase_add_test(tests, line_of_many_megabytes_is_damage_and_not_memory);
    tcase_add_test(tests, recording_that_grows_is_read_up_to_the_last_whole_line);
    Suite *suite = suite_create("viz");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
