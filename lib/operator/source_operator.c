/*
 * The source operator: what stands between a connector's reader and the chain behind it.
 *
 *     task ─poll─▶ reader ─weir_source_emit─▶ record ─▶ main output
 *                         ─weir_source_dead_letter─▶ counted, and to the side output "dead-letters"
 *                         ─weir_source_split_added, …─▶ the watermark assigner of this chain
 *
 * In micro-batches (operator/micro_batch.h) all of it is held in between.
 *
 * It numbers the records of the trace, sends latency markers (operator/latency.h) between two
 * polls, so none while the task is held up or its source paused, and the final watermark when the
 * reader has reached its end.
 */
#include "operator/source_operator.h"

#include "base/mem.h"
#include "metrics/metrics.h"
#include "operator/factories.h"

#include <stdio.h>

struct source_factory {
    struct weir__operator_factory factory;
    weir_source *source; /* owned */
};

typedef struct weir_source_output source_operator;

/* ---- what the task calls ---- */

/* Behind the records that were brought so far. */
static void mark(source_operator *source)
{
    const struct weir__operator_context *context = source->op.context;
    struct weir__held marker = {.kind = WEIR__HELD_MARKER};
    if (weir__latency_due(context->latency, weir_clock_ms(context->clock),
                          weir_clock_ns(context->clock), &marker.marker)) {
        weir__source_put(source, &marker);
    }
}

enum weir_poll weir__source_ask(source_operator *source, int budget, struct weir_error *error)
{
    if (source->op.context->latency != NULL) {
        mark(source);
    }
    return source->source->ops->poll(source->reader, source, budget, error);
}

enum weir_poll weir__source_end(source_operator *source)
{
    source->ended = true;
    weir__operator_advance(&source->op, WEIR_TIME_MAX);
    return WEIR_POLL_END;
}

enum weir_poll weir__source_operator_poll(struct weir__operator *op, int budget,
                                          struct weir_error *error)
{
    source_operator *source = (source_operator *)op;
    if (source->ended) {
        return WEIR_POLL_END;
    }
    if (source->batch != NULL) {
        return weir__source_poll_in_batches(source, budget, error);
    }
    enum weir_poll polled = weir__source_ask(source, budget, error);
    return polled == WEIR_POLL_END ? weir__source_end(source) : polled;
}

/* ---- the clock ---- */

static int64_t next_tick(const struct weir__operator *op)
{
    const source_operator *source = (const source_operator *)op;
    return source->batch != NULL && !source->ended
               ? weir__micro_batch_boundary(source->batch, op->context->clock)
               : WEIR_TIME_MAX;
}

/* The poll that follows does the rest, when there is room for it. */
static void tick(struct weir__operator *op, int64_t now_ms)
{
    source_operator *source = (source_operator *)op;
    (void)now_ms;
    (void)weir__micro_batch_goes_on(source->batch, op->context->clock);
}

/* A source has no input. */
static void process(struct weir__operator *op, int input, const struct weir__record *record)
{
    (void)op;
    (void)input;
    (void)record;
}

static enum weir_status open_source(struct weir__operator *op, struct weir_error *error)
{
    source_operator *source = (source_operator *)op;
    const struct weir__operator_context *context = op->context;
    const struct weir_source_context around = {
        .subtask = context->subtask,
        .parallelism = context->parallelism,
        .operator_name = context->name,
        .properties = context->properties,
        .brokers = context->brokers,
        .clock = context->clock,
        .checkpoint_interval_ms =
            context->checkpoints != NULL ? context->checkpoints->interval_ms : 0,
        .wake = context->wake,
        .waker = context->waker,
    };
    source->dead_letters = weir__metric_counter(context->metrics, WEIR__DEAD_LETTERS);
    if (context->micro_batch_ms > 0) {
        source->batch = weir__micro_batch_new(context->out_type, context->micro_batch_ms, 0,
                                              weir_clock_ms(context->clock));
    }
    source->reader = source->source->ops->reader_new(source->source->config);
    return source->source->ops->open(source->reader, &around, error);
}

/* A reader that cannot be replayed leaves its position out, and starts anew. */
static void snapshot(struct weir__operator *op, struct weir__buf *out)
{
    source_operator *source = (source_operator *)op;
    struct weir_str position = {NULL, 0};
    if (source->position_kept && !source->ended) {
        position = (struct weir_str){source->position.data, (uint32_t)source->position.len};
    } else if (source->source->ops->snapshot != NULL) {
        position = source->source->ops->snapshot(source->reader);
    }
    weir__buf_put_str(out, position);
}

static enum weir_status restore(struct weir__operator *op, struct weir_str bytes,
                                struct weir_error *error)
{
    source_operator *source = (source_operator *)op;
    struct weir__reader in = weir__reader_of(bytes);
    struct weir_str position = weir__read_str(&in);
    if (in.failed || in.at != in.end) {
        return weir_error_set(error, WEIR_CORRUPT, op->context->name,
                              "the source's saved position is damaged (%u bytes)", bytes.len);
    }
    if (weir_str_is_null(position) || source->source->ops->restore == NULL) {
        return WEIR_OK;
    }
    return source->source->ops->restore(source->reader, position, error);
}

static void checkpoint_complete(struct weir__operator *op, const struct weir__completed *completed)
{
    source_operator *source = (source_operator *)op;
    if (source->source->ops->checkpoint_complete != NULL) {
        source->source->ops->checkpoint_complete(source->reader, completed->checkpoint);
    }
}

static void free_source(struct weir__operator *op)
{
    source_operator *source = (source_operator *)op;
    if (source->reader != NULL) {
        source->source->ops->reader_free(source->reader);
    }
    weir__buf_fini(&source->text);
    weir__buf_fini(&source->position);
    weir__micro_batch_free(source->batch);
    weir__free(source);
}

static const struct weir__operator_ops ops = {
    .kind = "Source",
    .makes_watermarks = true, /* none but the final one, which says nothing of events */
    .open = open_source,
    .process = process,
    .next_tick = next_tick,
    .tick = tick,
    .snapshot = snapshot,
    .restore = restore,
    .checkpoint_complete = checkpoint_complete,
    .free = free_source,
};

const struct weir_source_offset *weir__operator_offsets(const struct weir__operator *op,
                                                        size_t *count)
{
    *count = 0;
    if (op->ops != &ops) {
        return NULL;
    }
    const source_operator *source = (const source_operator *)op;
    return source->source->ops->offsets != NULL
               ? source->source->ops->offsets(source->reader, count)
               : NULL;
}

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    source_operator *source = WEIR__NEW(source_operator);
    source->op.ops = &ops;
    source->source = ((const struct source_factory *)factory)->source;
    return &source->op;
}

static void free_factory(struct weir__operator_factory *factory)
{
    weir_source *source = ((struct source_factory *)factory)->source;
    if (source->ops->config_free != NULL) {
        source->ops->config_free(source->config);
    }
    weir__free(source);
    weir__free(factory);
}

struct weir__operator_factory *weir__source_factory(weir_source *source)
{
    struct source_factory *factory = WEIR__NEW(struct source_factory);
    factory->factory =
        (struct weir__operator_factory){.ops = &ops, .create = create, .free = free_factory};
    factory->source = source;
    return &factory->factory;
}
