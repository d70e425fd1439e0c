/*
 * One request to a bucket, signed, tried again, and its refusals in words: what s3_client.c is made
 * of.
 */
#ifndef WEIR__CONNECTOR_S3_REQUEST_H
#define WEIR__CONNECTOR_S3_REQUEST_H

#include "connector/http.h"
#include "connector/s3_client.h"

/* Resolved, owned. */
struct weir__s3_settings {
    char *endpoint; /* "http://127.0.0.1:9000": for messages */
    char *base;     /* of the bucket's URLs: "http://127.0.0.1:9000/lakehouse" */
    char *bucket;
    char *region;
    char *access_key;
    char *secret_key;
    char *session_token; /* NULL: none */
    int64_t part_bytes;
    int64_t timeout_ms;
    int64_t first_wait_ms;
    int attempts;
};

WEIR_MUST_USE enum weir_status weir__s3_settings_read(struct weir__s3_settings *settings,
                                                      const struct weir_s3_config *given,
                                                      const struct weir__s3_tuning *tuning,
                                                      const char *bucket,
                                                      const char *const *properties,
                                                      struct weir_error *error);
void weir__s3_settings_fini(struct weir__s3_settings *settings);

struct weir__s3 {
    struct weir__s3_settings settings;
    struct weir__http *http;
    char *scope;
    struct weir__buf url;
    struct weir__buf query; /* of the request to come: escaped and sorted */
    struct weir__buf body;  /* the same, where it is small */
    struct weir__buf text;  /* of the answer */
};

struct weir__s3_request {
    const char *method;
    const char *key;   /* NULL: the bucket itself */
    const char *query; /* without its "?"; "": none */
    struct weir_str body;
    struct weir__buf *etag; /* gets the answer's ETag; NULL: not wanted */
    bool quickly;           /* one try, of two seconds */
};

/* Sends it until there is an answer that stays; its text is in s3->text. */
WEIR_MUST_USE enum weir_status weir__s3_send(struct weir__s3 *s3,
                                             const struct weir__s3_request *request,
                                             struct weir_error *error);

#endif
