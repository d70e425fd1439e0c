/*
 * The REST server of a job: Flink's paths over HTTP (libmicrohttpd), on the loopback only.
 *
 * It answers and changes nothing; only with --rest-allow-cancel does a request end the job. What a
 * client can take is bounded: so many connections, so many bytes of a request, so many seconds of
 * silence; a request with a body is refused unread. One thread of its own does everything and never
 * waits for a client, and tasks never wait for it: slow and hostile clients disturb nothing but
 * each other.
 *
 * Source: Flink's REST API.
 */
#ifndef WEIR__REST_SERVER_H
#define WEIR__REST_SERVER_H

#include "runtime/observer.h"

/* The observer's start and stop. Errors: WEIR_UNAVAILABLE (the port is taken), WEIR_UNSUPPORTED
 * (built without libmicrohttpd). */
WEIR_MUST_USE enum weir_status weir__rest_start(struct weir__monitor *monitor,
                                                const struct weir__rest_settings *settings,
                                                void **self, struct weir_error *error);
void weir__rest_stop(void *self);

#endif
