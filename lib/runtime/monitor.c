/*
 * Watching a job.
 */
#include "runtime/monitor.h"

#include "base/hash.h"
#include "base/mem.h"
#include "runtime/job.h"
#include "runtime/task_metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

struct weir__monitor {
    /* fixed */
    const weir_env *env;
    const struct weir_clock *clock;
    struct weir__coordinator *coordinator;
    char id[33];
    struct weir__buf plan; /* JSON, NUL-terminated */
    int slots;
    int64_t start_ms;
    struct weir__vec vertices; /* of struct weir__monitor_vertex; their names are owned */
    /* under lock */
    pthread_mutex_t lock;
    struct weir__job *job; /* NULL: no attempt runs */
    enum weir__job_state state;
    int restarts;
    bool cancelled;
};

/* ---- making ---- */

static char *chain_name(const struct weir__vertex *vertex)
{
    struct weir__buf name = {0};
    for (size_t i = 0; i < vertex->operators.count; i++) {
        weir__buf_printf(&name, "%s%s", i > 0 ? " -> " : "",
                         weir__vertex_operator(vertex, i)->name);
    }
    char *copy = weir__strdup(name.data);
    weir__buf_fini(&name);
    return copy;
}

/* One that no other job of this machine has. */
static void make_id(struct weir__monitor *monitor)
{
    uint64_t low = weir__hash_join((uint64_t)weir_clock_ns(&weir_system_clock), (uint64_t)getpid());
    uint64_t high = weir__hash_join(low, (uint64_t)(uintptr_t)monitor);
    snprintf(monitor->id, sizeof(monitor->id), "%016" PRIx64 "%016" PRIx64, high, low);
}

struct weir__monitor *weir__monitor_new(const weir_env *env, const struct weir__plan *plan,
                                        const struct weir_clock *clock,
                                        struct weir__coordinator *coordinator)
{
    struct weir__monitor *monitor = WEIR__NEW(struct weir__monitor);
    monitor->env = env;
    monitor->clock = clock;
    monitor->coordinator = coordinator;
    make_id(monitor);
    weir__plan_json(plan, &monitor->plan);
    weir__buf_put_u8(&monitor->plan, '\0');
    monitor->slots = plan->slots;
    monitor->start_ms = weir_clock_ms(clock);
    monitor->vertices = WEIR__VEC_OF(struct weir__monitor_vertex);
    for (size_t i = 0; i < plan->vertices.count; i++) {
        const struct weir__vertex *vertex = weir__plan_vertex(plan, i);
        struct weir__monitor_vertex *seen = weir__vec_add(&monitor->vertices);
        *seen = (struct weir__monitor_vertex){vertex->id, chain_name(vertex), vertex->parallelism,
                                              vertex->max_parallelism};
    }
    pthread_mutex_init(&monitor->lock, NULL);
    return monitor;
}

void weir__monitor_free(struct weir__monitor *monitor)
{
    if (monitor == NULL) {
        return;
    }
    for (size_t i = 0; i < monitor->vertices.count; i++) {
        struct weir__monitor_vertex *vertex = weir__vec_at(&monitor->vertices, i);
        weir__free((char *)vertex->name);
    }
    weir__vec_fini(&monitor->vertices);
    weir__buf_fini(&monitor->plan);
    pthread_mutex_destroy(&monitor->lock);
    weir__free(monitor);
}

/* ---- for the run ---- */

static void cancel_job(struct weir__job *job)
{
    struct weir_error error = {0};
    (void)weir_error_set(&error, WEIR_CANCELLED, NULL, "the job was cancelled through REST");
    weir__job_fail(job, NULL, &error);
}

void weir__monitor_attach(struct weir__monitor *monitor, struct weir__job *job)
{
    pthread_mutex_lock(&monitor->lock);
    monitor->job = job;
    monitor->state = monitor->cancelled ? WEIR__JOB_CANCELLING : WEIR__JOB_RUNNING;
    if (monitor->cancelled) {
        cancel_job(job);
    }
    pthread_mutex_unlock(&monitor->lock);
}

void weir__monitor_detach(struct weir__monitor *monitor)
{
    pthread_mutex_lock(&monitor->lock);
    monitor->job = NULL;
    pthread_mutex_unlock(&monitor->lock);
}

void weir__monitor_restarted(struct weir__monitor *monitor, int restarts)
{
    pthread_mutex_lock(&monitor->lock);
    monitor->restarts = restarts;
    monitor->state = monitor->cancelled ? WEIR__JOB_CANCELLING : WEIR__JOB_RESTARTING;
    pthread_mutex_unlock(&monitor->lock);
}

bool weir__monitor_cancelled(struct weir__monitor *monitor)
{
    pthread_mutex_lock(&monitor->lock);
    bool cancelled = monitor->cancelled;
    pthread_mutex_unlock(&monitor->lock);
    return cancelled;
}

/* ---- for those who watch ---- */

struct weir__monitor_job weir__monitor_job(struct weir__monitor *monitor)
{
    const struct weir__checkpoint_options *options = &monitor->env->settings.checkpoints;
    struct weir__monitor_job seen = {
        .id = monitor->id,
        .name = monitor->env->job_name,
        .plan = monitor->plan.data,
        .start_ms = monitor->start_ms,
        .now_ms = weir_clock_ms(monitor->clock),
        .slots = monitor->slots,
        .vertices = monitor->vertices.count,
        .exactly_once = weir__coordinator_is_exactly_once(monitor->coordinator),
        .interval_ms = options->interval_ms,
        .timeout_ms = options->timeout_ms,
        .checkpoints = weir__coordinator_counts(monitor->coordinator),
    };
    pthread_mutex_lock(&monitor->lock);
    seen.state = monitor->state;
    seen.restarts = monitor->restarts;
    seen.restored = monitor->job != NULL ? monitor->job->checkpoints.restored : 0;
    pthread_mutex_unlock(&monitor->lock);
    return seen;
}

struct weir__monitor_vertex weir__monitor_vertex(const struct weir__monitor *monitor, size_t vertex)
{
    return *(const struct weir__monitor_vertex *)weir__vec_at(&monitor->vertices, vertex);
}

struct visit {
    struct weir__metric_scope scope;
    void (*visit)(const struct weir__metric_scope *scope,
                  const struct weir__metric_reading *reading, void *user);
    void *user;
};

static void visit_metric(const struct weir__metric_reading *reading, void *user)
{
    const struct visit *visit = user;
    visit->visit(&visit->scope, reading, visit->user);
}

static void visit_task(const struct weir__task *task, struct visit *visit)
{
    const struct weir__task_metrics *metrics = weir__task_metrics(task);
    if (metrics == NULL) {
        return;
    }
    visit->scope.subtask = weir__task_subtask(task);
    visit->scope.operator_index = -1;
    visit->scope.operator_name = NULL;
    weir__metric_read(weir__task_metrics_group(metrics), visit_metric, visit);
    size_t count = 0;
    struct weir__host *const *hosts = weir__task_hosts(task, &count);
    for (size_t i = 0; i < count; i++) {
        visit->scope.operator_index = (int)i;
        visit->scope.operator_name = hosts[i]->transformation->name;
        weir__metric_read(hosts[i]->context.metrics, visit_metric, visit);
    }
}

void weir__monitor_metrics(struct weir__monitor *monitor, size_t vertex,
                           void (*visit)(const struct weir__metric_scope *scope,
                                         const struct weir__metric_reading *reading, void *user),
                           void *user)
{
    const struct weir__monitor_vertex seen = weir__monitor_vertex(monitor, vertex);
    struct visit visiting = {.scope = {.vertex = &seen}, .visit = visit, .user = user};
    pthread_mutex_lock(&monitor->lock);
    for (size_t i = 0; monitor->job != NULL && i < monitor->job->tasks.count; i++) {
        const struct weir__task *task = weir__job_task(monitor->job, i);
        if (weir__task_vertex(task)->id == seen.id) {
            visit_task(task, &visiting);
        }
    }
    pthread_mutex_unlock(&monitor->lock);
}

static void visit_latencies(const struct weir__task *task,
                            void (*visit)(const struct weir__metric_reading *reading, void *user),
                            void *user)
{
    size_t count = 0;
    struct weir__host *const *hosts = weir__task_hosts(task, &count);
    for (size_t i = 0; i < count; i++) {
        if (hosts[i]->context.latency != NULL) {
            weir__metric_read(weir__latency_group(hosts[i]->context.latency), visit, user);
        }
    }
}

void weir__monitor_latencies(struct weir__monitor *monitor,
                             void (*visit)(const struct weir__metric_reading *reading, void *user),
                             void *user)
{
    pthread_mutex_lock(&monitor->lock);
    for (size_t i = 0; monitor->job != NULL && i < monitor->job->tasks.count; i++) {
        visit_latencies(weir__job_task(monitor->job, i), visit, user);
    }
    pthread_mutex_unlock(&monitor->lock);
}

void weir__monitor_cancel(struct weir__monitor *monitor)
{
    pthread_mutex_lock(&monitor->lock);
    monitor->cancelled = true;
    monitor->state = WEIR__JOB_CANCELLING;
    if (monitor->job != NULL) {
        cancel_job(monitor->job);
    } else {
        weir__parker_wake(weir__coordinator_parker(monitor->coordinator));
    }
    pthread_mutex_unlock(&monitor->lock);
}
