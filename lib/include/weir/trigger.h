/*
 * A learner's own trigger: decides, for each key and window, when the window's contents become a
 * result.
 *
 *     static enum weir_trigger_result on_element(const void *value, int64_t timestamp,
 *                                                struct weir_window window,
 *                                                weir_trigger_context *context, void *user)
 *     {
 *         const struct click_event *event = value;
 *         if (weir_str_equals(event->event_type, "PURCHASE")) {
 *             return WEIR_FIRE;                                // early, at every purchase …
 *         }
 *         weir_trigger_register_event_timer(context, window.end - 1);
 *         return WEIR_CONTINUE;                                // … and at the end
 *     }
 *
 * FIRE emits a result and keeps the contents; PURGE drops the contents; FIRE_AND_PURGE does both,
 * in that order. Purging keeps the trigger's state. When the window is over, the library calls
 * clear and releases the state. Threads: the subtask's; functions must keep no state of their own.
 * Source: semantics sheet, sections 3 and 8.
 */
#ifndef WEIR_TRIGGER_H
#define WEIR_TRIGGER_H

#include <weir/window.h>

typedef struct weir_trigger_context weir_trigger_context;

struct weir_trigger_ops {
    const char *name;
    /* What the trigger remembers for each key and window; NULL: nothing. */
    const struct weir_type *state_type;
    /* Whether it works with windows that merge (sessions). */
    bool can_merge;

    enum weir_trigger_result (*on_element)(const void *value, int64_t timestamp,
                                           struct weir_window window, weir_trigger_context *context,
                                           void *user);
    /* One of the window's own timers is due. NULL: WEIR_CONTINUE. */
    enum weir_trigger_result (*on_event_time)(int64_t time, struct weir_window window,
                                              weir_trigger_context *context, void *user);
    enum weir_trigger_result (*on_processing_time)(int64_t time, struct weir_window window,
                                                   weir_trigger_context *context, void *user);
    /* Adds the state of a window that is merged away to that of the merged window. Needed by
     * can_merge with a state_type. */
    void (*merge)(void *state, const void *other, void *user);
    /* `window` is the merged window, with its merged state: the place to register its timers. May
     * be NULL. */
    void (*on_merge)(struct weir_window window, weir_trigger_context *context, void *user);
    /* The window is over or merged away: the place to delete its timers. May be NULL. */
    void (*clear)(struct weir_window window, weir_trigger_context *context, void *user);
};

/* The trigger's state for this key and window, created zeroed when there is none. Owned strings:
 * weir_str_set. Borrowed for the call. */
void *weir_trigger_state(weir_trigger_context *context);
/* The same, but NULL when there is none. */
void *weir_trigger_state_peek(weir_trigger_context *context);
/* Replaces the state by a copy of *value. */
void weir_trigger_state_set(weir_trigger_context *context, const void *value);
void weir_trigger_state_clear(weir_trigger_context *context);

/* Timers of this key and window. Times are epoch ms; one a time, deleting a missing one does
 * nothing. */
void weir_trigger_register_event_timer(weir_trigger_context *context, int64_t time);
void weir_trigger_delete_event_timer(weir_trigger_context *context, int64_t time);
void weir_trigger_register_processing_timer(weir_trigger_context *context, int64_t time);
void weir_trigger_delete_processing_timer(weir_trigger_context *context, int64_t time);

int64_t weir_trigger_watermark(
    const weir_trigger_context *context); /* WEIR_TIME_MIN before the first */
int64_t weir_trigger_processing_time(const weir_trigger_context *context); /* of the clock */
/* The window's last millisecond: end - 1; WEIR_TIME_MAX for the global window. */
int64_t weir_trigger_max_timestamp(const weir_trigger_context *context);

#endif
