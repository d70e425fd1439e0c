/* The parts of view 1, the axis. Each draws into the rows that it is given. */
#ifndef WEIR_VIZ_VIEW_AXIS_H
#define WEIR_VIZ_VIEW_AXIS_H

#include "scene.h"

/* A row a partition: its events, and its watermark. */
int viz_rows_wanted(const struct viz_frame *frame);
void viz_draw_rows(struct viz_frame *frame, int top, int rows);

/* The windows of the key looked at: boxes, a staircase, or sessions. */
int viz_windows_wanted(const struct viz_frame *frame);
void viz_draw_windows(struct viz_frame *frame, int top, int rows);

/* The column of the screen where a watermark's line stands: right of what it has passed. */
int viz_watermark_column(const struct viz_frame *frame, int64_t watermark);
/* One character on the axis, at a column of the axis; outside it nothing is drawn. */
void viz_draw_at(struct viz_frame *frame, int row, int column, enum viz_style style, uint32_t rune);
/* Text that begins at a column of the axis and may take `limit` columns; cut at both ends. */
void viz_draw_text(struct viz_frame *frame, int row, int column, int limit, enum viz_style style,
                   const char *text);
/* Text in front of the axis, at most VIZ_LEFT - 1 columns. */
void viz_draw_label(struct viz_frame *frame, int row, enum viz_style style, struct weir_str text);

#endif
