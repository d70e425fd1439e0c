/* The command line of `weir viz`. */
#include "viz.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MISUSE = 2, SIZE_MAX_CELLS = 1000 };

static const char help[] =
    "Usage: weir viz [OPTIONS] TRACE          shows a recorded trace\n"
    "       weir viz [OPTIONS] -              shows a trace that comes on standard input\n"
    "       weir viz [OPTIONS] --listen PATH  waits for a job started with --trace unix:PATH\n"
    "       weir viz [OPTIONS] -- PROGRAM …   starts a program with --trace and shows it live\n"
    "\n"
    "Shows events, watermarks, windows and timers on one axis of event time; forwards, backwards\n"
    "and step by step, and says in words what happened, why, and what follows.\n"
    "\n"
    "      --plain         a line a happening instead of a screen (so without a terminal, too)\n"
    "      --record FILE   where a live trace is recorded (a new file under $TMPDIR)\n"
    "      --speed S       0.1x 0.25x 0.5x 1x 2x 5x 10x 25x 50x 100x max (1x)\n"
    "      --theme T       dark, light or mono (dark); NO_COLOR is honoured\n"
    "      --ascii         no characters beyond ASCII (so where the locale is not UTF-8, too)\n"
    "      --script KEYS   presses keys without a terminal and prints the screen at the end:\n"
    "                      '.' is itself, {UP} {ENTER} {ESC} {TAB} … by name, {20.} twenty times,\n"
    "                      {WAIT 2s} lets time pass\n"
    "      --screen        with --script: prints the screen after each key\n"
    "      --size CxR      of that screen (80x24)\n"
    "  -h, --help          this text\n"
    "\n"
    "On the screen ? lists the keys. Quitting ends a program that was started here (SIGTERM).\n"
    "\n"
    "Examples:\n"
    "  weir viz -- build/bin/page-views --duration 1m\n"
    "  weir lab --window tumbling:10s --trace lab.jsonl events.jsonl && weir viz lab.jsonl\n"
    "  weir viz --plain lab.jsonl | grep LATE\n"
    "  weir viz --script ']]]' --size 100x30 lab.jsonl\n"
    "\n"
    "Exit status: 0 success, 1 the trace could not be read or the program failed, 2 misuse.\n";

static int misuse(const char *what, const char *value)
{
    fprintf(stderr, "weir viz: %s%s%s; `weir viz --help` shows how\n", what,
            value != NULL ? ": " : "", value != NULL ? value : "");
    return MISUSE;
}

static bool read_size(const char *text, int *rows, int *columns)
{
    char *behind;
    long wide = strtol(text, &behind, 10);
    long high = *behind == 'x' ? strtol(behind + 1, &behind, 10) : 0;
    if (*behind != '\0' || wide < 1 || high < 1 || wide > SIZE_MAX_CELLS || high > SIZE_MAX_CELLS) {
        return false;
    }
    *columns = (int)wide;
    *rows = (int)high;
    return true;
}

static bool read_theme(const char *text, enum viz_theme *theme)
{
    static const char *const names[] = {"dark", "light", "mono"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            *theme = (enum viz_theme)i;
            return true;
        }
    }
    return false;
}

static const struct option long_options[] = {
    {"plain", no_argument, NULL, 'p'},
    {"ascii", no_argument, NULL, 'a'},
    {"screen", no_argument, NULL, 'S'},
    {"script", required_argument, NULL, 'k'},
    {"listen", required_argument, NULL, 'l'},
    {"record", required_argument, NULL, 'r'},
    {"speed", required_argument, NULL, 's'},
    {"theme", required_argument, NULL, 't'},
    {"size", required_argument, NULL, 'z'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int read_option(struct viz_options *options, int option)
{
    switch (option) {
    case 'p':
        options->plain = true;
        break;
    case 'a':
        options->ascii = true;
        break;
    case 'S':
        options->screen = true;
        break;
    case 'k':
        options->script = optarg;
        break;
    case 'l':
        options->listen = optarg;
        break;
    case 'r':
        options->record = optarg;
        break;
    case 's':
        options->speed = optarg;
        break;
    case 't':
        if (!read_theme(optarg, &options->theme)) {
            return misuse("--theme is dark, light or mono, not", optarg);
        }
        break;
    case 'z':
        if (!read_size(optarg, &options->rows, &options->columns)) {
            return misuse("--size is COLUMNSxROWS, such as 80x24, not", optarg);
        }
        break;
    case 'h':
        fputs(help, stdout);
        return EXIT_SUCCESS;
    default:
        return MISUSE; /* getopt has said why */
    }
    return -1;
}

/* Exactly one way of getting a trace. */
static int check_input(const struct viz_options *options)
{
    int inputs = (options->trace != NULL) + (options->listen != NULL) + (options->program != NULL);
    if (inputs == 0) {
        return misuse("what shall it show? A trace file, -, --listen PATH, or -- PROGRAM", NULL);
    }
    if (inputs > 1) {
        return misuse("a trace, --listen and -- PROGRAM exclude each other", NULL);
    }
    if (options->program != NULL && options->program[0] == NULL) {
        return misuse("there is no program behind --", NULL);
    }
    if (options->screen && options->script == NULL) {
        return misuse("--screen needs --script", NULL);
    }
    return -1;
}

int viz_options_read(struct viz_options *options, int argc, char **argv)
{
    *options = (struct viz_options){.rows = 24, .columns = 80};
    int own = argc; /* what is behind "--" is the program's */
    for (int i = 1; i < argc && own == argc; i++) {
        own = strcmp(argv[i], "--") == 0 ? i : own;
    }
    if (own < argc) {
        options->program = argv + own + 1;
    }
    optind = 1;
    int option;
    while ((option = getopt_long(own, argv, "h", long_options, NULL)) != -1) {
        int status = read_option(options, option);
        if (status >= 0) {
            return status;
        }
    }
    if (optind < own) {
        options->trace = argv[optind++];
    }
    if (optind < own) {
        return misuse("one trace at a time; do not know what to do with", argv[optind]);
    }
    return check_input(options);
}
