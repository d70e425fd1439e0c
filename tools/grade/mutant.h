/*
 * Mutants: the solution with one mistake that learners really make. The course is in order only
 * when its tests find each of them.
 *
 * A mutant is a text file, solutions/<exercise>/mutants/<name>.mutant:
 *
 *     Why someone would write this, in a sentence or two.
 *
 *     must fail: average_is_taken_over_users
 *     with text: > events_per_user
 *     --- replace
 *         page_stats->events_per_user = …;
 *     --- by
 *         page_stats->events_per_user = …;
 *     --- end
 *
 * There may be several replacements; what is replaced must stand exactly once in the solution's
 * files.
 */
#ifndef WEIR_GRADE_MUTANT_H
#define WEIR_GRADE_MUTANT_H

#include "grade/course.h"

struct mutant {
    char *bytes; /* of the file; the other fields point into it */
    char *must_fail;
    char *with_text;
    char *changes; /* from the first "--- replace" */
};

/* Errors: WEIR_IO, WEIR_MALFORMED. */
WEIR_MUST_USE enum weir_status mutant_read(struct mutant *mutant, const char *path,
                                           struct weir_error *error);
void mutant_free(struct mutant *mutant);

/*
 * Writes the exercise's files, taken from `solution` and changed, into `folder`. Errors: WEIR_IO,
 * WEIR_NOT_FOUND (a piece that does not stand exactly once in the solution).
 */
WEIR_MUST_USE enum weir_status mutant_write(const struct mutant *mutant,
                                            const struct grade_exercise *exercise,
                                            const char *solution, const char *folder,
                                            struct weir_error *error);

#endif
