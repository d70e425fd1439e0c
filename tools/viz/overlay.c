/* Overlays: a frame in the middle of the screen with a title and lines. */
#include "overlay.h"

#include "narrate.h"
#include "words.h"

#include <stdio.h>

enum { WHY_COLUMNS = 68 };

struct box {
    struct viz_grid *grid;
    int row, column, rows, columns; /* of the inside */
    int used;
};

enum where { MIDDLE, BOTTOM };

static struct box open_box(struct viz_grid *grid, enum where where, int rows, int columns,
                           const char *title)
{
    rows = rows > grid->rows - 2 ? grid->rows - 2 : rows;
    columns = columns > grid->columns - 4 ? grid->columns - 4 : columns;
    int top = where == BOTTOM ? grid->rows - rows - 2 : (grid->rows - rows - 2) / 2;
    int left = (grid->columns - columns - 4) / 2;
    for (int i = 0; i < rows + 2; i++) {
        bool edge = i == 0 || i == rows + 1;
        viz_fill(grid, top + i, left, columns + 4, VIZ_STYLE_PLAIN, edge ? 0x2500 : ' ');
        viz_put_rune(grid, top + i, left, VIZ_STYLE_PLAIN, 0x2502);
        viz_put_rune(grid, top + i, left + columns + 3, VIZ_STYLE_PLAIN, 0x2502);
    }
    viz_put_rune(grid, top, left, VIZ_STYLE_PLAIN, 0x250C);
    viz_put_rune(grid, top, left + columns + 3, VIZ_STYLE_PLAIN, 0x2510);
    viz_put_rune(grid, top + rows + 1, left, VIZ_STYLE_PLAIN, 0x2514);
    viz_put_rune(grid, top + rows + 1, left + columns + 3, VIZ_STYLE_PLAIN, 0x2518);
    viz_put(grid, top, left + 2, columns, VIZ_STYLE_STRONG, weir_str_from(title));
    return (struct box){grid, top + 1, left + 2, rows, columns, 0};
}

static void add_text(struct box *box, enum viz_style style, struct weir_str text)
{
    if (text.len == 0) {
        box->used++;
        return;
    }
    box->used += viz_wrap(box->grid, box->row + box->used, box->column, box->columns,
                          box->rows - box->used, style, text);
}

static void add_line(struct box *box, enum viz_style style, const char *text)
{
    add_text(box, style, weir_str_from(text));
}

static void draw_help(struct viz_grid *grid)
{
    static const char *const lines[] = {
        "SPACE  run, pause               .  ,   one happening on, back",
        "[  ]   next, previous mark      ←  →   scrub       g  G  start, end",
        "+  -   faster, slower           L      follow a live trace",
        "↑  ↓   (or TAB) another key     <  >   choose a window",
        "ENTER  why is that so?          ESC    close, choose nothing",
        "z  Z   zoom in, out             h  l   pan         0     as it was",
        "o      the program's output     ?      this        q     quit",
        "",
        "●  event of the key looked at   ○  of another key   2…9 #  several",
        "◆  the newest event             ✗  a late one: no window took it",
        "▽  a partition's watermark      ◀min  it holds the minimum back",
        "▼┃ the watermark: no event before it is expected any more",
        "[a,b)  window: a belongs to it, b does not; fires at watermark b − 1ms",
        "OPEN takes events   DUE fires next   FIRED gave its result   purged",
        "◇  a timer   marks:  F a window fired   L late   M merge   ! trouble",
    };
    enum { LINES = sizeof lines / sizeof lines[0] };
    struct box box = open_box(grid, MIDDLE, LINES, 70, " HELP ");
    for (int i = 0; i < LINES; i++) {
        add_line(&box, VIZ_STYLE_PLAIN, lines[i]);
    }
}

static const struct viz_window *chosen_window(const struct viz_frame *frame)
{
    const struct viz_scene *scene = frame->scene;
    if (!scene->window_chosen || frame->key == NULL) {
        return NULL;
    }
    return viz_model_window(frame->model, scene->key, scene->window_start, scene->window_end);
}

/* At the bottom, so that what it is about stays in sight. */
static void draw_why(const struct viz_frame *frame)
{
    struct viz_words words;
    const struct viz_window *window = chosen_window(frame);
    if (window != NULL) {
        viz_explain_window(frame->model, frame->scene->key, window, &words);
    } else {
        viz_narrate(frame->model, frame->told, &words);
    }
    const char *const texts[] = {words.now, words.why, words.so};
    int width = WHY_COLUMNS < frame->grid->columns - 4 ? WHY_COLUMNS : frame->grid->columns - 4;
    int rows = 1;
    for (int i = 0; i < 3; i++) {
        rows += texts[i][0] != '\0' ? viz_lines(texts[i], width) + 1 : 0;
    }
    const char *title = window != NULL ? " THIS WINDOW " : " WHY ";
    struct box box = open_box(frame->grid, BOTTOM, rows, width, title);
    for (int i = 0; i < 3; i++) {
        if (texts[i][0] != '\0') {
            add_line(&box, i == 0 ? VIZ_STYLE_STRONG : VIZ_STYLE_PLAIN, texts[i]);
            add_line(&box, VIZ_STYLE_PLAIN, "");
        }
    }
    char watermark[VIZ_TIME_MAX];
    char line[160];
    snprintf(line, sizeof line, "The watermark is %s. %s",
             viz_time(frame->axis.unit, frame->watermark, watermark),
             window != NULL ? "< > chooses another window, ESC none."
                            : "< > chooses a window, ENTER then explains it.");
    add_line(&box, VIZ_STYLE_DIM, line);
}

static void draw_output(const struct viz_frame *frame)
{
    struct viz_grid *grid = frame->grid;
    struct box box =
        open_box(grid, MIDDLE, grid->rows - 6, grid->columns - 8, " THE PROGRAM'S OUTPUT ");
    const char *text = frame->scene->output != NULL ? frame->scene->output : "";
    if (text[0] == '\0') {
        add_line(&box, VIZ_STYLE_DIM, "(nothing yet)");
    }
    /* The last lines that fit. */
    const char *from = text + strlen(text);
    int lines = 0;
    while (from > text) {
        if (from[-1] == '\n' && from[0] != '\0' && ++lines == box.rows) {
            break;
        }
        from--;
    }
    while (*from != '\0' && box.used < box.rows) {
        size_t len = strcspn(from, "\n");
        viz_put(grid, box.row + box.used++, box.column, box.columns, VIZ_STYLE_PLAIN,
                (struct weir_str){from, (uint32_t)len});
        from += len + (from[len] == '\n');
    }
}

void viz_draw_overlay(const struct viz_frame *frame)
{
    switch (frame->scene->overlay) {
    case VIZ_OVERLAY_NONE:
        break;
    case VIZ_OVERLAY_HELP:
        draw_help(frame->grid);
        break;
    case VIZ_OVERLAY_WHY:
        draw_why(frame);
        break;
    case VIZ_OVERLAY_OUTPUT:
        draw_output(frame);
        break;
    }
}
