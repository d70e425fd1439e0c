/*
 * Options: what was said on the command line, in the environment and in a file, and what the
 * program asked for.
 *
 * An option is declared by asking for it, in any order; what nobody asked for is refused at the
 * end, with the closest name. Forms: --name value, --name=value, -n value, -nvalue; a flag stands
 * alone. The last of several wins. Values are borrowed from argv, the environment and the file's
 * text: they live as long as the options.
 */
#ifndef WEIR__GRAPH_OPTIONS_H
#define WEIR__GRAPH_OPTIONS_H

#include "base/vec.h"

#include <weir/status.h>

#include <stddef.h>
#include <stdio.h>

enum weir__option_arity {
    WEIR__OPTION_FLAG,     /* --name */
    WEIR__OPTION_VALUE,    /* --name value */
    WEIR__OPTION_OPTIONAL, /* --name or --name=value */
};

struct weir__option {
    const char *name; /* without dashes; NULL: only a letter */
    char letter;      /* 0: none */
    enum weir__option_arity arity;
    const char *placeholder; /* "N", "D", "FILE": for the help */
    const char *help;
    const char *fallback; /* the default as text, or NULL */
    const char *variable; /* of the environment, or NULL */
    bool of_program;      /* else of every job */
};

/* A value that was given, and where, for messages: "--size", "WEIR_PARALLELISM", "app.conf:3". */
struct weir__option_value {
    const char *text;
    char where[96];
};

/* A line of the --config file. */
struct weir__option_line {
    const char *key;
    const char *value;
    int number;
    bool used;
};

struct weir__options {
    const char *program; /* for messages; borrowed */
    int argc;
    char **argv;
    size_t
        *owner; /* of argv[i]: the declared option that understood it, counted from 1; 0: nobody */
    struct weir__vec declared; /* of struct weir__option */
    struct weir__vec file;     /* of struct weir__option_line */
    const char *file_name;
    struct weir__vec texts; /* of char *, owned: copies for the help, the file's text */
    const char *about;
    struct weir__vec examples; /* of const char *, kept in texts */
    struct weir_error error;   /* the first mistake */
};

void weir__options_init(struct weir__options *options, const char *program, int argc, char **argv);
void weir__options_fini(struct weir__options *options);

/*
 * Declares an option and finds its value. False when it was not given: use the default. A bare
 * OPTIONAL gives text "".
 */
bool weir__options_get(struct weir__options *options, const struct weir__option *option,
                       struct weir__option_value *value);
/* The program sets a declared option itself, where the user does not: that is the default which the
 * help shows. */
void weir__options_default(struct weir__options *options, const char *name, const char *text);
/*
 * The next value of a declared option that may be repeated, from the command line only; *at
 * starts at 0. NULL: no more.
 */
const char *weir__options_next(struct weir__options *options, const struct weir__option *option,
                               int *at);
/* Reads the lines key=value of a file; # begins a comment line. */
void weir__options_load(struct weir__options *options, const char *path);
/* The same for the value of another option: *properties is initialised here, of struct
 * weir__property; what they point to lives as long as the options. */
void weir__options_read_properties(struct weir__options *options, const char *option,
                                   const char *path, struct weir__vec *properties);
/*
 * The lines whose key has a dot, which are Kafka client properties; *at starts at 0. NULL: no
 * more.
 */
const struct weir__option_line *weir__options_next_property(struct weir__options *options,
                                                            size_t *at);

/* Keeps a mistake unless there is one already. */
void weir__options_mistake(struct weir__options *options, const char *format, ...)
    WEIR_PRINTF(2, 3);
/* Finds what nobody asked for. */
void weir__options_check(struct weir__options *options);
void weir__options_help(const struct weir__options *options, FILE *out);
/* A copy that lives as long as the options. NULL gives NULL. */
const char *weir__options_keep(struct weir__options *options, const char *text);

#endif
