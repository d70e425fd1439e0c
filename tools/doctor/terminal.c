/*
 * The terminal that the visualizer would draw on, and the disk below the current directory.
 */
#include "doctor/doctor.h"

#include <curses.h>
#include <term.h>

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char section[] = "Terminal";

enum { DESIGN_COLUMNS = 80, DESIGN_LINES = 24, LOW_DISK_MIB = 1024 };

/* Colours of the terminal TERM names; -1 when terminfo does not know it. */
static int terminal_colours(void)
{
    int error = 0;
    if (setupterm(NULL, STDOUT_FILENO, &error) != OK) {
        return -1;
    }
    int colours = tigetnum("colors");
    del_curterm(cur_term);
    return colours > 0 ? colours : 0;
}

static void examine_term(struct report *report)
{
    const char *term = getenv("TERM");
    struct finding *finding = report_add(report, section, "TERM", FINDING_OK);
    if (term == NULL || *term == '\0' || strcmp(term, "dumb") == 0) {
        finding->state = FINDING_NOTE;
        snprintf(finding->found, sizeof finding->found, "%s: the visualizer prints plain lines",
                 term != NULL && *term != '\0' ? term : "not set");
        snprintf(finding->fix, sizeof finding->fix, "export TERM=xterm-256color");
        return;
    }
    int colours = terminal_colours();
    if (colours < 0) {
        finding->state = FINDING_NOTE;
        snprintf(finding->found, sizeof finding->found, "%.40s: not in this machine's terminfo",
                 term);
        snprintf(finding->fix, sizeof finding->fix, "export TERM=xterm-256color");
        return;
    }
    snprintf(finding->found, sizeof finding->found, "%.40s, %d colours", term, colours);
}

/* main has called setlocale. */
static void examine_encoding(struct report *report)
{
    const char *codeset = nl_langinfo(CODESET);
    struct finding *finding = report_add(report, section, "encoding", FINDING_OK);
    snprintf(finding->found, sizeof finding->found, "%s", codeset);
    if (strcmp(codeset, "UTF-8") != 0) {
        finding->state = FINDING_NOTE;
        snprintf(finding->found, sizeof finding->found, "%s: lines are drawn in ASCII", codeset);
        snprintf(finding->fix, sizeof finding->fix, "export LC_ALL=C.UTF-8");
    }
}

static void examine_size(struct report *report)
{
    struct winsize size;
    struct finding *finding = report_add(report, section, "size", FINDING_OK);
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) {
        snprintf(finding->found, sizeof finding->found, "the output is not a terminal");
        return;
    }
    snprintf(finding->found, sizeof finding->found, "%d x %d", size.ws_col, size.ws_row);
    if (size.ws_col < DESIGN_COLUMNS || size.ws_row < DESIGN_LINES) {
        finding->state = FINDING_NOTE;
        snprintf(finding->fix, sizeof finding->fix, "enlarge it to %d x %d to see every panel",
                 DESIGN_COLUMNS, DESIGN_LINES);
    }
}

static void examine_disk(struct report *report)
{
    struct statvfs disk;
    struct finding *finding = report_add(report, "Disk", "free here", FINDING_OK);
    if (statvfs(".", &disk) != 0) {
        finding->state = FINDING_NOTE;
        snprintf(finding->found, sizeof finding->found, "unknown");
        return;
    }
    unsigned long long mib = (unsigned long long)disk.f_bavail * disk.f_frsize / (1024 * 1024);
    snprintf(finding->found, sizeof finding->found, "%llu.%llu GiB", mib / 1024,
             mib % 1024 * 10 / 1024);
    if (mib < LOW_DISK_MIB) {
        finding->state = FINDING_NOTE;
        snprintf(finding->fix, sizeof finding->fix,
                 "free some space: traces, checkpoints and builds need it");
    }
}

void examine_terminal(struct report *report)
{
    examine_term(report);
    examine_encoding(report);
    examine_size(report);
    examine_disk(report);
}
