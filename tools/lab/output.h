/*
 * The laboratory's output: JSON lines on standard output.
 */
#ifndef WEIR_LAB_OUTPUT_H
#define WEIR_LAB_OUTPUT_H

#include "lab/aggregates.h"
#include "lab/event.h"

struct lab_output {
    bool no_time; /* results of a processing-time global window have no timestamp */
    int64_t results;
    int64_t late;
    struct weir__buf line;
};

/* {"key":…,"window":…,"value":…,"ts":…} */
void lab_write_result(struct lab_output *output, const struct lab_result *result,
                      int64_t timestamp);
/* {"late":{"key":…,"value":…,"ts":…}} */
void lab_write_late(struct lab_output *output, const struct lab_event *event, int64_t timestamp);
/* {"watermark":…} and {"mark":…} */
void lab_write_watermark(struct lab_output *output, int64_t watermark);
void lab_write_mark(struct lab_output *output, struct weir_str json);

/* Appends a result's value as JSON. */
void lab_put_value(struct weir__buf *out, const struct lab_result *result);

#endif
