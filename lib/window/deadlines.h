/*
 * Deadlines that mostly move on before they come.
 *
 * A session ends a gap after its last event, so each event moves its end. A timer that follows it
 * would cost more than the event. So an owner only files a ticket, in the bucket of the time when
 * it has to be looked at; what happens meanwhile moves nothing. When time reaches the bucket, its
 * owners are asked (`each`), and file again what lies further ahead.
 *
 *        opened │ buckets of `width` ms, in a ring              │ beyond the ring: in its last bucket
 *     heap      │ 17 │ 18 │ 19 │ …                              │
 *
 * What is due in an open bucket is known exactly, and waits in a heap for its millisecond. An owner
 * remembers where its ticket is (`filed`): tickets elsewhere are void. A heap item is void when its
 * owner has nothing with that time and sequence any more. One thread.
 */
#ifndef WEIR__WINDOW_DEADLINES_H
#define WEIR__WINDOW_DEADLINES_H

#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

#define WEIR__BUCKETS 256u

struct weir__due {
    int64_t time;
    uint64_t sequence; /* of what is due at the same time, the lower comes first */
    uint32_t owner;
};

struct weir__deadlines {
    int64_t width_ms;
    int64_t opened;                          /* the number of the last open bucket */
    struct weir__vec buckets[WEIR__BUCKETS]; /* uint32_t: owners */
    struct weir__vec taken;                  /* uint32_t: owners of the bucket being opened */
    struct weir__vec heap;                   /* struct weir__due */
};

void weir__deadlines_init(struct weir__deadlines *deadlines, int64_t width_ms);
void weir__deadlines_fini(struct weir__deadlines *deadlines);

/*
 * Makes sure that the owner is looked at in time. *filed: where its ticket is, 0: it has none.
 * True: by a ticket; false: it is due in an open bucket.
 */
bool weir__deadlines_file(struct weir__deadlines *deadlines, struct weir__due due, uint16_t *filed);

/* The owners of the tickets of a bucket, which file again what they wait for. place: the tickets',
 * to be compared with what each owner remembers. */
typedef void weir__deadlines_asker(const uint32_t *owners, size_t count, uint16_t place,
                                   void *user);
/* Opens the buckets up to `time`: asks the owners of the tickets in them. */
void weir__deadlines_open(struct weir__deadlines *deadlines, int64_t time,
                          weir__deadlines_asker *ask, void *user);
/* The next that is due at `time` or before; false: none. */
bool weir__deadlines_pop(struct weir__deadlines *deadlines, int64_t time, struct weir__due *due);

#endif
