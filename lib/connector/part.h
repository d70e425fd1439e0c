/*
 * One part of the file sink, from its first byte to its name.
 *
 *     in progress   hidden, open, grows
 *     pending       hidden, closed, safe: waits for its checkpoint
 *     finished      has its name; no longer known here
 *
 * Every step can be the last one of a process, and may be done again by the next: a part is resumed
 * at the length that a checkpoint has kept, whatever came after; and a part that is shown already
 * is left alone.
 *
 * A store is where the bytes are: files in a folder (part_files.c), which are renamed, or multipart
 * uploads to a bucket of S3 (part_s3.c), which are completed. Names, buckets and rolling are the
 * same for both.
 *
 * Threads: one.
 */
#ifndef WEIR__CONNECTOR_PART_H
#define WEIR__CONNECTOR_PART_H

#include "base/buf.h"
#include "base/files.h"

struct weir__part_store;
struct weir__s3;

struct weir__part_folder {
    const struct weir__part_store *store;
    struct weir__files *files; /* of files */
    struct weir__s3 *s3;       /* of uploads */
    const char *path;          /* the sink's, or the prefix of its keys; borrowed */
    const char *prefix;        /* borrowed */
    const char *suffix;        /* borrowed */
    size_t full_bytes;         /* so many wait in a part's buf before they are written out */
    bool put_whole;            /* of uploads: a part that is less is put at once, when shown */
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
    struct weir__file file; /* of files; closed: pending */
    char *upload;           /* of uploads: its id, owned; NULL: nothing is uploaded */
    struct weir__vec etags; /* of uploads: char *, owned, of what is */
    struct weir__buf buf;   /* not yet given to the store */
    int64_t size;           /* bytes, with those in buf */
    int64_t created_ms;     /* epoch */
    int64_t created_ns;     /* of the clock that nobody sets */
    int64_t written_ns;     /* 0: nobody wants to know */
    bool dirty;             /* the disk does not know all of it */
    bool unnamed;           /* the disk does not know its folder's entry */
    bool held;              /* a checkpoint may know it: it is not to be removed */
    int64_t checkpoint;     /* pending: shown when this one, or a later one, is complete */
};

/* What a restored writer knows: any other part that an earlier life of it has begun is a leftover.
 */
struct weir__part_heritage {
    const struct weir__vec *open;     /* of struct weir__part * */
    const struct weir__vec *pending;  /* of struct weir__part * */
    const struct weir__vec *lineages; /* of uint64_t: of the hidden names of its earlier lives */
    int subtask;                      /* its own */
    int64_t next_number; /* the first that its own earlier life had not given; WEIR_TIME_MAX: not
                            known */
};

/* What differs between the places. A part has its names, number and bucket already. */
struct weir__part_store {
    uint8_t state_version; /* of the sink's saved state */
    /* Is there a finished part of this name? */
    enum weir_status (*is_taken)(const struct weir__part_folder *folder, const char *bucket,
                                 const char *name, bool *taken, struct weir_error *error);
    enum weir_status (*create)(const struct weir__part_folder *folder, struct weir__part *part,
                               struct weir_error *error);
    enum weir_status (*write_out)(const struct weir__part_folder *folder, struct weir__part *part,
                                  struct weir_error *error);
    enum weir_status (*sync)(const struct weir__part_folder *folder, struct weir__part *part,
                             struct weir_error *error);
    enum weir_status (*close)(const struct weir__part_folder *folder, struct weir__part *part,
                              struct weir_error *error);
    enum weir_status (*resume)(const struct weir__part_folder *folder, struct weir__part *part,
                               struct weir_error *error);
    enum weir_status (*show)(const struct weir__part_folder *folder, struct weir__part *part,
                             bool *there, struct weir_error *error);
    enum weir_status (*sync_folder)(const struct weir__part_folder *folder,
                                    const struct weir__part *part, struct weir_error *error);
    void (*remove)(const struct weir__part_folder *folder, struct weir__part *part);
    void (*remove_leftovers)(const struct weir__part_folder *folder,
                             const struct weir__part_heritage *heritage);
};
enum { WEIR__PART_FILES_FULL_BYTES = 64 * 1024 };
extern const struct weir__part_store weir__part_files;
extern const struct weir__part_store weir__part_s3;

/* A new one, in progress. `unique`: what makes the hidden name differ from those of other lives. */
WEIR_MUST_USE enum weir_status weir__part_create(const struct weir__part_folder *folder,
                                                 const char *bucket, int subtask, int64_t number,
                                                 const char *unique, struct weir__part **part,
                                                 struct weir_error *error);
/* One that a checkpoint knows, closed; the texts are copied. */
struct weir__part *weir__part_known(const struct weir__part_folder *folder, struct weir_str bucket,
                                    int subtask, int64_t number, struct weir_str hidden,
                                    int64_t size);
/* Frees it, closed or open; what is stored stays. */
void weir__part_free(struct weir__part *part);

/* ---- in progress ---- */

/* One line; the newline is added. */
WEIR_MUST_USE enum weir_status weir__part_write(const struct weir__part_folder *folder,
                                                struct weir__part *part, struct weir_str line,
                                                struct weir_error *error);
/* Everything written is safe, under its hidden name, or in the part's saved state. */
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
/* Removes what is hidden; a failure is only logged. */
void weir__part_remove(const struct weir__part_folder *folder, struct weir__part *part);

/* Raises *number until no finished part of this subtask in the bucket has it. */
WEIR_MUST_USE enum weir_status weir__part_free_number(const struct weir__part_folder *folder,
                                                      const char *bucket, int subtask,
                                                      int64_t *number, struct weir_error *error);

/* Removes what nobody will ever finish; a failure is only logged. */
void weir__part_remove_leftovers(const struct weir__part_folder *folder,
                                 const struct weir__part_heritage *heritage);

static inline struct weir__part *weir__part_at(const struct weir__vec *parts, size_t i)
{
    return *(struct weir__part **)weir__vec_at(parts, i);
}

/* A lineage as the first half of a UUID: 8-4-4 digits. */
void weir__part_format_lineage(uint64_t lineage, char text[20]);

#endif
