/*
 * The course: where it is, and what exercises/manifest.json says about its exercises.
 *
 *     exercises/manifest.json      points, lesson, files
 *     exercises/3.2-page-stats/    what learners see
 *     solutions/3.2-page-stats/    page_stats.c, starter/, mutants/
 *     build/exercises/3.2-page-stats/judge                    the tests, built by make
 */
#ifndef WEIR_GRADE_COURSE_H
#define WEIR_GRADE_COURSE_H

#include <weir/format.h>

#define GRADE_TEST_FIELDS(F, T)                                                                    \
    F(T, string, name, "name", required)                                                           \
    F(T, int64, points, "points", required)                                                        \
    F(T, string_set, needs, "needs", nullable)
WEIR_DECLARE_TYPE(grade_test, GRADE_TEST_FIELDS);

/* files: the learner's; exports: the only names that they may define for others. */
#define GRADE_EXERCISE_FIELDS(F, T)                                                                \
    F(T, string, id, "id", required)                                                               \
    F(T, string, name, "name", required)                                                           \
    F(T, string, title, "title", required)                                                         \
    F(T, string, lesson, "lesson", required)                                                       \
    F(T, string, section, "section", required)                                                     \
    F(T, int64, minutes, "minutes", required)                                                      \
    F(T, string_set, files, "files", required)                                                     \
    F(T, string_set, exports, "exports", required)                                                 \
    F(T, list, tests, "tests", required, grade_test)
WEIR_DECLARE_TYPE(grade_exercise, GRADE_EXERCISE_FIELDS);

#define GRADE_MANIFEST_FIELDS(F, T) F(T, list, exercises, "exercises", required, grade_exercise)
WEIR_DECLARE_TYPE(grade_manifest, GRADE_MANIFEST_FIELDS);

struct course {
    char *root; /* absolute */
    struct grade_manifest manifest;
    char *bytes; /* of the manifest; its strings are views of them */
    weir_decoder *decoder;
};

/* Looks for the course in the working directory and above it. Errors: WEIR_NOT_FOUND,
 * WEIR_MALFORMED and the like. */
WEIR_MUST_USE enum weir_status course_open(struct course *course, struct weir_error *error);
void course_close(struct course *course);

size_t course_count(const struct course *course);
const struct grade_exercise *course_at(const struct course *course, size_t index);
/* By its number ("3.2"), its name ("page-stats") or both ("3.2-page-stats"); NULL when there is
 * none. */
const struct grade_exercise *course_find(const struct course *course, const char *text);

static inline size_t exercise_tests(const struct grade_exercise *exercise)
{
    return exercise->tests.count;
}
const struct grade_test *exercise_test(const struct grade_exercise *exercise, size_t index);
int64_t exercise_points(const struct grade_exercise *exercise);

/* "<root>/<folder>/3.2-page-stats/<rest>", on the heap; rest may be "". */
char *exercise_path(const struct course *course, const char *folder,
                    const struct grade_exercise *exercise, const char *rest);

/*
 * The file's bytes with a NUL behind them, on the heap, or NULL. *len may be NULL. At most 16 MiB.
 */
char *grade_read_file(const char *path, size_t *len);
bool grade_write_file(const char *path, const char *bytes, size_t len);

#endif
