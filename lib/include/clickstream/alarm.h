/*
 * An alarm that is slow to change its mind: what it watches is bad, or good, for a while before it
 * says so. One bad value wakes nobody, and one good value calls nobody off.
 */
#ifndef CLICKSTREAM_ALARM_H
#define CLICKSTREAM_ALARM_H

#include <weir/type.h>

/* Zeroed: it is silent. in_a_row: so many values lately that speak for the other state. */
#define ALARM_FIELDS(F, T)                                                                         \
    F(T, boolean, firing, "firing", required)                                                      \
    F(T, int64, in_a_row, "inARow", required)
WEIR_DECLARE_TYPE(alarm, ALARM_FIELDS);

/* What is said when it changes: FIRING or CLEARED, the value in hand, and its event time (ms). */
#define ALERT_FIELDS(F, T)                                                                         \
    F(T, string, alert, "alert", required)                                                         \
    F(T, int64, lag, "lag", required)                                                              \
    F(T, int64, at, "at", required)
WEIR_DECLARE_TYPE(alert, ALERT_FIELDS);

/* Takes one more value into account, bad or not. True: the alarm has changed, because this was the
 * `patience`th in a row (>= 1) that spoke for it. */
bool alarm_judge(struct alarm *alarm, bool bad, int64_t patience);

#endif
