/*
 * Deadlines that mostly move on before they come.
 *
 * A session ends a gap after its last event, so each event moves its end. A timer that follows it
 * would cost more than the event. So an owner only has a ticket, for the bucket of the time when it
 * has to be looked at; what happens meanwhile moves nothing. When time reaches the bucket, its
 * owners are asked, and file again what lies further ahead.
 *
 *        opened │ buckets of `width` ms, in a ring              │ beyond the ring: in its last bucket
 *     heap      │ 17 │ 18 │ 19 │ …                              │
 *
 * Owners are numbers from 0 on, about as many as there are. A ticket is a byte, at the owner's
 * number: the place of its bucket in the ring. To open a bucket is to look through all of them,
 * which costs less than it seems: memory is read in order, and in a gap each byte as often as it
 * has buckets, together a cache line a session.
 *
 * What is due in an open bucket is known exactly, and waits in a heap for its millisecond. A heap
 * item is void when its owner has nothing with that time and sequence any more. One thread.
 */
#ifndef WEIR__WINDOW_DEADLINES_H
#define WEIR__WINDOW_DEADLINES_H

#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

#define WEIR__BUCKETS 128u /* a power of two */
#define WEIR__ASKED   32u

struct weir__due {
    int64_t time;
    uint64_t sequence; /* of what is due at the same time, the lower comes first */
    uint32_t owner;
};

struct weir__deadlines {
    int64_t width_ms;
    int64_t opened;        /* the number of the last open bucket */
    int64_t opened_until;  /* its last millisecond */
    uint8_t *tickets;      /* of each owner: a place in the ring, or NONE */
    size_t capacity;       /* owners; those above have no ticket */
    struct weir__vec heap; /* struct weir__due */
};

void weir__deadlines_init(struct weir__deadlines *deadlines, int64_t width_ms);
void weir__deadlines_fini(struct weir__deadlines *deadlines);

/*
 * Makes sure that the owner is looked at in time. True: by its one ticket, which is for then or
 * earlier; false: it is due in an open bucket.
 */
bool weir__deadlines_file(struct weir__deadlines *deadlines, struct weir__due due);

/* Whether the bucket of that time is still to be opened. */
static inline bool weir__deadlines_lies_ahead(const struct weir__deadlines *deadlines, int64_t time)
{
    return time > deadlines->opened_until;
}

/* At most WEIR__ASKED owners, whose ticket is used up: they file what they wait for. */
typedef void weir__deadlines_asker(const uint32_t *owners, uint32_t count, void *user);
/* Opens the buckets up to `time`: asks the owners of the tickets in them. */
void weir__deadlines_open(struct weir__deadlines *deadlines, int64_t time,
                          weir__deadlines_asker *ask, void *user);
/* The next that is due at `time` or before; false: none. */
bool weir__deadlines_pop(struct weir__deadlines *deadlines, int64_t time, struct weir__due *due);

#endif
