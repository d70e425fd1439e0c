/*
 * --help: made from what was declared, so it cannot be out of date.
 */
#include "graph/options.h"

#include <string.h>

static void print_option(const struct weir__option *option, FILE *out)
{
    char left[64];
    const char *placeholder = option->placeholder != NULL ? option->placeholder : "VALUE";
    int len = 0;
    if (option->letter != 0) {
        len = snprintf(left, sizeof(left), "-%c%s", option->letter,
                       option->name != NULL ? ", " : " ");
    } else {
        len = snprintf(left, sizeof(left), "    ");
    }
    if (option->name != NULL) {
        len += snprintf(left + len, sizeof(left) - (size_t)len, "--%.24s", option->name);
    }
    if (option->arity == WEIR__OPTION_VALUE) {
        snprintf(left + len, sizeof(left) - (size_t)len, "%s%.24s", option->name != NULL ? " " : "",
                 placeholder);
    } else if (option->arity == WEIR__OPTION_OPTIONAL) {
        snprintf(left + len, sizeof(left) - (size_t)len, "[=%.24s]", placeholder);
    }
    fprintf(out, "  %-28s %s", left, option->help != NULL ? option->help : "");
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
    fprintf(
        out,
        "\nSettings: command line, then [environment], then the --config file, then (default).\n"
        "Durations: 500ms, 10s, 5m, 1h, 7d; a bare number is milliseconds.\n");
    for (size_t i = 0; i < options->examples.count; i++) {
        fprintf(out, "%s  %s\n", i == 0 ? "\nExamples:\n" : "",
                *(const char **)weir__vec_at(&options->examples, i));
    }
}
