/*
 * The cage, from inside (limits, rights) and from outside (the sweep). All of it is asked of the
 * kernel through POSIX and /proc.
 */
#define _DEFAULT_SOURCE /* setgroups */

#include "cage.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/ptrace.h>
#endif

enum {
    NOBODY = 65534,
    GRADERS = 4000,       /* users below nobody */
    SPARE_PROCESSES = 48, /* threads of the job, the leak checker's tracer, the symbolizer */
    FILE_BYTES = 1 << 20,
    SWEEP_ROUNDS = 400, /* of 5 ms */
};

/* Reads parent and number of threads from /proc/<pid>/stat; the name before them may hold any
 * character but ends at the last ')'. */
static int64_t read_stat(const char *pid, pid_t *parent)
{
    char path[64];
    char line[512];
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return 0;
    }
    char *text = fgets(line, sizeof line, file);
    fclose(file);
    char *rest = text != NULL ? strrchr(text, ')') : NULL;
    int ppid = 0;
    long threads = 0;
    if (rest == NULL ||
        sscanf(rest + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld",
               &ppid, &threads) != 2) {
        return 0;
    }
    *parent = ppid;
    return threads;
}

/* How many threads the user runs: RLIMIT_NPROC counts them all, not only the cage's. */
static int64_t count_threads(uid_t user)
{
    int64_t threads = 0;
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        struct stat status;
        pid_t parent;
        if (isdigit((unsigned char)entry->d_name[0]) &&
            fstatat(dirfd(proc), entry->d_name, &status, 0) == 0 && status.st_uid == user) {
            threads += read_stat(entry->d_name, &parent);
        }
    }
    if (proc != NULL) {
        closedir(proc);
    }
    return threads;
}

static void limit(int resource, rlim_t value)
{
    struct rlimit bounds = {value, value};
    setrlimit(resource, &bounds);
}

/* SIGXCPU comes at the soft limit; a program that ignores it is killed two seconds later. */
static void set_limits(const struct grading_child_config *config)
{
    rlim_t seconds = config->cpu_seconds > 0 ? (rlim_t)config->cpu_seconds : 5;
    setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds + 2});
    limit(RLIMIT_FSIZE, FILE_BYTES);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, 64);
#ifdef RLIMIT_NPROC
    limit(RLIMIT_NPROC, (rlim_t)(count_threads(getuid()) + SPARE_PROCESSES));
#endif
}

/*
 * Root has no process limit and may kill anybody: it becomes a user without rights. One of its own
 * for each judge, because the limit counts the processes of a user: two graders at work must not
 * use up each other's. In a container that knows few users it is nobody; without that one we stay.
 */
static void drop_rights(void)
{
    if (geteuid() != 0 || setgroups(0, NULL) != 0 || setgid(NOBODY) != 0) {
        return;
    }
    if (setuid((uid_t)(NOBODY - 1 - getppid() % GRADERS)) != 0) {
        (void)!setuid(NOBODY);
    }
}

static void close_from(int first)
{
    DIR *own = opendir("/proc/self/fd");
    struct dirent *entry;
    while (own != NULL && (entry = readdir(own)) != NULL) {
        int fd = (int)strtol(entry->d_name, NULL, 10);
        if (fd >= first && fd != dirfd(own)) {
            close(fd);
        }
    }
    if (own != NULL) {
        closedir(own);
        return;
    }
    for (int fd = first; fd < 1024; fd++) {
        close(fd);
    }
}

/* The sanitizers' settings are the only environment; they win over what the learner's code may
 * define as its defaults. */
#define ADDRESS_OPTIONS                                                                            \
    "ASAN_OPTIONS=exitcode=86:abort_on_error=0:handle_abort=0:hard_rss_limit_mb=1024:"             \
    "max_allocation_size_mb=256:color=never:detect_stack_use_after_return=1:"                      \
    "strict_string_checks=1:detect_leaks="
#define UNDEFINED_OPTIONS "UBSAN_OPTIONS=exitcode=86:print_stacktrace=1:color=never"
#define LEAK_OPTIONS      "LSAN_OPTIONS=exitcode=87"
static char *const looking_for_leaks[] = {ADDRESS_OPTIONS "1", UNDEFINED_OPTIONS, LEAK_OPTIONS,
                                          NULL};
static char *const without_leaks[] = {ADDRESS_OPTIONS "0", UNDEFINED_OPTIONS, LEAK_OPTIONS, NULL};

bool grading_cage_sees_leaks(void)
{
#ifdef __linux__
    int status = 0;
    pid_t child = fork();
    if (child == 0) { /* as the leak checker's threads are: once traced, none can be again */
        _exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
#else
    return true;
#endif
}

static int exec_bwrap(const char *const *argv, char *const *environment)
{
    static const char *const frame[] = {
        "bwrap",
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--ro-bind",
        "/",
        "/",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--chdir",
        "/",
        "--",
    };
    enum { FRAME = sizeof frame / sizeof *frame, MOST = FRAME + 16 };
    const char *line[MOST + 1] = {0};
    memcpy(line, frame, sizeof frame);
    for (size_t i = 0; argv[i] != NULL && FRAME + i < MOST; i++) {
        line[FRAME + i] = argv[i];
    }
    static const char *const places[] = {"/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        execve(places[i], (char *const *)line, environment);
    }
    return errno;
}

int grading_cage_exec(const struct grading_child_config *config)
{
    setsid();
    close_from(GRADING_REPLIES + 1);
    drop_rights();
    char *const *environment = grading_cage_sees_leaks() ? looking_for_leaks : without_leaks;
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* after setuid, which clears it */
#endif
    set_limits(config);
    umask(077);
    if (chdir("/") != 0) {
        return errno;
    }
    if (config->cage == GRADING_BWRAP) {
        return exec_bwrap(config->argv, environment);
    }
    execve(config->argv[0], (char *const *)config->argv, environment);
    return errno;
}

void grading_cage_adopt(void)
{
#ifdef __linux__
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

/* Kills every process whose parent we are. */
static void kill_children(void)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        pid_t parent = 0;
        if (isdigit((unsigned char)entry->d_name[0]) && read_stat(entry->d_name, &parent) > 0 &&
            parent == getpid()) {
            kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL);
        }
    }
    if (proc != NULL) {
        closedir(proc);
    }
}

/* Each round kills one generation: the children of the killed become ours, until there is none. */
void grading_cage_sweep(pid_t leader)
{
    kill(-leader, SIGKILL);
    for (int round = 0; round < SWEEP_ROUNDS; round++) {
        pid_t done;
        while ((done = waitpid(-1, NULL, WNOHANG)) > 0) {
        }
        if (done < 0 && errno == ECHILD) {
            return;
        }
        kill_children();
        poll(NULL, 0, 5);
    }
}
