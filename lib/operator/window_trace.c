/*
 * What the window operator tells the trace.
 */
#include "operator/window_operator.h"
#include "trace/trace.h"

#define VALUE_BYTES 256

/* Short text of a value; null for NULL. */
static struct weir_str text_of(const struct weir_type *type, const void *value,
                               char text[VALUE_BYTES])
{
    if (value == NULL) {
        return (struct weir_str){NULL, 0};
    }
    weir_value_to_json(type, value, text, VALUE_BYTES);
    return weir_str_from(text);
}

void weir__window_trace(const struct weir__window_operator *self, const char *action,
                        struct weir_window window, int64_t n, const void *result)
{
    const struct weir__operator_context *context = self->op.context;
    char key[24];
    char text[VALUE_BYTES];
    weir__trace_window(context->tracer, action, context->id, context->subtask,
                       weir__key_text(&self->keyed.key, key), window.start, window.end, n,
                       text_of(context->out_type, result, text));
}

/* The windows that become one: those in the set, and the element's own. */
void weir__window_trace_merge(struct weir__window_operator *self, uint32_t index, uint32_t run,
                              struct weir_window window, struct weir_window merged)
{
    const struct weir__operator_context *context = self->op.context;
    int64_t n = 0;
    char key[24];
    weir__vec_clear(&self->merged);
    for (uint32_t i = 0; i < run; i++) {
        const struct weir__pane *pane = weir__pane_set_at(self->set, index + i);
        int64_t pair[2] = {pane->window.start, pane->window.end};
        weir__vec_push(&self->merged, pair);
        n += pane->count;
    }
    int64_t own[2] = {window.start, window.end};
    weir__vec_push(&self->merged, own);
    weir__trace_merge(context->tracer, context->id, context->subtask,
                      weir__key_text(&self->keyed.key, key), merged.start, merged.end, n,
                      (const int64_t(*)[2])self->merged.items, self->merged.count);
}

void weir__window_trace_late(const struct weir__window_operator *self,
                             const struct weir__record *record)
{
    const struct weir__operator_context *context = self->op.context;
    char key[24];
    weir__trace_late(context->tracer, record->id, context->id,
                     weir__key_text(&self->keyed.key, key), record->timestamp, context->watermark,
                     self->late != NULL ? "side-output" : "dropped");
}

void weir__window_trace_result(const struct weir__window_operator *self,
                               const struct weir__record *record)
{
    const struct weir__operator_context *context = self->op.context;
    char key[24];
    char text[VALUE_BYTES];
    weir__trace_result(context->tracer, context->id, weir__key_text(&self->keyed.key, key),
                       record->timestamp, text_of(context->out_type, record->value, text));
}
