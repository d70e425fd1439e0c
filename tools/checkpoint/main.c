/*
 * `weir checkpoint`: what lies in a directory of checkpoints, and whether it is whole.
 */
#include "base/escape.h"
#include "checkpoint/findings.h"
#include "commands.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAILURE = 1, MISUSE = 2 };

static const char usage[] =
    "Usage: weir checkpoint list|show|verify [--json] DIR\n\n"
    "Looks at the checkpoints and savepoints of a job. DIR is the job's --checkpoint-dir, or one "
    "of those in it.\n"
    "Every byte is read and compared with its checksum; nothing is changed.\n\n"
    "  list      a line each: id, kind, time, operators, bytes, state (ok or damaged)\n"
    "  show      one in full, the newest of DIR: the job, and the state of every subtask\n"
    "  verify    is everything whole? What is damaged is said, with the file and what is wrong "
    "with it\n\n"
    "      --json    the same as one JSON object\n"
    "  -h, --help    this text\n\n"
    "A damaged one is never used. The job starts from an older one with --from DIR/chk-N.\n\n"
    "Exit status: 0 success, 1 damaged (verify, show) or nothing found, 2 misuse.\n\n"
    "Examples:\n"
    "  weir checkpoint list /tmp/page-views\n"
    "  weir checkpoint show /tmp/page-views/chk-42\n"
    "  weir checkpoint verify /tmp/page-views && echo all is well\n";

static const struct option options[] = {
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

enum action { LIST, SHOW, VERIFY, UNKNOWN };

static enum action read_action(const char *word)
{
    static const char *const words[] = {[LIST] = "list", [SHOW] = "show", [VERIFY] = "verify"};
    for (int action = LIST; action < UNKNOWN; action++) {
        if (strcmp(word, words[action]) == 0) {
            return (enum action)action;
        }
    }
    return UNKNOWN;
}

/* On stderr, one line each. True: there are some. */
static bool print_damages(const struct weir__vec *findings)
{
    bool damaged = false;
    for (size_t i = 0; i < findings->count; i++) {
        const struct weir_error *damage = &finding_at(findings, i)->damage;
        if (damage->code != WEIR_OK) {
            char message[sizeof(damage->message)];
            weir__printable(weir_str_from(damage->message), message, sizeof(message));
            fprintf(stderr, "weir checkpoint: %s: %s\n", damage->where, message);
            damaged = true;
        }
    }
    return damaged;
}

static void print(enum action action, bool json, const struct weir__vec *findings)
{
    switch (action) {
    case LIST:
        (json ? print_list_json : print_list)(findings);
        break;
    case SHOW:
        (json ? print_details_json : print_details)(finding_at(findings, 0));
        break;
    case VERIFY:
        (json ? print_list_json : print_verdicts)(findings);
        break;
    case UNKNOWN:
        break;
    }
    fflush(stdout);
}

static int run(enum action action, bool json, const char *directory)
{
    struct weir__vec findings;
    struct weir_error error = {0};
    if (findings_look(directory, action == SHOW, &findings, &error) != WEIR_OK) {
        fprintf(stderr, "weir checkpoint: %s: %s\n", error.where, error.message);
        findings_fini(&findings);
        return FAILURE;
    }
    print(action, json, &findings);
    bool damaged = print_damages(&findings);
    findings_fini(&findings);
    return (damaged && action != LIST) || ferror(stdout) ? FAILURE : EXIT_SUCCESS;
}

int weir_checkpoint_main(int argc, char **argv)
{
    bool json = false;
    int letter;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (letter) {
        case 'h':
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        case 'j':
            json = true;
            break;
        default:
            fprintf(stderr, "`weir checkpoint --help` lists the options.\n");
            return MISUSE;
        }
    }
    enum action action = optind < argc ? read_action(argv[optind]) : UNKNOWN;
    if (action == UNKNOWN || argc - optind != 2) {
        fprintf(stderr, "weir checkpoint: expected list, show or verify, and one directory. `weir "
                        "checkpoint --help` explains.\n");
        return MISUSE;
    }
    return run(action, json, argv[optind + 1]);
}
