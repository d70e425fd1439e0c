/*
 * Restart strategies: whether a failed job starts again from its latest checkpoint, and after which
 * delay.
 *
 *     weir_env_set_restart(env, weir_fixed_delay_restart(3, weir_seconds(10)));
 *
 * or --restart on the command line, which wins:
 *
 *     none
 *     fixed-delay:ATTEMPTS,DELAY                  (1,1s)
 *     exponential-delay:INITIAL,MAX,MULTIPLIER,RESET,JITTER,ATTEMPTS
 *                                                 (1s,1m,1.5,1h,0.1, and any number of attempts)
 *     failure-rate:FAILURES,INTERVAL,DELAY        (1,1m,1s)
 *
 * Numbers that are left out at the end are the defaults above, which are Flink's. Where nothing is
 * said, a job with checkpoints has exponential-delay, and one without has none.
 * Source: semantics sheet, section 18 (the rules of Flink 1.19 and later).
 */
#ifndef WEIR_RESTART_H
#define WEIR_RESTART_H

#include <weir/time.h>

enum weir_restart_kind {
    WEIR_RESTART_DEFAULT, /* exponential delay with checkpoints, none without */
    WEIR_RESTART_NONE,
    WEIR_RESTART_FIXED_DELAY,
    WEIR_RESTART_EXPONENTIAL_DELAY,
    WEIR_RESTART_FAILURE_RATE,
};

struct weir_restart_strategy {
    enum weir_restart_kind kind;
    /* fixed delay: how many restarts, >= 0; exponential delay: how many between two resets, 0: any
     * number */
    int attempts;
    int64_t delay_ms; /* fixed delay and failure rate, >= 0 */
    /* exponential delay */
    int64_t initial_ms;         /* of the first restart, >= 1 */
    int64_t max_ms;             /* >= initial_ms */
    int64_t reset_threshold_ms; /* without a failure; then it begins anew, >= 1 */
    double multiplier;          /* from one restart to the next, >= 1 */
    double jitter;              /* a random share of the delay, more or less, 0 to 1 */
    /* failure rate */
    int max_failures; /* within the interval; one more is too many, 1 to 1,000,000 */
    int64_t interval_ms;
};

/* The first failure ends the job. */
struct weir_restart_strategy weir_no_restart(void);
/* Starts again `attempts` times, each after delay_ms. */
struct weir_restart_strategy weir_fixed_delay_restart(int attempts, int64_t delay_ms);
/* The defaults above. Delays grow, so that an outage elsewhere is not made worse; set fields of
 * the result for other numbers. */
struct weir_restart_strategy weir_exponential_delay_restart(void);
/* Starts again until more than max_failures come within interval_ms. */
struct weir_restart_strategy weir_failure_rate_restart(int max_failures, int64_t interval_ms,
                                                       int64_t delay_ms);

#endif
