/*
 * Why a child ended, in plain words: signals by name, sanitizer reports as one sentence with the
 * learner's own line.
 */
#ifndef GRADING_EXPLAIN_H
#define GRADING_EXPLAIN_H

#include "child.h"

enum {
    GRADING_ADDRESS_STATUS = 86,
    GRADING_LEAK_STATUS = 87
}; /* exit statuses of sanitizer reports */

/*
 * Writes one or more whole lines. source: the folder of the learner's files as it stands in debug
 * information
 * ("exercises/3.2-page-stats/"), by which their lines are found in a stack.
 */
void grading_explain(const struct grading_child *child, const char *source, struct weir__buf *text);

/* "SIGSEGV" and what it means; for any other number, its number. */
const char *grading_signal_name(int number, const char **meaning);

#endif
