/*
 * Restart strategies as a setting: their text, their bounds, and what holds where none is given.
 * What they decide is in runtime/restart.h.
 */
#ifndef WEIR__GRAPH_RESTART_H
#define WEIR__GRAPH_RESTART_H

#include <weir/restart.h>
#include <weir/status.h>

#include <stddef.h>

enum { WEIR__RESTART_TEXT = 160 };

/* Errors: WEIR_INVALID: a number out of its bounds. */
WEIR_MUST_USE enum weir_status weir__restart_check(const struct weir_restart_strategy *strategy,
                                                   struct weir_error *error);
/* Reads the text of --restart. Errors: WEIR_INVALID; *strategy then stays. */
WEIR_MUST_USE enum weir_status weir__restart_parse(const char *text,
                                                   struct weir_restart_strategy *strategy,
                                                   struct weir_error *error);
/* Writes "fixed-delay:3,10s", which parse reads back. */
void weir__restart_format(const struct weir_restart_strategy *strategy,
                          char text[WEIR__RESTART_TEXT]);
/* The strategy itself, or in place of WEIR_RESTART_DEFAULT what that means. */
struct weir_restart_strategy weir__restart_resolve(const struct weir_restart_strategy *strategy,
                                                   bool checkpoints);

#endif
