/*
 * The runner: the program that holds the learner's code. It is told what to do and answers with
 * results; it knows no expected value.
 *
 * An exercise's run_<name>.c lists what can be run, by name:
 *
 *     const struct grading_subject grading_subjects[] = {
 *         {"aggregate", &click_event_type, grading_run_aggregate, &page_stats_aggregate}, {0}};
 *
 *     request                            reply
 *     case SUBJECT NONCE                 result HEX          each result, in order
 *     set, event, part … (stream.h)      fault TEXT          the code broke a rule of its contract
 *     run                                end NONCE
 *     quit STATUS                        (exits with that status, which exit(0) of the learner's
 *                                        code cannot be taken for)
 *
 * A case is answered as a whole, at its end. Every case gets fresh values on the heap, of exactly
 * their size, so that the address sanitizer sees each byte too far and each view kept too long.
 */
#ifndef GRADING_RUNNER_H
#define GRADING_RUNNER_H

#include "stream.h"

#include <weir/window.h>

struct grading_subject {
    const char *name;
    const struct weir_type *in_type;
    void (*run)(const struct grading_stream *stream, const void *what, struct weir__buf *reply);
    const void *what; /* for run */
};

extern const struct grading_subject grading_subjects[]; /* ends with a NULL name */

/*
 * A struct weir_aggregate by its functions alone: each part has an accumulator of its own; they are
 * merged into the first, or, with "fresh" set to 1, into an empty one. Settings: key (text),
 * window_start, window_end (epoch ms).
 */
void grading_run_aggregate(const struct grading_stream *stream, const void *aggregate,
                           struct weir__buf *reply);

/*
 * A struct weir_aggregate in a real job: source, watermarks, key_by, window, sink. Settings: window
 * (tumbling, sliding, session), size, slide, gap, bound (ms), parallelism, schedule (seed of the
 * simulation's order; 0: threads). Watermarks follow every event.
 */
struct grading_window_job {
    const struct weir_aggregate *aggregate;
    const struct weir_field *key;
    const struct weir_field *timestamp;
};
void grading_run_window_job(const struct grading_stream *stream, const void *job,
                            struct weir__buf *reply);

/* The learner's code broke its contract: said once, in the learner's words. */
void grading_fault(struct weir__buf *reply, const char *format, ...) WEIR_PRINTF(2, 3);
void grading_result(struct weir__buf *reply, const struct weir_type *type, const void *value);

#endif
