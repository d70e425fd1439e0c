/*
 * The coordinator's book-keeping.
 */
#include "runtime/coordinator.h"

#include "base/log.h"
#include "base/mem.h"
#include "runtime/checkpoint_store.h"
#include "runtime/control.h"
#include "runtime/task.h"
#include "trace/trace.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

/* What is known of a task. */
struct part {
    struct weir__snapshot *taken; /* of the pending checkpoint, owned; under lock */
    bool ended;                   /* under lock */
    /* What its operators have heard; the task's thread, and step's once it has ended. */
    int64_t completed;
    int64_t aborted;
};

struct weir__coordinator {
    /* fixed */
    const struct weir__checkpoint_options *options;
    struct weir__checkpoint_store *store; /* NULL: none */
    const char *savepoints;
    const char *job_name;
    struct weir__parker parker;
    /* fixed in an attempt */
    struct weir__task *const *tasks;
    size_t task_count;
    struct weir__control *control; /* NULL: no attempt */
    const struct weir_clock *clock;
    struct weir__tracer *tracer;
    /* step's thread */
    enum weir__checkpoint_kind kind; /* of the pending one */
    int64_t started_ms;
    int64_t due_ms; /* when the next begins; WEIR_TIME_MAX: never by itself */
    int64_t next_id;
    int64_t
        settled; /* of the last checkpoints the one that all sinks are known to have committed */
    int64_t failures;          /* in a row */
    struct weir_error failure; /* why the attempt must end; code WEIR_OK: it need not */
    /* under lock; step's thread alone writes pending and writer */
    pthread_mutex_t lock;
    struct part *parts;                     /* one a task */
    int64_t pending;                        /* 0: none */
    struct weir__checkpoint_writer *writer; /* of the pending one; NULL: it is not kept */
    size_t missing;                         /* parts that have not taken theirs */
    size_t told_of_stop;      /* tasks that know that the last checkpoint is complete */
    struct weir__vec offsets; /* of struct weir_source_offset: of the last complete one */
    struct weir__checkpoint_counts counts;
    /* atomic */
    _Atomic int64_t triggered;
    _Atomic int64_t completed;
    _Atomic int64_t aborted;
    _Atomic int64_t stop_with; /* the checkpoint after which the job stops; 0: none */
    atomic_bool stop_wanted;
    atomic_bool stopped;
};

/* ---- life ---- */

struct weir__coordinator *weir__coordinator_new(const struct weir__coordinator_config *config,
                                                struct weir_error *error)
{
    struct weir__coordinator *coordinator = WEIR__NEW(struct weir__coordinator);
    coordinator->options = config->options;
    coordinator->store = config->store;
    coordinator->savepoints = config->savepoints;
    coordinator->job_name = config->job_name;
    coordinator->next_id =
        config->store != NULL ? weir__checkpoint_store_next_id(config->store) : 1;
    coordinator->offsets = WEIR__VEC_OF(struct weir_source_offset);
    pthread_mutex_init(&coordinator->lock, NULL);
    if (weir__parker_init(&coordinator->parker, error) != WEIR_OK) {
        coordinator->parker.fd = -1;
        weir__coordinator_free(coordinator);
        return NULL;
    }
    return coordinator;
}

void weir__coordinator_free(struct weir__coordinator *coordinator)
{
    if (coordinator == NULL) {
        return;
    }
    weir__parker_fini(&coordinator->parker);
    weir__offsets_fini(&coordinator->offsets);
    pthread_mutex_destroy(&coordinator->lock);
    weir__free(coordinator);
}

void weir__coordinator_begin(struct weir__coordinator *coordinator, struct weir__task *const *tasks,
                             size_t task_count, struct weir__control *control,
                             const struct weir_clock *clock, struct weir__tracer *tracer,
                             int64_t restored)
{
    coordinator->settled = restored;
    coordinator->tasks = tasks;
    coordinator->task_count = task_count;
    coordinator->control = control;
    coordinator->clock = clock;
    coordinator->tracer = tracer;
    coordinator->parts = weir__calloc(task_count, sizeof(*coordinator->parts));
    coordinator->told_of_stop = 0;
    coordinator->failures = 0;
    coordinator->failure = (struct weir_error){0};
    for (size_t i = 0; i < task_count; i++) {
        coordinator->parts[i].completed = atomic_load(&coordinator->completed);
        coordinator->parts[i].aborted = atomic_load(&coordinator->aborted);
    }
    bool by_itself = coordinator->store != NULL && coordinator->options->interval_ms > 0;
    coordinator->due_ms =
        by_itself ? weir_time_add(weir_clock_ms(clock), coordinator->options->interval_ms)
                  : WEIR_TIME_MAX;
}

/* Forgets what was taken for the pending checkpoint; returns its writer. Under lock. */
static struct weir__checkpoint_writer *drop_pending(struct weir__coordinator *coordinator)
{
    struct weir__checkpoint_writer *writer = coordinator->writer;
    for (size_t i = 0; i < coordinator->task_count; i++) {
        weir__snapshot_free(coordinator->parts[i].taken);
        coordinator->parts[i].taken = NULL;
    }
    coordinator->pending = 0;
    coordinator->writer = NULL;
    return writer;
}

static void trace(struct weir__coordinator *coordinator, int64_t id, const char *state,
                  int64_t bytes)
{
    if (weir__tracing(coordinator->tracer)) {
        weir__trace_checkpoint(coordinator->tracer, id, state, bytes,
                               weir_clock_ms(coordinator->clock) - coordinator->started_ms);
    }
}

/* The pending checkpoint has ended. Under lock; it is not among the counts yet. */
static void remember(struct weir__coordinator *coordinator, int64_t now_ms, int64_t bytes,
                     bool completed)
{
    struct weir__checkpoint_counts *counts = &coordinator->counts;
    int64_t number = counts->completed + counts->failed;
    counts->past[number % WEIR__PAST_CHECKPOINTS] = (struct weir__past_checkpoint){
        .id = coordinator->pending,
        .completed = completed,
        .savepoint = coordinator->kind == WEIR__SAVEPOINT,
        .begun_ms = coordinator->started_ms,
        .ms = now_ms - coordinator->started_ms,
        .bytes = bytes,
    };
}

/* The pending checkpoint will never be complete. */
static void give_up(struct weir__coordinator *coordinator)
{
    int64_t id = coordinator->pending;
    int64_t now_ms = weir_clock_ms(coordinator->clock);
    trace(coordinator, id, "failed", 0);
    pthread_mutex_lock(&coordinator->lock);
    remember(coordinator, now_ms, 0, false);
    struct weir__checkpoint_writer *writer = drop_pending(coordinator);
    coordinator->counts.failed++;
    pthread_mutex_unlock(&coordinator->lock);
    if (writer != NULL) {
        weir__checkpoint_abandon(writer);
    }
    atomic_store(&coordinator->aborted, id);
}

void weir__coordinator_end(struct weir__coordinator *coordinator)
{
    if (coordinator->pending != 0) {
        give_up(coordinator);
    }
    weir__free(coordinator->parts);
    coordinator->parts = NULL;
    coordinator->control = NULL;
}

/* ---- what tasks call ---- */

int64_t weir__coordinator_triggered(const struct weir__coordinator *coordinator)
{
    return atomic_load_explicit(&coordinator->triggered, memory_order_acquire);
}

bool weir__coordinator_stops_with(const struct weir__coordinator *coordinator, int64_t checkpoint)
{
    return checkpoint != 0 && atomic_load(&coordinator->stop_with) == checkpoint;
}

static void wake(struct weir__coordinator *coordinator)
{
    weir__parker_wake(&coordinator->parker);
}

/* The folder for attachments, none for a savepoint: any state backend must be able to read it.
 * False: nobody wants the snapshot any more. */
static bool ask(struct weir__coordinator *coordinator, size_t task, int64_t checkpoint,
                char *folder, size_t size)
{
    pthread_mutex_lock(&coordinator->lock);
    bool wanted = coordinator->pending == checkpoint && coordinator->parts[task].taken == NULL;
    folder[0] = '\0';
    if (wanted && coordinator->writer != NULL && coordinator->kind == WEIR__CHECKPOINT) {
        snprintf(folder, size, "%s", weir__checkpoint_writer_path(coordinator->writer));
    }
    pthread_mutex_unlock(&coordinator->lock);
    return wanted;
}

static void hand_over(struct weir__coordinator *coordinator, size_t task,
                      struct weir__snapshot *snapshot)
{
    pthread_mutex_lock(&coordinator->lock);
    bool wanted = coordinator->pending == snapshot->checkpoint;
    if (wanted) {
        coordinator->parts[task].taken = snapshot;
        coordinator->missing--;
    }
    pthread_mutex_unlock(&coordinator->lock);
    if (!wanted) {
        weir__snapshot_free(snapshot);
    }
}

void weir__coordinator_take(struct weir__coordinator *coordinator, size_t task,
                            struct weir__host *const *hosts, size_t count, int64_t checkpoint)
{
    char folder[PATH_MAX];
    if (!ask(coordinator, task, checkpoint, folder, sizeof(folder))) {
        return;
    }
    struct weir__snapshot *snapshot = weir__snapshot_take(
        hosts, count, checkpoint, folder[0] != '\0' ? folder : NULL, coordinator->store == NULL);
    if (weir__hosts_failed(hosts, count) != NULL) {
        weir__snapshot_free(snapshot); /* a part of it is not there: it must never be complete */
        return;
    }
    hand_over(coordinator, task, snapshot);
    wake(coordinator);
}

void weir__coordinator_done(struct weir__coordinator *coordinator, size_t task)
{
    pthread_mutex_lock(&coordinator->lock);
    coordinator->parts[task].ended = true;
    pthread_mutex_unlock(&coordinator->lock);
    wake(coordinator);
}

static void tell_completed(struct weir__coordinator *coordinator, struct part *part,
                           int64_t completed, struct weir__host *const *hosts, size_t count)
{
    struct weir__vec offsets = WEIR__VEC_OF(struct weir_source_offset);
    pthread_mutex_lock(&coordinator->lock);
    weir__offsets_add(&offsets, coordinator->offsets.items, coordinator->offsets.count);
    pthread_mutex_unlock(&coordinator->lock);
    const struct weir__completed news = {completed, offsets.items, offsets.count};
    for (size_t i = 0; i < count; i++) {
        if (hosts[i]->op->ops->checkpoint_complete != NULL && !hosts[i]->context.failed) {
            hosts[i]->op->ops->checkpoint_complete(hosts[i]->op, &news);
        }
    }
    weir__offsets_fini(&offsets);
    part->completed = completed;
    if (completed == atomic_load(&coordinator->stop_with)) {
        pthread_mutex_lock(&coordinator->lock);
        coordinator->told_of_stop++;
        pthread_mutex_unlock(&coordinator->lock);
        wake(coordinator);
    }
}

static void tell_aborted(struct part *part, int64_t aborted, struct weir__host *const *hosts,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hosts[i]->op->ops->checkpoint_aborted != NULL && !hosts[i]->context.failed) {
            hosts[i]->op->ops->checkpoint_aborted(hosts[i]->op, aborted);
        }
    }
    part->aborted = aborted;
}

void weir__coordinator_tell(struct weir__coordinator *coordinator, size_t task,
                            struct weir__host *const *hosts, size_t count)
{
    struct part *part = &coordinator->parts[task];
    int64_t aborted = atomic_load_explicit(&coordinator->aborted, memory_order_acquire);
    int64_t completed = atomic_load_explicit(&coordinator->completed, memory_order_acquire);
    bool aborted_first = aborted < completed;
    if (aborted > part->aborted && aborted_first) {
        tell_aborted(part, aborted, hosts, count);
    }
    if (completed > part->completed) {
        tell_completed(coordinator, part, completed, hosts, count);
    }
    if (aborted > part->aborted && !aborted_first) {
        tell_aborted(part, aborted, hosts, count);
    }
}

/* ---- tasks that have ended ---- */

static bool has_ended(struct weir__coordinator *coordinator, size_t task)
{
    pthread_mutex_lock(&coordinator->lock);
    bool ended = coordinator->parts[task].ended;
    pthread_mutex_unlock(&coordinator->lock);
    return ended;
}

static void take_for_the_ended(struct weir__coordinator *coordinator)
{
    for (size_t i = 0; i < coordinator->task_count && coordinator->pending != 0; i++) {
        if (has_ended(coordinator, i)) {
            size_t count = 0;
            struct weir__host *const *hosts = weir__task_hosts(coordinator->tasks[i], &count);
            weir__coordinator_take(coordinator, i, hosts, count, coordinator->pending);
            if (weir__hosts_failed(hosts, count) != NULL) {
                weir__control_abort(coordinator->control); /* nobody else will look at it */
            }
        }
    }
}

/* Why an operator could not take part in the checkpoint. */
static enum weir_status operator_failure(const struct weir__coordinator *coordinator,
                                         struct weir_error *error)
{
    const struct weir__host *failed = NULL;
    for (size_t i = 0; i < coordinator->task_count && failed == NULL; i++) {
        size_t count = 0;
        struct weir__host *const *hosts = weir__task_hosts(coordinator->tasks[i], &count);
        failed = weir__hosts_failed(hosts, count);
    }
    assert(failed != NULL);
    *error = failed->context.failure;
    return error->code;
}

static void tell_the_ended(struct weir__coordinator *coordinator)
{
    for (size_t i = 0; i < coordinator->task_count; i++) {
        if (has_ended(coordinator, i)) {
            size_t count = 0;
            struct weir__host *const *hosts = weir__task_hosts(coordinator->tasks[i], &count);
            weir__coordinator_tell(coordinator, i, hosts, count);
        }
    }
}

/* ---- a checkpoint's way ---- */

/* A failed checkpoint is a warning, until there are too many in a row. */
static void fail(struct weir__coordinator *coordinator, int64_t id, const struct weir_error *why)
{
    int64_t tolerable = coordinator->options->tolerable_failures;
    bool too_many = tolerable >= 0 && ++coordinator->failures > tolerable;
    weir__log(WEIR__LOG_WARNING, "checkpoint %lld failed: %s%s%s; the job goes on", (long long)id,
              why->where, why->where[0] != '\0' ? ": " : "", why->message);
    bool last = atomic_load(&coordinator->stop_with) == id;
    if (too_many || last) {
        weir_error_set(&coordinator->failure, why->code, why->where,
                       last ? "the savepoint failed: %s"
                            : "more checkpoints failed in a row than are tolerated "
                              "(--tolerable-failed-checkpoints); the last one: %s",
                       why->message);
        weir__control_abort(coordinator->control);
    }
}

static enum weir_status trigger(struct weir__coordinator *coordinator, bool stop,
                                struct weir_error *error)
{
    int64_t id = coordinator->next_id++;
    coordinator->kind = stop ? WEIR__SAVEPOINT : WEIR__CHECKPOINT;
    coordinator->started_ms = weir_clock_ms(coordinator->clock);
    struct weir__checkpoint_writer *writer = NULL;
    enum weir_status status = WEIR_OK;
    if (stop) {
        atomic_store(&coordinator->stop_with, id);
    }
    if (coordinator->store != NULL) {
        status = weir__checkpoint_begin(coordinator->store, id, coordinator->kind,
                                        stop ? coordinator->savepoints : NULL, &writer, error);
    }
    pthread_mutex_lock(&coordinator->lock);
    coordinator->pending = id;
    coordinator->writer = writer;
    coordinator->missing = coordinator->task_count;
    pthread_mutex_unlock(&coordinator->lock);
    trace(coordinator, id, "started", 0);
    if (status != WEIR_OK) {
        give_up(coordinator);
        return status;
    }
    atomic_store_explicit(&coordinator->triggered, id, memory_order_release);
    weir__control_wake(coordinator->control);
    return WEIR_OK;
}

static enum weir_status write_part(struct weir__coordinator *coordinator, size_t task,
                                   struct weir_error *error)
{
    const struct weir__snapshot *snapshot = coordinator->parts[task].taken;
    if (snapshot == NULL) {
        return WEIR_OK; /* WEIR__MUTANT_FORGETS_A_SNAPSHOT */
    }
    size_t count = 0;
    struct weir__host *const *hosts = weir__task_hosts(coordinator->tasks[task], &count);
    for (size_t i = 0; i < count; i++) {
        if (snapshot->states[i].len == 0) {
            continue;
        }
        const struct weir__operator_context *context = &hosts[i]->context;
        const struct weir__checkpoint_entry entry = {
            .operator_id = hosts[i]->transformation->state_id,
            .operator_name = context->name,
            .subtask = context->subtask,
            .parallelism = context->parallelism,
            .max_parallelism = context->max_parallelism,
            .bytes = {snapshot->states[i].data, (uint32_t)snapshot->states[i].len},
        };
        enum weir_status status = weir__checkpoint_add(coordinator->writer, &entry, error);
        if (status != WEIR_OK) {
            return status;
        }
    }
    return WEIR_OK;
}

/* All parts are there: nobody but this thread touches them, or the writer, until it is dropped. */
static enum weir_status write_down(struct weir__coordinator *coordinator, int64_t *bytes,
                                   struct weir_error *error)
{
    if (coordinator->writer == NULL) {
        return WEIR_OK;
    }
    enum weir_status status = WEIR_OK;
    for (size_t i = 0; i < coordinator->task_count && status == WEIR_OK; i++) {
        status = write_part(coordinator, i, error);
    }
    if (status != WEIR_OK) {
        return status;
    }
    const struct weir__checkpoint_job job = {
        .name = coordinator->job_name,
        .id = coordinator->job_name,
        .timestamp_ms = coordinator->started_ms,
        .exactly_once = !coordinator->options->at_least_once,
    };
    pthread_mutex_lock(&coordinator->lock);
    struct weir__checkpoint_writer *writer = coordinator->writer;
    coordinator->writer = NULL; /* finish takes it, whatever comes */
    pthread_mutex_unlock(&coordinator->lock);
    char *path = NULL;
    status = weir__checkpoint_finish(writer, &job, &path, bytes, error);
    if (status == WEIR_OK && coordinator->kind == WEIR__SAVEPOINT) {
        weir__log(WEIR__LOG_INFO, "savepoint %s is complete; --from %s goes on from there", path,
                  path);
    }
    weir__free(path);
    return status;
}

static bool is_settled(void *user, int64_t id)
{
    return id == ((const struct weir__coordinator *)user)->settled;
}

/*
 * A checkpoint has just become complete. Until sinks have committed it, the next start may need the
 * one before, or the one that was restored, however many there are that never were committed. When
 * the next one is complete, this one has been: each task hears of it before its next barrier.
 */
static void remove_old(struct weir__coordinator *coordinator)
{
    struct weir_error error = {0};
    if (coordinator->store != NULL &&
        weir__checkpoint_store_retain(coordinator->store, coordinator->options->keep, is_settled,
                                      coordinator, &error) != WEIR_OK) {
        weir__log(WEIR__LOG_WARNING, "an old checkpoint stays: %s: %s", error.where, error.message);
    }
    coordinator->settled = coordinator->counts.last_id;
}

static void complete(struct weir__coordinator *coordinator, int64_t bytes)
{
    int64_t id = coordinator->pending;
    int64_t now_ms = weir_clock_ms(coordinator->clock);
    trace(coordinator, id, "completed", bytes);
    pthread_mutex_lock(&coordinator->lock);
    struct weir__checkpoint_counts *counts = &coordinator->counts;
    weir__offsets_fini(&coordinator->offsets);
    coordinator->offsets = WEIR__VEC_OF(struct weir_source_offset);
    counts->stall_us = 0;
    for (size_t i = 0; i < coordinator->task_count; i++) {
        const struct weir__snapshot *taken = coordinator->parts[i].taken;
        if (taken == NULL) {
            continue; /* WEIR__MUTANT_FORGETS_A_SNAPSHOT */
        }
        weir__offsets_add(&coordinator->offsets, taken->offsets.items, taken->offsets.count);
        counts->stall_us = taken->us > counts->stall_us ? taken->us : counts->stall_us;
    }
    remember(coordinator, now_ms, bytes, true);
    counts->completed++;
    counts->last_id = id;
    counts->last_ms = now_ms - coordinator->started_ms;
    counts->last_bytes = bytes;
    drop_pending(coordinator);
    pthread_mutex_unlock(&coordinator->lock);
    coordinator->failures = 0;
    atomic_store_explicit(&coordinator->completed, id, memory_order_release);
}

/* Writes the pending checkpoint, of which all parts are there. */
static enum weir_status conclude(struct weir__coordinator *coordinator, struct weir_error *error)
{
    int64_t bytes = 0;
    trace(coordinator, coordinator->pending, "acked", 0);
    enum weir_status status = write_down(coordinator, &bytes, error);
    if (status != WEIR_OK) {
        give_up(coordinator);
        return status;
    }
    complete(coordinator, bytes);
    return WEIR_OK;
}

static void set_due(struct weir__coordinator *coordinator)
{
    const struct weir__checkpoint_options *options = coordinator->options;
    int64_t by_interval = weir_time_add(coordinator->started_ms, options->interval_ms);
    int64_t by_pause = weir_time_add(weir_clock_ms(coordinator->clock), options->min_pause_ms);
    if (coordinator->due_ms != WEIR_TIME_MAX) {
        coordinator->due_ms = by_interval > by_pause ? by_interval : by_pause;
    }
}

static bool all_taken(struct weir__coordinator *coordinator)
{
    bool forgets = coordinator->options->mutant == WEIR__MUTANT_FORGETS_A_SNAPSHOT;
    pthread_mutex_lock(&coordinator->lock);
    bool all = coordinator->missing <= forgets;
    pthread_mutex_unlock(&coordinator->lock);
    return all;
}

/* A mutant: tells of a checkpoint a turn before it is written. True: now. */
static bool commits_early(struct weir__coordinator *coordinator)
{
    bool early = coordinator->options->mutant == WEIR__MUTANT_COMMITS_EARLY &&
                 atomic_load(&coordinator->completed) < coordinator->pending;
    if (early) {
        atomic_store_explicit(&coordinator->completed, coordinator->pending, memory_order_release);
    }
    return early;
}

static bool step_pending(struct weir__coordinator *coordinator)
{
    struct weir_error error = {0};
    int64_t id = coordinator->pending;
    take_for_the_ended(coordinator);
    if (all_taken(coordinator) && commits_early(coordinator)) {
        weir__control_wake(coordinator->control);
        return true;
    }
    if (all_taken(coordinator)) {
        if (conclude(coordinator, &error) != WEIR_OK) {
            fail(coordinator, id, &error);
        } else {
            remove_old(coordinator);
        }
    } else if (weir_clock_ms(coordinator->clock) - coordinator->started_ms >=
               coordinator->options->timeout_ms) {
        give_up(coordinator);
        weir_error_set(&error, WEIR_TIMED_OUT, NULL,
                       "it was not complete after %lld ms (--checkpoint-timeout)",
                       (long long)coordinator->options->timeout_ms);
        fail(coordinator, id, &error);
    } else {
        return false;
    }
    set_due(coordinator);
    weir__control_wake(coordinator->control); /* tasks have news to hear */
    return true;
}

/* The job stops with a checkpoint that is complete: when everybody knows, it is over. */
static bool step_stop(struct weir__coordinator *coordinator)
{
    pthread_mutex_lock(&coordinator->lock);
    bool all_know = coordinator->told_of_stop == coordinator->task_count;
    pthread_mutex_unlock(&coordinator->lock);
    if (all_know && !atomic_load(&coordinator->stopped)) {
        atomic_store(&coordinator->stopped, true);
        weir__control_abort(coordinator->control);
        return true;
    }
    return false;
}

static void step_idle(struct weir__coordinator *coordinator)
{
    struct weir_error error = {0};
    if (trigger(coordinator, atomic_load(&coordinator->stop_wanted), &error) != WEIR_OK) {
        fail(coordinator, coordinator->next_id - 1, &error);
    }
    set_due(coordinator);
}

bool weir__coordinator_step(struct weir__coordinator *coordinator)
{
    bool happened = false;
    if (coordinator->pending != 0) {
        happened = step_pending(coordinator);
    } else if (atomic_load(&coordinator->stop_with) != 0) {
        happened = step_stop(coordinator);
    } else if (atomic_load(&coordinator->stop_wanted) ||
               weir_clock_ms(coordinator->clock) >= coordinator->due_ms) {
        step_idle(coordinator);
        happened = true;
    }
    tell_the_ended(coordinator);
    return happened;
}

int64_t weir__coordinator_deadline(struct weir__coordinator *coordinator)
{
    if (coordinator->pending != 0) {
        return all_taken(coordinator)
                   ? weir_clock_ms(coordinator->clock)
                   : weir_time_add(coordinator->started_ms, coordinator->options->timeout_ms);
    }
    return coordinator->due_ms;
}

enum weir_status weir__coordinator_finish(struct weir__coordinator *coordinator,
                                          struct weir_error *error)
{
    if (coordinator->pending != 0) {
        give_up(coordinator);
    }
    tell_the_ended(coordinator);
    enum weir_status status = trigger(coordinator, false, error);
    if (status == WEIR_OK) {
        take_for_the_ended(coordinator);
        if (!all_taken(coordinator)) {
            give_up(coordinator);
            return operator_failure(coordinator, error);
        }
        status = conclude(coordinator, error);
    }
    if (status == WEIR_OK) {
        remove_old(coordinator);
    }
    tell_the_ended(coordinator);
    return status;
}

/* ---- for others ---- */

struct weir__parker *weir__coordinator_parker(struct weir__coordinator *coordinator)
{
    return &coordinator->parker;
}

void weir__coordinator_stop_with_savepoint(struct weir__coordinator *coordinator)
{
    atomic_store(&coordinator->stop_wanted, true);
    wake(coordinator);
}

bool weir__coordinator_stopped(const struct weir__coordinator *coordinator)
{
    return atomic_load(&coordinator->stopped);
}

const struct weir_error *weir__coordinator_failure(const struct weir__coordinator *coordinator)
{
    return &coordinator->failure;
}

bool weir__coordinator_is_exactly_once(const struct weir__coordinator *coordinator)
{
    return !coordinator->options->at_least_once;
}

struct weir__checkpoint_counts weir__coordinator_counts(struct weir__coordinator *coordinator)
{
    pthread_mutex_lock(&coordinator->lock);
    struct weir__checkpoint_counts counts = coordinator->counts;
    counts.pending = coordinator->pending;
    pthread_mutex_unlock(&coordinator->lock);
    return counts;
}
