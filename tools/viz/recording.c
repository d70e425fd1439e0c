/*
 * The recording's file, and reading it in pieces of 64 KiB (more only for a line that is longer).
 */
#include "recording.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 16 };

enum weir_status viz_recording_open(struct viz_recording *recording, const char *path,
                                    struct weir_error *error)
{
    *recording = (struct viz_recording){.complete = true, .fd = open(path, O_RDONLY | O_CLOEXEC)};
    off_t size = recording->fd >= 0 ? lseek(recording->fd, 0, SEEK_END) : -1;
    if (size < 0) {
        enum weir_status status = weir_error_set(
            error, WEIR_IO, path,
            recording->fd < 0 ? "cannot read the trace: %s"
                              : "cannot go back and forth in it (%s); pipe it into `weir viz -`",
            strerror(errno));
        viz_recording_close(recording);
        return status;
    }
    recording->size = size;
    recording->path = weir__strdup(path);
    return WEIR_OK;
}

static int open_nameless(void)
{
    const char *directory = getenv("TMPDIR");
    char *path = weir__asprintf("%s/weir-viz-XXXXXX", directory != NULL ? directory : "/tmp");
    int fd = mkstemp(path);
    if (fd >= 0) {
        unlink(path);
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    weir__free(path);
    return fd;
}

enum weir_status viz_recording_create(struct viz_recording *recording, const char *path,
                                      struct weir_error *error)
{
    *recording = (struct viz_recording){.path = weir__strdup(path)};
    recording->fd =
        path == NULL ? open_nameless() : open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (recording->fd < 0) {
        enum weir_status status =
            weir_error_set(error, WEIR_IO, path, "cannot record the trace: %s", strerror(errno));
        viz_recording_close(recording);
        return status;
    }
    return WEIR_OK;
}

void viz_recording_close(struct viz_recording *recording)
{
    if (recording->fd >= 0) {
        close(recording->fd);
    }
    weir__free(recording->path);
    *recording = (struct viz_recording){.fd = -1};
}

void viz_recording_add(struct viz_recording *recording, const char *bytes, size_t len)
{
    while (len > 0 && !recording->failed) {
        ssize_t written = pwrite(recording->fd, bytes, len, (off_t)recording->size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            recording->failed = true;
            break;
        }
        recording->size += written;
        bytes += written;
        len -= (size_t)written;
    }
}

void viz_lines_init(struct viz_lines *lines, const struct viz_recording *recording)
{
    *lines =
        (struct viz_lines){.recording = recording, .buffer = weir__alloc(VIZ_LINE_MAX + PIECE)};
}

void viz_lines_fini(struct viz_lines *lines)
{
    weir__free(lines->buffer);
    lines->buffer = NULL;
}

void viz_lines_seek(struct viz_lines *lines, int64_t offset)
{
    lines->from = offset;
    lines->filled = 0;
    lines->at = 0;
    lines->skipping = false;
}

/* Reads one more piece behind what is there; false when there is nothing more. */
static bool fill(struct viz_lines *lines)
{
    if (lines->at > 0) {
        memmove(lines->buffer, lines->buffer + lines->at, lines->filled - lines->at);
        lines->from += (int64_t)lines->at;
        lines->filled -= lines->at;
        lines->at = 0;
    }
    int64_t offset = lines->from + (int64_t)lines->filled;
    int64_t left = lines->recording->size - offset;
    size_t wanted = left < PIECE ? (size_t)(left > 0 ? left : 0) : PIECE;
    ssize_t got;
    do {
        got = pread(lines->recording->fd, lines->buffer + lines->filled, wanted, (off_t)offset);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        return false;
    }
    lines->filled += (size_t)got;
    return true;
}

/* The end of the line that begins at `at`: its newline, or the end of a complete recording. */
static char *find_end(struct viz_lines *lines)
{
    size_t searched = 0;
    for (;;) {
        char *start = lines->buffer + lines->at;
        size_t there = lines->filled - lines->at;
        char *newline = memchr(start + searched, '\n', there - searched);
        if (newline != NULL) {
            return newline;
        }
        if (there >= VIZ_LINE_MAX) {
            lines->skipping = true;
            lines->at = lines->filled;
            there = 0;
        }
        searched = there;
        if (!fill(lines)) {
            break;
        }
    }
    bool last = lines->recording->complete && lines->filled > lines->at;
    return last ? lines->buffer + lines->filled : NULL;
}

char *viz_lines_next(struct viz_lines *lines, size_t *len, int64_t *offset)
{
    *offset = lines->from + (int64_t)lines->at;
    char *end = find_end(lines);
    if (end == NULL) {
        return NULL;
    }
    char *start = lines->buffer + lines->at;
    *len = lines->skipping ? 0 : (size_t)(end - start);
    lines->skipping = false;
    size_t next = (size_t)(end - lines->buffer) + 1;
    lines->at = next < lines->filled ? next : lines->filled;
    return start;
}
