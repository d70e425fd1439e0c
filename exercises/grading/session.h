/*
 * The judge's session: the runner in its cage, asked one case after the other, started again when a
 * case ended it.
 */
#ifndef GRADING_SESSION_H
#define GRADING_SESSION_H

#include "child.h"
#include "grading.h"

struct grading_session {
    const char *runner; /* path */
    const char *folder; /* of the learner's files, in debug information */
    enum grading_cage cage;
    int cpu_seconds;
    bool running;
    /* The last runner was stopped for time or output: trying again would cost as much again. */
    bool slow;
    struct grading_child child;
    int64_t cases; /* asked so far */
};

enum grading_outcome {
    GRADING_AGREES,
    GRADING_DIFFERS,
    GRADING_FAULTY, /* broke a rule of its contract */
    GRADING_BROKEN, /* the runner ended, or its answer is not one */
};

/*
 * Runs one case. Unless it agrees, `text` gets what went wrong: the difference, the fault, or why
 * the runner ended. After GRADING_BROKEN the runner is gone; the next case starts another.
 */
enum grading_outcome grading_session_case(struct grading_session *session,
                                          const struct grading_property *property,
                                          const struct grading_stream *stream,
                                          struct weir__buf *text);

/* The last lines that the code under test printed since its runner started, if any. */
void grading_session_printed(const struct grading_session *session, struct weir__buf *text);

/* Lets the runner end, if it runs. False, with the reason, when it does not end as it was told to:
 * leaks show here. */
bool grading_session_end(struct grading_session *session, struct weir__buf *text);
void grading_session_kill(struct grading_session *session);

#endif
