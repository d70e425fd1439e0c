/*
 * The options of `weir produce`.
 */
#include "produce/settings.h"

#include "base/mem.h"

#include <weir/time.h>

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GO_ON = -1, MISUSE = 2 };
enum option_name {
    OPTION_RATE = 256,
    OPTION_DURATION,
    OPTION_COUNT,
    OPTION_USERS,
    OPTION_PAGES,
    OPTION_MIX,
    OPTION_SEED,
    OPTION_DISORDER,
    OPTION_LATE,
    OPTION_BAD,
    OPTION_START,
    OPTION_TIME_SCALE,
    OPTION_TO,
    OPTION_KEY,
    OPTION_MODEL,
};

static const char usage[] =
    "Usage: weir produce [-b BROKERS] [-t TOPIC] [--rate N] [--duration D | --count N] "
    "[OPTIONS]\n\n"
    "Writes the tutorial's click events: to Kafka, to a file, or to standard output. Without "
    "--duration and\n"
    "--count until Ctrl-C.\n\n"
    "Where to:\n"
    "  -b, --brokers HOST:PORT,…   Kafka brokers (KAFKA_BROKERS, or 127.0.0.1:9092)\n"
    "  -t, --topic TOPIC           (click-stream)\n"
    "      --to kafka|FILE|-       FILE and - (standard output) get one JSON object a line "
    "(kafka)\n"
    "      --partitions-by KEY     Kafka key: user, page, or none (user)\n"
    "  -X key=value                a Kafka client property, as librdkafka names it; repeatable\n\n"
    "How many, how fast:\n"
    "      --rate N                events a second; 0: as fast as possible (10)\n"
    "      --duration D            rate × D events, then stop; with --rate 0, stop after D (5m, "
    "30s)\n"
    "      --count N               stop after N events\n\n"
    "What:\n"
    "      --model NAME            tutorial: clicks in a small shop (tutorial)\n"
    "      --users N               user_1 … user_N (1000)\n"
    "      --pages N               only the first N of the 100 pages (100)\n"
    "      --mix V,C,A,P           shares of VIEW, CLICK, ADD_TO_CART, PURCHASE (70,20,7,3)\n"
    "      --seed N                same seed, same events (1)\n"
    "      --start EPOCH_MS|now    event time of the first event (now)\n"
    "      --time-scale X          event time runs X times faster than the clock (1); with --rate "
    "0\n"
    "                              it advances as if 100 events came a second, times X\n\n"
    "Trouble:\n"
    "      --disorder D            events are written out of order, by up to D of event time (0)\n"
    "      --late SHARE[:D]        that share comes later still, by up to D more (0; D 1m)\n"
    "      --bad SHARE             that share is malformed: truncated, wrong type, missing field,\n"
    "                              not JSON, invalid UTF-8 (0)\n"
    "  -h, --help                  this text\n\n"
    "With the same seed, options and --start the bytes are the same, every time.\n"
    "Exit status: 0 done, 1 no broker or not written, 2 misuse, 130 after Ctrl-C.\n\n"
    "Example: weir produce --rate 100 --duration 1m --disorder 10s --late 0.01:6m --bad 0.01\n";

static const struct option options[] = {
    {"brokers", required_argument, NULL, 'b'},
    {"topic", required_argument, NULL, 't'},
    {"help", no_argument, NULL, 'h'},
    {"rate", required_argument, NULL, OPTION_RATE},
    {"duration", required_argument, NULL, OPTION_DURATION},
    {"count", required_argument, NULL, OPTION_COUNT},
    {"users", required_argument, NULL, OPTION_USERS},
    {"pages", required_argument, NULL, OPTION_PAGES},
    {"mix", required_argument, NULL, OPTION_MIX},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"disorder", required_argument, NULL, OPTION_DISORDER},
    {"late", required_argument, NULL, OPTION_LATE},
    {"bad", required_argument, NULL, OPTION_BAD},
    {"start", required_argument, NULL, OPTION_START},
    {"time-scale", required_argument, NULL, OPTION_TIME_SCALE},
    {"to", required_argument, NULL, OPTION_TO},
    {"partitions-by", required_argument, NULL, OPTION_KEY},
    {"model", required_argument, NULL, OPTION_MODEL},
    {NULL, 0, NULL, 0},
};

static int misuse(const char *option, const char *text, const char *expected)
{
    fprintf(stderr, "weir produce: %s %s: expected %s. `weir produce --help` explains.\n", option,
            text, expected);
    return MISUSE;
}

/* ---- reading values ---- */

static int read_integer(const char *option, int64_t min, int64_t max, const char *expected,
                        int64_t *number)
{
    char *end;
    errno = 0;
    long long value = strtoll(optarg, &end, 10);
    if (errno != 0 || end == optarg || *end != '\0' || value < min || value > max) {
        return misuse(option, optarg, expected);
    }
    *number = value;
    return GO_ON;
}

static int read_real(const char *option, double min, double max, const char *expected,
                     double *number)
{
    char *end;
    errno = 0;
    double value = strtod(optarg, &end);
    if (errno != 0 || end == optarg || *end != '\0' || !(value >= min && value <= max)) {
        return misuse(option, optarg, expected);
    }
    *number = value;
    return GO_ON;
}

static int read_duration(const char *option, const char *text, int64_t *ms)
{
    if (weir_duration_parse(text, ms, NULL) != WEIR_OK || *ms < 0) {
        return misuse(option, text, "a duration such as 500ms, 10s, 5m");
    }
    return GO_ON;
}

/* "0.01" or "0.01:6m" */
static int read_late(struct produce_settings *settings)
{
    char *end;
    double share = strtod(optarg, &end);
    if (end == optarg || (*end != '\0' && *end != ':') || !(share >= 0 && share <= 1)) {
        return misuse("--late", optarg, "SHARE or SHARE:DURATION with a share of 0 to 1");
    }
    settings->late_share = share;
    return *end == ':' ? read_duration("--late", end + 1, &settings->late_ms) : GO_ON;
}

static int read_mix(struct produce_settings *settings)
{
    const char *at = optarg;
    int64_t sum = 0;
    for (int i = 0; i < CLICK_TYPES; i++) {
        char *end;
        long share = strtol(at, &end, 10);
        char separator = i + 1 < CLICK_TYPES ? ',' : '\0';
        if (end == at || *end != separator || share < 0 || share > 1000000) {
            return misuse("--mix", optarg, "four whole numbers such as 60,25,10,5");
        }
        settings->generator.mix[i] = (int32_t)share;
        sum += share;
        at = end + 1;
    }
    return sum > 0 ? GO_ON : misuse("--mix", optarg, "at least one share above 0");
}

static int read_key(struct produce_settings *settings)
{
    static const char *const names[] = {"user", "page", "none"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(optarg, names[i]) == 0) {
            settings->key = (enum produce_key)i;
            return GO_ON;
        }
    }
    return misuse("--partitions-by", optarg, "user, page or none");
}

static int read_start(struct produce_settings *settings)
{
    if (strcmp(optarg, "now") == 0) {
        settings->start_ms = -1;
        return GO_ON;
    }
    return read_integer("--start", 0, INT64_C(253402300799999),
                        "milliseconds since 1970, at most the year 9999, or now",
                        &settings->start_ms);
}

static int add_property(struct produce_settings *settings)
{
    size_t count = 0;
    while (settings->properties[count] != NULL) {
        count++;
    }
    settings->properties =
        weir__reallocarray(settings->properties, count + 2, sizeof *settings->properties);
    settings->properties[count] = optarg;
    settings->properties[count + 1] = NULL;
    return GO_ON;
}

/* ---- the options ---- */

static int read_sizes(struct produce_settings *settings, int name)
{
    int64_t number = 0;
    int result =
        name == OPTION_USERS
            ? read_integer("--users", 1, 1000000000, "a number of 1 to 1000000000", &number)
            : read_integer("--pages", 1, CLICK_GENERATOR_PAGES, "a number of 1 to 100", &number);
    if (result == GO_ON && name == OPTION_USERS) {
        settings->generator.users = (int32_t)number;
    } else if (result == GO_ON) {
        settings->generator.pages = (int32_t)number;
    }
    return result;
}

static int read_seed(struct produce_settings *settings)
{
    int64_t seed = 0;
    int result = read_integer("--seed", 0, INT64_MAX, "a whole number of 0 or more", &seed);
    settings->generator.seed = (uint64_t)seed;
    return result;
}

static int read_option(struct produce_settings *settings, int name)
{
    switch (name) {
    case 'b':
        settings->brokers = optarg;
        return GO_ON;
    case 't':
        settings->topic = optarg;
        return GO_ON;
    case 'X':
        return add_property(settings);
    case OPTION_RATE:
        return read_real("--rate", 0, 1e7, "0 to 10000000 events a second", &settings->rate);
    case OPTION_DURATION:
        return read_duration("--duration", optarg, &settings->duration_ms);
    case OPTION_COUNT:
        return read_integer("--count", 1, INT64_MAX, "a number of 1 or more", &settings->count);
    case OPTION_USERS:
    case OPTION_PAGES:
        return read_sizes(settings, name);
    case OPTION_MIX:
        return read_mix(settings);
    case OPTION_SEED:
        return read_seed(settings);
    case OPTION_DISORDER:
        return read_duration("--disorder", optarg, &settings->disorder_ms);
    case OPTION_LATE:
        return read_late(settings);
    case OPTION_BAD:
        return read_real("--bad", 0, 1, "a share of 0 to 1", &settings->bad_share);
    case OPTION_START:
        return read_start(settings);
    case OPTION_TIME_SCALE:
        return read_real("--time-scale", 0.001, 1e6, "0.001 to 1000000", &settings->time_scale);
    case OPTION_TO:
        settings->to = optarg;
        return GO_ON;
    case OPTION_KEY:
        return read_key(settings);
    case OPTION_MODEL:
        return strcmp(optarg, "tutorial") == 0 ? GO_ON : misuse("--model", optarg, "tutorial");
    default: /* getopt has said what is wrong */
        fprintf(stderr, "`weir produce --help` lists the options.\n");
        return MISUSE;
    }
}

int produce_settings_read(struct produce_settings *settings, int argc, char **argv)
{
    const char *brokers = getenv("KAFKA_BROKERS");
    int name;
    *settings = (struct produce_settings){
        .brokers = brokers != NULL && *brokers != '\0' ? brokers : NULL,
        .topic = "click-stream",
        .to = "kafka",
        .properties = weir__calloc(1, sizeof *settings->properties),
        .rate = 10,
        .start_ms = -1,
        .time_scale = 1,
        .late_ms = weir_minutes(1),
        .generator = click_generator_of(1),
    };
    while ((name = getopt_long(argc, argv, "b:t:X:h", options, NULL)) != -1) {
        if (name == 'h') {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        int result = read_option(settings, name);
        if (result != GO_ON) {
            return result;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "weir produce: unexpected argument '%s'. `weir produce --help` explains.\n",
                argv[optind]);
        return MISUSE;
    }
    return GO_ON;
}

void produce_settings_fini(struct produce_settings *settings)
{
    weir__free(settings->properties);
}

int64_t produce_settings_events(const struct produce_settings *settings)
{
    int64_t events = settings->count > 0 ? settings->count : INT64_MAX;
    double by_time = ceil(settings->rate * (double)settings->duration_ms / 1000.0);
    if (settings->duration_ms > 0 && settings->rate > 0 && by_time < (double)events) {
        events = (int64_t)by_time;
    }
    return events;
}
