/*
 * What follows from a window configuration.
 */
#include "window/rules.h"

struct weir__window_rules weir__window_rules_of(const struct weir_window_config *config)
{
    enum weir_assigner_kind kind = config->assigner.kind;
    struct weir__window_rules rules = {
        .assigner = config->assigner,
        .global = kind == WEIR_ASSIGN_GLOBAL,
        .merging = kind == WEIR_ASSIGN_SESSION || kind == WEIR_ASSIGN_DYNAMIC_SESSION,
    };
    rules.event_time = !rules.global && !config->assigner.processing_time;
    rules.lateness_ms = rules.event_time ? config->allowed_lateness_ms : 0;
    return rules;
}
