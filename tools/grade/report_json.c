/*
 * The report as JSON, written by the library from descriptors.
 */
#include "base/mem.h"
#include "grade/report.h"

#include <stdio.h>

#define TEST_FIELDS(F, T)                                                                          \
    F(T, string, name, "name", required)                                                           \
    F(T, string, status, "status", required)                                                       \
    F(T, int64, points, "points", required)                                                        \
    F(T, int64, max_points, "max_points", required)                                                \
    F(T, int64, cases, "cases", required)                                                          \
    F(T, string, text, "text", nullable)
WEIR_DECLARE_TYPE(test_report, TEST_FIELDS);
WEIR_DEFINE_TYPE(test_report, TEST_FIELDS);

#define EXERCISE_FIELDS(F, T)                                                                      \
    F(T, string, id, "id", required)                                                               \
    F(T, string, name, "name", required)                                                           \
    F(T, string, title, "title", required)                                                         \
    F(T, string, status, "status", required)                                                       \
    F(T, int64, points, "points", required)                                                        \
    F(T, int64, max_points, "max_points", required)                                                \
    F(T, string, message, "message", nullable)                                                     \
    F(T, list, tests, "tests", required, test_report)
WEIR_DECLARE_TYPE(exercise_report, EXERCISE_FIELDS);
WEIR_DEFINE_TYPE(exercise_report, EXERCISE_FIELDS);

#define REPORT_FIELDS(F, T)                                                                        \
    F(T, string, sandbox, "sandbox", required)                                                     \
    F(T, int64, seed, "seed", required)                                                            \
    F(T, int64, points, "points", required)                                                        \
    F(T, int64, max_points, "max_points", required)                                                \
    F(T, list, exercises, "exercises", required, exercise_report)
WEIR_DECLARE_TYPE(whole_report, REPORT_FIELDS);
WEIR_DEFINE_TYPE(whole_report, REPORT_FIELDS);

static void add_test(struct exercise_report *exercise, const struct mark *mark)
{
    static const char *const words[] = {
        [MARK_PASSED] = "passed", [MARK_FAILED] = "failed", [MARK_SKIPPED] = "skipped"};
    struct test_report test = {
        .name = mark->test->name,
        .status = weir_str_from(words[mark->status]),
        .points = mark->status == MARK_PASSED ? mark->test->points : 0,
        .max_points = mark->test->points,
        .cases = mark->cases,
        .text =
            mark->status == MARK_PASSED ? (struct weir_str){NULL, 0} : weir_str_from(mark->text),
    };
    weir_list_append(&exercise->tests, &test_report_type, &test);
}

static void add_exercise(struct whole_report *whole, const struct marking *marking)
{
    struct exercise_report exercise = {
        .id = marking->exercise->id,
        .name = marking->exercise->name,
        .title = marking->exercise->title,
        .status = weir_str_from(marking_status(marking)),
        .points = marking_points(marking),
        .max_points = exercise_points(marking->exercise),
        .message = weir_str_from(marking->build != WORKSHOP_BUILT ? marking->build_text : NULL),
    };
    for (size_t i = 0; i < marking->marks.count; i++) {
        add_test(&exercise, weir__vec_at(&marking->marks, i));
    }
    whole->points += exercise.points;
    whole->max_points += exercise.max_points;
    weir_list_append(&whole->exercises, &exercise_report_type, &exercise);
    weir_list_clear(&exercise.tests, &test_report_type);
}

void report_json(const struct report *report)
{
    struct whole_report whole = {
        .sandbox = weir_str_from(report->cage == GRADING_BWRAP ? "bwrap" : "none"),
        .seed = (int64_t)report->seed,
    };
    for (size_t i = 0; i < report->count; i++) {
        add_exercise(&whole, &report->markings[i]);
    }
    size_t size = weir_value_to_json(&whole_report_type, &whole, NULL, 0) + 1;
    char *json = weir__alloc(size);
    (void)weir_value_to_json(&whole_report_type, &whole, json, size);
    puts(json);
    weir__free(json);
    weir_list_clear(&whole.exercises, &exercise_report_type);
}
