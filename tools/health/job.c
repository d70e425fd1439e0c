/*
 * How a job is, from the answers of its REST server.
 */
#include "health/job.h"

#include "health/get.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    enum weir_status code = health_get(url, path, &status, &json, error);
    if (code != WEIR_OK) {
        return code;
    }
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *state = json_string_value(json_object_get(json, "state"));
    if (status != 200 || name == NULL || state == NULL) {
        json_decref(json);
        return health_wrong(error);
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
    enum weir_status code = health_get(url, path, &status, &json, error);
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
    enum weir_status code = health_get(url, path, &status, &json, error);
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
    char id[HEALTH_ID];
    enum weir_status code = health_job_id(url, id, error);
    if (code == WEIR_OK) {
        code = ask_job(url, id, job, error);
    }
    if (code == WEIR_OK) {
        code = ask_restarts(url, id, job, error);
    }
    return code == WEIR_OK ? ask_checkpoints(url, id, job, error) : code;
}
