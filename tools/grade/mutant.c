/*
 * Reading mutants, and replacing text.
 */
#include "grade/mutant.h"

#include "base/mem.h"

static const char replace_mark[] = "--- replace\n";
static const char by_mark[] = "--- by\n";
static const char end_mark[] = "--- end";

/* Cuts the rest of the line after `name` out of the header; NULL when there is no such line. */
static char *header_line(char *bytes, const char *name)
{
    char *at = strstr(bytes, name);
    if (at == NULL || (at != bytes && at[-1] != '\n')) {
        return NULL;
    }
    return at + strlen(name);
}

static void end_line(char *line)
{
    if (line != NULL) {
        line[strcspn(line, "\n")] = '\0';
    }
}

enum weir_status mutant_read(struct mutant *mutant, const char *path, struct weir_error *error)
{
    *mutant = (struct mutant){.bytes = grade_read_file(path, NULL)};
    if (mutant->bytes == NULL) {
        return weir_error_set(error, WEIR_IO, path, "cannot be read");
    }
    mutant->must_fail = header_line(mutant->bytes, "must fail: ");
    mutant->with_text = header_line(mutant->bytes, "with text: ");
    mutant->changes = strstr(mutant->bytes, replace_mark);
    if (mutant->must_fail == NULL || mutant->with_text == NULL || mutant->changes == NULL) {
        return weir_error_set(error, WEIR_MALFORMED, path,
                              "expected \"must fail: …\", \"with text: …\" and \"--- replace\"");
    }
    end_line(mutant->must_fail);
    end_line(mutant->with_text);
    return WEIR_OK;
}

void mutant_free(struct mutant *mutant)
{
    weir__free(mutant->bytes);
}

/* The whole text with the one occurrence of `old` replaced, on the heap; NULL when there is none or
 * more than one. */
static char *replace_once(const char *text, struct weir_str old, struct weir_str new)
{
    char *wanted = weir__asprintf("%.*s", WEIR_STR_ARG(old));
    const char *at = strstr(text, wanted);
    bool once = at != NULL && old.len > 0 && strstr(at + 1, wanted) == NULL;
    weir__free(wanted);
    return once ? weir__asprintf("%.*s%.*s%s", (int)(at - text), text, WEIR_STR_ARG(new),
                                 at + old.len)
                : NULL;
}

/* Takes the next replacement from *at; false when there is none. */
static bool next_change(const char **at, struct weir_str *old, struct weir_str *new)
{
    const char *begin = strstr(*at, replace_mark);
    const char *by = begin != NULL ? strstr(begin, by_mark) : NULL;
    const char *end = by != NULL ? strstr(by, end_mark) : NULL;
    if (end == NULL) {
        return false;
    }
    begin += strlen(replace_mark);
    *old = (struct weir_str){begin, (uint32_t)(by - begin)};
    by += strlen(by_mark);
    *new = (struct weir_str){by, (uint32_t)(end - by)};
    *at = end + strlen(end_mark);
    return true;
}

/* Changes the text (replaced on the heap) as far as it has the pieces; counts them. */
static void apply(const struct mutant *mutant, char **text, size_t *applied)
{
    const char *at = mutant->changes;
    struct weir_str old;
    struct weir_str new;
    while (next_change(&at, &old, &new)) {
        char *changed = replace_once(*text, old, new);
        if (changed != NULL) {
            weir__free(*text);
            *text = changed;
            (*applied)++;
        }
    }
}

static size_t count_changes(const struct mutant *mutant)
{
    const char *at = mutant->changes;
    struct weir_str old;
    struct weir_str new;
    size_t count = 0;
    while (next_change(&at, &old, &new)) {
        count++;
    }
    return count;
}

enum weir_status mutant_write(const struct mutant *mutant, const struct grade_exercise *exercise,
                              const char *solution, const char *folder, struct weir_error *error)
{
    size_t applied = 0;
    for (uint32_t i = 0; i < weir_string_set_size(&exercise->files); i++) {
        struct weir_str name = weir_string_set_at(&exercise->files, i, NULL);
        char *from = weir__asprintf("%s/%.*s", solution, WEIR_STR_ARG(name));
        char *to = weir__asprintf("%s/%.*s", folder, WEIR_STR_ARG(name));
        char *text = grade_read_file(from, NULL);
        bool written = false;
        if (text != NULL) {
            apply(mutant, &text, &applied);
            written = grade_write_file(to, text, strlen(text));
        }
        weir__free(text);
        weir__free(from);
        weir__free(to);
        if (!written) {
            return weir_error_set(error, WEIR_IO, folder, "%.*s cannot be copied",
                                  WEIR_STR_ARG(name));
        }
    }
    size_t wanted = count_changes(mutant);
    if (applied != wanted || wanted == 0) {
        return weir_error_set(error, WEIR_NOT_FOUND, NULL,
                              "%zu of %zu pieces to replace stand exactly once in the solution",
                              applied, wanted);
    }
    return WEIR_OK;
}
