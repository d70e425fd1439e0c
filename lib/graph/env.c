/*
 * <weir/env.h>, except what runs the job: the environment's life, a program's own options, and
 * mistakes.
 */
#include "graph/env.h"

#include "base/mem.h"
#include "graph/restart.h"
#include "types/key.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local weir_env *latest;

weir_env *weir__env_latest(void)
{
    return latest;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

weir_env *weir_env_new(const char *job_name, int argc, char **argv)
{
    weir_env *env = WEIR__NEW(weir_env);
    env->job_name = weir__strdup(job_name != NULL && job_name[0] != '\0' ? job_name : "job");
    bool has_name = argv != NULL && argc > 0 && argv[0] != NULL;
    weir__options_init(&env->options, has_name ? base_name(argv[0]) : env->job_name, argc, argv);
    weir__settings_read(&env->settings, &env->options, env->job_name);
    weir__graph_init(&env->graph);
    env->finishers = WEIR__VEC_OF(struct weir__finisher);
    latest = env;
    return env;
}

void weir_env_free(weir_env *env)
{
    if (env == NULL) {
        return;
    }
    if (env->results_free != NULL) {
        env->results_free(env->results);
    }
    weir__graph_fini(&env->graph);
    weir__settings_fini(&env->settings);
    weir__options_fini(&env->options);
    weir__vec_fini(&env->finishers);
    weir__free(env->job_name);
    if (latest == env) {
        latest = NULL;
    }
    weir__free(env);
}

void weir__env_mistake(weir_env *env, enum weir_status code, const char *where, const char *format,
                       ...)
{
    if (env->error.code != WEIR_OK) {
        return;
    }
    char text[sizeof(env->error.message)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    weir_error_set(&env->error, code, where, "%s", text);
}

const struct weir_error *weir_env_error(const weir_env *env)
{
    return &env->error;
}

/* ---- help ---- */

void weir_env_about(weir_env *env, const char *text)
{
    env->options.about = weir__options_keep(&env->options, text);
}

void weir_env_example(weir_env *env, const char *command)
{
    const char *kept = weir__options_keep(&env->options, command);
    if (kept != NULL) {
        weir__vec_push(&env->options.examples, &kept);
    }
}

/* ---- the program's own options ---- */

int64_t weir_option_duration(weir_env *env, const char *name, int64_t fallback_ms, const char *help)
{
    char fallback[24];
    weir_duration_format(fallback_ms, fallback, sizeof(fallback));
    struct weir__option_value value;
    int64_t ms = fallback_ms;
    if (weir__options_get(
            &env->options,
            &(struct weir__option){name, 0, WEIR__OPTION_VALUE, "D", help, fallback, NULL, true},
            &value)) {
        weir__setting_duration(&env->options, &value, &ms);
    }
    return ms;
}

int64_t weir_option_int(weir_env *env, const char *name, int64_t fallback, int64_t min, int64_t max,
                        const char *help)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)fallback);
    struct weir__option_value value;
    int64_t number = fallback;
    if (weir__options_get(
            &env->options,
            &(struct weir__option){name, 0, WEIR__OPTION_VALUE, "N", help, text, NULL, true},
            &value)) {
        weir__setting_integer(&env->options, &value, min, max, &number);
    }
    return number;
}

const char *weir_option_string(weir_env *env, const char *name, const char *fallback,
                               const char *help)
{
    struct weir__option_value value;
    struct weir__option option = {name, 0, WEIR__OPTION_VALUE, "TEXT", help, fallback, NULL, true};
    return weir__options_get(&env->options, &option, &value) ? value.text : fallback;
}

bool weir_option_flag(weir_env *env, const char *name, const char *help)
{
    struct weir__option_value value;
    struct weir__option option = {name, 0, WEIR__OPTION_FLAG, NULL, help, NULL, NULL, true};
    if (!weir__options_get(&env->options, &option, &value)) {
        return false;
    }
    if (strcmp(value.text, "") == 0 || strcmp(value.text, "true") == 0) {
        return true;
    }
    if (strcmp(value.text, "false") != 0) {
        weir__options_mistake(&env->options, "%s: expected true or false, got \"%.40s\"",
                              value.where, value.text);
    }
    return false;
}

/* ---- settings made by the program ---- */

void weir_env_set_parallelism(weir_env *env, int parallelism)
{
    if (parallelism < 1 || parallelism > WEIR__DEFAULT_MAX_PARALLELISM) {
        weir__env_mistake(env, WEIR_INVALID, NULL, "the job's parallelism must be 1 to %d, got %d",
                          WEIR__DEFAULT_MAX_PARALLELISM, parallelism);
        return;
    }
    weir__setting_integer_default(&env->options, "parallelism", parallelism);
    if (!env->settings.parallelism_given) {
        env->settings.parallelism = parallelism;
    }
}

void weir_env_set_restart(weir_env *env, struct weir_restart_strategy strategy)
{
    struct weir_error error = {0};
    if (weir__restart_check(&strategy, &error) != WEIR_OK) {
        weir__env_mistake(env, error.code, NULL, "restart strategy: %s", error.message);
        return;
    }
    char text[WEIR__RESTART_TEXT];
    weir__restart_format(&strategy, text);
    weir__options_default(&env->options, "restart",
                          strategy.kind != WEIR_RESTART_DEFAULT ? text : NULL);
    if (!env->settings.restart_given) {
        env->settings.restart = strategy;
    }
}

void weir_env_set_checkpoints(weir_env *env, const struct weir_checkpoint_config *config)
{
    if (config->interval_ms < 0 || config->min_pause_ms < 0 || config->timeout_ms < 0 ||
        config->keep < 0) {
        weir__env_mistake(env, WEIR_INVALID, "checkpoints",
                          "interval, pause, timeout and keep must not be negative");
        return;
    }
    weir__checkpoint_options_set(&env->settings.checkpoints, &env->options, config);
}

void weir_env_set_state_backend(weir_env *env, const struct weir_state_backend_config *config)
{
    weir__options_default(&env->options, "state",
                          config->type == WEIR_STATE_BACKEND_ROCKSDB ? "rocksdb" : "heap");
    if (!env->settings.state_backend_given) {
        env->settings.state_backend = *config;
    }
}

void weir_env_set_latency_tracking(weir_env *env, int64_t interval_ms)
{
    if (interval_ms < 0) {
        weir__env_mistake(env, WEIR_INVALID, NULL,
                          "the interval of latency markers must not be negative, got %lld ms",
                          (long long)interval_ms);
        return;
    }
    weir__setting_duration_default(&env->options, "latency-interval", interval_ms);
    if (!env->settings.latency_given) {
        env->settings.latency.interval_ms = interval_ms;
    }
}

void weir_env_set_micro_batch(weir_env *env, int64_t interval_ms)
{
    if (interval_ms < 0) {
        weir__env_mistake(env, WEIR_INVALID, NULL,
                          "the interval of micro-batches must not be negative, got %lld ms",
                          (long long)interval_ms);
        return;
    }
    weir__setting_duration_default(&env->options, "micro-batch", interval_ms);
    if (!env->settings.micro_batch_given) {
        env->settings.micro_batch_ms = interval_ms;
    }
}

void weir_env_set_clock(weir_env *env, const struct weir_clock *clock)
{
    env->clock = clock;
}

void weir_env_fail(weir_env *env)
{
    env->failed = true;
}

void weir_env_on_finish(weir_env *env, void (*finish)(weir_env *env, void *user), void *user)
{
    struct weir__finisher finisher = {finish, user};
    weir__vec_push(&env->finishers, &finisher);
}
