/*
 * <weir/stream.h>: the functions that add no operator, but say how records reach the next one, and
 * the settings of operators.
 */
#include "graph/build.h"

#include "base/mem.h"
#include "types/key.h"

#include <string.h>

/* A copy of the stream with another partitioning; dead when it is dead. */
static weir_stream *repartition(weir_stream *in, enum weir__partition partition,
                                const struct weir_field *key)
{
    weir_stream *out = weir__stream_new(in->env, in->type, in->edges, in->edge_count);
    for (size_t i = 0; i < out->edge_count; i++) {
        out->edges[i].partition = partition;
        out->edges[i].key = key;
        out->edges[i].choose = NULL;
        out->edges[i].choose_user = NULL;
    }
    return out;
}

/* ---- keys ---- */

/* The field that a stream of plain scalars is keyed by: the value itself. */
static const struct weir_field *whole_value(const struct weir_type *type)
{
    static const struct weir_field string = {"value", "value", WEIR_KIND_STRING, false, 0, NULL};
    static const struct weir_field integer = {"value", "value", WEIR_KIND_INT64, false, 0, NULL};
    static const struct weir_field boolean = {"value", "value", WEIR_KIND_BOOL, false, 0, NULL};
    return type->kind == WEIR_KIND_STRING  ? &string
           : type->kind == WEIR_KIND_INT64 ? &integer
           : type->kind == WEIR_KIND_BOOL  ? &boolean
                                           : NULL;
}

/* The field to use as the key, or NULL with a mistake. */
static const struct weir_field *key_field(const weir_stream *in, const struct weir_field *key)
{
    static const char name[] = "key_by";
    const struct weir_field *field = key != NULL ? key : whole_value(in->type);
    if (field == NULL) {
        weir__env_mistake(in->env, WEIR_INVALID, name,
                          "its key field is NULL: say which field of %s", in->type->name);
        return NULL;
    }
    if (key != NULL && !weir__is_field_of(key, in->type)) {
        weir__env_mistake(in->env, WEIR_MISMATCH, name,
                          "the key field %s is not one of %s, which comes in", field->name,
                          in->type->name);
        return NULL;
    }
    if (field->kind != WEIR_KIND_STRING && field->kind != WEIR_KIND_INT64 &&
        field->kind != WEIR_KIND_BOOL) {
        weir__env_mistake(in->env, WEIR_MISMATCH, name,
                          "the key %s.%s must be a string, an int64 or a boolean", in->type->name,
                          field->name);
        return NULL;
    }
    return field;
}

weir_keyed_stream *weir_key_by(weir_stream *in, const struct weir_field *key)
{
    const struct weir_field *field =
        weir__stream_usable(in, "key_by", NULL) ? key_field(in, key) : NULL;
    weir_stream *out = field != NULL ? repartition(in, WEIR__HASH, field)
                                     : weir__stream_dead(in != NULL ? in->env : weir__env_latest());
    return (weir_keyed_stream *)out;
}

static weir_stream *spread(weir_stream *in, enum weir__partition partition)
{
    if (!weir__stream_usable(in, weir__partition_name(partition), NULL)) {
        return weir__stream_dead(in != NULL ? in->env : weir__env_latest());
    }
    return repartition(in, partition, NULL);
}

weir_stream *weir_rebalance(weir_stream *in)
{
    return spread(in, WEIR__REBALANCE);
}

weir_stream *weir_broadcast(weir_stream *in)
{
    return spread(in, WEIR__BROADCAST);
}

weir_stream *weir_rescale(weir_stream *in)
{
    return spread(in, WEIR__RESCALE);
}

weir_stream *weir_partition_custom(weir_stream *in,
                                   int (*choose)(const void *value, int subtasks, void *user),
                                   void *user)
{
    weir_stream *out = spread(in, WEIR__CUSTOM);
    if (in != NULL && out != NULL && out->edge_count > 0 && choose == NULL) {
        weir__env_mistake(in->env, WEIR_INVALID, "custom", "its partitioner is NULL");
        return weir__stream_dead(in->env);
    }
    for (size_t i = 0; out != NULL && i < out->edge_count; i++) {
        out->edges[i].choose = choose;
        out->edges[i].choose_user = user;
    }
    return out;
}

/* ---- several streams ---- */

weir_stream *weir_union(weir_stream *a, weir_stream *b)
{
    bool usable = weir__stream_usable(a, "union", NULL) && weir__stream_usable(b, "union", NULL);
    weir_env *env = a != NULL ? a->env : b != NULL ? b->env : weir__env_latest();
    if (!usable) {
        return weir__stream_dead(env);
    }
    if (a->env != b->env) {
        weir__env_mistake(env, WEIR_INVALID, "union", "its streams belong to two different jobs");
        return weir__stream_dead(env);
    }
    if (a->type != b->type) {
        weir__env_mistake(env, WEIR_MISMATCH, "union",
                          "its streams have different types: %s and %s", a->type->name,
                          b->type->name);
        return weir__stream_dead(env);
    }
    weir_stream *both = weir__stream_new(env, a->type, a->edges, a->edge_count);
    both->edge_count += b->edge_count;
    both->edges = weir__reallocarray(both->edges, both->edge_count, sizeof(*both->edges));
    memcpy(both->edges + a->edge_count, b->edges, b->edge_count * sizeof(*b->edges));
    return both;
}

static const struct weir__side *find_side(const struct weir__transformation *from, const char *name)
{
    for (size_t i = 0; i < from->side_count; i++) {
        if (strcmp(from->sides[i].name, name) == 0) {
            return &from->sides[i];
        }
    }
    return NULL;
}

/* The side of the operator behind `of`, or NULL with a mistake. */
static const struct weir__side *side_of(const weir_stream *of, const struct weir_output_tag *tag)
{
    if (tag == NULL || tag->name == NULL || tag->type == NULL) {
        weir__env_mistake(of->env, WEIR_INVALID, "side output",
                          "its tag is NULL, or has no name or no type");
        return NULL;
    }
    if (of->edge_count != 1) {
        weir__env_mistake(
            of->env, WEIR_INVALID, "side output",
            "\"%s\" was asked of a union, which has no side outputs: ask the operators before it",
            tag->name);
        return NULL;
    }
    const struct weir__transformation *from = of->edges[0].from;
    const struct weir__side *side = find_side(from, tag->name);
    if (side == NULL) {
        weir__env_mistake(of->env, WEIR_NOT_FOUND, from->name, "it has no side output \"%s\"%s%s%s",
                          tag->name, from->side_count > 0 ? "; it has \"" : "",
                          from->side_count > 0 ? from->sides[from->side_count - 1].name : "",
                          from->side_count > 0 ? "\"" : "");
        return NULL;
    }
    if (side->type != tag->type) {
        weir__env_mistake(of->env, WEIR_MISMATCH, from->name,
                          "its side output \"%s\" carries %s, not %s", tag->name, side->type->name,
                          tag->type->name);
        return NULL;
    }
    return side;
}

weir_stream *weir_side_output(weir_stream *of, const struct weir_output_tag *tag)
{
    const struct weir__side *side =
        weir__stream_usable(of, "side output", NULL) ? side_of(of, tag) : NULL;
    if (side == NULL) {
        return weir__stream_dead(of != NULL ? of->env : weir__env_latest());
    }
    struct weir__edge edge = {
        .from = of->edges[0].from, .tag = side->name, .partition = WEIR__FORWARD};
    return weir__stream_new(of->env, side->type, &edge, 1);
}

/* ---- settings of the operator behind a stream ---- */

static struct weir__transformation *setting_target(const weir_stream *stream, const char *setting)
{
    if (!weir__stream_usable(stream, setting, NULL)) {
        return NULL;
    }
    if (stream->edge_count != 1) {
        weir__env_mistake(stream->env, WEIR_INVALID, setting,
                          "a union is no operator of its own, so it has no settings");
        return NULL;
    }
    return stream->edges[0].from;
}

weir_stream *weir_set_parallelism(weir_stream *stream, int parallelism)
{
    struct weir__transformation *target = setting_target(stream, "set_parallelism");
    if (target == NULL) {
        return stream;
    }
    int max = target->max_parallelism > 0 ? target->max_parallelism : WEIR__DEFAULT_MAX_PARALLELISM;
    if (parallelism < 1 || parallelism > max) {
        weir__env_mistake(stream->env, WEIR_INVALID, target->name,
                          "its parallelism must be 1 to %d, got %d", max, parallelism);
        return stream;
    }
    target->parallelism = parallelism;
    return stream;
}

static void replace(char **text, const char *with)
{
    weir__free(*text);
    *text = weir__strdup(with);
}

weir_stream *weir_set_name(weir_stream *stream, const char *name)
{
    struct weir__transformation *target = setting_target(stream, "set_name");
    if (target != NULL && name != NULL && name[0] != '\0') {
        replace(&target->name, name);
    }
    return stream;
}

weir_stream *weir_set_uid(weir_stream *stream, const char *uid)
{
    struct weir__transformation *target = setting_target(stream, "set_uid");
    if (target == NULL) {
        return stream;
    }
    const struct weir__graph *graph = &stream->env->graph;
    for (size_t i = 0; uid != NULL && i < graph->transformations.count; i++) {
        const struct weir__transformation *other = weir__graph_at(graph, i);
        if (other != target && other->uid != NULL && strcmp(other->uid, uid) == 0) {
            weir__env_mistake(stream->env, WEIR_INVALID, target->name,
                              "its uid \"%s\" is already the one of \"%s\": uids must differ", uid,
                              other->name);
            return stream;
        }
    }
    replace(&target->uid, uid);
    return stream;
}

weir_stream *weir_disable_chaining(weir_stream *stream)
{
    struct weir__transformation *target = setting_target(stream, "disable_chaining");
    if (target != NULL) {
        target->chaining = false;
    }
    return stream;
}
