/* How records look in the trace. */
#include "operator/trace_record.h"

#include "trace/trace.h"
#include "types/key.h"

#include <stdio.h>

const char *weir__trace_split(int32_t split, char text[16])
{
    if (split == WEIR__NO_SPLIT) {
        return NULL;
    }
    snprintf(text, 16, "p%d", (int)split);
    return text;
}

struct weir_str weir__trace_key(const struct weir__operator_context *context, const void *value,
                                char text[24])
{
    if (context->key == NULL) {
        return (struct weir_str){NULL, 0};
    }
    struct weir__key key;
    weir__key_read(context->key, value, &key);
    return weir__key_text(&key, text);
}

void weir__trace_value(const struct weir__operator_context *context,
                       const struct weir__record *record, const struct weir_type *type)
{
    char value[200]; /* the tracer keeps no more of it */
    char key[24];
    char split[16];
    weir_value_to_json(type, record->value, value, sizeof value);
    weir__trace_record(context->tracer, record->id, context->id, context->subtask,
                       weir__trace_split(record->split, split),
                       weir__trace_key(context, record->value, key), record->timestamp,
                       weir_str_from(value));
}

void weir__trace_arrival(const struct weir__operator_context *context,
                         const struct weir__record *record)
{
    weir__trace_value(context, record, context->in_type);
}

void weir__trace_keyed_timer(const struct weir__operator_context *context,
                             const struct weir__keyed *keyed, const char *action, int64_t time,
                             enum weir__time_domain domain)
{
    char key[24];
    weir__trace_timer(context->tracer, action, context->id, context->subtask,
                      weir__key_text(&keyed->key, key), time,
                      domain == WEIR__EVENT_TIME ? "event" : "processing");
}
