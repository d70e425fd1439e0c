/*
 * <weir/async.h>: adding the async operator.
 */
#include "operator/async.h"
#include "base/mem.h"
#include "graph/build.h"

/* What is wrong with a configuration; NULL: nothing. */
static const char *wrong(const struct weir_async_config *config)
{
    return config == NULL             ? "its configuration is NULL"
           : config->in_type == NULL  ? "its input type is NULL: say what it takes"
           : config->out_type == NULL ? "its output type is NULL: say what it emits"
           : config->start == NULL    ? "its start function is NULL"
           : config->capacity < 0     ? "its capacity must not be negative"
           : config->timeout_ms < 0   ? "its timeout must not be negative"
                                      : NULL;
}

static char *about(const struct weir_async_config *config)
{
    char timeout[24];
    weir_duration_format(config->timeout_ms, timeout, sizeof(timeout));
    bool limited = config->timeout_ms > 0;
    return weir__asprintf("%s, capacity %d%s%s",
                          config->order == WEIR_ORDERED ? "ordered" : "unordered",
                          config->capacity > 0 ? config->capacity : WEIR__ASYNC_CAPACITY,
                          limited ? ", timeout " : "", limited ? timeout : "");
}

weir_stream *weir_async(weir_stream *in, const struct weir_async_config *config)
{
    bool named = config != NULL && config->name != NULL && config->name[0] != '\0';
    const char *name = named ? config->name : "Async";
    if (!weir__stream_usable(in, name, config != NULL ? config->in_type : NULL)) {
        return weir__stream_dead(in != NULL ? in->env : weir__env_latest());
    }
    const char *mistake = wrong(config);
    if (mistake != NULL) {
        weir__env_mistake(in->env, WEIR_INVALID, name, "%s", mistake);
        return weir__stream_dead(in->env);
    }
    struct weir__step step = {name, weir__async_factory(config), in->type, config->out_type};
    struct weir__transformation *transformation = weir__graph_add(in->env, in, &step);
    transformation->about = about(config);
    return weir__transformation_stream(in->env, transformation);
}
