/*
 * An event as a line of JSON. Whatever a key or a value contains, the line is valid UTF-8 without
 * control characters, so that it can be shown on a terminal and read by any JSON tool.
 */
#include "trace/event.h"

#include "base/escape.h"

static void put_name(struct weir__buf *buf, const char *name)
{
    weir__buf_put(buf, ",\"", 2);
    weir__buf_put(buf, name, strlen(name));
    weir__buf_put(buf, "\":", 2);
}

static void put_number(struct weir__buf *buf, const char *name, int64_t value)
{
    put_name(buf, name);
    weir__buf_put_decimal(buf, value);
}

static void put_pairs(struct weir__buf *buf, const struct weir__trace_event *event)
{
    for (size_t i = 0; i < event->merged_count; i++) {
        weir__buf_put(buf, i == 0 ? "[[" : ",[", 2);
        weir__buf_put_decimal(buf, event->merged[i][0]);
        weir__buf_put_u8(buf, ',');
        weir__buf_put_decimal(buf, event->merged[i][1]);
        weir__buf_put_u8(buf, ']');
    }
    weir__buf_put_u8(buf, ']');
}

static void put_field(struct weir__buf *buf, const struct weir__trace_field *field,
                      const struct weir__trace_event *event)
{
    const void *member = (const char *)event + field->offset;
    const struct weir_str *text = member;
    switch (field->kind) {
    case WEIR__TRACE_KIND_INT:
        put_number(buf, field->name, *(const int64_t *)member);
        break;
    case WEIR__TRACE_KIND_BOOL:
        put_name(buf, field->name);
        weir__buf_printf(buf, "%s", *(const bool *)member ? "true" : "false");
        break;
    case WEIR__TRACE_KIND_NAME:
        if (!weir_str_is_null(*text)) {
            put_name(buf, field->name);
            weir__buf_put_json_string(buf, *text);
        }
        break;
    case WEIR__TRACE_KIND_TEXT:
        put_name(buf, field->name);
        weir__buf_put_json_string(buf, *text);
        break;
    case WEIR__TRACE_KIND_PAIRS:
        if (event->merged_count > 0) {
            put_name(buf, field->name);
            put_pairs(buf, event);
        }
        break;
    case WEIR__TRACE_KIND_RAW:
        weir__buf_put_u8(buf, ',');
        weir__buf_put(buf, text->data, text->len);
        break;
    }
}

void weir__trace_write_json(struct weir__buf *buf, const struct weir__trace_event *event)
{
    const struct weir__trace_schema *schema = &weir__trace_schemas[event->type];
    weir__buf_printf(buf, "{\"t\":\"%s\"", schema->name);
    put_number(buf, "seq", event->seq);
    put_number(buf, "at", event->at);
    for (size_t i = 0; i < schema->field_count; i++) {
        put_field(buf, &schema->fields[i], event);
    }
    weir__buf_put(buf, "}\n", 2);
}
