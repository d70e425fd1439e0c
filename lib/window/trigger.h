/*
 * Triggers as the window operator sees them: every kind, built in or a learner's own, is a struct
 * weir_trigger_ops.
 */
#ifndef WEIR__WINDOW_TRIGGER_H
#define WEIR__WINDOW_TRIGGER_H

#include "time/timers.h"
#include "window/pane.h"

#include <weir/trigger.h>

struct weir__trigger {
    struct weir_trigger_ops ops; /* with the state_type that follows from the configuration */
    struct weir_trigger config;
    void *user;
};

/* in_type: of the events; the delta trigger remembers one. Borrows what `config` points to. */
void weir__trigger_init(struct weir__trigger *trigger, const struct weir_trigger *config,
                        const struct weir__window_rules *rules, const struct weir_type *in_type);
/* The kind that WEIR_TRIGGER_DEFAULT stands for. */
enum weir_trigger_kind weir__trigger_kind(const struct weir_trigger *config,
                                          const struct weir_window_assigner *assigner);

/* What a trigger may ask for during a call about one pane; filled by the operator. */
struct weir_trigger_context {
    const struct weir__trigger *trigger;
    struct weir__pane *pane;
    void *state; /* where the pane keeps the trigger's state */
    struct weir_window window;
    int64_t max_timestamp;
    int64_t watermark;
    /* Registers (or deletes) a timer of the window at hand; and the clock. */
    void (*set_timer)(struct weir_trigger_context *context, enum weir__time_domain domain,
                      int64_t time, bool set);
    int64_t (*now_ms)(const struct weir_trigger_context *context);
    void *host;
};

enum weir_trigger_result weir__trigger_on_element(struct weir_trigger_context *context,
                                                  const void *value, int64_t timestamp);
enum weir_trigger_result weir__trigger_on_time(struct weir_trigger_context *context,
                                               enum weir__time_domain domain, int64_t time);
void weir__trigger_on_merge(struct weir_trigger_context *context);
/* Calls the trigger's clear, then drops the state. */
void weir__trigger_clear(struct weir_trigger_context *context);

static inline bool weir__fires(enum weir_trigger_result result)
{
    return result == WEIR_FIRE || result == WEIR_FIRE_AND_PURGE;
}

static inline bool weir__purges(enum weir_trigger_result result)
{
    return result == WEIR_PURGE || result == WEIR_FIRE_AND_PURGE;
}

/* The built-in kinds; `user` is the struct weir_trigger. */
extern const struct weir_trigger_ops weir__event_time_trigger;
extern const struct weir_trigger_ops weir__processing_time_trigger;
extern const struct weir_trigger_ops weir__end_of_stream_trigger;
extern const struct weir_trigger_ops weir__never_trigger;
extern const struct weir_trigger_ops weir__count_trigger;
extern const struct weir_trigger_ops weir__delta_trigger;
extern const struct weir_trigger_ops weir__continuous_event_time_trigger;
extern const struct weir_trigger_ops weir__continuous_processing_time_trigger;

#endif
