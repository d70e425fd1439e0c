/*
 * The file sink's writer, whatever the store: which part a value goes to, when a part is rolled
 * (file_sink_parts.c), and what happens to parts at barriers, commits and restores
 * (file_sink_checkpoint.c). One open part a bucket; rolled ones wait in `pending`.
 *
 *     prepare(n)   rolls what is due; everything is on the disk; pending parts belong to n
 *     commit(n)    pending parts of n and before are shown
 *     restore      pending parts are shown; open ones go on at their size, or, when another state
 *                  has brought one for the same bucket, become pending too
 *
 * Every hidden file is named in a state, or is removed by the next life, which finds its lineage
 * (file_sink_state.h) and no state that names it. Ages are counted on the clock that nobody sets.
 *
 * Threads: a writer is its task's; writers share the config, and no files.
 */
#ifndef WEIR__CONNECTOR_FILE_SINK_WRITER_H
#define WEIR__CONNECTOR_FILE_SINK_WRITER_H

#include "connector/bucket.h"
#include "connector/file_sink_state.h"
#include "connector/s3_client.h"

struct weir__file_sink_config {
    struct weir_file_sink_config given; /* its texts are owned, its numbers resolved */
    struct weir__files *files;
    char *bucket;             /* of S3, owned; NULL: a folder */
    struct weir_s3_config s3; /* its texts are owned */
    struct weir__s3_tuning tuning;
};

struct weir__file_sink_writer {
    const struct weir__file_sink_config *config;
    struct weir__part_folder folder;
    weir_encoder *encoder;
    const struct weir_clock *clock;
    int subtask;
    struct weir__bucket bucket;
    struct weir__file_sink_state state;
    struct weir__part *last; /* of state.open: where the last value went */
    int64_t own_next_number; /* of the restored state of this very subtask, or WEIR_TIME_MAX */
    uint64_t life;
    char unique[40]; /* of hidden names: lineage and life, as a UUID */
    bool begun;
    bool restored;
    bool ended;     /* no value comes any more */
    bool only_life; /* the job takes no checkpoints: nobody goes on after a crash */
    struct weir__buf bytes;
};

/* Once, when all states are restored and before anything else: finds its lineage, and removes what
 * earlier lives have left. */
void weir__file_sink_begin(struct weir__file_sink_writer *writer);

/* The open part of the bucket, or NULL. */
struct weir__part *weir__file_sink_find(const struct weir__file_sink_writer *writer,
                                        const char *bucket);

/* Whether the part is to be rolled. */
typedef bool weir__file_sink_due(const struct weir__file_sink_writer *writer,
                                 const struct weir__part *part, int64_t now_ns);
/* Rolls all that are. One that cannot be closed is pending all the same: the job then fails. */
WEIR_MUST_USE enum weir_status weir__file_sink_roll(struct weir__file_sink_writer *writer,
                                                    weir__file_sink_due *due,
                                                    struct weir_error *error);
/* Before a write and at a barrier: has it more bytes than a part should? */
bool weir__file_sink_is_too_large(const struct weir__file_sink_writer *writer,
                                  const struct weir__part *part, int64_t now_ns);

/* Of the sink contract, with a writer. */
enum weir_status weir__file_sink_write(void *self, const void *value, int64_t timestamp,
                                       struct weir_error *error);
enum weir_status weir__file_sink_tick(void *self, int64_t *again_ms, struct weir_error *error);
enum weir_status weir__file_sink_prepare(void *self, int64_t checkpoint, struct weir_str *state,
                                         struct weir_error *error);
enum weir_status weir__file_sink_commit(void *self, const struct weir_sink_commit *commit,
                                        struct weir_error *error);
enum weir_status weir__file_sink_restore(void *self, struct weir_str bytes,
                                         struct weir_error *error);

#endif
