/*
 * The ring of ring.h: the producer publishes a message by storing head (release), the consumer
 * gives the room back by storing tail (release); each loads the other's with acquire.
 */
#include "trace/ring.h"

#include "base/mem.h"

#include <assert.h>

enum { HEADER = sizeof(uint32_t) + sizeof(uint64_t) };

void weir__trace_ring_init(struct weir__trace_ring *ring, size_t capacity)
{
    assert(capacity >= HEADER && (capacity & (capacity - 1)) == 0);
    ring->bytes = weir__alloc(capacity);
    ring->capacity = capacity;
    atomic_init(&ring->head, 0);
    atomic_init(&ring->tail, 0);
}

void weir__trace_ring_fini(struct weir__trace_ring *ring)
{
    weir__free(ring->bytes);
    ring->bytes = NULL;
}

static void copy_in(struct weir__trace_ring *ring, uint64_t at, const void *bytes, size_t len)
{
    size_t from = (size_t)(at & (ring->capacity - 1));
    size_t first = len < ring->capacity - from ? len : ring->capacity - from;
    memcpy(ring->bytes + from, bytes, first);
    memcpy(ring->bytes, (const char *)bytes + first, len - first);
}

static void copy_out(const struct weir__trace_ring *ring, uint64_t at, void *bytes, size_t len)
{
    size_t from = (size_t)(at & (ring->capacity - 1));
    size_t first = len < ring->capacity - from ? len : ring->capacity - from;
    memcpy(bytes, ring->bytes + from, first);
    memcpy((char *)bytes + first, ring->bytes, len - first);
}

size_t weir__trace_ring_used(const struct weir__trace_ring *ring)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    return (size_t)(atomic_load_explicit(&ring->head, memory_order_relaxed) - tail);
}

bool weir__trace_ring_fits(const struct weir__trace_ring *ring, size_t len)
{
    return len <= UINT32_MAX && len + HEADER <= ring->capacity - weir__trace_ring_used(ring);
}

void weir__trace_ring_put(struct weir__trace_ring *ring, uint64_t ticket, struct weir_str payload)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    copy_in(ring, head, &payload.len, sizeof(payload.len));
    copy_in(ring, head + sizeof(payload.len), &ticket, sizeof(ticket));
    copy_in(ring, head + HEADER, payload.data, payload.len);
    atomic_store_explicit(&ring->head, head + HEADER + payload.len, memory_order_release);
}

bool weir__trace_ring_peek(const struct weir__trace_ring *ring, uint64_t *ticket)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    if (atomic_load_explicit(&ring->head, memory_order_acquire) == tail) {
        return false;
    }
    copy_out(ring, tail + sizeof(uint32_t), ticket, sizeof(*ticket));
    return true;
}

void weir__trace_ring_take(struct weir__trace_ring *ring, struct weir__buf *out)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint32_t len;
    copy_out(ring, tail, &len, sizeof(len));
    out->len = 0;
    weir__buf_reserve(out, len);
    copy_out(ring, tail + HEADER, out->data, len);
    out->len = len;
    atomic_store_explicit(&ring->tail, tail + HEADER + len, memory_order_release);
}
