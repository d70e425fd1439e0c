/*
 * Finding, fitting and handing out a checkpoint.
 */
#include "runtime/restore.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum { SINKS_DO_NOT_KNOW = -1, NOTHING_COMMITTED = 0 };

/* ---- which one ---- */

/* What the sinks say: a checkpoint, NOTHING_COMMITTED or SINKS_DO_NOT_KNOW. */
static enum weir_status ask_sinks(const struct weir__plan *plan,
                                  const struct weir__surroundings *surroundings, int64_t *committed,
                                  struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    *committed = SINKS_DO_NOT_KNOW;
    for (size_t i = 0; i < plan->vertices.count; i++) {
        const struct weir__vertex *vertex = weir__plan_vertex(plan, i);
        for (size_t j = 0; j < vertex->operators.count && status == WEIR_OK; j++) {
            const struct weir__transformation *transformation = weir__vertex_operator(vertex, j);
            if (transformation->factory->ops->committed == NULL) {
                continue;
            }
            struct weir__host *host =
                weir__host_new(transformation, surroundings, 0, vertex->parallelism);
            int64_t said = SINKS_DO_NOT_KNOW;
            status = host->op->ops->committed(host->op, &said, error);
            *committed = said > *committed ? said : *committed;
            weir__host_free(host);
        }
    }
    return status;
}

/* Looks in one directory for checkpoint `id` (0: the newest), savepoints included. What is found is
 * there for good: a name that a crash could still take away would be gone after its commit. */
static enum weir_status look(struct weir__files *files, const char *directory, int64_t id,
                             int64_t *found, char **path, struct weir_error *error)
{
    struct weir__vec places;
    enum weir_status status = weir__files_sync_directory(files, directory, error);
    if (status != WEIR_OK) {
        return status == WEIR_NOT_FOUND ? WEIR_OK : status;
    }
    status = weir__checkpoint_list(files, directory, &places, error);
    if (status != WEIR_OK) {
        return status;
    }
    for (size_t i = 0; i < places.count; i++) {
        const struct weir__checkpoint_place *place = weir__vec_at(&places, i);
        if (place->id > *found && (id == 0 || place->id == id)) {
            weir__free(*path);
            *path = weir__strdup(place->path);
            *found = place->id;
        }
    }
    weir__checkpoint_list_fini(&places);
    return WEIR_OK;
}

static enum weir_status look_everywhere(const struct weir__checkpoint_options *options,
                                        const char *directory, int64_t id, char **path,
                                        struct weir_error *error)
{
    struct weir__files *files = options->files != NULL ? options->files : &weir__real_files;
    int64_t found = 0;
    enum weir_status status = look(files, directory, id, &found, path, error);
    if (status == WEIR_OK && options->savepoints != NULL) {
        status = look(files, options->savepoints, id, &found, path, error);
    }
    return status;
}

/* The results that the world has seen are those of checkpoint `committed`. */
static enum weir_status find_committed(const struct weir__checkpoint_options *options,
                                       const char *directory, int64_t committed, char **path,
                                       struct weir_error *error)
{
    enum weir_status status = look_everywhere(options, directory, committed, path, error);
    if (status == WEIR_OK && *path == NULL) {
        return weir_error_set(error, WEIR_NOT_FOUND, directory,
                              "the results up to checkpoint %lld were committed, and that one is "
                              "not here: say where it is with --checkpoint-dir DIR, or begin anew "
                              "with --from none",
                              (long long)committed);
    }
    if (status == WEIR_OK) {
        weir__log(WEIR__LOG_INFO, "the results of %s were committed last: going on from there",
                  *path);
    }
    return status;
}

static bool says(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

/* As the user said; *path stays NULL to begin anew. */
static enum weir_status find_wanted(const struct weir__checkpoint_options *options,
                                    const char *directory, int64_t committed, char **path,
                                    struct weir_error *error)
{
    if (options->from != NULL && !says(options->from, "latest") && !says(options->from, "none")) {
        *path = weir__strdup(options->from);
        return WEIR_OK;
    }
    if (says(options->from, "none") || committed == NOTHING_COMMITTED) {
        return WEIR_OK;
    }
    enum weir_status status = look_everywhere(options, directory, 0, path, error);
    if (status != WEIR_OK || says(options->from, "latest")) {
        if (status == WEIR_OK && *path == NULL) {
            weir__log(WEIR__LOG_INFO, "%s has no checkpoint yet: beginning anew", directory);
        }
        return status;
    }
    if (*path != NULL) {
        weir__log(WEIR__LOG_INFO,
                  "beginning anew; %s is of an earlier run (--from latest goes on from it)", *path);
        weir__free(*path);
        *path = NULL;
    }
    return WEIR_OK;
}

enum weir_status weir__restore_find(const weir_env *env, const struct weir__plan *plan,
                                    const char *directory,
                                    const struct weir__surroundings *surroundings,
                                    int64_t newest_id, char **path, struct weir_error *error)
{
    const struct weir__checkpoint_options *options = &env->settings.checkpoints;
    int64_t committed = SINKS_DO_NOT_KNOW;
    bool again = newest_id > 0;
    *path = NULL;
    enum weir_status status = ask_sinks(plan, surroundings, &committed, error);
    if (status != WEIR_OK || directory == NULL) {
        return status;
    }
    bool user_decides = options->from != NULL && !says(options->from, "latest");
    if (committed > NOTHING_COMMITTED && (again || !user_decides)) {
        return find_committed(options, directory, committed, path, error);
    }
    if (again && committed == SINKS_DO_NOT_KNOW) {
        return look_everywhere(options, directory, newest_id, path, error);
    }
    return find_wanted(options, directory, committed, path, error);
}

/* ---- whether it fits ---- */

static struct weir__vertex *vertex_of(struct weir__plan *plan, const char *state_id,
                                      const struct weir__transformation **transformation)
{
    for (size_t i = 0; i < plan->vertices.count; i++) {
        struct weir__vertex *vertex = weir__plan_vertex(plan, i);
        for (size_t j = 0; j < vertex->operators.count; j++) {
            *transformation = weir__vertex_operator(vertex, j);
            if (strcmp((*transformation)->state_id, state_id) == 0) {
                return vertex;
            }
        }
    }
    return NULL;
}

static enum weir_status refuse_orphan(const struct weir__checkpoint_options *options,
                                      const struct weir__checkpoint *checkpoint,
                                      const struct weir__checkpoint_entry *entry,
                                      struct weir_error *error)
{
    if (options->allow_non_restored) {
        weir__log(WEIR__LOG_WARNING, "the state of \"%s\" is dropped: the job has no such operator",
                  entry->operator_id);
        return WEIR_OK;
    }
    return weir_error_set(error, WEIR_MISMATCH, checkpoint->path,
                          "it holds state of an operator \"%s\", which the job does not have: give "
                          "the operator that uid (weir_set_uid), or drop its state with "
                          "--allow-non-restored-state",
                          entry->operator_id);
}

static enum weir_status fit_vertex(struct weir__vertex *vertex,
                                   const struct weir__checkpoint *checkpoint,
                                   const struct weir__checkpoint_entry *entry,
                                   struct weir_error *error)
{
    if (vertex->parallelism > entry->max_parallelism) {
        return weir_error_set(error, WEIR_LIMIT, entry->operator_name,
                              "%s has its keys in %d groups, so at most that many subtasks can "
                              "share them; got parallelism %d",
                              checkpoint->path, entry->max_parallelism, vertex->parallelism);
    }
    vertex->max_parallelism = entry->max_parallelism;
    return WEIR_OK;
}

static enum weir_status fit(const weir_env *env, struct weir__plan *plan,
                            const struct weir__checkpoint *checkpoint, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    for (size_t i = 0; i < checkpoint->entries.count && status == WEIR_OK; i++) {
        const struct weir__checkpoint_entry *entry = weir__checkpoint_entry(checkpoint, i);
        const struct weir__transformation *transformation = NULL;
        struct weir__vertex *vertex = vertex_of(plan, entry->operator_id, &transformation);
        if (vertex == NULL) {
            status = refuse_orphan(&env->settings.checkpoints, checkpoint, entry, error);
        } else if (transformation->key != NULL) {
            status = fit_vertex(vertex, checkpoint, entry, error);
        }
    }
    return status;
}

enum weir_status weir__restore_load(const weir_env *env, struct weir__plan *plan, const char *path,
                                    struct weir__checkpoint *checkpoint, struct weir_error *error)
{
    struct weir__files *files = env->settings.checkpoints.files;
    enum weir_status status =
        weir__checkpoint_load(files != NULL ? files : &weir__real_files, path, checkpoint, error);
    if (status == WEIR_OK) {
        status = fit(env, plan, checkpoint, error);
        if (status != WEIR_OK) {
            weir__checkpoint_fini(checkpoint);
        }
    }
    return status;
}

/* ---- handing out ---- */

static enum weir_status restore_host(const struct weir__checkpoint *checkpoint,
                                     struct weir__host *host, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    const char *state_id = host->transformation->state_id;
    host->context.attachments = checkpoint->path;
    for (size_t i = 0; i < checkpoint->entries.count && status == WEIR_OK; i++) {
        const struct weir__checkpoint_entry *entry = weir__checkpoint_entry(checkpoint, i);
        if (strcmp(entry->operator_id, state_id) != 0) {
            continue;
        }
        status = host->op->ops->restore != NULL
                     ? host->op->ops->restore(host->op, entry->bytes, error)
                     : weir_error_set(error, WEIR_MISMATCH, host->context.name,
                                      "%s holds state for it, but it keeps none", checkpoint->path);
    }
    host->context.attachments = NULL;
    return status;
}

enum weir_status weir__restore_hosts(const struct weir__checkpoint *checkpoint,
                                     struct weir__host *const *hosts, size_t count,
                                     struct weir_error *error)
{
    for (size_t i = 0; i < count; i++) {
        enum weir_status status = restore_host(checkpoint, hosts[i], error);
        if (status != WEIR_OK) {
            if (error->where[0] == '\0') {
                snprintf(error->where, sizeof(error->where), "%s", hosts[i]->context.name);
            }
            return status;
        }
    }
    return WEIR_OK;
}
