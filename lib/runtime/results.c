/*
 * Results: one row an operator subtask.
 */
#include "runtime/results.h"

#include "base/mem.h"
#include "metrics/metrics.h"

#include <string.h>

struct row {
    /* the transformation's: lives as long as the env; NULL: the job */
    const char *operator_name;
    int64_t records_in;
    int64_t records_out;
    struct weir__metric_group *metrics;
};

struct results {
    struct weir__vec rows; /* of struct row */
};

static void results_free(void *self)
{
    struct results *results = self;
    for (size_t i = 0; i < results->rows.count; i++) {
        weir__metric_group_free(((struct row *)weir__vec_at(&results->rows, i))->metrics);
    }
    weir__vec_fini(&results->rows);
    weir__free(results);
}

static void copy_counter(const char *name, enum weir__metric_kind kind, int64_t value, void *user)
{
    (void)kind; /* what is left of any is its last value */
    *weir__metric_counter(user, name) = value;
}

static void keep_task(struct results *results, const struct weir__task *task)
{
    size_t count = 0;
    struct weir__host *const *hosts = weir__task_hosts(task, &count);
    for (size_t i = 0; i < count; i++) {
        const struct weir__host *host = hosts[i];
        struct row *row = weir__vec_add(&results->rows);
        *row = (struct row){host->transformation->name, host->context.records_in,
                            host->context.records_out, weir__metric_group_new()};
        weir__metric_each(host->context.metrics, copy_counter, row->metrics);
        if (host->context.latency != NULL) {
            *weir__metric_counter(row->metrics, "latency") =
                weir__latency_count(host->context.latency);
        }
    }
}

/* The savepoint that the job has stopped with; 0: it has not. */
static int64_t stopped_with(const struct weir__checkpoint_counts *checkpoints)
{
    int64_t ended = checkpoints->completed + checkpoints->failed;
    const struct weir__past_checkpoint *last =
        &checkpoints->past[(ended > 0 ? ended - 1 : 0) % WEIR__PAST_CHECKPOINTS];
    return last->savepoint && last->completed ? last->id : 0;
}

static void keep_job(struct results *results, const struct weir__job *job,
                     const struct weir__checkpoint_counts *checkpoints, int restarts)
{
    const struct {
        const char *name;
        int64_t value;
    } metrics[] = {
        {"numRestarts", restarts},
        {"restoredCheckpoint", job->checkpoints.restored},
        {"stoppedWithSavepoint", stopped_with(checkpoints)},
        {"numberOfCompletedCheckpoints", checkpoints->completed},
        {"numberOfFailedCheckpoints", checkpoints->failed},
        {"lastCheckpointDuration", checkpoints->last_ms},
        {"lastCheckpointSize", checkpoints->last_bytes},
        {"lastCheckpointStall", checkpoints->stall_us},
    };
    struct row *row = weir__vec_add(&results->rows);
    *row = (struct row){.metrics = weir__metric_group_new()};
    for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
        *weir__metric_counter(row->metrics, metrics[i].name) = metrics[i].value;
    }
}

void weir__results_keep(weir_env *env, struct weir__job *job,
                        const struct weir__checkpoint_counts *checkpoints, int restarts)
{
    struct results *results = WEIR__NEW(struct results);
    results->rows = WEIR__VEC_OF(struct row);
    for (size_t i = 0; i < job->tasks.count; i++) {
        keep_task(results, weir__job_task(job, i));
    }
    keep_job(results, job, checkpoints, restarts);
    if (env->results_free != NULL) {
        env->results_free(env->results);
    }
    env->results = results;
    env->results_free = results_free;
}

static int64_t row_metric(const struct row *row, const char *metric)
{
    if (strcmp(metric, "numRecordsIn") == 0) {
        return row->records_in;
    }
    if (strcmp(metric, "numRecordsOut") == 0) {
        return row->records_out;
    }
    return weir__metric_value(row->metrics, metric);
}

int64_t weir_metric(const weir_env *env, const char *operator_name, const char *metric)
{
    const struct results *results = env->results;
    int64_t sum = 0;
    for (size_t i = 0; results != NULL && i < results->rows.count; i++) {
        const struct row *row = weir__vec_at(&results->rows, i);
        bool is_job = row->operator_name == NULL;
        if (operator_name == NULL ? is_job
                                  : !is_job && strcmp(row->operator_name, operator_name) == 0) {
            sum += row_metric(row, metric);
        }
    }
    return sum;
}
