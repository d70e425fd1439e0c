/* Events sorted by timestamp. */
#include "operator/join_buffer.h"

#include "base/mem.h"
#include "types/codec.h"

static size_t stride(const struct weir_type *type)
{
    return sizeof(struct weir__join_item) + ((type->size + 7) & ~(size_t)7);
}

/* Room for one more behind the last: what is free in front is used before memory grows. */
static void make_room(struct weir__join_buffer *buffer, const struct weir_type *type)
{
    if (buffer->first + buffer->count < buffer->capacity) {
        return;
    }
    if (buffer->first > buffer->count) {
        memcpy(buffer->items, weir__join_buffer_at(buffer, type, 0), buffer->count * stride(type));
        buffer->first = 0;
        return;
    }
    buffer->capacity = buffer->capacity == 0 ? 2 : buffer->capacity * 2;
    buffer->items = weir__reallocarray(buffer->items, buffer->capacity, stride(type));
}

/* The first index whose timestamp is above `timestamp`, or not below it (`inclusive`). */
static uint32_t bound(const struct weir__join_buffer *buffer, const struct weir_type *type,
                      int64_t timestamp, bool inclusive)
{
    uint32_t low = 0;
    uint32_t high = buffer->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int64_t at = weir__join_buffer_at(buffer, type, middle)->timestamp;
        if (at < timestamp || (!inclusive && at == timestamp)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The place for an event of that time: behind all that are not younger, most often the end. */
static uint32_t place_of(const struct weir__join_buffer *buffer, const struct weir_type *type,
                         int64_t timestamp)
{
    if (buffer->count == 0 ||
        weir__join_buffer_at(buffer, type, buffer->count - 1)->timestamp <= timestamp) {
        return buffer->count;
    }
    return bound(buffer, type, timestamp, false);
}

uint32_t weir__join_buffer_add(struct weir__join_buffer *buffer, const struct weir_type *type,
                               const void *value, int64_t timestamp)
{
    make_room(buffer, type);
    uint32_t index = place_of(buffer, type, timestamp);
    struct weir__join_item *item = weir__join_buffer_at(buffer, type, index);
    memmove((char *)item + stride(type), item, (buffer->count - index) * stride(type));
    buffer->count++;
    item->timestamp = timestamp;
    weir_value_copy(type, item->value, value);
    return index;
}

uint32_t weir__join_buffer_find(const struct weir__join_buffer *buffer,
                                const struct weir_type *type, int64_t timestamp)
{
    return bound(buffer, type, timestamp, true);
}

void weir__join_buffer_drop(struct weir__join_buffer *buffer, const struct weir_type *type,
                            uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        weir_value_fini(type, weir__join_buffer_at(buffer, type, i)->value);
    }
    buffer->first += count;
    buffer->count -= count;
    if (buffer->count == 0) {
        weir__free(buffer->items);
        *buffer = (struct weir__join_buffer){0};
    }
}

void weir__join_buffer_encode(const struct weir__join_buffer *buffer, const struct weir_type *type,
                              struct weir__buf *out)
{
    weir__buf_put_varint(out, buffer->count);
    for (uint32_t i = 0; i < buffer->count; i++) {
        const struct weir__join_item *item = weir__join_buffer_at(buffer, type, i);
        weir__buf_put_zigzag(out, item->timestamp);
        weir__encode(type, item->value, out);
    }
}

bool weir__join_buffer_decode(struct weir__join_buffer *buffer, const struct weir_type *type,
                              struct weir__reader *in)
{
    int64_t last = WEIR_TIME_MIN;
    for (uint64_t left = weir__read_varint(in); left > 0; left--) {
        int64_t timestamp = weir__read_zigzag(in);
        if (in->failed || timestamp < last) {
            return false;
        }
        make_room(buffer, type);
        struct weir__join_item *item = weir__join_buffer_at(buffer, type, buffer->count);
        if (weir__decode(type, in, item->value) != WEIR_OK) {
            return false;
        }
        item->timestamp = timestamp;
        last = timestamp;
        buffer->count++;
    }
    return !in->failed;
}
