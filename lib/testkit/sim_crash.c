/*
 * The crash of the disk in memory: what was on its way to the disk is left to chance (see
 * sim_disk.h).
 */
#include "base/mem.h"
#include "testkit/sim_node.h"

enum survival { NOTHING, EVERYTHING, ANYTHING }; /* of what was not synced */

/* Some of what was added since the last sync, and maybe zeros for the rest. */
static void keep_some(struct weir__sim_node *node, struct weir__rand *rand)
{
    size_t synced = node->durable.len;
    size_t seen = node->content.len;
    bool added = seen > synced &&
                 (synced == 0 || memcmp(node->content.data, node->durable.data, synced) == 0);
    if (!added) {
        if (weir__rand_below(rand, 2) == 0) {
            weir__sim_copy_bytes(&node->durable, &node->content);
        }
        return;
    }
    size_t kept = weir__rand_below(rand, seen - synced + 1);
    weir__buf_put(&node->durable, node->content.data + synced, kept);
    if (weir__rand_below(rand, 4) == 0) {
        while (node->durable.len < seen) {
            weir__buf_put_u8(&node->durable, 0);
        }
    }
}

static void crash_log(struct weir__sim_disk *disk, enum survival survival, struct weir__rand *rand)
{
    for (size_t i = 0; i < disk->log.count; i++) {
        struct weir__sim_change *change = weir__vec_at(&disk->log, i);
        if (survival == EVERYTHING || (survival == ANYTHING && weir__rand_below(rand, 2) == 0)) {
            weir__sim_change_apply(change, true);
        }
        weir__sim_change_free(change);
    }
    weir__vec_clear(&disk->log);
}

static void crash_node(struct weir__sim_node *node, enum survival survival, struct weir__rand *rand)
{
    if (survival == EVERYTHING) {
        weir__sim_copy_bytes(&node->durable, &node->content);
    } else if (survival == ANYTHING) {
        keep_some(node, rand);
    }
    weir__sim_copy_bytes(&node->content, &node->durable);
    node->lost_from = node->lost_to = 0;
    weir__sim_entries_clear(&node->entries);
    for (size_t i = 0; i < node->durable_entries.count; i++) {
        const struct weir__sim_entry *entry = weir__vec_at(&node->durable_entries, i);
        weir__sim_entry_set(&node->entries, entry->name, entry->node);
    }
}

static void reach(struct weir__sim_node *node)
{
    if (node->reached) {
        return;
    }
    node->reached = true;
    for (size_t i = 0; i < node->entries.count; i++) {
        reach(((struct weir__sim_entry *)weir__vec_at(&node->entries, i))->node);
    }
}

/* What has no name any more goes. */
static void collect(struct weir__sim_disk *disk)
{
    size_t kept = 0;
    for (size_t i = 0; i < disk->nodes.count; i++) {
        weir__sim_node_at(disk, i)->reached = false;
    }
    reach(weir__sim_node_at(disk, 0));
    for (size_t i = 0; i < disk->nodes.count; i++) {
        struct weir__sim_node *node = weir__sim_node_at(disk, i);
        if (node->reached) {
            *(struct weir__sim_node **)weir__vec_at(&disk->nodes, kept++) = node;
        } else {
            weir__sim_node_free(node);
        }
    }
    disk->nodes.count = kept;
}

void weir__sim_disk_crash(struct weir__sim_disk *disk, struct weir__rand *rand)
{
    enum survival survival = (enum survival)weir__rand_below(rand, 3);
    crash_log(disk, survival, rand);
    for (size_t i = 0; i < disk->nodes.count; i++) {
        crash_node(weir__sim_node_at(disk, i), survival, rand);
    }
    collect(disk);
}
