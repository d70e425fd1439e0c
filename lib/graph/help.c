/*
 * --help: made from what was declared, so it cannot be out of date.
 */
#include "graph/options.h"

#include <string.h>

enum { COLUMN = 28, SPELLING = 96 };

/* "-b, --brokers HOST:PORT,..." */
static void spell(const struct weir__option *option, char text[SPELLING])
{
    const char *placeholder = option->placeholder != NULL ? option->placeholder : "VALUE";
    int len = 0;
    if (option->letter != 0) {
        len = snprintf(text, SPELLING, "-%c%s", option->letter, option->name != NULL ? ", " : " ");
    } else {
        len = snprintf(text, SPELLING, "    ");
    }
    if (option->name != NULL) {
        len += snprintf(text + len, SPELLING - (size_t)len, "--%.40s", option->name);
    }
    if (option->arity == WEIR__OPTION_VALUE) {
        snprintf(text + len, SPELLING - (size_t)len, "%s%.24s", option->name != NULL ? " " : "",
                 placeholder);
    } else if (option->arity == WEIR__OPTION_OPTIONAL) {
        snprintf(text + len, SPELLING - (size_t)len, "[=%.24s]", placeholder);
    }
}

/* What is longer than the column has its explanation on the next line. */
static void print_option(const struct weir__option *option, FILE *out)
{
    char text[SPELLING];
    spell(option, text);
    fprintf(out, "  %-*s%s", COLUMN, text, strlen(text) < COLUMN ? "" : "\n");
    fprintf(out, "%*s%s", strlen(text) < COLUMN ? 1 : COLUMN + 3, "",
            option->help != NULL ? option->help : "");
    if (option->fallback != NULL && option->fallback[0] != '\0') {
        fprintf(out, " (%s)", option->fallback);
    }
    if (option->variable != NULL) {
        fprintf(out, " [%s]", option->variable);
    }
    fputc('\n', out);
}

static void print_group(const struct weir__options *options, bool of_program, const char *heading,
                        FILE *out)
{
    bool any = false;
    for (size_t i = 0; i < options->declared.count; i++) {
        const struct weir__option *option = weir__vec_at(&options->declared, i);
        if (option->of_program == of_program) {
            if (!any) {
                fprintf(out, "\n%s\n", heading);
            }
            any = true;
            print_option(option, out);
        }
    }
}

void weir__options_help(const struct weir__options *options, FILE *out)
{
    fprintf(out, "Usage: %s [option]...\n", options->program);
    if (options->about != NULL) {
        fprintf(out, "%s\n", options->about);
    }
    print_group(options, true, "Options of this program:", out);
    print_group(options, false, "Options of every job:", out);
    fprintf(out, "\nSettings: command line, then [environment], then the --config file, then "
                 "(default), which the program may have set.\n"
                 "Durations: 500ms, 10s, 5m, 1h, 7d; a bare number is milliseconds.\n");
    for (size_t i = 0; i < options->examples.count; i++) {
        fprintf(out, "%s  %s\n", i == 0 ? "\nExamples:\n" : "",
                *(const char **)weir__vec_at(&options->examples, i));
    }
}
