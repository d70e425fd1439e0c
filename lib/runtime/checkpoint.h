/*
 * A checkpoint as it lies on the disk: what it holds, and the bytes of it.
 *
 *     chk-7/
 *         state        the snapshots of all subtasks, back to back
 *         _metadata    what they are, their lengths and checksums; written last
 *         …            attachments: files that a state backend put there (in directories, too)
 *
 *     state     := "WEIRSTAT", bytes of entry 0, bytes of entry 1, …
 *     _metadata := "WEIRMETA", version u32, length of the body u32, body, checksum u32 of all before
 *     body      := kind u8, exactly-once u8, id i64, timestamp i64, job name str, job id str,
 *                  count varint, count times entry, count varint, count times attachment
 *     entry     := operator id str, operator name str, subtask varint, parallelism varint,
 *                  max parallelism varint, length varint, checksum u32
 *     attachment := name str, length varint, checksum u32
 *
 * Integers and strings are those of base/buf.h, checksums those of base/checksum.h. Every byte of
 * every file is under a checksum or compared, so that a file that is cut anywhere, or has any bit
 * flipped, is found before anybody uses it.
 *
 * Threads: a value; one at a time.
 */
#ifndef WEIR__RUNTIME_CHECKPOINT_H
#define WEIR__RUNTIME_CHECKPOINT_H

#include "base/files.h"

#define WEIR__CHECKPOINT_VERSION        1
#define WEIR__CHECKPOINT_STATE          "state"
#define WEIR__CHECKPOINT_METADATA       "_metadata"
#define WEIR__CHECKPOINT_STATE_MARK     "WEIRSTAT"
#define WEIR__CHECKPOINT_METADATA_LIMIT ((size_t)64 << 20) /* bytes */

enum weir__checkpoint_kind { WEIR__CHECKPOINT, WEIR__SAVEPOINT };

/* What the job says about a checkpoint. Texts are borrowed by who is given one, owned in a struct
 * weir__checkpoint. */
struct weir__checkpoint_job {
    const char *name;
    const char *id;
    int64_t timestamp_ms; /* epoch: when it was triggered */
    bool exactly_once;    /* else at least once */
};

/* The snapshot of one operator's subtask. */
struct weir__checkpoint_entry {
    const char *operator_id; /* its uid, or what stands for it; the same from run to run */
    const char *operator_name;
    int subtask;
    int parallelism;
    int max_parallelism;
    struct weir_str bytes;
    uint32_t checksum; /* of the bytes; found by who writes or reads them */
};

/* A file beside the state, by its name below the checkpoint's directory. */
struct weir__checkpoint_attachment {
    const char *name;
    int64_t size; /* bytes */
    uint32_t checksum;
};

struct weir__checkpoint {
    char *path; /* its directory */
    enum weir__checkpoint_kind kind;
    int64_t id;
    struct weir__checkpoint_job job;
    struct weir__vec entries;     /* of struct weir__checkpoint_entry */
    struct weir__vec attachments; /* of struct weir__checkpoint_attachment */
};

static inline const struct weir__checkpoint_entry *weir__checkpoint_entry(
    const struct weir__checkpoint *checkpoint, size_t i)
{
    return weir__vec_at(&checkpoint->entries, i);
}
static inline const struct weir__checkpoint_attachment *weir__checkpoint_attachment(
    const struct weir__checkpoint *checkpoint, size_t i)
{
    return weir__vec_at(&checkpoint->attachments, i);
}

/* Bytes of all entries and attachments. */
int64_t weir__checkpoint_size(const struct weir__checkpoint *checkpoint);

/*
 * Reads the checkpoint in directory `path` into *checkpoint and compares every length and every
 * checksum. Entries own their bytes. For a savepoint, too.
 *
 * Errors: WEIR_NOT_FOUND, there is no checkpoint; WEIR_CORRUPT, it is damaged: where names the
 * file, the message says what is wrong and what to do; WEIR_UNSUPPORTED, another version; WEIR_IO.
 * *checkpoint then holds nothing.
 */
WEIR_MUST_USE enum weir_status weir__checkpoint_load(struct weir__files *files, const char *path,
                                                     struct weir__checkpoint *checkpoint,
                                                     struct weir_error *error);
/* Only what `_metadata` says: the entries have lengths, and data NULL. Checks nothing else. */
WEIR_MUST_USE enum weir_status weir__checkpoint_load_metadata(struct weir__files *files,
                                                              const char *path,
                                                              struct weir__checkpoint *checkpoint,
                                                              struct weir_error *error);
/* Compares everything as load does, with the memory of the largest entry. */
WEIR_MUST_USE enum weir_status weir__checkpoint_verify(struct weir__files *files, const char *path,
                                                       struct weir_error *error);
void weir__checkpoint_fini(struct weir__checkpoint *checkpoint);

/* ---- the bytes, for those who write and read them ---- */

/* Appends what stands in `_metadata`. Of the entries only the lengths and checksums count. */
void weir__checkpoint_encode(const struct weir__checkpoint *checkpoint, struct weir__buf *out);
/*
 * The reverse, into a zeroed *checkpoint, which is to be released in any case. Errors:
 * WEIR_CORRUPT, WEIR_UNSUPPORTED, with what is wrong as message.
 */
WEIR_MUST_USE enum weir_status weir__checkpoint_decode(struct weir_str bytes,
                                                       struct weir__checkpoint *checkpoint,
                                                       struct weir_error *error);
/* Reads a file to its end: its length and checksum. */
WEIR_MUST_USE enum weir_status weir__checkpoint_sum_file(struct weir__files *files,
                                                         const char *path, int64_t *size,
                                                         uint32_t *checksum,
                                                         struct weir_error *error);

#endif
