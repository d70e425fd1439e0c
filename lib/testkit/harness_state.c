/* What the operators of a harness hold: snapshots, restores, counters; and their description. */
#include "base/escape.h"
#include "metrics/metrics.h"
#include "testkit/harness_internal.h"

/* ---- state ---- */

struct weir_harness_state weir_harness_state(const weir_harness *harness)
{
    struct weir__holdings held = {0};
    for (size_t i = 0; i < harness->count; i++) {
        const struct weir__operator *op = harness->hosts[i]->op;
        if (op->ops->holdings != NULL) {
            op->ops->holdings(op, &held);
        }
    }
    return (struct weir_harness_state){
        .entries = held.state_entries,
        .windows = held.windows,
        .event_timers = held.event_timers,
        .processing_timers = held.processing_timers,
    };
}

/* A snapshot is one string an operator, head first; empty where it is stateless. */
struct weir_str weir_harness_snapshot(weir_harness *harness)
{
    harness->snapshot.len = 0;
    struct weir__buf state = {0};
    for (size_t i = 0; i < harness->count && weir__harness_works(harness); i++) {
        struct weir__operator *op = harness->hosts[i]->op;
        state.len = 0;
        if (op->ops->snapshot != NULL) {
            op->ops->snapshot(op, &state);
            weir__harness_look(harness);
        }
        weir__buf_put_str(&harness->snapshot, (struct weir_str){state.data, (uint32_t)state.len});
    }
    weir__buf_fini(&state);
    return (struct weir_str){harness->snapshot.data, (uint32_t)harness->snapshot.len};
}

static enum weir_status restore_one(weir_harness *harness, struct weir_str snapshot)
{
    struct weir__reader in = weir__reader_of(snapshot);
    for (size_t i = 0; i < harness->count; i++) {
        struct weir__operator *op = harness->hosts[i]->op;
        struct weir_str state = weir__read_str(&in);
        if (in.failed || (state.len > 0 && op->ops->restore == NULL)) {
            return weir_error_set(&harness->error, in.failed ? WEIR_CORRUPT : WEIR_MISMATCH,
                                  harness->chain[i]->name,
                                  "the snapshot is not one of these operators");
        }
        if (state.len > 0) {
            enum weir_status status = op->ops->restore(op, state, &harness->error);
            if (status != WEIR_OK) {
                harness->error.code = status;
                return status;
            }
        }
    }
    return in.at == in.end ? WEIR_OK
                           : weir_error_set(&harness->error, WEIR_MISMATCH, "harness",
                                            "the snapshot is one of more operators");
}

enum weir_status weir_harness_restore(weir_harness *harness, const struct weir_str *snapshots,
                                      size_t count)
{
    if (!weir__harness_works(harness)) {
        return harness->error.code;
    }
    weir__harness_free_hosts(harness);
    enum weir_status status = weir__harness_make_hosts(harness);
    for (size_t i = 0; i < count && status == WEIR_OK; i++) {
        status = restore_one(harness, snapshots[i]);
    }
    return status;
}

/* ---- counters ---- */

int64_t weir_harness_metric(const weir_harness *harness, const char *name)
{
    int64_t sum = weir__metric_value(harness->past, name);
    for (size_t i = 0; i < harness->count; i++) {
        sum += harness->hosts[i] != NULL ? weir__host_metric(harness->hosts[i], name) : 0;
    }
    return sum;
}

const struct weir_error *weir_harness_rejection(const weir_harness *harness)
{
    return &harness->rejection;
}

/* ---- the trace ---- */

void weir__harness_set_tracer(weir_harness *harness, struct weir__tracer *tracer)
{
    harness->tracer = tracer;
    for (size_t i = 0; i < harness->count; i++) {
        harness->hosts[i]->context.tracer = tracer;
    }
}

static void describe(const weir_harness *harness, const struct weir__transformation *at,
                     struct weir__buf *json)
{
    weir__buf_printf(json, "{\"id\":%d,\"name\":", at->id);
    weir__buf_put_json_string(json, weir_str_from(at->name));
    weir__buf_printf(json, ",\"kind\":\"%s\",\"parallelism\":%d,\"inputs\":[",
                     at->factory->ops->kind, harness->parallelism);
    for (size_t i = 0; i < at->input_count; i++) {
        weir__buf_printf(json, "%s{\"from\":%d,\"partition\":\"%s\"}", i > 0 ? "," : "",
                         at->inputs[i].from->id, weir__partition_name(at->inputs[i].partition));
    }
    weir__buf_printf(json, "],\"settings\":{");
    if (at->factory->describe != NULL) {
        at->factory->describe(at->factory, json);
    }
    weir__buf_printf(json, "}}");
}

void weir__harness_describe(const weir_harness *harness, struct weir__buf *json)
{
    for (size_t i = 0; i < harness->count; i++) {
        weir__buf_printf(json, "%s", i > 0 ? "," : "");
        describe(harness, harness->chain[i], json);
    }
}
