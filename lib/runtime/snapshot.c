/*
 * Taking snapshots.
 */
#include "runtime/snapshot.h"

#include "base/mem.h"
#include "trace/trace.h"
#include "types/freeze.h"

void weir__offsets_add(struct weir__vec *offsets, const struct weir_source_offset *more,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct weir_source_offset copy = more[i];
        copy.group_id = weir__strdup(more[i].group_id);
        copy.topic = weir__strdup(more[i].topic);
        weir__vec_push(offsets, &copy);
    }
}

void weir__offsets_fini(struct weir__vec *offsets)
{
    for (size_t i = 0; i < offsets->count; i++) {
        struct weir_source_offset *offset = weir__vec_at(offsets, i);
        weir__free((char *)offset->group_id);
        weir__free((char *)offset->topic);
    }
    weir__vec_fini(offsets);
}

static void take_one(struct weir__snapshot *snapshot, struct weir__host *host,
                     const char *attachments)
{
    struct weir__vec *gaps = &snapshot->gaps[snapshot->state_count];
    struct weir__buf *state = &snapshot->states[snapshot->state_count++];
    struct weir__operator_context *context = &host->context;
    if (context->failed || host->op->ops->snapshot == NULL) {
        return;
    }
    context->checkpoint = snapshot->checkpoint;
    context->attachments = attachments;
    context->gaps = gaps;
    host->op->ops->snapshot(host->op, state);
    context->checkpoint = 0;
    context->attachments = NULL;
    context->gaps = NULL;
    size_t count = 0;
    const struct weir_source_offset *offsets = weir__operator_offsets(host->op, &count);
    weir__offsets_add(&snapshot->offsets, offsets, count);
    if (weir__tracing(context->tracer)) {
        weir__trace_barrier(context->tracer, "snapshot", context->id, context->subtask, NULL,
                            snapshot->checkpoint);
    }
}

static bool is_sink(const struct weir__host *host)
{
    return host->transformation->out_type == NULL;
}

struct weir__snapshot *weir__snapshot_take(struct weir__host *const *hosts, size_t count,
                                           int64_t checkpoint, const char *attachments,
                                           bool only_sinks)
{
    struct weir__snapshot *snapshot = WEIR__NEW(struct weir__snapshot);
    const struct weir_clock *clock = hosts[0]->context.clock;
    int64_t begin_ns = weir_clock_ns(clock);
    snapshot->checkpoint = checkpoint;
    snapshot->states = weir__calloc(count, sizeof(*snapshot->states));
    snapshot->gaps = weir__calloc(count, sizeof(*snapshot->gaps));
    snapshot->offsets = WEIR__VEC_OF(struct weir_source_offset);
    for (size_t i = 0; i < count; i++) {
        snapshot->gaps[i] = WEIR__GAPS;
        if (only_sinks && !is_sink(hosts[i])) {
            snapshot->state_count++;
        } else {
            take_one(snapshot, hosts[i], attachments);
        }
    }
    snapshot->us = (weir_clock_ns(clock) - begin_ns) / 1000;
    return snapshot;
}

void weir__snapshot_encode(struct weir__snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->state_count; i++) {
        weir__gaps_fill(&snapshot->gaps[i], &snapshot->states[i]);
    }
}

void weir__snapshot_free(struct weir__snapshot *snapshot)
{
    if (snapshot == NULL) {
        return;
    }
    for (size_t i = 0; i < snapshot->state_count; i++) {
        weir__buf_fini(&snapshot->states[i]);
        weir__gaps_fini(&snapshot->gaps[i]);
    }
    weir__free(snapshot->states);
    weir__free(snapshot->gaps);
    weir__offsets_fini(&snapshot->offsets);
    weir__free(snapshot);
}
