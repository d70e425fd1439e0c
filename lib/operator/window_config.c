/*
 * Window configurations: what they must be like (their functions: window_functions.c), what is told
 * about them, and the factory that keeps one.
 */
#include "base/mem.h"
#include "operator/window_factory.h"
#include "operator/window_operator.h"
#include "operator/window_reduce.h"
#include "window/trigger.h"

#include <weir/evictor.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define SLIDES_MAX 10000000 /* windows an element of a sliding window: Flink's limit */

/* ---- checks: each answers WEIR_OK or sets a text that says what is wrong and what would be right
 * ---- */

#define BAD(error, ...) weir_error_set(error, WEIR_INVALID, NULL, __VA_ARGS__)

static enum weir_status check_offset(int64_t offset_ms, int64_t period_ms, const char *period,
                                     struct weir_error *error)
{
    if (offset_ms <= -period_ms || offset_ms >= period_ms) {
        return BAD(error,
                   "window offset %" PRId64 " ms: its absolute value must be below the %s (%" PRId64
                   " ms)",
                   offset_ms, period, period_ms);
    }
    return WEIR_OK;
}

static enum weir_status check_assigner(const struct weir_window_assigner *assigner,
                                       struct weir_error *error)
{
    if (assigner->stagger != WEIR_STAGGER_ALIGNED &&
        (assigner->kind != WEIR_ASSIGN_TUMBLING ||
         (assigner->stagger != WEIR_STAGGER_NATURAL && assigner->stagger != WEIR_STAGGER_RANDOM))) {
        return BAD(error, "only tumbling windows can be staggered, by WEIR_STAGGER_NATURAL or "
                          "WEIR_STAGGER_RANDOM");
    }
    switch (assigner->kind) {
    case WEIR_ASSIGN_TUMBLING:
        if (assigner->size_ms <= 0) {
            return BAD(error, "window size %" PRId64 " ms: it must be above 0", assigner->size_ms);
        }
        return check_offset(assigner->offset_ms, assigner->size_ms, "size", error);
    case WEIR_ASSIGN_SLIDING:
        if (assigner->size_ms <= 0 || assigner->slide_ms <= 0) {
            return BAD(error,
                       "window size %" PRId64 " ms, slide %" PRId64 " ms: both must be above 0",
                       assigner->size_ms, assigner->slide_ms);
        }
        if (assigner->size_ms / assigner->slide_ms > SLIDES_MAX) {
            return BAD(error,
                       "window size %" PRId64 " ms is more than %d slides of %" PRId64
                       " ms: every event "
                       "would be in that many windows; take a longer slide",
                       assigner->size_ms, SLIDES_MAX, assigner->slide_ms);
        }
        return check_offset(assigner->offset_ms, assigner->slide_ms, "slide", error);
    case WEIR_ASSIGN_SESSION:
        return assigner->gap_ms > 0
                   ? WEIR_OK
                   : BAD(error, "session gap %" PRId64 " ms: it must be above 0", assigner->gap_ms);
    case WEIR_ASSIGN_DYNAMIC_SESSION:
        return assigner->gap_of != NULL
                   ? WEIR_OK
                   : BAD(error, "a dynamic session window needs a gap_of function");
    case WEIR_ASSIGN_GLOBAL:
        return WEIR_OK;
    }
    return BAD(error, "unknown kind of window assigner (%d)", (int)assigner->kind);
}

static enum weir_status check_custom(const struct weir_trigger_ops *ops, bool merging,
                                     struct weir_error *error)
{
    if (ops == NULL || ops->on_element == NULL) {
        return BAD(error, "a custom trigger needs its functions (ops), on_element at least");
    }
    const char *name = ops->name != NULL ? ops->name : "custom";
    if (merging && !ops->can_merge) {
        return BAD(error, "trigger '%s' does not say that it can merge; session windows need that",
                   name);
    }
    if (merging && ops->state_type != NULL && ops->merge == NULL) {
        return BAD(error, "trigger '%s' has state but no merge function; session windows need one",
                   name);
    }
    return WEIR_OK;
}

/* Flink's types say the same: EventTimeTrigger and ProcessingTimeTrigger are triggers of time
 * windows, which have an end to fire at. */
static enum weir_status check_has_end(const struct weir_window_assigner *assigner,
                                      const char *trigger, struct weir_error *error)
{
    return assigner->kind != WEIR_ASSIGN_GLOBAL
               ? WEIR_OK
               : BAD(error,
                     "%s trigger fires at a window's end, and a global window has none; take a "
                     "count, continuous, delta or end-of-stream trigger",
                     trigger);
}

static enum weir_status check_trigger(const struct weir_trigger *trigger,
                                      const struct weir__window_rules *rules,
                                      struct weir_error *error)
{
    switch (trigger->kind) {
    case WEIR_TRIGGER_COUNT:
        return trigger->count > 0
                   ? WEIR_OK
                   : BAD(error, "count trigger: count is %" PRId64 ", it must be above 0",
                         trigger->count);
    case WEIR_TRIGGER_CONTINUOUS_EVENT_TIME:
    case WEIR_TRIGGER_CONTINUOUS_PROCESSING_TIME:
        return trigger->interval_ms > 0
                   ? WEIR_OK
                   : BAD(error, "continuous trigger: interval %" PRId64 " ms, it must be above 0",
                         trigger->interval_ms);
    case WEIR_TRIGGER_DELTA:
        if (trigger->delta == NULL || isnan(trigger->threshold)) {
            return BAD(error,
                       "a delta trigger needs a delta function and a threshold that is a number");
        }
        return rules->merging
                   ? BAD(error, "a delta trigger cannot be used with session windows: when "
                                "they merge, it would have two events to compare with")
                   : WEIR_OK;
    case WEIR_TRIGGER_CUSTOM:
        return check_custom(trigger->ops, rules->merging, error);
    case WEIR_TRIGGER_EVENT_TIME:
        return check_has_end(&rules->assigner, "an event-time", error);
    case WEIR_TRIGGER_PROCESSING_TIME:
        return check_has_end(&rules->assigner, "a processing-time", error);
    case WEIR_TRIGGER_DEFAULT:
    case WEIR_TRIGGER_END_OF_STREAM:
    case WEIR_TRIGGER_NEVER:
        return WEIR_OK;
    }
    return BAD(error, "unknown kind of trigger (%d)", (int)trigger->kind);
}

static enum weir_status check_evictor(const struct weir_evictor *evictor, struct weir_error *error)
{
    switch (evictor->kind) {
    case WEIR_EVICT_NONE:
        return WEIR_OK;
    case WEIR_EVICT_COUNT:
        return evictor->count >= 0
                   ? WEIR_OK
                   : BAD(error, "count evictor: count is %" PRId64 ", it must not be negative",
                         evictor->count);
    case WEIR_EVICT_TIME:
        return evictor->duration_ms >= 0
                   ? WEIR_OK
                   : BAD(error, "time evictor: duration %" PRId64 " ms, it must not be negative",
                         evictor->duration_ms);
    case WEIR_EVICT_DELTA:
        return evictor->delta != NULL && !isnan(evictor->threshold)
                   ? WEIR_OK
                   : BAD(error,
                         "a delta evictor needs a delta function and a threshold that is a number");
    case WEIR_EVICT_CUSTOM:
        return evictor->ops != NULL &&
                       (evictor->ops->evict_before != NULL || evictor->ops->evict_after != NULL)
                   ? WEIR_OK
                   : BAD(error, "a custom evictor needs its functions (ops): evict_before, "
                                "evict_after or both");
    }
    return BAD(error, "unknown kind of evictor (%d)", (int)evictor->kind);
}

enum weir_status weir__window_config_check(const struct weir_window_config *config,
                                           const struct weir_type *in_type,
                                           struct weir_error *error)
{
    struct weir__window_rules rules = weir__window_rules_of(config);
    enum weir_status status = weir__window_functions_check(config, in_type, error);
    status = status == WEIR_OK ? check_assigner(&config->assigner, error) : status;
    status = status == WEIR_OK ? check_trigger(&config->trigger, &rules, error) : status;
    status = status == WEIR_OK ? check_evictor(&config->evictor, error) : status;
    const char *why = config->path == WEIR_PATH_SLICES ? weir__window_why_not_slices(config) : NULL;
    if (status == WEIR_OK && why != NULL) {
        return BAD(error, "%s; take the path auto or general", why);
    }
    if (status == WEIR_OK && config->allowed_lateness_ms < 0) {
        return BAD(error, "allowed lateness %" PRId64 " ms: it must not be negative",
                   config->allowed_lateness_ms);
    }
    return status;
}

/* ---- the factory ---- */

struct window_factory {
    struct weir__operator_factory factory;
    struct weir_window_config config;
    struct weir__reduce_aggregate reduce; /* what config.aggregate is, when there is a reduce */
};

static const struct weir_window_config *config_of(const struct weir__operator_factory *factory)
{
    return &((const struct window_factory *)factory)->config;
}

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    return weir__window_operator_new(config_of(factory));
}

static const char *assigner_name(enum weir_assigner_kind kind)
{
    switch (kind) {
    case WEIR_ASSIGN_TUMBLING:
        return "tumbling";
    case WEIR_ASSIGN_SLIDING:
        return "sliding";
    case WEIR_ASSIGN_SESSION:
        return "session";
    case WEIR_ASSIGN_DYNAMIC_SESSION:
        return "dynamic-session";
    case WEIR_ASSIGN_GLOBAL:
        return "global";
    }
    return "";
}

static void put_ms(struct weir__buf *json, const char *name, int64_t ms)
{
    weir__buf_printf(json, ",\"%s\":%" PRId64, name, ms);
}

static void describe(const struct weir__operator_factory *factory, struct weir__buf *json)
{
    const struct weir_window_config *config = config_of(factory);
    const struct weir_window_assigner *assigner = &config->assigner;
    struct weir__window_rules rules = weir__window_rules_of(config);
    struct weir__trigger trigger;
    weir__trigger_init(&trigger, &config->trigger, &rules, NULL);
    weir__buf_printf(json, "\"window\":\"%s\",\"domain\":\"%s\"", assigner_name(assigner->kind),
                     assigner->processing_time ? "processing" : "event");
    if (assigner->kind == WEIR_ASSIGN_TUMBLING || assigner->kind == WEIR_ASSIGN_SLIDING) {
        put_ms(json, "size", assigner->size_ms);
        put_ms(json, "offset", assigner->offset_ms);
    }
    if (assigner->kind == WEIR_ASSIGN_SLIDING) {
        put_ms(json, "slide", assigner->slide_ms);
    }
    if (assigner->kind == WEIR_ASSIGN_SESSION) {
        put_ms(json, "gap", assigner->gap_ms);
    }
    put_ms(json, "lateness", rules.lateness_ms);
    char name[64];
    char text[200];
    snprintf(name, sizeof(name), "%s%s", config->trigger.purging ? "purging " : "",
             trigger.ops.name != NULL ? trigger.ops.name : "custom");
    struct weir_str trigger_name = weir_str_from(name);
    weir_value_to_json(&weir_string_type, &trigger_name, text, sizeof(text));
    weir__buf_printf(json, ",\"trigger\":%s,\"late\":\"%s\"", text,
                     config->late_output != NULL ? "side-output" : "dropped");
}

struct weir__operator_factory *weir__window_factory(const struct weir_window_config *config)
{
    struct window_factory *factory = WEIR__NEW(struct window_factory);
    factory->factory = (struct weir__operator_factory){
        .ops = &weir__window_operator_ops,
        .create = create,
        .describe = describe,
        .free = weir__factory_free_plain,
    };
    factory->config = *config;
    if (config->reduce != NULL) {
        weir__reduce_aggregate_init(&factory->reduce, config->reduce);
        factory->config.aggregate = &factory->reduce.aggregate;
    }
    return &factory->factory;
}
