/*
 * The log: one line a message on stderr, "weir: warning: …". Whatever was formatted into it is
 * made printable first, so that no control character from outside reaches the terminal. Any
 * thread; lines never mix.
 */
#ifndef WEIR__BASE_LOG_H
#define WEIR__BASE_LOG_H

#include <weir/status.h>

enum weir__log_level { WEIR__LOG_ERROR, WEIR__LOG_WARNING, WEIR__LOG_INFO, WEIR__LOG_DEBUG };

/* Messages of a higher number than `level` are dropped. Default: WEIR__LOG_INFO. */
void weir__log_set_level(enum weir__log_level level);

/*
 * Sends lines (NUL-terminated, without newline, printable) elsewhere: a screen that owns the
 * terminal, a test. NULL: stderr again. Called under the log's lock, from any thread; it must not
 * log. Set it before threads start.
 */
void weir__log_set_writer(void (*writer)(enum weir__log_level level, const char *line, void *user),
                          void *user);

void weir__log(enum weir__log_level level, const char *format, ...) WEIR_PRINTF(2, 3);

#endif
