/*
 * Making a job from its plan.
 */
#include "runtime/job.h"

#include "base/mem.h"
#include "runtime/restore.h"
#include "time/alignment.h"
#include "trace/trace.h"

#include <stdio.h>

static void wake_slot(void *waker)
{
    weir__parker_wake(waker);
}

/* ---- making ---- */

static bool make_slots(struct weir__job *job, struct weir_error *error)
{
    const struct weir__settings *settings = &job->env->settings;
    job->parkers = weir__calloc(job->slots, sizeof(*job->parkers));
    job->surroundings = weir__calloc(job->slots, sizeof(*job->surroundings));
    for (size_t i = 0; i < job->slots; i++) {
        job->parkers[i].fd = -1;
    }
    for (size_t i = 0; i < job->slots; i++) {
        if (weir__parker_init(&job->parkers[i], error) != WEIR_OK) {
            return false;
        }
        job->surroundings[i] = (struct weir__surroundings){
            .clock = job->clock,
            .tracer = job->trace != NULL ? weir__trace_tracer(job->trace) : NULL,
            .properties = (const char *const *)settings->properties.items,
            .brokers = settings->brokers,
            .wake = wake_slot,
            .waker = &job->parkers[i],
            .alignment = job->alignment,
            .checkpoints = &job->checkpoints,
            .seed = settings->seed,
            .state_backend = &settings->state_backend,
            .state_shares = weir__plan_keyed_operators(job->plan),
            .measured = settings->rest.wanted,
            .micro_batch_ms = settings->micro_batch_ms,
            .latency = settings->latency.interval_ms > 0 ? &settings->latency : NULL,
        };
    }
    return true;
}

static void make_tasks(struct weir__job *job)
{
    for (size_t i = 0; i < job->plan->vertices.count; i++) {
        const struct weir__vertex *vertex = weir__plan_vertex(job->plan, i);
        for (int subtask = 0; subtask < vertex->parallelism; subtask++) {
            struct weir__task *task = weir__task_new(vertex, subtask, &job->surroundings[subtask],
                                                     &job->control, job->coordinator);
            weir__task_set_number(task, job->tasks.count);
            weir__vec_push(&job->tasks, &task);
        }
    }
}

static struct weir__task *find_task(const struct weir__job *job, const struct weir__vertex *vertex,
                                    int subtask)
{
    for (size_t i = 0; i < job->tasks.count; i++) {
        struct weir__task *task = weir__job_task(job, i);
        if (weir__task_vertex(task) == vertex) {
            return weir__job_task(job,
                                  i + (size_t)subtask); /* subtasks of a vertex are neighbours */
        }
    }
    return NULL;
}

static void connect_lane(struct weir__job *job, const struct weir__link *link,
                         struct weir__writer *writer, const char *name, int from, int to)
{
    size_t capacity = job->env->settings.channel_buffers;
    struct weir__channel *channel = weir__channel_new(
        capacity > 0 ? capacity : WEIR__CHANNEL_BUFFERS, &job->parkers[from], &job->parkers[to]);
    weir__vec_push(&job->channels, &channel);
    weir__writer_add(writer, channel, to);
    weir__task_add_input(find_task(job, link->to, to), channel, link->edge->input, name);
}

/* One subtask's end of a link: a writer with a channel to every subtask that it may reach. */
static void connect_subtask(struct weir__job *job, const struct weir__link *link, int from)
{
    struct weir__task *task = find_task(job, link->from, from);
    const struct weir__transformation *sender = link->edge->from;
    char name[32];
    snprintf(name, sizeof(name), "%d.%d", sender->id, from);
    struct weir__writer *writer = weir__writer_new(&(struct weir__writer_config){
        .type = weir__transformation_input_type(link->head, link->edge->input),
        .partition = link->partition,
        .key = link->edge->key,
        .max_parallelism = link->to->max_parallelism,
        .choose = link->edge->choose,
        .choose_user = link->edge->choose_user,
        .subtask = from,
        .buffer_bytes = job->env->settings.buffer_bytes,
        .buffer_timeout_ms = job->env->settings.buffer_timeout_ms,
        .pressure = weir__task_pressure(task),
        .tracer = job->surroundings[from].tracer,
        .to_operator = link->head->id,
        .channel_name = name,
    });
    int first = 0;
    int end = link->to->parallelism;
    if (link->partition == WEIR__FORWARD) {
        first = from;
        end = from + 1;
    } else if (link->partition == WEIR__RESCALE) {
        weir__rescale_range(from, link->from->parallelism, end, &first, &end);
    }
    for (int to = first; to < end; to++) {
        connect_lane(job, link, writer, name, from, to);
    }
    weir__task_add_writer(task, link->edge, writer);
}

static void connect_tasks(struct weir__job *job)
{
    for (size_t i = 0; i < job->plan->links.count; i++) {
        const struct weir__link *link = weir__plan_link(job->plan, i);
        for (int from = 0; from < link->from->parallelism; from++) {
            connect_subtask(job, link, from);
        }
    }
}

static void choose_clock(struct weir__job *job, int64_t now_ms)
{
    const weir_env *env = job->env;
    job->clock = env->clock != NULL ? env->clock : &weir_system_clock;
    if (env->settings.scheduler == WEIR__SIMULATION) {
        weir__virtual_clock_init(&job->virtual_clock, now_ms);
        job->clock = &job->virtual_clock.clock;
    }
}

static void trace_plan(struct weir__job *job)
{
    if (weir__tracing(job->tracer)) {
        struct weir__buf json = {0};
        weir__plan_trace(job->plan, &job->env->settings, &json);
        weir__buf_put_u8(&json, '\0');
        weir__trace_job(job->tracer, json.data);
        weir__buf_fini(&json);
    }
}

struct weir__job *weir__job_new(weir_env *env, const struct weir__plan *plan,
                                struct weir__coordinator *coordinator, struct weir__trace *trace,
                                int64_t now_ms, struct weir_error *error)
{
    const struct weir__checkpoint_options *options = &env->settings.checkpoints;
    struct weir__job *job = WEIR__NEW(struct weir__job);
    job->env = env;
    job->plan = plan;
    job->coordinator = coordinator;
    job->checkpoints =
        (struct weir__checkpoint_settings){.job_name = env->job_name,
                                           .interval_ms = options->interval_ms,
                                           .timeout_ms = options->timeout_ms,
                                           .kept = weir__checkpoint_options_keep(options)};
    job->trace = trace;
    job->tracer = trace != NULL ? weir__trace_tracer(trace) : NULL;
    job->slots = (size_t)plan->slots;
    job->tasks = WEIR__VEC_OF(struct weir__task *);
    job->channels = WEIR__VEC_OF(struct weir__channel *);
    pthread_mutex_init(&job->lock, NULL);
    job->alignment = weir__alignment_new();
    choose_clock(job, now_ms);
    if (!make_slots(job, error)) {
        weir__job_free(job);
        return NULL;
    }
    weir__control_init(&job->control, job->parkers, job->slots);
    make_tasks(job);
    connect_tasks(job);
    trace_plan(job);
    return job;
}

/* ---- life ---- */

/* Limits count from here: opening may take its time. */
static void start_timing(struct weir__job *job)
{
    const struct weir__settings *settings = &job->env->settings;
    int64_t now_ms = weir_clock_ms(job->clock);
    job->control.stop_idle_ms = settings->stop_idle_ms;
    if (settings->duration_ms > 0) {
        job->control.stop_at_ms = weir_time_add(now_ms, settings->duration_ms);
    }
}

static enum weir_status restore(struct weir__task *task, const struct weir__checkpoint *restored,
                                struct weir_error *error)
{
    size_t count = 0;
    struct weir__host *const *hosts = weir__task_hosts(task, &count);
    return restored != NULL ? weir__restore_hosts(restored, hosts, count, error) : WEIR_OK;
}

bool weir__job_open(struct weir__job *job, const struct weir__checkpoint *restored)
{
    job->checkpoints.restored = restored != NULL ? restored->id : 0;
    for (size_t i = job->tasks.count; i > 0; i--) {
        struct weir__task *task = weir__job_task(job, i - 1);
        struct weir_error error = {0};
        if (weir__task_open(task, &error) != WEIR_OK ||
            restore(task, restored, &error) != WEIR_OK) {
            weir__job_fail(job, task, &error);
            return false;
        }
    }
    start_timing(job);
    return true;
}

void weir__job_free(struct weir__job *job)
{
    for (size_t i = 0; i < job->tasks.count; i++) {
        weir__task_free(weir__job_task(job, i));
    }
    for (size_t i = 0; i < job->channels.count; i++) {
        weir__channel_free(*(struct weir__channel **)weir__vec_at(&job->channels, i));
    }
    for (size_t i = 0; job->parkers != NULL && i < job->slots; i++) {
        weir__parker_fini(&job->parkers[i]);
    }
    weir__vec_fini(&job->tasks);
    weir__vec_fini(&job->channels);
    weir__free(job->parkers);
    weir__free(job->surroundings);
    weir__alignment_free(job->alignment);
    pthread_mutex_destroy(&job->lock);
    weir__free(job);
}

void weir__job_fail(struct weir__job *job, const struct weir__task *task,
                    const struct weir_error *error)
{
    int parallelism = task != NULL ? weir__task_vertex(task)->parallelism : 1;
    pthread_mutex_lock(&job->lock);
    if (job->error.code == WEIR_OK) {
        job->error = *error;
        if (job->error.code == WEIR_OK) {
            job->error.code = WEIR_INVALID; /* a failure without a code is one all the same */
        }
        if (parallelism > 1) {
            snprintf(job->error.where, sizeof(job->error.where), "%.120s (subtask %d of %d)",
                     error->where, weir__task_subtask(task) + 1, parallelism);
        }
    }
    pthread_mutex_unlock(&job->lock);
    weir__control_abort(&job->control);
}

bool weir__job_take_failure(struct weir__job *job)
{
    for (size_t i = 0; i < job->tasks.count; i++) {
        const struct weir__task *task = weir__job_task(job, i);
        size_t count = 0;
        struct weir__host *const *hosts = weir__task_hosts(task, &count);
        const struct weir__host *failed = weir__hosts_failed(hosts, count);
        if (failed != NULL) {
            weir__job_fail(job, task, &failed->context.failure);
            return true;
        }
    }
    return false;
}
