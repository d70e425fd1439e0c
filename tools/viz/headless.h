/*
 * Without a terminal: a script of keys whose screens are printed, or plain lines, one a happening
 * (for pipes, logs and screen readers).
 */
#ifndef WEIR_VIZ_HEADLESS_H
#define WEIR_VIZ_HEADLESS_H

#include "app.h"

#include <stdio.h>

/*
 * Presses the script's keys and prints the screen, after each key when `each` is set, else at the
 * end. Returns the exit status: 2 when the script has a mistake (said on stderr).
 */
int viz_run_script(struct viz_app *app, const char *script, bool each, struct viz_grid *grid,
                   FILE *out);
/* Writes the grid as text, a line a row, without blanks at the ends. */
void viz_print_grid(const struct viz_grid *grid, FILE *out);

/* Lines of happenings, from a place on. */
struct viz_plain {
    struct viz_timeline *timeline;
    int64_t told; /* happenings that begin before this place have been printed */
};
/*
 * Prints the happenings that are complete; with `all` also the last one, to which more may come.
 * False when the output takes nothing more (a pipe that is closed).
 */
bool viz_plain_print(struct viz_plain *plain, bool all, FILE *out);

#endif
