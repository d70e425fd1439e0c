/*
 * `weir viz` in one struct: options, where the trace comes from, and the three ways of showing it.
 */
#ifndef WEIR_VIZ_VIZ_H
#define WEIR_VIZ_VIZ_H

#include "app.h"
#include "source.h"
#include "terminal.h"

struct viz_options {
    bool plain;
    bool ascii;
    bool screen;          /* --screen */
    const char *script;   /* NULL: none */
    const char *listen;   /* NULL: no */
    const char *record;   /* NULL: a name of our own */
    const char *speed;    /* NULL: 1x */
    const char *trace;    /* a file, "-", NULL */
    char *const *program; /* NULL: none */
    int rows, columns;    /* of --screen */
    enum viz_theme theme;
};

/*
 * Reads the options. Returns a negative number to go on, else the exit status (--help was asked
 * for: 0; a mistake, said on stderr: 2).
 */
int viz_options_read(struct viz_options *options, int argc, char **argv);

struct viz {
    struct viz_options options;
    struct viz_recording recording;
    struct viz_source source;
    struct viz_timeline timeline;
    struct viz_app app;
    struct viz_grid grid;
    int signal; /* that asked us to stop; 0: none */
};

/* On a terminal, until the reader quits. Returns the exit status. */
int viz_run_screen(struct viz *viz);
/* Lines on standard output, until the trace ends. */
int viz_run_plain(struct viz *viz);

#endif
