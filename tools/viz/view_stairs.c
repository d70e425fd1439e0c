/* Sliding windows: a staircase, one lane a window, from the last one that is done on. */
#include "view_windows.h"

#include <weir/time.h>

#include <stdio.h>

enum { LANE_TEXT_MAX = 96 };

static void draw_lane(struct viz_frame *frame, int row, const struct viz_window *window)
{
    struct viz_span span;
    if (!viz_span_of(frame, window, &span)) {
        return;
    }
    enum viz_style style = viz_state_style(frame, window);
    uint32_t fill = window->state == VIZ_WINDOW_PURGED ? 0x2591 : 0x2501;
    for (int column = span.left < 0 ? 0 : span.left; column <= span.right; column++) {
        viz_draw_at(frame, row, column, style, fill);
    }
    viz_draw_at(frame, row, span.left, style, '[');
    viz_draw_at(frame, row, span.right, style, ')');
    char count[VIZ_TIME_MAX];
    char next[VIZ_TIME_MAX];
    char text[LANE_TEXT_MAX];
    viz_next_word(frame, window, next);
    snprintf(text, sizeof text, " %s n=%.24s%s%s ", viz_state_word(frame, window),
             viz_count(window->n, count), next[0] != '\0' ? " " : "", next);
    int first = span.left < 0 ? 0 : span.left + 2;
    int room = (span.right < frame->axis.width ? span.right : frame->axis.width) - first;
    if (viz_text_width(text) > room) {
        snprintf(text, sizeof text, " n=%.24s ", count);
    }
    if (viz_text_width(text) <= room) {
        viz_draw_text(frame, row, first, room, style, text);
    }
}

/* Where the lanes begin: with the last window that is done, or earlier when there are few. */
static const struct viz_window *first_lane(const struct viz_frame *frame, int rows, int *open,
                                           int *behind)
{
    const struct viz_window *first = viz_model_first_window(frame->model, frame->key);
    const struct viz_window *window = first;
    int count = 0;
    int done = 0;
    *open = 0;
    for (; window != NULL; window = viz_model_next_window(frame->model, window)) {
        count++;
        if (window->state == VIZ_WINDOW_OPEN) {
            (*open)++;
        } else if (*open == 0) {
            done++;
        }
    }
    int skip = done > 0 ? done - 1 : 0;
    skip = skip > count - rows ? count - rows : skip;
    skip = skip < 0 ? 0 : skip;
    *behind = count - skip - rows;
    for (; skip > 0; skip--) {
        first = viz_model_next_window(frame->model, first);
    }
    return first;
}

void viz_draw_stairs(struct viz_frame *frame, int top, int rows)
{
    int open;
    int behind;
    const struct viz_window *window = first_lane(frame, rows, &open, &behind);
    for (int i = 0; i < rows && window != NULL; i++) {
        draw_lane(frame, top + i, window);
        window = viz_model_next_window(frame->model, window);
    }
    char text[VIZ_TIME_MAX];
    if (rows > 2) {
        snprintf(text, sizeof text, "%d open", open);
        viz_draw_label(frame, top + 2, VIZ_STYLE_DIM, weir_str_from(text));
    }
    if (behind > 0 && rows > 3) {
        snprintf(text, sizeof text, "+%d more ↓", behind);
        viz_draw_label(frame, top + rows - 1, VIZ_STYLE_OPEN, weir_str_from(text));
    }
}
