/*
 * Reading the settings of checkpoints.
 */
#include "graph/checkpoint_options.h"

#include "graph/settings.h"

#include <limits.h>

#define DEFAULT_TIMEOUT_MS INT64_C(600000) /* as in Flink: ten minutes */
#define DEFAULT_KEEP       3

enum { INTERVAL, MIN_PAUSE, TIMEOUT, TOLERABLE, KEEP, OPTIONS };

static const struct weir__option numbers[OPTIONS] = {
    [INTERVAL] = {"checkpoint-interval", 0, WEIR__OPTION_VALUE, "D",
                  "take a checkpoint this often; 0: none", "0", "WEIR_CHECKPOINT_INTERVAL", false},
    [MIN_PAUSE] = {"checkpoint-min-pause", 0, WEIR__OPTION_VALUE, "D",
                   "least time from the end of one to the next", "0", NULL, false},
    [TIMEOUT] = {"checkpoint-timeout", 0, WEIR__OPTION_VALUE, "D",
                 "one that takes longer has failed", "10m", NULL, false},
    [TOLERABLE] = {"tolerable-failed-checkpoints", 0, WEIR__OPTION_VALUE, "N",
                   "more in a row fail the job; -1: any number is fine", "-1", NULL, false},
    [KEEP] = {"checkpoint-keep", 0, WEIR__OPTION_VALUE, "N", "how many of the last ones stay", "3",
              NULL, false},
};
static const struct weir__option at_least_once_option = {
    "at-least-once",
    0,
    WEIR__OPTION_FLAG,
    NULL,
    "barriers do not wait for each other; results may be doubled after a failure",
    NULL,
    NULL,
    false};
static const struct weir__option directory_option = {"checkpoint-dir",
                                                     0,
                                                     WEIR__OPTION_VALUE,
                                                     "DIR",
                                                     "where they are kept",
                                                     "checkpoints/JOB",
                                                     NULL,
                                                     false};
static const struct weir__option savepoint_option = {
    "savepoint-dir",
    0,
    WEIR__OPTION_VALUE,
    "DIR",
    "where savepoints go; default: beside the checkpoints",
    NULL,
    NULL,
    false};
static const struct weir__option from_option = {
    "from",
    0,
    WEIR__OPTION_VALUE,
    "PATH",
    "begin with the state of a checkpoint or savepoint; latest, none",
    NULL,
    NULL,
    false};
static const struct weir__option non_restored_option = {
    "allow-non-restored-state",
    0,
    WEIR__OPTION_FLAG,
    NULL,
    "drop the state of operators that are no more",
    NULL,
    NULL,
    false};

static void read_numbers(struct weir__checkpoint_options *checkpoints,
                         struct weir__options *options)
{
    int64_t *const durations[] = {[INTERVAL] = &checkpoints->interval_ms,
                                  [MIN_PAUSE] = &checkpoints->min_pause_ms,
                                  [TIMEOUT] = &checkpoints->timeout_ms};
    struct weir__option_value value;
    for (int i = INTERVAL; i <= TIMEOUT; i++) {
        checkpoints->given[i] = weir__options_get(options, &numbers[i], &value) &&
                                weir__setting_duration(options, &value, durations[i]);
    }
    if (checkpoints->timeout_ms <= 0) {
        weir__options_mistake(options, "--checkpoint-timeout: expected a duration above 0");
    }
    checkpoints->given[TOLERABLE] =
        weir__options_get(options, &numbers[TOLERABLE], &value) &&
        weir__setting_integer(options, &value, -1, INT_MAX, &checkpoints->tolerable_failures);
    int64_t keep = 0;
    if (weir__options_get(options, &numbers[KEEP], &value) &&
        weir__setting_integer(options, &value, 1, INT_MAX, &keep)) {
        checkpoints->keep = (int)keep;
        checkpoints->given[KEEP] = true;
    }
}

void weir__checkpoint_options_read(struct weir__checkpoint_options *checkpoints,
                                   struct weir__options *options)
{
    *checkpoints = (struct weir__checkpoint_options){
        .timeout_ms = DEFAULT_TIMEOUT_MS, .tolerable_failures = -1, .keep = DEFAULT_KEEP};
    read_numbers(checkpoints, options);
    struct weir__option_value value;
    checkpoints->at_least_once = weir__options_get(options, &at_least_once_option, &value);
    if (weir__options_get(options, &directory_option, &value)) {
        checkpoints->directory = value.text;
    }
    if (weir__options_get(options, &savepoint_option, &value)) {
        checkpoints->savepoints = value.text;
    }
    if (weir__options_get(options, &from_option, &value)) {
        checkpoints->from = value.text;
    }
    checkpoints->allow_non_restored = weir__options_get(options, &non_restored_option, &value);
}

/* The help shows the program's wishes as what they are. */
static void show_defaults(struct weir__options *options,
                          const struct weir_checkpoint_config *config)
{
    weir__setting_duration_default(options, numbers[INTERVAL].name, config->interval_ms);
    weir__setting_duration_default(options, numbers[MIN_PAUSE].name, config->min_pause_ms);
    if (config->timeout_ms > 0) {
        weir__setting_duration_default(options, numbers[TIMEOUT].name, config->timeout_ms);
    }
    if (config->limits_failures) {
        weir__setting_integer_default(options, numbers[TOLERABLE].name, config->tolerable_failures);
    }
    if (config->keep > 0) {
        weir__setting_integer_default(options, numbers[KEEP].name, config->keep);
    }
}

void weir__checkpoint_options_set(struct weir__checkpoint_options *checkpoints,
                                  struct weir__options *options,
                                  const struct weir_checkpoint_config *config)
{
    show_defaults(options, config);
    if (!checkpoints->given[INTERVAL]) {
        checkpoints->interval_ms = config->interval_ms;
    }
    if (!checkpoints->given[MIN_PAUSE]) {
        checkpoints->min_pause_ms = config->min_pause_ms;
    }
    if (!checkpoints->given[TIMEOUT] && config->timeout_ms > 0) {
        checkpoints->timeout_ms = config->timeout_ms;
    }
    if (!checkpoints->given[TOLERABLE] && config->limits_failures) {
        checkpoints->tolerable_failures = config->tolerable_failures;
    }
    if (!checkpoints->given[KEEP] && config->keep > 0) {
        checkpoints->keep = config->keep;
    }
    checkpoints->at_least_once = checkpoints->at_least_once || config->at_least_once;
}

bool weir__checkpoint_options_keep(const struct weir__checkpoint_options *checkpoints)
{
    return checkpoints->interval_ms > 0 || checkpoints->from != NULL ||
           checkpoints->savepoints != NULL;
}
