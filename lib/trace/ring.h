/*
 * A bounded ring of messages between one producer thread and one consumer thread, without locks.
 *
 *     bytes:  … | length u32 | ticket u64 | payload | length u32 | …
 *                ▲ tail (consumer)                   ▲ head (producer)
 *
 * head and tail count bytes since the start and never wrap in practice (2^64); the position in the
 * buffer is their value modulo the capacity. A message may wrap around the buffer's end.
 */
#ifndef WEIR__TRACE_RING_H
#define WEIR__TRACE_RING_H

#include "base/buf.h"

#include <stdatomic.h>

struct weir__trace_ring {
    char *bytes;
    size_t capacity;       /* a power of two */
    _Atomic uint64_t head; /* written by the producer */
    char padding[64];      /* keeps the two on different cache lines */
    _Atomic uint64_t tail; /* written by the consumer */
};

void weir__trace_ring_init(struct weir__trace_ring *ring, size_t capacity);
void weir__trace_ring_fini(struct weir__trace_ring *ring);

/* Producer. Whether a payload of that length fits now; and puts one that fits. */
bool weir__trace_ring_fits(const struct weir__trace_ring *ring, size_t len);
void weir__trace_ring_put(struct weir__trace_ring *ring, uint64_t ticket, struct weir_str payload);
/* Producer: bytes in use, at least. */
size_t weir__trace_ring_used(const struct weir__trace_ring *ring);

/* Consumer. The ticket of the oldest message; false when there is none. */
bool weir__trace_ring_peek(const struct weir__trace_ring *ring, uint64_t *ticket);
/* Takes the oldest message, which must be there: its payload replaces the contents of `out`. */
void weir__trace_ring_take(struct weir__trace_ring *ring, struct weir__buf *out);

#endif
