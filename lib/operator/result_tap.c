/* Results on their way to the trace. */
#include "operator/result_tap.h"

#include "trace/trace.h"

static void tell_and_pass(void *self, const struct weir__record *record)
{
    const struct weir__result_tap *tap = self;
    const struct weir__operator_context *context = tap->context;
    char value[200]; /* the tracer keeps no more of it */
    char key[24];
    weir_value_to_json(context->out_type, record->value, value, sizeof(value));
    weir__trace_result(context->tracer, context->id, weir__key_text(tap->key, key),
                       record->timestamp, weir_str_from(value));
    weir__output_record(&context->main, record);
}

static const struct weir__receiver_ops tap_ops = {.record = tell_and_pass};

const struct weir__output *weir__result_tap_init(struct weir__result_tap *tap,
                                                 struct weir__operator_context *context,
                                                 const struct weir__key *key)
{
    tap->context = context;
    tap->key = key;
    tap->receiver = (struct weir__receiver){&tap_ops, tap};
    tap->output = (struct weir__output){
        .type = context->out_type,
        .receivers = &tap->receiver,
        .receiver_count = 1,
        .records_out = &tap->records,
    };
    return weir__tracing(context->tracer) ? &tap->output : &context->main;
}
