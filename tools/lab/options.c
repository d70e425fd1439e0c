/* The laboratory's command line: flags, help, and messages that name the flag. */
#include "lab/options.h"

#include "lab/specs.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { GO_ON = -1, SUCCESS = 0, MISUSE = 2, MAX_PARALLELISM = 128 };

static const char usage[] =
    "Usage: weir lab --window WINDOW [OPTIONS] [FILE]\n\n"
    "The window laboratory: reads JSON lines (FILE or standard input), applies one keyed window\n"
    "operator, the same that a job runs, and writes its results as JSON lines.\n\n"
    "  --window WINDOW      tumbling:SIZE[,OFFSET] | sliding:SIZE,SLIDE[,OFFSET] | session:GAP |\n"
    "                       dynamic-session:FIELD (the event's gap in ms) | global\n"
    "  --domain DOMAIN      event (default) | processing\n"
    "  --trigger TRIGGER    event-time | processing-time | count:N | "
    "continuous-event-time:INTERVAL |\n"
    "                       continuous-processing-time:INTERVAL | delta:THRESHOLD | end-of-stream "
    "|\n"
    "                       never | purging:TRIGGER      (default: the window's own);\n"
    "                       event-time and processing-time: for windows that end, not global\n"
    "  --evictor EVICTOR    count:N | time:DURATION | delta:THRESHOLD, each also with \",after\"\n"
    "  --allowed-lateness D keep windows this much longer (0)\n"
    "  --late-output        write late events instead of counting them\n"
    "  --aggregate NAME     count (default) | sum | min | max | avg | distinct | first | last |\n"
    "                       list | each\n"
    "  --watermark W        manual (default: from the input) | bounded:DURATION | monotonous;\n"
    "                       the latter two emit after every event\n"
    "  --emit-watermarks    write watermarks too, after the results that they caused\n"
    "  --no-final-watermark the end of input fires nothing\n"
    "  --key FIELD          string or number (key)\n"
    "  --value FIELD        any JSON; a number for sum, min, max, avg and deltas (value)\n"
    "  --time FIELD         epoch ms, an integer (ts)\n"
    "  --parallelism N      subtasks, 1 to 128 (1); the output does not depend on it, but for the\n"
    "                       order of what belongs to the same time\n"
    "  --state BACKEND      heap (default) | rocksdb: where state lives; the output is the same\n"
    "  --path PATH          auto (default) | slices | general: how windows are computed\n"
    "  --summary FILE       the closing summary as JSON into FILE instead of text on stderr; - is\n"
    "                       standard output\n"
    "  --trace FILE         what happened inside, for `weir viz`; - is standard output\n"
    "  --strict             exit 1 when an event was rejected\n"
    "  -h, --help           this text\n\n"
    "DURATION: milliseconds, or with a unit: 500ms, 10s, 5m, 1h, 7d.\n\n"
    "Input: {\"key\":\"a\",\"value\":3,\"ts\":1000}, and commands: {\"@watermark\":N},\n"
    "{\"@processing_time\":N} sets the clock, {\"@snapshot_restore\":true}, {\"@idle\":true},\n"
    "{\"@mark\":\"text\"} is copied to the output.\n"
    "Delta is new value - old value. A sum of integers beyond 64 bits stops at the largest one.\n"
    "A line that is no event (no JSON, a field missing or of another type) is rejected before it\n"
    "moves a watermark. An event that the window rejects (a gap of 0 or less) has moved it:\n"
    "watermarks are made in front of the window.\n\n"
    "Exit status: 0 done, 1 failed (with --strict: an event was rejected), 2 misuse.\n\n"
    "Examples:\n"
    "  printf '%s\\n' '{\"key\":\"a\",\"value\":5,\"ts\":1000}' '{\"@watermark\":2999}' |\n"
    "      weir lab --window tumbling:3s --aggregate sum --emit-watermarks\n"
    "  weir lab --window session:30m --watermark bounded:10s --key userId --time timestamp "
    "clicks.jsonl\n";

enum flag {
    FLAG_WINDOW = 256,
    FLAG_DOMAIN,
    FLAG_TRIGGER,
    FLAG_EVICTOR,
    FLAG_LATENESS,
    FLAG_LATE_OUTPUT,
    FLAG_AGGREGATE,
    FLAG_WATERMARK,
    FLAG_EMIT_WATERMARKS,
    FLAG_NO_FINAL,
    FLAG_KEY,
    FLAG_VALUE,
    FLAG_TIME,
    FLAG_PARALLELISM,
    FLAG_STATE,
    FLAG_PATH,
    FLAG_SUMMARY,
    FLAG_TRACE,
    FLAG_STRICT,
};

static const struct option flags[] = {
    {"window", required_argument, NULL, FLAG_WINDOW},
    {"domain", required_argument, NULL, FLAG_DOMAIN},
    {"trigger", required_argument, NULL, FLAG_TRIGGER},
    {"evictor", required_argument, NULL, FLAG_EVICTOR},
    {"allowed-lateness", required_argument, NULL, FLAG_LATENESS},
    {"late-output", no_argument, NULL, FLAG_LATE_OUTPUT},
    {"aggregate", required_argument, NULL, FLAG_AGGREGATE},
    {"watermark", required_argument, NULL, FLAG_WATERMARK},
    {"emit-watermarks", no_argument, NULL, FLAG_EMIT_WATERMARKS},
    {"no-final-watermark", no_argument, NULL, FLAG_NO_FINAL},
    {"key", required_argument, NULL, FLAG_KEY},
    {"value", required_argument, NULL, FLAG_VALUE},
    {"time", required_argument, NULL, FLAG_TIME},
    {"parallelism", required_argument, NULL, FLAG_PARALLELISM},
    {"state", required_argument, NULL, FLAG_STATE},
    {"path", required_argument, NULL, FLAG_PATH},
    {"summary", required_argument, NULL, FLAG_SUMMARY},
    {"trace", required_argument, NULL, FLAG_TRACE},
    {"strict", no_argument, NULL, FLAG_STRICT},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char *flag_name(int flag)
{
    for (const struct option *option = flags; option->name != NULL; option++) {
        if (option->val == flag) {
            return option->name;
        }
    }
    return "";
}

static int misuse(const char *text)
{
    fprintf(stderr, "weir lab: %s. See `weir lab --help`.\n", text);
    return MISUSE;
}

/* One of two words. */
static bool read_choice(const char *text, const char *no, const char *yes, bool *chosen,
                        struct weir_error *error)
{
    *chosen = strcmp(text, yes) == 0;
    if (*chosen || strcmp(text, no) == 0) {
        return true;
    }
    weir_error_set(error, WEIR_INVALID, NULL, "expected %s or %s, got \"%.40s\"", no, yes, text);
    return false;
}

static bool read_path(const char *text, enum weir_window_path *path, struct weir_error *error)
{
    bool general;
    *path = WEIR_PATH_AUTO;
    if (strcmp(text, "auto") == 0) {
        return true;
    }
    if (!read_choice(text, "slices", "general", &general, NULL)) {
        weir_error_set(error, WEIR_INVALID, NULL, "expected auto, slices or general, got \"%.40s\"",
                       text);
        return false;
    }
    *path = general ? WEIR_PATH_GENERAL : WEIR_PATH_SLICES;
    return true;
}

static bool read_lateness(const char *text, int64_t *ms, struct weir_error *error)
{
    if (weir_duration_parse(text, ms, error) != WEIR_OK) {
        return false;
    }
    if (*ms < 0) {
        weir_error_set(error, WEIR_INVALID, NULL, "expected 0 or more, got \"%.40s\"", text);
    }
    return *ms >= 0;
}

static bool read_parallelism(const char *text, int *parallelism, struct weir_error *error)
{
    int64_t read = 0;
    bool valid = lab_read_integer(text, 1, MAX_PARALLELISM, &read, error);
    *parallelism = (int)read;
    return valid;
}

/* Takes one flag; false with *error when its argument is not right. */
static bool take_flag(struct lab_options *options, int flag, const char *argument,
                      struct weir_error *error)
{
    switch ((enum flag)flag) {
    case FLAG_WINDOW:
        options->window_text = argument;
        return lab_read_window(argument, options, error);
    case FLAG_DOMAIN:
        return read_choice(argument, "event", "processing", &options->processing_time, error);
    case FLAG_TRIGGER:
        options->trigger_text = argument;
        options->trigger = (struct weir_trigger){0};
        return lab_read_trigger(argument, &options->trigger, error);
    case FLAG_EVICTOR:
        options->evictor_text = argument;
        options->evictor = (struct weir_evictor){0};
        return lab_read_evictor(argument, &options->evictor, error);
    case FLAG_LATENESS:
        return read_lateness(argument, &options->allowed_lateness_ms, error);
    case FLAG_LATE_OUTPUT:
        options->late_output = true;
        return true;
    case FLAG_AGGREGATE:
        return lab_read_aggregate(argument, &options->aggregate, error);
    case FLAG_WATERMARK:
        return lab_read_watermark(argument, options, error);
    case FLAG_EMIT_WATERMARKS:
        options->emit_watermarks = true;
        return true;
    case FLAG_NO_FINAL:
        options->final_watermark = false;
        return true;
    case FLAG_KEY:
        options->key = argument;
        return true;
    case FLAG_VALUE:
        options->value = argument;
        return true;
    case FLAG_TIME:
        options->time = argument;
        return true;
    case FLAG_PARALLELISM:
        return read_parallelism(argument, &options->parallelism, error);
    case FLAG_STATE:
        return read_choice(argument, "heap", "rocksdb", &options->rocksdb, error);
    case FLAG_PATH:
        return read_path(argument, &options->path, error);
    case FLAG_SUMMARY:
        options->summary = argument;
        return true;
    case FLAG_TRACE:
        options->trace = argument;
        return true;
    case FLAG_STRICT:
        options->strict = true;
        return true;
    }
    return false;
}

static int read_flags(struct lab_options *options, int argc, char **argv)
{
    int flag;
    optind = 1;
    opterr = 1;
    while ((flag = getopt_long(argc, argv, "h", flags, NULL)) != -1) {
        if (flag == 'h') {
            fputs(usage, stdout);
            return SUCCESS;
        }
        if (flag == '?') {
            fputs("See `weir lab --help`.\n", stderr); /* getopt has said what is wrong */
            return MISUSE;
        }
        struct weir_error error = {0};
        if (!take_flag(options, flag, optarg, &error)) {
            fprintf(stderr, "weir lab: --%s: %s. See `weir lab --help`.\n", flag_name(flag),
                    error.message);
            return MISUSE;
        }
    }
    return GO_ON;
}

int lab_options_read(struct lab_options *options, int argc, char **argv)
{
    *options = (struct lab_options){
        .final_watermark = true, .parallelism = 1, .key = "key", .value = "value", .time = "ts"};
    int status = read_flags(options, argc, argv);
    if (status != GO_ON) {
        return status;
    }
    if (options->window_text == NULL) {
        return misuse("--window is missing");
    }
    if (argc - optind > 1) {
        return misuse("expected one FILE at most");
    }
    if (optind < argc && strcmp(argv[optind], "-") != 0) {
        options->input = argv[optind];
    }
    options->assigner.processing_time = options->processing_time;
    return GO_ON;
}
