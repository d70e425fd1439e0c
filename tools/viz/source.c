/*
 * Sources of live traces. The trace's sender never waits for us: it drops and counts what does not
 * fit into the socket; so all that matters here is to empty the socket often.
 */
#include "source.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PIECE = 1 << 16 };

void viz_source_init(struct viz_source *source, struct viz_recording *recording)
{
    *source = (struct viz_source){.recording = recording, .fd = -1, .listener = -1};
}

void viz_source_read_from(struct viz_source *source, int fd)
{
    source->fd = fd;
    int flags = fcntl(fd, F_GETFD);
    (void)fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
}

/* A socket file that nobody listens on any more may be taken over. */
static bool is_stale(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bool refused = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 &&
                   errno == ECONNREFUSED;
    if (fd >= 0) {
        close(fd);
    }
    return refused;
}

enum weir_status viz_source_listen(struct viz_source *source, const char *path,
                                   struct weir_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        return weir_error_set(error, WEIR_INVALID, path,
                              "a socket's path has at most %zu bytes, this one has %zu",
                              sizeof address.sun_path - 1, strlen(path));
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (is_stale(&address)) {
        unlink(path);
    }
    source->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (source->listener < 0 ||
        bind(source->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(source->listener, 1) != 0) {
        return weir_error_set(error, WEIR_IO, path, "cannot listen: %s", strerror(errno));
    }
    (void)fcntl(source->listener, F_SETFD, FD_CLOEXEC);
    source->socket_path = weir__strdup(path);
    return WEIR_OK;
}

void viz_source_polls(const struct viz_source *source, struct pollfd polls[VIZ_SOURCE_POLLS])
{
    polls[0] = (struct pollfd){.fd = source->fd, .events = POLLIN};
    polls[1] = (struct pollfd){.fd = source->fd < 0 ? source->listener : -1, .events = POLLIN};
}

static bool is_ready(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    return poll(&poller, 1, 0) > 0;
}

static void stop_listening(struct viz_source *source)
{
    if (source->listener >= 0) {
        close(source->listener);
        unlink(source->socket_path);
        source->listener = -1;
    }
}

static void end(struct viz_source *source)
{
    if (source->fd >= 0) {
        close(source->fd);
        source->fd = -1;
    }
    stop_listening(source);
    source->ended = true;
    source->recording->complete = true;
    if (source->notice[0] == '\0') {
        snprintf(source->notice, sizeof source->notice, "the trace has ended");
    }
}

static void accept_job(struct viz_source *source)
{
    int fd = accept(source->listener, NULL, NULL);
    if (fd >= 0) {
        viz_source_read_from(source, fd);
        stop_listening(source);
    }
}

void viz_source_take(struct viz_source *source, size_t limit)
{
    if (source->fd < 0 && source->listener >= 0 && is_ready(source->listener)) {
        accept_job(source);
    }
    char bytes[PIECE];
    size_t taken = 0;
    while (source->fd >= 0 && taken < limit && is_ready(source->fd)) {
        ssize_t got = read(source->fd, bytes, sizeof bytes);
        if (got > 0) {
            viz_recording_add(source->recording, bytes, (size_t)got);
            taken += (size_t)got;
        } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
            end(source);
        }
    }
    if (source->recording->failed) {
        snprintf(source->notice, sizeof source->notice,
                 "the recording cannot be written (disk full?): what comes now is lost");
    }
    if (source->program_ended && source->fd < 0 && !source->ended) {
        end(source); /* it ended without ever connecting */
    }
}

char *viz_source_output(const struct viz_source *source, size_t limit)
{
    FILE *file = source->output_path != NULL ? fopen(source->output_path, "r") : NULL;
    if (file == NULL) {
        return NULL;
    }
    char *text = weir__calloc(limit + 1, 1);
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
    long from = size > (long)limit ? size - (long)limit : 0;
    size_t got = fseek(file, from, SEEK_SET) == 0 ? fread(text, 1, limit, file) : 0;
    text[got] = '\0';
    for (size_t i = 0; i < got; i++) {
        text[i] = text[i] == '\0' ? '?' : text[i];
    }
    fclose(file);
    return text;
}
