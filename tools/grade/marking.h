/*
 * Marking: the tests of an exercise, run one by one against what the workshop built, and the points
 * for them.
 *
 * Which tests there are, and how many points each is worth, comes from the manifest; a test counts
 * as passed only when its judge said so in a verdict with the test's name.
 */
#ifndef WEIR_GRADE_MARKING_H
#define WEIR_GRADE_MARKING_H

#include "base/vec.h"
#include "grade/workshop.h"
#include "grading/child.h"

enum mark_status {
    MARK_PASSED,
    MARK_FAILED,
    MARK_SKIPPED, /* a test that it needs has not passed */
};

struct mark {
    const struct grade_test *test;
    enum mark_status status;
    char *text; /* why not; of a skipped test: what it needs */
    int64_t cases;
};

struct marking {
    const struct grade_exercise *exercise;
    enum workshop_outcome build;
    char *build_text;       /* why it was not built */
    bool untouched;         /* the learner's files are the starter's */
    struct weir__vec marks; /* struct mark, in the manifest's order; empty when it was not built */
};

struct marking_config {
    const char *source; /* folder of the learner's files; NULL: the exercise's */
    uint64_t seed;
    enum grading_cage cage;
    int cpu_seconds;  /* a test; 0: the judge's default */
    bool every_test;  /* also those whose needs did not pass */
    const char *only; /* one test; NULL: all */
};

void marking_init(struct marking *marking, const struct grade_exercise *exercise);
void marking_fini(struct marking *marking);
/* Builds and runs. Stops early when grade_interrupted() says so. */
void marking_run(struct marking *marking, struct workshop *workshop,
                 const struct marking_config *config);

/* Whether the learner's files in `folder` are the starter's. */
bool marking_untouched(const struct course *course, const struct grade_exercise *exercise,
                       const char *folder);

int64_t marking_points(const struct marking *marking);
size_t marking_passed(const struct marking *marking); /* tests */
bool marking_complete(const struct marking *marking); /* all of them */
/* The first test that failed, or NULL. */
const struct mark *marking_first_failure(const struct marking *marking);
/* "passed", "in progress", "not started", "does not build", "missing" */
const char *marking_status(const struct marking *marking);

/* Set by SIGINT and SIGTERM once grade_watch_signals was called: finish, clean up, go. */
void grade_watch_signals(void);
bool grade_interrupted(void);

#endif
