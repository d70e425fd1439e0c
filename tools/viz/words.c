/*
 * Wrapping, and the three sentences. Who gets a second line first: the reason, then what follows.
 */
#include "words.h"

#include "narrate.h"

enum { WORDS_LEFT = 7 };

/* How many bytes of a text fill at most `width` cells, broken between words where possible. */
static uint32_t break_line(struct weir_str text, int width)
{
    if (viz_width(text) <= width) {
        return text.len;
    }
    uint32_t fits = 0;
    uint32_t space = 0;
    for (uint32_t end = 1; end <= text.len; end++) {
        bool whole = end == text.len || ((unsigned char)text.data[end] & 0xC0) != 0x80;
        if (!whole) {
            continue;
        }
        if (viz_width((struct weir_str){text.data, end}) > width) {
            break;
        }
        fits = end;
        space = end < text.len && text.data[end] == ' ' ? end : space;
    }
    return space > fits / 2 ? space : fits > 0 ? fits : text.len;
}

int viz_wrap(struct viz_grid *grid, int row, int column, int width, int rows, enum viz_style style,
             struct weir_str text)
{
    int used = 0;
    while (text.len > 0 && used < rows) {
        uint32_t len = used + 1 == rows ? text.len : break_line(text, width);
        viz_put(grid, row + used, column, width, style, (struct weir_str){text.data, len});
        text.data += len;
        text.len -= len;
        while (text.len > 0 && text.data[0] == ' ') {
            text.data++;
            text.len--;
        }
        used++;
    }
    return used;
}

int viz_lines(const char *words, int width)
{
    struct weir_str text = weir_str_from(words);
    int lines = 0;
    while (text.len > 0) {
        uint32_t len = break_line(text, width);
        len += len < text.len && text.data[len] == ' ';
        text.data += len;
        text.len -= len;
        lines++;
    }
    return lines;
}

static enum viz_style kind_style(enum viz_kind kind)
{
    switch (kind) {
    case VIZ_FIRE:
    case VIZ_LATE_FIRE:
        return VIZ_STYLE_FIRED;
    case VIZ_LATE:
    case VIZ_FAILURE:
    case VIZ_RESTART:
    case VIZ_GAP:
        return VIZ_STYLE_LATE;
    case VIZ_MERGE:
        return VIZ_STYLE_MERGE;
    case VIZ_WATERMARK:
        return VIZ_STYLE_WATERMARK;
    case VIZ_NOTHING:
    case VIZ_JOB:
    case VIZ_RECORD:
    case VIZ_IDLE:
    case VIZ_PURGE:
    case VIZ_BARRIER:
    case VIZ_CHECKPOINT:
    case VIZ_KINDS:
        break;
    }
    return VIZ_STYLE_STRONG;
}

/* When a window fires for several keys, the one looked at is told. */
static struct viz_happening told(const struct viz_frame *frame)
{
    struct viz_happening now = *frame->told;
    bool several = now.kind == VIZ_FIRE && now.keys > 1 && frame->key != NULL;
    if (!several || frame->key->name == now.key || frame->key->op != now.op) {
        return now;
    }
    const struct viz_window *window =
        viz_model_window(frame->model, frame->scene->key, now.start, now.end);
    if (window != NULL && window->fires > 0) {
        now.key = frame->key->name;
        now.sub = frame->key->sub;
        now.n = window->n;
        memset(now.value, 0, sizeof now.value);
        memcpy(now.value, window->value, sizeof window->value);
    }
    return now;
}

void viz_draw_words(const struct viz_frame *frame, int top, int rows)
{
    struct viz_words words;
    struct viz_happening now = told(frame);
    viz_narrate(frame->model, &now, &words);
    const char *const texts[] = {words.now, words.why, words.so};
    const char *const labels[] = {"NOW", "WHY", "SO"};
    static const int order[] = {1, 2, 0}; /* who gets a second line first */
    int width = frame->grid->columns - WORDS_LEFT - 1;
    int given[3] = {rows > 0, rows > 1, rows > 2};
    int left = rows - 3;
    for (int i = 0; i < 3 && left > 0; i++) {
        int more = viz_lines(texts[order[i]], width) - 1;
        more = more > left ? left : more;
        given[order[i]] += more > 0 ? more : 0;
        left -= more > 0 ? more : 0;
    }
    for (int i = 0; i < 3; i++) {
        if (given[i] == 0) {
            continue;
        }
        enum viz_style style =
            i == 0 ? kind_style((enum viz_kind)frame->told->kind) : VIZ_STYLE_PLAIN;
        viz_put(frame->grid, top, 1, 4, VIZ_STYLE_DIM, weir_str_from(labels[i]));
        viz_wrap(frame->grid, top, WORDS_LEFT, width, given[i], style, weir_str_from(texts[i]));
        top += given[i];
    }
}
