/*
 * The trace's record events: an event at the source ("p1": the split it came from), at the
 * watermark assigner (with the event time it was given) and at each keyed operator (with its key).
 * Call these only while tracing.
 */
#ifndef WEIR__OPERATOR_TRACE_RECORD_H
#define WEIR__OPERATOR_TRACE_RECORD_H

#include "operator/operator.h"
#include "state/keyed.h"

/* A record at the operator's input, 0 or 1. */
void weir__trace_arrival(const struct weir__operator_context *context, int input,
                         const struct weir__record *record);
/* A record at an operator that has no input: a source. */
void weir__trace_value(const struct weir__operator_context *context,
                       const struct weir__record *record, const struct weir_type *type);
/* What became of a timer of the key in hand; action: register, fire, delete. */
void weir__trace_keyed_timer(const struct weir__operator_context *context,
                             const struct weir__keyed *keyed, const char *action, int64_t time,
                             enum weir__time_domain domain);
/* "p3" for split 3, NULL for WEIR__NO_SPLIT: how the trace names a split. */
const char *weir__trace_split(int32_t split, char text[16]);

#endif
