/*
 * The stand-in schema registry: Confluent's HTTP paths over a store in memory (libmicrohttpd), on
 * the loopback. For classes and tests without a real one.
 *
 *     GET    /subjects                                     [names]
 *     GET    /subjects/S/versions                          [numbers]
 *     POST   /subjects/S/versions        {"schema"}        {"id"}
 *     GET    /subjects/S/versions/V                        {"subject","version","id","schema"}; V may be latest
 *     POST   /subjects/S                 {"schema"}        the same, of the version that has this schema
 *     DELETE /subjects/S                                   [numbers]
 *     GET    /schemas/ids/N                                {"schema"}
 *     GET    /schemas/types                                ["AVRO"]
 *     POST   /compatibility/subjects/S/versions/V {"schema"}   {"is_compatible"}
 *     GET    /config, /config/S                            {"compatibilityLevel"}
 *     PUT    /config, /config/S          {"compatibility"} {"compatibility"}
 *
 * Errors are {"error_code", "message"} with the codes that Confluent's has (404xx, 409, 422xx).
 *
 * Threads: one of the server's own handles all requests; the store is its.
 */
#ifndef WEIR_TOOLS_REGISTRY_SERVER_H
#define WEIR_TOOLS_REGISTRY_SERVER_H

#include <weir/status.h>

#include <stdint.h>

typedef struct registry_server registry_server;

/* port 0: a free one. Errors: WEIR_UNAVAILABLE (the port is taken), WEIR_UNSUPPORTED (built without
 * libmicrohttpd). */
WEIR_MUST_USE enum weir_status registry_server_start(uint16_t port, registry_server **server,
                                                     struct weir_error *error);
void registry_server_stop(registry_server *server);
uint16_t registry_server_port(const registry_server *server);

#endif
