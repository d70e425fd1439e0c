/*
 * A RocksDB database of one backend: byte strings found by byte strings, sorted by these.
 *
 *     key   := prefix of 6 bytes, which a few keys should share; anything
 *     value := expiry i64, payload
 *
 * Writes are collected into a batch, and reads do not see them before it is committed. Nothing is
 * logged ahead: the database dies with its owner, and what survives is a checkpoint, which is a
 * folder of hard links to files that RocksDB never changes.
 *
 * A compaction drops entries whose expiry is at or before the time last told (never those with
 * WEIR_TIME_MAX). It runs in RocksDB's threads and is told by an atomic; everything else is for one
 * thread. Only rocksdb_store.c knows RocksDB's header.
 */
#ifndef WEIR__STATE_ROCKSDB_STORE_H
#define WEIR__STATE_ROCKSDB_STORE_H

#include <weir/state_backend.h>
#include <weir/status.h>
#include <weir/str.h>

#include <stddef.h>

struct weir__store;

#define WEIR__STORE_HEAD   sizeof(int64_t) /* the expiry before a payload */
#define WEIR__STORE_PREFIX 6               /* bytes */

struct weir__store_memory {
    size_t buffer_bytes; /* of a write buffer; there are two */
    size_t cache_bytes;  /* of read blocks */
};

/*
 * An empty database in a folder of its own below config->local_directory.
 * Errors: WEIR_IO, with a text that says what to do.
 */
WEIR_MUST_USE enum weir_status weir__store_open(const struct weir_state_backend_config *config,
                                                const struct weir__store_memory *memory,
                                                struct weir__store **out, struct weir_error *error);
/* Removes its folder. NULL is fine. */
void weir__store_close(struct weir__store *store);

/* ---- one entry ---- */

/*
 * WEIR_OK and the payload, borrowed until the next get or close; WEIR_NOT_FOUND. Errors: WEIR_IO,
 * WEIR_CORRUPT.
 */
WEIR_MUST_USE enum weir_status weir__store_get(struct weir__store *store, struct weir_str key,
                                               struct weir_str *payload, struct weir_error *error);
/* value: expiry and payload. */
void weir__store_put(struct weir__store *store, struct weir_str key, struct weir_str value);
void weir__store_delete(struct weir__store *store, struct weir_str key);
/* Writes the batch; one that failed is gone. Errors: WEIR_IO. */
WEIR_MUST_USE enum weir_status weir__store_commit(struct weir__store *store,
                                                  struct weir_error *error);
/* At once: all keys from `from` up to and without `to`. Nothing may have been put since the
 * database was opened or adopted: entries are changed in place. Errors: WEIR_IO. */
WEIR_MUST_USE enum weir_status weir__store_delete_range(struct weir__store *store,
                                                        struct weir_str from, struct weir_str to,
                                                        struct weir_error *error);
void weir__store_set_time(struct weir__store *store, int64_t now_ms);

/* ---- many ---- */

/*
 * Visits entries whose key begins with `prefix`, in order, until visit answers false. It may put
 * and delete, but not commit. Errors: WEIR_IO, WEIR_CORRUPT.
 */
WEIR_MUST_USE enum weir_status weir__store_scan(struct weir__store *store, struct weir_str prefix,
                                                bool (*visit)(struct weir_str key,
                                                              struct weir_str value, void *user),
                                                void *user, struct weir_error *error);

/* ---- checkpoints ---- */

/*
 * Puts the database, with all that was committed, into a folder, which must not be there yet: hard
 * links where it is on the same disk, else copies.
 */
WEIR_MUST_USE enum weir_status weir__store_checkpoint(struct weir__store *store,
                                                      const char *directory,
                                                      struct weir_error *error);
/* The database becomes that of a checkpoint; what it held is gone. Errors: WEIR_IO, WEIR_CORRUPT.
 */
WEIR_MUST_USE enum weir_status weir__store_adopt(struct weir__store *store, const char *directory,
                                                 struct weir_error *error);
/* Compacts everything, which drops expired entries: for tests. */
void weir__store_compact(struct weir__store *store);

#endif
