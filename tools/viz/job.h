/* What the trace's job event says about the job and its operators. */
#ifndef WEIR_VIZ_JOB_H
#define WEIR_VIZ_JOB_H

#include "model.h"

/*
 * Reads the job's JSON into the model. What is missing or of another kind than expected stays zero.
 */
void viz_job_read(struct viz_model *model, struct weir_str json);

#endif
