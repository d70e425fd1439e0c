/*
 * `weir savepoint`: stops a running job with a savepoint, and waits for it.
 *
 * The job is found by the file that it keeps locked (runtime/pid_file.h), and asked by SIGUSR1;
 * again now and then, for one that was about to begin does not listen yet. It has ended when the
 * lock is gone.
 */
#include "commands.h"
#include "runtime/checkpoint_store.h"
#include "runtime/pid_file.h"
#include "savepoint/find.h"

#include "base/mem.h"

#include <weir/clock.h>
#include <weir/time.h>

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FAILURE = 1, MISUSE = 2, LOOK_MS = 20, ASK_MS = 1000 };

static const char usage[] =
    "Usage: weir savepoint [--timeout D] DIR|PID\n\n"
    "Stops a running job with a savepoint: its state, and everything it has written, up to one "
    "point. Waits until\n"
    "the job has ended, and prints the savepoint's path.\n\n"
    "DIR is the job's --checkpoint-dir, PID its process, or that of its job manager (--cluster). "
    "The savepoint goes\n"
    "where the job's --savepoint-dir says, else into DIR.\n\n"
    "      --timeout D   give up waiting after this long (10m); the job goes on stopping\n"
    "  -h, --help        this text\n\n"
    "To go on from it, with another parallelism if you like: PROGRAM --from PATH.\n\n"
    "Exit status: 0 the savepoint is complete, 1 it is not, 2 misuse.\n\n"
    "Examples:\n"
    "  weir savepoint checkpoints/page-views\n"
    "  page-views --from \"$(weir savepoint checkpoints/page-views)\" -p 4\n";

static const struct option options[] = {
    {"timeout", required_argument, NULL, 't'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* The newest savepoint of a directory, owned by the caller, and its id; NULL and 0: none. */
static char *newest(const char *directory, int64_t *id)
{
    struct weir__vec places;
    char *path = NULL;
    *id = 0;
    if (weir__checkpoint_list(&weir__real_files, directory, &places, NULL) != WEIR_OK) {
        return NULL;
    }
    for (size_t i = 0; i < places.count; i++) {
        const struct weir__checkpoint_place *place = weir__vec_at(&places, i);
        if (place->kind == WEIR__SAVEPOINT && place->id > *id) {
            weir__free(path);
            path = weir__strdup(place->path);
            *id = place->id;
        }
    }
    weir__checkpoint_list_fini(&places);
    return path;
}

static int64_t now_ms(void)
{
    return weir_clock_ns(&weir_system_clock) / 1000000;
}

/* Asks again until the job's process is gone. False: it was not within the time. */
static bool await_end(const char *directory, pid_t pid, int64_t timeout_ms)
{
    int64_t begin_ms = now_ms();
    int64_t asked_ms = begin_ms;
    const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    for (pid_t holder = pid; holder == pid;) {
        if (now_ms() - asked_ms >= ASK_MS) {
            kill(pid, SIGUSR1);
            asked_ms = now_ms();
        }
        if (now_ms() - begin_ms >= timeout_ms) {
            return false;
        }
        nanosleep(&pause, NULL);
        char *savepoints = NULL;
        if (weir__pid_file_find(directory, &holder, &savepoints, NULL) != WEIR_OK) {
            return true;
        }
        weir__free(savepoints);
    }
    return true;
}

static int stop(const char *directory, pid_t pid, const char *savepoints, int64_t timeout_ms)
{
    int64_t before = 0;
    int64_t after = 0;
    weir__free(newest(savepoints, &before));
    if (kill(pid, SIGUSR1) != 0) {
        fprintf(stderr, "weir savepoint: process %ld cannot be asked: %s\n", (long)pid,
                strerror(errno));
        return FAILURE;
    }
    if (!await_end(directory, pid, timeout_ms)) {
        fprintf(stderr,
                "weir savepoint: process %ld still runs; it was asked, and may still stop "
                "(--timeout)\n",
                (long)pid);
        return FAILURE;
    }
    char *path = newest(savepoints, &after);
    if (after <= before) {
        fprintf(stderr,
                "weir savepoint: process %ld has ended without a savepoint; its log says why\n",
                (long)pid);
        weir__free(path);
        return FAILURE;
    }
    printf("%s\n", path);
    weir__free(path);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : FAILURE;
}

/* A directory as it is; a number that is none is a process. NULL: said why. */
static char *directory_of(const char *argument)
{
    struct weir__file_info info;
    char *end = NULL;
    long pid = strtol(argument, &end, 10);
    bool number = end != argument && *end == '\0' && pid > 0;
    if (!number || weir__files_info(&weir__real_files, argument, &info, NULL) == WEIR_OK) {
        return weir__strdup(argument);
    }
    char *directory = find_directory((pid_t)pid);
    if (directory == NULL) {
        fprintf(stderr,
                "weir savepoint: process %ld runs no job that takes checkpoints, or is not yours\n",
                pid);
    }
    return directory;
}

static int run(const char *argument, int64_t timeout_ms)
{
    struct weir_error error = {0};
    char *directory = directory_of(argument);
    char *savepoints = NULL;
    pid_t pid = 0;
    int code = FAILURE;
    if (directory == NULL) {
        return FAILURE;
    }
    if (weir__pid_file_find(directory, &pid, &savepoints, &error) != WEIR_OK) {
        fprintf(stderr, "weir savepoint: %s: %s\n", error.where, error.message);
    } else {
        code = stop(directory, pid, savepoints, timeout_ms);
    }
    weir__free(savepoints);
    weir__free(directory);
    return code;
}

int weir_savepoint_main(int argc, char **argv)
{
    int64_t timeout_ms = weir_minutes(10);
    struct weir_error error = {0};
    int letter;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (letter) {
        case 'h':
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        case 't':
            if (weir_duration_parse(optarg, &timeout_ms, &error) != WEIR_OK || timeout_ms < 0) {
                fprintf(stderr,
                        "weir savepoint: --timeout: expected a duration such as 30s, got "
                        "\"%s\"\n",
                        optarg);
                return MISUSE;
            }
            break;
        default:
            fprintf(stderr, "`weir savepoint --help` lists the options.\n");
            return MISUSE;
        }
    }
    if (argc - optind != 1) {
        fprintf(stderr, "weir savepoint: expected one directory of checkpoints, or one process. "
                        "`weir savepoint --help` explains.\n");
        return MISUSE;
    }
    return run(argv[optind], timeout_ms);
}
