/*
 * Directories: made with those above them, listed by name, removed with what is in them (see
 * files.h).
 */
#include "base/files.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>

/* The path without its last part: "a/b/" gives "a", "a" gives ".", "/a" gives "/". */
static char *parent_of(const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    if (len == 0) {
        return weir__strdup(".");
    }
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    return weir__asprintf("%.*s", (int)len, path);
}

enum weir_status weir__files_sync_parent(struct weir__files *files, const char *path,
                                         struct weir_error *error)
{
    char *parent = parent_of(path);
    enum weir_status status = weir__files_sync_directory(files, parent, error);
    int why = errno;
    weir__free(parent);
    errno = why;
    return status;
}

/* One level. One that is there may have been made a moment ago, by somebody who did not come to
 * sync it; or long ago, by somebody who does not let us read what is around it. */
static enum weir_status make_one(struct weir__files *files, const char *path,
                                 struct weir_error *error)
{
    int result;
    struct weir__file_info info;
    do {
        result = files->ops->make_directory(files, path);
    } while (result != 0 && errno == EINTR);
    int why = errno;
    if (result != 0) {
        enum weir_status looked = weir__files_info(files, path, &info, error);
        if (looked != WEIR_OK && looked != WEIR_NOT_FOUND) {
            return looked;
        }
        if (looked == WEIR_NOT_FOUND || !info.directory) {
            errno = why;
            return weir__files_failed(error, "make the directory", path);
        }
    }
    enum weir_status status = weir__files_sync_parent(files, path, error);
    return result != 0 && status != WEIR_OK && errno == EACCES ? WEIR_OK : status;
}

enum weir_status weir__files_make_directory(struct weir__files *files, const char *path,
                                            struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    struct weir__file_info info;
    if (weir__files_info(files, path, &info, NULL) != WEIR_OK) {
        char *parent = parent_of(path);
        bool top = strcmp(parent, ".") == 0 || strcmp(parent, "/") == 0;
        status = top ? WEIR_OK : weir__files_make_directory(files, parent, error);
        weir__free(parent);
    }
    return status == WEIR_OK ? make_one(files, path, error) : status;
}

static void add_entry(void *user, const char *name, const struct weir__file_info *info)
{
    weir__vec_push(user, &(struct weir__files_entry){weir__strdup(name), *info});
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct weir__files_entry *)a)->name,
                  ((const struct weir__files_entry *)b)->name);
}

enum weir_status weir__files_list(struct weir__files *files, const char *path,
                                  struct weir__vec *entries, struct weir_error *error)
{
    int result;
    *entries = WEIR__VEC_OF(struct weir__files_entry);
    do {
        weir__files_list_fini(entries);
        result = files->ops->list(files, path, add_entry, entries);
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
        enum weir_status status = weir__files_failed(error, "list the directory", path);
        weir__files_list_fini(entries);
        return status;
    }
    if (entries->count > 0) {
        qsort(entries->items, entries->count, entries->item_size, by_name);
    }
    return WEIR_OK;
}

void weir__files_list_fini(struct weir__vec *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        weir__free(((struct weir__files_entry *)weir__vec_at(entries, i))->name);
    }
    weir__vec_fini(entries);
}

static enum weir_status remove_directory(struct weir__files *files, const char *path,
                                         struct weir_error *error)
{
    int result;
    struct weir__vec entries;
    enum weir_status status = weir__files_list(files, path, &entries, error);
    for (size_t i = 0; i < entries.count && status == WEIR_OK; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        char *inner = weir__asprintf("%s/%s", path, entry->name);
        status = entry->info.directory ? remove_directory(files, inner, error)
                                       : weir__files_unlink(files, inner, error);
        weir__free(inner);
    }
    weir__files_list_fini(&entries);
    if (status != WEIR_OK) {
        return status;
    }
    do {
        result = files->ops->remove_directory(files, path);
    } while (result != 0 && errno == EINTR);
    return result != 0 ? weir__files_failed(error, "remove the directory", path) : WEIR_OK;
}

/* Tried as a file first, so that a link to a directory is removed and not entered. */
enum weir_status weir__files_remove_tree(struct weir__files *files, const char *path,
                                         struct weir_error *error)
{
    struct weir_error why = {0};
    struct weir__file_info info;
    enum weir_status status = weir__files_unlink(files, path, &why);
    if (status == WEIR_OK || status == WEIR_NOT_FOUND) {
        return status;
    }
    if (weir__files_info(files, path, &info, NULL) == WEIR_OK && info.directory) {
        return remove_directory(files, path, error);
    }
    if (error != NULL) {
        *error = why;
    }
    return status;
}
