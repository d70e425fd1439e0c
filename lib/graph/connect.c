/*
 * <weir/connect.h>: connecting streams, and the process functions over two of them. The joins are
 * in join.c.
 */
#include "graph/connect.h"

#include "base/mem.h"

#include <string.h>

/* ---- connected streams ---- */

static weir_connected_stream *new_connected(weir_env *env)
{
    if (env == NULL) {
        return NULL;
    }
    /* Owned by the env like all streams, which frees them by their first member. */
    weir_connected_stream *connected = WEIR__NEW(weir_connected_stream);
    connected->both.env = env;
    weir__vec_push(&env->graph.streams, &connected);
    return connected;
}

static void set_edges(weir_connected_stream *connected, const weir_stream *first,
                      const weir_stream *second, bool broadcast)
{
    struct weir_stream *both = &connected->both;
    both->type = first->type;
    both->edge_count = first->edge_count + second->edge_count;
    both->edges = weir__calloc(both->edge_count, sizeof(*both->edges));
    memcpy(both->edges, first->edges, first->edge_count * sizeof(*both->edges));
    memcpy(both->edges + first->edge_count, second->edges,
           second->edge_count * sizeof(*both->edges));
    for (size_t i = first->edge_count; i < both->edge_count; i++) {
        both->edges[i].input = 1;
        if (broadcast) {
            both->edges[i].partition = WEIR__BROADCAST;
            both->edges[i].key = NULL;
        }
    }
    connected->second_type = second->type;
    connected->second_key = broadcast ? NULL : second->edges[0].key;
    connected->broadcast = broadcast;
}

static weir_connected_stream *connect(weir_stream *first, weir_stream *second,
                                      const char *operator_name, bool broadcast)
{
    bool usable = weir__stream_usable(first, operator_name, NULL) &&
                  weir__stream_usable(second, operator_name, NULL);
    weir_env *env = first != NULL ? first->env : second != NULL ? second->env : weir__env_latest();
    weir_connected_stream *connected = new_connected(env);
    if (!usable || connected == NULL) {
        return connected;
    }
    if (first->env != second->env) {
        weir__env_mistake(env, WEIR_INVALID, operator_name,
                          "its streams belong to two different jobs");
        return connected;
    }
    set_edges(connected, first, second, broadcast);
    return connected;
}

weir_connected_stream *weir_connect(weir_stream *first, weir_stream *second)
{
    return connect(first, second, "connect", false);
}

weir_connected_stream *weir_connect_broadcast(weir_stream *main, weir_stream *broadcast)
{
    return connect(main, broadcast, "connect_broadcast", true);
}

weir_connected_stream *weir_connect_keyed_broadcast(weir_keyed_stream *main, weir_stream *broadcast)
{
    weir_connected_stream *connected =
        connect(main != NULL ? &main->stream : NULL, broadcast, "connect_broadcast", true);
    if (connected != NULL && connected->both.edge_count > 0) {
        connected->keyed = true;
    }
    return connected;
}

static const char *key_kind(const struct weir_field *key)
{
    return key->kind == WEIR_KIND_STRING  ? "a string"
           : key->kind == WEIR_KIND_INT64 ? "an int64"
                                          : "a boolean";
}

weir_connected_stream *weir__connect_keyed(weir_keyed_stream *first, weir_keyed_stream *second,
                                           const char *operator_name)
{
    weir_connected_stream *connected =
        connect(first != NULL ? &first->stream : NULL, second != NULL ? &second->stream : NULL,
                operator_name, false);
    if (connected == NULL || connected->both.edge_count == 0) {
        return connected;
    }
    const struct weir_field *key = connected->both.edges[0].key;
    if (key->kind != connected->second_key->kind) {
        weir__env_mistake(connected->both.env, WEIR_MISMATCH, operator_name,
                          "its keys never meet: %s of %s is %s, %s of %s is %s", key->name,
                          connected->both.type->name, key_kind(key), connected->second_key->name,
                          connected->second_type->name, key_kind(connected->second_key));
        connected->both.edge_count = 0;
        return connected;
    }
    connected->keyed = true;
    return connected;
}

weir_connected_stream *weir_connect_keyed(weir_keyed_stream *first, weir_keyed_stream *second)
{
    return weir__connect_keyed(first, second, "connect");
}

/* ---- what operators with two inputs have in common ---- */

weir_stream *weir__connected_dead_end(const weir_connected_stream *in)
{
    return weir__stream_dead(in != NULL ? in->both.env : weir__env_latest());
}

static bool check_type(const weir_connected_stream *in, const char *name, const char *which,
                       const struct weir_type *wanted, const struct weir_type *came)
{
    if (wanted != NULL && wanted != came) {
        weir__env_mistake(in->both.env, WEIR_MISMATCH, name,
                          "its %s input takes %s, but is a stream of %s", which, wanted->name,
                          came->name);
        return false;
    }
    return true;
}

bool weir__connected_usable(const weir_connected_stream *in, const char *name,
                            const struct weir_type *first, const struct weir_type *second)
{
    if (in == NULL) {
        weir_env *env = weir__env_latest();
        if (env != NULL) {
            weir__env_mistake(env, WEIR_INVALID, name, "its connected streams are NULL");
        }
        return false;
    }
    return in->both.edge_count > 0 && check_type(in, name, "first", first, in->both.type) &&
           check_type(in, name, "second", second, in->second_type);
}

struct weir__transformation *weir__connected_add(const weir_connected_stream *in,
                                                 const struct weir__step *step)
{
    struct weir__transformation *transformation = weir__graph_add(in->both.env, &in->both, step);
    transformation->key = in->keyed ? transformation->key : NULL;
    transformation->second_type = in->second_type;
    transformation->second_key = in->keyed ? in->second_key : NULL;
    return transformation;
}

/* ---- process functions ---- */

/* What the two kinds of functions have in common, for the checks. */
struct parts {
    const char *name;
    bool has_functions;
    const struct weir_type *out_type;
    bool has_timers;
    const struct weir_state_descriptor *const *states;
    const struct weir_output_tag *const *side_outputs;
};

static bool mistake(const weir_connected_stream *in, const char *name, const char *text)
{
    weir__env_mistake(in->both.env, WEIR_INVALID, name, "%s", text);
    return false;
}

static bool check_parts(const weir_connected_stream *in, const struct parts *parts)
{
    bool has_states = parts->states != NULL && parts->states[0] != NULL;
    if (!parts->has_functions) {
        return mistake(in, parts->name, "it needs a function for each input");
    }
    if (parts->out_type == NULL) {
        return mistake(in, parts->name, "its output type is NULL: say which type it emits");
    }
    if (!in->keyed && (has_states || parts->has_timers)) {
        return mistake(in, parts->name,
                       has_states ? "states need a key: connect streams from weir_key_by"
                                  : "timers need a key: connect streams from weir_key_by");
    }
    return true;
}

static weir_stream *add(const weir_connected_stream *in, const struct parts *parts,
                        struct weir__operator_factory *factory)
{
    struct weir__transformation *transformation = weir__connected_add(
        in, &(struct weir__step){parts->name, factory, in->both.type, parts->out_type});
    weir__transformation_sides(transformation, parts->side_outputs);
    return weir__transformation_stream(in->both.env, transformation);
}

weir_stream *weir_co_process(weir_connected_stream *in,
                             const struct weir_co_process_function *function)
{
    static const struct weir_co_process_function nothing = {0};
    const struct weir_co_process_function *given = function != NULL ? function : &nothing;
    struct parts parts = {
        .name = given->name != NULL && given->name[0] != '\0' ? given->name : "CoProcess",
        .has_functions = given->process1 != NULL && given->process2 != NULL,
        .out_type = given->out_type,
        .has_timers = given->on_timer != NULL,
        .states = given->states,
        .side_outputs = given->side_outputs,
    };
    if (!weir__connected_usable(in, parts.name, given->in_type1, given->in_type2) ||
        !check_parts(in, &parts)) {
        return weir__connected_dead_end(in);
    }
    if (in->broadcast) {
        mistake(in, parts.name, "its second stream is a broadcast: use weir_broadcast_process");
        return weir__connected_dead_end(in);
    }
    return add(in, &parts, weir__co_process_factory(given));
}

/* ---- broadcast state ---- */

static bool check_broadcast_states(const weir_connected_stream *in, const char *name,
                                   const struct weir_state_descriptor *const *states)
{
    for (; states != NULL && *states != NULL; states++) {
        if ((*states)->kind != WEIR_STATE_MAP || (*states)->ttl.ttl_ms != 0) {
            weir__env_mistake(in->both.env, WEIR_INVALID, name,
                              "broadcast state \"%s\" must be of kind WEIR_STATE_MAP, without TTL",
                              (*states)->name != NULL ? (*states)->name : "");
            return false;
        }
    }
    return true;
}

weir_stream *weir_broadcast_process(weir_connected_stream *in,
                                    const struct weir_broadcast_function *function)
{
    static const struct weir_broadcast_function nothing = {0};
    const struct weir_broadcast_function *given = function != NULL ? function : &nothing;
    struct parts parts = {
        .name = given->name != NULL && given->name[0] != '\0' ? given->name : "BroadcastProcess",
        .has_functions = given->process != NULL && given->process_broadcast != NULL,
        .out_type = given->out_type,
        .has_timers = given->on_timer != NULL,
        .states = given->states,
        .side_outputs = given->side_outputs,
    };
    if (!weir__connected_usable(in, parts.name, given->in_type, given->broadcast_type) ||
        !check_parts(in, &parts) ||
        !check_broadcast_states(in, parts.name, given->broadcast_states)) {
        return weir__connected_dead_end(in);
    }
    if (!in->broadcast) {
        mistake(in, parts.name,
                "its second stream is not a broadcast: use weir_connect_broadcast or "
                "weir_connect_keyed_broadcast");
        return weir__connected_dead_end(in);
    }
    return add(in, &parts, weir__broadcast_process_factory(given));
}
