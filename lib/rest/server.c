/*
 * The HTTP side: connections, their bounds, and requests handed to rest/answer.h.
 */
#include "rest/server.h"

#ifdef WEIR_HAVE_LIBMICROHTTPD

#include "base/log.h"
#include "base/mem.h"
#include "rest/answer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

enum {
    MOST_CONNECTIONS = 64,
    IDLE_SECONDS = 10,
    REQUEST_BYTES = 16 * 1024, /* of a connection's memory: line, headers and their parsing */
};

struct server {
    struct MHD_Daemon *daemon;
    struct weir__monitor *monitor;
    bool allow_cancel;
};

/* Before the body is read, which is then refused. */
static bool has_body(struct MHD_Connection *connection)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    return (length != NULL && strcmp(length, "0") != 0) ||
           MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Transfer-Encoding") != NULL;
}

static enum MHD_Result reply(struct MHD_Connection *connection, struct weir__rest_answer *answer)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(answer->body.len, answer->body.data, MHD_RESPMEM_MUST_COPY);
    weir__buf_fini(&answer->body);
    if (response == NULL) {
        return MHD_NO;
    }
    enum MHD_Result result = MHD_add_response_header(response, "Content-Type", answer->type);
    if (result == MHD_YES) {
        result = MHD_queue_response(connection, (unsigned)answer->status, response);
    }
    MHD_destroy_response(response);
    return result;
}

/* What a request has come to; its address is what the request keeps. */
static char begun;
static char cancelling;

/* Called when the headers are there, and again when the request is complete. */
static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload_data,
                              size_t *upload_data_size, void **seen)
{
    const struct server *server = user;
    struct weir__rest_answer answer = {.type = "application/json; charset=utf-8"};
    (void)version, (void)upload_data, (void)upload_data_size;
    if (*seen == NULL && has_body(connection)) {
        weir__rest_refuse(&answer, 413, "a request has no body here");
        return reply(connection, &answer);
    }
    if (*seen == NULL) {
        *seen = &begun;
        return MHD_YES;
    }
    const struct weir__rest_request request = {
        .method = method,
        .path = url,
        .mode = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "mode"),
        .get = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "get"),
    };
    weir__rest_answer(server->monitor, server->allow_cancel, &request, &answer);
    *seen = answer.cancels ? &cancelling : &begun;
    return reply(connection, &answer);
}

/* The answer has been sent, or nobody is left to take it. */
static void complete(void *user, struct MHD_Connection *connection, void **seen,
                     enum MHD_RequestTerminationCode how)
{
    const struct server *server = user;
    (void)connection, (void)how;
    if (*seen == &cancelling) {
        weir__monitor_cancel(server->monitor);
    }
}

static void keep_quiet(void *user, const char *format, va_list arguments)
{
    (void)user, (void)format, (void)arguments; /* what a client does wrong is the client's affair */
}

/* Its thread takes no signals: they are for the threads of the job. */
static struct MHD_Daemon *start_daemon(struct server *server, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sigset_t all;
    sigset_t usual;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &usual);
    errno = 0;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ERROR_LOG, port, NULL, NULL,
        handle, server, MHD_OPTION_EXTERNAL_LOGGER, keep_quiet, NULL, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MOST_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)REQUEST_BYTES, MHD_OPTION_NOTIFY_COMPLETED, complete, server, MHD_OPTION_END);
    int why = errno;
    pthread_sigmask(SIG_SETMASK, &usual, NULL);
    errno = why;
    return daemon;
}

enum weir_status weir__rest_start(struct weir__monitor *monitor,
                                  const struct weir__rest_settings *settings, void **self,
                                  struct weir_error *error)
{
    struct server *server = WEIR__NEW(struct server);
    server->monitor = monitor;
    server->allow_cancel = settings->allow_cancel;
    server->daemon = start_daemon(server, settings->port);
    if (server->daemon == NULL) {
        weir__free(server);
        return weir_error_set(error, WEIR_UNAVAILABLE, NULL,
                              "REST: cannot listen on 127.0.0.1:%d: %s; --rest-port chooses "
                              "another port, 0 a free one",
                              (int)settings->port, errno != 0 ? strerror(errno) : "unknown reason");
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    weir__log(WEIR__LOG_INFO, "REST: http://127.0.0.1:%d",
              info != NULL ? (int)info->port : (int)settings->port);
    *self = server;
    return WEIR_OK;
}

void weir__rest_stop(void *self)
{
    struct server *server = self;
    MHD_stop_daemon(server->daemon);
    weir__free(server);
}

#else

enum weir_status weir__rest_start(struct weir__monitor *monitor,
                                  const struct weir__rest_settings *settings, void **self,
                                  struct weir_error *error)
{
    (void)monitor, (void)settings, (void)self;
    return weir_error_set(error, WEIR_UNSUPPORTED, NULL,
                          "this build has no REST server, because libmicrohttpd was not found: "
                          "install it (tools/setup), remove build/config.mk, and run make again");
}

void weir__rest_stop(void *self)
{
    (void)self;
}

#endif
