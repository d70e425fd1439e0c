/*
 * Lines from a file descriptor (see line_reader.h). Regular files are read by position; anything
 * else only when poll says that bytes are there, because a task never blocks.
 */
#include "connector/line_reader.h"

#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (64 * 1024)

void weir__line_reader_init(struct weir__line_reader *reader, int fd)
{
    struct stat info;
    *reader = (struct weir__line_reader){.fd = fd};
    reader->regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    /* Standard input may be a file that somebody has read a part of. */
    reader->offset = reader->regular ? (int64_t)lseek(fd, 0, SEEK_CUR) : 0;
}

void weir__line_reader_fini(struct weir__line_reader *reader)
{
    if (reader->fd > STDERR_FILENO) {
        close(reader->fd);
    }
    weir__free(reader->data);
}

void weir__line_reader_seek(struct weir__line_reader *reader, int64_t offset, bool inside_line)
{
    reader->offset = offset;
    reader->at = reader->scanned = reader->len = 0;
    reader->ended = false;
    reader->skipping = inside_line;
}

/* Makes room for a chunk behind the line in hand. */
static void make_room(struct weir__line_reader *reader)
{
    if (reader->at > 0) {
        memmove(reader->data, reader->data + reader->at, reader->len - reader->at);
        reader->len -= reader->at;
        reader->scanned -= reader->at;
        reader->at = 0;
    }
    if (reader->capacity - reader->len < CHUNK) {
        reader->capacity = reader->capacity < CHUNK ? 2 * (size_t)CHUNK : 2 * reader->capacity;
        reader->data = weir__realloc(reader->data, reader->capacity);
    }
}

/* Reads more. WEIR__LINE: bytes came. */
static enum weir__line fill(struct weir__line_reader *reader)
{
    ssize_t got;
    make_room(reader);
    if (reader->regular) {
        int64_t end = reader->offset + (int64_t)(reader->len - reader->at);
        got = pread(reader->fd, reader->data + reader->len, CHUNK, (off_t)end);
    } else {
        struct pollfd ready = {.fd = reader->fd, .events = POLLIN};
        if (poll(&ready, 1, 0) <= 0) {
            return WEIR__LINE_WAIT;
        }
        got = read(reader->fd, reader->data + reader->len, CHUNK);
    }
    if (got < 0) {
        return errno == EINTR || errno == EAGAIN ? WEIR__LINE_WAIT : WEIR__LINE_FAILED;
    }
    reader->len += (size_t)got;
    reader->ended = got == 0;
    return got == 0 ? WEIR__LINE_END : WEIR__LINE;
}

/* Consumes `len` bytes, of which the line is the first `visible`. */
static struct weir_str take(struct weir__line_reader *reader, size_t len, size_t visible)
{
    struct weir_str line = {reader->data + reader->at, (uint32_t)visible};
    reader->line_offset = reader->offset;
    reader->at += len;
    reader->scanned = reader->at;
    reader->offset += (int64_t)len;
    if (visible > 0 && line.data[visible - 1] == '\r') {
        line.len--;
    }
    return line;
}

/* A complete line in the buffer, or one that is known to be too long. WEIR__LINE_WAIT: neither. */
static enum weir__line scan(struct weir__line_reader *reader, struct weir_str *line)
{
    while (reader->scanned < reader->len) {
        const char *from = reader->data + reader->scanned;
        const char *newline = memchr(from, '\n', reader->len - reader->scanned);
        if (newline == NULL) {
            reader->scanned = reader->len;
            break;
        }
        size_t len = (size_t)(newline - (reader->data + reader->at));
        if (!reader->skipping) {
            *line = take(reader, len + 1, len < WEIR__LINE_LIMIT ? len : WEIR__LINE_LIMIT);
            return len <= WEIR__LINE_LIMIT ? WEIR__LINE : WEIR__LINE_TOO_LONG;
        }
        (void)take(reader, len + 1, 0);
        reader->skipping = false;
    }
    size_t waiting = reader->len - reader->at;
    if (reader->skipping) {
        (void)take(reader, waiting, 0);
    } else if (waiting > WEIR__LINE_LIMIT) {
        *line = take(reader, waiting, WEIR__LINE_LIMIT);
        reader->skipping = true;
        return WEIR__LINE_TOO_LONG;
    }
    return WEIR__LINE_WAIT;
}

enum weir__line weir__line_reader_next(struct weir__line_reader *reader, struct weir_str *line)
{
    for (;;) {
        enum weir__line found = scan(reader, line);
        if (found != WEIR__LINE_WAIT) {
            return found;
        }
        enum weir__line filled = reader->ended ? WEIR__LINE_END : fill(reader);
        if (filled == WEIR__LINE_END && reader->at < reader->len) {
            size_t rest = reader->len - reader->at;
            *line = take(reader, rest, rest);
            return WEIR__LINE;
        }
        if (filled != WEIR__LINE) {
            return filled;
        }
    }
}
