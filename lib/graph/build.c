/*
 * Building the graph: dead streams, checks and new transformations.
 */
#include "graph/build.h"

#include "base/mem.h"

#include <string.h>

weir_env *weir__stream_env(const weir_stream *stream, const char *operator_name)
{
    if (stream != NULL) {
        return stream->env;
    }
    weir_env *env = weir__env_latest();
    if (env != NULL) {
        weir__env_mistake(env, WEIR_INVALID, operator_name, "its input stream is NULL");
    }
    return env;
}

bool weir__stream_check(const weir_stream *in, const char *operator_name,
                        const struct weir_type *in_type)
{
    weir_env *env = weir__stream_env(in, operator_name);
    if (env == NULL || in == NULL || in->edge_count == 0) {
        return false;
    }
    if (in_type != NULL && in_type != in->type) {
        weir__env_mistake(env, WEIR_MISMATCH, operator_name,
                          "it takes %s, but its input is a stream of %s", in_type->name,
                          in->type->name);
        return false;
    }
    return true;
}

bool weir__is_field_of(const struct weir_field *field, const struct weir_type *type)
{
    for (size_t i = 0; i < type->field_count; i++) {
        if (field == &type->fields[i]) {
            return true;
        }
    }
    return false;
}

weir_stream *weir__stream_new(weir_env *env, const struct weir_type *type,
                              const struct weir__edge *edges, size_t count)
{
    if (env == NULL) {
        return NULL;
    }
    /* All are as big as a keyed one, so that either kind of handle may be freed as the other. */
    struct weir_keyed_stream *stream = WEIR__NEW(struct weir_keyed_stream);
    stream->stream = (struct weir_stream){env, type, NULL, count};
    if (count > 0) {
        stream->stream.edges = weir__memdup(edges, count * sizeof(*edges));
    }
    weir__vec_push(&env->graph.streams, &stream);
    return &stream->stream;
}

weir_stream *weir__stream_dead(weir_env *env)
{
    return weir__stream_new(env, NULL, NULL, 0);
}

struct weir__transformation *weir__graph_add(weir_env *env, const weir_stream *in,
                                             const struct weir__step *step)
{
    struct weir__transformation *transformation = WEIR__NEW(struct weir__transformation);
    const char *name =
        step->name != NULL && step->name[0] != '\0' ? step->name : step->factory->ops->kind;
    transformation->id = (int)env->graph.transformations.count + 1;
    transformation->name = weir__strdup(name);
    transformation->factory = step->factory;
    transformation->out_type = step->out_type;
    transformation->chaining = true;
    if (in != NULL) {
        transformation->in_type = in->type;
        transformation->inputs = weir__memdup(in->edges, in->edge_count * sizeof(*in->edges));
        transformation->input_count = in->edge_count;
        transformation->key = in->edges[0].partition == WEIR__HASH ? in->edges[0].key : NULL;
    }
    weir__vec_push(&env->graph.transformations, &transformation);
    return transformation;
}

void weir__transformation_side(struct weir__transformation *transformation, const char *name,
                               const struct weir_type *type)
{
    size_t count = transformation->side_count + 1;
    transformation->sides =
        weir__reallocarray(transformation->sides, count, sizeof(*transformation->sides));
    transformation->sides[transformation->side_count] =
        (struct weir__side){weir__strdup(name), type};
    transformation->side_count = count;
}

void weir__transformation_sides(struct weir__transformation *transformation,
                                const struct weir_output_tag *const *tags)
{
    for (; tags != NULL && *tags != NULL; tags++) {
        weir__transformation_side(transformation, (*tags)->name, (*tags)->type);
    }
}

weir_stream *weir__transformation_stream(weir_env *env, struct weir__transformation *transformation)
{
    struct weir__edge edge = {.from = transformation, .partition = WEIR__FORWARD};
    return weir__stream_new(env, transformation->out_type, &edge, 1);
}
