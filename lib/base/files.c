/*
 * What holds for any table of files: interrupted and partial calls are continued, and errno becomes
 * a message (see files.h).
 */
#include "base/files.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>

/* What a user can do about it; "" where the system's words say enough. */
static const char *advice(int why)
{
    switch (why) {
    case ENOSPC:
        return "; free some space, or choose a directory on another disk";
    case EDQUOT:
        return "; free some space, or choose a directory where you have more";
    case EACCES:
    case EPERM:
        return "; check its owner and rights (ls -ld), or choose another directory";
    case EROFS:
        return "; choose a directory that can be written";
    case EMFILE:
    case ENFILE:
        return "; allow more open files (ulimit -n)";
    case EIO:
        return "; the disk may be failing: the system's log (dmesg) says more";
    case EEXIST:
        return "; a file has this name, choose another";
    case ENOTDIR:
        return "; a part of the path is a file";
    case ENAMETOOLONG:
        return "; choose a shorter path";
    default:
        return "";
    }
}

enum weir_status weir__files_failed(struct weir_error *error, const char *what, const char *path)
{
    int why = errno;
    enum weir_status status = weir_error_set(error, why == ENOENT ? WEIR_NOT_FOUND : WEIR_IO, path,
                                             "cannot %s: %s%s", what, strerror(why), advice(why));
    errno = why;
    return status;
}

/* ---- one open file ---- */

static enum weir_status open_file(struct weir__files *files, const char *path,
                                  enum weir__file_mode mode, struct weir__file *file,
                                  struct weir_error *error)
{
    static const char *const what[] = {
        [WEIR__FILE_READ] = "open the file",
        [WEIR__FILE_CREATE] = "create the file",
        [WEIR__FILE_APPEND] = "open the file to add to it",
    };
    int fd;
    *file = (struct weir__file){.files = files};
    do {
        fd = files->ops->open(files, path, mode);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        return weir__files_failed(error, what[mode], path);
    }
    file->fd = fd;
    file->path = weir__strdup(path);
    return WEIR_OK;
}

enum weir_status weir__file_open(struct weir__files *files, const char *path,
                                 struct weir__file *file, struct weir_error *error)
{
    return open_file(files, path, WEIR__FILE_READ, file, error);
}

enum weir_status weir__file_create(struct weir__files *files, const char *path,
                                   struct weir__file *file, struct weir_error *error)
{
    return open_file(files, path, WEIR__FILE_CREATE, file, error);
}

enum weir_status weir__file_append(struct weir__files *files, const char *path,
                                   struct weir__file *file, struct weir_error *error)
{
    return open_file(files, path, WEIR__FILE_APPEND, file, error);
}

enum weir_status weir__file_read(struct weir__file *file, void *bytes, size_t len, size_t *got,
                                 struct weir_error *error)
{
    assert(file->path != NULL);
    *got = 0;
    while (*got < len) {
        int64_t count =
            file->files->ops->read(file->files, file->fd, (char *)bytes + *got, len - *got);
        if (count < 0 && errno != EINTR) {
            return weir__files_failed(error, "read", file->path);
        }
        if (count == 0) {
            break;
        }
        *got += count > 0 ? (size_t)count : 0;
    }
    return WEIR_OK;
}

enum weir_status weir__file_write(struct weir__file *file, const void *bytes, size_t len,
                                  struct weir_error *error)
{
    assert(file->path != NULL);
    size_t done = 0;
    while (done < len) {
        int64_t count =
            file->files->ops->write(file->files, file->fd, (const char *)bytes + done, len - done);
        if (count < 0 && errno != EINTR) {
            return weir__files_failed(error, "write", file->path);
        }
        done += count > 0 ? (size_t)count : 0;
    }
    return WEIR_OK;
}

enum weir_status weir__file_sync(struct weir__file *file, struct weir_error *error)
{
    assert(file->path != NULL);
    int result;
    do {
        result = file->files->ops->sync(file->files, file->fd);
    } while (result != 0 && errno == EINTR);
    return result != 0 ? weir__files_failed(error, "bring to the disk", file->path) : WEIR_OK;
}

enum weir_status weir__file_close(struct weir__file *file, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    if (file->path == NULL) {
        return WEIR_OK;
    }
    /* Interrupted, it is closed all the same; a second close might hit another file. */
    if (file->files->ops->close(file->files, file->fd) != 0 && errno != EINTR) {
        status = weir__files_failed(error, "close", file->path);
    }
    weir__free(file->path);
    *file = (struct weir__file){0};
    return status;
}

void weir__file_discard(struct weir__file *file)
{
    enum weir_status status = weir__file_close(file, NULL);
    (void)status;
}

/* ---- paths ---- */

enum weir_status weir__files_info(struct weir__files *files, const char *path,
                                  struct weir__file_info *info, struct weir_error *error)
{
    int result;
    do {
        result = files->ops->stat(files, path, info);
    } while (result != 0 && errno == EINTR);
    return result != 0 ? weir__files_failed(error, "look at it", path) : WEIR_OK;
}

bool weir__files_exist(struct weir__files *files, const char *path)
{
    struct weir__file_info info;
    return weir__files_info(files, path, &info, NULL) == WEIR_OK;
}

/* Reads to the end of an open file, whose size was `size` a moment ago. */
static enum weir_status read_rest(struct weir__file *file, size_t size, size_t limit,
                                  struct weir__buf *out, struct weir_error *error)
{
    size_t before = out->len;
    size_t got = 0;
    weir__buf_reserve(out, size + 1); /* the end shows in what does not come any more */
    enum weir_status status = weir__file_read(file, out->data + out->len, size + 1, &got, error);
    if (status == WEIR_OK && got > limit) {
        status = weir_error_set(error, WEIR_LIMIT, file->path,
                                "it has grown beyond %zu bytes, which is the limit", limit);
    }
    out->len = status == WEIR_OK ? before + got : before;
    return status;
}

enum weir_status weir__files_read(struct weir__files *files, const char *path, size_t limit,
                                  struct weir__buf *out, struct weir_error *error)
{
    struct weir__file file;
    struct weir__file_info info;
    enum weir_status status = weir__files_info(files, path, &info, error);
    if (status == WEIR_OK && (uint64_t)info.size > limit) {
        status = weir_error_set(error, WEIR_LIMIT, path,
                                "expected a file of at most %zu bytes, found %lld", limit,
                                (long long)info.size);
    }
    if (status == WEIR_OK) {
        status = weir__file_open(files, path, &file, error);
    }
    if (status == WEIR_OK) {
        status = read_rest(&file, (size_t)info.size, limit, out, error);
        weir__file_discard(&file);
    }
    return status;
}

enum weir_status weir__files_truncate(struct weir__files *files, const char *path, int64_t size,
                                      struct weir_error *error)
{
    int result;
    do {
        result = files->ops->truncate(files, path, size);
    } while (result != 0 && errno == EINTR);
    return result != 0 ? weir__files_failed(error, "cut the file", path) : WEIR_OK;
}

enum weir_status weir__files_rename(struct weir__files *files, const char *from, const char *to,
                                    struct weir_error *error)
{
    int result;
    do {
        result = files->ops->rename(files, from, to);
    } while (result != 0 && errno == EINTR);
    return result != 0 ? weir__files_failed(error, "rename to its final name", from) : WEIR_OK;
}

enum weir_status weir__files_unlink(struct weir__files *files, const char *path,
                                    struct weir_error *error)
{
    int result;
    do {
        result = files->ops->unlink(files, path);
    } while (result != 0 && errno == EINTR);
    return result != 0 ? weir__files_failed(error, "remove the file", path) : WEIR_OK;
}

enum weir_status weir__files_sync_directory(struct weir__files *files, const char *path,
                                            struct weir_error *error)
{
    int result;
    do {
        result = files->ops->sync_directory(files, path);
    } while (result != 0 && errno == EINTR);
    return result != 0 ? weir__files_failed(error, "bring the directory to the disk", path)
                       : WEIR_OK;
}
