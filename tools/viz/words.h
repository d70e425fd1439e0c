/* The narration on the screen, and text broken into lines. */
#ifndef WEIR_VIZ_WORDS_H
#define WEIR_VIZ_WORDS_H

#include "scene.h"

/* NOW, WHY and SO in so many rows. */
void viz_draw_words(const struct viz_frame *frame, int top, int rows);
/* Puts text on several lines, broken between words, at most `rows`; returns how many it took. */
int viz_wrap(struct viz_grid *grid, int row, int column, int width, int rows, enum viz_style style,
             struct weir_str text);
/* How many lines it would take. */
int viz_lines(const char *words, int width);

#endif
