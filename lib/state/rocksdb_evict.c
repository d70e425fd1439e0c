/*
 * What is written to the database, and when; and what memory forgets.
 *
 * An eviction passes over the entries in a circle. One that was used since the last pass stays, and
 * is asked again on the next; another one is written if it was changed, and goes. It ends when a
 * quarter of the memory is free.
 */
#include "state/rocksdb_backend.h"

enum { BATCH = 4096 /* entries in a batch, so that it stays small beside the cells */ };

void weir__rocksdb_commit(struct weir__rocksdb *self)
{
    struct weir_error error = {0};
    if (!self->failed && weir__store_commit(self->store, &error) != WEIR_OK) {
        weir__rocksdb_fail(self, &error);
    }
}

static void flush_table(struct weir__rocksdb_table *table)
{
    for (uint32_t written = 1; table->dirty.count > 0; written++) {
        uint32_t number = *(uint32_t *)weir__vec_last(&table->dirty);
        struct weir__rocksdb_entry *entry = weir__rocksdb_entry_at(table, number);
        weir__rocksdb_write(table, entry);
        if (entry->dead) {
            weir__rocksdb_drop(table, entry);
        }
        if (written % BATCH == 0) {
            weir__rocksdb_commit(table->backend);
        }
    }
}

void weir__rocksdb_flush(struct weir__rocksdb *self)
{
    for (size_t i = 0; i < self->tables.count && !self->failed; i++) {
        flush_table(weir__rocksdb_table_at(self, i));
    }
    weir__rocksdb_commit(self);
}

static void evict_entry(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry)
{
    if (entry->dirty_at != WEIR__CLEAN) {
        weir__rocksdb_write(table, entry);
    }
    table->absent += !entry->dead;
    weir__rocksdb_drop(table, entry);
}

/* One pass over a table, until memory is down to `goal`. */
static void evict_from(struct weir__rocksdb_table *table, size_t goal)
{
    struct weir__rocksdb *self = table->backend;
    uint32_t evicted = 0;
    for (uint32_t left = table->entries.used; left > 0 && self->memory_bytes > goal; left--) {
        uint32_t number = table->evict_at < table->entries.used ? table->evict_at : 0;
        table->evict_at = number + 1;
        if (!weir__pool_live(&table->entries, number)) {
            continue;
        }
        struct weir__rocksdb_entry *entry = weir__rocksdb_entry_at(table, number);
        if (entry->used) {
            entry->used = false;
            continue;
        }
        evict_entry(table, entry);
        if (++evicted % BATCH == 0) {
            weir__rocksdb_commit(self);
        }
    }
    weir__rocksdb_commit(self);
}

static void evict(struct weir__rocksdb *self)
{
    size_t goal = self->limit_bytes - self->limit_bytes / 4;
    for (int pass = 0; pass < 2; pass++) { /* after the first one no entry is used */
        for (size_t i = 0; i < self->tables.count; i++) {
            evict_from(weir__rocksdb_table_at(self, i), goal);
        }
    }
}

static void forget(struct weir__rocksdb_table *table)
{
    for (uint32_t i = weir__pool_next(&table->entries, 0); i != WEIR__POOL_NONE;
         i = weir__pool_next(&table->entries, i + 1)) {
        evict_entry(table, weir__rocksdb_entry_at(table, i));
    }
}

static void write_through(struct weir__rocksdb *self)
{
    for (size_t i = 0; i < self->tables.count; i++) {
        forget(weir__rocksdb_table_at(self, i));
    }
    weir__rocksdb_commit(self);
}

void weir__rocksdb_settle(struct weir__backend *backend)
{
    struct weir__rocksdb *self = weir__rocksdb_of(backend);
    if (self->failed) {
        return;
    }
    if (self->config.write_through) {
        write_through(self);
    } else if (self->memory_bytes > self->limit_bytes) {
        evict(self);
    }
}
