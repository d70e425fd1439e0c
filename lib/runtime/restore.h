/*
 * Restoring: which checkpoint an attempt of the job begins with, and how its operators get their
 * state back.
 *
 *     weir__restore_find    which one, as a path: what the user said; what sinks have committed;
 *                           after a failure the newest
 *     weir__restore_load    reads and verifies it, and fits the plan to it: every state must have
 *                           its operator, and key groups stay as many as they were
 *     weir__restore_hosts   after open: each operator gets the snapshots of all its former
 *                           subtasks, and takes what is its own (key groups, splits, …)
 *
 * Source: semantics sheet, sections 16 and 19.
 */
#ifndef WEIR__RUNTIME_RESTORE_H
#define WEIR__RUNTIME_RESTORE_H

#include "graph/plan.h"
#include "runtime/checkpoint_store.h"
#include "runtime/host.h"

/*
 * *path: owned by the caller; NULL: begin anew. directory: of the job's checkpoints; NULL: it has
 * none. newest_id: the newest checkpoint of this run, when a failure ended it; 0: none yet.
 */
WEIR_MUST_USE enum weir_status weir__restore_find(const weir_env *env,
                                                  const struct weir__plan *plan,
                                                  const char *directory,
                                                  const struct weir__surroundings *surroundings,
                                                  int64_t newest_id, char **path,
                                                  struct weir_error *error);
/* *checkpoint is the caller's to release (weir__checkpoint_fini), unless this fails. */
WEIR_MUST_USE enum weir_status weir__restore_load(const weir_env *env, struct weir__plan *plan,
                                                  const char *path,
                                                  struct weir__checkpoint *checkpoint,
                                                  struct weir_error *error);
WEIR_MUST_USE enum weir_status weir__restore_hosts(const struct weir__checkpoint *checkpoint,
                                                   struct weir__host *const *hosts, size_t count,
                                                   struct weir_error *error);

#endif
