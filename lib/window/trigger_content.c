/*
 * Triggers that look at what comes: how many events, and how far they are from the last one that
 * counted. Source: semantics sheet, section 3.
 */
#include "window/trigger.h"

/* ---- count: state is the number of events since the last firing ---- */

static enum weir_trigger_result count_on_element(const void *value, int64_t timestamp,
                                                 struct weir_window window,
                                                 weir_trigger_context *context, void *user)
{
    (void)value;
    (void)timestamp;
    (void)window;
    const struct weir_trigger *config = user;
    int64_t *count = weir_trigger_state(context);
    (*count)++;
    if (*count < config->count) {
        return WEIR_CONTINUE;
    }
    weir_trigger_state_clear(context);
    return WEIR_FIRE;
}

/* Merging never fires by itself; the next event may. */
static void count_merge(void *state, const void *other, void *user)
{
    (void)user;
    *(int64_t *)state += *(const int64_t *)other;
}

const struct weir_trigger_ops weir__count_trigger = {
    .name = "count",
    .state_type = &weir_int64_type,
    .can_merge = true,
    .on_element = count_on_element,
    .merge = count_merge,
};

/* ---- delta: state is the event that the next ones are compared with ---- */

static enum weir_trigger_result delta_on_element(const void *value, int64_t timestamp,
                                                 struct weir_window window,
                                                 weir_trigger_context *context, void *user)
{
    (void)timestamp;
    (void)window;
    const struct weir_trigger *config = user;
    const void *reference = weir_trigger_state_peek(context);
    if (reference == NULL) {
        weir_trigger_state_set(context, value);
        return WEIR_CONTINUE;
    }
    if (config->delta(reference, value, config->user) > config->threshold) {
        weir_trigger_state_set(context, value);
        return WEIR_FIRE;
    }
    return WEIR_CONTINUE;
}

/*
 * Its state_type is the events' type: weir__trigger_init. Two references cannot be merged into one.
 */
const struct weir_trigger_ops weir__delta_trigger = {
    .name = "delta",
    .on_element = delta_on_element,
};
