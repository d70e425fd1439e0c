/*
 * A pattern's configuration: what is wrong with it, and what it says about itself.
 */
#include "base/buf.h"
#include "operator/factories.h"

#include <string.h>

static const struct weir_pattern_step *twin_of(const struct weir_pattern_step *steps, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (strcmp(steps[j].name, steps[i].name) == 0) {
            return &steps[j];
        }
    }
    return NULL;
}

enum weir_status weir__pattern_config_check(const struct weir_pattern_config *config,
                                            struct weir_error *error)
{
    if (config->steps == NULL || config->steps[0].name == NULL) {
        return weir_error_set(error, WEIR_INVALID, NULL, "it needs a step, with a name");
    }
    for (size_t i = 1; config->steps[i].name != NULL; i++) {
        if (twin_of(config->steps, i) != NULL) {
            return weir_error_set(error, WEIR_INVALID, NULL, "two of its steps are named \"%s\"",
                                  config->steps[i].name);
        }
    }
    if (config->within_ms < 0) {
        return weir_error_set(error, WEIR_INVALID, NULL,
                              "the time within which it matches must not be negative");
    }
    return WEIR_OK;
}

static const char *contiguity_text(enum weir_contiguity follows)
{
    switch (follows) {
    case WEIR_NEXT:
        return "next";
    case WEIR_FOLLOWED_BY:
        return "followed by";
    case WEIR_FOLLOWED_BY_ANY:
        return "followed by any";
    }
    return "";
}

static const char *loop_text(enum weir_loop loop)
{
    switch (loop) {
    case WEIR_ONCE:
        return "";
    case WEIR_ONE_OR_MORE:
        return "+";
    case WEIR_ONE_OR_MORE_CONSECUTIVE:
        return "+ consecutive";
    case WEIR_ONE_OR_MORE_COMBINATIONS:
        return "+ combinations";
    }
    return "";
}

char *weir__pattern_about(const struct weir_pattern_config *config)
{
    struct weir__buf text = {0};
    for (const struct weir_pattern_step *step = config->steps; step->name != NULL; step++) {
        weir__buf_printf(&text, "%s%s%s%s%s", step > config->steps ? ", " : "",
                         step > config->steps ? contiguity_text(step->follows) : "",
                         step > config->steps ? " " : "", step->name, loop_text(step->loop));
    }
    if (config->within_ms > 0) {
        char within[24];
        weir_duration_format(config->within_ms, within, sizeof(within));
        weir__buf_printf(&text, ", within %s", within);
    }
    return text.data;
}
