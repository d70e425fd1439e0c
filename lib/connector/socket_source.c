/*
 * The socket source: lines from a TCP server, such as `nc -lk 9999`.
 *
 *     away ──time──▶ connecting ──▶ connected ──closed──▶ away (waits twice as long after each failure)
 *
 * Nothing blocks: connecting and reading are asked after, never waited for. What was sent while
 * nobody was connected is lost, and a socket cannot be read again, so there is no position to come
 * back to. Only one subtask reads.
 */
#include "base/log.h"
#include "base/mem.h"
#include "connector/line_reader.h"

#include <weir/connectors.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_WAIT_MS 100
#define MOST_WAIT_MS  10000
#define CONNECT_MS    10000

enum { PORT = 9999 };

enum state { AWAY, CONNECTING, CONNECTED, ENDED };

struct config {
    char *host;
    int port;
    struct weir_format format;
    bool once;
};

struct reader {
    const struct config *config;
    const struct weir_clock *clock;
    struct addrinfo *addresses;
    enum state state;
    int64_t next_try_ms;            /* away: when to connect; connecting: when to give up */
    int64_t wait_ms;                /* after the next failure */
    int fd;                         /* connecting */
    struct weir__line_reader lines; /* connected */
    int64_t line;                   /* number of the last line */
    bool announced;
    weir_decoder *decoder;
    void *value;
};

static void *reader_new(const void *config)
{
    struct reader *reader = WEIR__NEW(struct reader);
    reader->config = config;
    reader->fd = -1;
    reader->decoder = weir_decoder_new(reader->config->format);
    reader->value = weir__calloc(1, reader->config->format.type->size);
    return reader;
}

static enum weir_status reader_open(void *self, const struct weir_source_context *context,
                                    struct weir_error *error)
{
    struct reader *reader = self;
    const struct config *config = reader->config;
    char port[16];
    snprintf(port, sizeof port, "%d", config->port);
    reader->clock = context->clock;
    reader->wait_ms = FIRST_WAIT_MS;
    reader->next_try_ms = INT64_MIN;
    reader->state = context->subtask == 0 ? AWAY : ENDED;
    enum weir_status status = weir_format_check(config->format, error);
    if (status != WEIR_OK) {
        return status;
    }
    int failed = getaddrinfo(config->host, port, &(struct addrinfo){.ai_socktype = SOCK_STREAM},
                             &reader->addresses);
    return failed == 0 ? WEIR_OK
                       : weir_error_set(error, WEIR_NOT_FOUND, config->host, "no such host: %s",
                                        gai_strerror(failed));
}

static int64_t now_ms(const struct reader *reader)
{
    return weir_clock_ns(reader->clock) / 1000000;
}

/* ---- connecting ---- */

/* The connection did not come about, or is gone. */
static void go_away(struct reader *reader, const char *why)
{
    if (reader->fd >= 0) {
        close(reader->fd);
        reader->fd = -1;
    }
    if (reader->wait_ms == FIRST_WAIT_MS) {
        weir__log(WEIR__LOG_WARNING, "socket %s:%d: %s; connecting again and again",
                  reader->config->host, reader->config->port, why);
    }
    reader->state = AWAY;
    reader->next_try_ms = now_ms(reader) + reader->wait_ms;
    reader->wait_ms = reader->wait_ms * 2 < MOST_WAIT_MS ? reader->wait_ms * 2 : MOST_WAIT_MS;
}

static void begin_connecting(struct reader *reader)
{
    const struct addrinfo *address = reader->addresses;
    reader->fd = socket(address->ai_family, SOCK_STREAM, 0);
    if (reader->fd < 0 || fcntl(reader->fd, F_SETFL, O_NONBLOCK) != 0 ||
        fcntl(reader->fd, F_SETFD, FD_CLOEXEC) != 0) {
        go_away(reader, strerror(errno));
        return;
    }
    reader->state = CONNECTING;
    reader->next_try_ms = now_ms(reader) + CONNECT_MS;
    if (connect(reader->fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
        go_away(reader, strerror(errno));
    }
}

static void finish_connecting(struct reader *reader)
{
    int failure = 0;
    socklen_t size = sizeof failure;
    struct pollfd ready = {.fd = reader->fd, .events = POLLOUT};
    if (poll(&ready, 1, 0) <= 0) {
        if (now_ms(reader) >= reader->next_try_ms) {
            go_away(reader, "nobody answers");
        }
        return;
    }
    (void)getsockopt(reader->fd, SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure != 0) {
        go_away(reader, strerror(failure));
        return;
    }
    weir__line_reader_init(&reader->lines, reader->fd);
    reader->fd = -1;
    reader->state = CONNECTED;
    reader->wait_ms = FIRST_WAIT_MS;
}

/* The other side closed, or the connection broke. */
static void disconnect(struct reader *reader, weir_source_output *out)
{
    weir__line_reader_fini(&reader->lines);
    weir_source_count(out, "numDisconnects", 1);
    if (reader->config->once) {
        reader->state = ENDED;
        weir_source_split_finished(out, 0);
    } else {
        go_away(reader, "the other side closed");
    }
}

/* ---- reading ---- */

static void dead_letter(struct reader *reader, weir_source_output *out, struct weir_str line,
                        const struct weir_error *reason)
{
    struct weir_error placed = *reason;
    snprintf(placed.where, sizeof placed.where, "%.60s:%d line %" PRId64 "%s%.40s",
             reader->config->host, reader->config->port, reader->line,
             reason->where[0] != '\0' ? ", " : "", reason->where);
    weir_source_dead_letter(out, 0, reader->line, line.data, line.len, &placed);
}

/* One line has come. Errors: WEIR_UNAVAILABLE, when it cannot be read now. */
static enum weir_status deliver(struct reader *reader, weir_source_output *out,
                                enum weir__line found, struct weir_str line,
                                struct weir_error *error)
{
    struct weir_error reason = {0};
    reader->line++;
    if (found == WEIR__LINE_TOO_LONG) {
        (void)weir_error_set(&reason, WEIR_LIMIT, NULL,
                             "expected a line of at most %d bytes, got a longer one",
                             WEIR__LINE_LIMIT);
        dead_letter(reader, out, line, &reason);
        return WEIR_OK;
    }
    enum weir_status status =
        weir_decoder_decode(reader->decoder, line.data, line.len, reader->value, &reason);
    if (status == WEIR_OK) {
        weir_source_emit(out, 0, reader->value, WEIR_TIME_MIN);
    } else if (status == WEIR_UNAVAILABLE) {
        *error = reason;
        return status;
    } else {
        dead_letter(reader, out, line, &reason);
    }
    return WEIR_OK;
}

static enum weir_poll read_lines(struct reader *reader, weir_source_output *out, int budget,
                                 struct weir_error *error)
{
    for (; budget > 0; budget--) {
        struct weir_str line;
        enum weir__line found = weir__line_reader_next(&reader->lines, &line);
        if (found == WEIR__LINE_WAIT) {
            return WEIR_POLL_NOTHING;
        }
        if (found == WEIR__LINE_END || found == WEIR__LINE_FAILED) {
            disconnect(reader, out);
            return reader->state == ENDED ? WEIR_POLL_END : WEIR_POLL_NOTHING;
        }
        if (deliver(reader, out, found, line, error) != WEIR_OK) {
            return WEIR_POLL_FAILED;
        }
    }
    return WEIR_POLL_MORE;
}

static enum weir_poll reader_poll(void *self, weir_source_output *out, int budget,
                                  struct weir_error *error)
{
    struct reader *reader = self;
    if (!reader->announced && reader->state != ENDED) {
        reader->announced = true;
        weir_source_split_added(out, 0);
    }
    if (reader->state == AWAY && now_ms(reader) >= reader->next_try_ms) {
        begin_connecting(reader);
    }
    if (reader->state == CONNECTING) {
        finish_connecting(reader);
    }
    switch (reader->state) {
    case CONNECTED:
        return read_lines(reader, out, budget, error);
    case AWAY:
    case CONNECTING:
        return WEIR_POLL_NOTHING;
    case ENDED:
        break;
    }
    return WEIR_POLL_END;
}

static void reader_free(void *self)
{
    struct reader *reader = self;
    if (reader->state == CONNECTED) {
        weir__line_reader_fini(&reader->lines);
    }
    if (reader->fd >= 0) {
        close(reader->fd);
    }
    if (reader->addresses != NULL) {
        freeaddrinfo(reader->addresses);
    }
    weir_decoder_free(reader->decoder);
    weir__free(reader->value);
    weir__free(reader);
}

static void config_free(void *self)
{
    struct config *config = self;
    weir__free(config->host);
    weir__free(config);
}

static const struct weir_source_ops socket_ops = {
    .kind = "Socket",
    .reader_new = reader_new,
    .open = reader_open,
    .poll = reader_poll,
    .reader_free = reader_free,
    .config_free = config_free,
};

weir_source *weir_socket_source(const struct weir_socket_source_config *config)
{
    struct config *copy = WEIR__NEW(struct config);
    copy->host = weir__strdup(config->host != NULL ? config->host : "127.0.0.1");
    copy->port = config->port > 0 ? config->port : PORT;
    copy->format = config->format;
    copy->once = config->once;
    weir_source *source = weir_source_new(&socket_ops, "Socket", config->format.type, copy);
    source->max_parallelism = 1;
    return source;
}
