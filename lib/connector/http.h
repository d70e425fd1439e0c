/*
 * HTTP requests (libcurl): one at a time, with a time-out and a bound on the answer.
 *
 * A client keeps its connection between requests. It follows no redirections, talks only http and
 * https, and answers statuses as they are: what they mean is for the caller to say. A request may
 * be signed as Amazon's services ask (Signature Version 4). Where the library was built without
 * libcurl, every request says so. One thread at a time.
 */
#ifndef WEIR__CONNECTOR_HTTP_H
#define WEIR__CONNECTOR_HTTP_H

#include "base/buf.h"

#include <weir/status.h>

struct weir__http;

/*
 * Signature Version 4. The signer of libcurl 7.88 takes path and query as they are: percent-encoded
 * by the caller, parameters sorted, each with its "=". It signs the headers of the request too, and
 * wants the body's SHA-256 to be one of them (x-amz-content-sha256).
 */
struct weir__http_signer {
    const char *scope; /* "aws:amz:REGION:s3" */
    const char *access_key;
    const char *secret_key;
};

struct weir__http_request {
    const char *method;       /* "GET", "POST", "PUT", "DELETE", "HEAD" */
    const char *url;          /* whole */
    const char *content_type; /* of the body; NULL: there is none */
    struct weir_str body;
    const char *const *headers; /* more of them, "Name: value", NULL behind the last; NULL: none */
    const char *user;           /* basic authentication; NULL: none */
    const char *password;
    const char *ca_file;      /* PEM, whom https trusts; NULL: whom the system trusts */
    int64_t timeout_ms;       /* of all of it; >= 1 */
    size_t most_answer_bytes; /* more is an error */
    const struct weir__http_signer *signer; /* NULL: not signed */
    const char *wanted_header;              /* of the answer, with its colon: "ETag:"; NULL: none */
    struct weir__buf *header;               /* gets its value, or nothing */
};

struct weir__http *weir__http_new(void);
void weir__http_free(struct weir__http *http);

/*
 * Sends the request, and waits. *status gets the answer's, 100 to 599; *answer (emptied before) its
 * body, with a NUL behind its len. Errors: WEIR_UNAVAILABLE and WEIR_TIMED_OUT (retriable: nobody
 * answered, or not in time), WEIR_LIMIT (a longer answer), WEIR_INVALID (no such URL),
 * WEIR_UNSUPPORTED (built without libcurl), WEIR_IO. error->where is the URL.
 */
WEIR_MUST_USE enum weir_status weir__http_send(struct weir__http *http,
                                               const struct weir__http_request *request,
                                               long *status, struct weir__buf *answer,
                                               struct weir_error *error);

/* Waits without doing anything, for a client that was told to come back later. */
void weir__http_wait(int64_t ms);

/* Appends text as a part of a path: everything but letters, digits and -._~ as %XX. */
void weir__http_put_escaped(struct weir__buf *out, struct weir_str text);

#endif
