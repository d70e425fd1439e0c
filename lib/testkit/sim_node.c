/*
 * Nodes of the disk in memory, and the changes of their names (see sim_node.h).
 */
#include "testkit/sim_node.h"

#include "base/mem.h"

/* ---- entries ---- */

struct weir__sim_entry *weir__sim_entry_find(const struct weir__vec *entries, const char *name,
                                             size_t len)
{
    for (size_t i = 0; i < entries->count; i++) {
        struct weir__sim_entry *entry = weir__vec_at(entries, i);
        if (strlen(entry->name) == len && memcmp(entry->name, name, len) == 0) {
            return entry;
        }
    }
    return NULL;
}

void weir__sim_entry_set(struct weir__vec *entries, const char *name, struct weir__sim_node *node)
{
    struct weir__sim_entry *entry = weir__sim_entry_find(entries, name, strlen(name));
    if (entry == NULL) {
        entry = weir__vec_add(entries);
        entry->name = weir__strdup(name);
    }
    entry->node = node;
}

/* Only when it still stands for this node. */
static void drop_entry(struct weir__vec *entries, const char *name,
                       const struct weir__sim_node *node)
{
    struct weir__sim_entry *entry = weir__sim_entry_find(entries, name, strlen(name));
    if (entry != NULL && entry->node == node) {
        weir__free(entry->name);
        weir__vec_remove(entries, (size_t)(entry - (struct weir__sim_entry *)entries->items));
    }
}

void weir__sim_entries_clear(struct weir__vec *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        weir__free(((struct weir__sim_entry *)weir__vec_at(entries, i))->name);
    }
    weir__vec_fini(entries);
}

/* ---- nodes ---- */

struct weir__sim_node *weir__sim_node_new(struct weir__sim_disk *disk, bool directory)
{
    struct weir__sim_node *node = WEIR__NEW(struct weir__sim_node);
    node->directory = directory;
    node->identity = disk->next_identity++;
    node->entries = node->durable_entries = WEIR__VEC_OF(struct weir__sim_entry);
    weir__vec_push(&disk->nodes, &node);
    return node;
}

void weir__sim_node_free(struct weir__sim_node *node)
{
    weir__buf_fini(&node->content);
    weir__buf_fini(&node->durable);
    weir__sim_entries_clear(&node->entries);
    weir__sim_entries_clear(&node->durable_entries);
    weir__free(node);
}

struct weir__file_info weir__sim_node_info(const struct weir__sim_node *node)
{
    return (struct weir__file_info){node->directory, (int64_t)node->content.len, node->identity};
}

struct weir__buf *weir__sim_node_content(struct weir__sim_node *node)
{
    return &node->content;
}

const struct weir__vec *weir__sim_node_entries(const struct weir__sim_node *node)
{
    return &node->entries;
}

/* ---- changes of directories ---- */

void weir__sim_change_apply(const struct weir__sim_change *change, bool durable)
{
    struct weir__sim_node *from = change->from_directory;
    struct weir__sim_node *to = change->to_directory;
    if (from != NULL) {
        drop_entry(durable ? &from->durable_entries : &from->entries, change->from, change->node);
    }
    if (to != NULL) {
        weir__sim_entry_set(durable ? &to->durable_entries : &to->entries, change->to,
                            change->node);
    }
}

void weir__sim_change_free(struct weir__sim_change *change)
{
    weir__free(change->from);
    weir__free(change->to);
}

void weir__sim_change_make(struct weir__sim_disk *disk, struct weir__sim_change change)
{
    change.from = weir__strdup(change.from);
    change.to = weir__strdup(change.to);
    weir__sim_change_apply(&change, false);
    weir__vec_push(&disk->log, &change);
}

void weir__sim_copy_bytes(struct weir__buf *to, const struct weir__buf *from)
{
    to->len = 0;
    weir__buf_put(to, from->data, from->len);
}
