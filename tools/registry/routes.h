/*
 * Requests to a schema registry, without the network: path and body in, status and JSON out.
 */
#ifndef WEIR_TOOLS_REGISTRY_ROUTES_H
#define WEIR_TOOLS_REGISTRY_ROUTES_H

#include "base/buf.h"
#include "registry/store.h"

#define REGISTRY_MOST_BODY (2 * 1024 * 1024) /* bytes */

struct registry_request {
    const char *method;
    const char *path; /* decoded */
    struct weir_str body;
};

/* Answers a request; returns the HTTP status. *answer is emptied before. */
int registry_answer(struct registry_store *store, const struct registry_request *request,
                    struct weir__buf *answer);

/* {"error_code", "message"} for a request that cannot be answered; returns the HTTP status. */
int registry_refuse(struct weir__buf *answer, int error_code, const char *message);

#endif
