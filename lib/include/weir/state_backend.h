/*
 * State backends: where keyed state lives while a job runs.
 *
 *     hashmap   in memory, as C structs
 *     rocksdb   in RocksDB, a database on the local disk; cells in use are C structs in memory too,
 *               and are written back when memory is short and at every checkpoint
 *
 * Both give the same results. A snapshot of one can be restored into the other. Chosen by the job
 * (weir_env_set_state_backend), by --state, or by Flink's settings:
 *
 *     state.backend.type                            hashmap | rocksdb   (also state.backend; heap)
 *     state.backend.incremental                     true | false
 *     state.backend.rocksdb.localdir                a folder
 *     state.backend.rocksdb.memory.managed          true | false
 *     state.backend.rocksdb.memory.fixed-per-slot   512mb
 *     state.backend.rocksdb.block.cache-size        8mb
 *     state.backend.rocksdb.thread.num              2
 *     state.backend.rocksdb.write-through           true | false        (Weir's own)
 */
#ifndef WEIR_STATE_BACKEND_H
#define WEIR_STATE_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

enum weir_state_backend { WEIR_STATE_BACKEND_HASHMAP, WEIR_STATE_BACKEND_ROCKSDB };

/* Zero means the default. All but `type` is for RocksDB. */
struct weir_state_backend_config {
    enum weir_state_backend type;
    /* Every change goes to the database at once, and every access reads it there: what Flink does.
     * Default: memory first. */
    bool write_through;
    /* A checkpoint gets the database's files as hard links, so it writes only what is new since the
     * one before. It can be restored by RocksDB alone; savepoints are as ever. */
    bool incremental;
    /* The databases live in folders below this one, and go with the job. Borrowed. Default: TMPDIR,
     * else /tmp. */
    const char *local_directory;
    /* Memory of a slot: half for cells, half for RocksDB. Default: 512 MiB. */
    int64_t fixed_per_slot_bytes;
    /* Without managed memory RocksDB has its own buffers (2 of 64 MiB an operator), and a block
     * cache of this size (default: 8 MiB). fixed_per_slot_bytes goes before it. */
    bool unmanaged;
    int64_t block_cache_bytes;
    int threads; /* for flushes and compactions of one database; default: 2 */
};

#endif
