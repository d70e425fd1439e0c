/*
 * A channel: a bounded ring of byte buffers from one subtask to another.
 *
 *     producer ─push▶ [ buffer | buffer |  empty  |  empty ] ─front, pop▶ consumer
 *                       tail ▲             ▲ head
 *
 * Buffers are swapped in and out, never copied: push takes a full one and leaves an empty one of an
 * earlier round, so the memory goes round and nothing is allocated once the ring has warmed up. A
 * buffer holds a batch of elements (runtime/element.h).
 *
 * Invariants: 0 <= head - tail <= capacity; slots in [tail, head) belong to the consumer, the
 * others to the producer.
 * Threads: one producer, one consumer; each wakes the other's parker when it has moved its index.
 */
#ifndef WEIR__RUNTIME_CHANNEL_H
#define WEIR__RUNTIME_CHANNEL_H

#include "base/buf.h"
#include "runtime/parker.h"

#include <stddef.h>

enum {
    WEIR__CHANNEL_BUFFERS = 8, /* default capacity of a ring */
    WEIR__BUFFER_BYTES =
        32 * 1024, /* default size of a buffer: sent on when it has grown to this */
};

struct weir__channel;

/* capacity: buffers, a power of two. consumer, producer: whom to wake; NULL: nobody. */
struct weir__channel *weir__channel_new(size_t capacity, struct weir__parker *producer,
                                        struct weir__parker *consumer);
void weir__channel_free(struct weir__channel *channel);

/*
 * Producer: moves the buffer's bytes into the ring and leaves an empty buffer. False, and
 * nothing changed: full.
 */
bool weir__channel_push(struct weir__channel *channel, struct weir__buf *buffer);
/* Consumer: the oldest buffer, until pop; NULL: empty. */
const struct weir__buf *weir__channel_front(struct weir__channel *channel);
void weir__channel_pop(struct weir__channel *channel);

/* How many buffers are waiting; either side, a moment's view for the other. */
size_t weir__channel_used(struct weir__channel *channel);
size_t weir__channel_capacity(const struct weir__channel *channel);

/* Of several channels together. */
struct weir__channel_usage {
    size_t used;
    size_t capacity;
};
void weir__channel_add_usage(struct weir__channel *channel, struct weir__channel_usage *usage);

#endif
