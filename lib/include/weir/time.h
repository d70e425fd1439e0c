/*
 * Time: event time is int64_t milliseconds since 1970-01-01T00:00:00Z; durations are milliseconds
 * too.
 */
#ifndef WEIR_TIME_H
#define WEIR_TIME_H

#include <weir/status.h>

#include <stddef.h>
#include <stdint.h>

/* "No timestamp" of a record, and the watermark before any was seen. */
#define WEIR_TIME_MIN INT64_MIN
/* The final watermark: no event will ever come. */
#define WEIR_TIME_MAX INT64_MAX

/* Durations in milliseconds. */
#define weir_milliseconds(n) ((int64_t)(n))
#define weir_seconds(n)      ((int64_t)(n)*1000)
#define weir_minutes(n)      ((int64_t)(n)*60 * 1000)
#define weir_hours(n)        ((int64_t)(n)*60 * 60 * 1000)
#define weir_days(n)         ((int64_t)(n)*24 * 60 * 60 * 1000)

/* Sums that stop at WEIR_TIME_MIN and WEIR_TIME_MAX instead of wrapping. */
static inline int64_t weir_time_add(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        return a < 0 ? WEIR_TIME_MIN : WEIR_TIME_MAX;
    }
    return sum;
}
static inline int64_t weir_time_sub(int64_t a, int64_t b)
{
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference)) {
        return a < 0 ? WEIR_TIME_MIN : WEIR_TIME_MAX;
    }
    return difference;
}

/*
 * Reads a duration: an integer of milliseconds, or with a unit: ms, s, m, h, d ("5m", "10s",
 * "500ms"). Errors: WEIR_INVALID (text is not a duration), WEIR_LIMIT (does not fit into int64
 * milliseconds).
 */
WEIR_MUST_USE enum weir_status weir_duration_parse(const char *text, int64_t *ms,
                                                   struct weir_error *error);

/* Writes "5m", "10s", "1500ms": the largest unit that divides the duration. Needs 24 bytes. */
void weir_duration_format(int64_t ms, char *text, size_t size);

/*
 * Writes ISO-8601 in UTC: "2024-10-22T18:00:00Z"; the fraction only when it is not zero. Needs 40
 * bytes.
 */
void weir_time_format(int64_t epoch_ms, char *text, size_t size);

#endif
