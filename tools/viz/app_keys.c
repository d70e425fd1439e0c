/* What each key does. */
#include "app.h"
#include "keys.h"

enum { ZOOM_MAX = 12, PAN_MAX = 100000, PAN_STEP = 10 };

static void move_key(struct viz_app *app, int by)
{
    int32_t count = (int32_t)app->timeline->head.keys.count;
    if (count > 0) {
        app->key = (viz_app_looked_at(app) + by + count) % count;
        app->window_chosen = false;
    }
}

/* The window that would be chosen first: the next one to fire, else the last. */
static const struct viz_window *likely_window(const struct viz_model *model,
                                              const struct viz_key *key)
{
    const struct viz_window *last = NULL;
    const struct viz_window *window = viz_model_first_window(model, key);
    for (; window != NULL; window = viz_model_next_window(model, window)) {
        if (window->state == VIZ_WINDOW_OPEN) {
            return window;
        }
        last = window;
    }
    return last;
}

static void move_window(struct viz_app *app, int by)
{
    struct viz_scene scene = viz_app_scene(app);
    const struct viz_model *model = &app->timeline->here;
    if (scene.key == VIZ_NONE) {
        return;
    }
    const struct viz_key *key = weir__vec_at(&model->keys, (size_t)scene.key);
    const struct viz_window *window = NULL;
    if (app->window_chosen) {
        window = viz_model_window(model, scene.key, app->window_start, app->window_end);
    }
    if (window == NULL) {
        window = likely_window(model, key);
    } else if (by > 0 && window->next != VIZ_NONE) {
        window = weir__vec_at(&model->windows, (size_t)window->next);
    } else if (by < 0 && window->before != VIZ_NONE) {
        window = weir__vec_at(&model->windows, (size_t)window->before);
    }
    app->window_chosen = window != NULL;
    if (window != NULL) {
        app->window_start = window->start;
        app->window_end = window->end;
    }
}

static void go_to(struct viz_app *app, int64_t place)
{
    app->running = false;
    app->following = false;
    viz_timeline_seek(app->timeline, place);
}

static void go_to_mark(struct viz_app *app, const struct viz_mark *mark)
{
    if (mark != NULL) {
        go_to(app, mark->place);
    }
}

static void scrub(struct viz_app *app, int by)
{
    const struct viz_timeline *timeline = app->timeline;
    int64_t columns = app->columns > 8 ? app->columns - 5 : 1;
    int64_t step = timeline->count / columns;
    step = step > 0 ? step : 1;
    int64_t place = timeline->place + by * step;
    /* Stop at the border of a happening, not within one. */
    go_to(app, by > 0       ? viz_timeline_after(timeline, place - 1)
               : place <= 0 ? 0
                            : viz_timeline_before(timeline, place + 1));
}

static void toggle_running(struct viz_app *app)
{
    bool moving = app->running || app->following;
    app->following = false;
    app->running = !moving;
    app->due_ns = app->now_ns;
    if (app->running && !app->live && app->timeline->place == app->timeline->count) {
        viz_timeline_seek(app->timeline, 0); /* at the end, running means again */
    }
}

static int limited(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static void toggle_overlay(struct viz_app *app, enum viz_overlay overlay)
{
    app->overlay = app->overlay == overlay ? VIZ_OVERLAY_NONE : overlay;
}

static void escape(struct viz_app *app)
{
    if (app->overlay != VIZ_OVERLAY_NONE) {
        app->overlay = VIZ_OVERLAY_NONE;
    } else {
        app->window_chosen = false;
    }
}

static void travel_key(struct viz_app *app, int key)
{
    struct viz_timeline *timeline = app->timeline;
    switch (key) {
    case VIZ_KEY_SPACE:
        toggle_running(app);
        break;
    case '.':
        go_to(app, viz_timeline_after(timeline, timeline->place));
        break;
    case ',':
        go_to(app, viz_timeline_before(timeline, timeline->place));
        break;
    case ']':
        go_to_mark(app, viz_timeline_next_mark(timeline, timeline->place));
        break;
    case '[':
        go_to_mark(app, viz_timeline_last_mark(timeline, timeline->place));
        break;
    case VIZ_KEY_LEFT:
        scrub(app, -1);
        break;
    case VIZ_KEY_RIGHT:
        scrub(app, 1);
        break;
    case 'g':
    case VIZ_KEY_HOME:
        go_to(app, 0);
        break;
    case 'G':
    case VIZ_KEY_END:
        go_to(app, timeline->count);
        break;
    case 'L':
        app->following = true;
        app->running = false;
        viz_timeline_seek(timeline, timeline->count);
        break;
    default:
        break;
    }
}

static void look_key(struct viz_app *app, int key)
{
    switch (key) {
    case VIZ_KEY_TAB:
    case VIZ_KEY_DOWN:
        move_key(app, 1);
        break;
    case VIZ_KEY_BACK_TAB:
    case VIZ_KEY_UP:
        move_key(app, -1);
        break;
    case '>':
        move_window(app, 1);
        break;
    case '<':
        move_window(app, -1);
        break;
    case 'z':
        app->zoom = limited(app->zoom + 1, -ZOOM_MAX, ZOOM_MAX);
        break;
    case 'Z':
        app->zoom = limited(app->zoom - 1, -ZOOM_MAX, ZOOM_MAX);
        break;
    case 'h':
        app->pan = limited(app->pan - PAN_STEP, -PAN_MAX, PAN_MAX);
        break;
    case 'l':
        app->pan = limited(app->pan + PAN_STEP, -PAN_MAX, PAN_MAX);
        break;
    case '0':
        app->pan = 0;
        app->zoom = 0;
        break;
    default:
        break;
    }
}

void viz_app_key(struct viz_app *app, int key)
{
    switch (key) {
    case 'q':
        app->quit = true;
        break;
    case '?':
        toggle_overlay(app, VIZ_OVERLAY_HELP);
        break;
    case 'o':
        toggle_overlay(app, VIZ_OVERLAY_OUTPUT);
        break;
    case VIZ_KEY_ENTER:
    case '\r':
        toggle_overlay(app, VIZ_OVERLAY_WHY);
        break;
    case VIZ_KEY_ESCAPE:
        escape(app);
        break;
    case '+':
    case '=':
        viz_app_change_speed(app, 1);
        break;
    case '-':
        viz_app_change_speed(app, -1);
        break;
    default:
        travel_key(app, key);
        look_key(app, key);
        break;
    }
}
