/*
 * Continuous triggers: fire at every interval while the window is open, and at its end. State is
 * the next time to fire.
 *
 * The first event of a window fixes the phase; older ones that come later do not pull it forward.
 * When time jumps, the trigger fires once for every interval that was missed.
 *
 * Flink has no limit there: on a window without end the final watermark fires once an interval
 * until 2^63. Here a jump over more than a million intervals fires for the last of them only, and
 * the final watermark ends a window without end. Source: semantics sheet, section 3.
 */
#include "window/trigger.h"

#define MISSED_MAX 1000000u

/* The firing time after `time`, on the grid of the interval, when time has come to `now`. */
static int64_t next_time(int64_t time, int64_t interval_ms, int64_t now)
{
    int64_t next = weir_time_add(time, interval_ms);
    if (next < now) {
        uint64_t missed = ((uint64_t)now - (uint64_t)next) / (uint64_t)interval_ms;
        if (missed > MISSED_MAX) {
            /* Added without sign: from the beginning of time to now may be more than an int64. */
            return now == WEIR_TIME_MAX
                       ? now
                       : (int64_t)((uint64_t)next + missed * (uint64_t)interval_ms);
        }
    }
    return next;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Rounds towards zero, as Flink does: -9 with interval 4 is -8. */
static int64_t grid_base(int64_t time, int64_t interval_ms)
{
    return time - time % interval_ms;
}

static void take_least(void *state, const void *other, void *user)
{
    (void)user;
    *(int64_t *)state = least(*(int64_t *)state, *(const int64_t *)other);
}

/* ---- event time ---- */

static void event_plan(weir_trigger_context *context, const struct weir_trigger *config,
                       int64_t after)
{
    int64_t now = least(context->watermark, context->max_timestamp);
    int64_t next = least(next_time(after, config->interval_ms, now), context->max_timestamp);
    *(int64_t *)weir_trigger_state(context) = next;
    weir_trigger_register_event_timer(context, next);
}

static enum weir_trigger_result event_on_element(const void *value, int64_t timestamp,
                                                 struct weir_window window,
                                                 weir_trigger_context *context, void *user)
{
    (void)value;
    (void)window;
    const struct weir_trigger *config = user;
    if (context->max_timestamp <= context->watermark) {
        return WEIR_FIRE;
    }
    weir_trigger_register_event_timer(context, context->max_timestamp);
    if (weir_trigger_state_peek(context) == NULL) {
        event_plan(context, config, grid_base(timestamp, config->interval_ms));
    }
    return WEIR_CONTINUE;
}

static enum weir_trigger_result event_on_time(int64_t time, struct weir_window window,
                                              weir_trigger_context *context, void *user)
{
    (void)window;
    if (time == context->max_timestamp) {
        return WEIR_FIRE; /* the next time to fire is left alone */
    }
    const int64_t *next = weir_trigger_state_peek(context);
    if (next == NULL || *next != time) {
        return WEIR_CONTINUE;
    }
    event_plan(context, user, time);
    return WEIR_FIRE;
}

static void event_on_merge(struct weir_window window, weir_trigger_context *context, void *user)
{
    (void)window;
    (void)user;
    const int64_t *next = weir_trigger_state_peek(context);
    if (next != NULL) {
        weir_trigger_register_event_timer(context, *next);
    }
}

static void event_clear(struct weir_window window, weir_trigger_context *context, void *user)
{
    (void)window;
    (void)user;
    const int64_t *next = weir_trigger_state_peek(context);
    if (next != NULL) {
        weir_trigger_delete_event_timer(context, *next);
    }
    weir_trigger_delete_event_timer(context, context->max_timestamp);
}

const struct weir_trigger_ops weir__continuous_event_time_trigger = {
    .name = "continuous-event-time",
    .state_type = &weir_int64_type,
    .can_merge = true,
    .on_element = event_on_element,
    .on_event_time = event_on_time,
    .merge = take_least,
    .on_merge = event_on_merge,
    .clear = event_clear,
};

/* ---- processing time ---- */

/* ends: the window's end is still to come, and bounds the next firing. An event-time window may
 * have ended long before the clock's now: with that bound it would fire for ever. */
static void clock_plan(weir_trigger_context *context, const struct weir_trigger *config,
                       int64_t after, bool ends)
{
    int64_t now = weir_trigger_processing_time(context);
    int64_t next = next_time(after, config->interval_ms, now);
    next = ends ? least(next, context->max_timestamp) : next;
    *(int64_t *)weir_trigger_state(context) = next;
    if (next > after) { /* else time is at its end, and there is no next one */
        weir_trigger_register_processing_timer(context, next);
    }
}

static enum weir_trigger_result clock_on_element(const void *value, int64_t timestamp,
                                                 struct weir_window window,
                                                 weir_trigger_context *context, void *user)
{
    (void)value;
    (void)timestamp;
    (void)window;
    const struct weir_trigger *config = user;
    if (weir_trigger_state_peek(context) == NULL) {
        int64_t now = weir_trigger_processing_time(context);
        clock_plan(context, config, grid_base(now, config->interval_ms),
                   now <= context->max_timestamp);
    }
    return WEIR_CONTINUE;
}

static enum weir_trigger_result clock_on_time(int64_t time, struct weir_window window,
                                              weir_trigger_context *context, void *user)
{
    (void)window;
    const int64_t *next = weir_trigger_state_peek(context);
    if (next == NULL || *next != time) {
        return WEIR_CONTINUE;
    }
    clock_plan(context, user, time, time < context->max_timestamp);
    return WEIR_FIRE;
}

static void clock_on_merge(struct weir_window window, weir_trigger_context *context, void *user)
{
    (void)window;
    (void)user;
    const int64_t *next = weir_trigger_state_peek(context);
    if (next != NULL) {
        weir_trigger_register_processing_timer(context, *next);
    }
}

static void clock_clear(struct weir_window window, weir_trigger_context *context, void *user)
{
    (void)window;
    (void)user;
    const int64_t *next = weir_trigger_state_peek(context);
    if (next != NULL) {
        weir_trigger_delete_processing_timer(context, *next);
    }
}

const struct weir_trigger_ops weir__continuous_processing_time_trigger = {
    .name = "continuous-processing-time",
    .state_type = &weir_int64_type,
    .can_merge = true,
    .on_element = clock_on_element,
    .on_processing_time = clock_on_time,
    .merge = take_least,
    .on_merge = clock_on_merge,
    .clear = clock_clear,
};
