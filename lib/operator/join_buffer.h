/*
 * The events of one key that one side of an interval join remembers, sorted by timestamp, equal
 * ones in order of arrival.
 *
 * Events come mostly in order of time and go from the front, which costs nothing here; what lies in
 * an interval is a run of neighbours.
 *
 *     item := timestamp, value
 */
#ifndef WEIR__OPERATOR_JOIN_BUFFER_H
#define WEIR__OPERATOR_JOIN_BUFFER_H

#include "base/buf.h"

#include <weir/time.h>
#include <weir/type.h>

/* Zeroed is empty. Owns copies of the values. */
struct weir__join_buffer {
    char *items;
    uint32_t capacity;
    uint32_t first; /* of the events in items; those before it are free */
    uint32_t count;
};

/* Where an event lies: it begins with its timestamp. */
struct weir__join_item {
    int64_t timestamp;
    char value[];
};

static inline struct weir__join_item *weir__join_buffer_at(const struct weir__join_buffer *buffer,
                                                           const struct weir_type *type,
                                                           uint32_t index)
{
    size_t stride = sizeof(struct weir__join_item) + ((type->size + 7) & ~(size_t)7);
    return (struct weir__join_item *)(void *)(buffer->items + (buffer->first + index) * stride);
}

/* Adds a copy; returns its index. */
uint32_t weir__join_buffer_add(struct weir__join_buffer *buffer, const struct weir_type *type,
                               const void *value, int64_t timestamp);
/* The first event with a timestamp >= `timestamp`; count: there is none. */
uint32_t weir__join_buffer_find(const struct weir__join_buffer *buffer,
                                const struct weir_type *type, int64_t timestamp);
/* Forgets the first `count` events. */
void weir__join_buffer_drop(struct weir__join_buffer *buffer, const struct weir_type *type,
                            uint32_t count);

void weir__join_buffer_encode(const struct weir__join_buffer *buffer, const struct weir_type *type,
                              struct weir__buf *out);
/* False when the bytes are no such events in order; what was read so far stays in. */
bool weir__join_buffer_decode(struct weir__join_buffer *buffer, const struct weir_type *type,
                              struct weir__reader *in);

#endif
