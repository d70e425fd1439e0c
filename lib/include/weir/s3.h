/*
 * S3, and what speaks its language (MinIO, Ceph, Garage, …): where the file sink puts its parts
 * when its path is "s3://BUCKET/PREFIX".
 *
 *     weir_sink_to(clicks, weir_file_sink(&(struct weir_file_sink_config){
 *         .path = "s3://lakehouse/clicks", .format = weir_json(&click_event_type)}));
 *
 *     s3://lakehouse/clicks/2024-10-22--18/part-0-0
 *
 * Buckets, names and rolling are those of <weir/file_sink.h>. A part is a multipart upload: what
 * has been uploaded cannot be seen by anybody, a checkpoint keeps its number and what was too
 * little to be uploaded (less than part_bytes, in memory until then), and the upload is completed
 * when the checkpoint after the part was rolled is complete. Then the object is there, whole. After
 * a failure uploads that the checkpoint knows go on or are completed, once only; what was begun
 * after it is aborted. At its end a job that takes no checkpoints puts a part below part_bytes
 * whole, in one request. Source: semantics sheet, section 20; Flink's S3RecoverableWriter.
 *
 * A job that is killed before its first checkpoint, and not restored, leaves uploads that are never
 * completed and cost what they weigh: give the bucket a lifecycle rule that aborts them after some
 * days (AbortIncompleteMultipartUpload).
 *
 * Requests that fail for a passing reason (no answer, a time-out, 429, 5xx) are sent again, after a
 * tenth of a second and then after ever longer, up to `attempts` times; then the job fails, and its
 * restart strategy decides. The sink's subtask stands still meanwhile.
 *
 * Settings, the first that is there:
 *
 *     here            -X, or --config          environment                       else
 *     endpoint        s3.endpoint              AWS_ENDPOINT_URL_S3,              Amazon's, of the
 *                                              AWS_ENDPOINT_URL                  region
 *     region          s3.region                AWS_REGION, AWS_DEFAULT_REGION    us-east-1
 *     access_key      s3.access-key            AWS_ACCESS_KEY_ID                 an error
 *     secret_key      s3.secret-key            AWS_SECRET_ACCESS_KEY             an error
 *     session_token   s3.session-token         AWS_SESSION_TOKEN                 none
 *     path_style      s3.path.style.access     -                                 see below
 *
 * Secrets belong into the environment: everybody on the machine sees a command line. They are never
 * logged.
 */
#ifndef WEIR_S3_H
#define WEIR_S3_H

#include <stdint.h>

enum weir_s3_style {
    WEIR_S3_STYLE_DEFAULT, /* path where an endpoint is named, else host */
    WEIR_S3_STYLE_PATH,    /* http://HOST/BUCKET/KEY */
    WEIR_S3_STYLE_HOST,    /* http://BUCKET.HOST/KEY */
};

/* Borrowed until the sink is made. Zero fields: as above. */
struct weir_s3_config {
    const char *endpoint; /* "http://127.0.0.1:9000"; with a scheme, without a path */
    const char *region;
    const char *access_key;
    const char *secret_key;
    const char *session_token;
    enum weir_s3_style style;
    int64_t
        part_bytes; /* of an upload's part, 5 MiB (the least that S3 takes) to 1 GiB; 0: 5 MiB */
    int64_t timeout_ms; /* of one request; 0: 30 s */
    int attempts;       /* of one request, 1 to 100; 0: 8, which takes 13 s when nobody answers */
};

#endif
