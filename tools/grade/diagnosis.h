/*
 * What compiler, nm and linker say, cut down to what a learner needs.
 */
#ifndef WEIR_GRADE_DIAGNOSIS_H
#define WEIR_GRADE_DIAGNOSIS_H

#include "base/buf.h"
#include "grade/course.h"

/* The first error with its source lines; file names as they lie in the course. */
void diagnose_compiler(const char *output, const struct grade_exercise *exercise,
                       struct weir__buf *text);

/*
 * Collects what the object file defines for others. False when something is not among the
 * exercise's exports: it could take the place of a function of the library, of the C library or of
 * the grader.
 */
bool diagnose_symbols(const char *nm_output, const struct grade_exercise *exercise,
                      const char *file, struct weir_string_set *defined, struct weir__buf *text);
/* False when an export is missing. */
bool diagnose_exports(const struct grade_exercise *exercise, const struct weir_string_set *defined,
                      struct weir__buf *text);

void diagnose_linker(const char *output, struct weir__buf *text);

#endif
