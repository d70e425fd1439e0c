/*
 * The terminal. The one place that knows curses: it shows grids and reads keys, and gives the
 * terminal back as it was on every way out, crashes included.
 */
#ifndef WEIR_VIZ_TERMINAL_H
#define WEIR_VIZ_TERMINAL_H

#include "grid.h"

enum viz_theme { VIZ_DARK, VIZ_LIGHT, VIZ_MONO };

/*
 * Takes over the terminal on standard output; keys come from standard input, or from /dev/tty when
 * that is something else. Errors: WEIR_UNSUPPORTED (no terminal, or one that cannot place a
 * cursor).
 */
WEIR_MUST_USE enum weir_status viz_terminal_open(enum viz_theme theme, struct weir_error *error);
/* Gives it back; may be called twice. */
void viz_terminal_close(void);
/* The descriptor to poll for keys. */
int viz_terminal_fd(void);
/* Makes the grid as large as the screen. */
void viz_terminal_size(struct viz_grid *grid);
void viz_terminal_show(const struct viz_grid *grid);
/* The next key (keys.h), VIZ_KEY_NONE when none was pressed. False when the terminal has gone. */
bool viz_terminal_key(int *key);

#endif
