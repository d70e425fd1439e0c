/*
 * Asking a job's REST server.
 */
#include "health/job.h"

#include "base/mem.h"
#include "connector/http.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 5000, MOST_BYTES = 4 * 1024 * 1024 };

/* GETs url + path; *status is the answer's, *json its body, owned by the caller. */
static enum weir_status get(const char *url, const char *path, long *status, json_t **json,
                            struct weir_error *error)
{
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/') {
        len--;
    }
    char *whole = weir__asprintf("%.*s%s", (int)len, url, path);
    struct weir__http *http = weir__http_new();
    struct weir__buf answer = {0};
    const struct weir__http_request request = {
        .method = "GET", .url = whole, .timeout_ms = TIMEOUT_MS, .most_answer_bytes = MOST_BYTES};
    enum weir_status code = weir__http_send(http, &request, status, &answer, error);
    if (code == WEIR_OK) {
        *json = json_loadb(answer.data, answer.len, 0, NULL);
        if (*json == NULL) {
            code = weir_error_set(error, WEIR_CORRUPT, NULL,
                                  "what answers there is no job's REST server");
        }
    }
    weir__buf_fini(&answer);
    weir__http_free(http);
    weir__free(whole);
    return code;
}

static enum weir_status wrong(struct weir_error *error)
{
    return weir_error_set(error, WEIR_CORRUPT, NULL,
                          "what answers there has no job in the shape of Flink's REST API");
}

/* Adds what the vertices have counted. */
static int64_t records_of(const json_t *job)
{
    const json_t *vertices = json_object_get(job, "vertices");
    int64_t sum = 0;
    for (size_t i = 0; i < json_array_size(vertices); i++) {
        const json_t *metrics = json_object_get(json_array_get(vertices, i), "metrics");
        sum += json_integer_value(json_object_get(metrics, "read-records")) +
               json_integer_value(json_object_get(metrics, "write-records"));
    }
    return sum;
}

static enum weir_status ask_job(const char *url, const char *id, struct health_job *job,
                                struct weir_error *error)
{
    char path[96];
    long status = 0;
    json_t *json = NULL;
    snprintf(path, sizeof(path), "/jobs/%s", id);
    enum weir_status code = get(url, path, &status, &json, error);
    if (code != WEIR_OK) {
        return code;
    }
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *state = json_string_value(json_object_get(json, "state"));
    if (status != 200 || name == NULL || state == NULL) {
        json_decref(json);
        return wrong(error);
    }
    snprintf(job->name, sizeof(job->name), "%s", name);
    snprintf(job->state, sizeof(job->state), "%s", state);
    job->duration_ms = json_integer_value(json_object_get(json, "duration"));
    job->records = records_of(json);
    json_decref(json);
    return WEIR_OK;
}

static enum weir_status ask_restarts(const char *url, const char *id, struct health_job *job,
                                     struct weir_error *error)
{
    char path[96];
    long status = 0;
    json_t *json = NULL;
    snprintf(path, sizeof(path), "/jobs/%s/metrics?get=numRestarts", id);
    enum weir_status code = get(url, path, &status, &json, error);
    if (code == WEIR_OK) {
        const char *value = json_string_value(json_object_get(json_array_get(json, 0), "value"));
        job->restarts = value != NULL ? strtoll(value, NULL, 10) : 0;
        json_decref(json);
    }
    return code;
}

static enum weir_status ask_checkpoints(const char *url, const char *id, struct health_job *job,
                                        struct weir_error *error)
{
    char path[96];
    long status = 0;
    json_t *json = NULL;
    snprintf(path, sizeof(path), "/jobs/%s/checkpoints", id);
    enum weir_status code = get(url, path, &status, &json, error);
    if (code == WEIR_OK) {
        const json_t *counts = json_object_get(json, "counts");
        const json_t *last = json_object_get(json_object_get(json, "latest"), "completed");
        job->takes_checkpoints = status == 200;
        job->completed = json_integer_value(json_object_get(counts, "completed"));
        job->failed = json_integer_value(json_object_get(counts, "failed"));
        job->last_ms = json_integer_value(json_object_get(last, "end_to_end_duration"));
        json_decref(json);
    }
    return code;
}

enum weir_status health_ask(const char *url, struct health_job *job, struct weir_error *error)
{
    char id[40] = "";
    long status = 0;
    json_t *json = NULL;
    enum weir_status code = get(url, "/jobs", &status, &json, error);
    if (code != WEIR_OK) {
        return code;
    }
    const json_t *first = json_array_get(json_object_get(json, "jobs"), 0);
    const char *found = json_string_value(json_object_get(first, "id"));
    bool good = found != NULL && strspn(found, "0123456789abcdef") == strlen(found);
    snprintf(id, sizeof(id), "%s", good ? found : "");
    json_decref(json);
    if (id[0] == '\0') {
        return wrong(error);
    }
    code = ask_job(url, id, job, error);
    if (code == WEIR_OK) {
        code = ask_restarts(url, id, job, error);
    }
    return code == WEIR_OK ? ask_checkpoints(url, id, job, error) : code;
}
