/* What lies over the screen on request: help, the reasons, the program's output. */
#ifndef WEIR_VIZ_OVERLAY_H
#define WEIR_VIZ_OVERLAY_H

#include "scene.h"

void viz_draw_overlay(const struct viz_frame *frame);
/* Puts text on several lines, broken between words, at most `rows`; returns how many it took. */
int viz_wrap(struct viz_grid *grid, int row, int column, int width, int rows, enum viz_style style,
             struct weir_str text);

/* How many lines it would take. */
int viz_lines(const char *words, int width);

#endif
