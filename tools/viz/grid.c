/*
 * Cells and safe text. Everything that reaches a cell goes through put_cell, which keeps two
 * invariants: no control character is ever in a cell, and a wide character always has both halves.
 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* wcwidth */
#endif
#include "grid.h"

#include "ascii.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <wchar.h>

enum { REPLACEMENT = 0xFFFD, ELLIPSIS = 0x2026, FORMATTED_MAX = 1024 };

void viz_grid_resize(struct viz_grid *grid, int rows, int columns)
{
    if (grid->rows != rows || grid->columns != columns) {
        weir__free(grid->cells);
        grid->cells = weir__calloc((size_t)rows * (size_t)columns, sizeof grid->cells[0]);
        grid->rows = rows;
        grid->columns = columns;
    }
    for (int i = 0; i < rows * columns; i++) {
        grid->cells[i] = (struct viz_cell){.rune = ' '};
    }
}

void viz_grid_fini(struct viz_grid *grid)
{
    weir__free(grid->cells);
    *grid = (struct viz_grid){0};
}

static struct viz_cell *cell_at(const struct viz_grid *grid, int row, int column)
{
    if (row < 0 || row >= grid->rows || column < 0 || column >= grid->columns) {
        return NULL;
    }
    return &grid->cells[row * grid->columns + column];
}

static bool is_combining(uint32_t rune)
{
    return (rune >= 0x300 && rune <= 0x36F) || (rune >= 0x1AB0 && rune <= 0x1AFF) ||
           (rune >= 0x1DC0 && rune <= 0x1DFF) || (rune >= 0x20D0 && rune <= 0x20FF) ||
           (rune >= 0xFE20 && rune <= 0xFE2F);
}

/* Cells that a character takes: 0 (a mark, or nothing to see), 1 or 2. */
static int rune_width(uint32_t rune)
{
    if (rune < 0x7F) {
        return 1;
    }
    int width = wcwidth((wchar_t)rune);
    if (width < 0) {
        width = 1; /* the locale does not know it: one cell, and the terminal shows what it can */
    }
    return width;
}

/* The next character of a text as it may be shown; never a control character. */
static uint32_t next_rune(struct weir_str *text)
{
    uint32_t rune = REPLACEMENT;
    int length = weir__utf8_decode(text->data, text->len, &rune);
    if (length == 0 || weir__is_control(rune)) {
        rune = REPLACEMENT;
    }
    length = length == 0 ? 1 : length;
    text->data += length;
    text->len -= (uint32_t)length;
    return rune;
}

/* Overwriting one half of a wide character leaves no other half behind. */
static void clear_neighbours(struct viz_grid *grid, int row, int column)
{
    struct viz_cell *cell = cell_at(grid, row, column);
    struct viz_cell *left = cell_at(grid, row, column - 1);
    struct viz_cell *right = cell_at(grid, row, column + 1);
    if (cell->rune == 0 && left != NULL) {
        left->rune = ' ';
        left->mark = 0;
    }
    if (right != NULL && right->rune == 0) {
        right->rune = ' ';
    }
}

static void put_cell(struct viz_grid *grid, int row, int column, enum viz_style style,
                     uint32_t rune)
{
    struct viz_cell *cell = cell_at(grid, row, column);
    if (cell == NULL) {
        return;
    }
    if (grid->ascii && rune > 0x7E) {
        rune = viz_ascii_of(rune);
    }
    clear_neighbours(grid, row, column);
    *cell = (struct viz_cell){.rune = rune, .style = style};
}

static void put_wide(struct viz_grid *grid, int row, int column, enum viz_style style,
                     uint32_t rune)
{
    if (cell_at(grid, row, column) == NULL || cell_at(grid, row, column + 1) == NULL) {
        put_cell(grid, row, column, style, ' ');
        return;
    }
    put_cell(grid, row, column, style, rune);
    put_cell(grid, row, column + 1, style, grid->ascii ? '?' : ' ');
    if (!grid->ascii) {
        cell_at(grid, row, column + 1)->rune = 0;
    }
}

static void put_mark(struct viz_grid *grid, int row, int column, uint32_t mark)
{
    struct viz_cell *cell = cell_at(grid, row, column);
    if (cell != NULL && cell->rune == 0) {
        cell = cell_at(grid, row, column - 1);
    }
    if (cell != NULL && is_combining(mark) && !grid->ascii) {
        cell->mark = mark;
    }
}

int viz_width(struct weir_str text)
{
    int width = 0;
    while (text.len > 0) {
        width += rune_width(next_rune(&text));
    }
    return width;
}

int viz_put(struct viz_grid *grid, int row, int column, int limit, enum viz_style style,
            struct weir_str text)
{
    int end = limit < grid->columns - column ? column + limit : grid->columns;
    bool cut = column + viz_width(text) > end;
    int stop = cut ? end - 1 : end;
    while (text.len > 0) {
        uint32_t rune = next_rune(&text);
        int width = rune_width(rune);
        if (column + width > stop) {
            break;
        }
        if (width == 0) {
            put_mark(grid, row, column - 1, rune);
        } else if (width == 1) {
            put_cell(grid, row, column, style, rune);
        } else {
            put_wide(grid, row, column, style, rune);
        }
        column += width;
    }
    if (cut && column < end) {
        put_cell(grid, row, column, style, ELLIPSIS);
        column++;
    }
    return column;
}

int viz_putf(struct viz_grid *grid, int row, int column, enum viz_style style, const char *format,
             ...)
{
    char text[FORMATTED_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return viz_put(grid, row, column, grid->columns - column, style, weir_str_from(text));
}

void viz_put_rune(struct viz_grid *grid, int row, int column, enum viz_style style, uint32_t rune)
{
    put_cell(grid, row, column, style, rune);
}

void viz_fill(struct viz_grid *grid, int row, int column, int count, enum viz_style style,
              uint32_t rune)
{
    for (int i = 0; i < count; i++) {
        put_cell(grid, row, column + i, style, rune);
    }
}

void viz_restyle(struct viz_grid *grid, int row, int column, int count, enum viz_style style)
{
    for (int i = 0; i < count; i++) {
        struct viz_cell *cell = cell_at(grid, row, column + i);
        if (cell != NULL) {
            cell->style = style;
        }
    }
}

uint32_t viz_rune_at(const struct viz_grid *grid, int row, int column)
{
    const struct viz_cell *cell = cell_at(grid, row, column);
    return cell != NULL ? cell->rune : ' ';
}

void viz_row_text(const struct viz_grid *grid, int row, char *text)
{
    char *end = text;
    char *at = text;
    for (int column = 0; column < grid->columns; column++) {
        const struct viz_cell *cell = cell_at(grid, row, column);
        if (cell->rune == 0) {
            continue;
        }
        at += weir__utf8_encode(cell->rune, at);
        if (cell->mark != 0) {
            at += weir__utf8_encode(cell->mark, at);
        }
        if (cell->rune != ' ') {
            end = at;
        }
    }
    *end = '\0';
}
