/*
 * The watermark assigner: gives events their timestamp and makes watermarks from them, per source
 * split where records carry one.
 *
 *     record ─▶ timestamp from the field ─▶ emitted ─▶ shown to its split's generator
 *     every interval (200 ms), or after every event: the minimum over the splits, when it rose
 *
 * Upstream watermarks are swallowed, except the final one, and so is upstream idleness: this
 * operator knows better. Source: semantics sheet, sections 11, 12 and 14.
 */
#include "base/log.h"
#include "base/mem.h"
#include "base/rare.h"
#include "metrics/metrics.h"
#include "operator/aligned.h"
#include "operator/deadline.h"
#include "operator/factories.h"
#include "operator/trace_record.h"
#include "time/generator.h"
#include "time/split_watermarks.h"
#include "trace/trace.h"

struct assigner_factory {
    struct weir__operator_factory factory;
    struct weir_watermark_strategy strategy;
    const struct weir_field *timestamp;
};

struct assigner {
    struct weir__operator op;
    struct weir_watermark_strategy strategy;
    const struct weir_field *timestamp; /* NULL: the record's own */
    struct weir__split_watermarks *splits;
    int64_t interval_ms;    /* between probes */
    bool after_every_event; /* then the probes only look for idleness */
    int64_t next_probe_ms;  /* WEIR_TIME_MAX: never again */
    int64_t ingested_ms;    /* ingestion time: what the clock said at most */
    int64_t *future_records;
    struct weir__aligned aligned; /* with the other sources of its group */
};

static void tell(struct assigner *assigner, struct weir__time_change change)
{
    const struct weir__operator_context *context = assigner->op.context;
    if (change.active) {
        weir__aligned_idle(&assigner->aligned, false);
        if (weir__tracing(context->tracer)) {
            weir__trace_idle(context->tracer, context->id, context->subtask, NULL, false);
        }
        weir__operator_forward_idle(&assigner->op, false);
    }
    if (change.rises) {
        if (weir__tracing(context->tracer)) {
            weir__trace_watermark(context->tracer, context->id, context->subtask, NULL,
                                  change.watermark);
        }
        weir__operator_forward_watermark(&assigner->op, change.watermark);
        weir__aligned_watermark(&assigner->aligned, change.watermark);
    }
    if (change.idle) {
        weir__aligned_idle(&assigner->aligned, true);
        if (weir__tracing(context->tracer)) {
            weir__trace_idle(context->tracer, context->id, context->subtask, NULL, true);
        }
        weir__operator_forward_idle(&assigner->op, true);
    }
}

/* ---- events ---- */

static bool by_ingestion(const struct assigner *assigner)
{
    return assigner->strategy.kind == WEIR_WATERMARK_INGESTION;
}

static int64_t ingestion_time(struct assigner *assigner, int64_t now_ms)
{
    if (now_ms > assigner->ingested_ms) {
        assigner->ingested_ms = now_ms;
    }
    return assigner->ingested_ms;
}

/* The clock moves the watermark, with events or without; it is one for all splits. */
static void ingest(struct assigner *assigner, int64_t time_ms)
{
    bool future;
    tell(assigner, weir__split_watermarks_event(assigner->splits, WEIR__NO_SPLIT, NULL, time_ms,
                                                time_ms, &future));
}

static void count_future(struct assigner *assigner, const struct weir__record *record,
                         int64_t now_ms)
{
    if (weir__worth_a_line(++*assigner->future_records)) {
        char timestamp[40];
        char now[40];
        weir_time_format(record->timestamp, timestamp, sizeof timestamp);
        weir_time_format(now_ms, now, sizeof now);
        weir__log(WEIR__LOG_WARNING,
                  "%s: an event dated %s is more than the allowed skew ahead of the clock (%s); it "
                  "does not move the "
                  "watermark (%lld such events so far)",
                  assigner->op.context->name, timestamp, now, (long long)*assigner->future_records);
    }
}

static void process(struct weir__operator *op, int input, const struct weir__record *record)
{
    (void)input;
    struct assigner *assigner = (struct assigner *)op;
    const struct weir__operator_context *context = op->context;
    struct weir__record timed = *record;
    int32_t split = timed.split;
    if (by_ingestion(assigner)) {
        timed.timestamp = ingestion_time(assigner, weir_clock_ms(context->clock));
        split = WEIR__NO_SPLIT;
    } else if (assigner->timestamp != NULL) {
        timed.timestamp =
            *(const int64_t *)((const char *)record->value + assigner->timestamp->offset);
    }
    if (weir__tracing(context->tracer)) {
        weir__trace_arrival(context, 0, &timed);
    }
    weir__output_record(&context->main, &timed);

    bool future;
    int64_t now_ms = assigner->strategy.max_future_skew_ms > 0 ? weir_clock_ms(context->clock) : 0;
    tell(assigner, weir__split_watermarks_event(assigner->splits, split, timed.value,
                                                timed.timestamp, now_ms, &future));
    if (future) {
        count_future(assigner, &timed, now_ms);
    }
    if (assigner->after_every_event) {
        int64_t now_ns = assigner->strategy.idle_timeout_ms > 0
                             ? weir__aligned_clock_ns(&assigner->aligned, context->clock)
                             : 0;
        tell(assigner, weir__split_watermarks_probe_split(assigner->splits, split, now_ns));
    }
}

/* ---- time ---- */

static void take_watermark(struct weir__operator *op, int64_t watermark)
{
    struct assigner *assigner = (struct assigner *)op;
    if (watermark == WEIR_TIME_MAX) {
        assigner->next_probe_ms = WEIR_TIME_MAX;
        tell(assigner, weir__split_watermarks_end(assigner->splits));
    }
}

static void take_idleness(struct weir__operator *op, bool idle)
{
    (void)op;
    (void)idle;
}

static void take_split(struct weir__operator *op, int32_t split, bool added)
{
    struct assigner *assigner = (struct assigner *)op;
    if (split == WEIR__NO_SPLIT) {
        tell(assigner, weir__split_watermarks_none(assigner->splits));
    } else if (by_ingestion(assigner)) {
        /* Splits do not matter: one clock is everybody's. */
    } else if (added) {
        weir__split_watermarks_add(assigner->splits, split);
    } else {
        weir__split_watermarks_remove(assigner->splits, split);
    }
    weir__operator_forward_split(op, split, added);
}

static int64_t next_tick(const struct weir__operator *op)
{
    const struct assigner *assigner = (const struct assigner *)op;
    int64_t probe_ms =
        weir__deadline(op->context->clock, assigner->next_probe_ms, assigner->interval_ms);
    int64_t report_ms = weir__aligned_next_tick(&assigner->aligned, op->context->clock);
    return report_ms < probe_ms ? report_ms : probe_ms;
}

static void tick(struct weir__operator *op, int64_t now_ms)
{
    struct assigner *assigner = (struct assigner *)op;
    if (now_ms >=
        weir__deadline(op->context->clock, assigner->next_probe_ms, assigner->interval_ms)) {
        assigner->next_probe_ms = weir_time_add(now_ms, assigner->interval_ms);
        if (by_ingestion(assigner)) {
            ingest(assigner, ingestion_time(assigner, now_ms));
        }
        int64_t now_ns = weir__aligned_clock_ns(&assigner->aligned, op->context->clock);
        tell(assigner, weir__split_watermarks_probe(assigner->splits, now_ns));
    }
    weir__aligned_tick(&assigner->aligned, now_ms);
}

/* ---- life ---- */

static void trace_split_watermark(void *self, int32_t split, int64_t watermark)
{
    const struct weir__operator_context *context = ((const struct assigner *)self)->op.context;
    char name[16];
    const char *channel = weir__trace_split(split, name);
    if (weir__tracing(context->tracer) && channel != NULL) {
        weir__trace_watermark(context->tracer, context->id, context->subtask, channel, watermark);
    }
}

static void trace_split_idle(void *self, int32_t split, bool idle)
{
    const struct weir__operator_context *context = ((const struct assigner *)self)->op.context;
    char name[16];
    const char *channel = weir__trace_split(split, name);
    if (weir__tracing(context->tracer) && channel != NULL) {
        weir__trace_idle(context->tracer, context->id, context->subtask, channel, idle);
    }
}

static enum weir_status open_assigner(struct weir__operator *op, struct weir_error *error)
{
    (void)error;
    struct assigner *assigner = (struct assigner *)op;
    int64_t interval_ms = assigner->strategy.interval_ms;
    assigner->after_every_event = interval_ms < 0;
    assigner->interval_ms = interval_ms > 0 ? interval_ms : WEIR__DEFAULT_INTERVAL_MS;
    assigner->ingested_ms = WEIR_TIME_MIN;
    if (by_ingestion(assigner)) { /* a guard against the clock, by the clock */
        assigner->strategy.max_future_skew_ms = 0;
    }
    if (assigner->strategy.idle_timeout_ms > 0) { /* between two batches nobody is idle */
        assigner->strategy.idle_timeout_ms =
            weir_time_add(assigner->strategy.idle_timeout_ms, op->context->micro_batch_ms);
    }
    assigner->splits = weir__split_watermarks_new(&assigner->strategy);
    weir__split_watermarks_observe(assigner->splits, (struct weir__split_observer){
                                                         .watermark = trace_split_watermark,
                                                         .idle = trace_split_idle,
                                                         .self = assigner,
                                                     });
    assigner->future_records = weir__metric_counter(op->context->metrics, WEIR__FUTURE_RECORDS);
    weir__aligned_open(&assigner->aligned, op, &assigner->strategy);
    bool probes = !assigner->after_every_event || assigner->strategy.idle_timeout_ms > 0;
    assigner->next_probe_ms =
        probes ? weir_time_add(weir_clock_ms(op->context->clock), assigner->interval_ms)
               : WEIR_TIME_MAX;
    return WEIR_OK;
}

static void free_assigner(struct weir__operator *op)
{
    weir__split_watermarks_free(((struct assigner *)op)->splits);
    weir__free(op);
}

static const struct weir__operator_ops ops = {
    .kind = "Timestamps/Watermarks",
    .makes_watermarks = true,
    .open = open_assigner,
    .process = process,
    .watermark = take_watermark,
    .idle = take_idleness,
    .split = take_split,
    .next_tick = next_tick,
    .tick = tick,
    .free = free_assigner,
};

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    const struct assigner_factory *from = (const struct assigner_factory *)factory;
    struct assigner *assigner = WEIR__NEW(struct assigner);
    assigner->op.ops = &ops;
    assigner->strategy = from->strategy;
    assigner->timestamp = from->timestamp;
    return &assigner->op;
}

static const char *kind_name(enum weir_watermark_kind kind)
{
    switch (kind) {
    case WEIR_WATERMARK_NONE:
        return "none";
    case WEIR_WATERMARK_BOUNDED:
        return "bounded";
    case WEIR_WATERMARK_PUNCTUATED:
        return "punctuated";
    case WEIR_WATERMARK_INGESTION:
        return "ingestion";
    }
    return "none";
}

static void describe(const struct weir__operator_factory *factory, struct weir__buf *json)
{
    const struct weir_watermark_strategy *strategy =
        &((const struct assigner_factory *)factory)->strategy;
    weir__buf_printf(json, "\"watermark\":\"%s\"", kind_name(strategy->kind));
    if (strategy->kind == WEIR_WATERMARK_BOUNDED) {
        weir__buf_printf(json, ",\"bound\":%lld", (long long)strategy->bound_ms);
    }
    if (strategy->idle_timeout_ms > 0) {
        weir__buf_printf(json, ",\"idle-timeout\":%lld", (long long)strategy->idle_timeout_ms);
    }
    if (strategy->alignment_group != NULL) {
        weir__buf_printf(json, ",\"max-drift\":%lld", (long long)strategy->max_drift_ms);
    }
}

struct weir__operator_factory *weir__watermark_factory(struct weir_watermark_strategy strategy,
                                                       const struct weir_field *timestamp)
{
    struct assigner_factory *factory = WEIR__NEW(struct assigner_factory);
    factory->factory = (struct weir__operator_factory){
        .ops = &ops, .create = create, .describe = describe, .free = weir__factory_free_plain};
    factory->strategy = strategy;
    factory->timestamp = timestamp;
    return &factory->factory;
}
