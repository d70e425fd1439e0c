/*
 * A line a task: Flink's paths for a vertex's back-pressure and metrics, side by side.
 */
#include "health/tasks.h"

#include "base/buf.h"
#include "base/escape.h"
#include "health/get.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct task {
    const char *id;
    const char *name;
    int64_t parallelism;
    int64_t in;
    int64_t out;
    double busy; /* shares, 0 to 1 */
    double held_up;
    double in_queue;
    double out_queue;
};

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static enum weir_status ask_times(const char *url, const char *job, struct task *task,
                                  struct weir_error *error)
{
    char path[128];
    long status = 0;
    json_t *json = NULL;
    snprintf(path, sizeof(path), "/jobs/%s/vertices/%.20s/backpressure", job, task->id);
    enum weir_status code = health_get(url, path, &status, &json, error);
    if (code != WEIR_OK) {
        return code;
    }
    const json_t *subtasks = json_object_get(json, "subtasks");
    for (size_t i = 0; i < json_array_size(subtasks); i++) {
        const json_t *subtask = json_array_get(subtasks, i);
        task->busy = larger(task->busy, json_number_value(json_object_get(subtask, "busyRatio")));
        task->held_up = larger(task->held_up, json_number_value(json_object_get(subtask, "ratio")));
    }
    json_decref(json);
    return WEIR_OK;
}

/* metric: of each subtask; *largest is what there is most. */
static enum weir_status ask_largest(const char *url, const char *job, const struct task *task,
                                    const char *metric, double *largest, struct weir_error *error)
{
    struct weir__buf path = {0};
    long status = 0;
    json_t *json = NULL;
    weir__buf_printf(&path, "/jobs/%s/vertices/%.20s/metrics?get=", job, task->id);
    for (int64_t i = 0; i < task->parallelism; i++) {
        weir__buf_printf(&path, "%s%" PRId64 ".%s", i > 0 ? "," : "", i, metric);
    }
    weir__buf_put_u8(&path, '\0');
    enum weir_status code = health_get(url, path.data, &status, &json, error);
    weir__buf_fini(&path);
    if (code != WEIR_OK) {
        return code;
    }
    for (size_t i = 0; i < json_array_size(json); i++) {
        const char *value = json_string_value(json_object_get(json_array_get(json, i), "value"));
        *largest = larger(*largest, value != NULL ? strtod(value, NULL) : 0);
    }
    json_decref(json);
    return WEIR_OK;
}

static void print_task(const struct task *task)
{
    char name[36];
    weir__printable(weir_str_from(task->name), name, sizeof(name));
    printf("%-35s %8" PRId64 " %9" PRId64 " %9" PRId64 " %6.0f%% %7.0f%% %8.0f%% %9.0f%%\n", name,
           task->parallelism, task->in, task->out, 100 * task->busy, 100 * task->held_up,
           100 * task->in_queue, 100 * task->out_queue);
}

static enum weir_status show(const char *url, const char *job, const json_t *vertex,
                             struct weir_error *error)
{
    const json_t *metrics = json_object_get(vertex, "metrics");
    struct task task = {
        .id = json_string_value(json_object_get(vertex, "id")),
        .name = json_string_value(json_object_get(vertex, "name")),
        .parallelism = json_integer_value(json_object_get(vertex, "parallelism")),
        .in = json_integer_value(json_object_get(metrics, "read-records")),
        .out = json_integer_value(json_object_get(metrics, "write-records")),
    };
    if (task.id == NULL || task.name == NULL || task.parallelism > 128) {
        return health_wrong(error);
    }
    enum weir_status code = ask_times(url, job, &task, error);
    if (code == WEIR_OK) {
        code = ask_largest(url, job, &task, "inPoolUsage", &task.in_queue, error);
    }
    if (code == WEIR_OK) {
        code = ask_largest(url, job, &task, "outPoolUsage", &task.out_queue, error);
    }
    if (code == WEIR_OK) {
        print_task(&task);
    }
    return code;
}

enum weir_status health_print_tasks(const char *url, struct weir_error *error)
{
    char id[HEALTH_ID];
    char path[96];
    long status = 0;
    json_t *json = NULL;
    enum weir_status code = health_job_id(url, id, error);
    if (code != WEIR_OK) {
        return code;
    }
    snprintf(path, sizeof(path), "/jobs/%s", id);
    code = health_get(url, path, &status, &json, error);
    if (code != WEIR_OK) {
        return code;
    }
    const json_t *vertices = json_object_get(json, "vertices");
    printf("\n%-35s SUBTASKS        IN       OUT    BUSY HELD UP  IN QUEUE  OUT QUEUE\n", "TASK");
    for (size_t i = 0; i < json_array_size(vertices) && code == WEIR_OK; i++) {
        code = show(url, id, json_array_get(vertices, i), error);
    }
    json_decref(json);
    return code;
}
