/*
 * Options: finding the value of a declared option, and what nobody declared.
 */
#include "graph/options.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void weir__options_init(struct weir__options *options, const char *program, int argc, char **argv)
{
    *options = (struct weir__options){
        .program = program,
        .argc = argv != NULL ? argc : 0,
        .argv = argv,
        .declared = WEIR__VEC_OF(struct weir__option),
        .file = WEIR__VEC_OF(struct weir__option_line),
        .texts = WEIR__VEC_OF(char *),
        .examples = WEIR__VEC_OF(const char *),
    };
    options->owner = weir__calloc((size_t)options->argc + 1, sizeof(size_t));
}

void weir__options_fini(struct weir__options *options)
{
    for (size_t i = 0; i < options->texts.count; i++) {
        weir__free(*(char **)weir__vec_at(&options->texts, i));
    }
    weir__vec_fini(&options->texts);
    weir__vec_fini(&options->examples);
    weir__vec_fini(&options->declared);
    weir__vec_fini(&options->file);
    weir__free(options->owner);
}

const char *weir__options_keep(struct weir__options *options, const char *text)
{
    char *copy = weir__strdup(text);
    if (copy != NULL) {
        weir__vec_push(&options->texts, &copy);
    }
    return copy;
}

void weir__options_mistake(struct weir__options *options, const char *format, ...)
{
    if (options->error.code != WEIR_OK) {
        return;
    }
    char text[sizeof(options->error.message)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    weir_error_set(&options->error, WEIR_INVALID, NULL, "%s", text);
}

/* The option's place among the declared ones, counted from 1. */
static size_t declare(struct weir__options *options, const struct weir__option *option)
{
    for (size_t i = 0; i < options->declared.count; i++) {
        const struct weir__option *other = weir__vec_at(&options->declared, i);
        bool same_name =
            option->name != NULL && other->name != NULL && strcmp(option->name, other->name) == 0;
        if (same_name || (option->name == NULL && option->letter == other->letter)) {
            return i + 1;
        }
    }
    struct weir__option *kept = weir__vec_add(&options->declared);
    *kept = *option;
    kept->name = weir__options_keep(options, option->name);
    kept->help = weir__options_keep(options, option->help);
    kept->fallback = weir__options_keep(options, option->fallback);
    return options->declared.count;
}

void weir__options_default(struct weir__options *options, const char *name, const char *text)
{
    for (size_t i = 0; i < options->declared.count; i++) {
        struct weir__option *option = weir__vec_at(&options->declared, i);
        if (option->name != NULL && strcmp(option->name, name) == 0) {
            option->fallback = weir__options_keep(options, text);
        }
    }
}

/*
 * Looks at argv[i]: is it this option, and what is its value? Claims the arguments it understood.
 * NULL: another one. `*last` becomes the last argument that belongs to it.
 */
static const char *match(struct weir__options *options, const struct weir__option *option,
                         size_t owner, int i, int *last)
{
    const char *arg = options->argv[i];
    const char *value = NULL;
    size_t len = option->name != NULL ? strlen(option->name) : 0;
    if (len > 0 && strncmp(arg, "--", 2) == 0 && strncmp(arg + 2, option->name, len) == 0) {
        value = arg[2 + len] == '=' ? arg + 3 + len : arg[2 + len] == '\0' ? arg + 2 + len : NULL;
    } else if (option->letter != 0 && arg[0] == '-' && arg[1] == option->letter) {
        value = arg[2] == '\0' || option->arity == WEIR__OPTION_VALUE ? arg + 2 : NULL;
    }
    if (value == NULL) {
        return NULL;
    }
    *last = i;
    options->owner[i] = owner;
    bool attached = value[0] != '\0' || value[-1] == '=';
    if (attached || option->arity != WEIR__OPTION_VALUE) {
        return value;
    }
    if (i + 1 >= options->argc || (options->owner[i + 1] != 0 && options->owner[i + 1] != owner)) {
        weir__options_mistake(options, "option %s needs a value: %s %s", arg, arg,
                              option->placeholder != NULL ? option->placeholder : "VALUE");
        return NULL;
    }
    *last = i + 1;
    options->owner[i + 1] = owner;
    return options->argv[i + 1];
}

static const char *next_argument(struct weir__options *options, const struct weir__option *option,
                                 size_t owner, int *at, char where[96])
{
    for (int i = *at > 0 ? *at : 1; i < options->argc; i++) {
        if (options->owner[i] != 0 && options->owner[i] != owner) {
            continue;
        }
        int last = i;
        const char *value = match(options, option, owner, i, &last);
        if (value != NULL) {
            snprintf(where, 96, "%.*s", (int)strcspn(options->argv[i], "="), options->argv[i]);
            *at = last + 1;
            return value;
        }
    }
    *at = options->argc;
    return NULL;
}

static const char *in_file(struct weir__options *options, const char *name, char where[96])
{
    const char *value = NULL;
    for (size_t i = 0; name != NULL && i < options->file.count; i++) {
        struct weir__option_line *line = weir__vec_at(&options->file, i);
        if (strcmp(line->key, name) == 0) {
            line->used = true;
            value = line->value;
            snprintf(where, 96, "%.80s:%d", options->file_name, line->number);
        }
    }
    return value;
}

bool weir__options_get(struct weir__options *options, const struct weir__option *option,
                       struct weir__option_value *value)
{
    size_t owner = declare(options, option);
    const char *found = NULL;
    const char *given = NULL;
    for (int at = 0; (found = next_argument(options, option, owner, &at, value->where)) != NULL;) {
        given = found;
    }
    /*
     * The file is searched even when the command line wins, so that its line counts as
     * understood.
     */
    char where[96] = "";
    const char *filed = in_file(options, option->name, where);
    const char *variable = option->variable != NULL ? getenv(option->variable) : NULL;
    if (given == NULL && variable != NULL && variable[0] != '\0') {
        given = variable;
        snprintf(value->where, sizeof(value->where), "%s", option->variable);
    }
    if (given == NULL && filed != NULL) {
        given = filed;
        memcpy(value->where, where, sizeof(where));
    }
    value->text = given;
    return given != NULL;
}

const char *weir__options_next(struct weir__options *options, const struct weir__option *option,
                               int *at)
{
    char where[96];
    return next_argument(options, option, declare(options, option), at, where);
}

/* ---- what nobody asked for ---- */

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Levenshtein's distance, of texts of at most 63 bytes; longer ones are far from everything. */
static size_t distance(const char *a, size_t a_len, const char *b)
{
    size_t row[64];
    size_t b_len = strlen(b);
    if (a_len > 63 || b_len > 63) {
        return 64;
    }
    for (size_t j = 0; j <= b_len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t above = row[j];
            row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_len];
}

/* The declared name that is most like it; NULL when none is. */
static const char *closest(const struct weir__options *options, const char *name, size_t len)
{
    const char *best = NULL;
    size_t limit = len / 3 > 2 ? len / 3 : 2;
    for (size_t i = 0; i < options->declared.count; i++) {
        const struct weir__option *option = weir__vec_at(&options->declared, i);
        size_t d = option->name != NULL ? distance(name, len, option->name) : 64;
        if (d <= limit && d < len) {
            limit = d > 0 ? d - 1 : 0;
            best = option->name;
        }
    }
    return best;
}

static void refuse_argument(struct weir__options *options, const char *arg)
{
    if (arg[0] != '-' || arg[1] == '\0') {
        weir__options_mistake(options, "unexpected argument \"%.80s\" (--help lists the options)",
                              arg);
        return;
    }
    size_t dashes = arg[1] == '-' ? 2 : 1;
    size_t len = strcspn(arg + dashes, "=");
    const char *like = closest(options, arg + dashes, len);
    if (like != NULL) {
        weir__options_mistake(options, "unknown option %.*s; did you mean --%s? (--help lists all)",
                              (int)(dashes + len), arg, like);
    } else {
        weir__options_mistake(options, "unknown option %.*s (--help lists all)",
                              (int)(dashes + len), arg);
    }
}

void weir__options_check(struct weir__options *options)
{
    for (int i = 1; i < options->argc; i++) {
        if (options->owner[i] == 0) {
            refuse_argument(options, options->argv[i]);
        }
    }
    for (size_t i = 0; i < options->file.count; i++) {
        const struct weir__option_line *line = weir__vec_at(&options->file, i);
        if (!line->used) {
            const char *like = closest(options, line->key, strlen(line->key));
            weir__options_mistake(options, "%s:%d: unknown setting \"%.80s\"%s%s%s",
                                  options->file_name, line->number, line->key,
                                  like != NULL ? "; did you mean " : "", like != NULL ? like : "",
                                  like != NULL ? "?" : "");
        }
    }
}
