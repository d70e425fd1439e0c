/*
 * Where the trace comes from while it is being written: standard input, a socket, or a program that
 * is started here with --trace and ended with the visualizer. What is read goes straight into the
 * recording.
 */
#ifndef WEIR_VIZ_SOURCE_H
#define WEIR_VIZ_SOURCE_H

#include "recording.h"

#include <poll.h>
#include <sys/types.h>

struct viz_source {
    struct viz_recording *recording; /* borrowed */
    int fd;                          /* the trace; -1: not connected (yet, or any more) */
    int listener;                    /* -1: nobody is waited for */
    char *socket_path;               /* to be removed */
    char *directory;                 /* private, of a program's files; NULL: no program */
    char *output_path;               /* what the program writes to stdout and stderr */
    pid_t program;                   /* 0: none, or it has ended */
    bool ended;                      /* nothing more will come */
    bool program_ended;
    int status;       /* of waitpid */
    char notice[160]; /* what to tell the reader; empty: nothing */
};

void viz_source_init(struct viz_source *source, struct viz_recording *recording);
/* Reads a trace from an open descriptor. */
void viz_source_read_from(struct viz_source *source, int fd);
/* Waits for one job to connect to a socket at `path`. Errors: WEIR_INVALID, WEIR_IO. */
WEIR_MUST_USE enum weir_status viz_source_listen(struct viz_source *source, const char *path,
                                                 struct weir_error *error);
/* Makes the directory for a program's files; before viz_source_start. Errors: WEIR_IO. */
WEIR_MUST_USE enum weir_status viz_source_prepare(struct viz_source *source,
                                                  struct weir_error *error);
/*
 * Starts the program with `--trace unix:…` behind its arguments. Errors: WEIR_IO, WEIR_NOT_FOUND.
 */
WEIR_MUST_USE enum weir_status viz_source_start(struct viz_source *source, char *const *arguments,
                                                struct weir_error *error);

/* What to poll; entries are unused (fd -1) when there is nothing to wait for. */
enum { VIZ_SOURCE_POLLS = 2 };
void viz_source_polls(const struct viz_source *source, struct pollfd polls[VIZ_SOURCE_POLLS]);
/* Takes what there is, without waiting: at most about `limit` bytes. */
void viz_source_take(struct viz_source *source, size_t limit);
/* Notices that the program has ended; call after SIGCHLD, or at any time. */
void viz_source_reap(struct viz_source *source);

/*
 * Ends the program (SIGTERM, after ten seconds SIGKILL), recording what it still says, and closes
 * everything. The recording and the program's output stay.
 */
void viz_source_fini(struct viz_source *source);
/* The last part of what the program wrote, NUL-terminated; the caller frees it. NULL without a
 * program. */
char *viz_source_output(const struct viz_source *source, size_t limit);

#endif
