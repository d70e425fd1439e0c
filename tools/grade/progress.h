/*
 * Progress: exercises/progress.txt, a line for each step forward, only ever appended to, so that
 * two copies merge by keeping all lines.
 *
 *     2026-11-21T10:12:00Z 3.2 points 12/20
 *     2026-11-21T10:14:30Z 3.2 hint 1
 */
#ifndef WEIR_GRADE_PROGRESS_H
#define WEIR_GRADE_PROGRESS_H

#include "grade/course.h"

struct progress {
    int64_t points; /* best so far */
    int64_t hints;  /* highest level shown */
    bool graded;
};

/* What the file says about the exercise; zero when it says nothing. Lines that are not understood
 * are left alone. */
struct progress progress_read(const struct course *course, const struct grade_exercise *exercise);
/* Appends a line if it is a step forward. False, with a message on stderr, when the file cannot be
 * written. */
bool progress_note_points(const struct course *course, const struct grade_exercise *exercise,
                          int64_t points);
bool progress_note_hint(const struct course *course, const struct grade_exercise *exercise,
                        int64_t level);

#endif
