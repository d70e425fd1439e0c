/*
 * A scene: everything that a screen depends on. viz_render is a function of the scene and of the
 * grid's size alone, so the terminal, the text dump and the tests see the same.
 *
 * A view draws the middle of the screen; title, narration, time line and keys are around it. Views
 * are constants of struct viz_view, found by their number.
 */
#ifndef WEIR_VIZ_SCENE_H
#define WEIR_VIZ_SCENE_H

#include "axis.h"
#include "grid.h"
#include "timeline.h"

enum viz_overlay { VIZ_OVERLAY_NONE, VIZ_OVERLAY_HELP, VIZ_OVERLAY_WHY, VIZ_OVERLAY_OUTPUT };

struct viz_scene {
    const struct viz_timeline *timeline;
    int view; /* index into viz_views */
    enum viz_overlay overlay;
    /* what the reader looks at */
    int32_t key;                 /* index in the model at the reader's place, VIZ_NONE: none yet */
    int32_t key_op, key_sub;     /* the window operator looked at and its subtask, VIZ_NONE */
    int32_t key_rank, key_count; /* the key is number rank (from 1) of so many */
    bool window_chosen;
    int64_t window_start, window_end;
    int zoom, pan;
    /* how the trace plays */
    bool running;
    bool following;    /* at the end of a live trace */
    bool live;         /* more may come */
    const char *speed; /* "1x" */
    /* When too much happens to tell it all: the last that matters, and how many events came since.
     * NULL: the happening at the reader's place. */
    const struct viz_happening *story;
    int64_t since;
    const char *notice; /* NULL, or a short sentence: "the program has ended (exit 1)" */
    /* VIZ_OVERLAY_OUTPUT: the program's last lines, newline-separated; may be empty */
    const char *output;
};

/* The middle of the screen, for the views. */
struct viz_frame {
    const struct viz_scene *scene;
    const struct viz_model *model;
    const struct viz_happening *told; /* what the narration is about */
    struct viz_grid *grid;
    const struct viz_key *key; /* NULL: none yet */
    struct viz_shape shape;
    struct viz_axis axis;
    int64_t watermark; /* of the operator looked at */
};

struct viz_view {
    const char *name;
    /* How many rows it can use at best, and draws into rows top … top + rows - 1. */
    int (*wanted)(const struct viz_frame *frame);
    void (*draw)(struct viz_frame *frame, int top, int rows);
};

enum { VIZ_VIEWS = 1, VIZ_LEFT = 17 };
extern const struct viz_view viz_axis_view;
extern const struct viz_view *const viz_views[VIZ_VIEWS];

/* Draws the scene; the grid has its size and `ascii`, its cells are cleared first. */
void viz_render(const struct viz_scene *scene, struct viz_grid *grid);

#endif
