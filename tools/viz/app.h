/*
 * The visualizer without a terminal: what the reader sees and wants, changed by keys and by time.
 * Keys become changes here, time is given from outside, and the screen is a function of the result
 * (scene.h).
 */
#ifndef WEIR_VIZ_APP_H
#define WEIR_VIZ_APP_H

#include "scene.h"

struct viz_app {
    struct viz_timeline *timeline; /* borrowed */
    bool live;                     /* more may come */
    bool quit;
    bool recorded; /* it was complete from the start */
    bool begun;
    /* playing */
    bool running;
    bool following;
    int speed; /* index of the list of speeds */
    int64_t now_ns;
    int64_t due_ns; /* when the next happening is shown */
    /* When it goes too fast to tell everything: what is told, since when, and where it stands. */
    struct viz_happening story;
    int64_t story_ns;
    int64_t story_place;
    /* looking */
    enum viz_overlay overlay;
    int32_t key;  /* index; VIZ_NONE: a busy one */
    int32_t busy; /* which; VIZ_NONE: none yet */
    bool window_chosen;
    int64_t window_start, window_end;
    int zoom, pan;
    const char *notice; /* borrowed; NULL: none */
    const char *output; /* borrowed; NULL: there is no program */
    int columns;        /* of the screen: a step of scrubbing is a column of the time line */
};

void viz_app_init(struct viz_app *app, struct viz_timeline *timeline, bool live);
/* Call when more of the trace has been loaded: chooses a key to look at, and brings the first
 * happening of a recorded trace, the job, into sight. */
void viz_app_loaded(struct viz_app *app);
/* A key. Unknown ones do nothing. */
void viz_app_key(struct viz_app *app, int key);
/* Time: plays what is due. True when the picture may have changed. */
bool viz_app_tick(struct viz_app *app, int64_t now_ns);
/* How long until the next tick is worth it, in ns; INT64_MAX: not before something comes. */
int64_t viz_app_wait(const struct viz_app *app);
struct viz_scene viz_app_scene(const struct viz_app *app);
/* The index of the key that is looked at, VIZ_NONE: none yet. */
int32_t viz_app_looked_at(const struct viz_app *app);
/* So many speeds faster or slower. */
void viz_app_change_speed(struct viz_app *app, int by);
/* Sets the speed by name ("0.1x" … "100x", "max"); false when there is no such speed. */
bool viz_app_set_speed(struct viz_app *app, const char *name);

#endif
