/*
 * `weir health`: whether a job runs well, for people, scripts and the health checks of containers.
 *
 * It asks the job's REST server (--rest of every job program) twice, a moment apart: the job runs,
 * and how many records its vertices took in or gave out in between.
 */
#include "commands.h"
#include "health/job.h"
#include "health/tasks.h"

#include "base/escape.h"

#include <weir/time.h>

#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FAILURE = 1, MISUSE = 2 };

static const char usage[] =
    "Usage: weir health [--rest URL] [--for D] [--progress] [--tasks]\n\n"
    "Asks a running job (started with --rest) how it is: its state, its restarts and checkpoints, "
    "and how many\n"
    "records moved while it was watched.\n\n"
    "      --rest URL   where the job answers (http://127.0.0.1:8081)\n"
    "      --for D      how long to watch it (1s); values are new twice a second\n"
    "      --progress   a job in which no record moved meanwhile is not healthy\n"
    "      --tasks      also a line a task: how busy it is, how much it is held up by those behind "
    "it, and how\n"
    "                   full its queues are\n"
    "  -h, --help       this text\n\n"
    "Exit status: 0 the job is RUNNING, 1 it is not, or nobody answers, 2 misuse.\n\n"
    "Examples:\n"
    "  page-views --rest &\n"
    "  weir health\n"
    "  weir health --rest http://127.0.0.1:9000 --for 10s --progress\n";

static const struct option options[] = {
    {"rest", required_argument, NULL, 'r'}, {"for", required_argument, NULL, 'f'},
    {"progress", no_argument, NULL, 'p'},   {"tasks", no_argument, NULL, 't'},
    {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0},
};

struct wish {
    const char *url;
    int64_t watch_ms;
    bool needs_progress;
    bool tells_tasks;
};

static void pause_for(int64_t ms)
{
    const struct timespec pause = {.tv_sec = (time_t)(ms / 1000),
                                   .tv_nsec = (long)(ms % 1000) * 1000000L};
    nanosleep(&pause, NULL);
}

/* What came over the wire is made printable before it is shown. */
static void print(const struct health_job *before, const struct health_job *job, int64_t watch_ms)
{
    char name[128];
    char since[24];
    char watched[24];
    weir__printable(weir_str_from(job->name), name, sizeof(name));
    weir_duration_format(job->duration_ms - job->duration_ms % 1000, since, sizeof(since));
    weir_duration_format(watch_ms, watched, sizeof(watched));
    printf("%s: %s for %s, restarts: %" PRId64 "\n", name, job->state, since, job->restarts);
    printf("records: %" PRId64 ", in the last %s: %" PRId64 "\n", job->records, watched,
           job->records - before->records);
    if (job->takes_checkpoints) {
        printf("checkpoints: %" PRId64 " completed, %" PRId64 " failed, the last one took %" PRId64
               " ms\n",
               job->completed, job->failed, job->last_ms);
    } else {
        puts("checkpoints: none are taken (--checkpoint-interval 10s)");
    }
}

static int say_why(const struct wish *wish, const struct weir_error *error)
{
    fprintf(stderr, "weir health: %s: %s\n", wish->url, error->message);
    return FAILURE;
}

static int check(const struct wish *wish)
{
    struct weir_error error = {0};
    struct health_job before = {.restarts = 0};
    struct health_job job = {.restarts = 0};
    bool heard = health_ask(wish->url, &before, &error) == WEIR_OK;
    if (heard) {
        pause_for(wish->watch_ms);
        heard = health_ask(wish->url, &job, &error) == WEIR_OK;
    }
    if (!heard) {
        return say_why(wish, &error);
    }
    print(&before, &job, wish->watch_ms);
    if (wish->tells_tasks && health_print_tasks(wish->url, &error) != WEIR_OK) {
        return say_why(wish, &error);
    }
    bool moved = job.records != before.records;
    if (wish->needs_progress && !moved) {
        puts("not healthy: no record moved");
    }
    bool healthy = strcmp(job.state, "RUNNING") == 0 && (moved || !wish->needs_progress);
    return fflush(stdout) == 0 && healthy ? EXIT_SUCCESS : FAILURE;
}

int weir_health_main(int argc, char **argv)
{
    struct wish wish = {.url = "http://127.0.0.1:8081", .watch_ms = 1000};
    struct weir_error error = {0};
    int letter;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (letter) {
        case 'h':
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        case 'r':
            wish.url = optarg;
            break;
        case 'p':
            wish.needs_progress = true;
            break;
        case 't':
            wish.tells_tasks = true;
            break;
        case 'f':
            if (weir_duration_parse(optarg, &wish.watch_ms, &error) != WEIR_OK ||
                wish.watch_ms < 0) {
                fprintf(stderr, "weir health: --for: expected a duration such as 10s, got \"%s\"\n",
                        optarg);
                return MISUSE;
            }
            break;
        default:
            fprintf(stderr, "`weir health --help` lists the options.\n");
            return MISUSE;
        }
    }
    if (argc != optind) {
        fprintf(stderr, "weir health: unexpected argument \"%s\". `weir health --help` explains.\n",
                argv[optind]);
        return MISUSE;
    }
    return check(&wish);
}
