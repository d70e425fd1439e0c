/*
 * The RocksDB backend: its life, and how memory is shared.
 */
#include "state/rocksdb_backend.h"

#include "base/mem.h"

#include <assert.h>
#include <stddef.h>

#define MIB ((size_t)1 << 20)

enum {
    SLOT_MIB = 512,
    UNMANAGED_CELLS_MIB = 256,
    UNMANAGED_BUFFER_MIB = 64, /* RocksDB's and Flink's default */
    BLOCK_CACHE_MIB = 8,       /* Flink's default */
};

void weir__rocksdb_fail(struct weir__rocksdb *self, const struct weir_error *error)
{
    if (!self->failed && self->backend.failed != NULL) {
        self->backend.failed(self->backend.host, error);
    }
    self->failed = true;
}

static struct weir__table *open_table(struct weir__backend *backend,
                                      const struct weir__table_config *config,
                                      struct weir__key_table *keys)
{
    struct weir__rocksdb *self = weir__rocksdb_of(backend);
    struct weir__rocksdb_table *table = WEIR__NEW(struct weir__rocksdb_table);
    assert(self->tables.count < UINT16_MAX / 2 && keys->max_parallelism <= UINT16_MAX);
    table->table = (struct weir__table){.ops = &weir__rocksdb_table_ops, .config = *config};
    table->backend = self;
    table->keys = keys;
    table->id = (uint16_t)self->tables.count;
    table->entries = WEIR__POOL_OF(offsetof(struct weir__rocksdb_entry, cell) + config->cell_size);
    table->dirty = WEIR__VEC_OF(uint32_t);
    weir__vec_push(&self->tables, &table);
    return &table->table;
}

/* With the memory of cells, while those are few. What is kept in files must be in the database. */
static size_t room(const struct weir__backend *backend)
{
    const struct weir__rocksdb *self = (const struct weir__rocksdb *)backend;
    return self->config.write_through || self->config.incremental ? 0 : self->limit_bytes;
}

static void free_backend(struct weir__backend *backend)
{
    struct weir__rocksdb *self = weir__rocksdb_of(backend);
    weir__store_close(self->store);
    weir__vec_fini(&self->tables);
    weir__buf_fini(&self->key);
    weir__buf_fini(&self->value);
    weir__free(self);
}

static const struct weir__backend_ops ops = {
    .name = "rocksdb",
    .outside_memory = true,
    .open = open_table,
    .room = room,
    .settle = weir__rocksdb_settle,
    .checkpoint = weir__rocksdb_checkpoint,
    .restore_from = weir__rocksdb_restore_from,
    .free = free_backend,
};

/* Half for cells; of RocksDB's half, half for the two write buffers, half for blocks. */
static void divide_memory(struct weir__rocksdb *self, int shares)
{
    const struct weir_state_backend_config *config = &self->config;
    if (config->unmanaged && config->fixed_per_slot_bytes == 0) {
        size_t cache = (size_t)config->block_cache_bytes;
        self->limit_bytes = UNMANAGED_CELLS_MIB * MIB;
        self->store_memory.buffer_bytes = UNMANAGED_BUFFER_MIB * MIB;
        self->store_memory.cache_bytes = cache > 0 ? cache : BLOCK_CACHE_MIB * MIB;
        return;
    }
    size_t slot = (size_t)config->fixed_per_slot_bytes;
    size_t share = (slot > 0 ? slot : SLOT_MIB * MIB) / (size_t)shares;
    self->limit_bytes = share / 2;
    self->store_memory.buffer_bytes = share / 8;
    self->store_memory.cache_bytes = share / 4;
}

enum weir_status weir__rocksdb_backend_new(const struct weir_state_backend_config *config,
                                           int shares, struct weir__backend **out,
                                           struct weir_error *error)
{
    assert(shares >= 1);
    struct weir__rocksdb *self = WEIR__NEW(struct weir__rocksdb);
    self->backend.ops = &ops;
    self->config = *config;
    self->tables = WEIR__VEC_OF(struct weir__rocksdb_table *);
    divide_memory(self, shares);
    enum weir_status status = weir__store_open(config, &self->store_memory, &self->store, error);
    if (status != WEIR_OK) {
        weir__free(self);
        return status;
    }
    *out = &self->backend;
    return WEIR_OK;
}
