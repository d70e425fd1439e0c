/*
 * A search engine's stand-in for tests: a thread that takes bulk requests like OpenSearch and
 * Elasticsearch, keeps documents by index and id, and answers as the test tells it to.
 *
 *     PUT /INDEX             POST /INDEX/_bulk          POST /INDEX/_refresh
 *     GET /INDEX/_count      GET /INDEX/_source/ID
 *
 * It understands what our sink sends, and not JSON in general. Include it in one file of a test
 * program.
 */
#ifndef WEIR__TESTS_SEARCH_STAND_IN_H
#define WEIR__TESTS_SEARCH_STAND_IN_H

#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STAND_IN_CONNECTIONS = 16, STAND_IN_LOG = 64 };

enum { STAND_IN_HANGS_UP = -1, STAND_IN_IS_SILENT = -2 };

struct stand_in_document {
    char *index;
    char *id; /* "" when it came without */
    char *source;
};

struct search_stand_in {
    char url[64];
    int listener;
    int stop[2]; /* a pipe */
    pthread_t thread;
    /* this thread's */
    int connections[STAND_IN_CONNECTIONS];
    pthread_mutex_t lock;
    /* under lock */
    int trouble;        /* a status, or one of the above: so the next requests are answered */
    int trouble_left;   /* how many of them */
    int healthy;        /* how many bulk requests are answered before that */
    const char *answer; /* to requests in trouble, and where not NULL to all of them */
    /* The status of a document, NULL: 201 or 200. Its reason is REASON. */
    int (*verdict)(const char *id, const char *source, void *user);
    void *user;
    size_t longest_body;     /* more is answered 413; 0: no limit */
    int requests;            /* bulk requests, also in trouble */
    int sizes[STAND_IN_LOG]; /* documents in each of them */
    struct weir__vec documents;
    struct weir__vec indexes; /* char *, made by PUT; "name body" */
    char authorization[128];  /* of the last request; "" when there was none */
    char content_type[64];
};

#define STAND_IN_REASON "failed to \\u001bparse [count]"

/* ---- documents ---- */

static inline struct stand_in_document *stand_in_find(struct search_stand_in *stand_in,
                                                      const char *index, const char *id)
{
    for (size_t i = 0; i < stand_in->documents.count; i++) {
        struct stand_in_document *document = weir__vec_at(&stand_in->documents, i);
        if (strcmp(document->index, index) == 0 && strcmp(document->id, id) == 0) {
            return document;
        }
    }
    return NULL;
}

/* Says whether it is new. */
static inline bool stand_in_keep(struct search_stand_in *stand_in, const char *index,
                                 const char *id, const char *source)
{
    struct stand_in_document *old = id[0] != '\0' ? stand_in_find(stand_in, index, id) : NULL;
    if (old != NULL) {
        weir__free(old->source);
        old->source = weir__strdup(source);
        return false;
    }
    struct stand_in_document fresh = {weir__strdup(index), weir__strdup(id), weir__strdup(source)};
    weir__vec_push(&stand_in->documents, &fresh);
    return true;
}

/* How many documents an index has, by the test's thread. */
static inline int stand_in_count(struct search_stand_in *stand_in, const char *index)
{
    int count = 0;
    pthread_mutex_lock(&stand_in->lock);
    for (size_t i = 0; i < stand_in->documents.count; i++) {
        struct stand_in_document *document = weir__vec_at(&stand_in->documents, i);
        count += strcmp(document->index, index) == 0;
    }
    pthread_mutex_unlock(&stand_in->lock);
    return count;
}

/* ---- requests ---- */

struct stand_in_request {
    char method[8];
    char path[1400];
    char *body; /* NUL-terminated */
    size_t body_len;
};

/* The value of a header into a text, "" when there is none. */
static inline void stand_in_header(const char *head, const char *name, char *text, size_t size)
{
    text[0] = '\0';
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, strlen(name)) == 0 && line[2 + strlen(name)] == ':') {
            const char *value = line + 3 + strlen(name) + 1;
            snprintf(text, size, "%.*s", (int)strcspn(value, "\r"), value);
            return;
        }
    }
}

/* Reads a whole request, or says that the connection is over. */
static inline bool stand_in_read(struct search_stand_in *stand_in, int fd, struct weir__buf *bytes,
                                 struct stand_in_request *request)
{
    char length[32];
    char *head_end = NULL;
    bytes->len = 0;
    for (;;) {
        weir__buf_reserve(bytes, 65536);
        ssize_t got = recv(fd, bytes->data + bytes->len, 65535, 0);
        if (got <= 0) {
            return false;
        }
        bytes->len += (size_t)got;
        bytes->data[bytes->len] = '\0';
        head_end = strstr(bytes->data, "\r\n\r\n");
        if (head_end == NULL) {
            continue;
        }
        stand_in_header(bytes->data, "Content-Length", length, sizeof length);
        request->body = head_end + 4;
        request->body_len = (size_t)strtoul(length, NULL, 10);
        if (bytes->len - (size_t)(request->body - bytes->data) >= request->body_len) {
            break;
        }
    }
    head_end[2] = '\0';
    stand_in_header(bytes->data, "Authorization", stand_in->authorization,
                    sizeof stand_in->authorization);
    stand_in_header(bytes->data, "Content-Type", stand_in->content_type,
                    sizeof stand_in->content_type);
    return sscanf(bytes->data, "%7s %1399s", request->method, request->path) == 2;
}

/* The id in {"index":{"_id":"…"}}; a quote in it comes escaped, and stays so. */
static inline void stand_in_id(const char *action, char *id, size_t size)
{
    const char *from = strstr(action, "\"_id\":\"");
    size_t len = 0;
    id[0] = '\0';
    if (from != NULL) {
        from += 7;
        while (from[len] != '\0' && (from[len] != '"' || from[len - 1] == '\\')) {
            len++;
        }
        snprintf(id, size, "%.*s", (int)len, from);
    }
}

static inline int stand_in_bulk(struct search_stand_in *stand_in, const char *index, char *body,
                                struct weir__buf *answer)
{
    bool errors = false;
    int documents = 0;
    struct weir__buf items = {0};
    weir__buf_printf(&items, "%s", "");
    for (char *action = body; *action != '\0';) {
        char id[700];
        char *action_end = strchr(action, '\n');
        char *source = action_end + 1;
        char *source_end = strchr(source, '\n');
        *action_end = *source_end = '\0';
        stand_in_id(action, id, sizeof id);
        int status = stand_in->verdict != NULL ? stand_in->verdict(id, source, stand_in->user) : 0;
        if (status == 0) {
            status = stand_in_keep(stand_in, index, id, source) ? 201 : 200;
        }
        weir__buf_printf(&items, "%s{\"index\":{\"status\":%d", documents > 0 ? "," : "", status);
        if (status >= 300) {
            errors = true;
            weir__buf_printf(&items, ",\"error\":{\"type\":\"some_exception\",\"reason\":\"%s\"}",
                             STAND_IN_REASON);
        }
        weir__buf_printf(&items, "}}");
        documents++;
        action = source_end + 1;
    }
    weir__buf_printf(answer, "{\"errors\":%s,\"items\":[%s]}", errors ? "true" : "false",
                     items.data);
    weir__buf_fini(&items);
    return documents;
}

static inline int stand_in_put_index(struct search_stand_in *stand_in, const char *index,
                                     const char *body, struct weir__buf *answer)
{
    size_t len = strlen(index);
    for (size_t i = 0; i < stand_in->indexes.count; i++) {
        const char *known = *(char **)weir__vec_at(&stand_in->indexes, i);
        if (strncmp(known, index, len) == 0 && known[len] == ' ') {
            weir__buf_printf(answer,
                             "{\"error\":{\"type\":\"resource_already_exists_exception\","
                             "\"reason\":\"index [%s] already exists\"},\"status\":400}",
                             index);
            return 400;
        }
    }
    char *made = weir__asprintf("%s %s", index, body);
    weir__vec_push(&stand_in->indexes, &made);
    weir__buf_printf(answer, "{\"acknowledged\":true}");
    return 200;
}

/* %2F and the like in place. */
static inline void stand_in_unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        unsigned byte;
        if (*from == '%' && sscanf(from + 1, "%2x", &byte) == 1) {
            *to++ = (char)byte;
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

static inline int stand_in_count_locked(struct search_stand_in *stand_in, const char *index)
{
    int count = 0;
    for (size_t i = 0; i < stand_in->documents.count; i++) {
        struct stand_in_document *document = weir__vec_at(&stand_in->documents, i);
        count += strcmp(document->index, index) == 0;
    }
    return count;
}

/* Returns the status. */
static inline int stand_in_serve(struct search_stand_in *stand_in, struct stand_in_request *request,
                                 struct weir__buf *answer)
{
    char *index = request->path + 1;
    char *rest = strpbrk(index, "/?");
    if (rest != NULL) {
        *rest++ = '\0';
    }
    bool bulk = rest != NULL && strncmp(rest, "_bulk?", 6) == 0;
    if (bulk) {
        stand_in->requests++;
    }
    if (bulk && stand_in->healthy > 0) {
        stand_in->healthy--;
    } else if (stand_in->trouble_left > 0 && stand_in->healthy == 0) {
        stand_in->trouble_left--;
        weir__buf_printf(answer, "%s", stand_in->answer != NULL ? stand_in->answer : "");
        return stand_in->trouble;
    }
    if (stand_in->longest_body > 0 && request->body_len > stand_in->longest_body) {
        return 413;
    }
    if (bulk) {
        int documents = stand_in_bulk(stand_in, index, request->body, answer);
        stand_in->sizes[(stand_in->requests - 1) % STAND_IN_LOG] = documents;
        return 200;
    }
    if (strcmp(request->method, "PUT") == 0) {
        return stand_in_put_index(stand_in, index, request->body, answer);
    }
    if (rest != NULL && strncmp(rest, "_source/", 8) == 0) {
        stand_in_unescape(rest + 8);
        struct stand_in_document *found = stand_in_find(stand_in, index, rest + 8);
        weir__buf_printf(answer, "%s", found != NULL ? found->source : "{}");
        return found != NULL ? 200 : 404;
    }
    if (rest != NULL && strncmp(rest, "_count", 6) == 0) {
        weir__buf_printf(answer, "{\"count\":%d}", stand_in_count_locked(stand_in, index));
        return 200;
    }
    weir__buf_printf(answer, "{}");
    return 200;
}

/* Reads and answers one request. False: the connection is over. */
static inline bool stand_in_answer(struct search_stand_in *stand_in, int fd,
                                   struct weir__buf *bytes)
{
    struct stand_in_request request;
    struct weir__buf answer = {0};
    struct weir__buf head = {0};
    pthread_mutex_lock(&stand_in->lock);
    bool good = stand_in_read(stand_in, fd, bytes, &request);
    int status = good ? stand_in_serve(stand_in, &request, &answer) : STAND_IN_HANGS_UP;
    pthread_mutex_unlock(&stand_in->lock);
    if (status > 0) {
        weir__buf_printf(&head, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n\r\n", status, answer.len);
        weir__buf_put(&head, answer.data, answer.len);
        good = send(fd, head.data, head.len, MSG_NOSIGNAL) == (ssize_t)head.len;
    }
    weir__buf_fini(&answer);
    weir__buf_fini(&head);
    return good && status != STAND_IN_HANGS_UP;
}

static inline void *stand_in_run(void *user)
{
    struct search_stand_in *stand_in = user;
    struct weir__buf bytes = {0};
    for (;;) {
        struct pollfd all[STAND_IN_CONNECTIONS + 2] = {{stand_in->stop[0], POLLIN, 0},
                                                       {stand_in->listener, POLLIN, 0}};
        for (int i = 0; i < STAND_IN_CONNECTIONS; i++) {
            all[i + 2] = (struct pollfd){stand_in->connections[i], POLLIN, 0};
        }
        if (poll(all, STAND_IN_CONNECTIONS + 2, -1) < 0 || all[0].revents != 0) {
            break;
        }
        for (int i = 0; i < STAND_IN_CONNECTIONS; i++) {
            if (all[i + 2].revents != 0 && !stand_in_answer(stand_in, all[i + 2].fd, &bytes)) {
                close(all[i + 2].fd);
                stand_in->connections[i] = -1;
            }
        }
        for (int i = 0; all[1].revents != 0 && i < STAND_IN_CONNECTIONS; i++) {
            if (stand_in->connections[i] < 0) {
                stand_in->connections[i] = accept(stand_in->listener, NULL, NULL);
                break;
            }
        }
    }
    weir__buf_fini(&bytes);
    return NULL;
}

/* ---- life ---- */

/* Listens on a free port of the loopback; false: it could not. */
static inline bool stand_in_start(struct search_stand_in *stand_in)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *stand_in = (struct search_stand_in){.documents = WEIR__VEC_OF(struct stand_in_document),
                                         .indexes = WEIR__VEC_OF(char *)};
    memset(stand_in->connections, 0xff, sizeof stand_in->connections);
    pthread_mutex_init(&stand_in->lock, NULL);
    stand_in->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (pipe(stand_in->stop) != 0 ||
        bind(stand_in->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(stand_in->listener, STAND_IN_CONNECTIONS) != 0 ||
        getsockname(stand_in->listener, (struct sockaddr *)&address, &size) != 0) {
        return false;
    }
    snprintf(stand_in->url, sizeof stand_in->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    return pthread_create(&stand_in->thread, NULL, stand_in_run, stand_in) == 0;
}

static inline void stand_in_stop(struct search_stand_in *stand_in)
{
    (void)!write(stand_in->stop[1], "", 1);
    pthread_join(stand_in->thread, NULL);
    for (int i = 0; i < STAND_IN_CONNECTIONS; i++) {
        if (stand_in->connections[i] >= 0) {
            close(stand_in->connections[i]);
        }
    }
    close(stand_in->listener);
    close(stand_in->stop[0]);
    close(stand_in->stop[1]);
    while (stand_in->documents.count > 0) {
        struct stand_in_document *document = weir__vec_pop(&stand_in->documents);
        weir__free(document->index);
        weir__free(document->id);
        weir__free(document->source);
    }
    weir__vec_fini(&stand_in->documents);
    while (stand_in->indexes.count > 0) {
        weir__free(*(char **)weir__vec_pop(&stand_in->indexes));
    }
    weir__vec_fini(&stand_in->indexes);
    pthread_mutex_destroy(&stand_in->lock);
}

#endif
