/*
 * A gate: all input channels of a subtask. It decodes their elements for the head of the chain, and
 * combines the watermarks and the idleness of the channels of an input through a valve
 * (time/valve.h). Where the head has two inputs, it combines theirs (time/inputs.h). It aligns the
 * barriers of all channels (runtime/barriers.h).
 *
 * Values are decoded as views: their strings point into the channel's buffer, which stays until all
 * its elements are processed. Channels take turns, a buffer each, so that none starves. The gate
 * stops between two elements when the task is under pressure, and goes on there the next time.
 *
 * One thread: the task's.
 */
#ifndef WEIR__RUNTIME_GATE_H
#define WEIR__RUNTIME_GATE_H

#include "operator/operator.h"
#include "runtime/channel.h"

struct weir__gate;

/* head: the operator that reads; pressure: the task's count of full outputs. Both borrowed.
 * exactly_once: a channel whose barrier has come waits for the others. */
struct weir__gate *weir__gate_new(struct weir__operator *head, const int *pressure,
                                  bool exactly_once);
void weir__gate_free(struct weir__gate *gate);
/* input: of the operator, 0 or 1. The channel is borrowed. name: for the trace, copied. */
void weir__gate_add(struct weir__gate *gate, struct weir__channel *channel, int input,
                    const char *name);

/* What a read came to. */
struct weir__gate_result {
    bool progress;      /* false: nothing was there */
    int64_t checkpoint; /* all barriers of this checkpoint have come: take it now; 0: none */
};

/* Processes about `budget` elements, and at most one buffer. Errors: WEIR_CORRUPT. */
WEIR_MUST_USE enum weir_status weir__gate_read(struct weir__gate *gate, int budget,
                                               struct weir__gate_result *result,
                                               struct weir_error *error);
/* All channels have ended. */
bool weir__gate_ended(const struct weir__gate *gate);
/* How full its channels are. */
struct weir__channel_usage weir__gate_usage(const struct weir__gate *gate);

#endif
