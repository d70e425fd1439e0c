/*
 * Elements: what travels in a channel's buffers, one after the other.
 *
 *     RECORD          kind u8, timestamp i64, value (types/codec.h)
 *     TRACED_RECORD   kind u8, timestamp i64, id i64, value
 *     WATERMARK       kind u8, watermark i64
 *     IDLE, ACTIVE    kind u8
 *     BARRIER         kind u8, checkpoint i64
 *     END             kind u8: nothing follows, ever
 *
 * Both ends are in one process and use one descriptor, so a buffer that does not decode is a bug,
 * and fails the job.
 */
#ifndef WEIR__RUNTIME_ELEMENT_H
#define WEIR__RUNTIME_ELEMENT_H

enum weir__element {
    WEIR__RECORD = 1,
    WEIR__TRACED_RECORD,
    WEIR__WATERMARK,
    WEIR__IDLE,
    WEIR__ACTIVE,
    WEIR__BARRIER,
    WEIR__END,
};

#endif
