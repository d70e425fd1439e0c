/*
 * Writing a checkpoint down, and removing old ones.
 */
#include "base/log.h"
#include "base/mem.h"
#include "runtime/coordinator_state.h"
#include "runtime/task.h"

static enum weir_status write_part(struct weir__coordinator *coordinator, size_t task,
                                   struct weir_error *error)
{
    struct weir__snapshot *snapshot = coordinator->parts[task].taken;
    if (snapshot == NULL) {
        return WEIR_OK; /* WEIR__MUTANT_FORGETS_A_SNAPSHOT */
    }
    weir__snapshot_encode(snapshot);
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
enum weir_status weir__coordinator_write(struct weir__coordinator *coordinator, int64_t *bytes,
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
void weir__coordinator_remove_old(struct weir__coordinator *coordinator)
{
    struct weir_error error = {0};
    if (coordinator->store != NULL &&
        weir__checkpoint_store_retain(coordinator->store, coordinator->options->keep, is_settled,
                                      coordinator, &error) != WEIR_OK) {
        weir__log(WEIR__LOG_WARNING, "an old checkpoint stays: %s: %s", error.where, error.message);
    }
    coordinator->settled = coordinator->counts.last_id;
}
