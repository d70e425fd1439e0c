/*
 * The bucket's client (see s3_client.h).
 */
#include "connector/s3_client.h"

#include "base/mem.h"
#include "connector/s3_request.h"
#include "connector/s3_xml.h"

#include <stdio.h>

enum weir_status weir__s3_new(const struct weir_s3_config *given,
                              const struct weir__s3_tuning *tuning, const char *bucket,
                              const char *const *properties, struct weir__s3 **s3,
                              struct weir_error *error)
{
    static const struct weir_s3_config defaults = {0};
    static const struct weir__s3_tuning untuned = {0};
    struct weir__s3 *made = WEIR__NEW(struct weir__s3);
    enum weir_status status =
        weir__s3_settings_read(&made->settings, given != NULL ? given : &defaults,
                               tuning != NULL ? tuning : &untuned, bucket, properties, error);
    if (status != WEIR_OK) {
        weir__s3_free(made);
        return status;
    }
    made->scope = weir__asprintf("aws:amz:%s:s3", made->settings.region);
    made->http = weir__http_new();
    *s3 = made;
    return WEIR_OK;
}

void weir__s3_free(struct weir__s3 *s3)
{
    if (s3 == NULL) {
        return;
    }
    weir__http_free(s3->http);
    weir__buf_fini(&s3->url);
    weir__buf_fini(&s3->query);
    weir__buf_fini(&s3->body);
    weir__buf_fini(&s3->text);
    weir__free(s3->scope);
    weir__s3_settings_fini(&s3->settings);
    weir__free(s3);
}

size_t weir__s3_part_bytes(const struct weir__s3 *s3)
{
    return (size_t)s3->settings.part_bytes;
}

/* ---- queries: parameters in the order of their names, which is what is signed ---- */

static void end_text(struct weir__buf *buf)
{
    weir__buf_put_u8(buf, '\0');
    buf->len--;
}

static void begin_query(struct weir__s3 *s3)
{
    s3->query.len = 0;
    end_text(&s3->query);
}

static void add_parameter(struct weir__s3 *s3, const char *name, const char *value)
{
    weir__buf_printf(&s3->query, "%s%s=", s3->query.len > 0 ? "&" : "", name);
    weir__http_put_escaped(&s3->query, weir_str_from(value));
    end_text(&s3->query);
}

/* ---- looking ---- */

/* WEIR_OK and *there instead of WEIR_NOT_FOUND. */
static enum weir_status look(struct weir__s3 *s3, const struct weir__s3_request *request,
                             bool *there, struct weir_error *error)
{
    struct weir_error why = {0};
    enum weir_status status = weir__s3_send(s3, request, &why);
    *there = status == WEIR_OK;
    if (status == WEIR_OK || status == WEIR_NOT_FOUND) {
        return WEIR_OK;
    }
    if (error != NULL) {
        *error = why;
    }
    return status;
}

enum weir_status weir__s3_check(struct weir__s3 *s3, struct weir_error *error)
{
    return weir__s3_send(
        s3, &(struct weir__s3_request){.method = "GET", .query = "list-type=2&max-keys=1"}, error);
}

enum weir_status weir__s3_look(struct weir__s3 *s3, const char *key, bool *there,
                               struct weir_error *error)
{
    return look(s3, &(struct weir__s3_request){.method = "HEAD", .key = key, .query = ""}, there,
                error);
}

enum weir_status weir__s3_upload_look(struct weir__s3 *s3, const char *key, const char *id,
                                      bool *there, struct weir_error *error)
{
    begin_query(s3);
    add_parameter(s3, "max-parts", "1");
    add_parameter(s3, "uploadId", id);
    return look(s3,
                &(struct weir__s3_request){.method = "GET", .key = key, .query = s3->query.data},
                there, error);
}

enum weir_status weir__s3_put(struct weir__s3 *s3, const char *key, struct weir_str bytes,
                              struct weir_error *error)
{
    return weir__s3_send(
        s3, &(struct weir__s3_request){.method = "PUT", .key = key, .query = "", .body = bytes},
        error);
}

/* ---- one upload ---- */

static struct weir_str answer_of(const struct weir__s3 *s3)
{
    return (struct weir_str){s3->text.data, (uint32_t)s3->text.len};
}

static enum weir_status fail_incomplete(const struct weir__s3 *s3, const char *what,
                                        struct weir_error *error)
{
    return weir_error_set(error, WEIR_IO, s3->url.data,
                          "expected an answer with %s, got one without: is %s a server of S3?",
                          what, s3->settings.endpoint);
}

enum weir_status weir__s3_upload_begin(struct weir__s3 *s3, const char *key, struct weir__buf *id,
                                       struct weir_error *error)
{
    enum weir_status status = weir__s3_send(
        s3, &(struct weir__s3_request){.method = "POST", .key = key, .query = "uploads="}, error);
    if (status != WEIR_OK) {
        return status;
    }
    weir__s3_xml_text(weir__s3_xml_element(answer_of(s3), "UploadId", NULL), id);
    return id->len > 0 ? WEIR_OK : fail_incomplete(s3, "an upload's id", error);
}

enum weir_status weir__s3_upload_part(struct weir__s3 *s3, const char *key, const char *id,
                                      int number, struct weir_str bytes, struct weir__buf *etag,
                                      struct weir_error *error)
{
    char text[16];
    snprintf(text, sizeof text, "%d", number);
    begin_query(s3);
    add_parameter(s3, "partNumber", text);
    add_parameter(s3, "uploadId", id);
    etag->len = 0;
    enum weir_status status = weir__s3_send(
        s3,
        &(struct weir__s3_request){
            .method = "PUT", .key = key, .query = s3->query.data, .body = bytes, .etag = etag},
        error);
    if (status != WEIR_OK) {
        return status;
    }
    end_text(etag);
    return etag->len > 0 ? WEIR_OK : fail_incomplete(s3, "an ETag", error);
}

enum weir_status weir__s3_upload_complete(struct weir__s3 *s3, const char *key, const char *id,
                                          const struct weir__vec *etags, struct weir_error *error)
{
    begin_query(s3);
    add_parameter(s3, "uploadId", id);
    s3->body.len = 0;
    weir__buf_printf(&s3->body, "<CompleteMultipartUpload>");
    for (size_t i = 0; i < etags->count; i++) {
        weir__buf_printf(&s3->body, "<Part><PartNumber>%zu</PartNumber><ETag>", i + 1);
        weir__s3_xml_put(&s3->body, weir_str_from(*(char **)weir__vec_at(etags, i)));
        weir__buf_printf(&s3->body, "</ETag></Part>");
    }
    weir__buf_printf(&s3->body, "</CompleteMultipartUpload>");
    return weir__s3_send(s3,
                         &(struct weir__s3_request){
                             .method = "POST",
                             .key = key,
                             .query = s3->query.data,
                             .body = {s3->body.data, (uint32_t)s3->body.len},
                         },
                         error);
}

enum weir_status weir__s3_upload_abort(struct weir__s3 *s3, const char *key, const char *id,
                                       bool quickly, struct weir_error *error)
{
    begin_query(s3);
    add_parameter(s3, "uploadId", id);
    return weir__s3_send(
        s3,
        &(struct weir__s3_request){
            .method = "DELETE", .key = key, .query = s3->query.data, .quickly = quickly},
        error);
}

/* ---- all open uploads ---- */

static char *text_of(struct weir_str element, struct weir__buf *buf)
{
    weir__s3_xml_text(element, buf);
    return weir__strdup(buf->data);
}

static void take_uploads(struct weir_str text, struct weir__vec *uploads)
{
    struct weir__buf buf = {0};
    struct weir_str element;
    while ((element = weir__s3_xml_element(text, "Upload", &text)).data != NULL) {
        struct weir__s3_upload upload = {
            text_of(weir__s3_xml_element(element, "Key", NULL), &buf),
            text_of(weir__s3_xml_element(element, "UploadId", NULL), &buf)};
        weir__vec_push(uploads, &upload);
    }
    weir__buf_fini(&buf);
}

/* A page of them; *key and *id, owned, say where the next one begins; NULL: there is none. */
static enum weir_status list_page(struct weir__s3 *s3, const char *prefix, char **key, char **id,
                                  struct weir__vec *uploads, struct weir_error *error)
{
    struct weir__buf buf = {0};
    begin_query(s3);
    if (*key != NULL) {
        add_parameter(s3, "key-marker", *key);
    }
    add_parameter(s3, "prefix", prefix);
    if (*key != NULL) {
        add_parameter(s3, "upload-id-marker", *id);
    }
    add_parameter(s3, "uploads", "");
    weir__free(*key);
    weir__free(*id);
    *key = *id = NULL;
    enum weir_status status = weir__s3_send(
        s3, &(struct weir__s3_request){.method = "GET", .query = s3->query.data}, error);
    if (status == WEIR_OK) {
        struct weir_str text = answer_of(s3);
        take_uploads(text, uploads);
        if (weir_str_equals(weir__s3_xml_element(text, "IsTruncated", NULL), "true")) {
            *key = text_of(weir__s3_xml_element(text, "NextKeyMarker", NULL), &buf);
            *id = text_of(weir__s3_xml_element(text, "NextUploadIdMarker", NULL), &buf);
        }
    }
    weir__buf_fini(&buf);
    return status;
}

enum weir_status weir__s3_uploads(struct weir__s3 *s3, const char *prefix,
                                  struct weir__vec *uploads, struct weir_error *error)
{
    char *key = NULL;
    char *id = NULL;
    enum weir_status status = WEIR_OK;
    *uploads = WEIR__VEC_OF(struct weir__s3_upload);
    do {
        status = list_page(s3, prefix, &key, &id, uploads, error);
    } while (status == WEIR_OK && key != NULL && key[0] != '\0');
    weir__free(key);
    weir__free(id);
    return status;
}

void weir__s3_uploads_fini(struct weir__vec *uploads)
{
    for (size_t i = 0; i < uploads->count; i++) {
        struct weir__s3_upload *upload = weir__vec_at(uploads, i);
        weir__free(upload->key);
        weir__free(upload->id);
    }
    weir__vec_fini(uploads);
}
