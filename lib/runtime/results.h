/*
 * What is left of a job when it is over: the metrics of its operators, for weir_metric.
 */
#ifndef WEIR__RUNTIME_RESULTS_H
#define WEIR__RUNTIME_RESULTS_H

#include "runtime/job.h"

/* Puts the job's metrics into the env, in place of those of an earlier attempt. restarts: so far.
 */
void weir__results_keep(weir_env *env, struct weir__job *job,
                        const struct weir__checkpoint_counts *checkpoints, int restarts);

#endif
