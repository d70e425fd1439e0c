/*
 * Numbered operations with faults, over the disk in memory (see sim_files.h).
 */
#include "testkit/sim_files.h"

#include "base/mem.h"
#include "base/rand.h"
#include "testkit/sim_disk.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

struct handle {
    struct weir__sim_node *node; /* NULL: closed */
    size_t at;                   /* where the next read begins */
};

struct weir__sim_files {
    struct weir__files files; /* first: the table's pointer is the simulation's */
    /* under lock */
    pthread_mutex_t lock;
    struct weir__sim_disk disk;
    struct weir__rand rand;
    struct weir__vec handles; /* of struct handle */
    int first_fd;             /* of the first handle; those below are from before the crash */
    int64_t count;
    int64_t planned_at; /* 0: nothing is planned */
    enum weir__sim_fault planned;
    struct weir__sim_chances chances;
    bool full;
    bool not_syncing;
    bool crashed;
    /* of the operation in hand */
    bool crashing; /* it happens, and then the machine stops */
    bool partial;
    char hit[200];
};

/* ---- faults ---- */

static bool chance(struct weir__sim_files *sim, uint64_t one_in)
{
    return one_in > 0 && weir__rand_below(&sim->rand, one_in) == 0;
}

static enum weir__sim_fault choose_fault(struct weir__sim_files *sim)
{
    if (sim->count == sim->planned_at) {
        return sim->planned;
    }
    if (chance(sim, sim->chances.crash)) {
        return WEIR__SIM_CRASH;
    }
    bool first = weir__rand_below(&sim->rand, 2) == 0;
    if (chance(sim, sim->chances.failure)) {
        return first ? WEIR__SIM_NO_SPACE : WEIR__SIM_IO_ERROR;
    }
    if (chance(sim, sim->chances.nuisance)) {
        return first ? WEIR__SIM_SHORT : WEIR__SIM_INTERRUPTED;
    }
    return WEIR__SIM_NO_FAULT;
}

static void crash(struct weir__sim_files *sim)
{
    sim->crashed = true;
    weir__sim_disk_crash(&sim->disk, &sim->rand);
    sim->first_fd += (int)sim->handles.count;
    weir__vec_clear(&sim->handles);
}

static bool refuse(int why)
{
    errno = why;
    return false;
}

/* Begins an operation, under the lock. False: it does not take place, errno says why. */
static bool enter(struct weir__sim_files *sim, const char *what, const char *path, bool takes_space)
{
    pthread_mutex_lock(&sim->lock);
    sim->partial = false;
    if (sim->crashed) {
        return refuse(EIO);
    }
    sim->count++;
    enum weir__sim_fault fault = choose_fault(sim);
    if (fault != WEIR__SIM_NO_FAULT) {
        snprintf(sim->hit, sizeof(sim->hit), "%lld %s %.150s", (long long)sim->count, what, path);
    }
    switch (fault) {
    case WEIR__SIM_NO_FAULT:
        break;
    case WEIR__SIM_CRASH:
        sim->crashing = true;
        sim->partial = true;
        return weir__rand_below(&sim->rand, 2) == 0 || refuse(EIO);
    case WEIR__SIM_NO_SPACE:
        return refuse(takes_space ? ENOSPC : EIO);
    case WEIR__SIM_IO_ERROR:
        return refuse(EIO);
    case WEIR__SIM_SHORT:
        sim->partial = true;
        break;
    case WEIR__SIM_INTERRUPTED:
        return refuse(EINTR);
    }
    return !(sim->full && takes_space) || refuse(ENOSPC);
}

static int64_t leave(struct weir__sim_files *sim, int64_t result)
{
    int why = errno;
    if (sim->crashing) {
        sim->crashing = false;
        crash(sim);
        result = -1;
        why = EIO;
    }
    pthread_mutex_unlock(&sim->lock);
    errno = why;
    return result;
}

static struct weir__sim_files *sim_of(struct weir__files *files)
{
    return (struct weir__sim_files *)files;
}

/* How much of `len` bytes this call does. */
static size_t share_of(struct weir__sim_files *sim, size_t len)
{
    return sim->partial && len > 1 ? 1 + weir__rand_below(&sim->rand, len - 1) : len;
}

/* ---- one open file ---- */

static struct handle *handle_of(struct weir__sim_files *sim, int fd)
{
    int i = fd - sim->first_fd;
    struct handle *handle =
        i >= 0 && (size_t)i < sim->handles.count ? weir__vec_at(&sim->handles, (size_t)i) : NULL;
    if (handle == NULL || handle->node == NULL) {
        errno = EBADF;
        return NULL;
    }
    return handle;
}

static int new_handle(struct weir__sim_files *sim, struct weir__sim_node *node)
{
    size_t i = 0;
    while (i < sim->handles.count && ((struct handle *)weir__vec_at(&sim->handles, i))->node) {
        i++;
    }
    if (i == sim->handles.count) {
        weir__vec_add(&sim->handles);
    }
    *(struct handle *)weir__vec_at(&sim->handles, i) = (struct handle){node, 0};
    return sim->first_fd + (int)i;
}

static int sim_open(struct weir__files *files, const char *path, enum weir__file_mode mode)
{
    static const char *const what[] = {"open", "create", "append"};
    struct weir__sim_files *sim = sim_of(files);
    int fd = -1;
    if (enter(sim, what[mode], path, mode != WEIR__FILE_READ)) {
        struct weir__sim_node *node = weir__sim_disk_open(&sim->disk, path, mode);
        fd = node != NULL ? new_handle(sim, node) : -1;
    }
    return (int)leave(sim, fd);
}

static int64_t sim_read(struct weir__files *files, int fd, void *bytes, size_t len)
{
    struct weir__sim_files *sim = sim_of(files);
    int64_t result = -1;
    struct handle *handle = NULL;
    if (enter(sim, "read", "", false) && (handle = handle_of(sim, fd)) != NULL) {
        const struct weir__buf *content = weir__sim_node_content(handle->node);
        size_t rest = content->len > handle->at ? content->len - handle->at : 0;
        size_t count = share_of(sim, rest < len ? rest : len);
        if (count > 0) {
            memcpy(bytes, content->data + handle->at, count);
        }
        handle->at += count;
        result = (int64_t)count;
    }
    return leave(sim, result);
}

static int64_t sim_write(struct weir__files *files, int fd, const void *bytes, size_t len)
{
    struct weir__sim_files *sim = sim_of(files);
    int64_t result = -1;
    struct handle *handle = NULL;
    if (enter(sim, "write", "", true) && (handle = handle_of(sim, fd)) != NULL) {
        size_t count = share_of(sim, len);
        weir__buf_put(weir__sim_node_content(handle->node), bytes, count);
        result = (int64_t)count;
    }
    return leave(sim, result);
}

static int sim_sync(struct weir__files *files, int fd)
{
    struct weir__sim_files *sim = sim_of(files);
    bool go = enter(sim, "sync", "", false);
    int why = errno;
    struct handle *handle = sim->crashed ? NULL : handle_of(sim, fd);
    if (handle == NULL) {
        return (int)leave(sim, -1);
    }
    if (go && !sim->not_syncing) {
        weir__sim_disk_sync_file(handle->node);
    } else if (!go && why != EINTR) {
        weir__sim_disk_lose_writes(handle->node);
    }
    errno = why;
    return (int)leave(sim, go ? 0 : -1);
}

/* Closed in any case, as on Linux. */
static int sim_close(struct weir__files *files, int fd)
{
    struct weir__sim_files *sim = sim_of(files);
    bool go = enter(sim, "close", "", false);
    int why = errno;
    struct handle *handle = sim->crashed ? NULL : handle_of(sim, fd);
    if (handle != NULL) {
        handle->node = NULL;
    }
    errno = why;
    return (int)leave(sim, go && handle != NULL ? 0 : -1);
}

/* ---- paths ---- */

static int sim_stat(struct weir__files *files, const char *path, struct weir__file_info *info)
{
    struct weir__sim_files *sim = sim_of(files);
    struct weir__sim_node *node = NULL;
    if (enter(sim, "stat", path, false) && (node = weir__sim_disk_find(&sim->disk, path)) != NULL) {
        *info = weir__sim_node_info(node);
    }
    return (int)leave(sim, node != NULL ? 0 : -1);
}

static int sim_truncate(struct weir__files *files, const char *path, int64_t size)
{
    struct weir__sim_files *sim = sim_of(files);
    int result = -1;
    if (enter(sim, "truncate", path, false)) {
        result = weir__sim_disk_truncate(&sim->disk, path, size);
    }
    return (int)leave(sim, result);
}

static int sim_rename(struct weir__files *files, const char *from, const char *to)
{
    struct weir__sim_files *sim = sim_of(files);
    int result = -1;
    if (enter(sim, "rename", from, true)) {
        result = weir__sim_disk_rename(&sim->disk, from, to);
    }
    return (int)leave(sim, result);
}

static int sim_unlink(struct weir__files *files, const char *path)
{
    struct weir__sim_files *sim = sim_of(files);
    int result = -1;
    if (enter(sim, "unlink", path, false)) {
        result = weir__sim_disk_remove(&sim->disk, path, false);
    }
    return (int)leave(sim, result);
}

static int sim_make_directory(struct weir__files *files, const char *path)
{
    struct weir__sim_files *sim = sim_of(files);
    int result = -1;
    if (enter(sim, "mkdir", path, true)) {
        result = weir__sim_disk_make_directory(&sim->disk, path);
    }
    return (int)leave(sim, result);
}

static int sim_remove_directory(struct weir__files *files, const char *path)
{
    struct weir__sim_files *sim = sim_of(files);
    int result = -1;
    if (enter(sim, "rmdir", path, false)) {
        result = weir__sim_disk_remove(&sim->disk, path, true);
    }
    return (int)leave(sim, result);
}

static int sim_sync_directory(struct weir__files *files, const char *path)
{
    struct weir__sim_files *sim = sim_of(files);
    int result = -1;
    if (enter(sim, "sync directory", path, false)) {
        result = weir__sim_disk_sync_directory(&sim->disk, path);
    }
    return (int)leave(sim, result);
}

static int sim_list(struct weir__files *files, const char *path,
                    void (*found)(void *user, const char *name, const struct weir__file_info *info),
                    void *user)
{
    struct weir__sim_files *sim = sim_of(files);
    const struct weir__sim_node *node = NULL;
    if (enter(sim, "list", path, false)) {
        node = weir__sim_disk_find(&sim->disk, path);
    }
    for (size_t i = 0; node != NULL && i < weir__sim_node_entries(node)->count; i++) {
        const struct weir__sim_entry *entry = weir__vec_at(weir__sim_node_entries(node), i);
        struct weir__file_info info = weir__sim_node_info(entry->node);
        found(user, entry->name, &info);
    }
    return (int)leave(sim, node != NULL ? 0 : -1);
}

static const struct weir__files_ops sim_ops = {
    .open = sim_open,
    .read = sim_read,
    .write = sim_write,
    .sync = sim_sync,
    .close = sim_close,
    .stat = sim_stat,
    .truncate = sim_truncate,
    .rename = sim_rename,
    .unlink = sim_unlink,
    .make_directory = sim_make_directory,
    .remove_directory = sim_remove_directory,
    .sync_directory = sim_sync_directory,
    .list = sim_list,
};

/* ---- the machine ---- */

struct weir__sim_files *weir__sim_files_new(uint64_t seed)
{
    struct weir__sim_files *sim = WEIR__NEW(struct weir__sim_files);
    sim->files.ops = &sim_ops;
    pthread_mutex_init(&sim->lock, NULL);
    weir__sim_disk_init(&sim->disk);
    weir__rand_init(&sim->rand, seed);
    sim->handles = WEIR__VEC_OF(struct handle);
    return sim;
}

void weir__sim_files_free(struct weir__sim_files *sim)
{
    if (sim != NULL) {
        weir__sim_disk_fini(&sim->disk);
        weir__vec_fini(&sim->handles);
        pthread_mutex_destroy(&sim->lock);
        weir__free(sim);
    }
}

struct weir__files *weir__sim_files_table(struct weir__sim_files *sim)
{
    return &sim->files;
}

int64_t weir__sim_files_count(struct weir__sim_files *sim)
{
    pthread_mutex_lock(&sim->lock);
    int64_t count = sim->count;
    pthread_mutex_unlock(&sim->lock);
    return count;
}

void weir__sim_files_fail_at(struct weir__sim_files *sim, int64_t operation,
                             enum weir__sim_fault fault)
{
    pthread_mutex_lock(&sim->lock);
    sim->planned_at = operation;
    sim->planned = fault;
    pthread_mutex_unlock(&sim->lock);
}

void weir__sim_files_set_chances(struct weir__sim_files *sim,
                                 const struct weir__sim_chances *chances)
{
    pthread_mutex_lock(&sim->lock);
    sim->chances = *chances;
    pthread_mutex_unlock(&sim->lock);
}

void weir__sim_files_set_full(struct weir__sim_files *sim, bool full)
{
    pthread_mutex_lock(&sim->lock);
    sim->full = full;
    pthread_mutex_unlock(&sim->lock);
}

void weir__sim_files_set_syncing(struct weir__sim_files *sim, bool syncing)
{
    pthread_mutex_lock(&sim->lock);
    sim->not_syncing = !syncing;
    pthread_mutex_unlock(&sim->lock);
}

void weir__sim_files_crash(struct weir__sim_files *sim)
{
    pthread_mutex_lock(&sim->lock);
    if (!sim->crashed) {
        crash(sim);
    }
    pthread_mutex_unlock(&sim->lock);
}

bool weir__sim_files_crashed(struct weir__sim_files *sim)
{
    pthread_mutex_lock(&sim->lock);
    bool crashed = sim->crashed;
    pthread_mutex_unlock(&sim->lock);
    return crashed;
}

void weir__sim_files_restart(struct weir__sim_files *sim)
{
    pthread_mutex_lock(&sim->lock);
    if (!sim->crashed) {
        crash(sim);
    }
    sim->crashed = false;
    sim->count = 0;
    sim->planned_at = 0;
    pthread_mutex_unlock(&sim->lock);
}

const char *weir__sim_files_hit(struct weir__sim_files *sim)
{
    return sim->hit;
}
