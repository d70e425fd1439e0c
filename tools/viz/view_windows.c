/*
 * Windows on the axis, in three manners:
 *
 *     tumbling: boxes side by side       sliding: a staircase,            sessions: a line a key,
 *                                        one lane a window                solid up to the last
 * event ┌[10,20)─┐┌[20,30)─┐             [━ n=4 FIRED ━━━)                 n=2 OPEN │ FIRED  ││
 * OPEN  │                [━ n=3 OPEN ━━━━)              [●━━━●┄┄┄┄) │ n=5    ││  n=2   │ [━ n=1
 * OPEN ━━━━) └────────┘└────────┘
 */
#include "view_axis.h"

#include <weir/time.h>

#include <inttypes.h>
#include <stdio.h>

enum { BOX_ROWS = 5, STAIRS_WANTED = 32, LINE_MAX_TEXT = 96 };

/* The columns of the axis that a window takes; `left` is -1 when it begins before the axis. */
struct span {
    int left;
    int right; /* the last one; may lie beyond the axis */
};

static bool span_of(const struct viz_frame *frame, const struct viz_window *window,
                    struct span *span)
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

static const char *state_word(const struct viz_frame *frame, const struct viz_window *window)
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

static enum viz_style state_style(const struct viz_frame *frame, const struct viz_window *window)
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

/* What comes next for it, briefly: "fires@40", "keep→50"; empty when nothing is known. */
static void next_word(const struct viz_frame *frame, const struct viz_window *window,
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

static int width_of(const char *text)
{
    return viz_width(weir_str_from(text));
}

/* ---- boxes ---- */

static void box_label(const struct viz_frame *frame, const struct viz_window *window, int room,
                      char text[VIZ_WINDOW_MAX])
{
    char from[VIZ_TIME_MAX];
    char to[VIZ_TIME_MAX];
    viz_window_text(frame->axis.unit, window->start, window->end, text);
    if (width_of(text) > room) {
        snprintf(text, VIZ_WINDOW_MAX, "[%s,%s)",
                 viz_time_short(frame->axis.unit, window->start, from),
                 viz_time_short(frame->axis.unit, window->end, to));
    }
    if (width_of(text) > room) {
        snprintf(text, VIZ_WINDOW_MAX, "%s-%s", from, to);
    }
    if (width_of(text) > room) {
        snprintf(text, VIZ_WINDOW_MAX, "%s", from);
    }
    if (width_of(text) > room) {
        text[0] = '\0';
    }
}

/* A line within the box, in its middle; nothing when it does not fit. */
static void box_text(struct viz_frame *frame, int row, int first, int last, enum viz_style style,
                     const char *text)
{
    int width = width_of(text);
    int room = last - first + 1;
    if (width > 0 && width <= room) {
        viz_draw_text(frame, row, first + (room - width) / 2, width, style, text);
    }
}

static void box_border(struct viz_frame *frame, int row, const struct span *span,
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
    snprintf(lines[0], sizeof lines[0], "%s", state_word(frame, window));
    snprintf(lines[1], sizeof lines[1], "n=%.30s", viz_count(window->n, count));
    if (width_of(lines[0]) > last - first + 1 && window->fires > 1) {
        snprintf(lines[0], sizeof lines[0], "FIREDx%d", window->fires);
    }
    next_word(frame, window, lines[2]);
    if (window->fires > 0 && lines[2][0] == '\0' && window->value[0] != '\0') {
        snprintf(lines[2], sizeof lines[2], "→ %s", window->value);
    }
    for (int i = 0; i < 3 && i < rows; i++) {
        box_text(frame, top + i, first, last, style, lines[i]);
    }
}

static void draw_box(struct viz_frame *frame, int top, int rows, const struct viz_window *window)
{
    struct span span;
    if (!span_of(frame, window, &span)) {
        return;
    }
    enum viz_style style = state_style(frame, window);
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

static void draw_boxes(struct viz_frame *frame, int top, int rows)
{
    const struct viz_window *window = viz_model_first_window(frame->model, frame->key);
    for (; window != NULL; window = viz_model_next_window(frame->model, window)) {
        draw_box(frame, top, rows, window);
    }
}

/* ---- the staircase ---- */

static void draw_lane(struct viz_frame *frame, int row, const struct viz_window *window)
{
    struct span span;
    if (!span_of(frame, window, &span)) {
        return;
    }
    enum viz_style style = state_style(frame, window);
    uint32_t fill = window->state == VIZ_WINDOW_PURGED ? 0x2591 : 0x2501;
    for (int column = span.left < 0 ? 0 : span.left; column <= span.right; column++) {
        viz_draw_at(frame, row, column, style, fill);
    }
    viz_draw_at(frame, row, span.left, style, '[');
    viz_draw_at(frame, row, span.right, style, ')');
    char count[VIZ_TIME_MAX];
    char next[VIZ_TIME_MAX];
    char text[LINE_MAX_TEXT];
    next_word(frame, window, next);
    snprintf(text, sizeof text, " %s n=%.24s%s%s ", state_word(frame, window),
             viz_count(window->n, count), next[0] != '\0' ? " " : "", next);
    int first = span.left < 0 ? 0 : span.left + 2;
    int room = (span.right < frame->axis.width ? span.right : frame->axis.width) - first;
    if (width_of(text) > room) {
        snprintf(text, sizeof text, " n=%.24s ", count);
    }
    if (width_of(text) <= room) {
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

static void draw_stairs(struct viz_frame *frame, int top, int rows)
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

/* ---- sessions ---- */

static void draw_session_events(struct viz_frame *frame, int row, const struct viz_key *key,
                                const struct viz_window *window, enum viz_style style)
{
    int32_t op = viz_model_row_operator(frame->model);
    for (size_t i = 0; i < frame->model->rows.count; i++) {
        const struct viz_row *from = weir__vec_at(&frame->model->rows, i);
        int64_t oldest = from->count > VIZ_RECENT ? from->count - VIZ_RECENT : 0;
        for (int64_t n = oldest; from->op == op && n < from->count; n++) {
            const struct viz_dot *dot = &from->recent[n % VIZ_RECENT];
            if (dot->key == key->name && !dot->late && dot->ts >= window->start &&
                dot->ts < window->end) {
                int column = viz_axis_column(&frame->axis, dot->ts);
                viz_draw_at(frame, row, column, style, 0x25CF);
            }
        }
    }
}

static void draw_session(struct viz_frame *frame, int row, const struct viz_key *key,
                         const struct viz_window *window)
{
    struct span span;
    if (!span_of(frame, window, &span)) {
        return;
    }
    enum viz_style style = state_style(frame, window);
    int64_t last =
        frame->shape.gap > 0 ? weir_time_sub(window->end, frame->shape.gap) : window->end;
    int solid = viz_axis_column(&frame->axis, last);
    for (int column = span.left < 0 ? 0 : span.left; column <= span.right; column++) {
        uint32_t rune = window->state == VIZ_WINDOW_PURGED ? 0x2591 : 0x2501;
        viz_draw_at(frame, row, column, style, column > solid ? 0x2504 : rune);
    }
    /* The first event stands where the window starts; the bracket goes before it. */
    int edge = frame->axis.left + span.left - 1;
    if (span.left > 0 && viz_rune_at(frame->grid, row, edge) == ' ') {
        viz_draw_at(frame, row, span.left - 1, style, '[');
    }
    draw_session_events(frame, row, key, window, style);
    viz_draw_at(frame, row, span.right, style, ')');
}

static void session_text(struct viz_frame *frame, int row, const struct viz_window *window)
{
    struct span span;
    if (!span_of(frame, window, &span)) {
        return;
    }
    char count[VIZ_TIME_MAX];
    char next[VIZ_TIME_MAX];
    char text[LINE_MAX_TEXT];
    next_word(frame, window, next);
    snprintf(text, sizeof text, "n=%.24s %s%s%s", viz_count(window->n, count),
             state_word(frame, window), next[0] != '\0' ? " " : "", next);
    int first = span.left < 0 ? 0 : span.left;
    int room = span.right - first + 1;
    if (width_of(text) > room) {
        snprintf(text, sizeof text, "n=%.24s %s", count, state_word(frame, window));
    }
    viz_draw_text(frame, row, first, room, state_style(frame, window), text);
}

static void draw_key_sessions(struct viz_frame *frame, int row, const struct viz_key *key,
                              bool texts)
{
    const struct viz_window *window = viz_model_first_window(frame->model, key);
    for (; window != NULL; window = viz_model_next_window(frame->model, window)) {
        if (texts) {
            session_text(frame, row, window);
        } else {
            draw_session(frame, row, key, window);
        }
    }
}

/* The next key of the same operator after `rank` others, the busiest first; NULL when there is
 * none. */
static const struct viz_key *busiest_after(const struct viz_frame *frame,
                                           const struct viz_key *last)
{
    const struct viz_key *found = NULL;
    for (size_t i = 0; i < frame->model->keys.count; i++) {
        const struct viz_key *key = weir__vec_at(&frame->model->keys, i);
        bool after =
            last == NULL || key->adds < last->adds || (key->adds == last->adds && key > last);
        if (key != frame->key && key->op == frame->key->op && after && key->first != VIZ_NONE &&
            (found == NULL || key->adds > found->adds)) {
            found = key;
        }
    }
    return found;
}

static void draw_sessions(struct viz_frame *frame, int top, int rows)
{
    if (rows > 1) {
        draw_key_sessions(frame, top, frame->key, true);
    }
    draw_key_sessions(frame, top + (rows > 1), frame->key, false);
    /* A blank row, then the other keys, a row each. */
    const struct viz_key *other = NULL;
    for (int row = top + 3; row < top + rows; row++) {
        other = busiest_after(frame, other);
        if (other == NULL) {
            break;
        }
        viz_draw_label(frame, row, VIZ_STYLE_DIM, viz_name(frame->model->names, other->name));
        draw_key_sessions(frame, row, other, false);
    }
}

/* ---- the whole ---- */

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
        draw_boxes(frame, top, rows);
        break;
    case VIZ_SLIDING:
        draw_stairs(frame, top, rows);
        break;
    case VIZ_SESSION:
        draw_sessions(frame, top, rows);
        break;
    }
}
