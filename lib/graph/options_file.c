/*
 * The --config file: lines key=value, as librdkafka's tools read them. Empty lines and lines that
 * begin with # are skipped.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "graph/options.h"

#include <errno.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 20 }; /* bytes */

/* The whole file as a string, or NULL with a mistake. */
static char *read_text(struct weir__options *options, const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        weir__options_mistake(options, "--config: cannot open %.200s: %s", path, strerror(errno));
        return NULL;
    }
    char *text = weir__alloc(FILE_LIMIT + 1);
    size_t len = fread(text, 1, FILE_LIMIT + 1, file);
    if (ferror(file) || len > FILE_LIMIT) {
        weir__options_mistake(options, "--config: cannot read %.200s: %s", path,
                              len > FILE_LIMIT ? "it is larger than 1 MiB" : strerror(errno));
        weir__free(text);
        text = NULL;
    } else {
        text[len] = '\0';
    }
    fclose(file);
    return text;
}

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL) {
        text[--len] = '\0';
    }
    return text;
}

static void add_line(struct weir__options *options, char *text, int number)
{
    text = trim(text);
    if (text[0] == '\0' || text[0] == '#') {
        return;
    }
    char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        weir__options_mistake(options, "%s:%d: expected key=value, got \"%.80s\"",
                              options->file_name, number, text);
        return;
    }
    *equals = '\0';
    struct weir__option_line *line = weir__vec_add(&options->file);
    *line =
        (struct weir__option_line){.key = trim(text), .value = trim(equals + 1), .number = number};
}

void weir__options_load(struct weir__options *options, const char *path)
{
    char *text = read_text(options, path);
    if (text == NULL) {
        return;
    }
    weir__vec_push(&options->texts, &text);
    options->file_name = weir__options_keep(options, path);
    int number = 1;
    for (char *line = text; line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end++ = '\0';
        }
        add_line(options, line, number);
        line = end;
    }
}

const struct weir__option_line *weir__options_next_property(struct weir__options *options,
                                                            size_t *at)
{
    while (*at < options->file.count) {
        struct weir__option_line *line = weir__vec_at(&options->file, (*at)++);
        if (strchr(line->key, '.') != NULL) {
            line->used = true;
            return line;
        }
    }
    return NULL;
}
