/*
 * The workshop: a scratch folder in which a learner's files become a runner.
 *
 * The files are copied beside pristine headers and compiled there, so nothing else of a submission
 * is looked at. Debug information names them as they lie in the course
 * ("exercises/3.2-page-stats/page_stats.c"), whatever the scratch folder is called.
 */
#ifndef WEIR_GRADE_WORKSHOP_H
#define WEIR_GRADE_WORKSHOP_H

#include "base/buf.h"
#include "grade/course.h"

struct workshop {
    const struct course *course;
    char *folder;   /* scratch, removed at the end; readable for all, since a caged runner may be
                       nobody */
    char *compiler; /* "gcc", "clang" */
    char *compile;  /* from the kit: command lines without files */
    char *link;
    char *archives;
    char *kit_folder;
    bool strict; /* a warning is an error */
};

/* Builds what is not there yet: judges and the sanitized library, with make. Its output goes to
 * stderr. */
WEIR_MUST_USE enum weir_status workshop_prepare(const struct course *course, const char *compiler,
                                                struct weir_error *error);

/* Opens a workshop with a compiler whose kit is built. Errors: WEIR_NOT_FOUND (no kit), WEIR_IO. */
WEIR_MUST_USE enum weir_status workshop_open(struct workshop *workshop, const struct course *course,
                                             const char *compiler, struct weir_error *error);
void workshop_close(struct workshop *workshop);

enum workshop_outcome {
    WORKSHOP_BUILT,
    WORKSHOP_MISSING,  /* a file is not there */
    WORKSHOP_REJECTED, /* does not compile, or defines what is not its own */
};

/*
 * Makes <folder>/runner from the exercise's files, each of which lies at <source>/<name>. Unless it
 * is built, `text` gets the first error with its place.
 */
enum workshop_outcome workshop_build(struct workshop *workshop,
                                     const struct grade_exercise *exercise, const char *source,
                                     struct weir__buf *text);

#endif
