/*
 * Barrier alignment: when a subtask that reads several channels takes its part of a checkpoint.
 *
 * A barrier says: everything before me belongs to checkpoint n, everything behind me does not. A
 * channel that has brought its barrier is blocked until all others have brought theirs; then the
 * subtask stands exactly between the two, takes its snapshot, and reads on.
 *
 *     channel 0   … e d ║ c b a      ║ arrived: blocked, d and e wait
 *     channel 1   … 4 3 2 1 ║        1, 2, 3 … are read on until ║ comes here, too
 *
 * An ended channel counts as aligned. A barrier of a later checkpoint gives up the one that is
 * being aligned; one of an earlier or finished checkpoint is ignored. At-least-once counts in the
 * same way and blocks nobody: what overtakes the barrier is in the snapshot, and comes again after
 * a restore.
 *
 * One thread. Source: semantics sheet, section 19; Chandy and Lamport, "Distributed snapshots"
 * (1985); Carbone and others, "Lightweight asynchronous snapshots" (2015).
 */
#ifndef WEIR__RUNTIME_BARRIERS_H
#define WEIR__RUNTIME_BARRIERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weir__barriers;

struct weir__barriers *weir__barriers_new(size_t channels, bool blocking);
void weir__barriers_free(struct weir__barriers *barriers);

/* The channel has brought the barrier of a checkpoint, or its end. Returns the checkpoint for which
 * all have now; 0: none. */
int64_t weir__barriers_arrive(struct weir__barriers *barriers, size_t channel, int64_t checkpoint);
int64_t weir__barriers_end(struct weir__barriers *barriers, size_t channel);

/* Not to be read until the others have their barrier. */
bool weir__barriers_blocks(const struct weir__barriers *barriers, size_t channel);

#endif
