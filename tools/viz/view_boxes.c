/* Tumbling windows: boxes side by side, with as many lines as there are rows. */
#include "view_windows.h"

#include <weir/time.h>

#include <stdio.h>

static void box_label(const struct viz_frame *frame, const struct viz_window *window, int room,
                      char text[VIZ_WINDOW_MAX])
{
    char from[VIZ_TIME_MAX];
    char to[VIZ_TIME_MAX];
    viz_window_text(frame->axis.unit, window->start, window->end, text);
    if (viz_text_width(text) > room) {
        snprintf(text, VIZ_WINDOW_MAX, "[%s,%s)",
                 viz_time_short(frame->axis.unit, window->start, from),
                 viz_time_short(frame->axis.unit, window->end, to));
    }
    if (viz_text_width(text) > room) {
        snprintf(text, VIZ_WINDOW_MAX, "%s-%s", from, to);
    }
    if (viz_text_width(text) > room) {
        snprintf(text, VIZ_WINDOW_MAX, "%s", from);
    }
    if (viz_text_width(text) > room) {
        text[0] = '\0';
    }
}

/* A line within the box, in its middle; nothing when it does not fit. */
static void box_text(struct viz_frame *frame, int row, int first, int last, enum viz_style style,
                     const char *text)
{
    int width = viz_text_width(text);
    int room = last - first + 1;
    if (width > 0 && width <= room) {
        viz_draw_text(frame, row, first + (room - width) / 2, width, style, text);
    }
}

static void box_border(struct viz_frame *frame, int row, const struct viz_span *span,
                       enum viz_style style, uint32_t left, uint32_t right)
{
    for (int column = span->left < 0 ? 0 : span->left; column <= span->right; column++) {
        viz_draw_at(frame, row, column, style, 0x2500);
    }
    viz_draw_at(frame, row, span->left, style, left);
    viz_draw_at(frame, row, span->right, style, right);
}

static void box_lines(struct viz_frame *frame, const struct viz_window *window, int top, int rows,
                      int first, int last, enum viz_style style)
{
    char lines[3][VIZ_TIME_MAX];
    char count[VIZ_TIME_MAX];
    snprintf(lines[0], sizeof lines[0], "%s", viz_state_word(frame, window));
    snprintf(lines[1], sizeof lines[1], "n=%.30s", viz_count(window->n, count));
    if (viz_text_width(lines[0]) > last - first + 1 && window->fires > 1) {
        snprintf(lines[0], sizeof lines[0], "FIREDx%d", window->fires);
    }
    viz_next_word(frame, window, lines[2]);
    if (window->fires > 0 && lines[2][0] == '\0' && window->value[0] != '\0') {
        snprintf(lines[2], sizeof lines[2], "→ %s", window->value);
    }
    for (int i = 0; i < 3 && i < rows; i++) {
        box_text(frame, top + i, first, last, style, lines[i]);
    }
}

static void draw_box(struct viz_frame *frame, int top, int rows, const struct viz_window *window)
{
    struct viz_span span;
    if (!viz_span_of(frame, window, &span)) {
        return;
    }
    enum viz_style style = viz_state_style(frame, window);
    int first = span.left < 0 ? 0 : span.left + 1;
    int last = span.right >= frame->axis.width ? frame->axis.width - 1 : span.right - 1;
    char label[VIZ_WINDOW_MAX];
    int inner = rows > 2 ? rows - 2 : rows - 1;
    box_border(frame, top, &span, style, 0x250C, 0x2510);
    box_label(frame, window, last - first + 1, label);
    viz_draw_text(frame, top, first, last - first + 1, style, label);
    for (int row = top + 1; row <= top + inner; row++) {
        viz_draw_at(frame, row, span.left, style, 0x2502);
        viz_draw_at(frame, row, span.right, style, 0x2502);
        for (int column = first; column <= last; column++) {
            bool purged = window->state == VIZ_WINDOW_PURGED;
            viz_draw_at(frame, row, column, style, purged ? 0x2591 : ' ');
        }
    }
    box_lines(frame, window, top + 1, inner, first, last, style);
    if (rows > 2) {
        box_border(frame, top + rows - 1, &span, style, 0x2514, 0x2518);
    }
}

void viz_draw_boxes(struct viz_frame *frame, int top, int rows)
{
    const struct viz_window *window = viz_model_first_window(frame->model, frame->key);
    for (; window != NULL; window = viz_model_next_window(frame->model, window)) {
        draw_box(frame, top, rows, window);
    }
}
