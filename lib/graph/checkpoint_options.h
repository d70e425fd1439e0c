/*
 * The settings of checkpoints, restores and savepoints.
 */
#ifndef WEIR__GRAPH_CHECKPOINT_OPTIONS_H
#define WEIR__GRAPH_CHECKPOINT_OPTIONS_H

#include "graph/options.h"

#include <weir/env.h>

struct weir__files;

/* What a test breaks, to see that somebody notices. */
enum weir__checkpoint_mutant {
    WEIR__NO_MUTANT,
    WEIR__MUTANT_COMMITS_EARLY,      /* a checkpoint is complete before it is on the disk */
    WEIR__MUTANT_FORGETS_A_SNAPSHOT, /* the last subtask is not waited for */
};

struct weir__checkpoint_options {
    int64_t interval_ms;        /* 0: none are taken */
    int64_t min_pause_ms;       /* between the end of one and the start of the next */
    int64_t timeout_ms;         /* > 0 */
    int64_t tolerable_failures; /* in a row; negative: any number */
    int keep;                   /* the last so many, >= 1 */
    bool at_least_once;         /* barriers do not block */
    const char *directory;      /* of the job's checkpoints; NULL: checkpoints/<job> */
    const char *savepoints;     /* where savepoints go; NULL: the directory */
    const char *from;           /* a path, "latest", "none"; NULL: what sinks have committed */
    bool allow_non_restored;
    bool given[5]; /* what the user said, so that the program does not change it */
    /* Not options: tests put another file system here (NULL: the system's), and break things. */
    struct weir__files *files;
    enum weir__checkpoint_mutant mutant;
};

/* Declares and reads them. Mistakes stay in options. */
void weir__checkpoint_options_read(struct weir__checkpoint_options *checkpoints,
                                   struct weir__options *options);
/* What the program asks for: the default, so it counts where the user did not say otherwise. */
void weir__checkpoint_options_set(struct weir__checkpoint_options *checkpoints,
                                  struct weir__options *options,
                                  const struct weir_checkpoint_config *config);

/* Whether there is to be a place for checkpoints. */
bool weir__checkpoint_options_keep(const struct weir__checkpoint_options *checkpoints);

#endif
