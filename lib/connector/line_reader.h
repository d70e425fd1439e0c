/*
 * Reads a file descriptor line by line without blocking: the lower half of the file source.
 *
 *     data  [ consumed | the line in hand … | not scanned yet ]
 *                      ^at                  ^scanned          ^len
 *
 * A line longer than WEIR__LINE_LIMIT is reported once with its beginning and then skipped, so
 * memory stays bounded. The last line needs no newline; a carriage return before the newline is not
 * part of the line. One thread.
 */
#ifndef WEIR__CONNECTOR_LINE_READER_H
#define WEIR__CONNECTOR_LINE_READER_H

#include <weir/str.h>

#define WEIR__LINE_LIMIT (1024 * 1024) /* bytes */

struct weir__line_reader {
    int fd;              /* owned */
    bool regular;        /* a file with positions: never waits, can seek */
    int64_t offset;      /* in the file, of data[at] */
    int64_t line_offset; /* of the line returned last */
    char *data;
    size_t at;
    size_t scanned;
    size_t len;
    size_t capacity;
    bool ended;    /* the descriptor has no more bytes */
    bool skipping; /* inside a line that is not wanted: up to the next newline */
};

enum weir__line {
    WEIR__LINE,          /* *line is a view until the next call */
    WEIR__LINE_TOO_LONG, /* *line is the beginning of one */
    WEIR__LINE_WAIT,     /* nothing there now */
    WEIR__LINE_END,
    WEIR__LINE_FAILED, /* errno says why */
};

/* Takes the descriptor. */
void weir__line_reader_init(struct weir__line_reader *reader, int fd);
void weir__line_reader_fini(struct weir__line_reader *reader);
/* Goes on at a byte offset, regular files only. inside_line: with the first line that begins behind
 * the next newline. */
void weir__line_reader_seek(struct weir__line_reader *reader, int64_t offset, bool inside_line);
/* The next line; reader->offset is then the position behind it. */
enum weir__line weir__line_reader_next(struct weir__line_reader *reader, struct weir_str *line);

#endif
