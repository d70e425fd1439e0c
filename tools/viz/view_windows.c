/*
 * Windows on the axis, in three manners:
 *
 *     tumbling: boxes            sliding: a staircase,     sessions: a line a key,
 *     side by side               one lane a window         solid up to the last event
 *
 *     ┌[10,20)─┐┌[20,30)─┐       [━ n=4 FIRED ━━━)          n=2 OPEN
 *     │ FIRED  ││  OPEN  │          [━ n=3 OPEN ━━━━)      [●━━━●┄┄┄┄)
 *     │ n=5    ││  n=2   │             [━ n=1 OPEN ━━━━)
 *     └────────┘└────────┘
 */
#include "view_windows.h"

#include <weir/time.h>

#include <inttypes.h>
#include <stdio.h>

enum { BOX_ROWS = 5, STAIRS_WANTED = 32 };

bool viz_span_of(const struct viz_frame *frame, const struct viz_window *window,
                 struct viz_span *span)
{
    span->left = viz_axis_column(&frame->axis, window->start);
    span->right = viz_axis_column(&frame->axis, window->end) - 1;
    bool beyond = viz_axis_column(&frame->axis, window->end) >= frame->axis.width &&
                  viz_axis_time(&frame->axis, frame->axis.width) < window->end;
    span->right = beyond ? frame->axis.width : span->right;
    return span->right >= 0 && span->left < frame->axis.width && span->right >= span->left;
}

static bool is_due(const struct viz_frame *frame, const struct viz_window *window)
{
    return window->state == VIZ_WINDOW_OPEN && frame->shape.timed && !frame->shape.processing &&
           weir_time_sub(window->end, 1) <= frame->watermark;
}

const char *viz_state_word(const struct viz_frame *frame, const struct viz_window *window)
{
    switch ((enum viz_window_state)window->state) {
    case VIZ_WINDOW_OPEN:
        return is_due(frame, window) ? "DUE" : window->fires > 0 ? "OPEN+" : "OPEN";
    case VIZ_WINDOW_FIRED:
        return window->fires > 1 ? "FIRED again" : "FIRED";
    case VIZ_WINDOW_PURGED:
        return "purged";
    }
    return "";
}

enum viz_style viz_state_style(const struct viz_frame *frame, const struct viz_window *window)
{
    const struct viz_scene *scene = frame->scene;
    if (scene->window_chosen && window->start == scene->window_start &&
        window->end == scene->window_end) {
        return VIZ_STYLE_CHOSEN;
    }
    switch ((enum viz_window_state)window->state) {
    case VIZ_WINDOW_OPEN:
        return VIZ_STYLE_OPEN;
    case VIZ_WINDOW_FIRED:
        return VIZ_STYLE_FIRED;
    case VIZ_WINDOW_PURGED:
        return VIZ_STYLE_DIM;
    }
    return VIZ_STYLE_PLAIN;
}

void viz_next_word(const struct viz_frame *frame, const struct viz_window *window,
                   char text[VIZ_TIME_MAX])
{
    char time[VIZ_TIME_MAX];
    text[0] = '\0';
    if (!frame->shape.timed) {
        return;
    }
    if (window->state == VIZ_WINDOW_OPEN) {
        snprintf(text, VIZ_TIME_MAX, "fires@%.30s",
                 viz_time_short(frame->axis.unit, window->end, time));
    } else if (window->state == VIZ_WINDOW_FIRED && frame->shape.lateness > 0) {
        viz_time_short(frame->axis.unit, weir_time_add(window->end, frame->shape.lateness), time);
        snprintf(text, VIZ_TIME_MAX, "keep→%.30s", time);
    }
}

int viz_text_width(const char *text)
{
    return viz_width(weir_str_from(text));
}

int viz_windows_wanted(const struct viz_frame *frame)
{
    if (frame->shape.kind == VIZ_SESSION) {
        int keys = frame->scene->key_count;
        return keys + 2 > BOX_ROWS ? keys + 2 : BOX_ROWS;
    }
    return frame->shape.kind == VIZ_SLIDING ? STAIRS_WANTED : BOX_ROWS;
}

static void draw_key_label(struct viz_frame *frame, int top, int rows)
{
    const struct viz_scene *scene = frame->scene;
    struct weir_str name = viz_name(frame->model->names, frame->key->name);
    viz_draw_label(frame, top, VIZ_STYLE_STRONG,
                   weir_str_is_null(name) ? WEIR_STR("all events") : name);
    if (scene->key_count > 1 && rows > 1) {
        char text[VIZ_TIME_MAX];
        snprintf(text, sizeof text, "key %d of %d", scene->key_rank, scene->key_count);
        viz_draw_label(frame, top + 1, VIZ_STYLE_DIM, weir_str_from(text));
    }
}

void viz_draw_windows(struct viz_frame *frame, int top, int rows)
{
    if (rows <= 0) {
        return;
    }
    if (frame->key == NULL) {
        viz_draw_label(frame, top, VIZ_STYLE_DIM, WEIR_STR("no windows yet"));
        return;
    }
    draw_key_label(frame, top, rows);
    switch (frame->shape.kind) {
    case VIZ_SHAPE_NONE:
        break;
    case VIZ_TUMBLING:
    case VIZ_GLOBAL:
        viz_draw_boxes(frame, top, rows);
        break;
    case VIZ_SLIDING:
        viz_draw_stairs(frame, top, rows);
        break;
    case VIZ_SESSION:
        viz_draw_sessions(frame, top, rows);
        break;
    }
}
