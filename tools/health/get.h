/*
 * Asking a job's REST server: one GET, one JSON answer.
 */
#ifndef WEIR_TOOLS_HEALTH_GET_H
#define WEIR_TOOLS_HEALTH_GET_H

#include <weir/status.h>

#include <jansson.h>

enum { HEALTH_ID = 40 };

/* GETs url + path; *status is the answer's, *json its body, owned by the caller. Errors:
 * WEIR_UNAVAILABLE and others of connector/http.h; WEIR_CORRUPT: the answer is no JSON. */
WEIR_MUST_USE enum weir_status health_get(const char *url, const char *path, long *status,
                                          json_t **json, struct weir_error *error);
/* The id of the server's job. Errors: as health_get; WEIR_CORRUPT: there is no job. */
WEIR_MUST_USE enum weir_status health_job_id(const char *url, char id[HEALTH_ID],
                                             struct weir_error *error);
/* WEIR_CORRUPT: the answer was not in the shape of Flink's. */
enum weir_status health_wrong(struct weir_error *error);

#endif
