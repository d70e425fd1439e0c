/*
 * A screen as a rectangle of cells: what every view draws into, and what the terminal, the text
 * dump and the tests read. Drawing outside is cut off, so views need not know how small the screen
 * is.
 *
 * Text may come from anywhere: bytes that are not UTF-8 and control characters show as a
 * replacement character, invisible ones (but for combining marks) are dropped, wide ones take two
 * cells. With `ascii` set every character is put as the nearest ASCII one, cell for cell.
 */
#ifndef WEIR_VIZ_GRID_H
#define WEIR_VIZ_GRID_H

#include <weir/status.h>
#include <weir/str.h>

/* What a cell means; the terminal chooses colours for it. */
enum viz_style {
    VIZ_STYLE_PLAIN,
    VIZ_STYLE_DIM,
    VIZ_STYLE_STRONG,
    VIZ_STYLE_EVENT,  /* an event of the selected key */
    VIZ_STYLE_NEWEST, /* the event that has just come */
    VIZ_STYLE_WATERMARK,
    VIZ_STYLE_OPEN,
    VIZ_STYLE_FIRED,
    VIZ_STYLE_LATE,
    VIZ_STYLE_MERGE,
    VIZ_STYLE_CHOSEN, /* what the reader selected */
    VIZ_STYLES
};

struct viz_cell {
    uint32_t rune; /* 0: the right half of a wide character */
    uint32_t mark; /* a combining mark on it, or 0 */
    enum viz_style style;
};

struct viz_grid {
    int rows;
    int columns;
    bool ascii;
    struct viz_cell *cells;
};

/* Makes it rows x columns (both >= 1) blank cells. Zero-initialise a grid before its first use. */
void viz_grid_resize(struct viz_grid *grid, int rows, int columns);
void viz_grid_fini(struct viz_grid *grid);

/* Puts text at row and column, at most `limit` cells; returns the column behind it. Longer text
 * ends in an ellipsis. */
int viz_put(struct viz_grid *grid, int row, int column, int limit, enum viz_style style,
            struct weir_str text);
/* The same, formatted, as far as the row's end. */
int viz_putf(struct viz_grid *grid, int row, int column, enum viz_style style, const char *format,
             ...) WEIR_PRINTF(5, 6);
/* One character. */
void viz_put_rune(struct viz_grid *grid, int row, int column, enum viz_style style, uint32_t rune);
/* The same character in `count` cells. */
void viz_fill(struct viz_grid *grid, int row, int column, int count, enum viz_style style,
              uint32_t rune);
/* Changes the style of cells that are already drawn. */
void viz_restyle(struct viz_grid *grid, int row, int column, int count, enum viz_style style);
/* The character at a place; ' ' outside. */
uint32_t viz_rune_at(const struct viz_grid *grid, int row, int column);

/* How many cells a text takes. */
int viz_width(struct weir_str text);
/* Writes a row as UTF-8 without trailing blanks, NUL-terminated; needs columns * 8 + 1 bytes. */
void viz_row_text(const struct viz_grid *grid, int row, char *text);

#endif
