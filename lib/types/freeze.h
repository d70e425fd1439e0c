/*
 * Freezing: entries are copied at a barrier, which takes no longer than copying memory, and encoded
 * by the thread that writes the checkpoint, while their owner goes on changing them.
 *
 *     snapshot := bytes | gap 0 | bytes | gap 1 | …    what is encoded at once, and what later
 *     gap      := where, the copy, and the function that encodes it
 *
 *     the owner's thread                         the writer's
 *     weir__gaps_add(&gaps, …)    copies     ──▶ weir__gaps_fill(&gaps, &bytes)
 *     …, the next barrier         copies into the same memory
 *
 * What an entry holds must be its own bytes, but for nodes of one key table (types/key_table.h),
 * which is pinned meanwhile. A copy that is still out when the next barrier comes is left alone:
 * the owner then encodes at once. Gaps end before the owner does.
 */
#ifndef WEIR__TYPES_FREEZE_H
#define WEIR__TYPES_FREEZE_H

#include "base/vec.h"
#include "types/key_table.h"

/* A copy of entries. Zero-initialised is none. */
struct weir__frozen {
    struct weir__pool entries;    /* keeps its memory */
    struct weir__key_table *keys; /* NULL: the entries point to none */
    /* atomic */
    atomic_bool out; /* a gap has it */
};

struct weir__gap {
    size_t at; /* in the bytes */
    struct weir__frozen *frozen;
    const void *owner;
    /* Reads nothing of the owner that may change. */
    void (*encode)(const void *owner, const struct weir__pool *entries, struct weir__buf *out);
};

#define WEIR__GAPS WEIR__VEC_OF(struct weir__gap)

void weir__frozen_fini(struct weir__frozen *frozen);

/*
 * Copies the entries, and leaves a gap for them at the end of `out`. False: that cannot be, and
 * they are to be encoded at once (gaps is NULL, or the copy is out). gap: all but `at`; entries:
 * what is copied; keys: what they point to, NULL: nothing.
 */
bool weir__gaps_add(struct weir__vec *gaps, const struct weir__gap *gap,
                    const struct weir__pool *entries, struct weir__key_table *keys,
                    const struct weir__buf *out);
/* Encodes them all into their places in `bytes`, and gives the copies back. Any thread. */
void weir__gaps_fill(struct weir__vec *gaps, struct weir__buf *bytes);
/* Gives the copies back, and releases the vec. Any thread. */
void weir__gaps_fini(struct weir__vec *gaps);

#endif
