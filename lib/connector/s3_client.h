/*
 * A client of one bucket of S3: objects put whole, multipart uploads, and looking.
 *
 *     weir__s3_put              the object is there
 *     weir__s3_upload_begin   ▶ the upload's id
 *     weir__s3_upload_part    ▶ the part's ETag; 5 MiB or more, except the last one
 *     weir__s3_upload_complete  the object is there, whole; all ETags are needed
 *     weir__s3_upload_abort     nothing is left
 *
 * Every request can be the last of a process, and may be sent again by the next one: a part that is
 * uploaded again takes the place of the first, and an upload that is gone was completed or aborted,
 * which its object tells. Requests that fail for a passing reason are tried again here. Keys are
 * text: escaping is done here too.
 *
 * Errors of all: WEIR_NOT_FOUND (no such object or upload), WEIR_INVALID (credentials, bucket,
 * region: the message says what to do), WEIR_UNAVAILABLE and WEIR_TIMED_OUT (tried in vain),
 * WEIR_IO (another refusal). Threads: one.
 */
#ifndef WEIR__CONNECTOR_S3_CLIENT_H
#define WEIR__CONNECTOR_S3_CLIENT_H

#include "base/buf.h"
#include "base/vec.h"

#include <weir/s3.h>
#include <weir/status.h>

struct weir__s3;

enum { WEIR__S3_LEAST_PART = 5 * 1024 * 1024, WEIR__S3_MOST_PARTS = 10000 };

/* What a test sets: else zero. */
struct weir__s3_tuning {
    int64_t first_wait_ms;    /* before the second try; then twice as long each; 0: 100 */
    int64_t least_part_bytes; /* 0: WEIR__S3_LEAST_PART */
};

/* Settings come from `given`, the job's properties, and the environment (<weir/s3.h>). Errors:
 * WEIR_INVALID. */
WEIR_MUST_USE enum weir_status weir__s3_new(const struct weir_s3_config *given,
                                            const struct weir__s3_tuning *tuning,
                                            const char *bucket, const char *const *properties,
                                            struct weir__s3 **s3, struct weir_error *error);
void weir__s3_free(struct weir__s3 *s3);

/* Of an upload's part, all but the last; resolved. */
size_t weir__s3_part_bytes(const struct weir__s3 *s3);

/* Is the server there, are the credentials right, is there such a bucket? */
WEIR_MUST_USE enum weir_status weir__s3_check(struct weir__s3 *s3, struct weir_error *error);
/* Whether there is such an object. */
WEIR_MUST_USE enum weir_status weir__s3_look(struct weir__s3 *s3, const char *key, bool *there,
                                             struct weir_error *error);

/* An object in one request, in place of what had its key; 5 GiB are the most that S3 takes. */
WEIR_MUST_USE enum weir_status weir__s3_put(struct weir__s3 *s3, const char *key,
                                            struct weir_str bytes, struct weir_error *error);
/* *id: emptied before, with a NUL behind its len. */
WEIR_MUST_USE enum weir_status weir__s3_upload_begin(struct weir__s3 *s3, const char *key,
                                                     struct weir__buf *id,
                                                     struct weir_error *error);
/* number: 1 to WEIR__S3_MOST_PARTS. *etag: as the id. */
WEIR_MUST_USE enum weir_status weir__s3_upload_part(struct weir__s3 *s3, const char *key,
                                                    const char *id, int number,
                                                    struct weir_str bytes, struct weir__buf *etag,
                                                    struct weir_error *error);
/* etags: of char *, of the parts 1, 2, … */
WEIR_MUST_USE enum weir_status weir__s3_upload_complete(struct weir__s3 *s3, const char *key,
                                                        const char *id,
                                                        const struct weir__vec *etags,
                                                        struct weir_error *error);
/* One try of two seconds when `quickly`. */
WEIR_MUST_USE enum weir_status weir__s3_upload_abort(struct weir__s3 *s3, const char *key,
                                                     const char *id, bool quickly,
                                                     struct weir_error *error);
/* Whether the upload is neither completed nor aborted. */
WEIR_MUST_USE enum weir_status weir__s3_upload_look(struct weir__s3 *s3, const char *key,
                                                    const char *id, bool *there,
                                                    struct weir_error *error);

struct weir__s3_upload {
    char *key;
    char *id;
};
/* The open uploads whose keys begin with `prefix`. *uploads: initialised here; of struct
 * weir__s3_upload, owned. */
WEIR_MUST_USE enum weir_status weir__s3_uploads(struct weir__s3 *s3, const char *prefix,
                                                struct weir__vec *uploads,
                                                struct weir_error *error);
void weir__s3_uploads_fini(struct weir__vec *uploads);

#endif
