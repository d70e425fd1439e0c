/*
 * Folders of files.
 */
#include "state/folders.h"

#include "base/files.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { YOUNG_S = 60 };

char *weir__folder_new(const char *parent, const char *prefix, struct weir_error *error)
{
    char *path = weir__asprintf("%s/%sXXXXXX", parent, prefix);
    if (mkdtemp(path) == NULL) {
        weir_error_set(error, WEIR_IO, parent,
                       "cannot make a folder here: %s; name another one that can be written to",
                       strerror(errno));
        weir__free(path);
        return NULL;
    }
    return path;
}

/* Whether the folder's lock is there, old, and nobody's. Both times are of the disk's clock. */
static bool is_abandoned(const char *folder, const char *lock, time_t now)
{
    char *path = weir__asprintf("%s/%s", folder, lock);
    struct stat info;
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool abandoned = fd >= 0 && fstat(fd, &info) == 0 && info.st_mtime < now - YOUNG_S &&
                     fcntl(fd, F_GETLK, &whole) == 0 && whole.l_type == F_UNLCK;
    if (fd >= 0) {
        close(fd);
    }
    weir__free(path);
    return abandoned;
}

static bool begins_with(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

void weir__folders_remove_abandoned(const char *parent, const char *prefix, const char *ours,
                                    const char *lock, const char *made)
{
    struct weir__vec entries;
    struct stat new;
    enum weir_status status = weir__files_list(&weir__real_files, parent, &entries, NULL);
    bool known = status == WEIR_OK && stat(made, &new) == 0;
    for (size_t i = 0; i < entries.count && known; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        if (!begins_with(entry->name, prefix) || begins_with(entry->name, ours)) {
            continue;
        }
        char *folder = weir__asprintf("%s/%s", parent, entry->name);
        if (is_abandoned(folder, lock, new.st_mtime)) {
            status = weir__files_remove_tree(&weir__real_files, folder, NULL);
        }
        weir__free(folder);
    }
    (void)status; /* what cannot be removed is somebody else's, and stays */
    weir__files_list_fini(&entries);
}

static enum weir_status copy_bytes(struct weir__file *in, struct weir__file *out,
                                   struct weir_error *error)
{
    char bytes[16384];
    for (;;) {
        size_t got = 0;
        enum weir_status status = weir__file_read(in, bytes, sizeof(bytes), &got, error);
        if (status == WEIR_OK && got > 0) {
            status = weir__file_write(out, bytes, got, error);
        }
        if (status != WEIR_OK || got < sizeof(bytes)) {
            return status;
        }
    }
}

static enum weir_status copy_file(const char *from, const char *to, struct weir_error *error)
{
    struct weir__file in = {0};
    struct weir__file out = {0};
    enum weir_status status = weir__file_open(&weir__real_files, from, &in, error);
    if (status == WEIR_OK) {
        status = weir__file_create(&weir__real_files, to, &out, error);
    }
    if (status == WEIR_OK) {
        status = copy_bytes(&in, &out, error);
    }
    if (status == WEIR_OK) {
        status = weir__file_close(&out, error);
    }
    weir__file_discard(&out);
    weir__file_discard(&in);
    return status;
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name);
    size_t tail = strlen(suffix);
    return len >= tail && strcmp(name + len - tail, suffix) == 0;
}

static enum weir_status give_file(const char *from, const char *to, const char *name,
                                  const char *suffix, struct weir_error *error)
{
    char *source = weir__asprintf("%s/%s", from, name);
    char *target = weir__asprintf("%s/%s", to, name);
    enum weir_status status = WEIR_OK;
    if (!ends_with(name, suffix) || link(source, target) != 0) {
        status = copy_file(source, target, error);
    }
    weir__free(source);
    weir__free(target);
    return status;
}

enum weir_status weir__folder_link(const char *from, const char *to, const char *suffix,
                                   struct weir_error *error)
{
    struct weir__vec files;
    enum weir_status status = weir__files_list(&weir__real_files, from, &files, error);
    for (size_t i = 0; i < files.count && status == WEIR_OK; i++) {
        const struct weir__files_entry *file = weir__vec_at(&files, i);
        if (!file->info.directory) {
            status = give_file(from, to, file->name, suffix, error);
        }
    }
    weir__files_list_fini(&files);
    return status;
}
