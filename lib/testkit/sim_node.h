/*
 * What the disk in memory (sim_disk.h) is made of: nodes, which are files and directories, and the
 * log of changes of names that are not on the disk yet.
 */
#ifndef WEIR__TESTKIT_SIM_NODE_H
#define WEIR__TESTKIT_SIM_NODE_H

#include "testkit/sim_disk.h"

struct weir__sim_node {
    bool directory;
    bool reached; /* a mark of whoever walks over all */
    uint64_t identity;
    struct weir__buf content; /* of a file */
    struct weir__buf durable;
    size_t lost_from; /* bytes that a failed sync has dropped: the disk never gets them, unless */
    size_t lost_to;   /* they are cut off and written anew */
    struct weir__vec entries; /* of a directory: of struct weir__sim_entry */
    struct weir__vec durable_entries;
};

/* A name appears (from_directory NULL), goes (to_directory NULL), or moves. */
struct weir__sim_change {
    struct weir__sim_node *node;
    struct weir__sim_node *from_directory;
    char *from;
    struct weir__sim_node *to_directory;
    char *to;
    bool marked;
};

struct weir__sim_entry *weir__sim_entry_find(const struct weir__vec *entries, const char *name,
                                             size_t len);
void weir__sim_entry_set(struct weir__vec *entries, const char *name, struct weir__sim_node *node);
void weir__sim_entries_clear(struct weir__vec *entries);

struct weir__sim_node *weir__sim_node_new(struct weir__sim_disk *disk, bool directory);
void weir__sim_node_free(struct weir__sim_node *node);
static inline struct weir__sim_node *weir__sim_node_at(const struct weir__sim_disk *disk, size_t i)
{
    return *(struct weir__sim_node **)weir__vec_at(&disk->nodes, i);
}

/* Changes what programs see, and keeps the change (its texts are copied) for the disk. */
void weir__sim_change_make(struct weir__sim_disk *disk, struct weir__sim_change change);
void weir__sim_change_apply(const struct weir__sim_change *change, bool durable);
void weir__sim_change_free(struct weir__sim_change *change);

void weir__sim_copy_bytes(struct weir__buf *to, const struct weir__buf *from);

#endif
