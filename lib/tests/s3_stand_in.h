/*
 * A bucket of S3 in a thread of the test: multipart uploads in memory, requests that can be
 * counted, and trouble at any of them. One request a connection, one connection at a time.
 *
 * It checks what libcurl's own signer cannot be asked: that the body's SHA-256 is the body's and is
 * signed, and that the query is sorted. Whether signatures are right, a real server says
 * (tools/tests/s3/).
 */
#ifndef WEIR__TESTS_S3_STAND_IN_H
#define WEIR__TESTS_S3_STAND_IN_H

#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"
#include "connector/sha256.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum trouble {
    NO_TROUBLE,
    INTERNAL_ERROR, /* 500 */
    SLOW_DOWN,      /* 503 */
    TOO_MANY,       /* 429 */
    NO_ANSWER,      /* closes, and has done nothing */
    LOST_ANSWER,    /* closes when it is done */
    HALF_ANSWER,    /* of its length */
    SILENCE,        /* until the other side gives up */
    LATE_ERROR,     /* to a POST 200, and then an error in the answer, else 500; nothing was done */
    FORBIDDEN,      /* 403 */
    TROUBLES,
};

struct stored {
    char *key;
    struct weir__buf bytes;
};

enum { STAND_IN_PARTS = 64 };

struct begun {
    char *key;
    char id[16];
    struct weir__buf parts[STAND_IN_PARTS];
    bool has[STAND_IN_PARTS];
};

struct s3_stand_in {
    int listener;
    int port;
    pthread_t thread;
    pthread_mutex_t lock;
    /* under lock */
    struct weir__vec objects; /* struct stored */
    struct weir__vec uploads; /* struct begun */
    int next_id;
    int requests;   /* so far */
    int trouble_at; /* a request's number, from 1; 0: never */
    int troubles;   /* how many requests from there on have it */
    enum trouble trouble;
    size_t least_part;
    const char *token;   /* that every request must show and sign; NULL: none */
    char complaint[200]; /* what was wrong with a request */
};

struct s3_call {
    char head[8192];
    char method[8];
    char key[512];   /* decoded, without the bucket */
    char query[512]; /* as it came */
    struct weir__buf body;
};

/* ---- what is stored ---- */

static struct stored *s3_object(struct s3_stand_in *s3, const char *key)
{
    for (size_t i = 0; i < s3->objects.count; i++) {
        struct stored *object = weir__vec_at(&s3->objects, i);
        if (strcmp(object->key, key) == 0) {
            return object;
        }
    }
    return NULL;
}

static size_t s3_upload_index(const struct s3_stand_in *s3, const char *key, const char *id)
{
    for (size_t i = 0; i < s3->uploads.count; i++) {
        const struct begun *upload = weir__vec_at(&s3->uploads, i);
        if (strcmp(upload->key, key) == 0 && strcmp(upload->id, id) == 0) {
            return i;
        }
    }
    return s3->uploads.count;
}

static void s3_forget_upload(struct s3_stand_in *s3, size_t index)
{
    struct begun *upload = weir__vec_at(&s3->uploads, index);
    for (int i = 0; i < STAND_IN_PARTS; i++) {
        weir__buf_fini(&upload->parts[i]);
    }
    weir__free(upload->key);
    weir__vec_remove(&s3->uploads, index);
}

/* ---- one request ---- */

static bool s3_parameter(const struct s3_call *call, const char *name, char *value, size_t size)
{
    size_t len = strlen(name);
    const char *at = call->query;
    while (at != NULL && !(strncmp(at, name, len) == 0 && at[len] == '=')) {
        at = strchr(at, '&');
        at = at != NULL ? at + 1 : NULL;
    }
    if (at == NULL) {
        return false;
    }
    snprintf(value, size, "%.*s", (int)strcspn(at + len + 1, "&"), at + len + 1);
    return true;
}

static bool s3_header(const struct s3_call *call, const char *name, char *value, size_t size)
{
    size_t len = strlen(name);
    for (const char *at = strstr(call->head, "\r\n"); at != NULL; at = strstr(at + 2, "\r\n")) {
        if (strncasecmp(at + 2, name, len) == 0 && at[2 + len] == ':') {
            const char *text = at + 3 + len + strspn(at + 3 + len, " ");
            snprintf(value, size, "%.*s", (int)strcspn(text, "\r"), text);
            return true;
        }
    }
    return false;
}

static void s3_decode(const char *from, size_t len, char *to, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < len && at + 1 < size; i++) {
        unsigned code = 0;
        if (from[i] == '%' && i + 2 < len && sscanf(from + i + 1, "%2x", &code) == 1) {
            to[at++] = (char)code;
            i += 2;
        } else {
            to[at++] = from[i];
        }
    }
    to[at] = '\0';
}

static bool s3_read_call(int fd, struct s3_call *call)
{
    size_t len = 0;
    char *end = NULL;
    call->head[0] = '\0';
    while (end == NULL && len < sizeof call->head - 1) {
        ssize_t got = read(fd, call->head + len, sizeof call->head - 1 - len);
        if (got <= 0) {
            return false;
        }
        len += (size_t)got;
        call->head[len] = '\0';
        end = strstr(call->head, "\r\n\r\n");
    }
    if (end == NULL) {
        return false;
    }
    char length[24] = "0";
    call->body.len = 0;
    weir__buf_put(&call->body, end + 4, len - (size_t)(end + 4 - call->head));
    end[2] = '\0';
    (void)s3_header(call, "Content-Length", length, sizeof length);
    size_t wanted = strtoul(length, NULL, 10);
    while (call->body.len < wanted) {
        weir__buf_reserve(&call->body, wanted);
        ssize_t got = read(fd, call->body.data + call->body.len, wanted - call->body.len);
        if (got <= 0) {
            return false;
        }
        call->body.len += (size_t)got;
    }
    weir__buf_put_u8(&call->body, '\0');
    call->body.len--;
    char path[600];
    ck_assert_int_eq(sscanf(call->head, "%7s %599s", call->method, path), 2);
    char *query = strchr(path, '?');
    snprintf(call->query, sizeof call->query, "%s", query != NULL ? query + 1 : "");
    size_t path_len = query != NULL ? (size_t)(query - path) : strlen(path);
    const char *key = strchr(path + 1, '/');
    s3_decode(key + 1, path_len - (size_t)(key + 1 - path), call->key, sizeof call->key);
    return true;
}

static void s3_complain(struct s3_stand_in *s3, const struct s3_call *call)
{
    char said[80] = "";
    char authorization[600] = "";
    char digest[WEIR__SHA256_TEXT];
    char last[128] = "";
    ck_assert_int_eq(weir__sha256(call->body.data, call->body.len, digest, NULL), WEIR_OK);
    (void)s3_header(call, "x-amz-content-sha256", said, sizeof said);
    (void)s3_header(call, "Authorization", authorization, sizeof authorization);
    bool sorted = true;
    for (const char *at = call->query; *at != '\0';) {
        char name[128];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "="), at);
        sorted = sorted && strcmp(last, name) < 0;
        snprintf(last, sizeof last, "%s", name);
        at += strcspn(at, "&");
        at += *at == '&';
    }
    char token[80] = "";
    (void)s3_header(call, "x-amz-security-token", token, sizeof token);
    bool shows_token = s3->token == NULL || (strcmp(token, s3->token) == 0 &&
                                             strstr(authorization, "x-amz-security-token") != NULL);
    if (strcmp(said, digest) != 0 || !sorted || !shows_token ||
        strncmp(authorization, "AWS4-HMAC-SHA256 Credential=learner/", 36) != 0 ||
        strstr(authorization, "/us-east-1/s3/aws4_request") == NULL ||
        strstr(authorization, "x-amz-content-sha256") == NULL) {
        snprintf(s3->complaint, sizeof s3->complaint,
                 "%s /%.80s?%.60s: hash, query, signed headers or token", call->method, call->key,
                 call->query);
    }
}

/* ---- what is done ---- */

static int s3_begin(struct s3_stand_in *s3, const struct s3_call *call, struct weir__buf *out)
{
    struct begun upload = {.key = weir__strdup(call->key)};
    snprintf(upload.id, sizeof upload.id, "up-%d", ++s3->next_id);
    weir__vec_push(&s3->uploads, &upload);
    weir__buf_printf(out, "<R xmlns=\"x\"><Key>k</Key><UploadId>%s</UploadId></R>", upload.id);
    return 200;
}

static int s3_put_part(struct s3_stand_in *s3, const struct s3_call *call, struct begun *upload)
{
    char number[16] = "";
    (void)s3_parameter(call, "partNumber", number, sizeof number);
    int part = (int)strtol(number, NULL, 10) - 1;
    ck_assert(part >= 0 && part < STAND_IN_PARTS);
    upload->parts[part].len = 0;
    weir__buf_put(&upload->parts[part], call->body.data, call->body.len);
    upload->has[part] = true;
    (void)s3;
    return 200;
}

/* In place of what has its key; takes the object over. */
static void s3_store(struct s3_stand_in *s3, struct stored object)
{
    struct stored *old = s3_object(s3, object.key);
    if (old != NULL) {
        weir__buf_fini(&old->bytes);
        old->bytes = object.bytes;
        weir__free(object.key);
    } else {
        weir__vec_push(&s3->objects, &object);
    }
}

static int s3_put_object(struct s3_stand_in *s3, const struct s3_call *call)
{
    struct stored object = {.key = weir__strdup(call->key)};
    weir__buf_put(&object.bytes, call->body.data, call->body.len);
    s3_store(s3, object);
    return 200;
}

/* The parts that the body names, in its order; "e<n>" is the ETag of part n. */
static int s3_complete(struct s3_stand_in *s3, const struct s3_call *call, size_t index,
                       struct weir__buf *out)
{
    struct begun *upload = weir__vec_at(&s3->uploads, index);
    struct stored object = {.key = weir__strdup(call->key)};
    const char *at = call->body.data;
    int number = 0;
    int code = 200;
    weir__buf_printf(out, "<Complete/>");
    while (code == 200 && (at = strstr(at, "<PartNumber>")) != NULL) {
        char etag[32] = "";
        number = (int)strtol(at + strlen("<PartNumber>"), NULL, 10);
        at = strstr(at, "<ETag>") + strlen("<ETag>");
        snprintf(etag, sizeof etag, "&quot;e%d&quot;", number);
        const char *next = strstr(at, "<PartNumber>");
        const struct weir__buf *part = &upload->parts[number - 1];
        if (!upload->has[number - 1] || strncmp(at, etag, strlen(etag)) != 0 ||
            (next != NULL && part->len < s3->least_part)) {
            out->len = 0;
            weir__buf_printf(out, "<Error><Code>InvalidPart</Code></Error>");
            code = 400;
        }
        weir__buf_put(&object.bytes, part->data, part->len);
    }
    if (code == 200) {
        s3_store(s3, object);
        s3_forget_upload(s3, index);
    } else {
        weir__buf_fini(&object.bytes);
        weir__free(object.key);
    }
    return code;
}

static int s3_list_uploads(struct s3_stand_in *s3, const struct s3_call *call,
                           struct weir__buf *out)
{
    char escaped[200] = "";
    char prefix[200];
    char marker[32] = "";
    (void)s3_parameter(call, "prefix", escaped, sizeof escaped);
    bool second = s3_parameter(call, "upload-id-marker", marker, sizeof marker);
    s3_decode(escaped, strlen(escaped), prefix, sizeof prefix);
    weir__buf_printf(out, "<List><Prefix/>");
    bool skip = second;
    int given = 0;
    for (size_t i = 0; i < s3->uploads.count && given < 2; i++) { /* pages of two */
        const struct begun *upload = weir__vec_at(&s3->uploads, i);
        if (!skip && strncmp(upload->key, prefix, strlen(prefix)) == 0) {
            weir__buf_printf(out, "<Upload><Key>%s</Key><UploadId>%s</UploadId></Upload>",
                             upload->key, upload->id);
            snprintf(marker, sizeof marker, "%s", upload->id);
            given++;
        }
        skip = skip && strcmp(upload->id, marker) != 0;
    }
    weir__buf_printf(out,
                     "<IsTruncated>%s</IsTruncated><NextKeyMarker>k</NextKeyMarker>"
                     "<NextUploadIdMarker>%s</NextUploadIdMarker></List>",
                     given == 2 ? "true" : "false", marker);
    return 200;
}

static int s3_do(struct s3_stand_in *s3, const struct s3_call *call, struct weir__buf *out)
{
    char id[32] = "";
    char ignored[8];
    if (call->key[0] == '\0') {
        return s3_parameter(call, "uploads", ignored, sizeof ignored)
                   ? s3_list_uploads(s3, call, out)
                   : 200;
    }
    if (s3_parameter(call, "uploads", ignored, sizeof ignored)) {
        return s3_begin(s3, call, out);
    }
    if (!s3_parameter(call, "uploadId", id, sizeof id) && strcmp(call->method, "PUT") == 0) {
        return s3_put_object(s3, call);
    }
    if (id[0] == '\0') { /* HEAD */
        return s3_object(s3, call->key) != NULL ? 200 : 404;
    }
    size_t index = s3_upload_index(s3, call->key, id);
    if (index == s3->uploads.count) {
        weir__buf_printf(out, "<Error><Code>NoSuchUpload</Code></Error>");
        return 404;
    }
    if (strcmp(call->method, "PUT") == 0) {
        return s3_put_part(s3, call, weir__vec_at(&s3->uploads, index));
    }
    if (strcmp(call->method, "POST") == 0) {
        return s3_complete(s3, call, index, out);
    }
    if (strcmp(call->method, "DELETE") == 0) {
        s3_forget_upload(s3, index);
        return 204;
    }
    return 200;
}

/* ---- answers ---- */

static void s3_answer(int fd, const struct s3_call *call, int code, const struct weir__buf *body,
                      size_t sent)
{
    char number[16] = "";
    struct weir__buf text = {0};
    (void)s3_parameter(call, "partNumber", number, sizeof number);
    weir__buf_printf(&text, "HTTP/1.1 %d So\r\nConnection: close\r\n", code);
    if (number[0] != '\0' && code == 200) {
        weir__buf_printf(&text, "ETag: \"e%s\"\r\n", number);
    }
    if (code != 204) {
        weir__buf_printf(&text, "Content-Length: %zu\r\n", body->len);
    }
    weir__buf_printf(&text, "\r\n");
    bool head = strcmp(call->method, "HEAD") == 0;
    weir__buf_put(&text, body->data, head ? 0 : sent < body->len ? sent : body->len);
    (void)send(fd, text.data, text.len, MSG_NOSIGNAL);
    weir__buf_fini(&text);
}

static void s3_refuse(int fd, const struct s3_call *call, int code, const char *name)
{
    struct weir__buf body = {0};
    weir__buf_printf(&body, "<?xml version=\"1.0\"?><Error><Code>%s</Code></Error>", name);
    s3_answer(fd, call, code, &body, SIZE_MAX);
    weir__buf_fini(&body);
}

static enum trouble s3_trouble_now(struct s3_stand_in *s3)
{
    s3->requests++;
    bool now = s3->trouble_at > 0 && s3->requests >= s3->trouble_at &&
               s3->requests - s3->trouble_at < s3->troubles;
    return now ? s3->trouble : NO_TROUBLE;
}

static void s3_serve(struct s3_stand_in *s3, int fd, struct s3_call *call)
{
    struct weir__buf body = {0};
    char byte;
    pthread_mutex_lock(&s3->lock);
    enum trouble trouble = s3_trouble_now(s3);
    s3_complain(s3, call);
    int code = trouble == NO_TROUBLE || trouble == LOST_ANSWER || trouble == HALF_ANSWER
                   ? s3_do(s3, call, &body)
                   : 0;
    pthread_mutex_unlock(&s3->lock);
    switch (trouble) {
    case NO_TROUBLE:
        s3_answer(fd, call, code, &body, SIZE_MAX);
        break;
    case INTERNAL_ERROR:
        s3_refuse(fd, call, 500, "InternalError");
        break;
    case SLOW_DOWN:
        s3_refuse(fd, call, 503, "SlowDown");
        break;
    case TOO_MANY:
        s3_refuse(fd, call, 429, "TooManyRequests");
        break;
    case LATE_ERROR:
        s3_refuse(fd, call, strcmp(call->method, "POST") == 0 ? 200 : 500, "InternalError");
        break;
    case FORBIDDEN:
        s3_refuse(fd, call, 403, "SignatureDoesNotMatch");
        break;
    case HALF_ANSWER: /* of one without a body, its first line */
        weir__buf_printf(&body, "<!-- and more -->");
        s3_answer(fd, call, code, &body, body.len / 2);
        break;
    case SILENCE:
        (void)read(fd, &byte, 1); /* until it hangs up */
        break;
    case NO_ANSWER:
    case LOST_ANSWER:
    case TROUBLES:
        break;
    }
    weir__buf_fini(&body);
}

static void *s3_run(void *user)
{
    struct s3_stand_in *s3 = user;
    struct s3_call *call = WEIR__NEW(struct s3_call);
    int fd;
    while ((fd = accept(s3->listener, NULL, NULL)) >= 0) {
        if (s3_read_call(fd, call)) {
            s3_serve(s3, fd, call);
        }
        close(fd);
    }
    weir__buf_fini(&call->body);
    weir__free(call);
    return NULL;
}

/* ---- for tests ---- */

static void s3_start(struct s3_stand_in *s3)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *s3 = (struct s3_stand_in){.objects = WEIR__VEC_OF(struct stored),
                               .uploads = WEIR__VEC_OF(struct begun)};
    pthread_mutex_init(&s3->lock, NULL);
    s3->listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(s3->listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(s3->listener, 16), 0);
    ck_assert_int_eq(getsockname(s3->listener, (struct sockaddr *)&address, &size), 0);
    s3->port = ntohs(address.sin_port);
    ck_assert_int_eq(pthread_create(&s3->thread, NULL, s3_run, s3), 0);
}

/* Forgets everything that is stored, and all trouble. */
static void s3_clear(struct s3_stand_in *s3)
{
    pthread_mutex_lock(&s3->lock);
    while (s3->uploads.count > 0) {
        s3_forget_upload(s3, 0);
    }
    for (size_t i = 0; i < s3->objects.count; i++) {
        struct stored *object = weir__vec_at(&s3->objects, i);
        weir__free(object->key);
        weir__buf_fini(&object->bytes);
    }
    s3->objects.count = 0;
    s3->requests = 0;
    s3->troubles = 0;
    pthread_mutex_unlock(&s3->lock);
}

static void s3_stop(struct s3_stand_in *s3)
{
    shutdown(s3->listener, SHUT_RDWR);
    pthread_join(s3->thread, NULL);
    close(s3->listener);
    ck_assert_str_eq(s3->complaint, "");
    s3_clear(s3);
    weir__vec_fini(&s3->objects);
    weir__vec_fini(&s3->uploads);
    pthread_mutex_destroy(&s3->lock);
}

/* `count` requests from the n-th from now on (1: the next) have this trouble. */
static void s3_trouble(struct s3_stand_in *s3, enum trouble trouble, int n, int count)
{
    pthread_mutex_lock(&s3->lock);
    s3->trouble = trouble;
    s3->trouble_at = s3->requests + n;
    s3->troubles = count;
    pthread_mutex_unlock(&s3->lock);
}

static int s3_requests(struct s3_stand_in *s3)
{
    pthread_mutex_lock(&s3->lock);
    int requests = s3->requests;
    pthread_mutex_unlock(&s3->lock);
    return requests;
}

static size_t s3_open_uploads(struct s3_stand_in *s3)
{
    pthread_mutex_lock(&s3->lock);
    size_t count = s3->uploads.count;
    pthread_mutex_unlock(&s3->lock);
    return count;
}

/* Begins an upload of somebody else's. */
__attribute__((unused)) static void s3_begin_foreign(struct s3_stand_in *s3, const char *key)
{
    struct begun upload = {.key = weir__strdup(key)};
    pthread_mutex_lock(&s3->lock);
    snprintf(upload.id, sizeof upload.id, "up-%d", ++s3->next_id);
    weir__vec_push(&s3->uploads, &upload);
    pthread_mutex_unlock(&s3->lock);
}

#endif
