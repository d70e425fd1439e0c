/*
 * A disk in memory, with the cache of the system in front of it: files and directories twice, as
 * programs see them and as they lie on the disk.
 *
 *     file        content ──sync──▶ durable
 *     directory   entries ──sync──▶ durable entries, by a log of the changes that are not there yet
 *
 * A crash throws the cache away. What of it had reached the disk by itself is left to chance: of
 * the log any part (a rename happened, or it did not), of a file any prefix of what was added, or
 * zeros in its place. POSIX promises no more, and file systems have done all of it.
 *
 * Functions answer as the system's calls: 0 or -1 with errno. Paths are relative to the root, with
 * or without a leading "/". Threads: one at a time; sim_files has the lock.
 */
#ifndef WEIR__TESTKIT_SIM_DISK_H
#define WEIR__TESTKIT_SIM_DISK_H

#include "base/files.h"
#include "base/rand.h"

struct weir__sim_node;

struct weir__sim_disk {
    struct weir__vec nodes; /* of struct weir__sim_node *, the root first */
    struct weir__vec log;   /* of struct change: of directories, oldest first */
    uint64_t next_identity;
};

void weir__sim_disk_init(struct weir__sim_disk *disk);
void weir__sim_disk_fini(struct weir__sim_disk *disk);

/* NULL with errno. The node stays valid until crash or fini. */
struct weir__sim_node *weir__sim_disk_find(struct weir__sim_disk *disk, const char *path);
struct weir__sim_node *weir__sim_disk_open(struct weir__sim_disk *disk, const char *path,
                                           enum weir__file_mode mode);
struct weir__file_info weir__sim_node_info(const struct weir__sim_node *node);
/* What a file holds, as programs see it; a write adds to its end. */
struct weir__buf *weir__sim_node_content(struct weir__sim_node *node);
const struct weir__vec *weir__sim_node_entries(const struct weir__sim_node *node);

struct weir__sim_entry { /* of a directory */
    char *name;
    struct weir__sim_node *node;
};

int weir__sim_disk_make_directory(struct weir__sim_disk *disk, const char *path);
int weir__sim_disk_remove(struct weir__sim_disk *disk, const char *path, bool directory);
int weir__sim_disk_rename(struct weir__sim_disk *disk, const char *from, const char *to);
int weir__sim_disk_truncate(struct weir__sim_disk *disk, const char *path, int64_t size);
void weir__sim_disk_sync_file(struct weir__sim_node *node);
/* A sync failed: what it should have written is lost, though the next one succeeds. */
void weir__sim_disk_lose_writes(struct weir__sim_node *node);
int weir__sim_disk_sync_directory(struct weir__sim_disk *disk, const char *path);

void weir__sim_disk_crash(struct weir__sim_disk *disk, struct weir__rand *rand);

#endif
