/*
 * The `weir` command: finds the sub-command and hands it the rest of the line.
 *
 *     weir COMMAND [OPTIONS]      weir help [COMMAND]      weir --help | --version
 *
 * `weir help COMMAND` is `weir COMMAND --help`. An unknown command is misuse (exit 2) and gets a
 * suggestion.
 */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The empty entry at the end ends every loop over the table. */
static const struct weir_command commands[] = {
#define WEIR_COMMAND(name, summary) {#name, summary, weir_##name##_main},
#include "commands.def"
#undef WEIR_COMMAND
    {NULL, NULL, NULL},
};

enum { MISUSE = 2, LONGEST_WORD = 32 };

static const struct weir_command *find_command(const char *name)
{
    for (const struct weir_command *c = commands; c->name != NULL; c++) {
        if (strcmp(c->name, name) == 0) {
            return c;
        }
    }
    return NULL;
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance, a row at a time; `row[j]` is the distance of the prefixes seen so far. */
static size_t edit_distance(const char *from, const char *to)
{
    size_t row[LONGEST_WORD + 1];
    size_t to_length = strlen(to);
    if (strlen(from) > LONGEST_WORD || to_length > LONGEST_WORD) {
        return LONGEST_WORD;
    }
    for (size_t j = 0; j <= to_length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; from[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= to_length; j++) {
            size_t above = row[j];
            row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (from[i - 1] != to[j - 1]));
            diagonal = above;
        }
    }
    return row[to_length];
}

/* The command that the user may have meant; NULL when none is near. */
static const struct weir_command *closest_command(const char *name)
{
    const struct weir_command *closest = NULL;
    size_t least = strlen(name) / 2 + 1;
    for (const struct weir_command *c = commands; c->name != NULL; c++) {
        size_t distance = edit_distance(name, c->name);
        if (distance < least) {
            least = distance;
            closest = c;
        }
    }
    return closest;
}

static int reject(const char *name)
{
    const struct weir_command *closest = closest_command(name);
    fprintf(stderr, "weir: '%s' is not a weir command.", name);
    if (closest != NULL) {
        fprintf(stderr, " Did you mean '%s'?", closest->name);
    }
    fputs(" `weir --help` lists them.\n", stderr);
    return MISUSE;
}

static void print_help(FILE *out)
{
    fputs("Usage: weir COMMAND [OPTIONS]\n\n"
          "Stream processing in the terminal: a broker, generators, a window laboratory and a "
          "visualizer.\n\n"
          "Commands:\n",
          out);
    for (const struct weir_command *c = commands; c->name != NULL; c++) {
        fprintf(out, "  %-10s %s\n", c->name, c->summary);
    }
    fputs("\n  -h, --help     this text; `weir help COMMAND` or `weir COMMAND --help` for a "
          "command's own\n"
          "      --version  the version\n\n"
          "Exit status: 0 success, 1 failure, 2 misuse.\n",
          out);
}

static int print_version(void)
{
    puts("weir " WEIR_VERSION);
    return EXIT_SUCCESS;
}

/* Runs the command with argv[0] = "weir <command>", so that its messages name it in full. */
static int run_command(const struct weir_command *command, int argc, char **argv)
{
    char title[sizeof "weir " + LONGEST_WORD];
    snprintf(title, sizeof title, "weir %s", command->name);
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        return print_version(); /* all commands have the one of the whole */
    }
    argv[0] = title;
    return command->run(argc, argv);
}

static int run_help(int argc, char **argv)
{
    if (argc < 3) {
        print_help(stdout);
        return EXIT_SUCCESS;
    }
    const struct weir_command *command = find_command(argv[2]);
    if (command == NULL) {
        return reject(argv[2]);
    }
    char help[] = "--help";
    char *line[] = {argv[0], help, NULL};
    return run_command(command, 2, line);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return MISUSE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_help(stdout);
        return EXIT_SUCCESS;
    }
    if (strcmp(word, "--version") == 0) {
        return print_version();
    }
    if (strcmp(word, "help") == 0) {
        return run_help(argc, argv);
    }
    const struct weir_command *command = find_command(word);
    return command != NULL ? run_command(command, argc - 1, argv + 1) : reject(word);
}
