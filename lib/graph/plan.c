/*
 * From the graph to chains and links.
 */
#include "graph/plan.h"

#include "base/mem.h"
#include "types/key.h"

#include <assert.h>

/* The state of planning: what is known of every transformation, by id - 1. */
struct planning {
    const weir_env *env;
    struct weir__plan *plan;
    struct weir__vertex **vertex_of;
};

static int parallelism_of(const weir_env *env, const struct weir__transformation *transformation)
{
    if (transformation->parallelism > 0) {
        return transformation->parallelism;
    }
    int wanted = env->settings.parallelism;
    int max = transformation->max_parallelism;
    return max > 0 && wanted > max ? max : wanted;
}

static bool can_chain(const weir_env *env, const struct weir__transformation *to)
{
    if (to->input_count != 1 || !to->chaining || !to->inputs[0].from->chaining) {
        return false;
    }
    int parallelism = parallelism_of(env, to);
    if (parallelism_of(env, to->inputs[0].from) != parallelism) {
        return false;
    }
    switch (to->inputs[0].partition) {
    case WEIR__FORWARD:
        return true;
    case WEIR__HASH:
        return parallelism == 1;
    case WEIR__REBALANCE: /* asked for by name: do as told */
    case WEIR__BROADCAST:
    case WEIR__RESCALE:
    case WEIR__CUSTOM:
        break;
    }
    return false;
}

static struct weir__vertex *add_vertex(struct planning *planning, int parallelism)
{
    struct weir__plan *plan = planning->plan;
    struct weir__vertex *vertex = WEIR__NEW(struct weir__vertex);
    vertex->id = (int)plan->vertices.count + 1;
    vertex->parallelism = parallelism;
    vertex->max_parallelism = weir__default_max_parallelism(parallelism);
    vertex->operators = WEIR__VEC_OF(const struct weir__transformation *);
    weir__vec_push(&plan->vertices, &vertex);
    plan->slots = parallelism > plan->slots ? parallelism : plan->slots;
    return vertex;
}

static void add_links(struct planning *planning, const struct weir__transformation *head,
                      struct weir__vertex *vertex)
{
    for (size_t i = 0; i < head->input_count; i++) {
        const struct weir__edge *edge = &head->inputs[i];
        struct weir__vertex *from = planning->vertex_of[edge->from->id - 1];
        bool uneven = edge->partition == WEIR__FORWARD && from->parallelism != vertex->parallelism;
        struct weir__link link = {edge, from, vertex, head,
                                  uneven ? WEIR__REBALANCE : edge->partition};
        weir__vec_push(&planning->plan->links, &link);
    }
}

/* Puts a transformation into the chain of the one it reads, or at the head of a new one. */
static void place(struct planning *planning, const struct weir__transformation *transformation)
{
    struct weir__vertex *vertex;
    if (can_chain(planning->env, transformation)) {
        vertex = planning->vertex_of[transformation->inputs[0].from->id - 1];
    } else {
        vertex = add_vertex(planning, parallelism_of(planning->env, transformation));
        add_links(planning, transformation, vertex);
    }
    planning->vertex_of[transformation->id - 1] = vertex;
    weir__vec_push(&vertex->operators, &transformation);
}

/* A graph that runs reads something and leaves something behind. */
static bool check(weir_env *env)
{
    bool source = false;
    bool sink = false;
    for (size_t i = 0; i < env->graph.transformations.count; i++) {
        const struct weir__transformation *transformation = weir__graph_at(&env->graph, i);
        source = source || transformation->input_count == 0;
        sink = sink || transformation->out_type == NULL;
    }
    if (env->error.code == WEIR_OK && !source) {
        weir__env_mistake(env, WEIR_INVALID, NULL,
                          "the job has no source: begin with weir_from_source");
    } else if (env->error.code == WEIR_OK && !sink) {
        weir__env_mistake(env, WEIR_INVALID, NULL,
                          "the job has no sink: end a stream with weir_sink_to");
    }
    return env->error.code == WEIR_OK;
}

static bool name_states(weir_env *env)
{
    const struct weir__transformation *first = NULL;
    const struct weir__transformation *second = NULL;
    if (!weir__graph_name_states(&env->graph, &first, &second)) {
        weir__env_mistake(env, WEIR_INVALID, second->name,
                          "checkpoints would know it as \"%s\", and so they know %s: give each a "
                          "uid of its own with weir_set_uid",
                          second->state_id, first->name);
        return false;
    }
    return true;
}

/*
 * Pausing one source must not stop what another one of the group waits for, so whoever aligns a
 * source is in its task, alone.
 */
static bool check_alignment(weir_env *env, const struct weir__plan *plan)
{
    for (size_t i = 0; i < plan->vertices.count; i++) {
        const struct weir__vertex *vertex = weir__plan_vertex(plan, i);
        bool reads_source = weir__vertex_operator(vertex, 0)->input_count == 0;
        int aligned = 0;
        for (size_t j = 0; j < vertex->operators.count; j++) {
            const struct weir__transformation *op = weir__vertex_operator(vertex, j);
            aligned += op->aligned;
            if (op->aligned && (!reads_source || aligned > 1)) {
                weir__env_mistake(env, WEIR_INVALID, op->name, "%s",
                                  reads_source ? "its source is aligned twice: once is enough"
                                               : "it aligns a source, but does not run in its "
                                                 "task: assign watermarks directly behind it, "
                                                 "with the same parallelism");
                return false;
            }
        }
    }
    return true;
}

struct weir__plan *weir__plan_new(weir_env *env)
{
    if (!check(env) || !name_states(env)) {
        return NULL;
    }
    size_t count = env->graph.transformations.count;
    struct weir__plan *plan = WEIR__NEW(struct weir__plan);
    plan->job_name = env->job_name;
    plan->vertices = WEIR__VEC_OF(struct weir__vertex *);
    plan->links = WEIR__VEC_OF(struct weir__link);
    struct planning planning = {env, plan, weir__calloc(count, sizeof(struct weir__vertex *))};
    for (size_t i = 0; i < count; i++) {
        place(&planning, weir__graph_at(&env->graph, i));
    }
    weir__free(planning.vertex_of);
    if (!check_alignment(env, plan)) {
        weir__plan_free(plan);
        return NULL;
    }
    return plan;
}

void weir__plan_free(struct weir__plan *plan)
{
    if (plan == NULL) {
        return;
    }
    for (size_t i = 0; i < plan->vertices.count; i++) {
        struct weir__vertex *vertex = weir__plan_vertex(plan, i);
        weir__vec_fini(&vertex->operators);
        weir__free(vertex);
    }
    weir__vec_fini(&plan->vertices);
    weir__vec_fini(&plan->links);
    weir__free(plan);
}

bool weir__vertex_chains(const struct weir__vertex *vertex, const struct weir__transformation *to)
{
    return weir__vertex_operator(vertex, 0) != to;
}

int weir__plan_keyed_operators(const struct weir__plan *plan)
{
    int keyed = 0;
    for (size_t i = 0; i < plan->vertices.count; i++) {
        const struct weir__vertex *vertex = weir__plan_vertex(plan, i);
        for (size_t at = 0; at < vertex->operators.count; at++) {
            keyed += weir__vertex_operator(vertex, at)->key != NULL;
        }
    }
    return keyed > 0 ? keyed : 1;
}
