/*
 * Triggers: from configuration to functions, the calls, and what a trigger may ask its context for.
 */
#include "window/trigger.h"

#include <string.h>

enum weir_trigger_kind weir__trigger_kind(const struct weir_trigger *config,
                                          const struct weir_window_assigner *assigner)
{
    if (config->kind != WEIR_TRIGGER_DEFAULT) {
        return config->kind;
    }
    if (assigner->kind == WEIR_ASSIGN_GLOBAL) {
        return WEIR_TRIGGER_NEVER;
    }
    return assigner->processing_time ? WEIR_TRIGGER_PROCESSING_TIME : WEIR_TRIGGER_EVENT_TIME;
}

static const struct weir_trigger_ops *ops_of(enum weir_trigger_kind kind,
                                             const struct weir_trigger *config)
{
    switch (kind) {
    case WEIR_TRIGGER_EVENT_TIME:
        return &weir__event_time_trigger;
    case WEIR_TRIGGER_PROCESSING_TIME:
        return &weir__processing_time_trigger;
    case WEIR_TRIGGER_COUNT:
        return &weir__count_trigger;
    case WEIR_TRIGGER_CONTINUOUS_EVENT_TIME:
        return &weir__continuous_event_time_trigger;
    case WEIR_TRIGGER_CONTINUOUS_PROCESSING_TIME:
        return &weir__continuous_processing_time_trigger;
    case WEIR_TRIGGER_DELTA:
        return &weir__delta_trigger;
    case WEIR_TRIGGER_END_OF_STREAM:
        return &weir__end_of_stream_trigger;
    case WEIR_TRIGGER_CUSTOM:
        return config->ops;
    case WEIR_TRIGGER_DEFAULT:
    case WEIR_TRIGGER_NEVER:
        break;
    }
    return &weir__never_trigger;
}

void weir__trigger_init(struct weir__trigger *trigger, const struct weir_trigger *config,
                        const struct weir__window_rules *rules, const struct weir_type *in_type)
{
    enum weir_trigger_kind kind = weir__trigger_kind(config, &rules->assigner);
    trigger->config = *config;
    trigger->ops = *ops_of(kind, config);
    trigger->user = kind == WEIR_TRIGGER_CUSTOM ? config->user : &trigger->config;
    if (kind == WEIR_TRIGGER_DELTA) {
        trigger->ops.state_type = in_type;
    }
}

/* ---- calls ---- */

static enum weir_trigger_result result_of(const struct weir_trigger_context *context,
                                          enum weir_trigger_result result)
{
    return result == WEIR_FIRE && context->trigger->config.purging ? WEIR_FIRE_AND_PURGE : result;
}

enum weir_trigger_result weir__trigger_on_element(struct weir_trigger_context *context,
                                                  const void *value, int64_t timestamp)
{
    const struct weir__trigger *trigger = context->trigger;
    return result_of(context, trigger->ops.on_element(value, timestamp, context->window, context,
                                                      trigger->user));
}

enum weir_trigger_result weir__trigger_on_time(struct weir_trigger_context *context,
                                               enum weir__time_domain domain, int64_t time)
{
    const struct weir__trigger *trigger = context->trigger;
    enum weir_trigger_result (*call)(int64_t, struct weir_window, weir_trigger_context *, void *) =
        domain == WEIR__EVENT_TIME ? trigger->ops.on_event_time : trigger->ops.on_processing_time;
    return call != NULL ? result_of(context, call(time, context->window, context, trigger->user))
                        : WEIR_CONTINUE;
}

void weir__trigger_on_merge(struct weir_trigger_context *context)
{
    const struct weir__trigger *trigger = context->trigger;
    if (trigger->ops.on_merge != NULL) {
        trigger->ops.on_merge(context->window, context, trigger->user);
    }
}

void weir__trigger_clear(struct weir_trigger_context *context)
{
    const struct weir__trigger *trigger = context->trigger;
    if (trigger->ops.clear != NULL) {
        trigger->ops.clear(context->window, context, trigger->user);
    }
    weir_trigger_state_clear(context);
}

/* ---- state ---- */

void *weir_trigger_state_peek(weir_trigger_context *context)
{
    return context->trigger->ops.state_type != NULL && context->pane->has_state ? context->state
                                                                                : NULL;
}

void *weir_trigger_state(weir_trigger_context *context)
{
    if (context->trigger->ops.state_type == NULL) {
        return NULL;
    }
    if (!context->pane->has_state) {
        weir_value_init(context->trigger->ops.state_type, context->state);
        context->pane->has_state = true;
    }
    return context->state;
}

void weir_trigger_state_clear(weir_trigger_context *context)
{
    if (weir_trigger_state_peek(context) != NULL) {
        weir_value_fini(context->trigger->ops.state_type, context->state);
        context->pane->has_state = false;
    }
}

void weir_trigger_state_set(weir_trigger_context *context, const void *value)
{
    weir_trigger_state_clear(context);
    weir_value_copy(context->trigger->ops.state_type, context->state, value);
    context->pane->has_state = true;
}

/* ---- timers and time ---- */

void weir_trigger_register_event_timer(weir_trigger_context *context, int64_t time)
{
    context->set_timer(context, WEIR__EVENT_TIME, time, true);
}

void weir_trigger_delete_event_timer(weir_trigger_context *context, int64_t time)
{
    context->set_timer(context, WEIR__EVENT_TIME, time, false);
}

void weir_trigger_register_processing_timer(weir_trigger_context *context, int64_t time)
{
    context->set_timer(context, WEIR__PROCESSING_TIME, time, true);
}

void weir_trigger_delete_processing_timer(weir_trigger_context *context, int64_t time)
{
    context->set_timer(context, WEIR__PROCESSING_TIME, time, false);
}

int64_t weir_trigger_watermark(const weir_trigger_context *context)
{
    return context->watermark;
}

int64_t weir_trigger_processing_time(const weir_trigger_context *context)
{
    return context->now_ms(context);
}

int64_t weir_trigger_max_timestamp(const weir_trigger_context *context)
{
    return context->max_timestamp;
}
