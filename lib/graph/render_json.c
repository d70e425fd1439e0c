/*
 * The plan as JSON: in the shape of Flink's REST answer, a node a task; and in the shape of the
 * trace, an entry an operator.
 */
#include "base/escape.h"
#include "graph/plan.h"

#include <inttypes.h>

static void put_text(const char *text, struct weir__buf *out)
{
    weir__buf_put_json_string(out, weir_str_from(text));
}

/* ---- Flink's shape ---- */

static void put_inputs(const struct weir__plan *plan, const struct weir__vertex *vertex,
                       struct weir__buf *out)
{
    static const char *const strategies[] = {"FORWARD",   "HASH",    "REBALANCE",
                                             "BROADCAST", "RESCALE", "CUSTOM"};
    int number = 0;
    for (size_t i = 0; i < plan->links.count; i++) {
        const struct weir__link *link = weir__plan_link(plan, i);
        if (link->to == vertex) {
            weir__buf_printf(out,
                             "%s{\"num\":%d,\"id\":\"%d\",\"ship_strategy\":\"%s\",\"exchange\":"
                             "\"pipelined_bounded\"}",
                             number > 0 ? "," : "", number, link->from->id,
                             strategies[link->partition]);
            number++;
        }
    }
}

static void put_node(const struct weir__plan *plan, const struct weir__vertex *vertex,
                     struct weir__buf *out)
{
    struct weir__buf chain = {0};
    for (size_t i = 0; i < vertex->operators.count; i++) {
        weir__buf_printf(&chain, "%s%s", i > 0 ? " -> " : "",
                         weir__vertex_operator(vertex, i)->name);
    }
    weir__buf_printf(out, "{\"id\":\"%d\",\"parallelism\":%d,\"description\":", vertex->id,
                     vertex->parallelism);
    weir__buf_put_json_string(out, (struct weir_str){chain.data, (uint32_t)chain.len});
    weir__buf_printf(out, ",\"inputs\":[");
    put_inputs(plan, vertex, out);
    weir__buf_printf(out, "]}");
    weir__buf_fini(&chain);
}

void weir__plan_json(const struct weir__plan *plan, struct weir__buf *out)
{
    weir__buf_printf(out, "{\"name\":");
    put_text(plan->job_name, out);
    weir__buf_printf(out, ",\"type\":\"STREAMING\",\"nodes\":[");
    for (size_t i = 0; i < plan->vertices.count; i++) {
        if (i > 0) {
            weir__buf_put_u8(out, ',');
        }
        put_node(plan, weir__plan_vertex(plan, i), out);
    }
    weir__buf_printf(out, "]}\n");
}

/* ---- the trace's shape ---- */

/* The partitioning of a transformation's input as it will run: forward inside a chain. */
static enum weir__partition actual(const struct weir__plan *plan, const struct weir__edge *edge)
{
    for (size_t i = 0; i < plan->links.count; i++) {
        if (weir__plan_link(plan, i)->edge == edge) {
            return weir__plan_link(plan, i)->partition;
        }
    }
    return edge->partition;
}

static void put_operator(const struct weir__plan *plan, const struct weir__vertex *vertex,
                         const struct weir__transformation *op, struct weir__buf *out)
{
    weir__buf_printf(out, "{\"id\":%d,\"name\":", op->id);
    put_text(op->name, out);
    weir__buf_printf(out, ",\"kind\":");
    put_text(op->factory->ops->kind, out);
    weir__buf_printf(out, ",\"parallelism\":%d,\"task\":%d,\"inputs\":[", vertex->parallelism,
                     vertex->id);
    for (size_t i = 0; i < op->input_count; i++) {
        const struct weir__edge *edge = &op->inputs[i];
        weir__buf_printf(out, "%s{\"from\":%d,\"partition\":\"%s\"", i > 0 ? "," : "",
                         edge->from->id, weir__partition_name(actual(plan, edge)));
        if (edge->tag != NULL) {
            weir__buf_printf(out, ",\"side\":");
            put_text(edge->tag, out);
        }
        weir__buf_put_u8(out, '}');
    }
    weir__buf_put_u8(out, ']');
    if (op->factory->describe != NULL) {
        weir__buf_printf(out, ",\"settings\":{");
        op->factory->describe(op->factory, out);
        weir__buf_put_u8(out, '}');
    }
    weir__buf_put_u8(out, '}');
}

void weir__plan_trace(const struct weir__plan *plan, const struct weir__settings *settings,
                      struct weir__buf *out)
{
    weir__buf_printf(out, "\"name\":");
    put_text(plan->job_name, out);
    weir__buf_printf(out, ",\"operators\":[");
    bool first = true;
    for (size_t i = 0; i < plan->vertices.count; i++) {
        const struct weir__vertex *vertex = weir__plan_vertex(plan, i);
        for (size_t j = 0; j < vertex->operators.count; j++) {
            if (!first) {
                weir__buf_put_u8(out, ',');
            }
            first = false;
            put_operator(plan, vertex, weir__vertex_operator(vertex, j), out);
        }
    }
    weir__buf_printf(
        out, "],\"config\":{\"parallelism\":%d,\"scheduler\":\"%s\",\"bufferTimeout\":%" PRId64 "}",
        settings->parallelism, settings->scheduler == WEIR__SIMULATION ? "simulation" : "threads",
        settings->buffer_timeout_ms);
}
