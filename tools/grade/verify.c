/*
 * The checks of the course, one line each, as they happen.
 */
#include "grade/verify.h"

#include "base/mem.h"
#include "grade/aids.h"
#include "grade/mutant.h"

#include <weir/clock.h>

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct verification {
    const struct verify_config *config;
    const struct grade_exercise *exercise;
    size_t checks;
    size_t failures;
};

static void verdict(struct verification *verification, bool ok, const char *what, const char *why)
{
    verification->checks++;
    verification->failures += !ok;
    printf("  %-4s  %s\n", ok ? "ok" : "FAIL", what);
    for (const char *line = ok || why == NULL ? "" : why; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        printf("        | %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
    fflush(stdout);
}

/* Marks the files in a folder; the caller releases the marking. */
static void mark_folder(const struct verification *verification, size_t compiler,
                        const char *folder, const char *only, struct marking *marking)
{
    const struct verify_config *config = verification->config;
    marking_init(marking, verification->exercise);
    marking_run(marking, &config->workshops[compiler],
                &(struct marking_config){.source = folder,
                                         .seed = config->seed,
                                         .cage = config->cage,
                                         .every_test = true,
                                         .only = only});
}

static const struct mark *find_status(const struct marking *marking, enum mark_status status)
{
    for (size_t i = 0; i < marking->marks.count; i++) {
        const struct mark *mark = weir__vec_at(&marking->marks, i);
        if (mark->status == status) {
            return mark;
        }
    }
    return NULL;
}

/* ---- starter and solution ---- */

/* A learner's working copy may differ; what is published may not. */
static void check_published(struct verification *verification)
{
    const char *ci = getenv("CI");
    char *folder =
        exercise_path(verification->config->course, "exercises", verification->exercise, "");
    bool same = marking_untouched(verification->config->course, verification->exercise, folder);
    if (ci != NULL && strcmp(ci, "true") == 0) {
        verdict(verification, same, "exercises/ has the starter", folder);
    } else if (!same) {
        printf("  note  exercises/ has other files than the starter; it is not looked at\n");
    }
    weir__free(folder);
}

static void check_starter(struct verification *verification, size_t compiler)
{
    const char *name = verification->config->workshops[compiler].compiler;
    char *folder =
        exercise_path(verification->config->course, "solutions", verification->exercise, "starter");
    char *compiles = weir__asprintf("the starter compiles without a warning (%s)", name);
    char *fails = weir__asprintf("the starter fails all %zu tests (%s)",
                                 exercise_tests(verification->exercise), name);
    struct marking marking;
    verification->config->workshops[compiler].strict = true;
    mark_folder(verification, compiler, folder, NULL, &marking);
    verification->config->workshops[compiler].strict = false;
    verdict(verification, marking.build == WORKSHOP_BUILT, compiles, marking.build_text);
    if (marking.build == WORKSHOP_BUILT) {
        const struct mark *passed = find_status(&marking, MARK_PASSED);
        char *why = passed != NULL
                        ? weir__asprintf("it passes %.*s", WEIR_STR_ARG(passed->test->name))
                        : NULL;
        verdict(verification, passed == NULL, fails, why);
        weir__free(why);
    }
    marking_fini(&marking);
    weir__free(folder);
    weir__free(compiles);
    weir__free(fails);
}

static void check_solution(struct verification *verification, size_t compiler)
{
    const char *name = verification->config->workshops[compiler].compiler;
    char *folder =
        exercise_path(verification->config->course, "solutions", verification->exercise, "");
    char *what = weir__asprintf("the solution passes all %zu tests (%s, with sanitizers)",
                                exercise_tests(verification->exercise), name);
    struct marking marking;
    verification->config->workshops[compiler].strict = true;
    mark_folder(verification, compiler, folder, NULL, &marking);
    verification->config->workshops[compiler].strict = false;
    const struct mark *failed = marking_first_failure(&marking);
    verdict(verification, marking_complete(&marking), what,
            failed != NULL ? failed->text : marking.build_text);
    marking_fini(&marking);
    weir__free(folder);
    weir__free(what);
}

/* ---- mutants ---- */

static void check_caught(struct verification *verification, const struct mutant *mutant,
                         const char *name, const char *folder)
{
    char *what = weir__asprintf("mutant %s fails %s", name, mutant->must_fail);
    struct marking marking;
    mark_folder(verification, 0, folder, mutant->must_fail, &marking);
    const struct mark *failed = marking_first_failure(&marking);
    bool has_text = failed != NULL && strstr(failed->text, mutant->with_text) != NULL;
    const char *why = marking.build != WORKSHOP_BUILT ? marking.build_text
                      : failed == NULL                ? "it was not caught"
                                                      : failed->text;
    verdict(verification, has_text, what, why);
    marking_fini(&marking);
    weir__free(what);
}

static void check_mutant(struct verification *verification, const char *path, const char *name)
{
    const struct verify_config *config = verification->config;
    char *solution = exercise_path(config->course, "solutions", verification->exercise, "");
    char *folder = weir__asprintf("%s/mutant", config->workshops[0].folder);
    struct weir_error error = {0};
    struct mutant mutant;
    mkdir(folder, 0755);
    if (mutant_read(&mutant, path, &error) == WEIR_OK &&
        mutant_write(&mutant, verification->exercise, solution, folder, &error) == WEIR_OK) {
        check_caught(verification, &mutant, name, folder);
    } else {
        verdict(verification, false, name, error.message);
    }
    mutant_free(&mutant);
    weir__free(folder);
    weir__free(solution);
}

static int is_mutant(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".mutant") == 0;
}

static void check_mutants(struct verification *verification)
{
    char *folder =
        exercise_path(verification->config->course, "solutions", verification->exercise, "mutants");
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_mutant, alphasort);
    verdict(verification, count >= 3, "there are three mutants or more", folder);
    for (int i = 0; i < count; i++) {
        char *path = weir__asprintf("%s/%s", folder, entries[i]->d_name);
        if (!grade_interrupted()) {
            check_mutant(verification, path, entries[i]->d_name);
        }
        weir__free(path);
        free(entries[i]);
    }
    free(entries);
    weir__free(folder);
}

/* ---- papers ---- */

static void check_papers(struct verification *verification)
{
    const struct course *course = verification->config->course;
    char *readme = exercise_path(course, "exercises", verification->exercise, "README.md");
    char *path = exercise_path(course, "exercises", verification->exercise, "hints.md");
    char *hints = grade_read_file(path, NULL);
    char *task = grade_read_file(readme, NULL);
    bool all = hints != NULL && task != NULL;
    for (int64_t level = 1; level <= HINT_LEVELS && all; level++) {
        char *text = hint_text(hints, level);
        all = text != NULL;
        weir__free(text);
    }
    verdict(verification, all, "there are a README.md and three levels of hints", path);
    weir__free(readme);
    weir__free(path);
    weir__free(hints);
    weir__free(task);
}

/* What a failure tells learners to read is there, under that heading. */
static void check_lesson(struct verification *verification)
{
    const struct grade_exercise *exercise = verification->exercise;
    char *path = weir__asprintf("%s/%.*s", verification->config->course->root,
                                WEIR_STR_ARG(exercise->lesson));
    char *heading = weir__asprintf("\n## %.*s\n", WEIR_STR_ARG(exercise->section));
    char *lesson = grade_read_file(path, NULL);
    verdict(verification, lesson != NULL && strstr(lesson, heading) != NULL,
            "the lesson has the section that explains it", path);
    weir__free(lesson);
    weir__free(heading);
    weir__free(path);
}

/* The judge has exactly the manifest's tests: a test without points would never run. */
static void check_tests(struct verification *verification)
{
    char *judge = exercise_path(verification->config->course, "build/exercises",
                                verification->exercise, "judge");
    struct grading_child child = {0};
    const char *const argv[] = {judge, "--list", NULL};
    struct weir__buf wanted = {0};
    for (size_t i = 0; i < exercise_tests(verification->exercise); i++) {
        weir__buf_printf(&wanted, "%.*s\n",
                         WEIR_STR_ARG(exercise_test(verification->exercise, i)->name));
    }
    bool same = grading_child_run(&child, &(struct grading_child_config){.argv = argv}) &&
                wanted.data != NULL && strcmp(child.printed.data, wanted.data) == 0;
    verdict(verification, same, "the manifest and the judge name the same tests, in the same order",
            child.printed.data);
    grading_child_fini(&child);
    weir__buf_fini(&wanted);
    weir__free(judge);
}

static void check_exercise(struct verification *verification)
{
    size_t compilers = verification->config->workshop_count;
    printf("%.*s %.*s\n", WEIR_STR_ARG(verification->exercise->id),
           WEIR_STR_ARG(verification->exercise->name));
    check_papers(verification);
    check_lesson(verification);
    check_tests(verification);
    check_published(verification);
    for (size_t i = 0; i < compilers && !grade_interrupted(); i++) {
        check_starter(verification, i);
    }
    for (size_t i = 0; i < compilers && !grade_interrupted(); i++) {
        check_solution(verification, i);
    }
    check_mutants(verification);
}

int verify_course(const struct verify_config *config)
{
    struct verification verification = {.config = config};
    int64_t begin = weir_clock_ns(&weir_system_clock);
    size_t exercises = 0;
    for (; config->exercises[exercises] != NULL && !grade_interrupted(); exercises++) {
        verification.exercise = config->exercises[exercises];
        check_exercise(&verification);
    }
    printf("%zu exercise%s, %zu checks, %zu failed, %.1f s\n", exercises, exercises == 1 ? "" : "s",
           verification.checks, verification.failures,
           (double)(weir_clock_ns(&weir_system_clock) - begin) / 1e9);
    return verification.failures == 0 && verification.checks > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
