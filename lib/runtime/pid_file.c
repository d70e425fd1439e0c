/*
 * A locked file. The lock is POSIX's: it goes with the process, however that ends.
 */
#include "runtime/pid_file.h"

#include "base/files.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_BYTES = 8192 };

static struct flock whole_file(void)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

/* The absolute path, though the directory may not be there yet. */
static char *absolute(const char *path)
{
    char here[4096];
    if (path[0] == '/' || getcwd(here, sizeof(here)) == NULL) {
        return weir__strdup(path);
    }
    return weir__asprintf("%s/%s", here, path);
}

static bool write_text(int fd, const char *savepoints)
{
    char *path = absolute(savepoints);
    char *text = weir__asprintf("%ld\n%s\n", (long)getpid(), path);
    size_t len = strlen(text);
    bool written = ftruncate(fd, 0) == 0 && write(fd, text, len) == (ssize_t)len;
    weir__free(text);
    weir__free(path);
    return written;
}

static void warn_of_other(const char *directory, int fd)
{
    struct flock lock = whole_file();
    long other = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? (long)lock.l_pid : 0;
    weir__log(WEIR__LOG_WARNING,
              "%s: process %ld takes checkpoints here, too: two jobs in one directory remove each "
              "other's; stop one of them, or give this one another --checkpoint-dir",
              directory, other);
}

void weir__pid_file_hold(struct weir__pid_file *file, const char *directory, const char *savepoints)
{
    struct weir_error error = {0};
    struct flock lock = whole_file();
    file->path = weir__asprintf("%s/%s", directory, WEIR__PID_FILE);
    file->fd = -1;
    if (weir__files_make_directory(&weir__real_files, directory, &error) != WEIR_OK) {
        return; /* the store will say why */
    }
    file->fd = open(file->path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file->fd >= 0 && fcntl(file->fd, F_SETLK, &lock) != 0 &&
        (errno == EACCES || errno == EAGAIN)) {
        warn_of_other(directory, file->fd);
        close(file->fd);
        file->fd = -1;
    } else if (file->fd < 0 || !write_text(file->fd, savepoints)) {
        weir__files_failed(&error, "write it", file->path);
        weir__log(WEIR__LOG_WARNING, "%s: %s", file->path, error.message);
    }
}

void weir__pid_file_release(struct weir__pid_file *file)
{
    if (file->path != NULL && file->fd >= 0) {
        unlink(file->path); /* first: whoever finds it locked finds a job */
        close(file->fd);
    }
    weir__free(file->path);
    *file = (struct weir__pid_file){0};
}

/* The second line, owned by the caller; NULL when there is none. */
static char *read_savepoints(int fd)
{
    char text[MAX_BYTES];
    ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
    text[len > 0 ? len : 0] = '\0';
    char *line = strchr(text, '\n');
    char *end = line != NULL ? strchr(line + 1, '\n') : NULL;
    return end != NULL ? weir__asprintf("%.*s", (int)(end - line - 1), line + 1) : NULL;
}

enum weir_status weir__pid_file_find(const char *directory, pid_t *pid, char **savepoints,
                                     struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    struct flock lock = whole_file();
    char *path = weir__asprintf("%s/%s", directory, WEIR__PID_FILE);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *savepoints = NULL;
    if (fd < 0 && errno == ENOENT) {
        status = weir_error_set(error, WEIR_NOT_FOUND, directory,
                                "no job takes checkpoints here: it has no " WEIR__PID_FILE
                                "; expected the --checkpoint-dir of a running job");
    } else if (fd < 0 || fcntl(fd, F_GETLK, &lock) != 0) {
        status = weir__files_failed(error, "read it", path);
    } else if (lock.l_type == F_UNLCK) {
        status = weir_error_set(error, WEIR_UNAVAILABLE, directory,
                                "the job that took checkpoints here is gone; it goes on from the "
                                "latest one when it is started with --from latest");
    } else {
        *pid = lock.l_pid;
        *savepoints = read_savepoints(fd);
    }
    if (status == WEIR_OK && *savepoints == NULL) {
        status = weir_error_set(error, WEIR_UNAVAILABLE, directory,
                                "the job is about to begin or to end; try again");
    }
    if (fd >= 0) {
        close(fd);
    }
    weir__free(path);
    return status;
}
