/*
 * Elements that wait for memory.
 *
 * Where state is larger than the caches, each look-up waits for memory, for a hundred nanoseconds
 * and more, and the processor stands still. So an element is put here first, and the processor told
 * to fetch what it will need; a few dozen elements later all of them are added, one after the
 * other, to memory that has come meanwhile: the waits overlap.
 *
 * An element costs some twenty nanoseconds to keep, so this is for state of WEIR__WAITING_FROM
 * bytes and more.
 *
 *     put:    copy the element; prefetch by the hash of its key
 *     full, or anything else happens (watermark, snapshot, late element):  add all, in order
 *
 * An element waits only for others to come, never across anything that could be seen. It is copied
 * flat (types/flat.h); elements of types that are not flat cannot wait. One thread.
 */
#ifndef WEIR__WINDOW_WAITING_H
#define WEIR__WINDOW_WAITING_H

#include "types/flat.h"

#include <weir/time.h>

#define WEIR__WAITING_MAX 48u
#define WEIR__WAITING_FROM                                                                         \
    ((size_t)4 << 20) /* bytes of state; the caches serve less well enough                         \
                       */

struct weir__waiting_element {
    uint64_t hash; /* of its key */
    int64_t timestamp;
    size_t at; /* of its copy in bytes */
    size_t len;
    const void *value; /* the copy, once located */
};

struct weir__waiting {
    struct weir__flat flat;
    bool possible; /* the type is flat */
    size_t from;   /* bytes of state: WEIR__WAITING_FROM, or what a test wants */
    uint32_t count;
    struct weir__buf bytes;
    struct weir__waiting_element elements[WEIR__WAITING_MAX];
};

void weir__waiting_init(struct weir__waiting *waiting, const struct weir_type *type);
void weir__waiting_fini(struct weir__waiting *waiting);

static inline bool weir__waiting_is_full(const struct weir__waiting *waiting)
{
    return waiting->count == WEIR__WAITING_MAX;
}
/* It must be possible, and not full. */
void weir__waiting_put(struct weir__waiting *waiting, const void *value, int64_t timestamp,
                       uint64_t hash);
/* Finds the values of all elements: once, before they are read. They are borrowed until clear. */
void weir__waiting_locate(struct weir__waiting *waiting);

static inline void weir__waiting_clear(struct weir__waiting *waiting)
{
    waiting->count = 0;
    waiting->bytes.len = 0;
}

#endif
