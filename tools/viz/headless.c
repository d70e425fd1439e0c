/* Scripts and plain lines. */
#include "headless.h"

#include "base/escape.h"
#include "base/mem.h"
#include "keys.h"
#include "narrate.h"

#include <inttypes.h>

void viz_print_grid(const struct viz_grid *grid, FILE *out)
{
    char *text = weir__alloc((size_t)grid->columns * 8 + 1);
    for (int row = 0; row < grid->rows; row++) {
        viz_row_text(grid, row, text);
        fprintf(out, "%s\n", text);
    }
    weir__free(text);
}

static void show(struct viz_app *app, struct viz_grid *grid, const char *title, FILE *out)
{
    struct viz_scene scene = viz_app_scene(app);
    viz_render(&scene, grid);
    fprintf(out, "=== %s\n", title);
    viz_print_grid(grid, out);
}

/* Time passes in steps of a frame, as it does on a screen. */
static void wait_for(struct viz_app *app, int64_t ms)
{
    for (int64_t passed = 0; passed < ms; passed += 10) {
        viz_app_tick(app, app->now_ns + 10 * INT64_C(1000000));
    }
}

int viz_run_script(struct viz_app *app, const char *script, bool each, struct viz_grid *grid,
                   FILE *out)
{
    const char *title = "start";
    struct viz_press press;
    app->columns = grid->columns;
    if (each) {
        show(app, grid, title, out);
    }
    while (script[0] != '\0' && !app->quit) {
        const char *behind = viz_script_next(script, &press);
        if (behind == NULL) {
            fprintf(stderr, "weir viz: --script: cannot read the keys from '%.20s' on\n", script);
            return 2;
        }
        if (press.key == VIZ_KEY_WAIT) {
            wait_for(app, press.wait_ms);
        }
        for (int i = 0; press.key != VIZ_KEY_WAIT && i < press.times; i++) {
            viz_app_key(app, press.key);
        }
        title = press.name;
        if (each) {
            show(app, grid, title, out);
        }
        script = behind;
    }
    if (!each) {
        show(app, grid, title, out);
    }
    return 0;
}

/* ---- plain lines ---- */

static void put_sentence(struct weir__buf *line, const char *before, const char *words)
{
    if (words[0] != '\0') {
        weir__buf_printf(line, "%s", before);
        weir__buf_put_printable(line, weir_str_from(words));
    }
}

static bool print_happening(const struct viz_timeline *timeline, FILE *out)
{
    struct weir__buf line = {0};
    struct viz_words words;
    viz_narrate(&timeline->here, &timeline->here.now, &words);
    double seconds = (double)(timeline->here.at - timeline->started_at) / 1e9;
    weir__buf_printf(&line, "%10.3fs %-7s", seconds,
                     viz_kind_name((enum viz_kind)timeline->here.now.kind));
    put_sentence(&line, " ", words.now);
    put_sentence(&line, ". Why: ", words.why);
    put_sentence(&line, ". So: ", words.so);
    weir__buf_printf(&line, "\n");
    bool written = fwrite(line.data, 1, line.len, out) == line.len;
    weir__buf_fini(&line);
    return written;
}

bool viz_plain_print(struct viz_plain *plain, bool all, FILE *out)
{
    struct viz_timeline *timeline = plain->timeline;
    while (plain->told < timeline->count) {
        int64_t end = viz_timeline_after(timeline, plain->told);
        if (end == timeline->count && !all) {
            break;
        }
        viz_timeline_seek(timeline, end);
        if (!print_happening(timeline, out)) {
            return false;
        }
        plain->told = end;
    }
    return fflush(out) == 0;
}
