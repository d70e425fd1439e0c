/*
 * The watermark valve: combines the watermarks of a task's input channels into the one that its
 * operator sees.
 *
 *     output = minimum over the ALIGNED channels, and never falls
 *
 * A channel is aligned while it is active and has caught up with the output. An idle channel leaves
 * the set and keeps its watermark; when it comes back behind the output it is active but unaligned,
 * and holds nothing back until it has caught up.
 *
 * Two decisions where released versions of Flink differ (semantics sheet, section 13; FLINK-40475):
 * when the last active channel goes idle, the maximum over all channels goes out before IDLE,
 * always; when a channel comes back, the minimum is derived again. One that is ours: a channel that
 * has ended (watermark WEIR_TIME_MAX) counts for nothing while others are merely idle, so the final
 * watermark goes out only when every channel has ended. What an idle channel brings when it wakes
 * is not made late by it.
 *
 * Used by one thread.
 */
#ifndef WEIR__TIME_VALVE_H
#define WEIR__TIME_VALVE_H

#include "time/change.h"

#include <stddef.h>

struct weir__valve;

/* channels: 1 or more; all start active, aligned, without a watermark. */
struct weir__valve *weir__valve_new(size_t channels);
void weir__valve_free(struct weir__valve *valve);

/* Ignored when the channel is idle or its watermark does not rise. */
struct weir__time_change weir__valve_watermark(struct weir__valve *valve, size_t channel,
                                               int64_t watermark);
struct weir__time_change weir__valve_idle(struct weir__valve *valve, size_t channel, bool idle);

/* The last watermark that went out; WEIR_TIME_MIN before the first. */
int64_t weir__valve_output(const struct weir__valve *valve);
/* A channel's own last watermark, and whether it is idle: for the trace and the job's page. */
int64_t weir__valve_channel(const struct weir__valve *valve, size_t channel, bool *idle);

#endif
