/*
 * Asking a job's REST server.
 */
#include "health/get.h"

#include "base/mem.h"
#include "connector/http.h"

#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 5000, MOST_BYTES = 4 * 1024 * 1024 };

enum weir_status health_get(const char *url, const char *path, long *status, json_t **json,
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

enum weir_status health_wrong(struct weir_error *error)
{
    return weir_error_set(error, WEIR_CORRUPT, NULL,
                          "what answers there has no job in the shape of Flink's REST API");
}

enum weir_status health_job_id(const char *url, char id[HEALTH_ID], struct weir_error *error)
{
    long status = 0;
    json_t *json = NULL;
    enum weir_status code = health_get(url, "/jobs", &status, &json, error);
    if (code != WEIR_OK) {
        return code;
    }
    const json_t *first = json_array_get(json_object_get(json, "jobs"), 0);
    const char *found = json_string_value(json_object_get(first, "id"));
    bool good = found != NULL && strspn(found, "0123456789abcdef") == strlen(found);
    snprintf(id, HEALTH_ID, "%s", good ? found : "");
    json_decref(json);
    return id[0] != '\0' ? WEIR_OK : health_wrong(error);
}
