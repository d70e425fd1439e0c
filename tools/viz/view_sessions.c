/* Sessions: a line a key, solid up to the last event, dotted through the gap behind it. */
#include "view_windows.h"

#include <weir/time.h>

#include <stdio.h>

enum { SESSION_TEXT_MAX = 96 };

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
    struct viz_span span;
    if (!viz_span_of(frame, window, &span)) {
        return;
    }
    enum viz_style style = viz_state_style(frame, window);
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
    struct viz_span span;
    if (!viz_span_of(frame, window, &span)) {
        return;
    }
    char count[VIZ_TIME_MAX];
    char next[VIZ_TIME_MAX];
    char text[SESSION_TEXT_MAX];
    viz_next_word(frame, window, next);
    snprintf(text, sizeof text, "n=%.24s %s%s%s", viz_count(window->n, count),
             viz_state_word(frame, window), next[0] != '\0' ? " " : "", next);
    int first = span.left < 0 ? 0 : span.left;
    int room = span.right - first + 1;
    if (viz_text_width(text) > room) {
        snprintf(text, sizeof text, "n=%.24s %s", count, viz_state_word(frame, window));
    }
    viz_draw_text(frame, row, first, room, viz_state_style(frame, window), text);
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

void viz_draw_sessions(struct viz_frame *frame, int top, int rows)
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
