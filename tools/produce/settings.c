/*
 * The options of `weir produce`.
 */
#include "produce/settings.h"

#include "base/properties.h"

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
    OPTION_FORMAT,
    OPTION_REGISTRY,
    OPTION_THREADS,
    OPTION_BOOKMARK,
};

static const char usage[] =
    "Usage: weir produce [-b BROKERS] [-t TOPIC] [--rate N] [--duration D | --count N] "
    "[OPTIONS]\n\n"
    "Writes generated events: to Kafka, to a file, or to standard output. Without --duration and\n"
    "--count until Ctrl-C.\n\n"
    "Where to:\n"
    "  -b, --brokers HOST:PORT,…   Kafka brokers (KAFKA_BROKERS, or 127.0.0.1:9092)\n"
    "  -t, --topic TOPIC           (the model's: click-stream, …)\n"
    "      --to kafka|FILE|-       FILE and - (standard output) get one event a line (kafka)\n"
    "      --partitions-by KEY     Kafka key: user, page, or none (user)\n"
    "  -X key=value                a Kafka client property, as librdkafka names it; repeatable\n"
    "  -F FILE                     lines key=value, each as with -X: TLS, passwords\n"
    "      --format FORMAT         json, csv, elb (access log; weblog), avro (to Kafka only) "
    "(json;\n"
    "                              weblog: elb)\n"
    "      --registry URL          registers the Avro schema as TOPIC-value and frames each "
    "message with\n"
    "                              its id, as schema registries ask; `weir registry` is one\n\n"
    "How many, how fast:\n"
    "      --rate N                events a second; 0: as fast as possible (10; shop: 128 a "
    "thread)\n"
    "      --duration D            rate × D events, then stop; with --rate 0, stop after D (5m, "
    "30s)\n"
    "      --run-for D             the same as --duration\n"
    "      --count N               stop after N events\n\n"
    "What:\n"
    "      --model NAME            whose events (tutorial):\n"
    "                                tutorial  clicks in a small shop\n"
    "                                pages     views and clicks of twenty users\n"
    "                                cart      users with a cart; one event of twenty is late by "
    "10 s to 2 min\n"
    "                                shop      sessions that walk through a shop, several at a "
    "time\n"
    "                                weblog    requests, as a load balancer logs them\n"
    "                                funnel    sessions that view, click, fill the cart, and buy\n"
    "      --users N               how many users (tutorial and weblog 1000, cart and funnel 100, "
    "pages 20);\n"
    "                              shop: sessions that each thread makes (no end)\n"
    "      --threads N             sessions at a time, which share one sequence; shop (8)\n"
    "      --bookmark FILE         goes on where the last run stopped, with fresh users; shop\n"
    "      --pages N               only the first N of the 100 pages; tutorial, weblog (100)\n"
    "      --mix V,C,A,P           shares of VIEW, CLICK, ADD_TO_CART, PURCHASE; tutorial "
    "(70,20,7,3)\n"
    "      --seed N                same seed, same events (1)\n"
    "      --start EPOCH_MS|now    event time of the first event (now)\n"
    "      --time-scale X          event time runs X times faster than the clock (1); with --rate "
    "0\n"
    "                              it advances as if 100 events came a second, times X\n\n"
    "Trouble:\n"
    "      --disorder D            events are written out of order, by up to D of event time (0)\n"
    "      --late SHARE[:D]        that share comes later still, by up to D more (0; D 1m; cart "
    "0.05:2m)\n"
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
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"registry", required_argument, NULL, OPTION_REGISTRY},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"bookmark", required_argument, NULL, OPTION_BOOKMARK},
    {"run-for", required_argument, NULL, OPTION_DURATION},
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
    settings->late_from_ms = 0;
    settings->late_ms = weir_minutes(1);
    return *end == ':' ? read_duration("--late", end + 1, &settings->late_ms) : GO_ON;
}

static int read_mix(struct produce_settings *settings)
{
    const char *at = optarg;
    int64_t sum = 0;
    settings->mixed = true;
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

static int read_format(struct produce_settings *settings)
{
    static const char *const names[PRODUCE_FORMATS] = {"json", "avro", "elb", "csv"};
    for (int i = 0; i < PRODUCE_FORMATS; i++) {
        if (strcmp(optarg, names[i]) == 0) {
            settings->format = (enum produce_format)i;
            return GO_ON;
        }
    }
    return misuse("--format", optarg, "json, avro, elb or csv");
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

/* -X and -F: the last of two with one key counts. */
static int read_properties(struct produce_settings *settings, int name)
{
    struct weir_error error = {0};
    enum weir_status status = name == 'X'
                                  ? weir__property_list_add(&settings->properties, optarg, &error)
                                  : weir__property_list_load(&settings->properties, optarg, &error);
    if (status != WEIR_OK) {
        fprintf(stderr, "weir produce: -%c: %s%s%s\n", name, error.where,
                error.where[0] != '\0' ? ": " : "", error.message);
        return MISUSE;
    }
    return GO_ON;
}

/* ---- the options ---- */

static int read_size(const char *option, int32_t most, int32_t *size)
{
    char expected[48];
    int64_t number = 0;
    snprintf(expected, sizeof expected, "a number of 1 to %d", (int)most);
    int result = read_integer(option, 1, most, expected, &number);
    if (result == GO_ON) {
        *size = (int32_t)number;
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
    case 'F':
        return read_properties(settings, name);
    case OPTION_RATE:
        return read_real("--rate", 0, 1e7, "0 to 10000000 events a second", &settings->rate);
    case OPTION_DURATION:
        return read_duration("--duration", optarg, &settings->duration_ms);
    case OPTION_COUNT:
        return read_integer("--count", 1, INT64_MAX, "a number of 1 or more", &settings->count);
    case OPTION_USERS:
        return read_size("--users", 1000000000, &settings->users);
    case OPTION_PAGES:
        return read_size("--pages", CLICK_GENERATOR_PAGES, &settings->pages);
    case OPTION_THREADS:
        return read_size("--threads", 1000, &settings->threads);
    case OPTION_FORMAT:
        return read_format(settings);
    case OPTION_REGISTRY:
        settings->registry = optarg;
        return GO_ON;
    case OPTION_BOOKMARK:
        settings->bookmark = optarg;
        return GO_ON;
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
        settings->model = model_find(optarg);
        return settings->model != NULL ? GO_ON : misuse("--model", optarg, model_names());
    default: /* getopt has said what is wrong */
        fprintf(stderr, "`weir produce --help` lists the options.\n");
        return MISUSE;
    }
}

/* Options that the model has no use for are a mistake of whoever gave them. */
static int check_model(const struct produce_settings *settings)
{
    const struct model *model = settings->model;
    bool is_shop = model == &model_shop;
    if (settings->pages > 0 && !model->has_pages) {
        return misuse("--pages with --model", model->name, "the model tutorial or weblog");
    }
    if (settings->mixed && strcmp(model->name, "tutorial") != 0) {
        return misuse("--mix with --model", model->name, "the model tutorial");
    }
    if (!is_shop && (settings->threads > 0 || settings->bookmark != NULL)) {
        return misuse("--threads or --bookmark with --model", model->name, "the model shop");
    }
    if (settings->key == PRODUCE_KEY_PAGE && model->page == NULL) {
        return misuse("--partitions-by page with --model", model->name, "a model with pages");
    }
    if (settings->users > 131072 && strcmp(model->name, "weblog") == 0) {
        return misuse("--users with --model", model->name, "at most 131072 addresses");
    }
    if (settings->users > 10000000 && !model->any_order && !is_shop) {
        return misuse("--users with --model", model->name, "at most 10000000");
    }
    return GO_ON;
}

static int check_format(const struct produce_settings *settings)
{
    if (settings->format == PRODUCE_ELB && strcmp(settings->model->name, "weblog") != 0) {
        return misuse("--format elb with --model", settings->model->name, "the model weblog");
    }
    if (settings->format == PRODUCE_AVRO && strcmp(settings->to, "kafka") != 0) {
        return misuse("--format avro --to", settings->to,
                      "kafka: Avro messages do not say where they end");
    }
    if (settings->registry != NULL && settings->format != PRODUCE_AVRO) {
        return misuse("--registry", settings->registry, "--format avro with it");
    }
    return GO_ON;
}

/* What was not given is as the model has it. */
static void take_usual(struct produce_settings *settings)
{
    const struct model *model = settings->model;
    bool is_shop = model == &model_shop;
    settings->threads = settings->threads > 0 ? settings->threads : 8;
    if (settings->rate < 0) {
        settings->rate = is_shop ? model->rate * settings->threads : model->rate;
    }
    if (settings->format == PRODUCE_FORMATS) {
        settings->format = model->format;
    }
    if (settings->late_share < 0) {
        settings->late_share = model->late_share;
        settings->late_from_ms = model->late_from_ms;
        settings->late_ms = model->late_ms;
    }
    settings->topic = settings->topic != NULL ? settings->topic : model->topic;
    settings->generator.users = settings->users > 0 ? settings->users : model->users;
    settings->generator.pages = settings->pages > 0 ? settings->pages : CLICK_GENERATOR_PAGES;
}

int produce_settings_read(struct produce_settings *settings, int argc, char **argv)
{
    const char *brokers = getenv("KAFKA_BROKERS");
    int name;
    *settings = (struct produce_settings){
        .brokers = brokers != NULL && *brokers != '\0' ? brokers : NULL,
        .model = model_find("tutorial"),
        .format = PRODUCE_FORMATS,
        .to = "kafka",
        .properties = WEIR__PROPERTY_LIST,
        .rate = -1,
        .start_ms = -1,
        .time_scale = 1,
        .late_share = -1,
        .generator = click_generator_of(1),
    };
    while ((name = getopt_long(argc, argv, "b:t:X:F:h", options, NULL)) != -1) {
        if (name == 'h') {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        int result = read_option(settings, name);
        if (result != GO_ON) {
            return result;
        }
    }
    weir__property_list_end(&settings->properties);
    if (optind < argc) {
        fprintf(stderr, "weir produce: unexpected argument '%s'. `weir produce --help` explains.\n",
                argv[optind]);
        return MISUSE;
    }
    int result = check_model(settings);
    take_usual(settings);
    return result == GO_ON ? check_format(settings) : result;
}

void produce_settings_fini(struct produce_settings *settings)
{
    weir__property_list_fini(&settings->properties);
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
