/*
 * Cells in memory, and their way to the database and back.
 *
 * What a cell needs beyond its struct is not known; it is taken to be twice what it has as bytes,
 * measured when it is read or written, and when it has been changed 4, 8, 16, … times since: so a
 * list that grows is noticed, and measuring costs no more than adding.
 */
#include "base/mem.h"
#include "state/entry.h"
#include "state/rocksdb_backend.h"

#include <assert.h>
#include <string.h>

enum {
    KEY_BYTES = 80,   /* a key's node and the two indexes' cells */
    MEASURE_FROM = 4, /* changes */
    FIRST_GUESS = 32, /* bytes that a new cell will have */
    HASH_BITS = 10,   /* in database keys */
};

/* ---- memory ---- */

static void charge(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry,
                   size_t encoded)
{
    const struct weir__key *key = &entry->key->key;
    size_t text = key->kind == WEIR_KIND_STRING ? key->string.len : 0;
    size_t bytes = table->entries.item_size + KEY_BYTES + text + 2 * encoded;
    bytes = bytes < UINT32_MAX ? bytes : UINT32_MAX;
    table->backend->memory_bytes += bytes;
    table->backend->memory_bytes -= entry->bytes;
    entry->bytes = (uint32_t)bytes;
}

static void init_cell(const struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry)
{
    const struct weir__table_config *config = &table->table.config;
    if (config->ops->init != NULL) {
        config->ops->init(entry->cell, config->spec);
    }
}

static void fini_cell(const struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry)
{
    const struct weir__table_config *config = &table->table.config;
    if (!entry->dead && config->ops->fini != NULL) {
        config->ops->fini(entry->cell, config->spec);
    }
}

/* ---- entries ---- */

struct weir__rocksdb_entry *weir__rocksdb_look_up(const struct weir__rocksdb_table *table,
                                                  const struct weir__key_node *key,
                                                  struct weir__namespace ns)
{
    struct weir__index_cursor at = weir__index_find(&table->index, weir__namespace_hash(key, ns));
    for (uint32_t i; (i = weir__index_next(&table->index, &at)) != WEIR__INDEX_NONE;) {
        struct weir__rocksdb_entry *entry = weir__rocksdb_entry_at(table, i);
        if (entry->key == key && weir__namespace_equals(entry->ns, ns)) {
            return entry;
        }
    }
    return NULL;
}

struct weir__rocksdb_entry *weir__rocksdb_add(struct weir__rocksdb_table *table,
                                              struct weir__key_node *key, struct weir__namespace ns)
{
    uint32_t number = weir__pool_take(&table->entries);
    struct weir__rocksdb_entry *entry = weir__rocksdb_entry_at(table, number);
    entry->key = key;
    entry->ns = ns;
    entry->number = number;
    entry->dirty_at = WEIR__CLEAN;
    entry->used = true;
    weir__key_ref(key);
    weir__index_put(&table->index, weir__namespace_hash(key, ns), number);
    init_cell(table, entry);
    charge(table, entry, FIRST_GUESS);
    return entry;
}

void weir__rocksdb_revive(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry)
{
    assert(entry->dead);
    memset(entry->cell, 0, table->table.config.cell_size);
    entry->dead = false;
    init_cell(table, entry);
}

static void clean(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry)
{
    if (entry->dirty_at == WEIR__CLEAN) {
        return;
    }
    uint32_t last = *(uint32_t *)weir__vec_pop(&table->dirty);
    if (last != entry->number) {
        weir__rocksdb_entry_at(table, last)->dirty_at = entry->dirty_at;
        *(uint32_t *)weir__vec_at(&table->dirty, entry->dirty_at) = last;
    }
    entry->dirty_at = WEIR__CLEAN;
}

static void mark_dirty(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry)
{
    if (entry->dirty_at == WEIR__CLEAN) {
        entry->dirty_at = (uint32_t)table->dirty.count;
        weir__vec_push(&table->dirty, &entry->number);
    }
}

static void measure(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry)
{
    struct weir__buf *value = &table->backend->value;
    value->len = 0;
    table->table.config.ops->encode(entry->cell, table->table.config.spec, value);
    charge(table, entry, value->len);
}

void weir__rocksdb_touch(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry)
{
    uint32_t changes = ++entry->changes;
    entry->used = true;
    mark_dirty(table, entry);
    if (changes >= MEASURE_FROM && (changes & (changes - 1)) == 0) {
        measure(table, entry);
    }
}

void weir__rocksdb_drop(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry)
{
    struct weir__key_node *key = entry->key;
    fini_cell(table, entry);
    clean(table, entry);
    table->backend->memory_bytes -= entry->bytes;
    weir__index_remove(&table->index, weir__namespace_hash(key, entry->ns), entry->number);
    weir__pool_give(&table->entries, entry->number);
    weir__key_unref(table->keys, key);
}

void weir__rocksdb_kill(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry)
{
    table->live--;
    if (!entry->stored) {
        weir__rocksdb_drop(table, entry);
        return;
    }
    fini_cell(table, entry);
    entry->dead = true;
    charge(table, entry, 0);
    mark_dirty(table, entry);
}

/* ---- the database ---- */

struct weir_str weir__rocksdb_prefix(struct weir__rocksdb *self, int group, uint16_t table)
{
    struct weir__buf *key = &self->key;
    key->len = 0;
    weir__buf_put_u8(key, (uint8_t)(group >> 8));
    weir__buf_put_u8(key, (uint8_t)group);
    weir__buf_put_u8(key, (uint8_t)(table >> 8));
    weir__buf_put_u8(key, (uint8_t)table);
    return (struct weir_str){key->data, (uint32_t)key->len};
}

void weir__rocksdb_put_hash(struct weir__rocksdb *self, const struct weir__key *key)
{
    uint64_t bits = key->hash >> (64 - HASH_BITS);
    weir__buf_put_u8(&self->key, (uint8_t)(bits >> 8));
    weir__buf_put_u8(&self->key, (uint8_t)bits);
}

static struct weir_str key_of(const struct weir__rocksdb_table *table,
                              const struct weir__key_node *key, struct weir__namespace ns)
{
    struct weir__buf *bytes = &table->backend->key;
    weir__rocksdb_prefix(table->backend, key->group, table->id);
    weir__rocksdb_put_hash(table->backend, &key->key);
    weir__entry_put_key(&key->key, ns, bytes);
    return (struct weir_str){bytes->data, (uint32_t)bytes->len};
}

void weir__rocksdb_write(struct weir__rocksdb_table *table, struct weir__rocksdb_entry *entry)
{
    struct weir__rocksdb *self = table->backend;
    const struct weir__table_config *config = &table->table.config;
    struct weir_str key = key_of(table, entry->key, entry->ns);
    clean(table, entry);
    if (entry->dead) {
        weir__store_delete(self->store, key);
        return;
    }
    bool expires = config->ops->expires_at != NULL;
    self->value.len = 0;
    weir__buf_put_i64(&self->value,
                      expires ? config->ops->expires_at(entry->cell, config->spec) : WEIR_TIME_MAX);
    config->ops->encode(entry->cell, config->spec, &self->value);
    weir__store_put(self->store, key,
                    (struct weir_str){self->value.data, (uint32_t)self->value.len});
    charge(table, entry, self->value.len - WEIR__STORE_HEAD);
    entry->changes = 0;
    entry->stored = true;
}

/* An entry with what the database has of it. */
static struct weir__rocksdb_entry *read_entry(struct weir__rocksdb_table *table,
                                              struct weir__key_node *key, struct weir__namespace ns,
                                              struct weir_str payload)
{
    const struct weir__table_config *config = &table->table.config;
    struct weir__rocksdb_entry *entry = weir__rocksdb_add(table, key, ns);
    struct weir__reader in = weir__reader_of(payload);
    struct weir_error error = {0};
    entry->stored = true;
    table->absent--;
    charge(table, entry, payload.len);
    if (config->ops->decode(entry->cell, config->spec, &in, &error) == WEIR_OK && !in.failed &&
        in.at == in.end) {
        return entry;
    }
    weir_error_set(&error, WEIR_CORRUPT, table->table.config.name,
                   "a cell of this state is damaged on the disk; restore from a checkpoint");
    weir__rocksdb_drop(table, entry);
    weir__rocksdb_fail(table->backend, &error);
    return NULL;
}

struct weir__rocksdb_entry *weir__rocksdb_find(struct weir__rocksdb_table *table,
                                               struct weir__key_node *key,
                                               struct weir__namespace ns)
{
    struct weir__rocksdb_entry *entry = weir__rocksdb_look_up(table, key, ns);
    if (entry != NULL || table->absent == 0 || table->backend->failed) {
        return entry;
    }
    struct weir_str payload;
    struct weir_error error = {0};
    enum weir_status status =
        weir__store_get(table->backend->store, key_of(table, key, ns), &payload, &error);
    if (status == WEIR_OK) {
        return read_entry(table, key, ns, payload);
    }
    if (status != WEIR_NOT_FOUND) {
        weir__rocksdb_fail(table->backend, &error);
    }
    return NULL;
}
