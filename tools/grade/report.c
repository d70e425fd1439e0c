/*
 * Reports for eyes: plain lines, no colour, so they read the same in a terminal, a file and a log.
 */
#include "grade/report.h"

#include "base/mem.h"
#include "grade/progress.h"
#include "grading/cage.h"

#include <inttypes.h>
#include <stdio.h>

enum { TEST_COLUMN = 44, NAME_COLUMN = 24 };

static const struct mark *mark_at(const struct marking *marking, size_t index)
{
    return weir__vec_at(&marking->marks, index);
}

/* ---- one exercise in full ---- */

static void print_mark(const struct mark *mark)
{
    static const char *const words[] = {
        [MARK_PASSED] = "ok", [MARK_FAILED] = "FAIL", [MARK_SKIPPED] = "wait"};
    int64_t points = mark->status == MARK_PASSED ? mark->test->points : 0;
    printf("  %-5s %-*.*s %2" PRId64 "/%" PRId64, words[mark->status], TEST_COLUMN,
           WEIR_STR_ARG(mark->test->name), points, mark->test->points);
    if (mark->status == MARK_SKIPPED) {
        printf("   after %s", mark->text);
    }
    putchar('\n');
}

static void print_indented(const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        printf("    %.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

static void print_failure(const struct mark *mark)
{
    printf("\nFAIL %.*s\n\n", WEIR_STR_ARG(mark->test->name));
    print_indented(mark->text);
}

static void print_what_helps(const struct report *report, const struct grade_exercise *exercise)
{
    printf("\n    read   %.*s, \"%.*s\"\n", WEIR_STR_ARG(exercise->lesson),
           WEIR_STR_ARG(exercise->section));
    printf("    hint   make hint EX=%.*s\n", WEIR_STR_ARG(exercise->id));
    printf("    again  make check EX=%.*s SEED=%" PRIu64 "\n", WEIR_STR_ARG(exercise->id),
           report->seed);
}

static void print_exercise(const struct report *report, const struct marking *marking)
{
    const struct grade_exercise *exercise = marking->exercise;
    size_t failures = 0;
    printf("%.*s  %.*s\n\n", WEIR_STR_ARG(exercise->id), WEIR_STR_ARG(exercise->title));
    for (size_t i = 0; i < marking->marks.count; i++) {
        print_mark(mark_at(marking, i));
        failures += mark_at(marking, i)->status == MARK_FAILED;
    }
    if (marking->build != WORKSHOP_BUILT) {
        print_indented(marking->build_text);
    }
    const struct mark *first = marking_first_failure(marking);
    for (size_t i = 0; i < marking->marks.count; i++) {
        const struct mark *mark = mark_at(marking, i);
        if (mark == first || (report->verbose && mark->status == MARK_FAILED)) {
            print_failure(mark);
        }
    }
    if (failures > 1 && !report->verbose) {
        printf("\n    (the first of %zu failures; `weir grade %.*s --verbose` shows all)\n",
               failures, WEIR_STR_ARG(exercise->id));
    }
    if (!marking_complete(marking)) {
        print_what_helps(report, exercise);
    }
    putchar('\n');
}

/* ---- the table ---- */

static void print_heading(void)
{
    printf("%-*s %7s %9s  %s\n", NAME_COLUMN, "exercise", "tests", "points", "status");
}

static void print_name(const struct grade_exercise *exercise)
{
    char name[NAME_COLUMN + 1];
    snprintf(name, sizeof name, "%.*s %.*s", WEIR_STR_ARG(exercise->id),
             WEIR_STR_ARG(exercise->name));
    printf("%-*s ", NAME_COLUMN, name);
}

static void print_row(const struct marking *marking)
{
    char tests[32];
    char points[48];
    snprintf(tests, sizeof tests, "%zu/%zu", marking_passed(marking),
             exercise_tests(marking->exercise));
    snprintf(points, sizeof points, "%" PRId64 "/%" PRId64, marking_points(marking),
             exercise_points(marking->exercise));
    print_name(marking->exercise);
    printf("%7s %9s  %s\n", tests, points, marking_status(marking));
}

static void print_total(const struct report *report)
{
    int64_t points = 0;
    int64_t most = 0;
    char text[48];
    for (size_t i = 0; i < report->count; i++) {
        points += marking_points(&report->markings[i]);
        most += exercise_points(report->markings[i].exercise);
    }
    snprintf(text, sizeof text, "%" PRId64 "/%" PRId64, points, most);
    printf("%-*s %7s %9s\n", NAME_COLUMN, "in all", "", text);
}

void report_terminal(const struct report *report)
{
    const struct marking *open = NULL;
    if (report->count == 1) {
        print_exercise(report, report->markings);
    }
    print_heading();
    for (size_t i = 0; i < report->count; i++) {
        print_row(&report->markings[i]);
        if (open == NULL && !marking_complete(&report->markings[i])) {
            open = &report->markings[i];
        }
    }
    if (report->count > 1) {
        print_total(report);
    }
    if (report->count > 1 && open != NULL) {
        printf("\nNext: make check EX=%.*s\n", WEIR_STR_ARG(open->exercise->id));
    }
    if (report->cage == GRADING_PLAIN) {
        puts("\nThis was a self-check: without bwrap (not installed, not allowed here, or not "
             "wanted),\n"
             "the code runs with limits but without a sandbox.");
    }
    if (!grading_cage_sees_leaks()) {
        puts("\nLeaks were not looked for, and cost nothing: ptrace is not allowed here (a "
             "debugger, "
             "strace,\nor a container without it).");
    }
}

/* ---- without grading ---- */

static const char *progress_status(const struct progress *progress,
                                   const struct grade_exercise *exercise)
{
    if (progress->points >= exercise_points(exercise)) {
        return "passed";
    }
    return progress->graded || progress->hints > 0 ? "in progress" : "not started";
}

void report_list(const struct course *course)
{
    printf("%-*s %7s %9s  %-12s %s\n", NAME_COLUMN, "exercise", "minutes", "points", "status",
           "title");
    for (size_t i = 0; i < course_count(course); i++) {
        const struct grade_exercise *exercise = course_at(course, i);
        struct progress progress = progress_read(course, exercise);
        char points[48];
        snprintf(points, sizeof points, "%" PRId64 "/%" PRId64, progress.points,
                 exercise_points(exercise));
        print_name(exercise);
        printf("%7" PRId64 " %9s  %-12s %.*s", exercise->minutes, points,
               progress_status(&progress, exercise), WEIR_STR_ARG(exercise->title));
        printf(progress.hints > 0 ? " (%" PRId64 " hint%s)\n" : "\n", progress.hints,
               progress.hints == 1 ? "" : "s");
    }
}

void report_next(const struct course *course)
{
    for (size_t i = 0; i < course_count(course); i++) {
        const struct grade_exercise *exercise = course_at(course, i);
        struct progress progress = progress_read(course, exercise);
        if (progress.points >= exercise_points(exercise)) {
            continue;
        }
        struct weir_str file = weir_string_set_at(&exercise->files, 0, NULL);
        printf("Next: %.*s  %.*s (about %" PRId64 " minutes)\n\n", WEIR_STR_ARG(exercise->id),
               WEIR_STR_ARG(exercise->title), exercise->minutes);
        printf("  lesson  %.*s, \"%.*s\"\n", WEIR_STR_ARG(exercise->lesson),
               WEIR_STR_ARG(exercise->section));
        printf("  task    exercises/%.*s-%.*s/README.md\n", WEIR_STR_ARG(exercise->id),
               WEIR_STR_ARG(exercise->name));
        printf("  edit    exercises/%.*s-%.*s/%.*s\n", WEIR_STR_ARG(exercise->id),
               WEIR_STR_ARG(exercise->name), WEIR_STR_ARG(file));
        printf("  check   make check EX=%.*s\n", WEIR_STR_ARG(exercise->id));
        return;
    }
    puts("All exercises are done.");
}
