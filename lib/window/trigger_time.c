/*
 * Triggers that fire once, at the window's end: by the watermark, by the clock, at the end of the
 * stream; and the one that never does. Source: semantics sheet, sections 2 and 3.
 */
#include "window/trigger.h"

/* ---- event time ---- */

static enum weir_trigger_result event_on_element(const void *value, int64_t timestamp,
                                                 struct weir_window window,
                                                 weir_trigger_context *context, void *user)
{
    (void)value;
    (void)timestamp;
    (void)window;
    (void)user;
    if (context->max_timestamp <= context->watermark) {
        return WEIR_FIRE; /* late, but allowed: at once, with all that the window holds */
    }
    weir_trigger_register_event_timer(context, context->max_timestamp);
    return WEIR_CONTINUE;
}

static enum weir_trigger_result event_on_time(int64_t time, struct weir_window window,
                                              weir_trigger_context *context, void *user)
{
    (void)window;
    (void)user;
    return time == context->max_timestamp ? WEIR_FIRE : WEIR_CONTINUE;
}

static void event_on_merge(struct weir_window window, weir_trigger_context *context, void *user)
{
    (void)window;
    (void)user;
    if (context->max_timestamp > context->watermark) {
        weir_trigger_register_event_timer(context, context->max_timestamp);
    }
}

static void event_clear(struct weir_window window, weir_trigger_context *context, void *user)
{
    (void)window;
    (void)user;
    weir_trigger_delete_event_timer(context, context->max_timestamp);
}

const struct weir_trigger_ops weir__event_time_trigger = {
    .name = "event-time",
    .can_merge = true,
    .on_element = event_on_element,
    .on_event_time = event_on_time,
    .on_merge = event_on_merge,
    .clear = event_clear,
};

/* ---- processing time ---- */

static enum weir_trigger_result clock_on_element(const void *value, int64_t timestamp,
                                                 struct weir_window window,
                                                 weir_trigger_context *context, void *user)
{
    (void)value;
    (void)timestamp;
    (void)window;
    (void)user;
    weir_trigger_register_processing_timer(context, context->max_timestamp);
    return WEIR_CONTINUE;
}

static enum weir_trigger_result clock_on_time(int64_t time, struct weir_window window,
                                              weir_trigger_context *context, void *user)
{
    (void)time;
    (void)window;
    (void)context;
    (void)user;
    return WEIR_FIRE;
}

static void clock_on_merge(struct weir_window window, weir_trigger_context *context, void *user)
{
    (void)window;
    (void)user;
    if (context->max_timestamp > weir_trigger_processing_time(context)) {
        weir_trigger_register_processing_timer(context, context->max_timestamp);
    }
}

static void clock_clear(struct weir_window window, weir_trigger_context *context, void *user)
{
    (void)window;
    (void)user;
    weir_trigger_delete_processing_timer(context, context->max_timestamp);
}

const struct weir_trigger_ops weir__processing_time_trigger = {
    .name = "processing-time",
    .can_merge = true,
    .on_element = clock_on_element,
    .on_processing_time = clock_on_time,
    .on_merge = clock_on_merge,
    .clear = clock_clear,
};

/* ---- end of stream: when the final watermark comes ---- */

static enum weir_trigger_result end_on_element(const void *value, int64_t timestamp,
                                               struct weir_window window,
                                               weir_trigger_context *context, void *user)
{
    (void)value;
    (void)timestamp;
    (void)window;
    (void)user;
    weir_trigger_register_event_timer(context, WEIR_TIME_MAX);
    return WEIR_CONTINUE;
}

static enum weir_trigger_result end_on_time(int64_t time, struct weir_window window,
                                            weir_trigger_context *context, void *user)
{
    (void)window;
    (void)context;
    (void)user;
    return time == WEIR_TIME_MAX ? WEIR_FIRE : WEIR_CONTINUE;
}

static void end_on_merge(struct weir_window window, weir_trigger_context *context, void *user)
{
    (void)window;
    (void)user;
    weir_trigger_register_event_timer(context, WEIR_TIME_MAX);
}

static void end_clear(struct weir_window window, weir_trigger_context *context, void *user)
{
    (void)window;
    (void)user;
    weir_trigger_delete_event_timer(context, WEIR_TIME_MAX);
}

const struct weir_trigger_ops weir__end_of_stream_trigger = {
    .name = "end-of-stream",
    .can_merge = true,
    .on_element = end_on_element,
    .on_event_time = end_on_time,
    .on_merge = end_on_merge,
    .clear = end_clear,
};

/* ---- never ---- */

static enum weir_trigger_result never_on_element(const void *value, int64_t timestamp,
                                                 struct weir_window window,
                                                 weir_trigger_context *context, void *user)
{
    (void)value;
    (void)timestamp;
    (void)window;
    (void)context;
    (void)user;
    return WEIR_CONTINUE;
}

const struct weir_trigger_ops weir__never_trigger = {
    .name = "never",
    .can_merge = true,
    .on_element = never_on_element,
};
