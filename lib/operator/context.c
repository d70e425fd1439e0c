/* <weir/process.h>, all but keys and timers: emitting, and asking where one is. */
#include "operator/context.h"

#include "base/log.h"
#include "metrics/metrics.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void weir_emit(weir_collector *out, const void *value)
{
    struct weir__record record = out->element;
    record.value = value;
    weir__output_record(out->output, &record);
}

void weir_emit_at(weir_collector *out, const void *value, int64_t timestamp)
{
    struct weir__record record = out->element;
    record.value = value;
    record.timestamp = timestamp;
    weir__output_record(out->output, &record);
}

void weir_side_emit(weir_context *context, const struct weir_output_tag *tag, const void *value)
{
    if (tag == NULL || tag->name == NULL) {
        weir__log(WEIR__LOG_ERROR, "%s: a side output needs a tag with a name, and its tag is NULL",
                  context->op->context->name);
        abort();
    }
    const struct weir__output *side = weir__operator_side(context->op, tag->name);
    if (side == NULL) {
        return; /* nobody reads it */
    }
    struct weir__record record = context->out.element;
    record.value = value;
    record.split = WEIR__NO_SPLIT;
    weir__output_record(side, &record);
}

int64_t weir_timestamp(const weir_context *context)
{
    return context->out.element.timestamp;
}

int64_t weir_current_watermark(const weir_context *context)
{
    return context->op->context->watermark;
}

int64_t weir_current_processing_time(const weir_context *context)
{
    return weir_clock_ms(context->op->context->clock);
}

int weir_subtask_index(const weir_context *context)
{
    return context->op->context->subtask;
}

void weir_fail(weir_context *context, const char *format, ...)
{
    struct weir_error error = {.code = WEIR_INVALID};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error.message, sizeof(error.message), format, arguments);
    va_end(arguments);
    weir__operator_fail(context->op, &error);
}

void weir_count(weir_context *context, const char *metric, int64_t increment)
{
    *weir__metric_counter(context->op->context->metrics, metric) += increment;
}

void weir_gauge(weir_context *context, const char *metric, double value)
{
    *weir__metric_gauge(context->op->context->metrics, metric) = value;
}

void weir_meter(weir_context *context, const char *metric, int64_t increment)
{
    *weir__metric_meter(context->op->context->metrics, metric) += increment;
}

void weir_histogram(weir_context *context, const char *metric, double value)
{
    weir__histogram_add(weir__metric_histogram(context->op->context->metrics, metric), value);
}
