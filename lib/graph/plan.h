/*
 * The plan: the graph, checked, with operators that can call each other directly put into one
 * vertex (a chain).
 *
 * Two operators are chained when the second reads only the first, both have the same parallelism,
 * neither forbids chaining, and records stay in their subtask: a forward edge; or an edge by key
 * between operators of parallelism 1, where every key is at home in the only subtask. (Flink does
 * not chain the latter. Direct calls cost less than a channel, and a key sees the same records.)
 *
 * A chain is a tree: every operator but the head reads one operator of the same chain. Everything
 * else is a link between chains. Read-only once made.
 */
#ifndef WEIR__GRAPH_PLAN_H
#define WEIR__GRAPH_PLAN_H

#include "base/buf.h"
#include "graph/env.h"

struct weir__vertex {
    int id; /* from 1, in topological order */
    int parallelism;
    int max_parallelism; /* key groups: semantics sheet, section 16 */
    /* of const struct weir__transformation *: head first, each behind the one it reads */
    struct weir__vec operators;
};

/* An edge that leaves a chain: from the operator edge->from, to the head of another chain. */
struct weir__link {
    const struct weir__edge *edge;
    struct weir__vertex *from;
    struct weir__vertex *to;
    const struct weir__transformation *head; /* of `to` */
    enum weir__partition partition; /* a forward edge between unequal parallelisms rebalances */
};

struct weir__plan {
    const char *job_name;
    int slots;                 /* the largest parallelism of a vertex */
    struct weir__vec vertices; /* of struct weir__vertex *, in topological order */
    struct weir__vec links;    /* of struct weir__link */
};

/*
 * Borrows the env's graph. NULL with the env's mistake set when there is nothing to run: no source,
 * or no sink.
 */
struct weir__plan *weir__plan_new(weir_env *env);
void weir__plan_free(struct weir__plan *plan);

static inline struct weir__vertex *weir__plan_vertex(const struct weir__plan *plan, size_t i)
{
    return *(struct weir__vertex **)weir__vec_at(&plan->vertices, i);
}
static inline const struct weir__transformation *weir__vertex_operator(
    const struct weir__vertex *vertex, size_t i)
{
    return *(const struct weir__transformation **)weir__vec_at(&vertex->operators, i);
}
static inline const struct weir__link *weir__plan_link(const struct weir__plan *plan, size_t i)
{
    return weir__vec_at(&plan->links, i);
}
/* Whether the edge into `to`, an operator of this chain, is a direct call. */
bool weir__vertex_chains(const struct weir__vertex *vertex, const struct weir__transformation *to);

/* How many operators of a slot keep state by key: they divide the memory of their backends. */
int weir__plan_keyed_operators(const struct weir__plan *plan);

/*
 * The plan for people, for Graphviz, and in the shape of Flink's /jobs/:id/plan. Ends with a
 * newline.
 */
void weir__plan_text(const struct weir__plan *plan, struct weir__buf *out);
void weir__plan_dot(const struct weir__plan *plan, struct weir__buf *out);
void weir__plan_json(const struct weir__plan *plan, struct weir__buf *out);
/* The members of the trace's job event (trace/trace.h): name, operators, config. */
void weir__plan_trace(const struct weir__plan *plan, const struct weir__settings *settings,
                      struct weir__buf *out);

#endif
