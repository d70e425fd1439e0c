/*
 * The laboratory's pipeline: the real operators, in harnesses.
 *
 *     event ─▶ [watermark assigner] ─▶ by key ─▶ window, subtask 0 … n-1 ─▶ results
 *
 * With one subtask the order of results is the operator's own. With several, what one watermark
 * fires in all of them is merged by timestamp, as one subtask would have fired it. One thread.
 */
#ifndef WEIR_LAB_PIPELINE_H
#define WEIR_LAB_PIPELINE_H

#include "lab/output.h"

#include <weir/harness.h>

struct weir__trace;
struct weir__tracer;

struct lab_pipeline {
    const struct lab_options *options;
    struct lab_output *output;
    weir_env *env;
    weir_stream *timed; /* what the windows read */
    weir_stream *windowed;
    weir_harness *assigner; /* NULL: none, or chained to the only subtask */
    weir_harness **windows; /* one a subtask */
    size_t *next;           /* of each: the output to merge next */
    bool idle;
    struct weir__trace *trace; /* NULL: off */
    struct weir__tracer *tracer;
    struct weir_manual_clock clock; /* the trace's */
};

/* Errors: WEIR_INVALID, WEIR_UNSUPPORTED (the window is refused), WEIR_IO (the trace). */
WEIR_MUST_USE enum weir_status lab_pipeline_open(struct lab_pipeline *pipeline,
                                                 const struct lab_options *options,
                                                 struct lab_output *output,
                                                 struct weir_error *error);
void lab_pipeline_close(struct lab_pipeline *pipeline);

/* True when it was taken; else weir_harness_rejection's text is in *why. */
bool lab_pipeline_event(struct lab_pipeline *pipeline, const struct lab_event *event,
                        int64_t timestamp, const char **why);
void lab_pipeline_watermark(struct lab_pipeline *pipeline, int64_t watermark);
void lab_pipeline_set_time(struct lab_pipeline *pipeline, int64_t ms);
void lab_pipeline_idle(struct lab_pipeline *pipeline, bool idle);
void lab_pipeline_snapshot_restore(struct lab_pipeline *pipeline);

/* Why it stopped; code WEIR_OK: it has not. */
const struct weir_error *lab_pipeline_error(const struct lab_pipeline *pipeline);
/* Sums over the subtasks. */
int64_t lab_pipeline_metric(const struct lab_pipeline *pipeline, const char *name);
struct weir_harness_state lab_pipeline_state(const struct lab_pipeline *pipeline);

#endif
