/* Driving a harness: what comes in, and what came out. */
#include "testkit/harness_internal.h"
#include "trace/trace.h"

#include <assert.h>

const struct weir_error *weir_harness_error(const weir_harness *harness)
{
    return &harness->error;
}

static struct weir__operator *head(const weir_harness *harness)
{
    return harness->hosts[0]->op;
}

/* Of a union: the operator reads both streams as one. */
static bool unites(const weir_harness *harness)
{
    return harness->chain[0]->second_type == NULL && harness->chain[0]->input_count == 2;
}

static bool has_two_inputs(const weir_harness *harness)
{
    return harness->chain[0]->input_count == 2;
}

void weir__harness_look(weir_harness *harness)
{
    for (size_t i = 0; i < harness->count; i++) {
        const struct weir__operator_context *context = &harness->hosts[i]->context;
        if (context->rejection.code != WEIR_OK) {
            harness->rejection = context->rejection;
        }
        if (context->failed && harness->error.code == WEIR_OK) {
            harness->error = context->failure;
        }
    }
}

/* ---- what comes in ---- */

void weir__harness_push_record(weir_harness *harness, const struct weir__record *record)
{
    if (weir__harness_works(harness)) {
        weir__operator_receive(head(harness), 0, record);
        weir__harness_look(harness);
    }
}

static struct weir__record record_of(weir_harness *harness, const void *value, int64_t timestamp,
                                     int32_t split)
{
    bool tracing = weir__tracing(harness->tracer);
    return (struct weir__record){
        .value = value,
        .timestamp = timestamp,
        .split = split,
        .id = tracing ? weir__trace_next_id(harness->tracer) : 0,
    };
}

void weir_harness_push_from(weir_harness *harness, int32_t split, const void *value,
                            int64_t timestamp)
{
    struct weir__record record = record_of(harness, value, timestamp, split);
    weir__harness_push_record(harness, &record);
}

void weir_harness_push2(weir_harness *harness, const void *value, int64_t timestamp)
{
    if (weir__harness_works(harness)) {
        assert(has_two_inputs(harness));
        struct weir__record record = record_of(harness, value, timestamp, WEIR__NO_SPLIT);
        weir__operator_receive(head(harness), unites(harness) ? 0 : 1, &record);
        weir__harness_look(harness);
    }
}

void weir_harness_push(weir_harness *harness, const void *value, int64_t timestamp)
{
    weir_harness_push_from(harness, WEIR__NO_SPLIT, value, timestamp);
}

void weir_harness_split_added(weir_harness *harness, int32_t split)
{
    if (weir__harness_works(harness)) {
        weir__operator_receiver_ops.split(head(harness), split, true);
    }
}

void weir_harness_split_finished(weir_harness *harness, int32_t split)
{
    if (weir__harness_works(harness)) {
        weir__operator_receiver_ops.split(head(harness), split, false);
    }
}

/* Where two streams are united they have become one before the operator hears of it. */
static void advance(weir_harness *harness, int input, int64_t watermark)
{
    if (!weir__harness_works(harness)) {
        return;
    }
    struct weir__operator *op = head(harness);
    if (unites(harness)) {
        weir__operator_take_time(op,
                                 weir__inputs_watermark(&op->context->inputs, input, watermark));
    } else {
        weir__operator_advance_input(op, input, watermark);
    }
    weir__harness_look(harness);
}

static void set_idle(weir_harness *harness, int input, bool idle)
{
    if (!weir__harness_works(harness)) {
        return;
    }
    struct weir__operator *op = head(harness);
    if (unites(harness)) {
        weir__operator_take_time(op, weir__inputs_idle(&op->context->inputs, input, idle));
    } else {
        weir__operator_set_input_idle(op, input, idle);
    }
    weir__harness_look(harness);
}

void weir_harness_watermark(weir_harness *harness, int64_t watermark)
{
    advance(harness, 0, watermark);
    if (weir__harness_works(harness) && has_two_inputs(harness)) {
        advance(harness, 1, watermark);
    }
}

void weir_harness_idle(weir_harness *harness, bool idle)
{
    set_idle(harness, 0, idle);
    if (weir__harness_works(harness) && has_two_inputs(harness)) {
        set_idle(harness, 1, idle);
    }
}

void weir_harness_watermark1(weir_harness *harness, int64_t watermark)
{
    advance(harness, 0, watermark);
}

void weir_harness_watermark2(weir_harness *harness, int64_t watermark)
{
    assert(!weir__harness_works(harness) || has_two_inputs(harness));
    advance(harness, 1, watermark);
}

void weir_harness_idle1(weir_harness *harness, bool idle)
{
    set_idle(harness, 0, idle);
}

void weir_harness_idle2(weir_harness *harness, bool idle)
{
    assert(!weir__harness_works(harness) || has_two_inputs(harness));
    set_idle(harness, 1, idle);
}

/* The host whose tick is due first; NULL when none is due. */
static struct weir__host *first_due(const weir_harness *harness)
{
    struct weir__host *first = NULL;
    int64_t earliest = WEIR_TIME_MAX;
    for (size_t i = 0; i < harness->count; i++) {
        int64_t at = weir__host_next_tick(harness->hosts[i]);
        if (at <= harness->clock.ms && at < earliest) {
            earliest = at;
            first = harness->hosts[i];
        }
    }
    return first;
}

void weir_harness_set_time(weir_harness *harness, int64_t ms)
{
    weir_manual_clock_set(&harness->clock, ms);
    struct weir__host *due;
    while (weir__harness_works(harness) && (due = first_due(harness)) != NULL) {
        weir__host_tick(due, ms);
        weir__harness_look(harness);
    }
}

void weir_harness_finish(weir_harness *harness)
{
    weir_harness_watermark(harness, WEIR_TIME_MAX);
    for (size_t i = 0; i < harness->count && weir__harness_works(harness); i++) {
        weir__host_finish(harness->hosts[i]);
        weir__harness_look(harness);
    }
}

/* ---- what came out ---- */

size_t weir_harness_count(const weir_harness *harness)
{
    return harness->recording.outputs.count;
}

const struct weir_harness_output *weir_harness_at(const weir_harness *harness, size_t index)
{
    return weir__vec_at(&harness->recording.outputs, index);
}

void weir_harness_clear(weir_harness *harness)
{
    weir__recording_clear(&harness->recording);
}

const char *weir_harness_take_text(weir_harness *harness)
{
    weir__recording_write(&harness->recording, &harness->error);
    weir__recording_clear(&harness->recording);
    return harness->recording.text.data;
}
