/*
 * The entry points through which tasks and the harness reach an operator, and the helpers through
 * which it answers.
 *
 * Invariants kept here, so that no operator has to: the watermark never falls; idleness is told
 * once; after a failure nothing more reaches the operator.
 */
#include "operator/operator.h"

#include "base/mem.h"
#include "metrics/metrics.h"
#include "operator/trace_record.h"
#include "trace/trace.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- towards the operator ---- */

void weir__operator_receive(struct weir__operator *op, int input, const struct weir__record *record)
{
    struct weir__operator_context *context = op->context;
    if (context->failed) {
        return;
    }
    context->records_in++;
    if (weir__tracing(context->tracer) && weir__operator_input_key(context, input) != NULL) {
        weir__trace_arrival(context, input, record);
    }
    op->ops->process(op, input, record);
}

/* While tracing each record tells of itself before what it causes. */
bool weir__operator_takes_batches(const struct weir__operator *op)
{
    return op->ops->process_batch != NULL && !weir__tracing(op->context->tracer);
}

void weir__operator_receive_batch(struct weir__operator *op, const struct weir__record *records,
                                  size_t count)
{
    assert(count <= WEIR__BATCH_MAX);
    if (!weir__operator_takes_batches(op)) {
        for (size_t i = 0; i < count; i++) {
            weir__operator_receive(op, 0, &records[i]);
        }
    } else if (!op->context->failed) {
        op->context->records_in += (int64_t)count;
        op->ops->process_batch(op, records, count);
    }
}

void weir__operator_advance(struct weir__operator *op, int64_t watermark)
{
    struct weir__operator_context *context = op->context;
    if (context->failed || watermark <= context->watermark) {
        return;
    }
    context->watermark = watermark;
    if (weir__tracing(context->tracer) && !op->ops->makes_watermarks) {
        weir__trace_watermark(context->tracer, context->id, context->subtask, NULL, watermark);
    }
    if (op->ops->watermark != NULL) {
        op->ops->watermark(op, watermark);
    } else {
        weir__operator_forward_watermark(op, watermark);
    }
}

void weir__operator_set_idle(struct weir__operator *op, bool idle)
{
    struct weir__operator_context *context = op->context;
    if (context->failed || context->idle == idle) {
        return;
    }
    context->idle = idle;
    if (weir__tracing(context->tracer) && !op->ops->makes_watermarks) {
        weir__trace_idle(context->tracer, context->id, context->subtask, NULL, idle);
    }
    if (op->ops->idle != NULL) {
        op->ops->idle(op, idle);
    } else {
        weir__operator_forward_idle(op, idle);
    }
}

/* ---- two inputs ---- */

void weir__operator_take_time(struct weir__operator *op, struct weir__time_change change)
{
    if (change.active) {
        weir__operator_set_idle(op, false);
    }
    if (change.rises) {
        weir__operator_advance(op, change.watermark);
    }
    if (change.idle) {
        weir__operator_set_idle(op, true);
    }
}

void weir__operator_advance_input(struct weir__operator *op, int input, int64_t watermark)
{
    if (op->context->second_type == NULL) {
        weir__operator_advance(op, watermark);
    } else {
        weir__operator_take_time(op,
                                 weir__inputs_watermark(&op->context->inputs, input, watermark));
    }
}

void weir__operator_set_input_idle(struct weir__operator *op, int input, bool idle)
{
    if (op->context->second_type == NULL) {
        weir__operator_set_idle(op, idle);
    } else {
        weir__operator_take_time(op, weir__inputs_idle(&op->context->inputs, input, idle));
    }
}

/* ---- latency ---- */

void weir__operator_take_marker(struct weir__operator *op,
                                const struct weir__latency_marker *marker)
{
    const struct weir__operator_context *context = op->context;
    if (context->failed) {
        return;
    }
    if (context->latency != NULL) {
        weir__latency_arrived(context->latency, marker, weir_clock_ns(context->clock));
    }
    weir__operator_forward_marker(op, marker);
}

/* ---- an operator as the receiver of another one of its chain ---- */

static void receive_record(void *self, const struct weir__record *record)
{
    weir__operator_receive(self, 0, record);
}

static void receive_watermark(void *self, int64_t watermark)
{
    weir__operator_advance(self, watermark);
}

static void receive_idle(void *self, bool idle)
{
    weir__operator_set_idle(self, idle);
}

static void receive_split(void *self, int32_t split, bool added)
{
    struct weir__operator *op = self;
    if (op->context->failed) {
        return;
    }
    if (op->ops->split != NULL) {
        op->ops->split(op, split, added);
    } else {
        weir__operator_forward_split(op, split, added);
    }
}

static void receive_marker(void *self, const struct weir__latency_marker *marker)
{
    weir__operator_take_marker(self, marker);
}

const struct weir__receiver_ops weir__operator_receiver_ops = {
    .record = receive_record,
    .watermark = receive_watermark,
    .idle = receive_idle,
    .split = receive_split,
    .marker = receive_marker,
};

/* ---- from the operator ---- */

void weir__operator_free_plain(struct weir__operator *op)
{
    weir__free(op);
}

void weir__factory_free_plain(struct weir__operator_factory *factory)
{
    weir__free(factory);
}

static void send_watermark(const struct weir__output *output, int64_t watermark)
{
    for (size_t i = 0; i < output->receiver_count; i++) {
        output->receivers[i].ops->watermark(output->receivers[i].self, watermark);
    }
}

static void send_idle(const struct weir__output *output, bool idle)
{
    for (size_t i = 0; i < output->receiver_count; i++) {
        output->receivers[i].ops->idle(output->receivers[i].self, idle);
    }
}

void weir__operator_forward_watermark(struct weir__operator *op, int64_t watermark)
{
    const struct weir__operator_context *context = op->context;
    send_watermark(&context->main, watermark);
    for (size_t i = 0; i < context->side_count; i++) {
        send_watermark(&context->sides[i], watermark);
    }
}

void weir__operator_forward_idle(struct weir__operator *op, bool idle)
{
    const struct weir__operator_context *context = op->context;
    send_idle(&context->main, idle);
    for (size_t i = 0; i < context->side_count; i++) {
        send_idle(&context->sides[i], idle);
    }
}

void weir__operator_forward_split(struct weir__operator *op, int32_t split, bool added)
{
    /* Side outputs carry no split: their records are not the source's events. */
    const struct weir__output *output = &op->context->main;
    for (size_t i = 0; i < output->receiver_count; i++) {
        if (output->receivers[i].ops->split != NULL) {
            output->receivers[i].ops->split(output->receivers[i].self, split, added);
        }
    }
}

/* The n-th receiver of the main output and, behind it, of the sides; NULL: there are not so many.
 */
static const struct weir__receiver *receiver_at(const struct weir__operator_context *context,
                                                size_t n)
{
    const struct weir__output *output = &context->main;
    for (size_t i = 0; i <= context->side_count; i++) {
        if (n < output->receiver_count) {
            return &output->receivers[n];
        }
        n -= output->receiver_count;
        output = &context->sides[i];
    }
    return NULL;
}

void weir__operator_forward_marker(struct weir__operator *op,
                                   const struct weir__latency_marker *marker)
{
    struct weir__operator_context *context = op->context;
    const struct weir__receiver *receiver = receiver_at(context, context->next_marked++);
    if (receiver == NULL) { /* once round */
        receiver = receiver_at(context, 0);
        context->next_marked = 1;
    }
    if (receiver != NULL && receiver->ops->marker != NULL) {
        receiver->ops->marker(receiver->self, marker);
    }
}

void weir__operator_fail(struct weir__operator *op, const struct weir_error *error)
{
    struct weir__operator_context *context = op->context;
    if (context->failed) {
        return;
    }
    context->failed = true;
    context->failure = *error;
    if (error->where[0] == '\0') {
        snprintf(context->failure.where, sizeof context->failure.where, "%s", context->name);
    } else if (strncmp(error->where, context->name, strlen(context->name)) != 0) {
        snprintf(context->failure.where, sizeof context->failure.where, "%.50s: %.100s",
                 context->name, error->where);
    }
}

void weir__operator_reject(struct weir__operator *op, const char *format, ...)
{
    struct weir__operator_context *context = op->context;
    context->rejection = (struct weir_error){.code = WEIR_INVALID};
    snprintf(context->rejection.where, sizeof context->rejection.where, "%s", context->name);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(context->rejection.message, sizeof context->rejection.message, format, arguments);
    va_end(arguments);
    (*weir__metric_counter(context->metrics, WEIR__RECORDS_REJECTED))++;
}

struct weir__output *weir__operator_side(struct weir__operator *op, const char *tag)
{
    struct weir__operator_context *context = op->context;
    for (size_t i = 0; i < context->side_count; i++) {
        if (strcmp(context->sides[i].tag, tag) == 0) {
            return &context->sides[i];
        }
    }
    return NULL;
}
