/*
 * A running job, as its REST server tells of it.
 */
#ifndef WEIR_TOOLS_HEALTH_JOB_H
#define WEIR_TOOLS_HEALTH_JOB_H

#include <weir/status.h>

#include <stdbool.h>
#include <stdint.h>

struct health_job {
    char name[128];
    char state[24]; /* "RUNNING", … */
    int64_t duration_ms;
    int64_t records; /* that its vertices took in and gave out */
    int64_t restarts;
    bool takes_checkpoints;
    int64_t completed;
    int64_t failed;
    int64_t last_ms; /* the duration of the last complete one; 0: none */
};

/* url: of the server, without a path. Errors: WEIR_UNAVAILABLE and others of connector/http.h;
 * WEIR_CORRUPT: what answers is no such server, or has no job. */
WEIR_MUST_USE enum weir_status health_ask(const char *url, struct health_job *job,
                                          struct weir_error *error);

#endif
