/*
 * The two inputs of an operator that reads two streams: their watermarks become the one that it
 * sees.
 *
 *     combined = minimum over the inputs that are not idle, and never falls
 *
 * Each input comes with a valve of its own in front (time/valve.h). One that is back behind the
 * combined watermark holds it where it is until it has caught up. When both are idle, the larger
 * watermark goes out first and then IDLE (FLINK-38454). An input that has ended counts for nothing
 * while the other is merely idle, so the final watermark goes out only when both have ended.
 *
 * Used by one thread. Source: semantics sheet, sections 12 and 13.
 */
#ifndef WEIR__TIME_INPUTS_H
#define WEIR__TIME_INPUTS_H

#include "time/change.h"

enum { WEIR__INPUTS = 2 };

struct weir__inputs {
    int64_t watermarks[WEIR__INPUTS]; /* WEIR_TIME_MIN before the first; WEIR_TIME_MAX: ended */
    bool idle[WEIR__INPUTS];
    int64_t combined; /* what went out last */
    bool told_idle;
};

void weir__inputs_init(struct weir__inputs *inputs);
/* input: 0 or 1. Clears the input's idleness; ignored when it does not rise. */
struct weir__time_change weir__inputs_watermark(struct weir__inputs *inputs, int input,
                                                int64_t watermark);
struct weir__time_change weir__inputs_idle(struct weir__inputs *inputs, int input, bool idle);

#endif
