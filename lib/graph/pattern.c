/*
 * <weir/pattern.h>: adding the pattern operator.
 */
#include "graph/build.h"

/* True when everything is there that the operator needs; keeps the mistake. */
static bool is_complete(weir_env *env, const char *name, const struct weir_pattern_config *config)
{
    const char *missing = config == NULL             ? "its configuration is NULL"
                          : config->in_type == NULL  ? "its input type is NULL: say what it takes"
                          : config->out_type == NULL ? "its output type is NULL: say what it emits"
                          : config->match == NULL    ? "its match function is NULL"
                                                     : NULL;
    if (missing != NULL) {
        weir__env_mistake(env, WEIR_INVALID, name, "%s", missing);
    }
    return missing == NULL;
}

weir_stream *weir_pattern(weir_keyed_stream *keyed, const struct weir_pattern_config *config)
{
    weir_stream *in = keyed != NULL ? &keyed->stream : NULL;
    bool named = config != NULL && config->name != NULL && config->name[0] != '\0';
    const char *name = named ? config->name : "Pattern";
    if (!weir__stream_usable(in, name, config != NULL ? config->in_type : NULL) ||
        !is_complete(in->env, name, config)) {
        return weir__stream_dead(in != NULL ? in->env : weir__env_latest());
    }
    struct weir_error error = {0};
    if (weir__pattern_config_check(config, &error) != WEIR_OK) {
        weir__env_mistake(in->env, error.code, name, "%s", error.message);
        return weir__stream_dead(in->env);
    }
    struct weir__step step = {name, weir__pattern_factory(config), in->type, config->out_type};
    struct weir__transformation *transformation = weir__graph_add(in->env, in, &step);
    weir__transformation_sides(transformation, config->side_outputs);
    if (config->late_output != NULL) {
        weir__transformation_side(transformation, config->late_output->name, in->type);
    }
    transformation->about = weir__pattern_about(config);
    return weir__transformation_stream(in->env, transformation);
}
