/*
 * One part file of the file sink, from its first byte to its name.
 *
 *     in progress   hidden, open, grows
 *     pending       hidden, closed, on the disk: waits for its checkpoint
 *     finished      renamed; no longer known here
 *
 * Every step can be the last one of a process, and may be done again by the next: a part is resumed
 * at the length that a checkpoint has kept, whatever came after; and a part that is shown already
 * is left alone.
 *
 * Threads: one.
 */
#ifndef WEIR__CONNECTOR_PART_H
#define WEIR__CONNECTOR_PART_H

#include "base/buf.h"
#include "base/files.h"

struct weir__part_folder {
    struct weir__files *files;
    const char *path;   /* the sink's; borrowed */
    const char *prefix; /* borrowed */
    const char *suffix; /* borrowed */
};

enum { WEIR__PART_UNPREPARED = -1 }; /* in place of a checkpoint: none has it yet */

struct weir__part {
    /* where, owned: <path>/<bucket>/<hidden>, later <path>/<bucket>/<name> */
    char *bucket; /* "": none */
    uint64_t bucket_hash;
    int subtask; /* that named it */
    int64_t number;
    char *name;
    char *hidden;
    /* what */
    struct weir__file file; /* closed: pending */
    struct weir__buf buf;   /* not yet given to the file */
    int64_t size;           /* bytes, with those in buf */
    int64_t created_ms;     /* epoch */
    int64_t created_ns;     /* of the clock that nobody sets */
    int64_t written_ns;     /* 0: nobody wants to know */
    bool dirty;             /* the disk does not know all of it */
    bool unnamed;           /* the disk does not know its folder's entry */
    bool held;              /* a checkpoint may know it: it is not to be removed */
    int64_t checkpoint;     /* pending: shown when this one, or a later one, is complete */
};

/* A new one, in progress. `unique`: what makes the hidden name differ from those of other lives. */
WEIR_MUST_USE enum weir_status weir__part_create(const struct weir__part_folder *folder,
                                                 const char *bucket, int subtask, int64_t number,
                                                 const char *unique, struct weir__part **part,
                                                 struct weir_error *error);
/* One that a checkpoint knows, closed; the texts are copied. */
struct weir__part *weir__part_known(const struct weir__part_folder *folder, struct weir_str bucket,
                                    int subtask, int64_t number, struct weir_str hidden,
                                    int64_t size);
/* Frees it, closed or open; files stay. */
void weir__part_free(struct weir__part *part);

/* ---- in progress ---- */

/* One line; the newline is added. */
WEIR_MUST_USE enum weir_status weir__part_write(struct weir__part *part, struct weir_str line,
                                                struct weir_error *error);
/* Everything written is on the disk, under its hidden name. */
WEIR_MUST_USE enum weir_status weir__part_sync(const struct weir__part_folder *folder,
                                               struct weir__part *part, struct weir_error *error);
/* Syncs and closes it: it is pending. */
WEIR_MUST_USE enum weir_status weir__part_close(const struct weir__part_folder *folder,
                                                struct weir__part *part, struct weir_error *error);
/* Cuts what came after its known size, and opens it again. Errors: WEIR_CORRUPT when that much is
 * not there. */
WEIR_MUST_USE enum weir_status weir__part_resume(const struct weir__part_folder *folder,
                                                 struct weir__part *part, struct weir_error *error);

/* ---- pending ---- */

/* Gives it its name, or the next free one, unless it has it already. *there: it is to be seen, for
 * good when its folder is synced (an earlier life may have died before it did that). */
WEIR_MUST_USE enum weir_status weir__part_show(const struct weir__part_folder *folder,
                                               struct weir__part *part, bool *there,
                                               struct weir_error *error);
WEIR_MUST_USE enum weir_status weir__part_sync_folder(const struct weir__part_folder *folder,
                                                      const struct weir__part *part,
                                                      struct weir_error *error);
/* Removes the hidden file; a failure is only logged. */
void weir__part_remove(const struct weir__part_folder *folder, struct weir__part *part);

/* Raises *number until no finished part of this subtask in the bucket has it. */
WEIR_MUST_USE enum weir_status weir__part_free_number(const struct weir__part_folder *folder,
                                                      const char *bucket, int subtask,
                                                      int64_t *number, struct weir_error *error);

/* Below the folder, removes hidden parts that `is_leftover` says nobody will ever finish. */
void weir__part_remove_leftovers(const struct weir__part_folder *folder,
                                 bool (*is_leftover)(const char *bucket, const char *hidden,
                                                     void *user),
                                 void *user);

#endif
