/*
 * What is looked at, and time.
 *
 * Playing shows one happening after the other. At speed 1x the pause between two is the real one,
 * but at least a quarter of a second and at most one second: a recorded instant becomes legible,
 * and nobody waits.
 */
#include "app.h"

#include <weir/time.h>

#include <string.h>

#define MILLISECOND INT64_C(1000000)
static const int64_t shortest_pause = 250 * MILLISECOND;
static const int64_t story_pause = 1500 * MILLISECOND;
static const int64_t longest_pause = 1000 * MILLISECOND;

static const struct {
    const char *name;
    int64_t percent; /* of 1x; 0: as fast as it goes */
} speeds[] = {
    {"0.1x", 10},  {"0.25x", 25}, {"0.5x", 50},  {"1x", 100},     {"2x", 200}, {"5x", 500},
    {"10x", 1000}, {"25x", 2500}, {"50x", 5000}, {"100x", 10000}, {"max", 0},
};
enum {
    SPEEDS = sizeof speeds / sizeof speeds[0],
    NORMAL_SPEED = 3,
    FAST_SPEED = 6, /* from here on not everything can be told */
    AT_ONCE = 20000
};

void viz_app_init(struct viz_app *app, struct viz_timeline *timeline, bool live)
{
    *app = (struct viz_app){
        .timeline = timeline,
        .live = live,
        .recorded = !live,
        .following = live,
        .speed = NORMAL_SPEED,
        .key = VIZ_NONE,
        .busy = VIZ_NONE,
        .story_place = VIZ_NONE,
        .columns = 80,
    };
}

bool viz_app_set_speed(struct viz_app *app, const char *name)
{
    for (int i = 0; i < SPEEDS; i++) {
        if (strcmp(speeds[i].name, name) == 0) {
            app->speed = i;
            return true;
        }
    }
    return false;
}

void viz_app_change_speed(struct viz_app *app, int by)
{
    int speed = app->speed + by;
    app->speed = speed < 0 ? 0 : speed < SPEEDS ? speed : SPEEDS - 1;
    app->due_ns = by > 0 ? app->now_ns : app->due_ns;
}

/* Whether happenings go by faster than they can be read. */
static bool is_fast(const struct viz_app *app)
{
    return app->following || (app->running && app->speed >= FAST_SPEED);
}

/* ---- what is looked at ---- */

static int64_t adds_of(const struct viz_model *head, int32_t key)
{
    return ((const struct viz_key *)weir__vec_at(&head->keys, (size_t)key))->adds;
}

/*
 * The key with most events in the whole trace so far, so that it does not change while stepping. In
 * a live trace, where the lead changes all the time, one stays until another has half as much
 * again.
 */
static void find_busy_key(struct viz_app *app)
{
    const struct viz_model *head = &app->timeline->head;
    int32_t most = VIZ_NONE;
    for (int32_t key = 0; key < (int32_t)head->keys.count; key++) {
        most = most == VIZ_NONE || adds_of(head, key) > adds_of(head, most) ? key : most;
    }
    if (app->busy == VIZ_NONE || !app->live ||
        adds_of(head, most) > adds_of(head, app->busy) + adds_of(head, app->busy) / 2 + 10) {
        app->busy = most;
    }
}

int32_t viz_app_looked_at(const struct viz_app *app)
{
    return app->key != VIZ_NONE ? app->key : app->busy;
}

struct viz_scene viz_app_scene(const struct viz_app *app)
{
    const struct viz_model *head = &app->timeline->head;
    const struct viz_model *here = &app->timeline->here;
    struct viz_scene scene = {
        .timeline = app->timeline,
        .overlay = app->overlay,
        .key = VIZ_NONE,
        .key_op = VIZ_NONE,
        .key_count = (int32_t)head->keys.count,
        .window_chosen = app->window_chosen,
        .window_start = app->window_start,
        .window_end = app->window_end,
        .zoom = app->zoom,
        .pan = app->pan,
        .running = app->running,
        .following = app->following,
        .live = app->live,
        .speed = speeds[app->speed].name,
        .notice = app->notice,
        .output = app->output,
    };
    if (is_fast(app) && app->story_place != VIZ_NONE) {
        scene.story = &app->story;
        scene.since = app->timeline->place - app->story_place;
    }
    int32_t key = viz_app_looked_at(app);
    if (key != VIZ_NONE) {
        const struct viz_key *known = weir__vec_at(&head->keys, (size_t)key);
        scene.key_op = known->op;
        scene.key_sub = known->sub;
        scene.key_rank = key + 1;
        /* Keys are numbered as they appear, so one that the reader's place does not know yet is
         * missing at the end. */
        scene.key = (size_t)key < here->keys.count ? key : VIZ_NONE;
    } else {
        for (size_t i = 0; i < here->operators.count && scene.key_op == VIZ_NONE; i++) {
            const struct viz_operator *node = weir__vec_at(&here->operators, i);
            scene.key_op = node->assigner != 0 ? node->id : VIZ_NONE;
        }
    }
    return scene;
}

void viz_app_loaded(struct viz_app *app)
{
    struct viz_timeline *timeline = app->timeline;
    if (app->recorded || app->live) {
        find_busy_key(app);
    }
    if (!app->begun && !app->live && timeline->count > 0) {
        viz_timeline_seek(timeline, viz_timeline_after(timeline, 0));
    }
    app->begun = app->begun || timeline->count > 0;
}

/* ---- time ---- */

static int64_t pause_after(const struct viz_app *app, int64_t elapsed_ns)
{
    int64_t pause = elapsed_ns < shortest_pause  ? shortest_pause
                    : elapsed_ns > longest_pause ? longest_pause
                                                 : elapsed_ns;
    return pause * 100 / speeds[app->speed].percent;
}

static bool play(struct viz_app *app)
{
    struct viz_timeline *timeline = app->timeline;
    bool moved = false;
    if (speeds[app->speed].percent == 0) {
        moved = timeline->place < timeline->count;
        viz_timeline_seek(timeline, timeline->place + AT_ONCE);
    }
    while (speeds[app->speed].percent != 0 && app->due_ns <= app->now_ns &&
           timeline->place < timeline->count) {
        int64_t before = timeline->here.at;
        viz_timeline_seek(timeline, viz_timeline_after(timeline, timeline->place));
        app->due_ns += pause_after(app, weir_time_sub(timeline->here.at, before));
        moved = true;
    }
    if (timeline->place == timeline->count) {
        app->due_ns = app->now_ns;
        if (!app->live) {
            app->running = false;
            moved = true;
        }
    }
    return moved;
}

/* What is told stays long enough to be read. */
static void choose_story(struct viz_app *app)
{
    const struct viz_timeline *timeline = app->timeline;
    bool newer = timeline->notable_place > app->story_place;
    if (newer && (app->story_place == VIZ_NONE || app->now_ns - app->story_ns >= story_pause)) {
        app->story = timeline->notable;
        app->story_place = timeline->notable_place;
        app->story_ns = app->now_ns;
    }
}

bool viz_app_tick(struct viz_app *app, int64_t now_ns)
{
    /* After a pause of the whole process (Ctrl-Z, a sleeping machine) nothing is made up for. */
    if (weir_time_sub(now_ns, app->now_ns) > 2 * longest_pause) {
        app->due_ns = now_ns;
    }
    app->now_ns = now_ns;
    bool moved = false;
    if (app->following) {
        moved = app->timeline->place < app->timeline->count;
        viz_timeline_seek(app->timeline, app->timeline->count);
    } else if (app->running) {
        moved = play(app);
    }
    if (is_fast(app)) {
        choose_story(app);
    } else {
        app->story_place = VIZ_NONE;
        app->timeline->notable_place = VIZ_NONE;
    }
    return moved;
}

int64_t viz_app_wait(const struct viz_app *app)
{
    bool more = app->timeline->place < app->timeline->count;
    if (!app->running || !more) {
        return INT64_MAX;
    }
    return app->due_ns > app->now_ns ? app->due_ns - app->now_ns : 0;
}
