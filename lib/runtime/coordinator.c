/*
 * The coordinator's steps: when a checkpoint begins, how it ends, and how a job stops with one.
 */
#include "runtime/coordinator.h"

#include "base/log.h"
#include "base/mem.h"
#include "runtime/control.h"
#include "runtime/coordinator_state.h"
#include "trace/trace.h"

/* ---- life ---- */

struct weir__coordinator *weir__coordinator_new(const struct weir__coordinator_config *config,
                                                struct weir_error *error)
{
    struct weir__coordinator *coordinator = WEIR__NEW(struct weir__coordinator);
    coordinator->options = config->options;
    coordinator->store = config->store;
    coordinator->savepoints = config->savepoints;
    coordinator->job_name = config->job_name;
    coordinator->by_batch = config->by_batch;
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
    atomic_store(&coordinator->batch_over, false);
    bool by_itself = coordinator->store != NULL && coordinator->options->interval_ms > 0 &&
                     !coordinator->by_batch;
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

/* ---- a checkpoint's way ---- */

/* A failed checkpoint is a warning, until there are too many in a row. */
static void fail(struct weir__coordinator *coordinator, int64_t id, const struct weir_error *why)
{
    int64_t tolerable = coordinator->options->tolerable_failures;
    bool too_many = tolerable >= 0 && ++coordinator->failures > tolerable;
    bool last = atomic_load(&coordinator->stop_with) == id;
    weir__log(WEIR__LOG_WARNING, "checkpoint %lld failed: %s%s%s%s", (long long)id, why->where,
              why->where[0] != '\0' ? ": " : "", why->message,
              too_many || last ? "" : "; the job goes on");
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
    /* Sources whose batches are over by now send the barrier behind them. */
    atomic_store(&coordinator->batch_over, false);
    atomic_store_explicit(&coordinator->triggered, id, memory_order_release);
    weir__control_wake(coordinator->control);
    return WEIR_OK;
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
    enum weir_status status = weir__coordinator_write(coordinator, &bytes, error);
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
    weir__coordinator_take_for_ended(coordinator);
    if (all_taken(coordinator) && commits_early(coordinator)) {
        weir__control_wake(coordinator->control);
        return true;
    }
    if (all_taken(coordinator)) {
        if (conclude(coordinator, &error) != WEIR_OK) {
            fail(coordinator, id, &error);
        } else {
            weir__coordinator_remove_old(coordinator);
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

/* A clock that is set back postpones a checkpoint by an interval, and no more. */
static bool is_due(struct weir__coordinator *coordinator)
{
    const struct weir__checkpoint_options *options = coordinator->options;
    int64_t now_ms = weir_clock_ms(coordinator->clock);
    int64_t pause_ms =
        options->interval_ms > options->min_pause_ms ? options->interval_ms : options->min_pause_ms;
    int64_t latest_ms = weir_time_add(now_ms, pause_ms);
    if (coordinator->due_ms != WEIR_TIME_MAX && coordinator->due_ms > latest_ms) {
        coordinator->due_ms = latest_ms;
    }
    return now_ms >= coordinator->due_ms;
}

bool weir__coordinator_step(struct weir__coordinator *coordinator)
{
    bool happened = false;
    if (coordinator->pending != 0) {
        happened = step_pending(coordinator);
    } else if (atomic_load(&coordinator->stop_with) != 0) {
        happened = step_stop(coordinator);
    } else if (atomic_exchange(&coordinator->batch_over, false) ||
               atomic_load(&coordinator->stop_wanted) || is_due(coordinator)) {
        step_idle(coordinator);
        happened = true;
    }
    weir__coordinator_tell_ended(coordinator);
    return happened;
}

int64_t weir__coordinator_deadline(struct weir__coordinator *coordinator)
{
    if (coordinator->pending != 0) {
        return all_taken(coordinator)
                   ? weir_clock_ms(coordinator->clock)
                   : weir_time_add(coordinator->started_ms, coordinator->options->timeout_ms);
    }
    return atomic_load(&coordinator->batch_over) ? weir_clock_ms(coordinator->clock)
                                                 : coordinator->due_ms;
}

enum weir_status weir__coordinator_finish(struct weir__coordinator *coordinator,
                                          struct weir_error *error)
{
    if (coordinator->pending != 0) {
        give_up(coordinator);
    }
    weir__coordinator_tell_ended(coordinator);
    enum weir_status status = trigger(coordinator, false, error);
    if (status == WEIR_OK) {
        weir__coordinator_take_for_ended(coordinator);
        if (!all_taken(coordinator)) {
            give_up(coordinator);
            return weir__coordinator_operator_failure(coordinator, error);
        }
        status = conclude(coordinator, error);
    }
    if (status == WEIR_OK) {
        weir__coordinator_remove_old(coordinator);
    }
    weir__coordinator_tell_ended(coordinator);
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
    weir__parker_wake(&coordinator->parker);
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
