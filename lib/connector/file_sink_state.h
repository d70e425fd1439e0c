/*
 * What a checkpoint keeps of the file sink's writer: which hidden parts it has, how much of each
 * belongs to the checkpoint, and which hidden files are its own at all.
 *
 *     state  := version u8, [subtask varint], count varint, count times lineage i64,
 *               next number varint, count varint, count times part
 *     part   := pending u8, bucket str, subtask varint, number varint, hidden str, size varint,
 *               created i64, [upload]
 *     upload := id str, count varint, count times ETag str, rest str
 *
 * The version is the store's: 1 for files, 2 for uploads, which have what is in brackets. `rest` is
 * what was too little to be uploaded.
 *
 * A lineage is the first half of the hidden names' UUIDs. It stays the same from life to life of a
 * writer, so that the restored one knows the hidden files that its predecessors have begun after
 * the checkpoint, and nobody else's.
 */
#ifndef WEIR__CONNECTOR_FILE_SINK_STATE_H
#define WEIR__CONNECTOR_FILE_SINK_STATE_H

#include "connector/part.h"

#include <weir/str.h>

struct weir__file_sink_state {
    int subtask;               /* of the writer; -1: it was not kept */
    struct weir__vec lineages; /* of uint64_t; the first is the writer's own */
    int64_t next_number;
    struct weir__vec open;    /* of struct weir__part *, owned; one a bucket */
    struct weir__vec pending; /* of struct weir__part *, owned; oldest first */
};

void weir__file_sink_state_init(struct weir__file_sink_state *state);
void weir__file_sink_state_fini(struct weir__file_sink_state *state);

void weir__file_sink_state_encode(const struct weir__file_sink_state *state,
                                  const struct weir__part_folder *folder, struct weir__buf *out);
/* Adds what the bytes say: its parts are closed. Errors: WEIR_CORRUPT; what was read up to then
 * stays. */
WEIR_MUST_USE enum weir_status weir__file_sink_state_decode(struct weir__file_sink_state *state,
                                                            const struct weir__part_folder *folder,
                                                            struct weir_str bytes,
                                                            struct weir_error *error);

#endif
