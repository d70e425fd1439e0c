/*
 * The two loops that wait: on a terminal, and for plain lines. Each turn waits in one poll for
 * keys, trace, signals and the next frame; then takes what came, for at most four milliseconds, and
 * draws when something changed and the last frame is a thirtieth of a second old.
 */
#include "headless.h"
#include "keys.h"
#include "signals.h"
#include "viz.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <weir/clock.h>

#define MILLISECOND INT64_C(1000000)
static const int64_t frame_ns = 33 * MILLISECOND;
static const int64_t slice_ns = 4 * MILLISECOND;
enum { PIECE = 1 << 23, LINES_AT_ONCE = 500, OUTPUT_SHOWN = 1 << 14, SILENCE_MS = 300 };

static int64_t now_ns(void)
{
    return weir_clock_ns(&weir_system_clock);
}

/* Takes in what has come, for a slice of time; true when there is more. */
static bool take_in(struct viz *viz)
{
    int64_t end = now_ns() + slice_ns;
    viz_source_reap(&viz->source);
    viz_source_take(&viz->source, PIECE);
    bool more = true;
    while (more && now_ns() < end) {
        more = viz_timeline_load(&viz->timeline, LINES_AT_ONCE);
    }
    viz->app.live = !viz->source.ended;
    viz_app_loaded(&viz->app);
    viz->app.notice = viz->source.notice[0] != '\0' ? viz->source.notice : NULL;
    return more;
}

static void handle_signals(struct viz *viz)
{
    int number = viz_signals_take();
    if (number != 0) {
        viz->signal = number;
        viz->app.quit = true;
    }
}

/* ---- on a terminal ---- */

/* True when a key was pressed. */
static bool handle_keys(struct viz *viz)
{
    bool any = false;
    int key;
    do {
        if (!viz_terminal_key(&key)) {
            viz->app.quit = true; /* the terminal has gone */
            return true;
        }
        if (key != VIZ_KEY_NONE) {
            viz_app_key(&viz->app, key);
            any = true;
        }
    } while (key != VIZ_KEY_NONE);
    return any;
}

static void draw(struct viz *viz)
{
    char *output = NULL;
    if (viz->app.overlay == VIZ_OVERLAY_OUTPUT) {
        output = viz_source_output(&viz->source, OUTPUT_SHOWN);
    }
    viz->app.output = output;
    viz_terminal_size(&viz->grid);
    viz->app.columns = viz->grid.columns;
    struct viz_scene scene = viz_app_scene(&viz->app);
    viz_render(&scene, &viz->grid);
    viz_terminal_show(&viz->grid);
    viz->app.output = NULL;
    weir__free(output);
}

/* Milliseconds until something is due; -1: not before something comes. */
static int wait_ms(const struct viz *viz, bool more, bool dirty, int64_t drawn_ns, int64_t now)
{
    if (more) {
        return 0;
    }
    int64_t wait = viz_app_wait(&viz->app);
    if (dirty) {
        int64_t frame = drawn_ns + frame_ns > now ? drawn_ns + frame_ns - now : 0;
        wait = frame < wait ? frame : wait;
    }
    if (viz->app.overlay == VIZ_OVERLAY_OUTPUT && wait > 500 * MILLISECOND) {
        wait = 500 * MILLISECOND; /* the program may have written */
    }
    return wait == INT64_MAX ? -1 : (int)((wait + MILLISECOND - 1) / MILLISECOND);
}

/* False when the terminal has gone. */
static bool wait_for_something(const struct viz *viz, int ms)
{
    struct pollfd polls[2 + VIZ_SOURCE_POLLS];
    polls[0] = (struct pollfd){.fd = viz_terminal_fd(), .events = POLLIN};
    polls[1] = (struct pollfd){.fd = viz_signals_fd(), .events = POLLIN};
    viz_source_polls(&viz->source, polls + 2);
    return poll(polls, 2 + VIZ_SOURCE_POLLS, ms) < 0 ||
           (polls[0].revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

int viz_run_screen(struct viz *viz)
{
    bool more = true;
    bool dirty = true;
    int64_t drawn_ns = 0;
    while (!viz->app.quit) {
        int64_t now = now_ns();
        if (!wait_for_something(viz, wait_ms(viz, more, dirty, drawn_ns, now))) {
            break;
        }
        char notice[sizeof viz->source.notice];
        memcpy(notice, viz->source.notice, sizeof notice);
        int64_t count = viz->timeline.count;
        handle_signals(viz); /* first: a child that ends after it wakes the next round */
        more = take_in(viz);
        dirty = handle_keys(viz) || dirty;
        now = now_ns();
        dirty = viz_app_tick(&viz->app, now) || dirty;
        dirty = dirty || count != viz->timeline.count || strcmp(notice, viz->source.notice) != 0 ||
                viz->app.overlay == VIZ_OVERLAY_OUTPUT;
        if (dirty && now - drawn_ns >= frame_ns) {
            draw(viz);
            drawn_ns = now;
            dirty = false;
        }
    }
    return 0;
}

/* ---- plain lines ---- */

int viz_run_plain(struct viz *viz)
{
    struct viz_plain plain = {.timeline = &viz->timeline};
    bool more = true;
    while (!viz->app.quit) {
        struct pollfd polls[1 + VIZ_SOURCE_POLLS];
        polls[0] = (struct pollfd){.fd = viz_signals_fd(), .events = POLLIN};
        viz_source_polls(&viz->source, polls + 1);
        int ready = poll(polls, 1 + VIZ_SOURCE_POLLS, more || viz->source.ended ? 0 : SILENCE_MS);
        handle_signals(viz);
        more = take_in(viz);
        bool all = !more && (viz->source.ended || ready == 0);
        if (!viz_plain_print(&plain, all, stdout)) {
            break; /* the reader of the pipe has seen enough */
        }
        if (!more && viz->source.ended) {
            break;
        }
    }
    return 0;
}
