/*
 * Requests to S3 (see s3_request.h).
 */
#include "connector/s3_request.h"

#include "base/escape.h"
#include "base/log.h"
#include "base/mem.h"
#include "connector/s3_xml.h"
#include "connector/sha256.h"

#include <stdio.h>

enum { MOST_ANSWER_BYTES = 8 * 1024 * 1024, MOST_WAIT_MS = 5000, QUICK_MS = 2000, CODE_SIZE = 64 };

/* ---- what a refusal means ---- */

/* What to do about the codes that a person can do something about. */
static const struct advice {
    const char *code;
    enum weir_status status;
    const char *text;
} advices[] = {
    {"NoSuchKey", WEIR_NOT_FOUND, "there is no such object"},
    {"NoSuchUpload", WEIR_NOT_FOUND, "there is no such upload: completed, or aborted"},
    {"NoSuchBucket", WEIR_INVALID,
     "there is no such bucket; make it first (`aws s3 mb s3://NAME`, or `tools/s3 bucket NAME` "
     "where "
     "tools/s3 runs the server)"},
    {"InvalidAccessKeyId", WEIR_INVALID, "nobody has this access key: check AWS_ACCESS_KEY_ID"},
    {"SignatureDoesNotMatch", WEIR_INVALID,
     "the secret key is wrong: check AWS_SECRET_ACCESS_KEY (and AWS_REGION, which is signed too)"},
    {"AccessDenied", WEIR_INVALID,
     "these credentials may not do that: they need s3:PutObject, s3:AbortMultipartUpload, "
     "s3:ListBucket and s3:ListBucketMultipartUploads there"},
    {"ExpiredToken", WEIR_INVALID, "the session token has expired: get another one"},
    {"RequestTimeTooSkewed", WEIR_INVALID, "this machine's clock is wrong: set it"},
    {"AuthorizationHeaderMalformed", WEIR_INVALID,
     "the bucket is in another region: set AWS_REGION"},
    {"PermanentRedirect", WEIR_INVALID, "the bucket is in another region: set AWS_REGION"},
    {"RequestTimeout", WEIR_TIMED_OUT, "the server did not get all of it in time"},
    {"InternalError", WEIR_UNAVAILABLE, "the server has a problem"},
    {"SlowDown", WEIR_UNAVAILABLE, "the server wants fewer requests"},
};

static const struct advice *advice_of(const char *code)
{
    for (size_t i = 0; i < sizeof advices / sizeof advices[0]; i++) {
        if (strcmp(advices[i].code, code) == 0) {
            return &advices[i];
        }
    }
    return NULL;
}

static enum weir_status meaning_of(long http_status)
{
    return http_status == 404                         ? WEIR_NOT_FOUND
           : http_status == 403 || http_status == 401 ? WEIR_INVALID
           : http_status == 408                       ? WEIR_TIMED_OUT
           : http_status == 429 || http_status >= 500 ? WEIR_UNAVAILABLE
                                                      : WEIR_IO;
}

static enum weir_status refuse(struct weir__s3 *s3, const struct weir__s3_request *request,
                               long http_status, struct weir_error *error)
{
    char code[CODE_SIZE];
    char said[200];
    const struct weir_str text = {s3->text.data, (uint32_t)s3->text.len};
    weir__printable(weir__s3_xml_element(text, "Code", NULL), code, sizeof code);
    weir__printable(weir__s3_xml_element(text, "Message", NULL), said, sizeof said);
    const struct advice *advice = advice_of(code);
    enum weir_status status = advice != NULL ? advice->status : meaning_of(http_status);
    char *where =
        weir__asprintf("s3://%s/%s", s3->settings.bucket, request->key != NULL ? request->key : "");
    (void)weir_error_set(error, status, where, "S3 answered %ld%s%s: %s", http_status,
                         code[0] != '\0' ? " " : "", code,
                         advice != NULL       ? advice->text
                         : said[0] != '\0'    ? said
                         : http_status == 403 ? "it refuses the credentials, or the bucket to them"
                                              : "no reason given");
    weir__free(where);
    return status;
}

/* An upload that cannot be completed may be said so behind a 200: the answer begins early, so that
 * the connection stays. */
static bool is_refused(const struct weir__s3 *s3, long http_status)
{
    const struct weir_str text = {s3->text.data, (uint32_t)s3->text.len};
    return http_status < 200 || http_status > 299 ||
           weir__s3_xml_element(text, "Error", NULL).data != NULL;
}

/* ---- sending ---- */

static void put_url(struct weir__s3 *s3, const struct weir__s3_request *request)
{
    s3->url.len = 0;
    weir__buf_printf(&s3->url, "%s/", s3->settings.base);
    for (const char *at = request->key; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, "/");
        weir__http_put_escaped(&s3->url, (struct weir_str){at, (uint32_t)len});
        at += len;
        if (*at == '/') {
            weir__buf_put_u8(&s3->url, '/');
            at++;
        }
    }
    weir__buf_printf(&s3->url, "%s%s", request->query[0] != '\0' ? "?" : "", request->query);
}

/* *answered: an error is the server's. */
static enum weir_status send_once(struct weir__s3 *s3, const struct weir__s3_request *request,
                                  bool *answered, struct weir_error *error)
{
    char digest[WEIR__SHA256_TEXT];
    char hashed[sizeof "x-amz-content-sha256: " + WEIR__SHA256_TEXT];
    *answered = false;
    enum weir_status status = weir__sha256(request->body.data, request->body.len, digest, error);
    if (status != WEIR_OK) {
        return status;
    }
    char *token = s3->settings.session_token != NULL
                      ? weir__asprintf("x-amz-security-token: %s", s3->settings.session_token)
                      : NULL;
    bool has_body = strcmp(request->method, "PUT") == 0 || strcmp(request->method, "POST") == 0;
    snprintf(hashed, sizeof hashed, "x-amz-content-sha256: %s", digest);
    const char *const headers[] = {hashed, token, NULL};
    const struct weir__http_signer signer = {s3->scope, s3->settings.access_key,
                                             s3->settings.secret_key};
    long http_status = 0;
    put_url(s3, request);
    status =
        weir__http_send(s3->http,
                        &(struct weir__http_request){
                            .method = request->method,
                            .url = s3->url.data,
                            .content_type = has_body ? "application/octet-stream" : NULL,
                            .body = request->body,
                            .timeout_ms = request->quickly ? QUICK_MS : s3->settings.timeout_ms,
                            .most_answer_bytes = MOST_ANSWER_BYTES,
                            .headers = headers,
                            .signer = &signer,
                            .wanted_header = request->etag != NULL ? "ETag:" : NULL,
                            .header = request->etag,
                        },
                        &http_status, &s3->text, error);
    weir__free(token);
    *answered = status == WEIR_OK;
    status = status == WEIR_LIMIT ? WEIR_IO : status; /* to a sink it would mean: offer it again */
    if (status == WEIR_OK && is_refused(s3, http_status)) {
        return refuse(s3, request, http_status, error);
    }
    return status;
}

static bool is_passing(enum weir_status status)
{
    return status == WEIR_UNAVAILABLE || status == WEIR_TIMED_OUT;
}

/* In vain, to the last. Where nobody answered, the endpoint may be wrong. */
static void explain(const struct weir__s3 *s3, int attempts, bool answered,
                    struct weir_error *error)
{
    struct weir_error why = *error;
    (void)weir_error_set(error, why.code, why.where, "S3 at %.100s, tried %d times: %.200s%s",
                         s3->settings.endpoint, attempts, why.message,
                         answered ? ""
                                  : ". Is the endpoint right (AWS_ENDPOINT_URL)? `tools/s3 up` "
                                    "starts a server for learning");
}

enum weir_status weir__s3_send(struct weir__s3 *s3, const struct weir__s3_request *request,
                               struct weir_error *error)
{
    struct weir_error why = {0};
    bool answered = false;
    int attempts = request->quickly ? 1 : s3->settings.attempts;
    int64_t wait_ms = s3->settings.first_wait_ms;
    enum weir_status status = send_once(s3, request, &answered, &why);
    for (int i = 1; i < attempts && is_passing(status); i++) {
        if (i == 1) {
            weir__log(WEIR__LOG_WARNING, "S3: %s; trying again, up to %d times", why.message,
                      attempts - 1);
        }
        weir__http_wait(wait_ms);
        wait_ms = wait_ms * 2 < MOST_WAIT_MS ? wait_ms * 2 : MOST_WAIT_MS;
        status = send_once(s3, request, &answered, &why);
    }
    if (is_passing(status)) {
        explain(s3, attempts, answered, &why);
    }
    if (status != WEIR_OK && error != NULL) {
        *error = why;
    }
    return status;
}
