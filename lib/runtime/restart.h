/*
 * What a restart strategy decides: after each failure of the job the delay to its next start, or
 * that there is none. It knows no job and no clock; the caller says what time it is.
 *
 * Of the exponential delay, attempt n (from 0) waits
 *
 *     clamp(trunc(initial * multiplier^n) + jitter, initial, max)
 *
 * and a failure that comes while the job still waits for its start is the same one.
 * Threads: one.
 * Source: semantics sheet, section 18.
 */
#ifndef WEIR__RUNTIME_RESTART_H
#define WEIR__RUNTIME_RESTART_H

#include "base/rand.h"
#include "base/vec.h"

#include <weir/restart.h>

struct weir__restart {
    struct weir_restart_strategy strategy;
    struct weir__rand rand; /* of the jitter */
    int attempt;            /* restarts since the start, or since the exponential delay's reset */
    int64_t next_ms;        /* exponential delay: the pending or last restart */
    struct weir__vec times; /* failure rate: of int64_t, the last max_failures + 1 failures */
    int64_t delay_ms;       /* the last answer */
};

/* The strategy is copied, and must be a checked one of another kind than WEIR_RESTART_DEFAULT
 * (weir__restart_resolve). */
void weir__restart_init(struct weir__restart *restart, const struct weir_restart_strategy *strategy,
                        uint64_t seed);
void weir__restart_fini(struct weir__restart *restart);

/*
 * The job has failed. Returns in how many ms it starts again, or -1: it does not. now_ms: of a
 * clock that nobody sets (monotonic), or a restart may come an hour late.
 */
int64_t weir__restart_failure(struct weir__restart *restart, int64_t now_ms);

enum { WEIR__RESTART_DECISION_TEXT = 160 };

/* The last decision in words, for the log: "restart 2 of 3 in 10s". */
void weir__restart_decision(const struct weir__restart *restart,
                            char text[WEIR__RESTART_DECISION_TEXT]);

#endif
