/*
 * The course checked against itself: for each exercise, the starter compiles without a warning and
 * fails every test, the solution passes them all with every compiler, every mutant fails the test
 * that it names, with the text that it names.
 */
#ifndef WEIR_GRADE_VERIFY_H
#define WEIR_GRADE_VERIFY_H

#include "grade/marking.h"

struct verify_config {
    const struct course *course;
    const struct grade_exercise *const *exercises; /* NULL-terminated */
    struct workshop *workshops;                    /* one a compiler, the main one first */
    size_t workshop_count;
    uint64_t seed;
    enum grading_cage cage;
};

/* Prints a line a check. Returns an exit status. */
int verify_course(const struct verify_config *config);

#endif
