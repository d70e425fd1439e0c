/*
 * Opening and writing a trace's target. A write waits in poll, never in write, so that closing is
 * always noticed: a pipe that polls as writable takes PIPE_BUF bytes without waiting, and a socket
 * is written without waiting at all.
 */
#include "trace/target.h"

#include "base/log.h"
#include "base/mem.h"

#include <weir/str.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { POLL_MS = 100, PATIENCE_MS = 2000 };

static enum weir_status connect_socket(struct weir__trace_target *target, const char *path,
                                       struct weir_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        return weir_error_set(
            error, WEIR_INVALID, target->name,
            "the path of a trace's socket has at most %zu bytes, this one has %zu",
            sizeof(address.sun_path) - 1, strlen(path));
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    target->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (target->fd < 0) {
        return weir_error_set(error, WEIR_IO, target->name, "cannot make a socket: %s",
                              strerror(errno));
    }
    if (connect(target->fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        return weir_error_set(
            error, WEIR_UNAVAILABLE, target->name,
            "nobody listens on the trace's socket (%s); start `weir viz --listen %s` first",
            strerror(errno), path);
    }
    target->is_socket = true;
    return WEIR_OK;
}

static enum weir_status open_file(struct weir__trace_target *target, const char *path,
                                  struct weir_error *error)
{
    target->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (target->fd < 0) {
        return weir_error_set(error, WEIR_IO, path, "cannot write the trace: %s", strerror(errno));
    }
    return WEIR_OK;
}

enum weir_status weir__trace_target_open(struct weir__trace_target *target, const char *name,
                                         struct weir_error *error)
{
    *target = (struct weir__trace_target){.name = weir__strdup(name), .fd = -1};
    enum weir_status status = WEIR_OK;
    if (strcmp(name, "-") == 0) {
        target->fd = STDOUT_FILENO;
    } else if (strncmp(name, "unix:", 5) == 0) {
        status = connect_socket(target, name + 5, error);
    } else {
        status = open_file(target, name, error);
    }
    if (status != WEIR_OK) {
        weir__trace_target_close(target);
        return status;
    }
    if (target->fd != STDOUT_FILENO) {
        (void)fcntl(target->fd, F_SETFD, FD_CLOEXEC);
    }
    struct stat about;
    target->is_file = fstat(target->fd, &about) == 0 && S_ISREG(about.st_mode);
    return WEIR_OK;
}

void weir__trace_target_close(struct weir__trace_target *target)
{
    if (target->fd >= 0 && target->fd != STDOUT_FILENO) {
        close(target->fd);
    }
    target->fd = -1;
    weir__free(target->name);
    target->name = NULL;
}

static void fail(struct weir__trace_target *target, const char *why)
{
    target->failed = true;
    weir__log(WEIR__LOG_WARNING, "trace %s: %s; the job goes on without a trace", target->name,
              why);
}

/* False when the reader took nothing for too long while the job wants to end. */
static bool wait_writable(const struct weir__trace_target *target, const atomic_bool *closing)
{
    int patience_ms = PATIENCE_MS;
    struct pollfd poller = {.fd = target->fd, .events = POLLOUT};
    while (poll(&poller, 1, POLL_MS) == 0) {
        if (atomic_load(closing)) {
            patience_ms -= POLL_MS;
        }
        if (patience_ms <= 0) {
            return false;
        }
    }
    return true;
}

static ssize_t write_some(const struct weir__trace_target *target, const char *bytes, size_t len)
{
    if (target->is_socket) {
        return send(target->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    bool whole = target->is_file || len <= PIPE_BUF;
    return write(target->fd, bytes, whole ? len : PIPE_BUF);
}

void weir__trace_target_write(struct weir__trace_target *target, const char *bytes, size_t len,
                              const atomic_bool *closing)
{
    while (len > 0 && !target->failed) {
        if (!target->is_file && !wait_writable(target, closing)) {
            fail(target, "the reader stopped reading");
            break;
        }
        ssize_t written = write_some(target, bytes, len);
        if (written >= 0) {
            bytes += written;
            len -= (size_t)written;
        } else if (errno != EINTR && errno != EAGAIN) {
            fail(target, errno == EPIPE ? "the reader has gone" : strerror(errno));
        }
    }
}
