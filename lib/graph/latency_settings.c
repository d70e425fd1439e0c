/*
 * Latency markers: Flink's settings metrics.latency…, from the --config file or -X, and the options
 * of the same.
 */
#include "graph/settings.h"

#include <string.h>

static const struct weir__option interval_option = {
    "latency-interval",
    0,
    WEIR__OPTION_VALUE,
    "D",
    "measure the way to each operator this often; 0: never",
    "0",
    "WEIR_LATENCY_INTERVAL",
    false};
static const struct weir__option granularity_option = {
    "latency-granularity",
    0,
    WEIR__OPTION_VALUE,
    "NAME",
    "what has its own figures: single (an operator), operator (and a source), subtask",
    "operator",
    NULL,
    false};

static void read_interval(struct weir__settings *settings, struct weir__options *options,
                          const struct weir__option_value *value)
{
    settings->latency_given =
        weir__setting_duration(options, value, &settings->latency.interval_ms);
}

static void read_granularity(struct weir__settings *settings, struct weir__options *options,
                             const struct weir__option_value *value)
{
    static const char *const names[] = {"single", "operator", "subtask", NULL};
    settings->latency.granularity = (enum weir__latency_granularity)weir__setting_choice(
        options, value, names, WEIR__LATENCY_OPERATOR);
}

bool weir__setting_latency(struct weir__settings *settings, struct weir__options *options,
                           const char *key, const struct weir__option_value *value)
{
    int64_t history = 0;
    if (strcmp(key, "metrics.latency.interval") == 0) {
        read_interval(settings, options, value);
    } else if (strcmp(key, "metrics.latency.granularity") == 0) {
        read_granularity(settings, options, value);
    } else if (strcmp(key, "metrics.latency.history-size") != 0) {
        return false;
    } else if (weir__setting_integer(options, value, 1, WEIR__LATENCY_LONGEST_HISTORY, &history)) {
        settings->latency.history = (int)history;
    }
    return true;
}

void weir__setting_latency_options(struct weir__settings *settings, struct weir__options *options)
{
    struct weir__option_value value;
    if (weir__options_get(options, &interval_option, &value)) {
        read_interval(settings, options, &value);
    }
    if (weir__options_get(options, &granularity_option, &value)) {
        read_granularity(settings, options, &value);
    }
}
