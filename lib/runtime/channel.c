/*
 * The ring behind a channel.
 */
#include "runtime/channel.h"

#include "base/mem.h"

#include <assert.h>

enum { CACHE_LINE = 64 }; /* bytes */

struct weir__channel {
    /* fixed */
    size_t capacity;
    struct weir__parker *producer;
    struct weir__parker *consumer;
    struct weir__buf *slots;
    char fixed_end[CACHE_LINE]; /* the two sides write to lines of their own */
    /* producer's; the other side reads head */
    atomic_size_t head; /* buffers ever pushed */
    size_t seen_tail;   /* of the last look: saves touching the consumer's line */
    char producer_end[CACHE_LINE];
    /* consumer's; the other side reads tail */
    atomic_size_t tail; /* buffers ever popped */
    char consumer_end[CACHE_LINE];
};

struct weir__channel *weir__channel_new(size_t capacity, struct weir__parker *producer,
                                        struct weir__parker *consumer)
{
    assert(capacity > 0 && (capacity & (capacity - 1)) == 0);
    struct weir__channel *channel = WEIR__NEW(struct weir__channel);
    channel->capacity = capacity;
    channel->producer = producer;
    channel->consumer = consumer;
    channel->slots = weir__calloc(capacity, sizeof(struct weir__buf));
    atomic_init(&channel->head, 0);
    atomic_init(&channel->tail, 0);
    return channel;
}

void weir__channel_free(struct weir__channel *channel)
{
    if (channel == NULL) {
        return;
    }
    for (size_t i = 0; i < channel->capacity; i++) {
        weir__buf_fini(&channel->slots[i]);
    }
    weir__free(channel->slots);
    weir__free(channel);
}

bool weir__channel_push(struct weir__channel *channel, struct weir__buf *buffer)
{
    size_t head = atomic_load_explicit(&channel->head, memory_order_relaxed);
    if (head - channel->seen_tail == channel->capacity) {
        channel->seen_tail = atomic_load(&channel->tail);
        if (head - channel->seen_tail == channel->capacity) {
            return false;
        }
    }
    struct weir__buf *slot = &channel->slots[head & (channel->capacity - 1)];
    struct weir__buf empty = *slot;
    *slot = *buffer;
    *buffer = empty;
    buffer->len = 0;
    atomic_store(&channel->head, head + 1);
    weir__parker_wake(channel->consumer);
    return true;
}

const struct weir__buf *weir__channel_front(struct weir__channel *channel)
{
    size_t tail = atomic_load_explicit(&channel->tail, memory_order_relaxed);
    return tail == atomic_load(&channel->head) ? NULL
                                               : &channel->slots[tail & (channel->capacity - 1)];
}

void weir__channel_pop(struct weir__channel *channel)
{
    size_t tail = atomic_load_explicit(&channel->tail, memory_order_relaxed);
    struct weir__buf *slot = &channel->slots[tail & (channel->capacity - 1)];
    if (slot->capacity > 4 * (size_t)WEIR__BUFFER_BYTES) {
        weir__buf_fini(slot); /* one oversized record must not hold its memory for ever */
    }
    atomic_store(&channel->tail, tail + 1);
    weir__parker_wake(channel->producer);
}

size_t weir__channel_used(struct weir__channel *channel)
{
    size_t tail = atomic_load(&channel->tail);
    return atomic_load(&channel->head) - tail;
}

size_t weir__channel_capacity(const struct weir__channel *channel)
{
    return channel->capacity;
}

void weir__channel_add_usage(struct weir__channel *channel, struct weir__channel_usage *usage)
{
    usage->used += weir__channel_used(channel);
    usage->capacity += weir__channel_capacity(channel);
}
