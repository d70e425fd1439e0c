/*
 * Plain words for ends. The sanitizers' reports are searched for what a learner needs first: what
 * happened, and where in their file.
 */
#include "explain.h"

#include "base/escape.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { QUOTED_LINES = 6, LINE_MOST = 300 };

struct phrase {
    const char *mark; /* as the report has it */
    const char *words;
};

/* The first that occurs wins, so the special comes before the general. */
static const struct phrase memory_errors[] = {
    {"heap-buffer-overflow",
     "reads or writes past the end of a piece of memory (heap-buffer-overflow)"},
    {"stack-buffer-overflow",
     "reads or writes past the end of a local variable (stack-buffer-overflow)"},
    {"global-buffer-overflow",
     "reads or writes past the end of a global variable (global-buffer-overflow)"},
    {"heap-use-after-free",
     "uses memory after it was freed (heap-use-after-free): was a borrowed value kept?"},
    {"stack-use-after",
     "uses a local variable after its function returned (stack-use-after-return)"},
    {"double-free", "frees the same memory twice (double-free)"},
    {"attempting free on address which was not malloc()-ed",
     "frees memory that malloc did not give (bad-free)"},
    {"stack-overflow", "calls itself without end (stack-overflow)"},
    {"allocation-size-too-big", "asks for far too much memory at once (allocation-size-too-big)"},
    {"SEGV on unknown address",
     "uses a null pointer or one that points nowhere (segmentation fault)"},
    {"FPE on unknown address", "divides an integer by zero (SIGFPE)"},
    {"memcpy-param-overlap", "copies between overlapping pieces of memory"},
    {"hard rss limit exhausted", "uses more than 1 GiB of memory"},
};

const char *grading_signal_name(int number, const char **meaning)
{
    static const struct {
        int number;
        const char *name;
        const char *meaning;
    } signals[] = {
        {SIGSEGV, "SIGSEGV", "segmentation fault: it used memory that is not its own"},
        {SIGBUS, "SIGBUS", "bus error: it used memory in a way that the machine refuses"},
        {SIGABRT, "SIGABRT",
         "abort was called: a failed assertion, or damage found by the C library"},
        {SIGFPE, "SIGFPE", "arithmetic error: an integer division by zero"},
        {SIGILL, "SIGILL", "illegal instruction"},
        {SIGTRAP, "SIGTRAP", "trap"},
        {SIGKILL, "SIGKILL", "killed"},
        {SIGTERM, "SIGTERM", "terminated"},
        {SIGPIPE, "SIGPIPE", "wrote where nobody reads"},
        {SIGXCPU, "SIGXCPU", "processor time used up"},
        {SIGXFSZ, "SIGXFSZ", "wrote a file of more than 1 MiB"},
    };
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        if (signals[i].number == number) {
            *meaning = signals[i].meaning;
            return signals[i].name;
        }
    }
    *meaning = "ended by a signal";
    return "a signal";
}

/* ---- finding things in a report ---- */

static const char *alarms_of(const struct grading_child *child)
{
    return child->alarms.data != NULL ? child->alarms.data : "";
}

static struct weir_str rest_of_line(const char *at)
{
    return (struct weir_str){at, (uint32_t)strcspn(at, "\n")};
}

static struct weir_str line_around(const char *begin, const char *at)
{
    while (at > begin && at[-1] != '\n') {
        at--;
    }
    return rest_of_line(at);
}

static void put_printable(struct weir__buf *text, struct weir_str line)
{
    line.len = line.len < LINE_MOST ? line.len : LINE_MOST;
    weir__buf_put_printable(text, line);
}

/*
 * The first stack frame in the learner's files: "    #1 0x55 in page_stats_add
 * exercises/3.2-page-stats/page_stats.c:41". Writes " at page_stats.c:41, in page_stats_add".
 */
static void put_place(const char *report, const char *source, struct weir__buf *text)
{
    for (const char *frame = strstr(report, "    #"); frame != NULL;
         frame = strstr(frame + 1, "    #")) {
        struct weir_str line = rest_of_line(frame);
        char function[128];
        char place[256];
        char copy[LINE_MOST];
        snprintf(copy, sizeof copy, "%.*s", WEIR_STR_ARG(line));
        if (sscanf(copy, " #%*d %*s in %127s %255[^\n]", function, place) != 2) {
            continue;
        }
        const char *file = strstr(place, source);
        if (file != NULL) {
            weir__buf_printf(text, "\n  at ");
            put_printable(text, weir_str_from(file));
            weir__buf_printf(text, ", in ");
            put_printable(text, weir_str_from(function));
            return;
        }
    }
    weir__buf_printf(
        text, "\n  (not in a line of yours: in the library, with a value that your code gave it)");
}

/* ---- one kind of end each ---- */

static bool explain_memory(const char *report, const char *source, struct weir__buf *text)
{
    const char *error = strstr(report, "AddressSanitizer");
    if (error == NULL) {
        return false;
    }
    const char *words = "breaks a rule of memory";
    for (size_t i = 0; i < sizeof memory_errors / sizeof *memory_errors; i++) {
        if (strstr(report, memory_errors[i].mark) != NULL) {
            words = memory_errors[i].words;
            break;
        }
    }
    weir__buf_printf(text, "Your code %s", words);
    put_place(error, source, text);
    weir__buf_printf(text, ".\n");
    return true;
}

/* "exercises/…/page_stats.c:41:12: runtime error: signed integer overflow: …" */
static bool explain_undefined(const char *report, const char *source, struct weir__buf *text)
{
    const char *error = strstr(report, "runtime error: ");
    if (error == NULL) {
        return false;
    }
    struct weir_str line = line_around(report, error);
    weir__buf_printf(text, "Your code does something that C leaves undefined:\n  ");
    if (line.data[0] != '/' && !weir_str_starts_with(line, source)) {
        weir__buf_printf(text, "%s", source); /* the learner's files are compiled in their folder */
    }
    put_printable(text, line);
    if (!weir_str_contains(line, source)) {
        put_place(error, source, text);
    }
    weir__buf_printf(text, ".\n");
    return true;
}

/* "SUMMARY: AddressSanitizer: 24 byte(s) leaked in 1 allocation(s)." */
static bool explain_leak(const char *report, const char *source, struct weir__buf *text)
{
    const char *fatal = strstr(report, "LeakSanitizer has encountered a fatal error");
    if (fatal != NULL) {
        weir__buf_printf(text, "The leak check cannot run here: ptrace is not allowed (a debugger, "
                               "strace, or a container "
                               "without it).\n");
        return true;
    }
    const char *error = strstr(report, "detected memory leaks");
    const char *summary = error != NULL ? strstr(error, "SUMMARY: ") : NULL;
    long bytes = 0;
    long pieces = 0;
    if (summary == NULL || sscanf(summary, "SUMMARY: %*s %ld byte(s) leaked in %ld allocation(s)",
                                  &bytes, &pieces) != 2) {
        return false;
    }
    weir__buf_printf(text,
                     "Your code leaks memory: %ld byte%s in %ld piece%s never freed, allocated",
                     bytes, bytes == 1 ? "" : "s", pieces, pieces == 1 ? "" : "s");
    put_place(error, source, text);
    weir__buf_printf(text, ".\n");
    return true;
}

/* An assertion's line, or whatever else the program said last. */
static void quote_alarms(const struct grading_child *child, struct weir__buf *text)
{
    const char *report = alarms_of(child);
    const char *assertion = strstr(report, "Assertion `");
    if (assertion != NULL) {
        weir__buf_printf(text, "  ");
        put_printable(text, line_around(report, assertion));
        weir__buf_printf(text, "\n");
        return;
    }
    for (int i = 0; i < QUOTED_LINES && *report != '\0'; i++) {
        struct weir_str line = rest_of_line(report);
        weir__buf_printf(text, "  | ");
        put_printable(text, line);
        weir__buf_printf(text, "\n");
        report += line.len + (report[line.len] == '\n');
    }
}

static void explain_signal(const struct grading_child *child, struct weir__buf *text)
{
    if (child->number == SIGXCPU || child->number == SIGKILL) {
        weir__buf_printf(text,
                         "Your code used up its processor time (%d s): does it loop for ever?\n",
                         child->config.cpu_seconds > 0 ? child->config.cpu_seconds : 5);
        return;
    }
    const char *meaning;
    const char *name = grading_signal_name(child->number, &meaning);
    weir__buf_printf(text, "Your code crashed with %s (%d): %s.\n", name, child->number, meaning);
    quote_alarms(child, text);
}

static void explain_exit(const struct grading_child *child, const char *source,
                         struct weir__buf *text)
{
    const char *report = alarms_of(child);
    bool alarmed = child->number == GRADING_ADDRESS_STATUS || child->number == GRADING_LEAK_STATUS;
    if (alarmed && (explain_leak(report, source, text) || explain_memory(report, source, text) ||
                    explain_undefined(report, source, text))) {
        return;
    }
    weir__buf_printf(
        text,
        "Your code ended the program itself, with exit status %d, in the middle of the test.\n",
        child->number);
    quote_alarms(child, text);
}

void grading_explain(const struct grading_child *child, const char *source, struct weir__buf *text)
{
    switch (child->end) {
    case GRADING_RUNNING:
        weir__buf_printf(text, "Your code wrote into the grader's own channel.\n");
        return;
    case GRADING_OVERTIME:
        weir__buf_printf(
            text,
            "Your code did not finish within %d s: does it wait for something, or loop for ever?\n",
            child->config.wall_seconds > 0 ? child->config.wall_seconds : 20);
        return;
    case GRADING_FLOODED:
        weir__buf_printf(
            text, "Your code printed more than %zu KiB: printing in a loop?\n",
            (child->config.output_bytes > 0 ? child->config.output_bytes : (size_t)1 << 20) / 1024);
        return;
    case GRADING_SIGNALLED:
        explain_signal(child, text);
        return;
    case GRADING_EXITED:
        explain_exit(child, source, text);
        return;
    }
}
