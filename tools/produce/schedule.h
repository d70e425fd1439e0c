/*
 * The order in which events are written: their event times rise with their numbers, but some wait
 * before they are written.
 *
 *     event number    0   1   2   3   4        each has its event time …
 *     delay           0   2   0   0   1        … plus a delay drawn from the seed: at most the
 *                                              disorder bound, or more when late
 *     written         0   2   3   1   4        by event time + delay
 *
 * An event that waits is held here; everything else passes at once, so memory is bounded by the
 * delays, not by the run.
 */
#ifndef WEIR_TOOLS_PRODUCE_SCHEDULE_H
#define WEIR_TOOLS_PRODUCE_SCHEDULE_H

#include "base/vec.h"
#include "produce/settings.h"

struct scheduled {
    int64_t due_us; /* event time + delay, microseconds since the start */
    int64_t index;  /* the event's number */
};

struct schedule {
    const struct produce_settings *settings;
    int64_t events;           /* how many there will be */
    int64_t next;             /* the number of the next event to draw */
    struct weir__vec waiting; /* struct scheduled, a binary heap by (due_us, index) */
};

void schedule_init(struct schedule *schedule, const struct produce_settings *settings);
void schedule_fini(struct schedule *schedule);
/* The number of the event to write next; false: all are written. */
bool schedule_next(struct schedule *schedule, int64_t *index);
/* No new events: only those that wait are still to be written. */
void schedule_stop(struct schedule *schedule);

/* Event time of an event, microseconds since the start. */
int64_t schedule_time_us(const struct produce_settings *settings, int64_t index);
/* How long after that it is written, microseconds of event time. */
int64_t schedule_delay_us(const struct produce_settings *settings, int64_t index);

#endif
