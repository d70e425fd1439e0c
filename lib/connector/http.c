/*
 * HTTP requests (see http.h).
 */
#include "connector/http.h"

#include "base/mem.h"

#include <string.h>

void weir__http_put_escaped(struct weir__buf *out, struct weir_str text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (uint32_t i = 0; i < text.len; i++) {
        if (memchr(plain, text.data[i], sizeof(plain) - 1) != NULL) {
            weir__buf_put_u8(out, (uint8_t)text.data[i]);
        } else {
            weir__buf_printf(out, "%%%02X", (unsigned)(uint8_t)text.data[i]);
        }
    }
}

#ifdef WEIR_HAVE_LIBCURL

#include <curl/curl.h>
#include <pthread.h>
#include <strings.h>

struct weir__http {
    CURL *curl;
};

/* The answer while it comes. */
struct answer {
    struct weir__buf *buf;
    size_t most;
    bool too_long;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void init_library(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct weir__http *weir__http_new(void)
{
    (void)pthread_once(&once, init_library);
    struct weir__http *http = WEIR__NEW(struct weir__http);
    http->curl = curl_easy_init();
    return http;
}

void weir__http_free(struct weir__http *http)
{
    if (http != NULL) {
        curl_easy_cleanup(http->curl);
        weir__free(http);
    }
}

static size_t take(char *bytes, size_t size, size_t count, void *user)
{
    struct answer *answer = user;
    size_t len = size * count;
    if (len > answer->most - answer->buf->len) {
        answer->too_long = true;
        return 0; /* ends the transfer */
    }
    weir__buf_put(answer->buf, bytes, len);
    return len;
}

/* One header of the answer. An interim answer (100 Continue) has its own, and none that is wanted.
 */
static size_t take_header(char *bytes, size_t size, size_t count, void *user)
{
    const struct weir__http_request *request = user;
    size_t len = size * count;
    size_t name = strlen(request->wanted_header);
    if (len > name && strncasecmp(bytes, request->wanted_header, name) == 0) {
        size_t end = len;
        while (name < end && (bytes[name] == ' ' || bytes[name] == '\t')) {
            name++;
        }
        while (end > name && strchr("\r\n \t", bytes[end - 1]) != NULL) {
            end--;
        }
        request->header->len = 0;
        weir__buf_put(request->header, bytes + name, end - name);
    }
    return len;
}

static struct curl_slist *headers_of(const struct weir__http_request *request)
{
    struct curl_slist *headers = NULL;
    if (request->content_type != NULL) {
        char *type = weir__asprintf("Content-Type: %s", request->content_type);
        headers = curl_slist_append(headers, type);
        weir__free(type);
    }
    for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++) {
        headers = curl_slist_append(headers, request->headers[i]);
    }
    /* No asking before a body is sent. The signer would sign what is not sent then. */
    return request->signer == NULL ? curl_slist_append(headers, "Expect:") : headers;
}

static void set_signer(CURL *curl, const struct weir__http_signer *signer)
{
    curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, signer->scope);
    curl_easy_setopt(curl, CURLOPT_USERNAME, signer->access_key);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, signer->secret_key);
}

static void set_options(CURL *curl, const struct weir__http_request *request,
                        struct curl_slist *headers, struct answer *answer, char *reason)
{
    curl_easy_reset(curl); /* keeps the connection */
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOBODY, strcmp(request->method, "HEAD") == 0 ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (request->content_type != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                         request->body.data != NULL ? request->body.data : "");
    }
    if (request->user != NULL) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERNAME, request->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, request->password);
    }
    if (request->ca_file != NULL) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, request->ca_file);
    }
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    if (request->wanted_header != NULL) {
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, request);
    }
    if (request->signer != NULL) {
        set_signer(curl, request->signer);
    }
}

static enum weir_status status_of(CURLcode code)
{
    switch ((int)code) {
    case CURLE_OK:
        return WEIR_OK;
    case CURLE_OPERATION_TIMEDOUT:
        return WEIR_TIMED_OUT;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
        return WEIR_UNAVAILABLE;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return WEIR_INVALID;
    default:
        return WEIR_IO;
    }
}

enum weir_status weir__http_send(struct weir__http *http, const struct weir__http_request *request,
                                 long *status, struct weir__buf *answer, struct weir_error *error)
{
    char reason[CURL_ERROR_SIZE] = "";
    struct answer taken = {.buf = answer, .most = request->most_answer_bytes};
    struct curl_slist *headers = headers_of(request);
    answer->len = 0;
    set_options(http->curl, request, headers, &taken, reason);
    CURLcode code = curl_easy_perform(http->curl);
    curl_slist_free_all(headers);
    weir__buf_reserve(answer, 1);
    answer->data[answer->len] = '\0';
    curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, status);
    if (taken.too_long) {
        return weir_error_set(error, WEIR_LIMIT, request->url,
                              "expected an answer of at most %zu bytes, got a longer one",
                              request->most_answer_bytes);
    }
    enum weir_status result = status_of(code);
    if (result != WEIR_OK) {
        (void)weir_error_set(error, result, request->url, "%s",
                             reason[0] != '\0' ? reason : curl_easy_strerror(code));
        if (error != NULL) {
            error->retriable = result == WEIR_UNAVAILABLE || result == WEIR_TIMED_OUT;
        }
    }
    return result;
}

void weir__http_wait(int64_t ms)
{
    (void)pthread_once(&once, init_library);
    CURLM *nothing = curl_multi_init();
    (void)curl_multi_poll(nothing, NULL, 0, (int)ms, NULL);
    (void)curl_multi_cleanup(nothing);
}

#else

struct weir__http {
    char unused;
};

struct weir__http *weir__http_new(void)
{
    return WEIR__NEW(struct weir__http);
}

void weir__http_free(struct weir__http *http)
{
    weir__free(http);
}

enum weir_status weir__http_send(struct weir__http *http, const struct weir__http_request *request,
                                 long *status, struct weir__buf *answer, struct weir_error *error)
{
    (void)http;
    (void)status;
    answer->len = 0;
    return weir_error_set(error, WEIR_UNSUPPORTED, request->url,
                          "this build has no HTTP, because libcurl was not found: install it "
                          "(tools/setup), remove build/config.mk, and run make again");
}

void weir__http_wait(int64_t ms)
{
    (void)ms;
}

#endif
