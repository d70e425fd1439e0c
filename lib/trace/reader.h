/*
 * Reading a trace back: one line, one event.
 */
#ifndef WEIR__TRACE_READER_H
#define WEIR__TRACE_READER_H

#include "trace/event.h"

#include <weir/status.h>

/*
 * Parses a line, with or without its newline. Texts are views of the line, which is changed
 * (escapes are resolved in place), except for a job: its `json` is the whole object, unchanged.
 * Members that are unknown or missing are no mistake; missing ones are zero.
 *
 * Errors: WEIR_MALFORMED (not JSON, or a member of the wrong kind), WEIR_UNSUPPORTED (an event of
 * an unknown type).
 */
WEIR_MUST_USE enum weir_status weir__trace_read(char *line, size_t len,
                                                struct weir__trace_event *event);

#endif
