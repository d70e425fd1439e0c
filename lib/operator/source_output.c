/*
 * What readers call, and where it goes: to the next operators, to the side output of dead letters,
 * or into the batch that is being held.
 */
#include "base/log.h"
#include "base/rare.h"
#include "metrics/metrics.h"
#include "operator/dead_letter.h"
#include "operator/source_operator.h"
#include "operator/trace_record.h"
#include "trace/trace.h"

/* ---- what goes on ---- */

static inline void emit_record(struct weir_source_output *source, struct weir__record *record)
{
    const struct weir__operator_context *context = source->op.context;
    if (weir__tracing(context->tracer)) {
        record->id = weir__trace_next_id(context->tracer);
        weir__trace_value(context, record, context->out_type);
    }
    weir__output_record(&context->main, record);
}

static void emit_dead_letter(struct weir_source_output *source,
                             const struct weir_dead_letter *letter)
{
    const struct weir__output *side = weir__operator_side(&source->op, weir_dead_letters.name);
    if (side != NULL) {
        struct weir__record record = {
            .value = letter, .timestamp = WEIR_TIME_MIN, .split = WEIR__NO_SPLIT};
        weir__output_record(side, &record);
    }
}

void weir__source_emit(struct weir_source_output *source, struct weir__held *element)
{
    switch (element->kind) {
    case WEIR__HELD_RECORD:
        emit_record(source, &element->record);
        break;
    case WEIR__HELD_DEAD_LETTER:
        emit_dead_letter(source, element->letter);
        break;
    case WEIR__HELD_SPLIT_ADDED:
    case WEIR__HELD_SPLIT_FINISHED:
        weir__operator_forward_split(&source->op, element->record.split,
                                     element->kind == WEIR__HELD_SPLIT_ADDED);
        break;
    case WEIR__HELD_MARKER:
        weir__operator_forward_marker(&source->op, &element->marker);
        break;
    }
}

void weir__source_put(struct weir_source_output *source, struct weir__held *element)
{
    if (source->batch != NULL) {
        weir__micro_batch_put(source->batch, element);
    } else {
        weir__source_emit(source, element);
    }
}

/* ---- what readers call ---- */

void weir_source_split_added(weir_source_output *out, int32_t split)
{
    weir__source_put(out, &(struct weir__held){WEIR__HELD_SPLIT_ADDED, .record = {.split = split}});
}

void weir_source_split_finished(weir_source_output *out, int32_t split)
{
    weir__source_put(out,
                     &(struct weir__held){WEIR__HELD_SPLIT_FINISHED, .record = {.split = split}});
}

void weir_source_no_splits(weir_source_output *out)
{
    weir_source_split_finished(out, WEIR__NO_SPLIT);
}

void weir_source_emit(weir_source_output *out, int32_t split, const void *value, int64_t timestamp)
{
    struct weir__record record = {.value = value, .timestamp = timestamp, .split = split};
    if (out->batch == NULL) { /* the usual way, and the short one */
        emit_record(out, &record);
    } else {
        weir__micro_batch_put(out->batch,
                              &(struct weir__held){WEIR__HELD_RECORD, .record = record});
    }
}

void weir_source_dead_letter(weir_source_output *out, int32_t split, int64_t position,
                             const char *bytes, size_t len, const struct weir_error *reason)
{
    struct weir_dead_letter letter;
    uint32_t kept = len > WEIR__DEAD_LETTER_BYTES ? WEIR__DEAD_LETTER_BYTES : (uint32_t)len;
    weir__dead_letter_fill(&letter, out->op.context->name, split, position,
                           (struct weir_str){bytes, kept}, reason, &out->text);
    int64_t count = ++*out->dead_letters;
    if (weir__worth_a_line(count)) {
        weir__log(WEIR__LOG_WARNING, "%s: dead letter at %d/%lld: %.*s (%lld so far)",
                  out->op.context->name, (int)split, (long long)position,
                  WEIR_STR_ARG(letter.reason), (long long)count);
    }
    weir__source_put(out, &(struct weir__held){WEIR__HELD_DEAD_LETTER, .letter = &letter});
}

void weir_source_count(weir_source_output *out, const char *metric, int64_t increment)
{
    *weir__metric_counter(out->op.context->metrics, metric) += increment;
}
