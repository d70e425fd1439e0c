/*
 * Reading tools' output. Nothing in it is trusted to be short or printable.
 */
#include "grade/diagnosis.h"

#include "base/escape.h"

#include <stdio.h>

enum { SOURCE_LINES = 4, LINE_MOST = 200 };

static void put_line(struct weir_str line, struct weir__buf *text)
{
    line.len = line.len < LINE_MOST ? line.len : LINE_MOST;
    weir__buf_put_printable(text, line);
    weir__buf_printf(text, "\n");
}

static struct weir_str next_line(const char **at)
{
    struct weir_str line = {*at, (uint32_t)strcspn(*at, "\n")};
    *at += line.len + ((*at)[line.len] == '\n');
    return line;
}

static bool is_error(struct weir_str line)
{
    return weir_str_contains(line, "error: ");
}

/* A source line as compilers quote it: gcc's "   41 |     x", clang's with blanks only. */
static bool is_quote(struct weir_str line)
{
    return line.len > 0 && line.data[0] == ' ';
}

/* Names begin a diagnostic: "page_stats.c:41:5: error: …". */
void diagnose_compiler(const char *output, const struct grade_exercise *exercise,
                       struct weir__buf *text)
{
    const char *at = output;
    struct weir_str line = {NULL, 0};
    while (*at != '\0') {
        line = next_line(&at);
        if (is_error(line)) {
            break;
        }
    }
    if (line.data == NULL || !is_error(line)) {
        weir__buf_printf(text, "It does not compile:\n%.*s\n", LINE_MOST, output);
        return;
    }
    weir__buf_printf(text, "It does not compile. The first error:\n  ");
    if (line.data[0] != '/') {
        weir__buf_printf(text, "exercises/%.*s-%.*s/", WEIR_STR_ARG(exercise->id),
                         WEIR_STR_ARG(exercise->name));
    }
    put_line(line, text);
    for (int i = 0; i < SOURCE_LINES && *at != '\0'; i++) {
        line = next_line(&at);
        if (!is_quote(line)) {
            break;
        }
        weir__buf_printf(text, "  ");
        put_line(line, text);
    }
}

/* Names that the sanitizers add to every object file. */
static bool is_sanitizers(struct weir_str name)
{
    return weir_str_starts_with(name, "__odr_asan") ||
           weir_str_equals(name, "___asan_globals_registered");
}

/* "page_stats_aggregate D 0 40": the name comes first. */
bool diagnose_symbols(const char *nm_output, const struct grade_exercise *exercise,
                      const char *file, struct weir_string_set *defined, struct weir__buf *text)
{
    for (const char *at = nm_output; *at != '\0';) {
        struct weir_str line = next_line(&at);
        struct weir_str name = {line.data, (uint32_t)strcspn(line.data, " \n")};
        if (name.len == 0 || is_sanitizers(name)) {
            continue;
        }
        if (weir_string_set_count(&exercise->exports, name) == 0) {
            weir__buf_printf(text, "%s defines ", file);
            weir__buf_put_printable(text, name);
            weir__buf_printf(
                text, " for every other file, where it could take the place of something else.\n"
                      "Make it static, or give it back to whom it belongs.\n");
            return false;
        }
        weir_string_set_add(defined, name, 1);
    }
    return true;
}

bool diagnose_exports(const struct grade_exercise *exercise, const struct weir_string_set *defined,
                      struct weir__buf *text)
{
    for (uint32_t i = 0; i < weir_string_set_size(&exercise->exports); i++) {
        struct weir_str name = weir_string_set_at(&exercise->exports, i, NULL);
        if (weir_string_set_count(defined, name) == 0) {
            weir__buf_printf(text,
                             "%.*s is not defined (or it is static): the tests look for it.\n",
                             WEIR_STR_ARG(name));
            return false;
        }
    }
    return true;
}

void diagnose_linker(const char *output, struct weir__buf *text)
{
    weir__buf_printf(text, "It does not link:\n");
    for (const char *at = output; *at != '\0';) {
        struct weir_str line = next_line(&at);
        if (weir_str_contains(line, "undefined reference") ||
            weir_str_contains(line, "multiple definition")) {
            weir__buf_printf(text, "  ");
            put_line(line, text);
            return;
        }
    }
    weir__buf_printf(text, "%.*s\n", LINE_MOST, output);
}
