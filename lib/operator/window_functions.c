/*
 * A window's functions: what they must be like, and how their types follow from each other.
 *
 *     events -> aggregate or reduce -> window function -> out        (one of the two may be missing)
 */
#include "operator/factories.h"
#include "operator/window_operator.h"

#include <string.h>

#define BAD(error, ...) weir_error_set(error, WEIR_INVALID, NULL, __VA_ARGS__)

static enum weir_status check_aggregate(const struct weir_aggregate *aggregate, bool merging,
                                        struct weir_error *error)
{
    const char *name = aggregate->name != NULL ? aggregate->name : "the aggregate";
    if (aggregate->add == NULL || aggregate->result == NULL) {
        return BAD(error, "%s: an aggregate needs the functions add and result", name);
    }
    if (aggregate->accumulator_type == NULL || aggregate->out_type == NULL) {
        return BAD(error, "%s: an aggregate needs accumulator_type and out_type", name);
    }
    if (merging && aggregate->merge == NULL) {
        return BAD(error, "%s: session windows merge, so the aggregate needs a merge function",
                   name);
    }
    return WEIR_OK;
}

static enum weir_status check_reduce(const struct weir_reduce *reduce, struct weir_error *error)
{
    if (reduce->reduce == NULL || reduce->type == NULL) {
        return BAD(error, "%s: a reduce needs its function and a type",
                   reduce->name != NULL ? reduce->name : "the reduce");
    }
    return WEIR_OK;
}

static enum weir_status check_process(const struct weir_window_function *function, bool merging,
                                      struct weir_error *error)
{
    if (function->process == NULL || function->out_type == NULL) {
        return BAD(error, "a window function needs its function (process) and an out_type");
    }
    if (merging && function->window_states != NULL && function->window_states[0] != NULL) {
        return BAD(error,
                   "state '%s' belongs to a window, and session windows merge: which one's would "
                   "stay? Keep it in global_states",
                   function->window_states[0]->name != NULL ? function->window_states[0]->name
                                                            : "");
    }
    return WEIR_OK;
}

static enum weir_status check_taken(const char *who, const struct weir_type *taken,
                                    const char *from, const struct weir_type *given,
                                    struct weir_error *error)
{
    if (taken == given) {
        return WEIR_OK;
    }
    return weir_error_set(error, WEIR_MISMATCH, NULL, "%s takes %s, but %s %s", who,
                          taken != NULL ? taken->name : "nothing", from, given->name);
}

/* Late events, and what a window function sends to the tag of the same name, are of one type. */
static enum weir_status check_late_output(const struct weir_window_config *config,
                                          const struct weir_type *in_type, struct weir_error *error)
{
    const struct weir_output_tag *late = config->late_output;
    if (late == NULL) {
        return WEIR_OK;
    }
    const struct weir_output_tag *const *tag =
        config->process != NULL ? config->process->side_outputs : NULL;
    for (; tag != NULL && *tag != NULL; tag++) {
        if (strcmp((*tag)->name, late->name) == 0 && (*tag)->type != in_type) {
            return weir_error_set(error, WEIR_MISMATCH, NULL,
                                  "side output '%s' has type %s, and late events go there too, "
                                  "which are %s; give it another name",
                                  late->name, (*tag)->type->name, in_type->name);
        }
    }
    if (late->type == NULL || late->type == in_type) {
        return WEIR_OK;
    }
    return weir_error_set(error, WEIR_MISMATCH, NULL,
                          "late output '%s' has type %s; late events are as they came: %s",
                          late->name, late->type->name, in_type->name);
}

/* What is kept of events: first in line for them, before a window function. */
static enum weir_status check_kept(const struct weir_window_config *config, bool merging,
                                   const struct weir_type *in_type, struct weir_error *error)
{
    const struct weir_aggregate *aggregate = config->aggregate;
    const struct weir_reduce *reduce = config->reduce;
    if (aggregate == NULL && reduce == NULL) {
        return WEIR_OK;
    }
    enum weir_status status =
        check_taken("it", aggregate != NULL ? aggregate->in_type : reduce->type,
                    "its input is a stream of", in_type, error);
    if (status != WEIR_OK) {
        return status;
    }
    return aggregate != NULL
               ? check_aggregate(aggregate, merging && config->evictor.kind == WEIR_EVICT_NONE,
                                 error)
               : check_reduce(reduce, error);
}

enum weir_status weir__window_functions_check(const struct weir_window_config *config,
                                              const struct weir_type *in_type,
                                              struct weir_error *error)
{
    bool merging = weir__window_rules_of(config).merging;
    bool keeps_one = config->aggregate != NULL || config->reduce != NULL;
    if (config->aggregate != NULL && config->reduce != NULL) {
        return BAD(error, "it has an aggregate and a reduce: one of them is enough");
    }
    if (!keeps_one && config->process == NULL) {
        return BAD(error, "it needs an aggregate, a reduce or a window function");
    }
    enum weir_status status = check_kept(config, merging, in_type, error);
    if (status == WEIR_OK && config->process != NULL) {
        const struct weir_type *given =
            config->aggregate != NULL ? config->aggregate->out_type : in_type;
        const char *from = config->aggregate != NULL ? "its aggregate gives"
                           : config->reduce != NULL  ? "its reduce gives"
                                                     : "its input is a stream of";
        status = check_taken(keeps_one ? "its window function" : "it", config->process->in_type,
                             from, given, error);
        status = status == WEIR_OK ? check_process(config->process, merging, error) : status;
    }
    return status == WEIR_OK ? check_late_output(config, in_type, error) : status;
}

const struct weir_type *weir__window_out_type(const struct weir_window_config *config)
{
    return config->process != NULL     ? config->process->out_type
           : config->aggregate != NULL ? config->aggregate->out_type
           : config->reduce != NULL    ? config->reduce->type
                                       : NULL;
}
