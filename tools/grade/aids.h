/*
 * What helps a learner besides grading: hints, and the way back to the starter.
 */
#ifndef WEIR_GRADE_AIDS_H
#define WEIR_GRADE_AIDS_H

#include "grade/course.h"

enum { HINT_LEVELS = 3 }; /* nudge, concept, nearly the code */

/* Prints a hint and notes it. level: 1 to 3, or 0 for the next one. Returns an exit status. */
int aid_hint(const struct course *course, const struct grade_exercise *exercise, int64_t level);

/*
 * Puts the starter's files back; the learner's are kept beside them as <file>.backup-<n>. Asks on a
 * terminal unless `yes`; without a terminal `yes` is needed. Returns an exit status.
 */
int aid_reset(const struct course *course, const struct grade_exercise *exercise, bool yes);

/*
 * The text of one level in a hints.md, on the heap; NULL when it has none. A level begins with a
 * heading "## <level> " and ends before the next.
 */
char *hint_text(const char *hints, int64_t level);

#endif
