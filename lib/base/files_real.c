/*
 * The system's files (see files.h): each operation is one call of POSIX, or two.
 */
#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_RIGHTS = 0666, DIRECTORY_RIGHTS = 0777 }; /* less what umask takes away */

static int real_open(struct weir__files *files, const char *path, enum weir__file_mode mode)
{
    static const int flags[] = {
        [WEIR__FILE_READ] = O_RDONLY,
        [WEIR__FILE_CREATE] = O_WRONLY | O_CREAT | O_TRUNC,
        [WEIR__FILE_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
    };
    (void)files;
    return open(path, flags[mode] | O_CLOEXEC, FILE_RIGHTS);
}

static int64_t real_read(struct weir__files *files, int fd, void *bytes, size_t len)
{
    (void)files;
    return read(fd, bytes, len);
}

static int64_t real_write(struct weir__files *files, int fd, const void *bytes, size_t len)
{
    (void)files;
    return write(fd, bytes, len);
}

static int real_sync(struct weir__files *files, int fd)
{
    (void)files;
    return fsync(fd);
}

static int real_close(struct weir__files *files, int fd)
{
    (void)files;
    return close(fd);
}

static struct weir__file_info info_of(const struct stat *about)
{
    return (struct weir__file_info){S_ISDIR(about->st_mode), (int64_t)about->st_size,
                                    (uint64_t)about->st_ino};
}

static int real_stat(struct weir__files *files, const char *path, struct weir__file_info *info)
{
    struct stat about;
    (void)files;
    if (stat(path, &about) != 0) {
        return -1;
    }
    *info = info_of(&about);
    return 0;
}

static int real_truncate(struct weir__files *files, const char *path, int64_t size)
{
    (void)files;
    return truncate(path, (off_t)size);
}

static int real_rename(struct weir__files *files, const char *from, const char *to)
{
    (void)files;
    return rename(from, to);
}

static int real_unlink(struct weir__files *files, const char *path)
{
    (void)files;
    return unlink(path);
}

static int real_make_directory(struct weir__files *files, const char *path)
{
    (void)files;
    return mkdir(path, DIRECTORY_RIGHTS);
}

static int real_remove_directory(struct weir__files *files, const char *path)
{
    (void)files;
    return rmdir(path);
}

/* Some file systems keep their directories durable by themselves, and answer EINVAL. */
static int real_sync_directory(struct weir__files *files, const char *path)
{
    (void)files;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    int result = fsync(fd);
    int why = errno;
    (void)close(fd);
    if (result != 0 && why != EINVAL) {
        errno = why;
        return -1;
    }
    return 0;
}

static int real_list(struct weir__files *files, const char *path,
                     void (*found)(void *user, const char *name,
                                   const struct weir__file_info *info),
                     void *user)
{
    (void)files;
    DIR *directory = opendir(path);
    const struct dirent *entry = NULL;
    if (directory == NULL) {
        return -1;
    }
    errno = 0;
    while ((entry = readdir(directory)) != NULL) {
        struct stat about;
        struct weir__file_info info = {0};
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        /* One that has gone in the meantime is listed all the same: who opens it will see. */
        if (fstatat(dirfd(directory), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0) {
            info = info_of(&about);
        }
        found(user, entry->d_name, &info);
        errno = 0;
    }
    int why = errno;
    (void)closedir(directory);
    errno = why;
    return why != 0 ? -1 : 0;
}

static const struct weir__files_ops real_ops = {
    .open = real_open,
    .read = real_read,
    .write = real_write,
    .sync = real_sync,
    .close = real_close,
    .stat = real_stat,
    .truncate = real_truncate,
    .rename = real_rename,
    .unlink = real_unlink,
    .make_directory = real_make_directory,
    .remove_directory = real_remove_directory,
    .sync_directory = real_sync_directory,
    .list = real_list,
};

struct weir__files weir__real_files = {&real_ops};
