/*
 * Rows of partitions. A cell shows one event (● of the key looked at, ○ of another key, ◆ the
 * newest, ✗ a late one) or, where several share it, how many: 2 to 9, then #.
 */
#include "view_axis.h"

#include "base/mem.h"

#include <weir/time.h>

#include <assert.h>
#include <stdio.h>

struct spot {
    int count;
    bool ours; /* one of them has the key looked at */
    bool late;
    bool newest;
};

/* ---- the order in which rows are shown: by subtask, then by name, numbers as numbers ---- */

static int compare_names(struct weir_str a, struct weir_str b)
{
    return a.len != b.len ? (a.len < b.len ? -1 : 1) : weir_str_compare(a, b);
}

static bool before(const struct viz_frame *frame, const struct viz_row *a, const struct viz_row *b)
{
    int names = compare_names(viz_name(frame->model->names, a->channel),
                              viz_name(frame->model->names, b->channel));
    return names != 0 ? names < 0 : a->sub < b->sub;
}

enum { ROWS_SHOWN_MAX = 256 };

/* The rows of the source's partitions, in order; returns how many. */
static int collect_rows(const struct viz_frame *frame, const struct viz_row *rows[ROWS_SHOWN_MAX])
{
    int32_t op = viz_model_row_operator(frame->model);
    int count = 0;
    for (size_t i = 0; i < frame->model->rows.count && count < ROWS_SHOWN_MAX; i++) {
        const struct viz_row *row = weir__vec_at(&frame->model->rows, i);
        if (row->op != op) {
            continue;
        }
        int at = count++;
        for (; at > 0 && before(frame, row, rows[at - 1]); at--) {
            rows[at] = rows[at - 1];
        }
        rows[at] = row;
    }
    return count;
}

int viz_rows_wanted(const struct viz_frame *frame)
{
    const struct viz_row *rows[ROWS_SHOWN_MAX];
    int count = collect_rows(frame, rows);
    return count > 0 ? count : 1;
}

/* The row whose watermark is the minimum; NULL when no row has one of its own. */
static const struct viz_row *find_holder(const struct viz_row *const *rows, int count)
{
    const struct viz_row *found = NULL;
    bool any = false;
    for (int i = 0; i < count; i++) {
        any = any || rows[i]->watermark != WEIR_TIME_MIN;
        if (!rows[i]->idle && (found == NULL || rows[i]->watermark < found->watermark)) {
            found = rows[i];
        }
    }
    return any && found != NULL && found->watermark != WEIR_TIME_MAX ? found : NULL;
}

/* ---- one row ---- */

static void count_recent(const struct viz_frame *frame, const struct viz_row *row,
                         struct spot *spots, bool alone)
{
    int64_t oldest = row->count > VIZ_RECENT ? row->count - VIZ_RECENT : 0;
    bool one_key = frame->scene->key_count <= 1;
    for (int64_t n = oldest; n < row->count; n++) {
        const struct viz_dot *dot = &row->recent[n % VIZ_RECENT];
        int column = viz_axis_column(&frame->axis, dot->ts);
        if (dot->ts == WEIR_TIME_MIN || column < 0 || column >= frame->axis.width) {
            continue;
        }
        struct spot *spot = &spots[column];
        spot->count += alone;
        spot->ours = spot->ours || one_key || (frame->key != NULL && dot->key == frame->key->name);
        spot->late = spot->late || dot->late;
        bool told = frame->model->now.kind == VIZ_RECORD || frame->model->now.kind == VIZ_LATE;
        spot->newest = spot->newest || (told && dot->id == frame->model->now.id);
    }
}

static void count_buckets(const struct viz_frame *frame, const struct viz_row *row,
                          struct spot *spots)
{
    for (int i = 0; i < VIZ_BUCKETS; i++) {
        int64_t bucket = row->top - (VIZ_BUCKETS - 1 - i);
        int64_t ts;
        if (row->buckets[i] == 0 || __builtin_mul_overflow(bucket, row->grain, &ts)) {
            continue;
        }
        int column = viz_axis_column(&frame->axis, ts);
        if (column >= 0 && column < frame->axis.width) {
            spots[column].count += row->buckets[i];
        }
    }
}

static void draw_spot(struct viz_frame *frame, int row, int column, const struct spot *spot,
                      bool idle)
{
    enum viz_style style = spot->newest ? VIZ_STYLE_NEWEST
                           : spot->late ? VIZ_STYLE_LATE
                           : idle       ? VIZ_STYLE_DIM
                           : spot->ours ? VIZ_STYLE_EVENT
                                        : VIZ_STYLE_DIM;
    uint32_t rune = spot->newest ? 0x25C6 : spot->late ? 0x2717 : spot->ours ? 0x25CF : 0x25CB;
    if (spot->count > 1 && !spot->newest) {
        rune = spot->count > 9 ? '#' : '0' + (uint32_t)spot->count;
    }
    viz_draw_at(frame, row, column, style, rune);
}

static void draw_events(struct viz_frame *frame, int at, const struct viz_row *row)
{
    struct spot *spots = weir__calloc((size_t)frame->axis.width, sizeof *spots);
    bool all_recent = row->count <= VIZ_RECENT;
    if (!all_recent) {
        count_buckets(frame, row, spots);
    }
    count_recent(frame, row, spots, all_recent);
    int mark = viz_watermark_column(frame, row->watermark);
    /* It stands between two columns: behind the last millisecond that it has passed. */
    if (mark > 0 && mark < frame->axis.width && spots[mark].count > 0 &&
        spots[mark - 1].count == 0) {
        mark--;
    }
    for (int column = 0; column < frame->axis.width; column++) {
        const struct spot *spot = &spots[column];
        bool telling = spot->newest || spot->late || (spot->ours && spot->count == 1);
        if (column == mark && !telling) {
            viz_draw_at(frame, at, column, row->idle ? VIZ_STYLE_DIM : VIZ_STYLE_WATERMARK, 0x25BD);
        } else if (spot->count > 0) {
            draw_spot(frame, at, column, spot, row->idle);
        }
    }
    weir__free(spots);
}

static void draw_row(struct viz_frame *frame, int at, const struct viz_row *row, bool holds)
{
    char text[VIZ_TIME_MAX];
    struct weir_str name = viz_name(frame->model->names, row->channel);
    name = weir_str_is_null(name) ? WEIR_STR("input") : name;
    enum viz_style style = row->idle ? VIZ_STYLE_DIM : VIZ_STYLE_PLAIN;
    viz_put(frame->grid, at, 1, 5, style, name);
    viz_time_short(frame->axis.unit, row->watermark, text);
    bool own = row->watermark != WEIR_TIME_MIN || holds;
    int behind = own ? viz_put(frame->grid, at, 6, 10, style, weir_str_from(text)) : 6;
    /* The word where it fits, else its arrow alone. */
    if (row->idle) {
        viz_put(frame->grid, at, behind <= 11 ? 12 : behind, 16 - behind, style, WEIR_STR("idle"));
    } else if (holds) {
        struct weir_str mark = behind <= 12 ? WEIR_STR("◀min") : WEIR_STR("◀");
        viz_put(frame->grid, at, behind <= 12 ? 12 : behind, 4, VIZ_STYLE_WATERMARK, mark);
    }
    draw_events(frame, at, row);
}

void viz_draw_rows(struct viz_frame *frame, int top, int rows)
{
    const struct viz_row *sorted[ROWS_SHOWN_MAX];
    int count = collect_rows(frame, sorted);
    const struct viz_row *holder = find_holder(sorted, count);
    if (rows <= 0) {
        return;
    }
    if (count == 0) {
        viz_draw_label(frame, top, VIZ_STYLE_DIM, WEIR_STR("no events yet"));
        return;
    }
    /* When not all fit, the last line says how many are left out; the holder of the minimum is
     * always shown. */
    int shown = count <= rows ? count : rows > 1 ? rows - 1 : 1;
    for (int i = shown; i < count; i++) {
        sorted[shown - 1] = sorted[i] == holder ? holder : sorted[shown - 1];
    }
    for (int i = 0; i < shown; i++) {
        assert(sorted[i] != NULL); /* collect_rows filled as many as it said */
        draw_row(frame, top + i, sorted[i], sorted[i] == holder);
    }
    if (shown < count && rows > 1) {
        char text[VIZ_TIME_MAX];
        snprintf(text, sizeof text, "+%d partitions", count - shown);
        viz_draw_label(frame, top + shown, VIZ_STYLE_DIM, weir_str_from(text));
    }
}
