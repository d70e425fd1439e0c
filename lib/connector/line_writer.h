/*
 * Writes whole lines to a stream that several subtasks share: the lower half of the print and
 * JSON-lines sinks.
 *
 * Each subtask fills a buffer of its own, without a lock; only handing a full buffer to the stream
 * takes the stream's lock (flockfile), so lines are never mixed. The buffer goes out when it is
 * full, when the sink is flushed, and when nothing was written for a moment, so results appear
 * promptly without a system call per line. One thread a writer.
 */
#ifndef WEIR__CONNECTOR_LINE_WRITER_H
#define WEIR__CONNECTOR_LINE_WRITER_H

#include "base/buf.h"

#include <weir/status.h>

#include <stdio.h>

/* What the writers of one sink share. Guarded by the stream's lock. */
struct weir__line_target {
    FILE *stream;
    const char *name;    /* for messages: the path, "standard output" */
    const char *heading; /* goes before the first line; NULL: none, or written */
};

struct weir__line_writer {
    struct weir__line_target *target;
    struct weir__buf buf;
};

/* Ends the line begun in writer->buf. Errors: WEIR_IO. */
WEIR_MUST_USE enum weir_status weir__line_writer_end_line(struct weir__line_writer *writer,
                                                          struct weir_error *error);
/* Hands everything to the stream and flushes it. Errors: WEIR_IO. */
WEIR_MUST_USE enum weir_status weir__line_writer_flush(struct weir__line_writer *writer,
                                                       struct weir_error *error);

#endif
