/*
 * Files that must survive a crash: every operation that durability depends on, behind one table, so
 * that a test can put a file system in its place that forgets, fills up and breaks
 * (testkit/sim_files.h).
 *
 *     struct weir__file file;
 *     weir__file_create(files, "chk-7.part/state", &file, error)
 *     weir__file_write(&file, bytes, len, error)        all of it, however often the system is asked
 *     weir__file_sync(&file, error)                     the bytes are on the disk
 *     weir__file_close(&file, error)
 *     weir__files_sync_directory(files, "chk-7.part", error)      and so is the name
 *     weir__files_rename(files, "chk-7.part", "chk-7", error)     all or nothing, on the disk after
 *     weir__files_sync_directory(files, ".", error)               this
 *
 * The table has the meaning of the system's calls: -1 and errno, may be interrupted, may write less
 * than asked. The functions below it deal with that, and turn errno into words: what failed, on
 * which path, and what to do. A failed sync is never tried again: the system may have dropped what
 * it could not write, and would then say yes.
 *
 * Errors: WEIR_NOT_FOUND (no such file or directory), WEIR_LIMIT (larger than the caller allows),
 * else WEIR_IO.
 * Threads: the table of the real files may be used by any; an open file by one at a time.
 */
#ifndef WEIR__BASE_FILES_H
#define WEIR__BASE_FILES_H

#include "base/buf.h"
#include "base/vec.h"

#include <weir/status.h>

struct weir__files;

enum weir__file_mode {
    WEIR__FILE_READ,
    WEIR__FILE_CREATE, /* new and empty, whatever was there before */
    WEIR__FILE_APPEND, /* what is there stays; made when missing */
};

struct weir__file_info {
    bool directory;
    int64_t size;      /* bytes; of a file */
    uint64_t identity; /* the inode: two names of one file have the same */
};

/* A file descriptor or 0, a number of bytes, or -1 with errno. */
struct weir__files_ops {
    int (*open)(struct weir__files *files, const char *path, enum weir__file_mode mode);
    int64_t (*read)(struct weir__files *files, int fd, void *bytes, size_t len);
    int64_t (*write)(struct weir__files *files, int fd, const void *bytes, size_t len);
    int (*sync)(struct weir__files *files, int fd);
    int (*close)(struct weir__files *files, int fd);
    int (*stat)(struct weir__files *files, const char *path, struct weir__file_info *info);
    int (*truncate)(struct weir__files *files, const char *path, int64_t size);
    int (*rename)(struct weir__files *files, const char *from, const char *to);
    int (*unlink)(struct weir__files *files, const char *path);
    int (*make_directory)(struct weir__files *files, const char *path);
    int (*remove_directory)(struct weir__files *files, const char *path);
    int (*sync_directory)(struct weir__files *files, const char *path);
    /* In any order, without "." and ".."; a symbolic link counts as a file. */
    int (*list)(struct weir__files *files, const char *path,
                void (*found)(void *user, const char *name, const struct weir__file_info *info),
                void *user);
};

struct weir__files {
    const struct weir__files_ops *ops;
};

/* The system's. */
extern struct weir__files weir__real_files;

/* Says that an operation has failed: "cannot <what>: <errno's words>; <what to do>". errno stays.
 */
enum weir_status weir__files_failed(struct weir_error *error, const char *what, const char *path);

/* ---- one open file ---- */

/* Zeroed is closed. */
struct weir__file {
    struct weir__files *files;
    int fd;
    char *path; /* owned; NULL: closed */
};

WEIR_MUST_USE enum weir_status weir__file_open(struct weir__files *files, const char *path,
                                               struct weir__file *file, struct weir_error *error);
WEIR_MUST_USE enum weir_status weir__file_create(struct weir__files *files, const char *path,
                                                 struct weir__file *file, struct weir_error *error);
WEIR_MUST_USE enum weir_status weir__file_append(struct weir__files *files, const char *path,
                                                 struct weir__file *file, struct weir_error *error);
/* Up to `len` bytes; fewer only at the end of the file. */
WEIR_MUST_USE enum weir_status weir__file_read(struct weir__file *file, void *bytes, size_t len,
                                               size_t *got, struct weir_error *error);
WEIR_MUST_USE enum weir_status weir__file_write(struct weir__file *file, const void *bytes,
                                                size_t len, struct weir_error *error);
WEIR_MUST_USE enum weir_status weir__file_sync(struct weir__file *file, struct weir_error *error);
/* Closed afterwards, also when this fails. A closed one is left alone. */
WEIR_MUST_USE enum weir_status weir__file_close(struct weir__file *file, struct weir_error *error);
/* The same for one that is given up: what it says does not matter any more. */
void weir__file_discard(struct weir__file *file);

/* ---- paths ---- */

/* Appends the whole file to *out. WEIR_LIMIT when it is larger than `limit` bytes, and then
 * nothing. */
WEIR_MUST_USE enum weir_status weir__files_read(struct weir__files *files, const char *path,
                                                size_t limit, struct weir__buf *out,
                                                struct weir_error *error);
WEIR_MUST_USE enum weir_status weir__files_info(struct weir__files *files, const char *path,
                                                struct weir__file_info *info,
                                                struct weir_error *error);
bool weir__files_exist(struct weir__files *files, const char *path);
/* Cuts the file; durable when the file is synced. */
WEIR_MUST_USE enum weir_status weir__files_truncate(struct weir__files *files, const char *path,
                                                    int64_t size, struct weir_error *error);
/* Durable when the directory, or both directories, are synced. */
WEIR_MUST_USE enum weir_status weir__files_rename(struct weir__files *files, const char *from,
                                                  const char *to, struct weir_error *error);
WEIR_MUST_USE enum weir_status weir__files_unlink(struct weir__files *files, const char *path,
                                                  struct weir_error *error);
/* With those above it, and durable. One that is there is fine. */
WEIR_MUST_USE enum weir_status weir__files_make_directory(struct weir__files *files,
                                                          const char *path,
                                                          struct weir_error *error);
WEIR_MUST_USE enum weir_status weir__files_sync_directory(struct weir__files *files,
                                                          const char *path,
                                                          struct weir_error *error);
/* The directory that holds this path. */
WEIR_MUST_USE enum weir_status weir__files_sync_parent(struct weir__files *files, const char *path,
                                                       struct weir_error *error);
/* A file, or a directory with all that is in it; links are removed, not followed. WEIR_NOT_FOUND
 * when there is none. */
WEIR_MUST_USE enum weir_status weir__files_remove_tree(struct weir__files *files, const char *path,
                                                       struct weir_error *error);

struct weir__files_entry {
    char *name;
    struct weir__file_info info;
};
/* What is in a directory, by name. *entries is initialised here, of struct weir__files_entry; empty
 * after an error. */
WEIR_MUST_USE enum weir_status weir__files_list(struct weir__files *files, const char *path,
                                                struct weir__vec *entries,
                                                struct weir_error *error);
void weir__files_list_fini(struct weir__vec *entries);

#endif
