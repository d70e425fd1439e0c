/*
 * Answers: from a request to a text, in the shape that Flink documents for its path.
 *
 *     GET   /overview  /taskmanagers  /metrics (Prometheus)
 *     GET   /jobs  /jobs/overview  /jobs/ID  /jobs/ID/plan  /jobs/ID/checkpoints
 *     GET   /jobs/ID/metrics[?get=NAME,…]
 *     GET   /jobs/ID/vertices/V/metrics[?get=NAME,…]  …/backpressure  …/watermarks
 *     PATCH /jobs/ID[?mode=cancel]
 *
 * Errors are {"errors": [text]} with 400, 403, 404 or 405. There is one job. Where Flink tells of
 * something that Weir does not have (managed memory, bytes over the network), the member is absent.
 *
 * Threads: the server's.
 */
#ifndef WEIR__REST_ANSWER_H
#define WEIR__REST_ANSWER_H

#include "base/buf.h"
#include "runtime/monitor.h"

struct weir__rest_request {
    const char *method;
    const char *path; /* decoded, without the query */
    const char *mode; /* of the query; NULL: not given */
    const char *get;  /* the same */
};

struct weir__rest_answer {
    int status;
    const char *type; /* of the content */
    struct weir__buf body;
    bool cancels; /* once it has been sent, the job is to be cancelled: its end is the server's */
};

/* The body is to be freed by the caller. */
void weir__rest_answer(struct weir__monitor *monitor, bool allow_cancel,
                       const struct weir__rest_request *request, struct weir__rest_answer *answer);

/* ---- the parts of it ---- */

/* {"errors": […]} */
void weir__rest_refuse(struct weir__rest_answer *answer, int status, const char *format, ...)
    WEIR_PRINTF(3, 4);
const char *weir__rest_state(enum weir__job_state state); /* "RUNNING", … */
/* Without a fraction where there is none: 42, 0.25, NaN. */
void weir__rest_put_number(struct weir__buf *out, double value);

void weir__rest_put_job(struct weir__monitor *monitor, struct weir__buf *out);
void weir__rest_put_jobs_overview(struct weir__monitor *monitor, struct weir__buf *out);
void weir__rest_put_checkpoints(struct weir__monitor *monitor, struct weir__buf *out);
/* The metrics of the job as a whole: numRestarts, lastCheckpointDuration, … */
void weir__rest_each_job_metric(const struct weir__monitor_job *job,
                                void (*visit)(const char *name, int64_t value, void *user),
                                void *user);
/* get: names with a comma between them; NULL: all, without values. */
void weir__rest_put_job_metrics(struct weir__monitor *monitor, const char *get,
                                struct weir__buf *out);
void weir__rest_put_metrics(struct weir__monitor *monitor, size_t vertex, const char *get,
                            struct weir__buf *out);
void weir__rest_put_watermarks(struct weir__monitor *monitor, size_t vertex, struct weir__buf *out);
void weir__rest_put_backpressure(struct weir__monitor *monitor, size_t vertex,
                                 struct weir__buf *out);
/* Everything, as text for Prometheus. */
void weir__rest_put_prometheus(struct weir__monitor *monitor, struct weir__buf *out);

#endif
