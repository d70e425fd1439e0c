/*
 * The operations of a table of the RocksDB backend (state/backend.h).
 *
 * Expired cells: those in memory are swept, as in the heap; those that are in the database alone
 * are dropped by its compactions, some time. A table with TTL is therefore counted by looking.
 */
#include "base/mem.h"
#include "state/entry.h"
#include "state/rocksdb_backend.h"
#include "types/key_groups.h"

#include <stddef.h>

static struct weir__rocksdb_table *rocksdb_of(struct weir__table *table)
{
    return (struct weir__rocksdb_table *)table;
}

/* ---- one cell ---- */

static void *find(struct weir__table *table, struct weir__key_node *key, struct weir__namespace ns)
{
    struct weir__rocksdb_entry *entry = weir__rocksdb_find(rocksdb_of(table), key, ns);
    if (entry == NULL || entry->dead) {
        return NULL;
    }
    entry->used = true;
    return entry->cell;
}

static void *obtain(struct weir__table *memory, struct weir__key_node *key,
                    struct weir__namespace ns, bool *created)
{
    struct weir__rocksdb_table *table = rocksdb_of(memory);
    struct weir__rocksdb_entry *entry = weir__rocksdb_find(table, key, ns);
    *created = entry == NULL || entry->dead;
    if (entry == NULL) {
        entry = weir__rocksdb_add(table, key, ns);
    } else if (entry->dead) {
        weir__rocksdb_revive(table, entry);
    }
    table->live += *created;
    weir__rocksdb_touch(table, entry);
    return entry->cell;
}

static void changed(struct weir__table *table, void *cell)
{
    char *entry = (char *)cell - offsetof(struct weir__rocksdb_entry, cell);
    weir__rocksdb_touch(rocksdb_of(table), (struct weir__rocksdb_entry *)(void *)entry);
}

static bool remove_cell(struct weir__table *memory, struct weir__key_node *key,
                        struct weir__namespace ns)
{
    struct weir__rocksdb_table *table = rocksdb_of(memory);
    struct weir__rocksdb_entry *entry = weir__rocksdb_find(table, key, ns);
    if (entry == NULL || entry->dead) {
        return false;
    }
    weir__rocksdb_kill(table, entry);
    return true;
}

/* ---- all cells ---- */

typedef void visit_cell(struct weir__key_node *key, struct weir__namespace ns, void *cell,
                        void *user);

struct walk {
    struct weir__rocksdb_table *table;
    visit_cell *visit; /* NULL: only count */
    void *user;
    void *cell; /* scratch */
    size_t stored;
    struct weir_error error;
};

static enum weir_status visit_cell_of(struct walk *walk, struct weir__key_node *key,
                                      struct weir__namespace ns, struct weir__reader *in)
{
    const struct weir__table_config *config = &walk->table->table.config;
    memset(walk->cell, 0, config->cell_size);
    if (config->ops->init != NULL) {
        config->ops->init(walk->cell, config->spec);
    }
    enum weir_status status = config->ops->decode(walk->cell, config->spec, in, &walk->error);
    if (status == WEIR_OK) {
        walk->visit(key, ns, walk->cell, walk->user);
    }
    if (config->ops->fini != NULL) {
        config->ops->fini(walk->cell, config->spec);
    }
    return status;
}

/* An entry of the database: nothing, when memory knows better. */
static bool visit_stored(struct weir_str bytes, struct weir_str value, void *memory)
{
    struct walk *walk = memory;
    struct weir__rocksdb_table *table = walk->table;
    if (bytes.len < WEIR__ROCKSDB_ENTRY || weir__rocksdb_table_of(bytes) != table->id) {
        return true;
    }
    struct weir__reader in = {bytes.data + WEIR__ROCKSDB_ENTRY, bytes.data + bytes.len, false};
    struct weir__key key;
    struct weir__namespace ns;
    if (!weir__entry_read_key(&in, &key, &ns)) {
        weir_error_set(&walk->error, WEIR_CORRUPT, table->table.config.name,
                       "a key of this state is damaged on the disk; restore from a checkpoint");
        return false;
    }
    struct weir__key_node *node = weir__key_table_intern(table->keys, &key);
    bool good = true;
    weir__key_ref(node);
    if (weir__rocksdb_look_up(table, node, ns) == NULL) {
        walk->stored++;
        in = (struct weir__reader){value.data + WEIR__STORE_HEAD, value.data + value.len, false};
        good = walk->visit == NULL || visit_cell_of(walk, node, ns, &in) == WEIR_OK;
    }
    weir__key_unref(table->keys, node);
    return good;
}

static void walk_stored(struct walk *walk)
{
    struct weir__rocksdb *self = walk->table->backend;
    if (walk->table->absent == 0 || self->failed) {
        return;
    }
    walk->cell = weir__alloc(walk->table->table.config.cell_size);
    enum weir_status status =
        weir__store_scan(self->store, WEIR_STR(""), visit_stored, walk, &walk->error);
    weir__free(walk->cell);
    if (status != WEIR_OK || walk->error.code != WEIR_OK) {
        weir__rocksdb_fail(self, &walk->error);
    }
}

static void each(struct weir__table *memory, visit_cell *visit, void *user)
{
    struct weir__rocksdb_table *table = rocksdb_of(memory);
    struct walk walk = {.table = table, .visit = visit, .user = user};
    walk_stored(&walk);
    for (uint32_t i = weir__pool_next(&table->entries, 0); i != WEIR__POOL_NONE;
         i = weir__pool_next(&table->entries, i + 1)) {
        struct weir__rocksdb_entry *entry = weir__rocksdb_entry_at(table, i);
        if (!entry->dead) {
            visit(entry->key, entry->ns, entry->cell, user);
        }
    }
}

static size_t count(const struct weir__table *memory)
{
    struct weir__rocksdb_table *table = rocksdb_of((struct weir__table *)(uintptr_t)memory);
    if (memory->config.ops->expires_at == NULL || table->absent == 0) {
        return table->live;
    }
    struct walk walk = {.table = table};
    walk_stored(&walk);
    return table->live - table->absent + walk.stored;
}

static void sweep(struct weir__table *memory, int64_t now_ms, int budget,
                  const struct weir__key_node *keep)
{
    struct weir__rocksdb_table *table = rocksdb_of(memory);
    const struct weir__table_config *config = &memory->config;
    weir__store_set_time(table->backend->store, now_ms);
    for (; budget > 0 && table->entries.count > 0; budget--) {
        uint32_t number = weir__pool_next(&table->entries, table->sweep_at);
        if (number == WEIR__POOL_NONE) {
            table->sweep_at = 0;
            return;
        }
        table->sweep_at = number + 1;
        struct weir__rocksdb_entry *entry = weir__rocksdb_entry_at(table, number);
        if (!entry->dead && entry->key != keep &&
            config->ops->expires_at(entry->cell, config->spec) <= now_ms) {
            weir__rocksdb_kill(table, entry);
        }
    }
}

/* ---- snapshots: as the heap writes them, straight from the database ---- */

struct section {
    struct weir__groups *groups;
    int group;
};

static bool copy_entry(struct weir_str key, struct weir_str value, void *memory)
{
    const struct section *section = memory;
    struct weir__buf *bytes = weir__groups_entry(section->groups, section->group);
    weir__buf_put(bytes, key.data + WEIR__ROCKSDB_ENTRY, key.len - WEIR__ROCKSDB_ENTRY);
    weir__buf_put(bytes, value.data + WEIR__STORE_HEAD, value.len - WEIR__STORE_HEAD);
    return true;
}

static void snapshot(struct weir__table *memory, struct weir__buf *out, struct weir__vec *gaps)
{
    (void)gaps; /* the database is not copied */
    struct weir__rocksdb_table *table = rocksdb_of(memory);
    struct weir__rocksdb *self = table->backend;
    struct weir__groups groups;
    struct weir_error error = {0};
    weir__rocksdb_flush(self);
    weir__groups_init(&groups, table->keys->max_parallelism);
    for (int group = 0; group < table->keys->max_parallelism && !self->failed; group++) {
        struct section section = {&groups, group};
        struct weir_str prefix = weir__rocksdb_prefix(self, group, table->id);
        if (weir__store_scan(self->store, prefix, copy_entry, &section, &error) != WEIR_OK) {
            weir__rocksdb_fail(self, &error);
        }
    }
    weir__groups_finish(&groups, out);
}

static enum weir_status restore_entry(struct weir__reader *in, void *memory,
                                      struct weir_error *error)
{
    struct weir__rocksdb_table *table = memory;
    void *cell;
    weir__rocksdb_settle(&table->backend->backend); /* it may be more than fits */
    return weir__entry_restore(&table->table, table->keys, in, &cell, error);
}

static enum weir_status restore(struct weir__table *memory, struct weir__reader *in,
                                int first_group, int last_group, struct weir_error *error)
{
    return weir__groups_read(in, first_group, last_group, restore_entry, memory, error);
}

/* ---- life ---- */

static void free_table(struct weir__table *memory)
{
    struct weir__rocksdb_table *table = rocksdb_of(memory);
    for (uint32_t i = weir__pool_next(&table->entries, 0); i != WEIR__POOL_NONE;
         i = weir__pool_next(&table->entries, i + 1)) {
        weir__rocksdb_drop(table, weir__rocksdb_entry_at(table, i));
    }
    weir__index_fini(&table->index);
    weir__pool_fini(&table->entries);
    weir__vec_fini(&table->dirty);
    weir__free(table);
}

const struct weir__table_ops weir__rocksdb_table_ops = {
    .find = find,
    .obtain = obtain,
    .changed = changed,
    .remove = remove_cell,
    .count = count,
    .each = each,
    .sweep = sweep,
    .snapshot = snapshot,
    .restore = restore,
    .free = free_table,
};
