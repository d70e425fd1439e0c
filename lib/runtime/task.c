/*
 * The step function.
 */
#include "runtime/task.h"

#include "base/mem.h"
#include "metrics/metrics.h"
#include "runtime/coordinator.h"
#include "runtime/task_metrics.h"
#include "trace/trace.h"

#include <assert.h>
#include <stdio.h>

enum {
    POLL_PAUSE_MS = 10, /* a source that had nothing and wakes nobody is asked again after this */
};

enum phase { RUNNING, CLOSING, DRAINING, DONE };

struct weir__task {
    const struct weir__vertex *vertex;
    int subtask;
    const struct weir_clock *clock;
    struct weir__control *control;
    struct weir__coordinator *coordinator;
    size_t number;             /* among the coordinator's tasks */
    struct weir__host **hosts; /* head first */
    size_t host_count;
    struct weir__gate *gate;  /* NULL: a source */
    struct weir__vec writers; /* of struct weir__writer * */
    int pressure;             /* full lanes and full operators */
    int pauses;               /* operators that hold the source back */
    enum phase phase;
    size_t closed;                      /* CLOSING: how many operators have finished */
    int64_t now_ms;                     /* of this step */
    int64_t brought;                    /* a source: what it had brought when last asked */
    bool has_more;                      /* a source: it stopped because it had brought enough */
    int64_t poll_at_ms;                 /* a source without data: when to ask again */
    int64_t active_ms;                  /* a source: when it last had something, or would have */
    bool quiet;                         /* a source: so it has been for --stop-idle */
    int64_t checkpoint;                 /* whose barrier it has passed on last */
    struct weir__task_metrics *metrics; /* NULL: nobody watches */
    struct weir_error error;
};

static struct weir__writer *writer_at(const struct weir__task *task, size_t i)
{
    return *(struct weir__writer **)weir__vec_at(&task->writers, i);
}

/* ---- making ---- */

static struct weir__host *host_of(const struct weir__task *task,
                                  const struct weir__transformation *transformation)
{
    for (size_t i = 0; i < task->host_count; i++) {
        if (task->hosts[i]->transformation == transformation) {
            return task->hosts[i];
        }
    }
    assert(!"the operator is in the chain");
    return NULL;
}

struct weir__task *weir__task_new(const struct weir__vertex *vertex, int subtask,
                                  const struct weir__surroundings *surroundings,
                                  struct weir__control *control,
                                  struct weir__coordinator *coordinator)
{
    struct weir__task *task = WEIR__NEW(struct weir__task);
    task->vertex = vertex;
    task->subtask = subtask;
    task->clock = surroundings->clock;
    task->control = control;
    task->coordinator = coordinator;
    task->checkpoint = weir__coordinator_triggered(coordinator);
    task->writers = WEIR__VEC_OF(struct weir__writer *);
    task->poll_at_ms = WEIR_TIME_MAX;
    task->active_ms = WEIR_TIME_MIN;
    task->hosts = weir__calloc(vertex->operators.count, sizeof(*task->hosts));
    for (size_t i = 0; i < vertex->operators.count; i++) {
        const struct weir__transformation *transformation = weir__vertex_operator(vertex, i);
        struct weir__host *host =
            weir__host_new(transformation, surroundings, subtask, vertex->parallelism);
        host->context.max_parallelism = vertex->max_parallelism;
        weir__host_measure_latency(host, surroundings, vertex->id, (int)i);
        host->context.pressure = &task->pressure;
        host->context.pauses = &task->pauses;
        task->hosts[task->host_count++] = host;
        if (i > 0) {
            const struct weir__edge *edge = &transformation->inputs[0];
            weir__host_chain(host_of(task, edge->from), edge->tag, host);
        }
    }
    if (task->hosts[0]->transformation->input_count > 0) {
        task->gate = weir__gate_new(task->hosts[0]->op, &task->pressure,
                                    weir__coordinator_is_exactly_once(coordinator));
    } else {
        atomic_fetch_add(&control->restless, 1);
    }
    if (surroundings->measured) {
        task->metrics = weir__task_metrics_new(task->hosts, task->host_count, task->clock);
    }
    return task;
}

void weir__task_free(struct weir__task *task)
{
    if (task == NULL) {
        return;
    }
    for (size_t i = 0; i < task->host_count; i++) {
        weir__host_free(task->hosts[i]);
    }
    for (size_t i = 0; i < task->writers.count; i++) {
        weir__writer_free(writer_at(task, i));
    }
    weir__vec_fini(&task->writers);
    weir__gate_free(task->gate);
    weir__task_metrics_free(task->metrics);
    weir__free(task->hosts);
    weir__free(task);
}

void weir__task_add_writer(struct weir__task *task, const struct weir__edge *edge,
                           struct weir__writer *writer)
{
    weir__vec_push(&task->writers, &writer);
    struct weir__host *host = host_of(task, edge->from);
    weir__writer_set_sender(writer, host->op);
    weir__host_connect(host, edge->tag, weir__writer_receiver(writer));
}

void weir__task_add_input(struct weir__task *task, struct weir__channel *channel, int input,
                          const char *name)
{
    weir__gate_add(task->gate, channel, input, name);
}

void weir__task_set_number(struct weir__task *task, size_t number)
{
    task->number = number;
}

int *weir__task_pressure(struct weir__task *task)
{
    return &task->pressure;
}

enum weir_status weir__task_open(struct weir__task *task, struct weir_error *error)
{
    for (size_t i = task->host_count; i > 0; i--) {
        struct weir__host *host = task->hosts[i - 1];
        enum weir_status status = weir__host_open(host, error);
        if (status != WEIR_OK) {
            if (error->where[0] == '\0') {
                snprintf(error->where, sizeof(error->where), "%s", host->context.name);
            }
            return status;
        }
    }
    return WEIR_OK;
}

/* ---- failure ---- */

static enum weir_step fail(struct weir__task *task, const struct weir__host *host,
                           const struct weir_error *error)
{
    task->error = *error;
    if (task->error.where[0] == '\0') {
        snprintf(task->error.where, sizeof(task->error.where), "%s", host->context.name);
    }
    if (weir__tracing(host->context.tracer)) {
        weir__trace_failure(host->context.tracer, host->context.id, task->subtask,
                            task->error.message, 0);
    }
    return WEIR_STEP_FAILED;
}

static const struct weir__host *failed_host(const struct weir__task *task)
{
    return weir__hosts_failed(task->hosts, task->host_count);
}

/* ---- checkpoints ---- */

/* Between two elements: everything before is in the snapshot, everything behind is not. */
static void take_checkpoint(struct weir__task *task, int64_t checkpoint)
{
    /* What became of the one before was said before this one began. */
    weir__coordinator_tell(task->coordinator, task->number, task->hosts, task->host_count);
    weir__coordinator_take(task->coordinator, task->number, task->hosts, task->host_count,
                           checkpoint);
    const struct weir__operator_context *head = &task->hosts[0]->context;
    if (weir__tracing(head->tracer) && task->writers.count > 0) {
        weir__trace_barrier(head->tracer, "forward", head->id, task->subtask, NULL, checkpoint);
    }
    for (size_t i = 0; i < task->writers.count; i++) {
        weir__writer_barrier(writer_at(task, i), checkpoint);
    }
    task->checkpoint = checkpoint;
}

/* True: a source has begun a checkpoint. */
static bool begin_checkpoint(struct weir__task *task)
{
    int64_t triggered = weir__coordinator_triggered(task->coordinator);
    if (triggered <= task->checkpoint) {
        return false;
    }
    take_checkpoint(task, triggered);
    return true;
}

/* ---- input ---- */

static bool source_should_stop(struct weir__task *task)
{
    struct weir__control *control = task->control;
    if (atomic_load(&control->stopping)) {
        return true;
    }
    if (task->now_ms >= control->stop_at_ms) {
        weir__control_stop(control);
        return true;
    }
    return false;
}

static void become_quiet(struct weir__task *task)
{
    struct weir__control *control = task->control;
    task->quiet = true;
    if (atomic_fetch_sub(&control->restless, 1) == 1 && control->stop_idle_ms > 0) {
        weir__control_stop(control);
    }
}

/* --stop-idle: each source says for itself that it is quiet, after it was asked. So one that is
 * held up, or whose thread gets no turn, is not taken for one that has nothing. */
static void watch_quiet(struct weir__task *task, bool active)
{
    int64_t limit_ms = task->control->stop_idle_ms;
    if (active || task->active_ms == WEIR_TIME_MIN ||
        task->active_ms > task->now_ms) { /* the clock was set back */
        task->active_ms = task->now_ms;
    }
    if (task->quiet && active) {
        task->quiet = false;
        atomic_fetch_add(&task->control->restless, 1);
    } else if (!task->quiet && limit_ms > 0 && task->now_ms - task->active_ms >= limit_ms) {
        become_quiet(task);
    }
}

static enum weir_step poll_source(struct weir__task *task, int budget)
{
    struct weir__operator *source = task->hosts[0]->op;
    bool stops = source_should_stop(task);
    if (stops && weir__source_operator_stop(source)) {
        task->phase = CLOSING;
        return WEIR_STEP_PROGRESS;
    }
    bool between = weir__source_operator_is_between_batches(source);
    if (between && begin_checkpoint(task)) {
        return WEIR_STEP_PROGRESS;
    }
    if (task->pauses > 0 && between) { /* a batch that goes on may have to bring a barrier */
        watch_quiet(task, false);
        return WEIR_STEP_BLOCKED_ON_INPUT; /* a tick of whoever holds it lets it go */
    }
    struct weir_error error = {0};
    enum weir_poll polled = weir__source_operator_poll(source, budget, &error);
    if (weir__source_operator_take_batch_over(source) && !begin_checkpoint(task)) {
        weir__coordinator_batch_over(task->coordinator);
    }
    int64_t now_brought = weir__source_operator_brought(source);
    bool active = now_brought != task->brought;
    task->has_more = now_brought - task->brought >= budget;
    task->brought = now_brought;
    watch_quiet(task, active || polled == WEIR_POLL_MORE || polled == WEIR_POLL_WAITING);
    switch (polled) {
    case WEIR_POLL_MORE:
        return WEIR_STEP_PROGRESS;
    case WEIR_POLL_NOTHING:
    case WEIR_POLL_WAITING:
        task->poll_at_ms = weir_time_add(task->now_ms, POLL_PAUSE_MS);
        return active ? WEIR_STEP_PROGRESS : WEIR_STEP_BLOCKED_ON_INPUT;
    case WEIR_POLL_END:
        if (!task->quiet) {
            become_quiet(task);
        }
        task->phase = CLOSING;
        return WEIR_STEP_PROGRESS;
    case WEIR_POLL_FAILED:
        break;
    }
    return fail(task, task->hosts[0], &error);
}

static enum weir_step read_gate(struct weir__task *task, int budget)
{
    struct weir_error error = {0};
    struct weir__gate_result result;
    if (weir__gate_read(task->gate, budget, &result, &error) != WEIR_OK) {
        return fail(task, task->hosts[0], &error);
    }
    if (result.checkpoint != 0) {
        take_checkpoint(task, result.checkpoint);
    }
    if (weir__gate_ended(task->gate)) {
        task->phase = CLOSING;
        return WEIR_STEP_PROGRESS;
    }
    return result.progress ? WEIR_STEP_PROGRESS : WEIR_STEP_BLOCKED_ON_INPUT;
}

/* ---- the end ---- */

static void end_writers(struct weir__task *task)
{
    for (size_t i = 0; i < task->writers.count; i++) {
        weir__writer_end(writer_at(task, i));
    }
}

/* The final watermark, then finish for each operator; stops wherever something is full. */
static enum weir_step close_operators(struct weir__task *task)
{
    if (task->closed == 0) {
        weir__operator_set_idle(task->hosts[0]->op, false);
        weir__operator_advance(task->hosts[0]->op, WEIR_TIME_MAX);
    }
    while (task->closed < task->host_count && task->pressure == 0 && failed_host(task) == NULL) {
        weir__host_finish(task->hosts[task->closed++]);
    }
    if (task->closed == task->host_count) {
        end_writers(task);
        task->phase = DRAINING;
    }
    return WEIR_STEP_PROGRESS;
}

static bool writers_are_empty(const struct weir__task *task)
{
    for (size_t i = 0; i < task->writers.count; i++) {
        if (!weir__writer_is_empty(writer_at(task, i))) {
            return false;
        }
    }
    return true;
}

/* ---- the step ---- */

/* True: something happened. */
static bool tick(struct weir__task *task)
{
    bool happened = false;
    for (size_t i = 0; i < task->host_count; i++) {
        happened = weir__host_tick(task->hosts[i], task->now_ms) || happened;
    }
    for (size_t i = 0; i < task->writers.count; i++) {
        happened = weir__writer_tick(writer_at(task, i), task->now_ms) || happened;
    }
    return happened;
}

static bool relax(struct weir__task *task)
{
    bool happened = false;
    for (size_t i = 0; i < task->writers.count; i++) {
        happened = weir__writer_relax(writer_at(task, i)) || happened;
    }
    return happened;
}

static enum weir_step work(struct weir__task *task, int budget)
{
    if (task->phase == DRAINING && writers_are_empty(task)) {
        task->phase = DONE;
        weir__coordinator_done(task->coordinator, task->number);
    }
    if (task->phase == DONE) {
        return WEIR_STEP_DONE;
    }
    if (task->pressure > 0) {
        return WEIR_STEP_BLOCKED_ON_OUTPUT;
    }
    switch (task->phase) {
    case RUNNING:
        return task->gate == NULL ? poll_source(task, budget) : read_gate(task, budget);
    case CLOSING:
        return close_operators(task);
    case DRAINING:
    case DONE:
        break;
    }
    return WEIR_STEP_BLOCKED_ON_OUTPUT;
}

/* Behind the last checkpoint nothing more is done than to hear that it is complete, and to get the
 * barrier out. */
static enum weir_step listen(struct weir__task *task)
{
    bool happened = false;
    for (size_t i = 0; i < task->writers.count; i++) {
        happened = weir__writer_tick(writer_at(task, i), task->now_ms) || happened;
    }
    const struct weir__host *failed = failed_host(task);
    if (failed != NULL) {
        return fail(task, failed, &failed->context.failure);
    }
    return happened ? WEIR_STEP_PROGRESS : WEIR_STEP_BLOCKED_ON_INPUT;
}

static enum weir_step step(struct weir__task *task, int budget)
{
    task->poll_at_ms = WEIR_TIME_MAX;
    weir__coordinator_tell(task->coordinator, task->number, task->hosts, task->host_count);
    if (weir__coordinator_stops_with(task->coordinator, task->checkpoint)) {
        return listen(task);
    }
    bool happened = tick(task);
    enum weir_step result = work(task, budget);
    const struct weir__host *failed = result != WEIR_STEP_FAILED ? failed_host(task) : NULL;
    if (failed != NULL) {
        return fail(task, failed, &failed->context.failure);
    }
    if (result == WEIR_STEP_BLOCKED_ON_INPUT) {
        happened = relax(task) || happened;
    }
    bool blocked = result == WEIR_STEP_BLOCKED_ON_INPUT || result == WEIR_STEP_BLOCKED_ON_OUTPUT;
    return blocked && happened ? WEIR_STEP_PROGRESS : result;
}

static void begin_measured_step(struct weir__task *task)
{
    if (task->now_ms >= weir__task_metrics_deadline(task->metrics)) {
        struct weir__channel_usage in = {0};
        struct weir__channel_usage out = {0};
        if (task->gate != NULL) {
            in = weir__gate_usage(task->gate);
        }
        for (size_t i = 0; i < task->writers.count; i++) {
            weir__writer_add_usage(writer_at(task, i), &out);
        }
        weir__task_metrics_set_usage(task->metrics, in, out);
    }
    weir__task_metrics_begin_step(task->metrics, task->now_ms);
}

enum weir_step weir__task_step(struct weir__task *task, int budget)
{
    if (task->phase == DONE) {
        return WEIR_STEP_DONE;
    }
    task->now_ms = weir_clock_ms(task->clock);
    if (task->metrics == NULL) {
        return step(task, budget);
    }
    begin_measured_step(task);
    enum weir_step result = step(task, budget);
    bool could_go_on = task->gate == NULL && (task->has_more || task->pressure > 0);
    weir__task_metrics_end_step(task->metrics, result, could_go_on);
    return result;
}

int64_t weir__task_deadline(const struct weir__task *task)
{
    bool works = !weir__coordinator_stops_with(task->coordinator, task->checkpoint);
    int64_t first = task->poll_at_ms;
    if (task->metrics != NULL && weir__task_metrics_deadline(task->metrics) < first) {
        first = weir__task_metrics_deadline(task->metrics);
    }
    for (size_t i = 0; i < task->host_count && works; i++) {
        int64_t due = weir__host_next_tick(task->hosts[i]);
        first = due < first ? due : first;
    }
    for (size_t i = 0; i < task->writers.count; i++) {
        int64_t due = weir__writer_deadline(writer_at(task, i));
        first = due < first ? due : first;
    }
    return first;
}

/* ---- looking in ---- */

const struct weir_error *weir__task_error(const struct weir__task *task)
{
    return &task->error;
}

const struct weir__vertex *weir__task_vertex(const struct weir__task *task)
{
    return task->vertex;
}

int weir__task_subtask(const struct weir__task *task)
{
    return task->subtask;
}

const struct weir__task_metrics *weir__task_metrics(const struct weir__task *task)
{
    return task->metrics;
}

struct weir__host *const *weir__task_hosts(const struct weir__task *task, size_t *count)
{
    *count = task->host_count;
    return task->hosts;
}
