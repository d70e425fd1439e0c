/*
 * Elements: what travels in a channel's buffers, one after the other, each a multiple of 8 bytes.
 *
 *     0       kind u8
 *     4       size u32 of the whole element in bytes
 *     8       value i64: a record's timestamp, a watermark, a barrier's checkpoint, when a latency
 *             marker was made; else 0
 *     16      TRACED_RECORD only: the event's id i64
 *             LATENCY_MARKER only: the source i32, its subtask i32
 *     16, 24  the record's body (types/transport.h), padded
 *
 * In the machine's own byte order: both ends are in one process. A buffer that does not read is a
 * bug, and fails the job. END is the last element of a channel.
 */
#ifndef WEIR__RUNTIME_ELEMENT_H
#define WEIR__RUNTIME_ELEMENT_H

#include <stddef.h>
#include <stdint.h>

enum weir__element_kind {
    WEIR__RECORD = 1,
    WEIR__TRACED_RECORD,
    WEIR__WATERMARK,
    WEIR__IDLE,
    WEIR__ACTIVE,
    WEIR__BARRIER,
    WEIR__LATENCY_MARKER,
    WEIR__END,
};

struct weir__element {
    uint8_t kind; /* of enum weir__element_kind */
    uint8_t unused[3];
    uint32_t size;
    int64_t value;
};

enum { WEIR__ELEMENT_ALIGNMENT = 8 };

static inline uint32_t weir__element_round(size_t bytes)
{
    return (uint32_t)((bytes + WEIR__ELEMENT_ALIGNMENT - 1) &
                      ~(size_t)(WEIR__ELEMENT_ALIGNMENT - 1));
}

#endif
