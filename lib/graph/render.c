/*
 * The plan as text and as a Graphviz drawing.
 *
 *     Job page-views: 2 tasks, 5 operators
 *
 *     task 1, parallelism 2: clicks -> Filter -> Watermarks
 *         Watermarks: bounded 30s, time from timestamp
 *         Watermarks -> task 2 by hash of page_url
 *     task 2, parallelism 2: counts -> print
 *         counts: sliding 5m by 10s, event time
 */
#include "graph/plan.h"

/* ---- text ---- */

static void put_chain(const struct weir__vertex *vertex, struct weir__buf *out)
{
    for (size_t i = 0; i < vertex->operators.count; i++) {
        weir__buf_printf(out, "%s%s", i == 0 ? "" : " -> ", weir__vertex_operator(vertex, i)->name);
    }
}

static void put_partition(const struct weir__link *link, struct weir__buf *out)
{
    weir__buf_printf(out, "%s", weir__partition_name(link->partition));
    if (link->partition == WEIR__HASH) {
        weir__buf_printf(out, " of %s", link->edge->key->name);
    }
}

/*
 * How a chained operator is called when that is not plain from the order: a branch, a side
 * output, a key.
 */
static void put_call(const struct weir__vertex *vertex, size_t i, struct weir__buf *out)
{
    const struct weir__edge *edge = &weir__vertex_operator(vertex, i)->inputs[0];
    bool branches = edge->from != weir__vertex_operator(vertex, i - 1);
    if (!branches && edge->tag == NULL && edge->partition == WEIR__FORWARD) {
        return;
    }
    weir__buf_printf(out, "    %s reads %s", weir__vertex_operator(vertex, i)->name,
                     edge->from->name);
    if (edge->tag != NULL) {
        weir__buf_printf(out, ", side output %s", edge->tag);
    }
    if (edge->partition == WEIR__HASH) {
        weir__buf_printf(out, ", by key %s (direct calls: there is one subtask)", edge->key->name);
    }
    weir__buf_put_u8(out, '\n');
}

static void put_vertex(const struct weir__plan *plan, const struct weir__vertex *vertex,
                       struct weir__buf *out)
{
    weir__buf_printf(out, "\ntask %d, parallelism %d: ", vertex->id, vertex->parallelism);
    put_chain(vertex, out);
    weir__buf_put_u8(out, '\n');
    for (size_t i = 0; i < vertex->operators.count; i++) {
        const struct weir__transformation *op = weir__vertex_operator(vertex, i);
        if (i > 0) {
            put_call(vertex, i, out);
        }
        if (op->about != NULL) {
            weir__buf_printf(out, "    %s: %s\n", op->name, op->about);
        }
    }
    for (size_t i = 0; i < plan->links.count; i++) {
        const struct weir__link *link = weir__plan_link(plan, i);
        if (link->from == vertex) {
            const char *tag = link->edge->tag;
            weir__buf_printf(out, "    %s%s%s -> task %d by ", link->edge->from->name,
                             tag != NULL ? ", side output " : "", tag != NULL ? tag : "",
                             link->to->id);
            put_partition(link, out);
            weir__buf_printf(out, "%s\n", link->edge->input == 1 ? ", its second input" : "");
        }
    }
}

static size_t operator_count(const struct weir__plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->vertices.count; i++) {
        count += weir__plan_vertex(plan, i)->operators.count;
    }
    return count;
}

void weir__plan_text(const struct weir__plan *plan, struct weir__buf *out)
{
    size_t tasks = plan->vertices.count;
    size_t operators = operator_count(plan);
    weir__buf_printf(out, "Job %s: %zu task%s, %zu operator%s, %d slot%s\n", plan->job_name, tasks,
                     tasks == 1 ? "" : "s", operators, operators == 1 ? "" : "s", plan->slots,
                     plan->slots == 1 ? "" : "s");
    for (size_t i = 0; i < tasks; i++) {
        put_vertex(plan, weir__plan_vertex(plan, i), out);
    }
}

/* ---- DOT ---- */

static void put_quoted(const char *text, struct weir__buf *out)
{
    weir__buf_put_u8(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            weir__buf_put_u8(out, '\\');
        }
        weir__buf_put_u8(out, (uint8_t)*text);
    }
    weir__buf_put_u8(out, '"');
}

static void put_cluster(const struct weir__vertex *vertex, struct weir__buf *out)
{
    weir__buf_printf(out, "  subgraph cluster_%d {\n    label=\"task %d x%d\";\n", vertex->id,
                     vertex->id, vertex->parallelism);
    for (size_t i = 0; i < vertex->operators.count; i++) {
        const struct weir__transformation *op = weir__vertex_operator(vertex, i);
        weir__buf_printf(out, "    op%d [label=", op->id);
        put_quoted(op->name, out);
        weir__buf_printf(out, "];\n");
        if (i > 0) {
            weir__buf_printf(out, "    op%d -> op%d;\n", op->inputs[0].from->id, op->id);
        }
    }
    weir__buf_printf(out, "  }\n");
}

void weir__plan_dot(const struct weir__plan *plan, struct weir__buf *out)
{
    weir__buf_printf(out, "digraph ");
    put_quoted(plan->job_name, out);
    weir__buf_printf(out, " {\n  rankdir=LR;\n  node [shape=box];\n");
    for (size_t i = 0; i < plan->vertices.count; i++) {
        put_cluster(weir__plan_vertex(plan, i), out);
    }
    for (size_t i = 0; i < plan->links.count; i++) {
        const struct weir__link *link = weir__plan_link(plan, i);
        weir__buf_printf(out, "  op%d -> op%d [label=\"", link->edge->from->id, link->head->id);
        put_partition(link, out);
        weir__buf_printf(out, "\"];\n");
    }
    weir__buf_printf(out, "}\n");
}
