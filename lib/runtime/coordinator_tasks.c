/*
 * What tasks and the coordinator say to each other.
 */
#include "runtime/coordinator_state.h"
#include "runtime/task.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>

/* ---- what tasks call ---- */

int64_t weir__coordinator_triggered(const struct weir__coordinator *coordinator)
{
    return atomic_load_explicit(&coordinator->triggered, memory_order_acquire);
}

void weir__coordinator_batch_over(struct weir__coordinator *coordinator)
{
    if (coordinator->by_batch && coordinator->store != NULL &&
        coordinator->options->interval_ms > 0) {
        atomic_store(&coordinator->batch_over, true);
        weir__parker_wake(&coordinator->parker);
    }
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

static void tell_completed(struct weir__coordinator *coordinator,
                           struct weir__coordinator_part *part, int64_t completed,
                           struct weir__host *const *hosts, size_t count)
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

static void tell_aborted(struct weir__coordinator_part *part, int64_t aborted,
                         struct weir__host *const *hosts, size_t count)
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
    struct weir__coordinator_part *part = &coordinator->parts[task];
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

void weir__coordinator_take_for_ended(struct weir__coordinator *coordinator)
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
enum weir_status weir__coordinator_operator_failure(const struct weir__coordinator *coordinator,
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

void weir__coordinator_tell_ended(struct weir__coordinator *coordinator)
{
    for (size_t i = 0; i < coordinator->task_count; i++) {
        if (has_ended(coordinator, i)) {
            size_t count = 0;
            struct weir__host *const *hosts = weir__task_hosts(coordinator->tasks[i], &count);
            weir__coordinator_tell(coordinator, i, hosts, count);
        }
    }
}
