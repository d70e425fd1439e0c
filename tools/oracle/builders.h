/*
 * The operators that random cases ask for, by the name that tools/oracle/Operators.java gives them.
 */
#ifndef WEIR_TOOLS_ORACLE_BUILDERS_H
#define WEIR_TOOLS_ORACLE_BUILDERS_H

#include <weir/stream.h>

#define STEP_FIELDS(F, T)                                                                          \
    F(T, string, key, "key", required)                                                             \
    F(T, int64, id, "id", required)                                                                \
    F(T, int64, number, "number", required)
WEIR_DECLARE_TYPE(step, STEP_FIELDS);

/* How many numbers the settings of an operator are at most. */
enum { ORACLE_SETTINGS = 20 };

/* The operator of that name, in the env; NULL: there is none. */
weir_stream *oracle_build(weir_env *env, const char *name, const int64_t *settings);
/* Answers the asynchronous request about the event of that id; none: does nothing. */
void oracle_complete(int64_t id, int64_t count);
/* Answers all that are left, with nothing. */
void oracle_complete_all(void);

#endif
