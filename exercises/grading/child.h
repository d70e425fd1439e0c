/*
 * A child process: the compiler, a judge, or a learner's code in its cage.
 *
 * A caged child cannot do more harm than its test is worth: its environment is empty, all
 * descriptors but its own are closed, it has a session of its own, limits on processor time, wall
 * time, processes, file size and output, and, when we are root, the rights of nobody. Where bwrap
 * is installed it also gets no network and a read-only file system. When it ends, everything that
 * it started is killed with it: whoever starts caged children is the subreaper of their
 * descendants.
 *
 *     parent                                    child
 *     requests ──────────────────────────────▶ 3   what to do
 *     reply    ◀────────────────────────────── 4   results, and nothing else
 *     printed  ◀────────────────────────────── 1   what the learner's code prints: never a result
 *     alarms   ◀────────────────────────────── 2   sanitizer reports
 *
 * One thread. Only Linux has subreapers and bwrap; elsewhere the rest holds.
 */
#ifndef GRADING_CHILD_H
#define GRADING_CHILD_H

#include "base/buf.h"

#include <signal.h>
#include <sys/types.h>

enum { GRADING_REQUESTS = 3, GRADING_REPLIES = 4 };

enum grading_cage {
    GRADING_FREE,  /* trusted: compiler, make, judge */
    GRADING_PLAIN, /* caged, without bwrap: a self-check */
    GRADING_BWRAP, /* caged in bwrap */
};

struct grading_child_config {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH when the child is
                                free, else a path */
    const char *directory;   /* NULL: ours; a caged child is in / */
    enum grading_cage cage;
    int cpu_seconds;     /* caged: processor time; 0: 5 */
    int wall_seconds;    /* 0: 20 */
    size_t output_bytes; /* most that it may write to each of its outputs; 0: 1 MiB */
};

enum grading_end {
    GRADING_RUNNING,
    GRADING_EXITED,    /* number: exit status */
    GRADING_SIGNALLED, /* number: signal */
    GRADING_OVERTIME,  /* stopped by us: wall time */
    GRADING_FLOODED,   /* stopped by us: output */
};

struct grading_child {
    pid_t pid;
    enum grading_end end;
    int number;
    struct weir__buf reply, printed, alarms; /* each ends in a NUL that len does not count */
    struct grading_child_config config;
    int64_t deadline_ns;
    int request_fd, fds[3]; /* -1: closed; fds in the order of the buffers above */
};

/* Starts it. Returns 0, or an errno value; the child then needs no grading_child_fini. */
int grading_child_start(struct grading_child *child, const struct grading_child_config *config);

/*
 * Sends a request and reads until the reply ends in a line that begins with `last_line` (true), or
 * until that can no longer happen (false). Replaces the reply of the request before. The deadline
 * covers the child's whole life.
 */
bool grading_child_ask(struct grading_child *child, struct weir_str request, const char *last_line);

/* Closes the requests, waits for the end (until the deadline), kills what is left. Then end and
 * number are set. */
void grading_child_finish(struct grading_child *child);

/* Kills it if it still runs, and frees the buffers. */
void grading_child_fini(struct grading_child *child);

/* Start, finish: for programs that need no requests. Returns false when it could not start, with
 * the reason in alarms. */
bool grading_child_run(struct grading_child *child, const struct grading_child_config *config);

/* May be set by a signal handler: every child is then stopped at once, as if its time were over. */
extern volatile sig_atomic_t grading_interrupted;

/* GRADING_BWRAP when bwrap is installed and works here, else GRADING_PLAIN. */
enum grading_cage grading_best_cage(void);

#endif
