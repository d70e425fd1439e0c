/*
 * The file that says which process takes checkpoints in a directory, for `weir savepoint DIR`.
 *
 *     DIR/job.pid := process id, newline, absolute path of where savepoints go, newline
 *
 * The process keeps it open and locked as long as its job runs. So a file that a killed process has
 * left, whose number may be another's by now, deceives nobody: who asks is told by the lock.
 *
 * Threads: one.
 */
#ifndef WEIR__RUNTIME_PID_FILE_H
#define WEIR__RUNTIME_PID_FILE_H

#include <weir/status.h>

#include <sys/types.h>

#define WEIR__PID_FILE "job.pid"

/* Zeroed is released. */
struct weir__pid_file {
    char *path; /* NULL: released */
    int fd;     /* -1: it could not be written */
};

/* Makes the directory when it is missing. What goes wrong is logged, and no reason to fail; also
 * that another process holds it: two jobs in one directory remove each other's checkpoints. */
void weir__pid_file_hold(struct weir__pid_file *file, const char *directory,
                         const char *savepoints);
/* Removes it. */
void weir__pid_file_release(struct weir__pid_file *file);

/*
 * The process that holds it. *savepoints: owned by the caller; NULL after an error.
 * Errors: WEIR_NOT_FOUND, there is no file; WEIR_UNAVAILABLE, its process is gone; WEIR_IO.
 */
WEIR_MUST_USE enum weir_status weir__pid_file_find(const char *directory, pid_t *pid,
                                                   char **savepoints, struct weir_error *error);

#endif
