/*
 * The recording: the trace's bytes in a file, read back line by line. What comes in live is written
 * to the file first and read from there like everything else, so that a live trace and a recorded
 * one are the same thing, and memory does not grow with the trace.
 */
#ifndef WEIR_VIZ_RECORDING_H
#define WEIR_VIZ_RECORDING_H

#include <weir/status.h>

#include <stddef.h>
#include <stdint.h>

struct viz_recording {
    char *path; /* NULL: a temporary file without a name */
    int fd;
    int64_t size;
    bool complete; /* nothing will be added: the last line counts even without a newline */
    bool failed;   /* the disk is full or gone; what came after is lost */
};

/* A trace that exists. Errors: WEIR_IO. */
WEIR_MUST_USE enum weir_status viz_recording_open(struct viz_recording *recording, const char *path,
                                                  struct weir_error *error);
/* A new one to be added to; path NULL: without a name, gone at the end. Errors: WEIR_IO. */
WEIR_MUST_USE enum weir_status viz_recording_create(struct viz_recording *recording,
                                                    const char *path, struct weir_error *error);
void viz_recording_close(struct viz_recording *recording);
void viz_recording_add(struct viz_recording *recording, const char *bytes, size_t len);

/* Lines from a place in the file on. One reader at a place; several may read one recording. */
struct viz_lines {
    const struct viz_recording *recording;
    int64_t from; /* file offset of buffer[0] */
    char *buffer;
    size_t filled;
    size_t at;     /* the next line begins here in the buffer */
    bool skipping; /* in the middle of a line that is too long */
};

enum { VIZ_LINE_MAX = 1 << 20 }; /* a longer line is damage */

void viz_lines_init(struct viz_lines *lines, const struct viz_recording *recording);
void viz_lines_fini(struct viz_lines *lines);
void viz_lines_seek(struct viz_lines *lines, int64_t offset);
/*
 * The next line, without its newline; the caller may change its bytes, which hold until the next
 * call. *offset gets where it begins. NULL when there is no whole line (yet). A line that is too
 * long comes as an empty one.
 */
char *viz_lines_next(struct viz_lines *lines, size_t *len, int64_t *offset);

#endif
