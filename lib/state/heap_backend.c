/*
 * The heap backend: every cell stays in memory. A table is a pool of entries, whose addresses never
 * change, and a hash index over them.
 *
 *     entry := node of the key, namespace, cell
 */
#include "base/hash.h"
#include "base/mem.h"
#include "state/backend.h"
#include "state/entry.h"
#include "types/key_groups.h"

#include <stddef.h>
#include <string.h>

struct entry {
    struct weir__key_node *key;
    struct weir__namespace ns;
    _Alignas(8) char cell[];
};

struct heap_table {
    struct weir__table table;
    struct weir__key_table *keys;
    struct weir__index index;
    struct weir__pool entries;
    struct weir__frozen frozen;
    uint32_t sweep_at; /* next entry that the sweep looks at */
};

static struct heap_table *heap_of(struct weir__table *table)
{
    return (struct heap_table *)table;
}

static struct entry *entry_at(const struct heap_table *heap, uint32_t number)
{
    return weir__pool_at(&heap->entries, number);
}

static uint32_t look_up(const struct heap_table *heap, uint64_t hash,
                        const struct weir__key_node *key, struct weir__namespace ns)
{
    struct weir__index_cursor at = weir__index_find(&heap->index, hash);
    uint32_t number;
    while ((number = weir__index_next(&heap->index, &at)) != WEIR__INDEX_NONE) {
        const struct entry *entry = entry_at(heap, number);
        if (entry->key == key && weir__namespace_equals(entry->ns, ns)) {
            break;
        }
    }
    return number;
}

static void *find(struct weir__table *table, struct weir__key_node *key, struct weir__namespace ns)
{
    const struct heap_table *heap = heap_of(table);
    uint32_t number = look_up(heap, weir__namespace_hash(key, ns), key, ns);
    return number != WEIR__INDEX_NONE ? entry_at(heap, number)->cell : NULL;
}

static void *obtain(struct weir__table *table, struct weir__key_node *key,
                    struct weir__namespace ns, bool *created)
{
    struct heap_table *heap = heap_of(table);
    uint64_t hash = weir__namespace_hash(key, ns);
    uint32_t number = look_up(heap, hash, key, ns);
    *created = number == WEIR__INDEX_NONE;
    if (!*created) {
        return entry_at(heap, number)->cell;
    }
    number = weir__pool_take(&heap->entries);
    struct entry *entry = entry_at(heap, number);
    entry->key = key;
    entry->ns = ns;
    weir__key_ref(key);
    weir__index_put(&heap->index, hash, number);
    if (table->config.ops->init != NULL) {
        table->config.ops->init(entry->cell, table->config.spec);
    }
    return entry->cell;
}

static void changed(struct weir__table *table, void *cell)
{
    (void)table; /* the cell is the only copy there is */
    (void)cell;
}

static void drop(struct heap_table *heap, uint32_t number)
{
    struct entry *entry = entry_at(heap, number);
    const struct weir__table_config *config = &heap->table.config;
    if (config->ops->fini != NULL) {
        config->ops->fini(entry->cell, config->spec);
    }
    struct weir__key_node *key = entry->key;
    weir__index_remove(&heap->index, weir__namespace_hash(key, entry->ns), number);
    weir__pool_give(&heap->entries, number);
    weir__key_unref(heap->keys, key);
}

static bool remove_entry(struct weir__table *table, struct weir__key_node *key,
                         struct weir__namespace ns)
{
    struct heap_table *heap = heap_of(table);
    uint32_t number = look_up(heap, weir__namespace_hash(key, ns), key, ns);
    if (number == WEIR__INDEX_NONE) {
        return false;
    }
    drop(heap, number);
    return true;
}

static size_t count(const struct weir__table *table)
{
    return ((const struct heap_table *)table)->entries.count;
}

static void each(struct weir__table *table,
                 void (*visit)(struct weir__key_node *key, struct weir__namespace ns, void *cell,
                               void *user),
                 void *user)
{
    const struct heap_table *heap = heap_of(table);
    for (uint32_t i = weir__pool_next(&heap->entries, 0); i != WEIR__POOL_NONE;
         i = weir__pool_next(&heap->entries, i + 1)) {
        struct entry *entry = entry_at(heap, i);
        visit(entry->key, entry->ns, entry->cell, user);
    }
}

static void sweep(struct weir__table *table, int64_t now_ms, int budget,
                  const struct weir__key_node *keep)
{
    struct heap_table *heap = heap_of(table);
    for (; budget > 0 && heap->entries.count > 0; budget--) {
        uint32_t number = weir__pool_next(&heap->entries, heap->sweep_at);
        if (number == WEIR__POOL_NONE) {
            heap->sweep_at = 0;
            return;
        }
        heap->sweep_at = number + 1;
        struct entry *entry = entry_at(heap, number);
        if (entry->key != keep &&
            table->config.ops->expires_at(entry->cell, table->config.spec) <= now_ms) {
            drop(heap, number);
        }
    }
}

/* ---- snapshots ---- */

/* The table's entries, or a copy of them that nobody changes: of the table only what is fixed. */
static void encode_entries(const void *owner, const struct weir__pool *entries,
                           struct weir__buf *out)
{
    const struct heap_table *heap = owner;
    const struct weir__table_config *config = &heap->table.config;
    struct weir__groups groups;
    weir__groups_init(&groups, heap->keys->max_parallelism);
    for (uint32_t i = weir__pool_next(entries, 0); i != WEIR__POOL_NONE;
         i = weir__pool_next(entries, i + 1)) {
        const struct entry *entry = weir__pool_at(entries, i);
        struct weir__buf *bytes = weir__groups_entry(&groups, entry->key->group);
        weir__entry_put_key(&entry->key->key, entry->ns, bytes);
        config->ops->encode(entry->cell, config->spec, bytes);
    }
    weir__groups_finish(&groups, out);
}

static void snapshot(struct weir__table *table, struct weir__buf *out, struct weir__vec *gaps)
{
    struct heap_table *heap = heap_of(table);
    const struct weir__table_config *config = &table->config;
    const struct weir__gap gap = {.frozen = &heap->frozen, .owner = heap, .encode = encode_entries};
    bool plain = config->ops->is_plain != NULL && config->ops->is_plain(config->spec);
    if (!plain || !weir__gaps_add(gaps, &gap, &heap->entries, heap->keys, out)) {
        encode_entries(heap, &heap->entries, out);
    }
}

static enum weir_status read_entry(struct weir__reader *in, void *self, struct weir_error *error)
{
    struct weir__table *table = self;
    void *cell;
    return weir__entry_restore(table, heap_of(table)->keys, in, &cell, error);
}

static enum weir_status restore(struct weir__table *table, struct weir__reader *in, int first_group,
                                int last_group, struct weir_error *error)
{
    return weir__groups_read(in, first_group, last_group, read_entry, table, error);
}

static void free_table(struct weir__table *table)
{
    struct heap_table *heap = heap_of(table);
    for (uint32_t i = weir__pool_next(&heap->entries, 0); i != WEIR__POOL_NONE;
         i = weir__pool_next(&heap->entries, i + 1)) {
        drop(heap, i);
    }
    weir__index_fini(&heap->index);
    weir__pool_fini(&heap->entries);
    weir__frozen_fini(&heap->frozen);
    weir__free(heap);
}

static const struct weir__table_ops table_ops = {
    .find = find,
    .obtain = obtain,
    .changed = changed,
    .remove = remove_entry,
    .count = count,
    .each = each,
    .sweep = sweep,
    .snapshot = snapshot,
    .restore = restore,
    .free = free_table,
};

/* ---- the backend ---- */

static struct weir__table *open_table(struct weir__backend *backend,
                                      const struct weir__table_config *config,
                                      struct weir__key_table *keys)
{
    (void)backend;
    struct heap_table *heap = WEIR__NEW(struct heap_table);
    heap->table.ops = &table_ops;
    heap->table.config = *config;
    heap->keys = keys;
    heap->entries = WEIR__POOL_OF(offsetof(struct entry, cell) + config->cell_size);
    return &heap->table;
}

static void free_backend(struct weir__backend *backend)
{
    weir__free(backend);
}

static const struct weir__backend_ops backend_ops = {
    .name = "heap",
    .open = open_table,
    .free = free_backend,
};

struct weir__backend *weir__heap_backend_new(void)
{
    struct weir__backend *backend = WEIR__NEW(struct weir__backend);
    backend->ops = &backend_ops;
    return backend;
}
