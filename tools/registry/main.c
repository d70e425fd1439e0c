/*
 * `weir registry`: a schema registry for learning, on a fixed address, until it is told to stop.
 */
#define _GNU_SOURCE /* signalfd */

#include "broker/ready_file.h"
#include "commands.h"
#include "registry/server.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { FAILURE = 1, MISUSE = 2, PORT = 8085 };

struct settings {
    uint16_t port;
    const char *ready_file;
    bool quiet;
};

static const char usage[] =
    "Usage: weir registry [--port N] [OPTIONS]\n\n"
    "A schema registry for learning, with the HTTP paths of Confluent's: subjects, versions, ids,\n"
    "compatibility. Avro only; on the loopback; all is gone when it stops. It runs until Ctrl-C or "
    "SIGTERM.\n\n"
    "      --port N           where to listen on 127.0.0.1; 0: a free port (8085; a registry's "
    "usual "
    "8081\n"
    "                         is Flink's)\n"
    "      --ready-file FILE  writes the URL into FILE when it answers\n"
    "      --quiet            says nothing but errors\n"
    "  -h, --help             this text\n\n"
    "Exit status: 0 stopped by Ctrl-C or SIGTERM, 1 cannot listen, 2 misuse.\n\n"
    "Example: weir registry & weir produce --model shop --format avro --registry "
    "http://127.0.0.1:8085\n"
    "         curl http://127.0.0.1:8085/subjects/ExampleTopic-value/versions/latest\n";

static const struct option options[] = {
    {"port", required_argument, NULL, 'p'},
    {"ready-file", required_argument, NULL, 'r'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int read_port(struct settings *settings)
{
    char *end;
    errno = 0;
    long port = strtol(optarg, &end, 10);
    if (errno != 0 || end == optarg || *end != '\0' || port < 0 || port > UINT16_MAX) {
        fprintf(stderr,
                "weir registry: --port %s: expected a number of 0 to 65535. `weir registry --help` "
                "explains.\n",
                optarg);
        return MISUSE;
    }
    settings->port = (uint16_t)port;
    return EXIT_SUCCESS;
}

static int serve(registry_server *server, const struct settings *settings, int signals)
{
    char url[64];
    struct signalfd_siginfo info;
    snprintf(url, sizeof url, "http://127.0.0.1:%d", (int)registry_server_port(server));
    if (settings->ready_file != NULL && !ready_file_write(settings->ready_file, url)) {
        fprintf(stderr, "weir registry: cannot write %s: %s\n", settings->ready_file,
                strerror(errno));
        return FAILURE;
    }
    if (!settings->quiet) {
        printf("Schema registry at %s. Ctrl-C stops it.\n", url);
        fflush(stdout);
    }
    while (read(signals, &info, sizeof info) < 0 && errno == EINTR) {
    }
    if (settings->ready_file != NULL) {
        (void)unlink(settings->ready_file);
    }
    return EXIT_SUCCESS;
}

static int run(const struct settings *settings)
{
    sigset_t stop;
    struct weir_error error = {0};
    registry_server *server = NULL;
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGHUP);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (registry_server_start(settings->port, &server, &error) != WEIR_OK) {
        fprintf(stderr, "weir registry: %s\n", error.message);
        return FAILURE;
    }
    int signals = signalfd(-1, &stop, SFD_CLOEXEC);
    int result = serve(server, settings, signals);
    registry_server_stop(server);
    close(signals);
    return result;
}

int weir_registry_main(int argc, char **argv)
{
    struct settings settings = {.port = PORT};
    int letter;
    while ((letter = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (letter) {
        case 'p':
            if (read_port(&settings) != EXIT_SUCCESS) {
                return MISUSE;
            }
            break;
        case 'r':
            settings.ready_file = optarg;
            break;
        case 'q':
            settings.quiet = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        default:
            fprintf(stderr, "`weir registry --help` lists the options.\n");
            return MISUSE;
        }
    }
    if (optind < argc) {
        fprintf(stderr,
                "weir registry: unexpected argument '%s'. `weir registry --help` explains.\n",
                argv[optind]);
        return MISUSE;
    }
    return run(&settings);
}
