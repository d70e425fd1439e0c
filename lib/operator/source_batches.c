/*
 * A source in micro-batches (operator/micro_batch.h): it brings and holds, and at the boundary it
 * brings nothing until all of the batch has gone on, a budget at a time and as there is room.
 */
#include "operator/source_operator.h"

/* What is held goes on, while the task has budget and room. False: all of it has. */
static bool go_on(struct weir_source_output *source, int budget)
{
    const int *pressure = source->op.context->pressure;
    struct weir__held element;
    for (; budget > 0 && (pressure == NULL || *pressure == 0); budget--) {
        if (!weir__micro_batch_next(source->batch, &element)) {
            return false;
        }
        weir__source_emit(source, &element);
    }
    return true;
}

/* The next batch is to begin here, should it be lost. Readers that nobody restores are not asked:
 * they may take it for a promise. */
static void keep_position(struct weir_source_output *source)
{
    const struct weir__checkpoint_settings *checkpoints = source->op.context->checkpoints;
    if (source->source->ops->snapshot == NULL || checkpoints == NULL || !checkpoints->kept) {
        return;
    }
    struct weir_str position = source->source->ops->snapshot(source->reader);
    source->position.len = 0;
    weir__buf_put(&source->position, position.data, position.len);
    source->position_kept = true;
}

enum weir_poll weir__source_poll_in_batches(struct weir_source_output *source, int budget,
                                            struct weir_error *error)
{
    const struct weir_clock *clock = source->op.context->clock;
    struct weir__micro_batch *batch = source->batch;
    if (!source->position_kept) {
        keep_position(source);
    }
    if (weir__micro_batch_goes_on(batch, clock)) {
        if (go_on(source, budget)) {
            return WEIR_POLL_MORE;
        }
        bool any = weir__micro_batch_finish(batch, clock);
        keep_position(source);
        if (source->last) { /* what ends is committed with the end */
            return weir__source_end(source);
        }
        source->batch_over = source->batch_over || any;
        return WEIR_POLL_MORE;
    }
    enum weir_poll polled = weir__source_ask(source, budget, error);
    if (polled == WEIR_POLL_END) {
        (void)weir__source_operator_stop(&source->op);
        return WEIR_POLL_MORE;
    }
    if (polled == WEIR_POLL_NOTHING || polled == WEIR_POLL_WAITING) {
        weir__micro_batch_quiet(batch);
    }
    return polled;
}

bool weir__source_operator_stop(struct weir__operator *op)
{
    struct weir_source_output *source = (struct weir_source_output *)op;
    if (source->batch == NULL || source->ended) {
        return true;
    }
    source->last = true;
    weir__micro_batch_end(source->batch);
    return false;
}

int64_t weir__source_operator_brought(const struct weir__operator *op)
{
    const struct weir_source_output *source = (const struct weir_source_output *)op;
    int64_t held = source->batch != NULL ? weir__micro_batch_records(source->batch) : 0;
    return op->context->records_out + *source->dead_letters + held;
}

bool weir__source_operator_is_between_batches(const struct weir__operator *op)
{
    const struct weir_source_output *source = (const struct weir_source_output *)op;
    return source->batch == NULL || weir__micro_batch_is_holding(source->batch);
}

bool weir__source_operator_take_batch_over(struct weir__operator *op)
{
    struct weir_source_output *source = (struct weir_source_output *)op;
    bool over = source->batch_over;
    source->batch_over = false;
    return over;
}
