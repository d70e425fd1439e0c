/*
 * The event-time axis: which time is in which column.
 *
 * Scale and origin follow from the model alone (and from the reader's zoom and pan), so the same
 * place of a trace always gives the same picture. The origin moves by whole ticks, and only when
 * the watermark comes to the last third of the width.
 */
#ifndef WEIR_VIZ_AXIS_H
#define WEIR_VIZ_AXIS_H

#include "shape.h"
#include "text.h"

struct viz_axis {
    int left;        /* the column of the screen where the axis begins */
    int width;       /* columns */
    int64_t unit_us; /* a column, in microseconds */
    int64_t origin;  /* ms, the time at the left edge */
    int tick;        /* columns from one label to the next */
    enum viz_unit unit;
};

/*
 * model: at the reader's place; whole: all that is known of the trace, which decides the unit, and
 * where the axis begins before the first event. watermark: of the operator looked at, WEIR_TIME_MIN
 * when there is none. zoom: steps in (> 0) or out; pan: columns to the right.
 */
struct viz_axis viz_axis_of(const struct viz_model *model, const struct viz_model *whole,
                            const struct viz_shape *shape, int64_t focus, int left, int width,
                            int zoom, int pan);
/* The column of a time, from 0; -1 left of the axis, width right of it. */
int viz_axis_column(const struct viz_axis *axis, int64_t ms);
/* The time where a column begins. */
int64_t viz_axis_time(const struct viz_axis *axis, int column);

#endif
