/*
 * A run: a job from its plan to its end, with as many attempts as its restart strategy allows.
 *
 *     find and load a checkpoint ─▶ make the job ─▶ open, restore ─▶ schedulers ─▶ finish
 *              ▲                                                        │ failure
 *              └───────────────────── wait ◀────────────────────────────┘
 *
 * A failure before anything ran (a wrong setting, nobody there) ends the run at once: the next
 * attempt would meet it again. So does WEIR_CANCELLED: somebody else has taken over.
 */
#ifndef WEIR__RUNTIME_RUN_H
#define WEIR__RUNTIME_RUN_H

#include "graph/plan.h"
#include "runtime/observer.h"

enum weir__run_end {
    WEIR__RUN_FINISHED,
    WEIR__RUN_STOPPED, /* by a signal: *number says which; with its results, or a savepoint */
    WEIR__RUN_FAILED,  /* env->error says why */
};

/* Where the job keeps its checkpoints, if it does; owned by the caller. */
char *weir__run_directory(const weir_env *env);

/* observer: started when --rest was asked for. */
enum weir__run_end weir__run(weir_env *env, struct weir__plan *plan,
                             const struct weir__observer *observer, int *number);

#endif
