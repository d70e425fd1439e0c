/*
 * The environment behind weir_env: settings, the graph, and after the run its results.
 *
 * Mistakes are kept, the first one only: later ones are mostly its consequences.
 */
#ifndef WEIR__GRAPH_ENV_H
#define WEIR__GRAPH_ENV_H

#include "graph/graph.h"
#include "graph/options.h"
#include "graph/settings.h"

struct weir_env {
    char *job_name;
    struct weir__options options;
    struct weir__settings settings;
    const struct weir_clock *clock; /* NULL: the scheduler's own */
    struct weir__graph graph;
    struct weir_error error;    /* the first mistake, or why the job failed; code WEIR_OK: none */
    struct weir__vec finishers; /* of struct weir__finisher */
    bool failed;                /* one of them said so */
    /* what the runtime keeps for weir_metric; owned through results_free */
    void *results;
    void (*results_free)(void *results);
};

struct weir__finisher {
    void (*finish)(weir_env *env, void *user);
    void *user;
};

/* Keeps a mistake unless there is one already. where: the operator's name, or NULL. */
void weir__env_mistake(weir_env *env, enum weir_status code, const char *where, const char *format,
                       ...) WEIR_PRINTF(4, 5);
/*
 * The env of a call that was given no stream to find it by: the latest one of this thread; NULL
 * when there is none.
 */
weir_env *weir__env_latest(void);

#endif
