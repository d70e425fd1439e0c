/*
 * The multiplexer: combines the watermarks of the source splits that one subtask reads.
 *
 *     combined = minimum over the splits that are not idle, and never falls
 *
 * A split without a watermark yet holds everything back. When all splits are idle, the maximum over
 * them goes out first and then IDLE (FLINK-38454); without any split nothing does. Only a watermark
 * that rises makes the output active again. Removing a split moves nothing by itself. Source:
 * semantics sheet, section 12. Used by one thread.
 */
#ifndef WEIR__TIME_MULTIPLEXER_H
#define WEIR__TIME_MULTIPLEXER_H

#include "time/change.h"

#include <stddef.h>

struct weir__multiplexer;

struct weir__multiplexer *weir__multiplexer_new(void);
void weir__multiplexer_free(struct weir__multiplexer *mux);

/* Adding a split twice, or removing one that is not there, does nothing. */
void weir__multiplexer_add(struct weir__multiplexer *mux, int32_t split);
void weir__multiplexer_remove(struct weir__multiplexer *mux, int32_t split);

/* Deferred: take effect at the next update. A watermark clears the split's idleness even when it
 * does not rise; it never falls. */
void weir__multiplexer_set(struct weir__multiplexer *mux, int32_t split, int64_t watermark);
void weir__multiplexer_set_idle(struct weir__multiplexer *mux, int32_t split);
struct weir__time_change weir__multiplexer_update(struct weir__multiplexer *mux);

/* Immediate: updates at once, when the split rose and is above the combined watermark. */
struct weir__time_change weir__multiplexer_set_now(struct weir__multiplexer *mux, int32_t split,
                                                   int64_t watermark);

/* The final watermark, whatever the splits say. */
struct weir__time_change weir__multiplexer_end(struct weir__multiplexer *mux);

/* What is known of a split (which must be there), for the trace. */
int64_t weir__multiplexer_split(const struct weir__multiplexer *mux, int32_t split, bool *idle);

#endif
