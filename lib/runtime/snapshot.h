/*
 * A snapshot: what one task gives to a checkpoint. The state of each of its operators as bytes, and
 * where its source stands for consumer groups.
 *
 * Made by the task's thread between two elements (the copy at the barrier); from then on it is
 * another thread's, which encodes what was only copied, and writes it, while the task goes on. It
 * ends before the task's operators do.
 */
#ifndef WEIR__RUNTIME_SNAPSHOT_H
#define WEIR__RUNTIME_SNAPSHOT_H

#include "base/vec.h"
#include "runtime/host.h"

struct weir__snapshot {
    int64_t checkpoint;
    struct weir__buf *states; /* one an operator, head first */
    struct weir__vec *gaps;   /* in each, until encode (types/freeze.h) */
    size_t state_count;
    struct weir__vec offsets; /* of struct weir_source_offset; their texts are owned */
    int64_t us;               /* how long the task stood still for it */
};

/*
 * Takes it from all hosts. attachments: the checkpoint's folder, or NULL. only_sinks: a job that
 * keeps no checkpoints has nothing to remember but what its sinks are about to commit.
 */
struct weir__snapshot *weir__snapshot_take(struct weir__host *const *hosts, size_t count,
                                           int64_t checkpoint, const char *attachments,
                                           bool only_sinks);
/* Completes the states. */
void weir__snapshot_encode(struct weir__snapshot *snapshot);
void weir__snapshot_free(struct weir__snapshot *snapshot);

/* Adds copies of the offsets to a vec of struct weir_source_offset, and releases such a vec. */
void weir__offsets_add(struct weir__vec *offsets, const struct weir_source_offset *more,
                       size_t count);
void weir__offsets_fini(struct weir__vec *offsets);

#endif
