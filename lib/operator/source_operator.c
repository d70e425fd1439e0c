/*
 * The source operator: what stands between a connector's reader and the chain behind it.
 *
 *     task ─poll─▶ reader ─weir_source_emit─▶ record ─▶ main output
 *                         ─weir_source_dead_letter─▶ counted, and to the side output "dead-letters"
 *                         ─weir_source_split_added, …─▶ the watermark assigner of this chain
 *
 * It numbers the records of the trace, sends latency markers (operator/latency.h) between two
 * polls, so none while the task is held up or its source paused, and the final watermark when the
 * reader has reached its end.
 */
#include "base/log.h"
#include "base/mem.h"
#include "base/rare.h"
#include "metrics/metrics.h"
#include "operator/dead_letter.h"
#include "operator/factories.h"
#include "operator/trace_record.h"
#include "trace/trace.h"

#include <stdio.h>

struct source_factory {
    struct weir__operator_factory factory;
    weir_source *source; /* owned */
};

/* What the reader calls: it is this subtask's operator. */
struct weir_source_output {
    struct weir__operator op;
    const weir_source *source; /* the factory's */
    void *reader;
    bool ended;
    int64_t *dead_letters;
    struct weir__buf text; /* of the dead letter in hand */
};

typedef struct weir_source_output source_operator;

/* ---- what readers call ---- */

void weir_source_split_added(weir_source_output *out, int32_t split)
{
    weir__operator_forward_split(&out->op, split, true);
}

void weir_source_split_finished(weir_source_output *out, int32_t split)
{
    weir__operator_forward_split(&out->op, split, false);
}

void weir_source_no_splits(weir_source_output *out)
{
    weir__operator_forward_split(&out->op, WEIR__NO_SPLIT, false);
}

void weir_source_emit(weir_source_output *out, int32_t split, const void *value, int64_t timestamp)
{
    const struct weir__operator_context *context = out->op.context;
    struct weir__record record = {.value = value, .timestamp = timestamp, .split = split};
    if (weir__tracing(context->tracer)) {
        record.id = weir__trace_next_id(context->tracer);
        weir__trace_value(context, &record, context->out_type);
    }
    weir__output_record(&context->main, &record);
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
    const struct weir__output *side = weir__operator_side(&out->op, weir_dead_letters.name);
    if (side != NULL) {
        struct weir__record record = {
            .value = &letter, .timestamp = WEIR_TIME_MIN, .split = WEIR__NO_SPLIT};
        weir__output_record(side, &record);
    }
}

void weir_source_count(weir_source_output *out, const char *metric, int64_t increment)
{
    *weir__metric_counter(out->op.context->metrics, metric) += increment;
}

/* ---- what the task calls ---- */

/* Behind the records that were emitted so far. */
static void mark(struct weir__operator *op)
{
    const struct weir__operator_context *context = op->context;
    struct weir__latency_marker marker;
    if (weir__latency_due(context->latency, weir_clock_ms(context->clock),
                          weir_clock_ns(context->clock), &marker)) {
        weir__operator_forward_marker(op, &marker);
    }
}

enum weir_poll weir__source_operator_poll(struct weir__operator *op, int budget,
                                          struct weir_error *error)
{
    source_operator *source = (source_operator *)op;
    if (source->ended) {
        return WEIR_POLL_END;
    }
    if (op->context->latency != NULL) {
        mark(op);
    }
    enum weir_poll polled = source->source->ops->poll(source->reader, source, budget, error);
    if (polled == WEIR_POLL_END) {
        source->ended = true;
        weir__operator_advance(op, WEIR_TIME_MAX);
    }
    return polled;
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
    source->reader = source->source->ops->reader_new(source->source->config);
    return source->source->ops->open(source->reader, &around, error);
}

/* A reader that cannot be replayed leaves its position out, and starts anew. */
static void snapshot(struct weir__operator *op, struct weir__buf *out)
{
    source_operator *source = (source_operator *)op;
    struct weir_str position = {NULL, 0};
    if (source->source->ops->snapshot != NULL) {
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
    weir__free(source);
}

static const struct weir__operator_ops ops = {
    .kind = "Source",
    .makes_watermarks = true, /* none but the final one, which says nothing of events */
    .open = open_source,
    .process = process,
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
