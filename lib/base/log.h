/*
 * The log: one line a message on stderr. Any thread; lines never mix.
 *
 *     text    weir: warning: …
 *     JSON    {"time":"2015-07-22T09:00:28.019143Z","level":"warning","message":"…"}
 *
 * In a text line, whatever was formatted into it is made printable first, so that no control
 * character from outside reaches the terminal; in JSON it is escaped.
 */
#ifndef WEIR__BASE_LOG_H
#define WEIR__BASE_LOG_H

#include <weir/status.h>

#include <stdbool.h>

enum weir__log_level { WEIR__LOG_ERROR, WEIR__LOG_WARNING, WEIR__LOG_INFO, WEIR__LOG_DEBUG };

/* Messages of a higher number than `level` are dropped. Default: WEIR__LOG_INFO. */
void weir__log_set_level(enum weir__log_level level);

/* JSON lines instead of text, which is the default. */
void weir__log_set_json(bool json);
/* Whether they are; safe in a signal handler. */
bool weir__log_is_json(void);

/*
 * Sends lines (NUL-terminated, without newline, printable) elsewhere: a screen that owns the
 * terminal, a test. NULL: stderr again. Called under the log's lock, from any thread; it must not
 * log. Set it before threads start.
 */
void weir__log_set_writer(void (*writer)(enum weir__log_level level, const char *line, void *user),
                          void *user);

void weir__log(enum weir__log_level level, const char *format, ...) WEIR_PRINTF(2, 3);

#endif
