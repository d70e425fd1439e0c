/*
 * `weir lab`: the window laboratory. Reads lines, hands them to the pipeline, and sums up.
 */
#include "commands.h"
#include "connector/line_reader.h"
#include "lab/pipeline.h"
#include "metrics/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { GO_ON = -1, SUCCESS = 0, FAILURE = 1, MISUSE = 2 };

struct lab {
    struct lab_options options;
    struct lab_output output;
    struct lab_pipeline pipeline;
    struct lab_line_reader parser;
    struct weir__line_reader reader;
    int64_t line_number;
    int64_t events; /* lines that are no commands */
    int64_t rejected;
};

static void reject(struct lab *lab, const char *reason)
{
    lab->rejected++;
    fflush(stdout); /* on a terminal the message stands where it belongs */
    fprintf(stderr, "weir lab: line %lld: %s\n", (long long)lab->line_number, reason);
}

static void take_event(struct lab *lab, const struct lab_line *line)
{
    const char *why;
    lab->events++;
    if (!lab_pipeline_event(&lab->pipeline, &line->event, line->timestamp, &why)) {
        reject(lab, why);
    }
}

static void take_line(struct lab *lab, struct weir_str text)
{
    struct lab_line line;
    lab_read_line(&lab->parser, text, &line);
    switch (line.kind) {
    case LAB_EVENT:
        take_event(lab, &line);
        break;
    case LAB_SET_WATERMARK:
        lab_pipeline_watermark(&lab->pipeline, line.number);
        break;
    case LAB_SET_TIME:
        lab_pipeline_set_time(&lab->pipeline, line.number);
        break;
    case LAB_SNAPSHOT_RESTORE:
        lab_pipeline_snapshot_restore(&lab->pipeline);
        break;
    case LAB_IDLE:
        lab_pipeline_idle(&lab->pipeline, line.flag);
        break;
    case LAB_MARK:
        lab_write_mark(&lab->output, line.text);
        break;
    case LAB_NOTHING:
        break;
    case LAB_REJECTED:
        lab->events++;
        reject(lab, line.reason);
        break;
    }
}

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "weir lab: %s: %s\n", what, why);
    return FAILURE;
}

/* Nothing to read for now: what is written should be seen. */
static void wait_for_input(const struct lab *lab)
{
    fflush(stdout);
    struct pollfd input = {.fd = lab->reader.fd, .events = POLLIN};
    poll(&input, 1, -1);
}

/* Editors of some systems begin a file with a byte order mark. RFC 8259, section 8.1, lets readers
 * of JSON ignore it; anywhere else it is an error as before. */
static struct weir_str without_mark(struct weir_str first)
{
    const struct weir_str mark = WEIR_STR("\xef\xbb\xbf");
    if (first.len >= mark.len && memcmp(first.data, mark.data, mark.len) == 0) {
        first.data += mark.len;
        first.len -= mark.len;
    }
    return first;
}

static int read_all(struct lab *lab)
{
    for (;;) {
        struct weir_str text;
        switch (weir__line_reader_next(&lab->reader, &text)) {
        case WEIR__LINE:
            lab->line_number++;
            take_line(lab, lab->line_number == 1 ? without_mark(text) : text);
            break;
        case WEIR__LINE_TOO_LONG:
            lab->line_number++;
            lab->events++;
            reject(lab, "expected a line of at most 1 MiB");
            break;
        case WEIR__LINE_WAIT:
            wait_for_input(lab);
            break;
        case WEIR__LINE_END:
            return SUCCESS;
        case WEIR__LINE_FAILED:
            return fail(lab->options.input != NULL ? lab->options.input : "standard input",
                        strerror(errno));
        }
        const struct weir_error *error = lab_pipeline_error(&lab->pipeline);
        if (error->code != WEIR_OK) {
            return fail(error->where, error->message);
        }
    }
}

/* ---- the summary ---- */

/* How things stand when the input has ended; taken before the final watermark, told after it. */
struct summary {
    long long in, out, late_dropped, late_output, rejected;
    long long windows, event_timers, processing_timers;
};

static struct summary sum_up(const struct lab *lab)
{
    struct weir_harness_state state = lab_pipeline_state(&lab->pipeline);
    return (struct summary){
        .in = lab->events,
        .out = lab->output.results,
        .late_dropped = lab_pipeline_metric(&lab->pipeline, WEIR__LATE_DROPPED),
        .late_output = lab->output.late,
        .rejected = lab->rejected,
        .windows = state.windows,
        .event_timers = state.event_timers,
        .processing_timers = state.processing_timers,
    };
}

static void print_summary(const struct summary *sum, FILE *file, const char *format)
{
    fprintf(file, format, sum->in, sum->out, sum->late_dropped, sum->late_output, sum->rejected,
            sum->windows, sum->event_timers, sum->processing_timers);
}

static int write_summary(const char *path, const struct summary *sum)
{
    if (path == NULL) {
        fflush(stdout);
        print_summary(
            sum, stderr,
            "weir lab: at the end of the input: %lld in, %lld out, %lld late and dropped, "
            "%lld late to output, %lld rejected; open: %lld windows, %lld event timers, "
            "%lld processing timers\n");
        return SUCCESS;
    }
    bool to_stdout = strcmp(path, "-") == 0;
    FILE *file = to_stdout ? stdout : fopen(path, "w");
    if (file == NULL) {
        return fail(path, strerror(errno));
    }
    print_summary(sum, file,
                  "{\"in\":%lld,\"out\":%lld,\"late_dropped\":%lld,\"late_output\":%lld,"
                  "\"rejected\":%lld,\"open_windows\":%lld,\"event_timers\":%lld,"
                  "\"processing_timers\":%lld}\n");
    return to_stdout || fclose(file) == 0 ? SUCCESS : fail(path, strerror(errno));
}

/* ---- the whole ---- */

static int run(struct lab *lab)
{
    int status = read_all(lab);
    const struct summary sum = sum_up(lab);
    if (status == SUCCESS && lab->options.final_watermark) {
        lab_pipeline_watermark(&lab->pipeline, WEIR_TIME_MAX);
        const struct weir_error *error = lab_pipeline_error(&lab->pipeline);
        status = error->code == WEIR_OK ? SUCCESS : fail(error->where, error->message);
    }
    if (status == SUCCESS) {
        status = write_summary(lab->options.summary, &sum);
    }
    if (fflush(stdout) != 0) {
        status = fail("standard output", strerror(errno));
    }
    return status == SUCCESS && lab->options.strict && lab->rejected > 0 ? FAILURE : status;
}

static int open_input(const struct lab_options *options)
{
    return options->input == NULL ? STDIN_FILENO : open(options->input, O_RDONLY | O_CLOEXEC);
}

/* Says which flags were given together, and why they cannot be. */
static int refuse_window(const struct lab_options *options, const struct weir_error *error)
{
    fprintf(stderr, "weir lab: --window %s", options->window_text);
    if (options->trigger_text != NULL) {
        fprintf(stderr, " --trigger %s", options->trigger_text);
    }
    if (options->evictor_text != NULL) {
        fprintf(stderr, " --evictor %s", options->evictor_text);
    }
    if (options->path == WEIR_PATH_SLICES) {
        fputs(" --path slices", stderr);
    }
    fprintf(stderr, ": %s%s\n", error->code == WEIR_UNSUPPORTED ? "not yet: " : "", error->message);
    return MISUSE;
}

static int refuse(const struct lab_options *options, const struct weir_error *error)
{
    if (error->code == WEIR_IO) {
        return fail(error->where, error->message);
    }
    if (error->code == WEIR_UNSUPPORTED && options->rocksdb) {
        fprintf(stderr, "weir lab: --state rocksdb: %s\n", error->message);
        return MISUSE;
    }
    return refuse_window(options, error);
}

int weir_lab_main(int argc, char **argv)
{
    struct lab lab = {0};
    int status = lab_options_read(&lab.options, argc, argv);
    if (status != GO_ON) {
        return status;
    }
    int input = open_input(&lab.options);
    if (input < 0) {
        return fail(lab.options.input, strerror(errno));
    }
    if (lab.options.rocksdb && lab.options.path == WEIR_PATH_SLICES) {
        fputs("weir lab: slices live in memory; with --state rocksdb windows take the general path "
              "where they do not fit, which gives the same\n",
              stderr);
    }
    lab.parser.options = &lab.options;
    lab.output.no_time =
        lab.options.processing_time && lab.options.assigner.kind == WEIR_ASSIGN_GLOBAL;
    weir__line_reader_init(&lab.reader, input);

    struct weir_error error = {0};
    if (lab_pipeline_open(&lab.pipeline, &lab.options, &lab.output, &error) != WEIR_OK) {
        status = refuse(&lab.options, &error);
    } else {
        status = run(&lab);
    }
    lab_pipeline_close(&lab.pipeline);
    weir__line_reader_fini(&lab.reader);
    lab_line_reader_fini(&lab.parser);
    weir__buf_fini(&lab.output.line);
    return status;
}
