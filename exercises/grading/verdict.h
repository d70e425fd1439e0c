/*
 * The verdict on one test: a line of JSON, from the judge to whoever counts points.
 */
#ifndef GRADING_VERDICT_H
#define GRADING_VERDICT_H

#include <weir/type.h>

#define GRADING_VERDICT_FIELDS(F, T)                                                               \
    F(T, string, test, "test", required)                                                           \
    F(T, boolean, passed, "passed", required)                                                      \
    F(T, int64, cases, "cases", required)                                                          \
    F(T, int64, seed, "seed", required)                                                            \
    F(T, string, text, "text", required)
WEIR_DECLARE_TYPE(grading_verdict, GRADING_VERDICT_FIELDS);

#endif
