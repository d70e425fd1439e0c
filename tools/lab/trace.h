/*
 * The laboratory's trace: besides what the operators say, a source "input" and a sink "output"
 * around them, so that the visualizer sees a whole job. Its clock is the laboratory's: it stands
 * still but for @processing_time.
 */
#ifndef WEIR_LAB_TRACE_H
#define WEIR_LAB_TRACE_H

#include "lab/pipeline.h"

/* Does nothing without --trace. */
WEIR_MUST_USE enum weir_status lab_trace_open(struct lab_pipeline *pipeline,
                                              struct weir_error *error);
void lab_trace_close(struct lab_pipeline *pipeline);

/* An event at the source; returns its number in the trace, 0 without one. */
int64_t lab_trace_event(struct lab_pipeline *pipeline, const struct lab_event *event,
                        int64_t timestamp);
void lab_trace_result(struct lab_pipeline *pipeline, const struct lab_result *result,
                      int64_t timestamp);

#endif
