/*
 * Shrinking: from a stream that fails to the smallest that fails in the same way.
 */
#ifndef GRADING_SHRINK_H
#define GRADING_SHRINK_H

#include "session.h"

/*
 * Replaces *stream by a smaller one with the same outcome, and *text by what that one gives. Tries
 * a bounded number of cases: first leaves steps out, in halves, quarters and so on, then rounds
 * times to whole minutes, tens of seconds, seconds.
 */
void grading_shrink(struct grading_session *session, const struct grading_property *property,
                    enum grading_outcome outcome, struct grading_stream *stream,
                    struct weir__buf *text);

#endif
