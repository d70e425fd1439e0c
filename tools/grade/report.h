/*
 * Reports: what came out, as an aligned table, in full for one exercise, or as JSON.
 */
#ifndef WEIR_GRADE_REPORT_H
#define WEIR_GRADE_REPORT_H

#include "grade/marking.h"

/* markings: `count` of them. */
struct report {
    const struct course *course;
    const struct marking *markings;
    size_t count;
    uint64_t seed;
    enum grading_cage cage;
    bool verbose; /* the text of every failure, not of the first only */
};

void report_terminal(const struct report *report);
/* One object: sandbox, seed, points, max_points, exercises[{id, name, title, status, points,
 * max_points, message, tests[]}] */
void report_json(const struct report *report);
/* The course with the progress so far; nothing is graded. */
void report_list(const struct course *course);
/* The first exercise that is not complete, and how to begin. */
void report_next(const struct course *course);

#endif
