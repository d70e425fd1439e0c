/*
 * The RocksDB backend, as its files share it: a table of decoded cells in memory over a database.
 *
 *     rocksdb_cells.c        cells in memory: found, read from the database, written to it, dropped
 *     rocksdb_evict.c        what is written and dropped when
 *     rocksdb_table.c        the table's operations
 *     rocksdb_checkpoint.c   native checkpoints
 *     rocksdb_backend.c      life
 *     rocksdb_store.h        the database
 *
 *     database key   := key group u16, table u16 (both big-endian), 10 bits of the key's
 *                       hash u16, key, namespace (state/entry.h)
 *     database value := expiry i64, cell
 *
 * So a key group is a range of keys, and within it a table; the database finds entries by all that
 * stands before the key. What is in memory is newer than what is
 * in the database, and a cell that was removed stays as a dead entry until the database knows.
 *
 * Write-back: the database is written when cells need more memory than they may have, and for a
 * snapshot. Until then operators may keep state of their own in that memory (`room`).
 * Write-through: whenever the backend settles, and then no cell stays. While every stored cell is
 * in memory too (`absent` is 0) nothing is looked up in the database.
 */
#ifndef WEIR__STATE_ROCKSDB_BACKEND_H
#define WEIR__STATE_ROCKSDB_BACKEND_H

#include "base/index.h"
#include "base/vec.h"
#include "state/backend.h"
#include "state/rocksdb_store.h"

#define WEIR__CLEAN UINT32_MAX

struct weir__rocksdb_entry {
    struct weir__key_node *key;
    struct weir__namespace ns;
    uint32_t number;   /* in the pool */
    uint32_t dirty_at; /* in the table's list; WEIR__CLEAN: the database has it like this */
    uint32_t changes;  /* since it was measured by writing it */
    uint32_t bytes;    /* of memory, about */
    bool used;         /* since the last eviction passed */
    bool stored;       /* the database has some version of it */
    bool dead;         /* removed; there is no cell */
    _Alignas(8) char cell[];
};

struct weir__rocksdb;

struct weir__rocksdb_table {
    struct weir__table table;
    struct weir__rocksdb *backend;
    struct weir__key_table *keys;
    uint16_t id; /* in database keys */
    struct weir__index index;
    struct weir__pool entries;
    struct weir__vec dirty; /* uint32_t: entries to be written */
    size_t live;            /* cells, in memory and elsewhere; with TTL, those that a compaction
                               dropped too */
    size_t absent;          /* of those, not in memory */
    uint32_t evict_at;      /* next entry that an eviction looks at */
    uint32_t sweep_at;
};

struct weir__rocksdb {
    struct weir__backend backend;
    struct weir_state_backend_config config;
    struct weir__store_memory store_memory;
    struct weir__store *store;
    struct weir__vec tables; /* struct weir__rocksdb_table *, in order of opening */
    size_t memory_bytes;     /* of all entries */
    size_t limit_bytes;
    bool failed;
    struct weir__buf key; /* scratch */
    struct weir__buf value;
};

static inline struct weir__rocksdb *weir__rocksdb_of(struct weir__backend *backend)
{
    return (struct weir__rocksdb *)backend;
}

static inline struct weir__rocksdb_table *weir__rocksdb_table_at(const struct weir__rocksdb *self,
                                                                 size_t index)
{
    return *(struct weir__rocksdb_table **)weir__vec_at(&self->tables, index);
}

static inline struct weir__rocksdb_entry *weir__rocksdb_entry_at(
    const struct weir__rocksdb_table *table, uint32_t number)
{
    return weir__pool_at(&table->entries, number);
}

/* ---- rocksdb_backend.c ---- */

WEIR_MUST_USE enum weir_status weir__rocksdb_backend_new(
    const struct weir_state_backend_config *config, int shares, struct weir__backend **out,
    struct weir_error *error);
/* Keeps the first failure, and tells the owner. */
void weir__rocksdb_fail(struct weir__rocksdb *self, const struct weir_error *error);

/* ---- rocksdb_cells.c ---- */

/* The entry in memory, dead ones too; NULL: there is none. */
struct weir__rocksdb_entry *weir__rocksdb_look_up(const struct weir__rocksdb_table *table,
                                                  const struct weir__key_node *key,
                                                  struct weir__namespace ns);
/* The entry, read from the database when it is not in memory; NULL: there is none. */
struct weir__rocksdb_entry *weir__rocksdb_find(struct weir__rocksdb_table *table,
                                               struct weir__key_node *key,
                                               struct weir__namespace ns);
/* A new entry with a new cell. */
struct weir__rocksdb_entry *weir__rocksdb_add(struct weir__rocksdb_table *table,
                                              struct weir__key_node *key,
                                              struct weir__namespace ns);
/* A dead entry gets a new cell. */
void weir__rocksdb_revive(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry);
/* The cell has been changed, or will be now. */
void weir__rocksdb_touch(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry);
/* The cell goes, here and in the database. */
void weir__rocksdb_kill(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry);
/* Puts a changed entry into the database's batch. */
void weir__rocksdb_write(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry);
/* Forgets an entry; what was not written is lost. */
void weir__rocksdb_drop(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry);

/* The scratch key begins with a key group and a table. */
struct weir_str weir__rocksdb_prefix(struct weir__rocksdb *self, int group, uint16_t table);
enum {
    WEIR__ROCKSDB_PREFIX = 4,                 /* bytes: key group and table */
    WEIR__ROCKSDB_ENTRY = WEIR__STORE_PREFIX, /* where the entry's key begins */
};
/* The scratch key goes on with what the hash says; the entry's key follows. */
void weir__rocksdb_put_hash(struct weir__rocksdb *self, const struct weir__key *key);
static inline int weir__rocksdb_group_of(struct weir_str key)
{
    return (unsigned char)key.data[0] << 8 | (unsigned char)key.data[1];
}
static inline uint16_t weir__rocksdb_table_of(struct weir_str key)
{
    return (uint16_t)((unsigned char)key.data[2] << 8 | (unsigned char)key.data[3]);
}

/* ---- rocksdb_evict.c ---- */

/* Between two keys: keeps to the memory there is; write-through: writes and forgets everything. */
void weir__rocksdb_settle(struct weir__backend *backend);
/* Writes all that was changed. */
void weir__rocksdb_flush(struct weir__rocksdb *self);
void weir__rocksdb_commit(struct weir__rocksdb *self);

/* ---- rocksdb_table.c ---- */

extern const struct weir__table_ops weir__rocksdb_table_ops;

/* ---- rocksdb_checkpoint.c ---- */

WEIR_MUST_USE enum weir_status weir__rocksdb_checkpoint(struct weir__backend *backend,
                                                        const char *directory, int first_group,
                                                        int last_group, struct weir__buf *out,
                                                        struct weir_error *error);
WEIR_MUST_USE enum weir_status weir__rocksdb_restore_from(struct weir__backend *backend,
                                                          const char *directory,
                                                          struct weir__reader *in, int first_group,
                                                          int last_group, struct weir_error *error);

#endif
