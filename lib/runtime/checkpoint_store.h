/*
 * The store of a job's checkpoints: a directory in which each is there completely, or not at all.
 *
 *     DIR/
 *         chk-6/          complete
 *         chk-7/
 *         chk-8.part/     being written; removed when the store is opened
 *
 *     weir__checkpoint_store_open(files, "DIR", &store, error)
 *     weir__checkpoint_begin(store, 8, WEIR__CHECKPOINT, NULL, &writer, error)
 *     weir__checkpoint_add(writer, &entry, error)         for each subtask of each operator
 *     weir__checkpoint_finish(writer, &job, error)        "DIR/chk-8" is on the disk
 *     weir__checkpoint_store_retain(store, 3, NULL, NULL, error)
 *
 * The order that makes it so: state and attachments are synced, then `_metadata`, then the
 * directory chk-8.part, then it is renamed, then DIR is synced. At no point is there less than
 * before: an old checkpoint is removed by retain alone, and by the same way back: renamed, synced,
 * removed.
 *
 * What is in a checkpoint, and how a damaged one is told: checkpoint.h.
 * Errors: those of base/files.h; `where` is the path. Threads: a store and its writers, one thread
 * at a time; which may be another one each time.
 */
#ifndef WEIR__RUNTIME_CHECKPOINT_STORE_H
#define WEIR__RUNTIME_CHECKPOINT_STORE_H

#include "runtime/checkpoint.h"

struct weir__checkpoint_store;
struct weir__checkpoint_writer;

/* Makes the directory when it is missing, and removes what a crash left half done. `files` is
 * borrowed until the store is closed. */
WEIR_MUST_USE enum weir_status weir__checkpoint_store_open(struct weir__files *files,
                                                           const char *directory,
                                                           struct weir__checkpoint_store **store,
                                                           struct weir_error *error);
void weir__checkpoint_store_close(struct weir__checkpoint_store *store);

/* Above all that were ever begun here, from 1 on. */
int64_t weir__checkpoint_store_next_id(const struct weir__checkpoint_store *store);

/* ---- writing ---- */

/*
 * Begins checkpoint `id`, which must not exist. A savepoint gets a directory of its own below
 * `target`, savepoint-<id>, and is nobody's to remove but the user's; for a checkpoint target is
 * NULL.
 */
WEIR_MUST_USE enum weir_status weir__checkpoint_begin(struct weir__checkpoint_store *store,
                                                      int64_t id, enum weir__checkpoint_kind kind,
                                                      const char *target,
                                                      struct weir__checkpoint_writer **writer,
                                                      struct weir_error *error);
/*
 * The directory that is being written. A state backend may put files into it before finish, or link
 * them there: all that is there then becomes part of the checkpoint, with length and checksum.
 * A file that was an attachment of the checkpoint before, by the same name, is not read again.
 */
const char *weir__checkpoint_writer_path(const struct weir__checkpoint_writer *writer);
/* Writes one entry (borrowed). After an error the writer only fails. */
WEIR_MUST_USE enum weir_status weir__checkpoint_add(struct weir__checkpoint_writer *writer,
                                                    const struct weir__checkpoint_entry *entry,
                                                    struct weir_error *error);
/*
 * Makes it durable and visible. Consumes the writer, also when it fails: what was written is then
 * removed, as far as the disk allows. *path, unless NULL, becomes the checkpoint's directory, owned
 * by the caller; *bytes, unless NULL, its size.
 */
WEIR_MUST_USE enum weir_status weir__checkpoint_finish(struct weir__checkpoint_writer *writer,
                                                       const struct weir__checkpoint_job *job,
                                                       char **path, int64_t *bytes,
                                                       struct weir_error *error);
/* Removes what was written, as far as the disk allows. Consumes the writer. */
void weir__checkpoint_abandon(struct weir__checkpoint_writer *writer);

/* ---- what is there ---- */

struct weir__checkpoint_place {
    int64_t id;
    enum weir__checkpoint_kind kind;
    char *path;
};
/* The complete ones of a directory, checkpoints and savepoints, oldest id first. *places is
 * initialised here, of struct weir__checkpoint_place. Nothing is opened or verified. */
WEIR_MUST_USE enum weir_status weir__checkpoint_list(struct weir__files *files,
                                                     const char *directory,
                                                     struct weir__vec *places,
                                                     struct weir_error *error);
void weir__checkpoint_list_fini(struct weir__vec *places);
/* The path of the complete checkpoint with the highest id, savepoints left aside; NULL: there is
 * none. Owned by the caller. */
WEIR_MUST_USE enum weir_status weir__checkpoint_store_latest(struct weir__checkpoint_store *store,
                                                             char **path, struct weir_error *error);
/* The path of checkpoint `id`, whether it is there or not. Owned by the caller. */
char *weir__checkpoint_store_path(const struct weir__checkpoint_store *store, int64_t id);

/*
 * Removes all but the last `count` checkpoints (at least 1), and those of which `needed` says that
 * somebody still needs them; NULL: nobody does. Savepoints stay.
 */
WEIR_MUST_USE enum weir_status weir__checkpoint_store_retain(struct weir__checkpoint_store *store,
                                                             int count,
                                                             bool (*needed)(void *user, int64_t id),
                                                             void *user, struct weir_error *error);

#endif
