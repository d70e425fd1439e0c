/* What the manners of drawing windows share: boxes, staircase and sessions. */
#ifndef WEIR_VIZ_VIEW_WINDOWS_H
#define WEIR_VIZ_VIEW_WINDOWS_H

#include "view_axis.h"

/* The columns of the axis that a window takes; `left` is -1 when it begins before the axis. */
struct viz_span {
    int left;
    int right; /* the last one; may lie beyond the axis */
};

/* False when the window is not on the axis at all. */
bool viz_span_of(const struct viz_frame *frame, const struct viz_window *window,
                 struct viz_span *span);
const char *viz_state_word(const struct viz_frame *frame, const struct viz_window *window);
enum viz_style viz_state_style(const struct viz_frame *frame, const struct viz_window *window);
/* What comes next for it, briefly: "fires@40", "keep→50"; empty when nothing is known. */
void viz_next_word(const struct viz_frame *frame, const struct viz_window *window,
                   char text[VIZ_TIME_MAX]);
int viz_text_width(const char *text);

void viz_draw_boxes(struct viz_frame *frame, int top, int rows);
void viz_draw_stairs(struct viz_frame *frame, int top, int rows);
void viz_draw_sessions(struct viz_frame *frame, int top, int rows);

#endif
