/*
 * The screen around a view: title, narration, time line, keys; overlays on top; one line when there
 * is no room for more.
 *
 *      row 0          title                    ┐
 *      1              rule                     │ rules, keys and narration shrink
 *      2 …            the view                 │ first on a small screen
 *                     rule, now, why, so, rule │
 *      rows - 3       time line                │
 *      last two       keys                     ┘
 */
#include "narrate.h"
#include "overlay.h"
#include "scene.h"
#include "words.h"

#include <weir/time.h>

#include <inttypes.h>
#include <stdio.h>

const struct viz_view *const viz_views[VIZ_VIEWS] = {&viz_axis_view};

enum { SMALLEST_COLUMNS = 40, SMALLEST_ROWS = 8 };

/* ---- title ---- */

static const char *play_state(const struct viz_scene *scene)
{
    const struct viz_timeline *timeline = scene->timeline;
    if (scene->following) {
        return scene->live ? "LIVE" : "END";
    }
    if (scene->running) {
        return "RUN";
    }
    return timeline->place == timeline->count && timeline->count > 0 && !scene->live ? "END"
                                                                                     : "PAUSED";
}

static void status_text(const struct viz_scene *scene, char *text, size_t size)
{
    char place[VIZ_TIME_MAX];
    char count[VIZ_TIME_MAX];
    const struct viz_timeline *timeline = scene->timeline;
    viz_count(timeline->place, place);
    viz_count(timeline->count, count);
    if (scene->following) {
        snprintf(text, size, "%s  ev %s", play_state(scene), count);
    } else {
        snprintf(text, size, "%s %s  ev %s/%s", play_state(scene), scene->speed, place, count);
    }
}

static void subject_text(const struct viz_frame *frame, char *text, size_t size)
{
    const struct viz_shape *shape = &frame->shape;
    char a[VIZ_TIME_MAX];
    char b[VIZ_TIME_MAX];
    size_t used = 0;
    text[0] = '\0';
    switch (shape->kind) {
    case VIZ_SHAPE_NONE:
        break;
    case VIZ_TUMBLING:
        used = (size_t)snprintf(text, size, "tumbling %s", viz_duration(shape->size, a));
        break;
    case VIZ_SLIDING:
        used = (size_t)snprintf(text, size, "sliding %s / %s", viz_duration(shape->size, a),
                                viz_duration(shape->slide, b));
        break;
    case VIZ_SESSION:
        used = (size_t)snprintf(text, size, "sessions%s%s", shape->gap > 0 ? " gap " : "",
                                shape->gap > 0 ? viz_duration(shape->gap, a) : "");
        break;
    case VIZ_GLOBAL:
        used = (size_t)snprintf(text, size, "global window");
        break;
    }
    if (shape->bound != VIZ_NONE && used < size) {
        used +=
            (size_t)snprintf(text + used, size - used, "  bound %s", viz_duration(shape->bound, a));
    }
    if (shape->known && shape->timed && used < size) {
        snprintf(text + used, size - used, "  lateness %s", viz_duration(shape->lateness, a));
    }
}

static void draw_title(const struct viz_frame *frame)
{
    struct viz_grid *grid = frame->grid;
    const struct viz_scene *scene = frame->scene;
    char status[128];
    char subject[128];
    status_text(scene, status, sizeof status);
    subject_text(frame, subject, sizeof subject);
    int room = grid->columns - viz_width(weir_str_from(status)) - 1;
    viz_put(grid, 0, room, grid->columns, VIZ_STYLE_STRONG, weir_str_from(status));
    char number[32];
    snprintf(number, sizeof number, "%d %s", scene->view + 1, viz_views[scene->view]->name);
    int column = viz_put(grid, 0, 1, room - 2, VIZ_STYLE_STRONG, weir_str_from(number)) + 2;
    struct weir_str job = viz_name(frame->model->names, frame->model->job_name);
    if (!weir_str_is_null(job)) {
        column = viz_put(grid, 0, column, room - 1 - column, VIZ_STYLE_PLAIN, job) + 2;
    }
    viz_put(grid, 0, column, room - 1 - column, VIZ_STYLE_DIM, weir_str_from(subject));
}

/* ---- time line ---- */

static int bar_column(int64_t place, int64_t count, int width)
{
    __extension__ __int128 scaled = (__int128)place * (width - 1);
    return count > 0 ? (int)(scaled / count) : 0;
}

static void draw_timeline(const struct viz_scene *scene, struct viz_grid *grid, int row)
{
    static const struct {
        char letter;
        enum viz_style style;
    } looks[] = {
        [VIZ_MARK_FIRE] = {'F', VIZ_STYLE_FIRED},
        [VIZ_MARK_LATE] = {'L', VIZ_STYLE_LATE},
        [VIZ_MARK_MERGE] = {'M', VIZ_STYLE_MERGE},
        [VIZ_MARK_TROUBLE] = {'!', VIZ_STYLE_LATE},
    };
    const struct viz_timeline *timeline = scene->timeline;
    int width = grid->columns - 4;
    int now = bar_column(timeline->place, timeline->count, width);
    viz_put_rune(grid, row, 1, VIZ_STYLE_PLAIN, '[');
    viz_fill(grid, row, 2, width, VIZ_STYLE_DIM, 0x2500);
    viz_fill(grid, row, 2, now, VIZ_STYLE_PLAIN, 0x2501);
    viz_put_rune(grid, row, 2 + width, VIZ_STYLE_PLAIN, ']');
    /* Where marks share a column the rarer kind shows: later kinds of the enum are rarer. */
    for (int column = 0; column < width; column++) {
        __extension__ __int128 scaled = (__int128)column * timeline->count;
        int64_t from = (int64_t)((scaled + width - 2) / (width - 1));
        const struct viz_mark *mark = viz_timeline_next_mark(timeline, from - 1);
        const struct viz_mark *end =
            (const struct viz_mark *)timeline->marks.items + timeline->marks.count;
        int found = -1;
        for (; mark != NULL && mark < end &&
               bar_column(mark->place, timeline->count, width) == column;
             mark++) {
            found = (int)mark->kind > found ? (int)mark->kind : found;
        }
        if (found >= 0) {
            viz_put_rune(grid, row, 2 + column, looks[found].style, (uint32_t)looks[found].letter);
        }
    }
    viz_put_rune(grid, row, 2 + now, VIZ_STYLE_STRONG, 0x2588);
}

static void draw_keys(const struct viz_scene *scene, struct viz_grid *grid, int row, int rows)
{
    static const char *const lines[] = {
        "SPACE run  . step  , back  [ ] mark  ←→ scrub  +/- speed  ↑↓ key  ENTER why",
        "< > window  z Z zoom  h l pan  0 home  L live  o output  ? help  q quit",
    };
    char notice[160];
    for (int i = 0; i < rows; i++) {
        viz_put(grid, row + i, 1, grid->columns - 2, VIZ_STYLE_DIM, weir_str_from(lines[i]));
    }
    const struct viz_timeline *timeline = scene->timeline;
    notice[0] = '\0';
    if (scene->notice != NULL) {
        snprintf(notice, sizeof notice, "%s", scene->notice);
    } else if (timeline->head.totals.missing > 0 || timeline->damaged > 0) {
        snprintf(notice, sizeof notice, "missing %" PRId64 "  damaged lines %" PRId64,
                 timeline->head.totals.missing, timeline->damaged);
    }
    if (notice[0] != '\0' && rows > 0) {
        int last = row + rows - 1;
        viz_fill(grid, last, 0, grid->columns, VIZ_STYLE_PLAIN, ' ');
        viz_putf(grid, last, 1, VIZ_STYLE_LATE, "%s   (? help, q quit)", notice);
    }
}

/* ---- the whole ---- */

/* What the axis follows: the watermark, or, while windows that it has passed are still to fire, the
 * first of those. */
static int64_t focus_of(const struct viz_frame *frame)
{
    const struct viz_window *window =
        frame->key != NULL ? viz_model_first_window(frame->model, frame->key) : NULL;
    for (; window != NULL; window = viz_model_next_window(frame->model, window)) {
        if (window->state == VIZ_WINDOW_OPEN) {
            return window->end < frame->watermark ? window->end : frame->watermark;
        }
    }
    return frame->watermark;
}

static struct viz_frame frame_of(const struct viz_scene *scene, struct viz_grid *grid)
{
    const struct viz_model *model = &scene->timeline->here;
    struct viz_frame frame = {.scene = scene, .model = model, .grid = grid};
    frame.told = scene->story != NULL ? scene->story : &model->now;
    frame.key = scene->key == VIZ_NONE ? NULL : weir__vec_at(&model->keys, (size_t)scene->key);
    frame.shape = viz_shape_of(model, scene->key_op, scene->key);
    const struct viz_task *task = viz_model_task(model, scene->key_op, scene->key_sub);
    frame.watermark = task != NULL ? task->watermark : model->finite_watermark;
    int left = grid->columns >= 60 ? VIZ_LEFT : VIZ_LEFT - 2;
    int64_t focus = frame.shape.timed ? focus_of(&frame) : frame.watermark;
    frame.axis = viz_axis_of(model, &scene->timeline->head, &frame.shape, focus, left,
                             grid->columns - left - 1, scene->zoom, scene->pan);
    return frame;
}

static void draw_one_line(const struct viz_frame *frame)
{
    char text[VIZ_TIME_MAX];
    char status[128];
    status_text(frame->scene, status, sizeof status);
    viz_time(frame->axis.unit, frame->watermark, text);
    viz_putf(frame->grid, 0, 0, VIZ_STYLE_PLAIN, "wm %s  fired %" PRId64 "  late %" PRId64 "  %s",
             text, frame->model->totals.fires, frame->model->totals.late, status);
    if (frame->grid->rows > 1) {
        struct viz_words words;
        viz_narrate(frame->model, frame->told, &words);
        viz_wrap(frame->grid, 1, 0, frame->grid->columns, frame->grid->rows - 1, VIZ_STYLE_PLAIN,
                 weir_str_from(words.now));
    }
}

static void draw_rule(struct viz_grid *grid, int row)
{
    viz_fill(grid, row, 0, grid->columns, VIZ_STYLE_DIM, 0x2500);
}

/* How much of what happened is not told. */
static void draw_since(const struct viz_scene *scene, struct viz_grid *grid, int row)
{
    char count[VIZ_TIME_MAX];
    char text[VIZ_TIME_MAX + 16];
    if (scene->since > 0) {
        int wide =
            snprintf(text, sizeof text, " +%.30s events since ", viz_count(scene->since, count));
        viz_put(grid, row, grid->columns - wide - 2, wide, VIZ_STYLE_DIM, weir_str_from(text));
    }
}

void viz_render(const struct viz_scene *scene, struct viz_grid *grid)
{
    viz_grid_resize(grid, grid->rows, grid->columns);
    struct viz_frame frame = frame_of(scene, grid);
    if (grid->columns < SMALLEST_COLUMNS || grid->rows < SMALLEST_ROWS) {
        draw_one_line(&frame);
        return;
    }
    int rows = grid->rows;
    int keys = rows >= 20 ? 2 : rows >= 14 ? 1 : 0;
    int words = rows >= 24 ? 4 : rows >= 12 ? 3 : rows >= 10 ? 2 : 1;
    bool rules = rows >= 18;
    int below = words + 1 + keys + (rules ? 2 : 0);
    int top = rules ? 2 : 1;
    draw_title(&frame);
    viz_views[scene->view]->draw(&frame, top, rows - top - below);
    int row = rows - below;
    if (rules) {
        draw_rule(grid, 1);
        draw_rule(grid, row);
        draw_since(scene, grid, row++);
    }
    viz_draw_words(&frame, row, words);
    row += words;
    if (rules) {
        draw_rule(grid, row++);
    }
    draw_timeline(scene, grid, row++);
    draw_keys(scene, grid, row, keys);
    viz_draw_overlay(&frame);
}
