/*
 * The tables made from the list of events, and an event's way into a ring and out of it.
 */
#include "trace/event.h"

#include <stddef.h>

#define FIELD(kind, name, member)                                                                  \
    {WEIR__TRACE_KIND_##kind, name, offsetof(struct weir__trace_event, member)},

#define X(name, text, fields)                                                                      \
    static const struct weir__trace_field name##_fields[] = {fields(FIELD)};
WEIR__TRACE_EVENTS(X)
#undef X

const struct weir__trace_schema weir__trace_schemas[WEIR__TRACE_TYPES] = {
#define X(name, text, fields)                                                                      \
    {text, name##_fields, sizeof(name##_fields) / sizeof(name##_fields[0])},
    WEIR__TRACE_EVENTS(X)
#undef X
};

/* At most `limit` bytes of the text, not ending within a UTF-8 sequence. */
static struct weir_str cut(struct weir_str text, uint32_t limit)
{
    if (text.len <= limit) {
        return text;
    }
    text.len = limit;
    while (text.len > 0 && ((unsigned char)text.data[text.len] & 0xC0) == 0x80) {
        text.len--;
    }
    return text;
}

static void encode_pairs(struct weir__buf *buf, const struct weir__trace_event *event)
{
    weir__buf_put_varint(buf, event->merged_count);
    for (size_t i = 0; i < event->merged_count; i++) {
        weir__buf_put_i64(buf, event->merged[i][0]);
        weir__buf_put_i64(buf, event->merged[i][1]);
    }
}

void weir__trace_encode(struct weir__buf *buf, const struct weir__trace_event *event)
{
    const struct weir__trace_schema *schema = &weir__trace_schemas[event->type];
    weir__buf_put_u8(buf, (uint8_t)event->type);
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct weir__trace_field *field = &schema->fields[i];
        const void *member = (const char *)event + field->offset;
        switch (field->kind) {
        case WEIR__TRACE_KIND_INT:
            weir__buf_put_i64(buf, *(const int64_t *)member);
            break;
        case WEIR__TRACE_KIND_BOOL:
            weir__buf_put_u8(buf, *(const bool *)member);
            break;
        case WEIR__TRACE_KIND_TEXT:
        case WEIR__TRACE_KIND_NAME:
            weir__buf_put_str(buf, cut(*(const struct weir_str *)member, WEIR__TRACE_TEXT_MAX));
            break;
        case WEIR__TRACE_KIND_RAW:
            weir__buf_put_str(buf, *(const struct weir_str *)member);
            break;
        case WEIR__TRACE_KIND_PAIRS:
            encode_pairs(buf, event);
            break;
        }
    }
}

static void decode_pairs(struct weir__reader *reader, struct weir__trace_event *event)
{
    uint64_t count = weir__read_varint(reader);
    if (count > WEIR__TRACE_PAIRS_MAX) {
        reader->failed = true;
        return;
    }
    event->merged_count = (size_t)count;
    for (size_t i = 0; i < event->merged_count; i++) {
        event->merged[i][0] = weir__read_i64(reader);
        event->merged[i][1] = weir__read_i64(reader);
    }
}

bool weir__trace_decode(struct weir_str bytes, struct weir__trace_event *event)
{
    struct weir__reader reader = weir__reader_of(bytes);
    uint8_t type = weir__read_u8(&reader);
    if (type >= WEIR__TRACE_TYPES) {
        return false;
    }
    *event = (struct weir__trace_event){.type = (enum weir__trace_type)type};
    const struct weir__trace_schema *schema = &weir__trace_schemas[type];
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct weir__trace_field *field = &schema->fields[i];
        void *member = (char *)event + field->offset;
        switch (field->kind) {
        case WEIR__TRACE_KIND_INT:
            *(int64_t *)member = weir__read_i64(&reader);
            break;
        case WEIR__TRACE_KIND_BOOL:
            *(bool *)member = weir__read_u8(&reader) != 0;
            break;
        case WEIR__TRACE_KIND_TEXT:
        case WEIR__TRACE_KIND_NAME:
        case WEIR__TRACE_KIND_RAW:
            *(struct weir_str *)member = weir__read_str(&reader);
            break;
        case WEIR__TRACE_KIND_PAIRS:
            decode_pairs(&reader, event);
            break;
        }
    }
    return !reader.failed;
}
