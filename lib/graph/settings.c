/*
 * The settings of every job.
 */
#include "graph/settings.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/properties.h"
#include "graph/restart.h"
#include "types/key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

bool weir__setting_integer(struct weir__options *options, const struct weir__option_value *value,
                           int64_t min, int64_t max, int64_t *number)
{
    char *end = NULL;
    errno = 0;
    long long parsed = strtoll(value->text, &end, 10);
    if (end == value->text || *end != '\0' || errno != 0 || parsed < min || parsed > max) {
        weir__options_mistake(options, "%s: expected an integer from %lld to %lld, got \"%.40s\"",
                              value->where, (long long)min, (long long)max, value->text);
        return false;
    }
    *number = parsed;
    return true;
}

bool weir__setting_duration(struct weir__options *options, const struct weir__option_value *value,
                            int64_t *ms)
{
    struct weir_error error = {0};
    int64_t parsed = 0;
    if (weir_duration_parse(value->text, &parsed, &error) != WEIR_OK) {
        weir__options_mistake(options, "%s: %s", value->where, error.message);
        return false;
    }
    if (parsed < 0) {
        weir__options_mistake(options, "%s: a duration must not be negative, got \"%.40s\"",
                              value->where, value->text);
        return false;
    }
    *ms = parsed;
    return true;
}

void weir__setting_integer_default(struct weir__options *options, const char *name, int64_t number)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)number);
    weir__options_default(options, name, text);
}

void weir__setting_duration_default(struct weir__options *options, const char *name, int64_t ms)
{
    char text[24];
    weir_duration_format(ms, text, sizeof(text));
    weir__options_default(options, name, ms == 0 ? "0" : text);
}

int weir__setting_choice(struct weir__options *options, const struct weir__option_value *value,
                         const char *const *names, int fallback)
{
    struct weir__buf known = {0};
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(value->text, names[i]) == 0) {
            weir__buf_fini(&known);
            return i;
        }
        weir__buf_printf(&known, "%s%s", i > 0 ? " or " : "", names[i]);
    }
    weir__options_mistake(options, "%s: expected %s, got \"%.40s\"", value->where, known.data,
                          value->text);
    weir__buf_fini(&known);
    return fallback;
}

/* ---- Kafka client properties ---- */

/* A setting of the job, or a client property. */
static void read_property(struct weir__settings *settings, struct weir__options *options,
                          const char *key, const struct weir__option_value *value)
{
    if (!weir__setting_state(settings, options, key, value) &&
        !weir__setting_latency(settings, options, key, value)) {
        weir__property_list_set(&settings->properties, key, strlen(key), value->text);
    }
}

static void read_config(struct weir__settings *settings, struct weir__options *options)
{
    const struct weir__option_line *line;
    for (size_t at = 0; (line = weir__options_next_property(options, &at)) != NULL;) {
        struct weir__option_value value = {.text = line->value};
        snprintf(value.where, sizeof(value.where), "%.80s:%d", options->file_name, line->number);
        read_property(settings, options, line->key, &value);
    }
}

/* -F: every line is a property, with or without a dot. */
static void read_property_files(struct weir__settings *settings, struct weir__options *options)
{
    static const struct weir__option file = {.letter = 'F',
                                             .arity = WEIR__OPTION_VALUE,
                                             .placeholder = "FILE",
                                             .help = "lines key=value, each as with -X: for "
                                                     "passwords, which -X would show to everybody"};
    const char *path;
    for (int at = 0; (path = weir__options_next(options, &file, &at)) != NULL;) {
        struct weir__vec properties;
        weir__options_read_properties(options, "-F", path, &properties);
        for (size_t i = 0; i < properties.count; i++) {
            const struct weir__property *property = weir__vec_at(&properties, i);
            struct weir__option_value value = {.text = property->value};
            snprintf(value.where, sizeof(value.where), "%.80s:%d", path, property->line);
            read_property(settings, options, property->key, &value);
        }
        weir__vec_fini(&properties);
    }
}

static void read_given_properties(struct weir__settings *settings, struct weir__options *options)
{
    static const struct weir__option property = {
        .letter = 'X',
        .arity = WEIR__OPTION_VALUE,
        .placeholder = "key=value",
        .help =
            "a Kafka client property, as librdkafka names it, or state.backend…, metrics.latency…, "
            "scan.startup… or s3.…"};
    const char *text;
    for (int at = 0; (text = weir__options_next(options, &property, &at)) != NULL;) {
        const char *equals = strchr(text, '=');
        if (equals == NULL || equals == text) {
            weir__options_mistake(options, "-X: expected key=value, got \"%.80s\"", text);
            continue;
        }
        char *key = weir__asprintf("%.*s", (int)(equals - text), text);
        struct weir__option_value value = {.text = equals + 1, .where = "-X"};
        read_property(settings, options, key, &value);
        weir__free(key);
    }
}

/* Weakest first: the job's name, the --config file, the environment, -F, -X. */
static void read_properties(struct weir__settings *settings, struct weir__options *options,
                            const char *job_name)
{
    weir__property_list_set(&settings->properties, "client.id", strlen("client.id"), job_name);
    read_config(settings, options);
    const char *group = getenv("CONSUMER_GROUP");
    if (group != NULL && group[0] != '\0') {
        weir__property_list_set(&settings->properties, "group.id", strlen("group.id"), group);
    }
    read_property_files(settings, options);
    read_given_properties(settings, options);
    weir__property_list_end(&settings->properties);
}

/* ---- all of them ---- */

static const struct weir__option config_option = {
    "config",
    0,
    WEIR__OPTION_VALUE,
    "FILE",
    "lines key=value for any of these, and client properties",
    NULL,
    NULL,
    false};
static const struct weir__option brokers_option = {
    "brokers",       'b',  WEIR__OPTION_VALUE, "HOST:PORT,...", "Kafka brokers", "127.0.0.1:9092",
    "KAFKA_BROKERS", false};
static const struct weir__option parallelism_option = {
    "parallelism",      'p',  WEIR__OPTION_VALUE, "N", "subtasks of each operator, 1 to 128", "1",
    "WEIR_PARALLELISM", false};
static const struct weir__option duration_option = {
    "duration", 0,    WEIR__OPTION_VALUE, "D", "stop the sources after this long, and finish", NULL,
    NULL,       false};
static const struct weir__option stop_idle_option = {
    "stop-idle",
    0,
    WEIR__OPTION_VALUE,
    "D",
    "stop when nothing came for this long, and finish",
    NULL,
    NULL,
    false};
static const struct weir__option scheduler_option = {
    "scheduler",
    0,
    WEIR__OPTION_VALUE,
    "NAME",
    "threads, or simulation: one thread, repeatable",
    "threads",
    NULL,
    false};
static const struct weir__option seed_option = {
    "seed", 0,    WEIR__OPTION_VALUE, "N", "order of the simulation, and what operators draw", "1",
    NULL,   false};
static const struct weir__option buffer_timeout_option = {
    "buffer-timeout",
    0,
    WEIR__OPTION_VALUE,
    "D",
    "longest wait of a half-full buffer; 0: none waits",
    "100ms",
    NULL,
    false};
static const struct weir__option micro_batch_option = {
    "micro-batch",
    0,
    WEIR__OPTION_VALUE,
    "D",
    "hold events, and process those of each D at once; 0: each as it comes",
    "0",
    NULL,
    false};
static const struct weir__option restart_option = {
    "restart",
    0,
    WEIR__OPTION_VALUE,
    "STRATEGY",
    "after a failure: none, fixed-delay:3,10s, exponential-delay, failure-rate:3,2h,4m",
    NULL,
    NULL,
    false};
static const struct weir__option cluster_option = {
    "cluster",
    0,
    WEIR__OPTION_FLAG,
    NULL,
    "run in a process of its own, which is started again when it dies",
    NULL,
    NULL,
    false};
static const struct weir__option trace_option = {
    "trace",
    0,
    WEIR__OPTION_VALUE,
    "FILE",
    "write the trace that `weir viz` shows; -, unix:PATH",
    NULL,
    NULL,
    false};
static const struct weir__option plan_option = {
    "plan", 0,    WEIR__OPTION_OPTIONAL, "text|dot|json", "print the plan and exit", NULL,
    NULL,   false};
static const struct weir__option help_option = {
    "help", 'h', WEIR__OPTION_FLAG, NULL, "this text", NULL, NULL, false};

static void read_times(struct weir__settings *settings, struct weir__options *options)
{
    struct weir__option_value value;
    if (weir__options_get(options, &duration_option, &value)) {
        weir__setting_duration(options, &value, &settings->duration_ms);
    }
    if (weir__options_get(options, &stop_idle_option, &value)) {
        weir__setting_duration(options, &value, &settings->stop_idle_ms);
    }
    if (weir__options_get(options, &buffer_timeout_option, &value)) {
        weir__setting_duration(options, &value, &settings->buffer_timeout_ms);
    }
    settings->micro_batch_given =
        weir__options_get(options, &micro_batch_option, &value) &&
        weir__setting_duration(options, &value, &settings->micro_batch_ms);
}

static void read_running(struct weir__settings *settings, struct weir__options *options)
{
    static const char *const schedulers[] = {"threads", "simulation", NULL};
    static const char *const plans[] = {"text", "dot", "json", NULL};
    struct weir__option_value value;
    int64_t number = 0;
    if (weir__options_get(options, &scheduler_option, &value)) {
        settings->scheduler =
            (enum weir__scheduler)weir__setting_choice(options, &value, schedulers, WEIR__THREADS);
    }
    if (weir__options_get(options, &seed_option, &value) &&
        weir__setting_integer(options, &value, 0, INT64_MAX, &number)) {
        settings->seed = (uint64_t)number;
    }
    struct weir_error error = {0};
    if (weir__options_get(options, &restart_option, &value)) {
        settings->restart_given = true;
        if (weir__restart_parse(value.text, &settings->restart, &error) != WEIR_OK) {
            weir__options_mistake(options, "%s: %s", value.where, error.message);
        }
    }
    settings->cluster = weir__options_get(options, &cluster_option, &value);
    if (weir__options_get(options, &trace_option, &value)) {
        settings->trace = value.text;
    }
    if (weir__options_get(options, &plan_option, &value)) {
        value.text = value.text[0] == '\0' ? "text" : value.text;
        settings->plan = (enum weir__plan_format)(WEIR__PLAN_TEXT +
                                                  weir__setting_choice(options, &value, plans, 0));
    }
    settings->help = weir__options_get(options, &help_option, &value);
}

void weir__settings_read(struct weir__settings *settings, struct weir__options *options,
                         const char *job_name)
{
    *settings = (struct weir__settings){
        .parallelism = 1,
        .seed = 1,
        .buffer_timeout_ms = 100,
        .brokers = brokers_option.fallback,
        .latency = {.granularity = WEIR__LATENCY_OPERATOR, .history = WEIR__LATENCY_HISTORY},
        .properties = WEIR__PROPERTY_LIST,
    };
    struct weir__option_value value;
    if (weir__options_get(options, &config_option, &value)) {
        weir__options_load(options, value.text);
    }
    if (weir__options_get(options, &brokers_option, &value)) {
        settings->brokers = value.text;
    }
    int64_t number = 0;
    if (weir__options_get(options, &parallelism_option, &value) &&
        weir__setting_integer(options, &value, 1, WEIR__DEFAULT_MAX_PARALLELISM, &number)) {
        settings->parallelism = (int)number;
        settings->parallelism_given = true;
    }
    weir__checkpoint_options_read(&settings->checkpoints, options);
    read_times(settings, options);
    read_running(settings, options);
    weir__setting_watch(settings, options);
    read_properties(settings, options, job_name);
    weir__setting_state_option(settings, options);
    weir__setting_latency_options(settings, options);
}

void weir__settings_fini(struct weir__settings *settings)
{
    weir__property_list_fini(&settings->properties);
}
