/*
 * <weir/state.h>, and the keys and timers of <weir/process.h>: what a keyed process function may
 * ask of its context.
 *
 * A function that asks on a stream without a key, or for a state that it does not list, is wrong in
 * a way that no return value could tell it: the program ends with a line that says what to write
 * instead.
 */
#include "base/log.h"
#include "operator/context.h"
#include "operator/trace_record.h"
#include "state/keyed.h"
#include "trace/trace.h"

#include <stdlib.h>

static struct weir__keyed *keyed_of(const weir_context *context, const char *what)
{
    if (context->keyed == NULL) {
        weir__log(WEIR__LOG_ERROR, "%s: %s need a key%s", context->op->context->name, what,
                  context->may_change_broadcast
                      ? ", and a broadcast event has none: only broadcast states are in reach"
                      : ": use weir_keyed_process on a stream from weir_key_by");
        abort();
    }
    return context->keyed;
}

static bool is_listed(const weir_context *context, const struct weir_state_descriptor *state)
{
    const struct weir_state_descriptor *const *listed = context->listed;
    while (listed != NULL && *listed != NULL && *listed != state) {
        listed++;
    }
    return listed == NULL || *listed != NULL;
}

static bool is_broadcast(const weir_context *context, const struct weir_state_descriptor *state)
{
    return context->broadcast != NULL && weir__keyed_knows(context->broadcast, state);
}

static struct weir__keyed *state_of(const weir_context *context,
                                    const struct weir_state_descriptor *state)
{
    if (is_broadcast(context, state)) {
        return context->broadcast;
    }
    struct weir__keyed *keyed = keyed_of(context, "states");
    if (!weir__keyed_knows(keyed, state) || !is_listed(context, state)) {
        weir__log(WEIR__LOG_ERROR, "%s: state \"%s\" is not in the list `%s` of its function",
                  context->op->context->name, state->name,
                  context->list != NULL ? context->list : "states");
        abort();
    }
    keyed->ns = context->ns;
    return keyed;
}

/*
 * NULL where the state must not be changed now: the operator has failed. Broadcast states are alike
 * in all subtasks because only what reaches all of them changes them.
 */
static struct weir__keyed *changing(weir_context *context,
                                    const struct weir_state_descriptor *state)
{
    if (is_broadcast(context, state) && !context->may_change_broadcast) {
        struct weir_error error = {0};
        weir_error_set(&error, WEIR_INVALID, NULL,
                       "broadcast state \"%s\" was changed by an event of the main stream, or a "
                       "timer: they may only read it; change it in process_broadcast",
                       state->name);
        weir__operator_fail(context->op, &error);
        return NULL;
    }
    return state_of(context, state);
}

const void *weir_current_key(const weir_context *context)
{
    return weir__key_value(&keyed_of(context, "keys")->key);
}

/* ---- timers ---- */

static struct weir__keyed *timers_of(const weir_context *context)
{
    if (context->listed != NULL) {
        weir__log(WEIR__LOG_ERROR, "%s: a window function sets no timers: its trigger does",
                  context->op->context->name);
        abort();
    }
    return keyed_of(context, "timers");
}

static void set_timer(weir_context *context, enum weir__time_domain domain, int64_t time)
{
    struct weir__keyed *keyed = timers_of(context);
    bool is_new = weir__keyed_register_timer(keyed, domain, WEIR__NO_NAMESPACE, time);
    if (is_new && weir__tracing(context->op->context->tracer)) {
        weir__trace_keyed_timer(context->op->context, keyed, "register", time, domain);
    }
}

static void delete_timer(weir_context *context, enum weir__time_domain domain, int64_t time)
{
    struct weir__keyed *keyed = timers_of(context);
    bool was_there = weir__keyed_delete_timer(keyed, domain, WEIR__NO_NAMESPACE, time);
    if (was_there && weir__tracing(context->op->context->tracer)) {
        weir__trace_keyed_timer(context->op->context, keyed, "delete", time, domain);
    }
}

void weir_register_event_timer(weir_context *context, int64_t time)
{
    set_timer(context, WEIR__EVENT_TIME, time);
}

void weir_delete_event_timer(weir_context *context, int64_t time)
{
    delete_timer(context, WEIR__EVENT_TIME, time);
}

void weir_register_processing_timer(weir_context *context, int64_t time)
{
    set_timer(context, WEIR__PROCESSING_TIME, time);
}

void weir_delete_processing_timer(weir_context *context, int64_t time)
{
    delete_timer(context, WEIR__PROCESSING_TIME, time);
}

/* ---- state: see state/keyed.h ---- */

const void *weir_value_state_get(weir_context *context, const struct weir_state_descriptor *state)
{
    return weir__keyed_value_get(state_of(context, state), state);
}

void weir_value_state_set(weir_context *context, const struct weir_state_descriptor *state,
                          const void *value)
{
    weir__keyed_value_set(state_of(context, state), state, value);
}

void *weir_value_state_edit(weir_context *context, const struct weir_state_descriptor *state)
{
    return weir__keyed_value_edit(state_of(context, state), state);
}

void weir_list_state_add(weir_context *context, const struct weir_state_descriptor *state,
                         const void *element)
{
    weir__keyed_list_add(state_of(context, state), state, element);
}

size_t weir_list_state_count(weir_context *context, const struct weir_state_descriptor *state)
{
    return weir__keyed_list_count(state_of(context, state), state);
}

const void *weir_list_state_at(weir_context *context, const struct weir_state_descriptor *state,
                               size_t index)
{
    return weir__keyed_list_at(state_of(context, state), state, index);
}

const void *weir_map_state_get(weir_context *context, const struct weir_state_descriptor *state,
                               const void *key)
{
    return weir__keyed_map_get(state_of(context, state), state, key);
}

void weir_map_state_put(weir_context *context, const struct weir_state_descriptor *state,
                        const void *key, const void *value)
{
    struct weir__keyed *keyed = changing(context, state);
    if (keyed != NULL) {
        weir__keyed_map_put(keyed, state, key, value);
    }
}

void weir_map_state_remove(weir_context *context, const struct weir_state_descriptor *state,
                           const void *key)
{
    struct weir__keyed *keyed = changing(context, state);
    if (keyed != NULL) {
        weir__keyed_map_remove(keyed, state, key);
    }
}

size_t weir_map_state_count(weir_context *context, const struct weir_state_descriptor *state)
{
    return weir__keyed_map_count(state_of(context, state), state);
}

bool weir_map_state_is_empty(weir_context *context, const struct weir_state_descriptor *state)
{
    return weir__keyed_map_is_empty(state_of(context, state), state);
}

const void *weir_map_state_at(weir_context *context, const struct weir_state_descriptor *state,
                              size_t index, const void **key)
{
    return weir__keyed_map_at(state_of(context, state), state, index, key);
}

void weir_folding_state_add(weir_context *context, const struct weir_state_descriptor *state,
                            const void *value)
{
    weir__keyed_folding_add(state_of(context, state), state, value, weir_timestamp(context));
}

const void *weir_reducing_state_get(weir_context *context,
                                    const struct weir_state_descriptor *state)
{
    return weir__keyed_reducing_get(state_of(context, state), state);
}

bool weir_aggregating_state_get(weir_context *context, const struct weir_state_descriptor *state,
                                void *out)
{
    return weir__keyed_aggregating_get(state_of(context, state), state,
                                       weir_current_watermark(context), out);
}

void weir_state_clear(weir_context *context, const struct weir_state_descriptor *state)
{
    struct weir__keyed *keyed = changing(context, state);
    if (keyed != NULL) {
        weir__keyed_state_clear(keyed, state);
    }
}
