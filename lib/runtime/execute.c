/*
 * From an env to an exit code.
 */
#include "runtime/execute.h"

#include "base/log.h"
#include "runtime/cluster.h"
#include "runtime/run.h"

#include <stdio.h>

enum { EXIT_FINISHED = 0, EXIT_FAILED = 1, EXIT_MISUSE = 2, EXIT_SIGNAL = 128 };

static void print_error(const weir_env *env)
{
    const struct weir_error *error = &env->error;
    weir__log(WEIR__LOG_ERROR, "%s%s%s", error->where, error->where[0] != '\0' ? ": " : "",
              error->message);
}

static int print_plan(const weir_env *env, const struct weir__plan *plan)
{
    struct weir__buf out = {0};
    switch (env->settings.plan) {
    case WEIR__PLAN_NONE:
    case WEIR__PLAN_TEXT:
        weir__plan_text(plan, &out);
        break;
    case WEIR__PLAN_DOT:
        weir__plan_dot(plan, &out);
        break;
    case WEIR__PLAN_JSON:
        weir__plan_json(plan, &out);
        break;
    }
    bool written = fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    weir__buf_fini(&out);
    return written ? EXIT_FINISHED : EXIT_FAILED;
}

static int run(weir_env *env, struct weir__plan *plan, const struct weir__observer *observer)
{
    int number = 0;
    if (weir__cluster_wanted(env)) {
        weir__cluster_run(env);
        print_error(env);
        return EXIT_MISUSE;
    }
    enum weir__run_end end = weir__run(env, plan, observer, &number);
    if (end == WEIR__RUN_FAILED) {
        print_error(env);
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < env->finishers.count; i++) {
        const struct weir__finisher *finisher = weir__vec_at(&env->finishers, i);
        finisher->finish(env, finisher->user);
    }
    if (number != 0) {
        return EXIT_SIGNAL + number;
    }
    return env->failed ? EXIT_FAILED : EXIT_FINISHED;
}

int weir__execute(weir_env *env, const struct weir__observer *observer)
{
    if (env->settings.help) {
        weir__options_help(&env->options, stdout);
        return fflush(stdout) == 0 ? EXIT_FINISHED : EXIT_FAILED;
    }
    weir__options_check(&env->options);
    if (env->options.error.code != WEIR_OK) {
        env->error =
            env->options
                .error; /* a wrong setting explains a wrong graph, not the other way round */
    }
    if (env->settings.micro_batch_ms > 0 && env->settings.checkpoints.interval_ms > 0) {
        env->settings.checkpoints.interval_ms = env->settings.micro_batch_ms;
    }
    struct weir__plan *plan = weir__plan_new(env);
    if (plan == NULL) {
        print_error(env);
        return EXIT_MISUSE;
    }
    int code =
        env->settings.plan != WEIR__PLAN_NONE ? print_plan(env, plan) : run(env, plan, observer);
    weir__plan_free(plan);
    return code;
}
