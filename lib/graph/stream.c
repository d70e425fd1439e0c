/*
 * <weir/stream.h>: the functions that add operators.
 */
#include "graph/build.h"

#include "base/mem.h"

#include <string.h>

static const char *or_kind(const char *name, const char *kind)
{
    return name != NULL && name[0] != '\0' ? name : kind;
}

/* ---- sources and sinks: taken, whatever happens ---- */

/* Called before the source is handed over. */
static void check_settings(weir_env *env, const weir_source *source, const char *name)
{
    struct weir_error error = {0};
    if (source->ops->check != NULL &&
        source->ops->check(source->config, (const char *const *)env->settings.properties.items,
                           &error) != WEIR_OK) {
        weir__env_mistake(env, error.code, name, "%s%s%s", error.where,
                          error.where[0] != '\0' ? ": " : "", error.message);
    }
}

weir_stream *weir_from_source(weir_env *env, weir_source *source)
{
    if (env == NULL || source == NULL) {
        if (source != NULL) {
            struct weir__operator_factory *factory = weir__source_factory(source);
            factory->free(factory);
        } else if (env != NULL) {
            weir__env_mistake(env, WEIR_INVALID, "Source", "its source is NULL");
        }
        return weir__stream_dead(env);
    }
    const struct weir_type *type = source->type;
    int max_parallelism = source->max_parallelism;
    const char *name = or_kind(source->name, source->ops->kind);
    struct weir__step step = {name, NULL, NULL, type};
    check_settings(env, source, name);
    step.factory = weir__source_factory(source);
    struct weir__transformation *transformation = weir__graph_add(env, NULL, &step);
    transformation->max_parallelism = max_parallelism;
    weir__transformation_side(transformation, weir_dead_letters.name, weir_dead_letters.type);
    if (type == NULL) {
        weir__env_mistake(env, WEIR_INVALID, name, "the source does not say which type it emits");
        return weir__stream_dead(env);
    }
    return weir__transformation_stream(env, transformation);
}

void weir_sink_to(weir_stream *in, weir_sink *sink)
{
    const char *name = sink != NULL ? or_kind(sink->name, sink->ops->kind) : "Sink";
    const struct weir_type *type = sink != NULL ? sink->type : NULL;
    bool usable = weir__stream_usable(in, name, type);
    if (sink == NULL) {
        if (usable) {
            weir__env_mistake(in->env, WEIR_INVALID, name, "its sink is NULL");
        }
        return;
    }
    struct weir__operator_factory *factory = weir__sink_factory(sink);
    if (!usable) {
        factory->free(factory);
        return;
    }
    weir__graph_add(in->env, in, &(struct weir__step){name, factory, type, NULL});
}

/* ---- one stream in, one out ---- */

/* True when the function and the type that a step needs are there. */
static bool is_complete(weir_stream *in, const char *name, bool has_function, const char *function,
                        bool has_type)
{
    weir_env *env = weir__stream_env(in, name);
    if (env != NULL && !has_function) {
        weir__env_mistake(env, WEIR_INVALID, name, "its %s is NULL", function);
    } else if (env != NULL && !has_type) {
        weir__env_mistake(env, WEIR_INVALID, name,
                          "its output type is NULL: say which type it emits");
    }
    return env != NULL && has_function && has_type;
}

static weir_stream *dead_end(const weir_stream *in)
{
    return weir__stream_dead(in != NULL ? in->env : weir__env_latest());
}

weir_stream *weir_filter(weir_stream *in, const char *name,
                         bool (*predicate)(const void *value, void *user), void *user)
{
    name = or_kind(name, "Filter");
    if (!weir__stream_usable(in, name, NULL) ||
        !is_complete(in, name, predicate != NULL, "predicate", true)) {
        return dead_end(in);
    }
    struct weir__step step = {name, weir__filter_factory(predicate, user), NULL, in->type};
    return weir__transformation_stream(in->env, weir__graph_add(in->env, in, &step));
}

weir_stream *weir_map(weir_stream *in, const char *name, const struct weir_type *out_type,
                      void (*map)(const void *value, void *out, void *user), void *user)
{
    name = or_kind(name, "Map");
    if (!weir__stream_usable(in, name, NULL) ||
        !is_complete(in, name, map != NULL, "function", out_type != NULL)) {
        return dead_end(in);
    }
    struct weir__step step = {name, weir__map_factory(map, user), NULL, out_type};
    return weir__transformation_stream(in->env, weir__graph_add(in->env, in, &step));
}

weir_stream *weir_flat_map(weir_stream *in, const char *name, const struct weir_type *out_type,
                           void (*flat_map)(const void *value, weir_collector *out, void *user),
                           void *user)
{
    name = or_kind(name, "FlatMap");
    if (!weir__stream_usable(in, name, NULL) ||
        !is_complete(in, name, flat_map != NULL, "function", out_type != NULL)) {
        return dead_end(in);
    }
    struct weir__step step = {name, weir__flat_map_factory(flat_map, user), NULL, out_type};
    return weir__transformation_stream(in->env, weir__graph_add(in->env, in, &step));
}

static weir_stream *process(weir_stream *in, const struct weir_process_function *function,
                            bool keyed)
{
    const char *name =
        or_kind(function != NULL ? function->name : NULL, keyed ? "KeyedProcess" : "Process");
    const struct weir_type *in_type = function != NULL ? function->in_type : NULL;
    const struct weir_type *out_type = function != NULL ? function->out_type : NULL;
    if (!weir__stream_usable(in, name, in_type) ||
        !is_complete(in, name, function != NULL && function->process != NULL, "process function",
                     out_type != NULL)) {
        return dead_end(in);
    }
    bool has_states = function->states != NULL && function->states[0] != NULL;
    if (!keyed && (has_states || function->on_timer != NULL)) {
        weir__env_mistake(in->env, WEIR_INVALID, name,
                          "%s need a key: use weir_keyed_process on a stream from weir_key_by",
                          has_states ? "states" : "timers");
        return dead_end(in);
    }
    struct weir__step step = {name, weir__process_factory(function, keyed), in_type, out_type};
    struct weir__transformation *transformation = weir__graph_add(in->env, in, &step);
    weir__transformation_sides(transformation, function->side_outputs);
    return weir__transformation_stream(in->env, transformation);
}

weir_stream *weir_process(weir_stream *in, const struct weir_process_function *function)
{
    return process(in, function, false);
}

weir_stream *weir_keyed_process(weir_keyed_stream *in, const struct weir_process_function *function)
{
    return process(in != NULL ? &in->stream : NULL, function, true);
}

/* ---- time ---- */

/* What is wrong with a strategy; NULL: nothing. */
static const char *wrong_strategy(const struct weir_watermark_strategy *strategy)
{
    const char *group = strategy->alignment_group;
    return strategy->bound_ms < 0             ? "the bound must not be negative"
           : strategy->idle_timeout_ms < 0    ? "the idle timeout must not be negative"
           : strategy->max_future_skew_ms < 0 ? "the future skew must not be negative"
           : strategy->kind == WEIR_WATERMARK_PUNCTUATED && strategy->punctuated == NULL
               ? "a punctuated strategy needs its function"
           : group != NULL && group[0] == '\0'   ? "the group that it is aligned with has no name"
           : strategy->max_drift_ms < 0          ? "the drift must not be negative"
           : strategy->alignment_interval_ms < 0 ? "the update interval must not be negative"
                                                 : NULL;
}

weir_stream *weir_assign_watermarks(weir_stream *in, struct weir_watermark_strategy strategy,
                                    const struct weir_field *timestamp)
{
    static const char name[] = "Watermarks";
    if (!weir__stream_usable(in, name, NULL)) {
        return dead_end(in);
    }
    if (timestamp != NULL && !weir__is_field_of(timestamp, in->type)) {
        weir__env_mistake(in->env, WEIR_MISMATCH, name,
                          "the timestamp field %s is not one of %s, which comes in",
                          timestamp->name, in->type->name);
        return dead_end(in);
    }
    if (timestamp != NULL && timestamp->kind != WEIR_KIND_INT64) {
        weir__env_mistake(in->env, WEIR_MISMATCH, name,
                          "the timestamp field %s.%s must be an int64 (epoch ms)", in->type->name,
                          timestamp->name);
        return dead_end(in);
    }
    if (timestamp != NULL && strategy.kind == WEIR_WATERMARK_INGESTION) {
        weir__env_mistake(in->env, WEIR_INVALID, name,
                          "ingestion time comes from the clock, not from the field %s: give NULL",
                          timestamp->name);
        return dead_end(in);
    }
    const char *wrong = wrong_strategy(&strategy);
    if (wrong != NULL) {
        weir__env_mistake(in->env, WEIR_INVALID, name, "%s", wrong);
        return dead_end(in);
    }
    struct weir__step step = {name, weir__watermark_factory(strategy, timestamp), NULL, in->type};
    struct weir__transformation *transformation = weir__graph_add(in->env, in, &step);
    transformation->aligned = strategy.alignment_group != NULL;
    transformation->about = weir__describe_watermarks(&strategy, timestamp);
    return weir__transformation_stream(in->env, transformation);
}

/* ---- windows ---- */

static const char *window_name(const struct weir_window_config *config)
{
    const char *given = config == NULL              ? NULL
                        : config->name != NULL      ? config->name
                        : config->aggregate != NULL ? config->aggregate->name
                        : config->reduce != NULL    ? config->reduce->name
                                                    : NULL;
    return or_kind(given, "Window");
}

weir_stream *weir_window(weir_keyed_stream *keyed, const struct weir_window_config *config)
{
    weir_stream *in = keyed != NULL ? &keyed->stream : NULL;
    const char *name = window_name(config);
    if (!weir__stream_usable(in, name, NULL) ||
        !is_complete(in, name, config != NULL, "configuration", true)) {
        return dead_end(in);
    }
    struct weir_error error = {0};
    if (weir__window_config_check(config, in->type, &error) != WEIR_OK) {
        weir__env_mistake(in->env, error.code, name, "%s", error.message);
        return dead_end(in);
    }
    struct weir__step step = {name, weir__window_factory(config), in->type,
                              weir__window_out_type(config)};
    struct weir__transformation *transformation = weir__graph_add(in->env, in, &step);
    if (config->late_output != NULL) {
        weir__transformation_side(transformation, config->late_output->name, in->type);
    }
    if (config->process != NULL) {
        weir__transformation_sides(transformation, config->process->side_outputs);
    }
    transformation->about = weir__describe_window(config);
    return weir__transformation_stream(in->env, transformation);
}

weir_stream *weir_window_reduce(weir_keyed_stream *in, struct weir_window_assigner assigner,
                                const struct weir_reduce *reduce)
{
    return weir_window(in, &(struct weir_window_config){.assigner = assigner, .reduce = reduce});
}

weir_stream *weir_window_aggregate(weir_keyed_stream *in, struct weir_window_assigner assigner,
                                   const struct weir_aggregate *aggregate)
{
    return weir_window(in,
                       &(struct weir_window_config){.assigner = assigner, .aggregate = aggregate});
}
