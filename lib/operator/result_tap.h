/*
 * A tap on an operator's main output: tells the trace of every result with its key, and passes it
 * on. Only needed while tracing.
 */
#ifndef WEIR__OPERATOR_RESULT_TAP_H
#define WEIR__OPERATOR_RESULT_TAP_H

#include "operator/operator.h"
#include "types/key.h"

struct weir__result_tap {
    struct weir__output output; /* for the collector, in place of the main output */
    struct weir__receiver receiver;
    int64_t records; /* unused: the main output counts */
    struct weir__operator_context *context;
    const struct weir__key *key; /* in hand */
};

/* What a collector of results writes to: the main output, or the tap while tracing. */
const struct weir__output *weir__result_tap_init(struct weir__result_tap *tap,
                                                 struct weir__operator_context *context,
                                                 const struct weir__key *key);

#endif
