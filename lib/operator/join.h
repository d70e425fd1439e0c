/*
 * The arithmetic of interval joins, and the factories of both joins. Source: semantics sheet,
 * section 15.
 */
#ifndef WEIR__OPERATOR_JOIN_H
#define WEIR__OPERATOR_JOIN_H

#include "operator/factories.h"

/*
 * How far a right event may be behind (lower) and ahead of (upper) a left one, in ms, both
 * inclusive. A lower bound of WEIR_TIME_MIN and an upper one of WEIR_TIME_MAX are no bounds. lower
 * > upper: nothing is joined.
 */
struct weir__interval {
    int64_t lower;
    int64_t upper;
};

/* Exclusive bounds move by one. */
static inline struct weir__interval weir__interval_of(
    const struct weir_interval_join_config *config)
{
    return (struct weir__interval){
        weir_time_add(config->lower_ms, config->lower_exclusive ? 1 : 0),
        weir_time_sub(config->upper_ms, config->upper_exclusive ? 1 : 0),
    };
}

/* Timestamps are never WEIR_TIME_MIN. A distance beyond all bounds saturates, and is in none. */
static inline bool weir__interval_holds(const struct weir__interval *interval, int64_t left,
                                        int64_t right)
{
    int64_t distance = weir_time_sub(right, left);
    return interval->lower <= distance && distance <= interval->upper;
}

/* No event of the other side that is older than this is in reach of one at `timestamp`. */
static inline int64_t weir__interval_from(const struct weir__interval *interval, bool is_right,
                                          int64_t timestamp)
{
    if (is_right) {
        return interval->upper == WEIR_TIME_MAX ? WEIR_TIME_MIN
                                                : weir_time_sub(timestamp, interval->upper);
    }
    return interval->lower == WEIR_TIME_MIN ? WEIR_TIME_MIN
                                            : weir_time_add(timestamp, interval->lower);
}

/* An event is forgotten when the watermark reaches this. */
static inline int64_t weir__interval_cleanup(const struct weir__interval *interval, bool is_right,
                                             int64_t timestamp)
{
    if (is_right) {
        return interval->lower == WEIR_TIME_MIN ? WEIR_TIME_MAX
               : interval->lower < 0            ? weir_time_sub(timestamp, interval->lower)
                                                : timestamp;
    }
    return interval->upper == WEIR_TIME_MAX ? WEIR_TIME_MAX
           : interval->upper > 0            ? weir_time_add(timestamp, interval->upper)
                                            : timestamp;
}

struct weir__operator_factory *weir__interval_join_factory(
    const struct weir_interval_join_config *config);

/* ---- window joins ---- */

/* The window that both streams share; what it does with its elements is left open. */
static inline struct weir_window_config weir__window_of_join(
    const struct weir_window_join_config *config)
{
    return (struct weir_window_config){
        .assigner = config->assigner,
        .trigger = config->trigger,
        .evictor = config->evictor,
        .allowed_lateness_ms = config->allowed_lateness_ms,
    };
}

/* What is wrong with it, types aside. Errors: WEIR_INVALID. */
WEIR_MUST_USE enum weir_status weir__window_join_check(const struct weir_window_join_config *config,
                                                       struct weir_error *error);
struct weir__operator_factory *weir__window_join_factory(
    const struct weir_window_join_config *config);

#endif
