/*
 * View 1: events, watermarks, windows and timers on one axis of event time.
 *
 *     labels, ticks          2 rows
 *     a row a partition      as many as there is room for
 *     the watermark          1
 *     windows                5 or more
 *     timers, late events    1 each, when there is room
 */
#include "view_axis.h"

#include <weir/time.h>

#include <inttypes.h>
#include <stdio.h>

enum { AXIS_ROWS = 2, WATERMARK_ROWS = 1, BOX_ROWS = 5 };

int viz_watermark_column(const struct viz_frame *frame, int64_t watermark)
{
    if (watermark == WEIR_TIME_MIN) {
        return -1;
    }
    return viz_axis_column(&frame->axis, weir_time_add(watermark, 1));
}

void viz_draw_at(struct viz_frame *frame, int row, int column, enum viz_style style, uint32_t rune)
{
    if (column >= 0 && column < frame->axis.width) {
        viz_put_rune(frame->grid, row, frame->axis.left + column, style, rune);
    }
}

void viz_draw_text(struct viz_frame *frame, int row, int column, int limit, enum viz_style style,
                   const char *text)
{
    int room = frame->axis.width - column;
    if (column >= 0 && room > 0) {
        viz_put(frame->grid, row, frame->axis.left + column, limit < room ? limit : room, style,
                weir_str_from(text));
    }
}

void viz_draw_label(struct viz_frame *frame, int row, enum viz_style style, struct weir_str text)
{
    viz_put(frame->grid, row, 1, frame->axis.left - 2, style, text);
}

/* ---- the axis itself ---- */

static const char *unit_name(enum viz_unit unit)
{
    switch (unit) {
    case VIZ_UNIT_MS:
        return "event time, ms";
    case VIZ_UNIT_SECONDS:
        return "event time, s";
    case VIZ_UNIT_MINUTES:
        return "event time, m:s";
    case VIZ_UNIT_CLOCK:
        return "event time, UTC";
    }
    return "";
}

static void draw_axis(struct viz_frame *frame, int top)
{
    const struct viz_axis *axis = &frame->axis;
    viz_draw_label(frame, top, VIZ_STYLE_DIM, weir_str_from(unit_name(axis->unit)));
    viz_fill(frame->grid, top + 1, axis->left, axis->width, VIZ_STYLE_DIM, 0x2500);
    for (int column = 0; column < axis->width; column += axis->tick) {
        char text[VIZ_TIME_MAX];
        viz_time(axis->unit, viz_axis_time(axis, column), text);
        if (column + (int)strlen(text) <= axis->width) {
            viz_draw_text(frame, top, column, axis->tick, VIZ_STYLE_PLAIN, text);
        }
        viz_draw_at(frame, top + 1, column, VIZ_STYLE_DIM, 0x2534);
    }
}

/* ---- the watermark ---- */

static void draw_watermark(struct viz_frame *frame, int row)
{
    struct viz_axis *axis = &frame->axis;
    char text[VIZ_TIME_MAX];
    viz_draw_label(frame, row, VIZ_STYLE_WATERMARK,
                   frame->shape.processing ? WEIR_STR("(by the clock)") : WEIR_STR("WATERMARK"));
    viz_time(axis->unit, frame->watermark, text);
    if (frame->watermark == WEIR_TIME_MIN) {
        viz_draw_text(frame, row, 0, axis->width, VIZ_STYLE_DIM,
                      "none yet: no partition has promised anything");
        return;
    }
    int column = viz_watermark_column(frame, frame->watermark);
    int end = column > axis->width ? axis->width : column;
    viz_fill(frame->grid, row, axis->left, end, VIZ_STYLE_WATERMARK, 0x2550);
    int length = (int)strlen(text) + 2;
    if (column < 0) {
        viz_draw_at(frame, row, 0, VIZ_STYLE_WATERMARK, 0x25C0);
        viz_draw_text(frame, row, 2, length, VIZ_STYLE_WATERMARK, text);
    } else if (column < axis->width) {
        viz_draw_at(frame, row, column, VIZ_STYLE_WATERMARK, 0x25BC);
        bool behind = column + length <= axis->width;
        viz_draw_text(frame, row, behind ? column + 2 : column - length + 1, length,
                      VIZ_STYLE_WATERMARK, text);
    } else {
        viz_draw_at(frame, row, axis->width - 1, VIZ_STYLE_WATERMARK, 0x25B6);
        viz_draw_text(frame, row, axis->width - length - 1, length, VIZ_STYLE_WATERMARK, text);
    }
}

/* Where the watermark stands, through everything below it that is blank. */
static void draw_line(struct viz_frame *frame, int top, int rows)
{
    int column = viz_watermark_column(frame, frame->watermark);
    if (column < 0 || column >= frame->axis.width || frame->shape.processing) {
        return;
    }
    for (int row = top; row < top + rows; row++) {
        uint32_t there = viz_rune_at(frame->grid, row, frame->axis.left + column);
        if (there == ' ' || there == 0x2500 || there == '-') {
            viz_draw_at(frame, row, column, VIZ_STYLE_WATERMARK, 0x2503);
        }
    }
}

/* ---- timers and late events ---- */

/* What a timer of the key will do, in a word. */
static const char *timer_purpose(const struct viz_frame *frame, int64_t ts)
{
    const struct viz_window *window = viz_model_first_window(frame->model, frame->key);
    for (; window != NULL; window = viz_model_next_window(frame->model, window)) {
        if (window->state == VIZ_WINDOW_OPEN && weir_time_sub(window->end, 1) == ts) {
            return "fire";
        }
        if (window->state == VIZ_WINDOW_FIRED && viz_cleanup(&frame->shape, window->end) == ts) {
            return "purge";
        }
    }
    return "";
}

static void draw_timers(struct viz_frame *frame, int row)
{
    viz_draw_label(frame, row, VIZ_STYLE_DIM, WEIR_STR("timers"));
    if (frame->key == NULL) {
        return;
    }
    int key = frame->scene->key + 1;
    for (size_t i = 0; i < frame->model->timers.count; i++) {
        const struct viz_timer *timer = weir__vec_at(&frame->model->timers, i);
        if (timer->key != key) {
            continue;
        }
        int column = viz_axis_column(&frame->axis, weir_time_add(timer->ts, 1));
        viz_draw_at(frame, row, column, VIZ_STYLE_OPEN, 0x25C7);
    }
    /* The words where there is room before the next timer and the watermark's line. */
    int line = viz_watermark_column(frame, frame->watermark);
    for (size_t i = 0; i < frame->model->timers.count; i++) {
        const struct viz_timer *timer = weir__vec_at(&frame->model->timers, i);
        int column = viz_axis_column(&frame->axis, weir_time_add(timer->ts, 1));
        const char *purpose = timer->key == key ? timer_purpose(frame, timer->ts) : "";
        bool room = column >= 0;
        for (int j = 1; j <= (int)strlen(purpose) + 2 && room; j++) {
            room = column + j != line && column + j < frame->axis.width &&
                   viz_rune_at(frame->grid, row, frame->axis.left + column + j) == ' ';
        }
        if (room) {
            viz_draw_text(frame, row, column + 2, 6, VIZ_STYLE_DIM, purpose);
        }
    }
}

static void draw_late(struct viz_frame *frame, int row)
{
    const struct viz_totals *totals = &frame->model->totals;
    char text[VIZ_LEFT];
    snprintf(text, sizeof text, "late %" PRId64, totals->late);
    viz_draw_label(frame, row, totals->late > 0 ? VIZ_STYLE_LATE : VIZ_STYLE_DIM,
                   weir_str_from(text));
    int64_t oldest = totals->late > VIZ_RECENT ? totals->late - VIZ_RECENT : 0;
    for (int64_t n = oldest; n < totals->late; n++) {
        const struct viz_late *late = &frame->model->late[n % VIZ_RECENT];
        int column = viz_axis_column(&frame->axis, late->ts);
        viz_draw_at(frame, row, column, VIZ_STYLE_LATE, 0x2717);
    }
}

/* ---- the whole ---- */

static int wanted(const struct viz_frame *frame)
{
    return AXIS_ROWS + viz_rows_wanted(frame) + WATERMARK_ROWS + viz_windows_wanted(frame) + 2;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static void draw(struct viz_frame *frame, int top, int rows)
{
    int bottom = top + rows;
    int left = rows - WATERMARK_ROWS;
    int axis_rows = left >= AXIS_ROWS + 2 ? AXIS_ROWS : 0;
    left -= axis_rows;
    /* Windows come first, then three partitions, then timers and late events, then the rest. */
    int windows = least(left > 2 ? left - 1 : left / 2, BOX_ROWS);
    int partitions = least(left - windows, least(viz_rows_wanted(frame), 3));
    left -= windows + partitions;
    bool late = left > 0;
    bool timers = left > 1;
    left -= late + timers;
    int more = least(left, viz_rows_wanted(frame) - partitions);
    partitions += more > 0 ? more : 0;
    left -= more > 0 ? more : 0;
    more = least(left, viz_windows_wanted(frame) - windows);
    windows += more > 0 ? more : 0;

    if (axis_rows > 0) {
        draw_axis(frame, top);
        top += AXIS_ROWS;
    }
    viz_draw_rows(frame, top, partitions);
    top += partitions;
    draw_watermark(frame, top);
    int below = ++top;
    viz_draw_windows(frame, top, windows);
    top += windows;
    if (timers) {
        draw_timers(frame, top++);
    }
    if (late) {
        draw_late(frame, top++);
    }
    draw_line(frame, below, least(top, bottom) - below);
}

const struct viz_view viz_axis_view = {.name = "AXIS", .wanted = wanted, .draw = draw};
