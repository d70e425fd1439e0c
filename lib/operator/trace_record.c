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

/* The key of a value; a null string where there is none. */
static struct weir_str key_text(const struct weir_field *field, const void *value, char text[24])
{
    if (field == NULL) {
        return (struct weir_str){NULL, 0};
    }
    struct weir__key key;
    weir__key_read(field, value, &key);
    return weir__key_text(&key, text);
}

static void trace(const struct weir__operator_context *context, const struct weir__record *record,
                  const struct weir_type *type, const struct weir_field *field)
{
    char value[200]; /* the tracer keeps no more of it */
    char key[24];
    char split[16];
    weir_value_to_json(type, record->value, value, sizeof value);
    weir__trace_record(context->tracer, record->id, context->id, context->subtask,
                       weir__trace_split(record->split, split), key_text(field, record->value, key),
                       record->timestamp, weir_str_from(value));
}

void weir__trace_value(const struct weir__operator_context *context,
                       const struct weir__record *record, const struct weir_type *type)
{
    trace(context, record, type, NULL);
}

void weir__trace_arrival(const struct weir__operator_context *context, int input,
                         const struct weir__record *record)
{
    trace(context, record, weir__operator_input_type(context, input),
          weir__operator_input_key(context, input));
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
