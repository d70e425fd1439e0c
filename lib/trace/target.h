/*
 * Where a trace goes: a file, standard output, or a Unix socket that somebody listens on. Used by
 * the writer thread alone.
 */
#ifndef WEIR__TRACE_TARGET_H
#define WEIR__TRACE_TARGET_H

#include <weir/status.h>

#include <stdatomic.h>
#include <stddef.h>

struct weir__trace_target {
    char *name; /* as the user gave it */
    int fd;
    bool is_socket;
    bool is_file; /* regular: a write never waits for a reader */
    bool failed;  /* said so once; nothing is written any more */
};

/* name: a path, "-", or "unix:PATH". Errors: WEIR_INVALID (path too long for a socket), WEIR_IO,
 * WEIR_UNAVAILABLE (nobody listens). */
WEIR_MUST_USE enum weir_status weir__trace_target_open(struct weir__trace_target *target,
                                                       const char *name, struct weir_error *error);
void weir__trace_target_close(struct weir__trace_target *target);

/*
 * Writes all bytes, waiting for a slow reader as long as `closing` is false, and then for two
 * seconds without progress. After a failure, said once on standard error, every further write is
 * ignored.
 */
void weir__trace_target_write(struct weir__trace_target *target, const char *bytes, size_t len,
                              const atomic_bool *closing);

#endif
