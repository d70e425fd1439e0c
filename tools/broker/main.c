/*
 * `weir broker`: the embedded Kafka on a fixed address, until it is told to stop.
 *
 * Signals are blocked before librdkafka starts its threads and are read from a descriptor, so the
 * program ends in one place. The ready file is written when clients can connect, and removed at the
 * end.
 */
#define _GNU_SOURCE /* signalfd */

#include "broker/ready_file.h"
#include "commands.h"
#include "connector/mock_broker.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { FAILURE = 1, MISUSE = 2, MOST_TOPICS = 64, MOST_PARTITIONS = 1000, TOPIC_SIZE = 250 };

struct topic {
    char name[TOPIC_SIZE];
    int partitions; /* 0: as --partitions says */
};

struct settings {
    const char *address; /* as given: HOST:PORT */
    uint16_t port;
    int partitions;
    struct topic topics[MOST_TOPICS];
    int topic_count;
    const char *ready_file;
    bool quiet;
};

static const char usage[] =
    "Usage: weir broker [-b HOST:PORT] [--topic NAME[:N]]… [OPTIONS]\n\n"
    "An embedded Kafka broker for learning: what speaks Kafka can use it (kcat, weir produce, your "
    "own programs).\n"
    "It runs until Ctrl-C or SIGTERM.\n\n"
    "  -b, --brokers HOST:PORT  where to listen (127.0.0.1:9092); only the loopback\n"
    "      --topic NAME[:N]     a topic that exists from the start, with N partitions; repeatable\n"
    "                           (click-stream)\n"
    "      --partitions N       partitions of the topics that exist from the start, 1 to 1000 "
    "(4);\n"
    "                           a topic that appears by its first use always has 4\n"
    "      --ready-file FILE    writes HOST:PORT into FILE when clients can connect\n"
    "      --quiet              says nothing but errors\n"
    "  -h, --help               this text\n\n"
    "What it is not: durable (all is gone when it stops), large (about 5 MiB a partition are kept; "
    "older messages\n"
    "are dropped), transactional (transactions are accepted, not honoured: at-least-once).\n\n"
    "Exit status: 0 stopped by Ctrl-C or SIGTERM, 1 cannot listen, 2 misuse.\n\n"
    "Example: weir broker --topic click-stream:2 & weir produce --rate 10 & kcat -C -b "
    "127.0.0.1:9092 -t click-stream\n";

static const struct option options[] = {
    {"brokers", required_argument, NULL, 'b'},
    {"topic", required_argument, NULL, 't'},
    {"partitions", required_argument, NULL, 'p'},
    {"ready-file", required_argument, NULL, 'r'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int misuse(const char *option, const char *text, const char *expected)
{
    fprintf(stderr, "weir broker: %s %s: expected %s. `weir broker --help` explains.\n", option,
            text, expected);
    return MISUSE;
}

/* An integer in min … max. */
static bool read_number(const char *text, long min, long max, long *number)
{
    char *end;
    errno = 0;
    *number = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *number >= min && *number <= max;
}

/* "127.0.0.1:9092", "localhost:9092", "127.0.0.1". */
static int read_address(const char *text, struct settings *settings)
{
    long port = 9092;
    const char *colon = strrchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
    if (colon != NULL && !read_number(colon + 1, 0, UINT16_MAX, &port)) {
        return misuse("-b", text, "HOST:PORT with a port of 0 to 65535");
    }
    bool loopback = (len == strlen("127.0.0.1") && strncmp(text, "127.0.0.1", len) == 0) ||
                    (len == strlen("localhost") && strncmp(text, "localhost", len) == 0);
    if (!loopback) {
        fprintf(stderr,
                "weir broker: -b %s: the embedded broker listens on the loopback only, 127.0.0.1. "
                "For other machines run a real Kafka; docker/compose.yaml describes one\n",
                text);
        return MISUSE;
    }
    settings->port = (uint16_t)port;
    return EXIT_SUCCESS;
}

static int read_topic(const char *text, struct settings *settings)
{
    long partitions = 0;
    const char *colon = strrchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
    if (colon != NULL && !read_number(colon + 1, 1, MOST_PARTITIONS, &partitions)) {
        return misuse("--topic", text, "NAME or NAME:PARTITIONS with 1 to 1000 partitions");
    }
    if (len == 0 || len >= TOPIC_SIZE ||
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") < len) {
        return misuse("--topic", text, "a name of 1 to 249 letters, digits, '.', '_' and '-'");
    }
    if (settings->topic_count == MOST_TOPICS) {
        return misuse("--topic", text, "at most 64 topics");
    }
    struct topic *topic = &settings->topics[settings->topic_count++];
    snprintf(topic->name, sizeof topic->name, "%.*s", (int)len, text);
    topic->partitions = (int)partitions;
    return EXIT_SUCCESS;
}

static int read_option(int letter, struct settings *settings)
{
    long number;
    switch (letter) {
    case 'b':
        return read_address(optarg, settings);
    case 't':
        return read_topic(optarg, settings);
    case 'p':
        if (!read_number(optarg, 1, MOST_PARTITIONS, &number)) {
            return misuse("--partitions", optarg, "a number of 1 to 1000");
        }
        settings->partitions = (int)number;
        return EXIT_SUCCESS;
    case 'r':
        settings->ready_file = optarg;
        return EXIT_SUCCESS;
    case 'q':
        settings->quiet = true;
        return EXIT_SUCCESS;
    default:
        fprintf(stderr, "`weir broker --help` lists the options.\n");
        return MISUSE;
    }
}

static int create_topics(struct weir__mock_broker *broker, const struct settings *settings)
{
    struct weir_error error = {0};
    for (int i = 0; i < settings->topic_count; i++) {
        const struct topic *topic = &settings->topics[i];
        int partitions = topic->partitions > 0 ? topic->partitions : settings->partitions;
        if (weir__mock_broker_create_topic(broker, topic->name, partitions, &error) != WEIR_OK) {
            fprintf(stderr, "weir broker: %s: %s\n", error.where, error.message);
            return FAILURE;
        }
    }
    return EXIT_SUCCESS;
}

static void wait_for_signal(int signals)
{
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) < 0 && errno == EINTR) {
    }
}

static int serve(struct weir__mock_broker *broker, const struct settings *settings, int signals)
{
    const char *address = weir__mock_broker_address(broker);
    int result = create_topics(broker, settings);
    if (result == EXIT_SUCCESS && settings->ready_file != NULL &&
        !ready_file_write(settings->ready_file, address)) {
        fprintf(stderr, "weir broker: cannot write %s: %s\n", settings->ready_file,
                strerror(errno));
        result = FAILURE;
    }
    if (result != EXIT_SUCCESS) {
        return result;
    }
    if (!settings->quiet) {
        printf("Kafka broker at %s. Ctrl-C stops it.\n"
               "For learning: not durable, keeps about 5 MiB a partition, accepts transactions but "
               "does not honour them (at-least-once).\n",
               address);
        fflush(stdout);
    }
    wait_for_signal(signals);
    if (settings->ready_file != NULL) {
        (void)unlink(settings->ready_file);
    }
    return EXIT_SUCCESS;
}

static int run(const struct settings *settings)
{
    sigset_t stop;
    struct weir_error error = {0};
    struct weir__mock_broker *broker = NULL;
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGHUP);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    int signals = signalfd(-1, &stop, SFD_CLOEXEC);
    if (weir__mock_broker_start(settings->port, &broker, &error) != WEIR_OK) {
        fprintf(stderr, "weir broker: %s\n", error.message);
        if (error.retriable) {
            fprintf(stderr,
                    "Another broker may be running: `weir doctor` says which answers. Or take "
                    "another port: weir broker -b 127.0.0.1:%d\n",
                    settings->port < UINT16_MAX ? settings->port + 1 : 9092);
        }
        return FAILURE;
    }
    int result = serve(broker, settings, signals);
    weir__mock_broker_stop(broker);
    close(signals);
    return result;
}

int weir_broker_main(int argc, char **argv)
{
    struct settings settings = {.port = 9092, .partitions = WEIR__MOCK_PARTITIONS};
    int letter;
    while ((letter = getopt_long(argc, argv, "b:h", options, NULL)) != -1) {
        if (letter == 'h') {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        int result = read_option(letter, &settings);
        if (result != EXIT_SUCCESS) {
            return result;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "weir broker: unexpected argument '%s'. `weir broker --help` explains.\n",
                argv[optind]);
        return MISUSE;
    }
    if (settings.topic_count == 0) {
        (void)read_topic("click-stream", &settings);
    }
    return run(&settings);
}
