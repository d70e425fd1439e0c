/*
 * weir viz: shows a trace, recorded or live.
 *
 *     source ─▶ recording ─▶ time line (model) ─▶ app (keys, time) ─▶ scene ─▶ grid
 *                                                                              └▶ terminal, or text
 */
#include "viz.h"

#include "base/mem.h"
#include "commands.h"
#include "headless.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 1, MISUSE = 2, SIGNALLED = 128, OUTPUT_TOLD = 2000, LOAD_ALL = 1 << 20 };

static int fail(const struct weir_error *error)
{
    fprintf(stderr, "weir viz: %s%s%s\n", error->where, error->where[0] != '\0' ? ": " : "",
            error->message);
    return FAILED;
}

/* ---- where the trace comes from ---- */

static char *recording_name(const struct viz *viz)
{
    if (viz->options.record != NULL) {
        return weir__strdup(viz->options.record);
    }
    if (viz->source.directory != NULL) {
        return weir__asprintf("%s/trace.jsonl", viz->source.directory);
    }
    return NULL;
}

static enum weir_status open_live(struct viz *viz, struct weir_error *error)
{
    const struct viz_options *options = &viz->options;
    enum weir_status status = WEIR_OK;
    if (options->trace == NULL) {
        status = viz_source_prepare(&viz->source, error);
    }
    char *name = recording_name(viz);
    if (status == WEIR_OK) {
        status = viz_recording_create(&viz->recording, name, error);
    }
    weir__free(name);
    if (status != WEIR_OK) {
        return status;
    }
    if (options->listen != NULL) {
        return viz_source_listen(&viz->source, options->listen, error);
    }
    if (options->program != NULL) {
        return viz_source_start(&viz->source, options->program, error);
    }
    int fd = strcmp(options->trace, "-") == 0 ? dup(STDIN_FILENO) : open(options->trace, O_RDONLY);
    if (fd < 0) {
        return weir_error_set(error, WEIR_IO, options->trace, "cannot read the trace: %s",
                              strerror(errno));
    }
    viz_source_read_from(&viz->source, fd);
    return WEIR_OK;
}

/* Nothing was started: leaves no files behind. */
static void discard_live(struct viz *viz)
{
    if (viz->source.directory != NULL) {
        if (viz->options.record == NULL && viz->recording.path != NULL) {
            unlink(viz->recording.path);
            weir__free(viz->recording.path);
            viz->recording.path = NULL;
        }
        unlink(viz->source.output_path);
        weir__free(viz->source.output_path);
        viz->source.output_path = NULL;
        if (viz->source.listener >= 0) {
            unlink(viz->source.socket_path);
        }
        rmdir(viz->source.directory);
    }
}

static enum weir_status open_trace(struct viz *viz, struct weir_error *error)
{
    const char *trace = viz->options.trace;
    struct stat about;
    if (trace == NULL || strcmp(trace, "-") == 0) {
        return open_live(viz, error);
    }
    if (stat(trace, &about) == 0 && S_ISDIR(about.st_mode)) {
        return weir_error_set(error, WEIR_INVALID, trace, "a directory is no trace");
    }
    if (stat(trace, &about) == 0 && !S_ISREG(about.st_mode)) {
        return open_live(viz, error); /* a pipe */
    }
    viz->source.ended = true;
    return viz_recording_open(&viz->recording, trace, error);
}

/* ---- showing it ---- */

/* A script needs the whole trace first; what is live has ended by then. */
static void load_all(struct viz *viz)
{
    while (!viz->source.ended) {
        struct pollfd polls[VIZ_SOURCE_POLLS];
        viz_source_polls(&viz->source, polls);
        poll(polls, VIZ_SOURCE_POLLS, 100);
        viz_source_take(&viz->source, LOAD_ALL);
        viz_source_reap(&viz->source);
    }
    while (viz_timeline_load(&viz->timeline, LOAD_ALL)) {
    }
}

static int show_script(struct viz *viz)
{
    load_all(viz);
    viz->app.live = false;
    viz->app.recorded = true;
    viz->app.following = false;
    viz_app_loaded(&viz->app);
    viz_grid_resize(&viz->grid, viz->options.rows, viz->options.columns);
    return viz_run_script(&viz->app, viz->options.script, viz->options.screen, &viz->grid, stdout);
}

static int show(struct viz *viz)
{
    if (viz->options.script != NULL) {
        return show_script(viz);
    }
    struct weir_error error;
    if (viz->options.plain || viz_terminal_open(viz->options.theme, &error) != WEIR_OK) {
        return viz_run_plain(viz);
    }
    int status = viz_run_screen(viz);
    viz_terminal_close();
    return status;
}

/* ---- the end ---- */

/* What remains: where the recording is, and what a program had to say. */
static void say_what_remains(const struct viz *viz, const char *recording, const char *output_path,
                             const char *output)
{
    if (viz->options.script != NULL) {
        return;
    }
    if (output != NULL && output[0] != '\0') {
        fprintf(stderr, "%s%s", output, output[strlen(output) - 1] == '\n' ? "" : "\n");
    }
    if (output_path != NULL) {
        fprintf(stderr, "weir viz: the program's output is in %s\n", output_path);
    }
    if (recording != NULL) {
        fprintf(stderr, "weir viz: recorded; `weir viz %s` shows it again\n", recording);
    }
}

/* Only the last lines, and whole ones. */
static char *last_lines(const struct viz_source *source)
{
    char *text = viz_source_output(source, OUTPUT_TOLD);
    if (text != NULL && strlen(text) == OUTPUT_TOLD) {
        char *newline = strchr(text, '\n');
        if (newline != NULL) {
            memmove(text, newline + 1, strlen(newline + 1) + 1);
        }
    }
    return text;
}

static bool program_failed(const struct viz_source *source)
{
    return source->program_ended &&
           !(WIFEXITED(source->status) && WEXITSTATUS(source->status) == 0);
}

static int finish(struct viz *viz, int status)
{
    bool live = viz->options.trace == NULL;
    bool failed_alone = program_failed(&viz->source);
    char *output_path = weir__strdup(viz->source.output_path);
    char *recording = live ? weir__strdup(viz->recording.path) : NULL;
    bool program = viz->options.program != NULL;
    if (program && viz->source.program > 0) {
        fprintf(stderr, "weir viz: ending %s …\n", viz->options.program[0]);
    }
    struct viz_source about = {.output_path = output_path};
    viz_source_fini(&viz->source);
    char *output = program ? last_lines(&about) : NULL;
    say_what_remains(viz, recording, program ? output_path : NULL, output);
    weir__free(output);
    weir__free(output_path);
    weir__free(recording);
    viz_timeline_fini(&viz->timeline);
    viz_recording_close(&viz->recording);
    viz_grid_fini(&viz->grid);
    if (viz->signal != 0) {
        return SIGNALLED + viz->signal;
    }
    return status == 0 && failed_alone ? FAILED : status;
}

int weir_viz_main(int argc, char **argv)
{
    static struct viz viz; /* large */
    int status = viz_options_read(&viz.options, argc, argv);
    if (status >= 0) {
        return status;
    }
    setlocale(LC_ALL, "");
    viz.grid.ascii = viz.options.ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    viz_signals_watch();
    viz.recording.fd = -1;
    viz_source_init(&viz.source, &viz.recording);

    struct weir_error error = {.code = WEIR_OK};
    bool opened = open_trace(&viz, &error) == WEIR_OK;
    viz_timeline_init(&viz.timeline, &viz.recording);
    viz_app_init(&viz.app, &viz.timeline, !viz.source.ended);
    if (viz.options.speed != NULL && !viz_app_set_speed(&viz.app, viz.options.speed)) {
        fprintf(stderr, "weir viz: there is no speed %s; `weir viz --help` lists them\n",
                viz.options.speed);
        return finish(&viz, MISUSE);
    }
    if (!opened) {
        discard_live(&viz);
        return finish(&viz, fail(&error));
    }
    return finish(&viz, show(&viz));
}
