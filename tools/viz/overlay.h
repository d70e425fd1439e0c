/* What lies over the screen on request: help, the reasons, the program's output. */
#ifndef WEIR_VIZ_OVERLAY_H
#define WEIR_VIZ_OVERLAY_H

#include "scene.h"

void viz_draw_overlay(const struct viz_frame *frame);

#endif
