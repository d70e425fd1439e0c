/*
 * The stand-in registry's server (see server.h).
 */
#include "registry/server.h"

#ifdef WEIR_HAVE_LIBMICROHTTPD

#include "base/mem.h"
#include "registry/routes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>

enum { MOST_CONNECTIONS = 64, IDLE_SECONDS = 30 };

struct registry_server {
    struct MHD_Daemon *daemon;
    uint16_t port;
    /* of the server's thread */
    struct registry_store store;
};

/* A request while its body comes. */
struct incoming {
    struct weir__buf body;
    bool too_long;
};

static enum MHD_Result reply(struct MHD_Connection *connection, int status, struct weir__buf *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(text->len, text->data, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result =
        MHD_add_response_header(response, "Content-Type", "application/vnd.schemaregistry.v1+json");
    if (result == MHD_YES) {
        result = MHD_queue_response(connection, (unsigned)status, response);
    }
    MHD_destroy_response(response);
    return result;
}

/* Called when a request begins, for each piece of its body, and at its end. */
static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload_data,
                              size_t *upload_data_size, void **request)
{
    struct registry_server *server = user;
    struct incoming *incoming = *request;
    (void)version;
    if (incoming == NULL) {
        *request = WEIR__NEW(struct incoming);
        return MHD_YES;
    }
    if (*upload_data_size > 0) {
        incoming->too_long =
            incoming->too_long || *upload_data_size > REGISTRY_MOST_BODY - incoming->body.len;
        if (!incoming->too_long) {
            weir__buf_put(&incoming->body, upload_data, *upload_data_size);
        }
        *upload_data_size = 0;
        return MHD_YES;
    }
    struct weir__buf answer = {0};
    struct registry_request asked = {
        .method = method,
        .path = url,
        .body = {incoming->body.data, (uint32_t)incoming->body.len},
    };
    int status = incoming->too_long
                     ? registry_refuse(&answer, 413, "The body is longer than 2 MiB.")
                     : registry_answer(&server->store, &asked, &answer);
    enum MHD_Result result = reply(connection, status, &answer);
    weir__buf_fini(&answer);
    return result;
}

static void forget(void *user, struct MHD_Connection *connection, void **request,
                   enum MHD_RequestTerminationCode how)
{
    struct incoming *incoming = *request;
    (void)user, (void)connection, (void)how;
    if (incoming != NULL) {
        weir__buf_fini(&incoming->body);
        weir__free(incoming);
        *request = NULL;
    }
}

enum weir_status registry_server_start(uint16_t port, registry_server **started,
                                       struct weir_error *error)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    registry_server *server = WEIR__NEW(registry_server);
    registry_store_init(&server->store);
    errno = 0;
    server->daemon = MHD_start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, port, NULL, NULL, handle, server,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)MOST_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
        MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_END);
    if (server->daemon == NULL) {
        enum weir_status status =
            weir_error_set(error, WEIR_UNAVAILABLE, NULL, "cannot listen on 127.0.0.1:%d: %s",
                           (int)port, errno != 0 ? strerror(errno) : "unknown reason");
        registry_store_fini(&server->store);
        weir__free(server);
        return status;
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    server->port = info != NULL ? info->port : port;
    *started = server;
    return WEIR_OK;
}

void registry_server_stop(registry_server *server)
{
    MHD_stop_daemon(server->daemon);
    registry_store_fini(&server->store);
    weir__free(server);
}

uint16_t registry_server_port(const registry_server *server)
{
    return server->port;
}

#else

enum weir_status registry_server_start(uint16_t port, registry_server **started,
                                       struct weir_error *error)
{
    (void)port, (void)started;
    return weir_error_set(error, WEIR_UNSUPPORTED, NULL,
                          "this build has no HTTP server, because libmicrohttpd was not found: "
                          "install it (tools/setup), remove build/config.mk, and run make again");
}

void registry_server_stop(registry_server *server)
{
    (void)server;
}

uint16_t registry_server_port(const registry_server *server)
{
    (void)server;
    return 0;
}

#endif
