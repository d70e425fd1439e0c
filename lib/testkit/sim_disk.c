/*
 * Operations of the disk in memory, and what makes them durable (see sim_disk.h).
 */
#include "base/mem.h"
#include "testkit/sim_node.h"

#include <errno.h>

/* ---- paths ---- */

/* Walks to the directory that holds the path's last part, which *name becomes. NULL with errno. */
static struct weir__sim_node *find_parent(struct weir__sim_disk *disk, const char *path,
                                          const char **name, size_t *len)
{
    struct weir__sim_node *at = weir__sim_node_at(disk, 0);
    struct weir__sim_node *parent = NULL;
    *name = ".";
    *len = 1;
    for (const char *part = path + strspn(path, "/"); *part != '\0';) {
        if (at == NULL || !at->directory) {
            errno = at == NULL ? ENOENT : ENOTDIR;
            return NULL;
        }
        size_t size = strcspn(part, "/");
        parent = at;
        *name = part;
        *len = size;
        if (size != 1 || part[0] != '.') {
            const struct weir__sim_entry *entry = weir__sim_entry_find(&at->entries, part, size);
            at = entry != NULL ? entry->node : NULL;
        }
        part += size;
        part += strspn(part, "/");
    }
    return parent != NULL ? parent : weir__sim_node_at(disk, 0);
}

static struct weir__sim_node *find_in(struct weir__sim_node *parent, const char *name, size_t len)
{
    if (len == 1 && name[0] == '.') {
        return parent;
    }
    const struct weir__sim_entry *entry = weir__sim_entry_find(&parent->entries, name, len);
    return entry != NULL ? entry->node : NULL;
}

/* A path taken apart. */
struct place {
    struct weir__sim_node *parent;
    struct weir__sim_node *node; /* NULL: nothing has the name */
    char name[256];
};

static bool find_place(struct weir__sim_disk *disk, const char *path, struct place *place)
{
    const char *name;
    size_t len;
    place->parent = find_parent(disk, path, &name, &len);
    if (place->parent == NULL) {
        return false;
    }
    if (len >= sizeof(place->name)) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(place->name, name, len);
    place->name[len] = '\0';
    place->node = find_in(place->parent, name, len);
    return true;
}

static int fail(int why)
{
    errno = why;
    return -1;
}

struct weir__sim_node *weir__sim_disk_find(struct weir__sim_disk *disk, const char *path)
{
    struct place place;
    if (!find_place(disk, path, &place)) {
        return NULL;
    }
    if (place.node == NULL) {
        errno = ENOENT;
    }
    return place.node;
}

/* ---- operations ---- */

static void cut(struct weir__sim_node *node, size_t size)
{
    node->content.len = size;
    node->lost_to = node->lost_to < size ? node->lost_to : size;
}

struct weir__sim_node *weir__sim_disk_open(struct weir__sim_disk *disk, const char *path,
                                           enum weir__file_mode mode)
{
    struct place place;
    if (!find_place(disk, path, &place)) {
        return NULL;
    }
    if (place.node != NULL && place.node->directory) {
        errno = EISDIR;
        return NULL;
    }
    if (place.node == NULL && mode == WEIR__FILE_READ) {
        errno = ENOENT;
        return NULL;
    }
    if (place.node == NULL) {
        place.node = weir__sim_node_new(disk, false);
        weir__sim_change_make(disk, (struct weir__sim_change){.node = place.node,
                                                              .to_directory = place.parent,
                                                              .to = place.name});
    }
    if (mode == WEIR__FILE_CREATE) {
        cut(place.node, 0);
    }
    return place.node;
}

int weir__sim_disk_make_directory(struct weir__sim_disk *disk, const char *path)
{
    struct place place;
    if (!find_place(disk, path, &place)) {
        return -1;
    }
    if (place.node != NULL) {
        return fail(EEXIST);
    }
    weir__sim_change_make(disk, (struct weir__sim_change){.node = weir__sim_node_new(disk, true),
                                                          .to_directory = place.parent,
                                                          .to = place.name});
    return 0;
}

int weir__sim_disk_remove(struct weir__sim_disk *disk, const char *path, bool directory)
{
    struct place place;
    if (!find_place(disk, path, &place)) {
        return -1;
    }
    if (place.node == NULL) {
        return fail(ENOENT);
    }
    if (place.node->directory != directory) {
        return fail(directory ? ENOTDIR : EISDIR);
    }
    if (place.node->entries.count > 0) {
        return fail(ENOTEMPTY);
    }
    weir__sim_change_make(disk, (struct weir__sim_change){.node = place.node,
                                                          .from_directory = place.parent,
                                                          .from = place.name});
    return 0;
}

int weir__sim_disk_rename(struct weir__sim_disk *disk, const char *from, const char *to)
{
    struct place source;
    struct place target;
    if (!find_place(disk, from, &source) || !find_place(disk, to, &target)) {
        return -1;
    }
    if (source.node == NULL) {
        return fail(ENOENT);
    }
    if (target.node != NULL && target.node->directory != source.node->directory) {
        return fail(source.node->directory ? ENOTDIR : EISDIR);
    }
    if (target.node != NULL && target.node->entries.count > 0) {
        return fail(ENOTEMPTY);
    }
    weir__sim_change_make(disk, (struct weir__sim_change){.node = source.node,
                                                          .from_directory = source.parent,
                                                          .from = source.name,
                                                          .to_directory = target.parent,
                                                          .to = target.name});
    return 0;
}

int weir__sim_disk_truncate(struct weir__sim_disk *disk, const char *path, int64_t size)
{
    struct weir__sim_node *node = weir__sim_disk_find(disk, path);
    if (node == NULL) {
        return -1;
    }
    if (node->directory || size < 0) {
        return fail(node->directory ? EISDIR : EINVAL);
    }
    while (node->content.len < (size_t)size) {
        weir__buf_put_u8(&node->content, 0);
    }
    cut(node, (size_t)size);
    return 0;
}

void weir__sim_disk_sync_file(struct weir__sim_node *node)
{
    weir__sim_copy_bytes(&node->durable, &node->content);
    if (node->lost_to > node->lost_from) {
        memset(node->durable.data + node->lost_from, 0, node->lost_to - node->lost_from);
    }
}

void weir__sim_disk_lose_writes(struct weir__sim_node *node)
{
    bool more = node->lost_to > node->lost_from;
    node->lost_from = more ? node->lost_from : node->durable.len;
    node->lost_to = node->content.len;
}

/* Marks the changes of a directory and, from there back, those of every directory that a marked one
 * touches: a change is never on the disk before one that it builds on. */
static void mark_changes(struct weir__sim_disk *disk, struct weir__sim_node *directory)
{
    for (size_t i = 0; i < disk->nodes.count; i++) {
        weir__sim_node_at(disk, i)->reached = false;
    }
    directory->reached = true;
    for (size_t i = disk->log.count; i > 0; i--) {
        struct weir__sim_change *change = weir__vec_at(&disk->log, i - 1);
        change->marked = (change->from_directory != NULL && change->from_directory->reached) ||
                         (change->to_directory != NULL && change->to_directory->reached);
        if (change->marked && change->from_directory != NULL) {
            change->from_directory->reached = true;
        }
        if (change->marked && change->to_directory != NULL) {
            change->to_directory->reached = true;
        }
    }
}

/* Brings the marked changes to the disk; the others stay in the log. */
static void write_marked(struct weir__sim_disk *disk)
{
    size_t kept = 0;
    for (size_t i = 0; i < disk->log.count; i++) {
        struct weir__sim_change *change = weir__vec_at(&disk->log, i);
        if (change->marked) {
            weir__sim_change_apply(change, true);
            weir__sim_change_free(change);
        } else {
            memmove(weir__vec_at(&disk->log, kept++), change, sizeof(*change));
        }
    }
    disk->log.count = kept;
}

int weir__sim_disk_sync_directory(struct weir__sim_disk *disk, const char *path)
{
    struct weir__sim_node *node = weir__sim_disk_find(disk, path);
    if (node == NULL) {
        return -1;
    }
    if (!node->directory) {
        return fail(ENOTDIR);
    }
    mark_changes(disk, node);
    write_marked(disk);
    return 0;
}

void weir__sim_disk_init(struct weir__sim_disk *disk)
{
    *disk = (struct weir__sim_disk){.nodes = WEIR__VEC_OF(struct weir__sim_node *),
                                    .log = WEIR__VEC_OF(struct weir__sim_change),
                                    .next_identity = 1};
    weir__sim_node_new(disk, true);
}

void weir__sim_disk_fini(struct weir__sim_disk *disk)
{
    for (size_t i = 0; i < disk->log.count; i++) {
        weir__sim_change_free(weir__vec_at(&disk->log, i));
    }
    for (size_t i = 0; i < disk->nodes.count; i++) {
        weir__sim_node_free(weir__sim_node_at(disk, i));
    }
    weir__vec_fini(&disk->log);
    weir__vec_fini(&disk->nodes);
}
