/*
 * Properties (see properties.h).
 */
#include "base/properties.h"

#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 20 }; /* bytes */

/* ---- files ---- */

/* The whole file as a string. */
static enum weir_status read_text(const char *path, char **text, struct weir_error *error)
{
    *text = NULL;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return weir_error_set(error, WEIR_IO, path, "cannot open %.200s: %s", path,
                              strerror(errno));
    }
    enum weir_status status = WEIR_OK;
    char *read = weir__alloc(FILE_LIMIT + 1);
    size_t len = fread(read, 1, FILE_LIMIT + 1, file);
    if (ferror(file)) {
        status =
            weir_error_set(error, WEIR_IO, path, "cannot read %.200s: %s", path, strerror(errno));
    } else if (len > FILE_LIMIT) {
        status = weir_error_set(error, WEIR_LIMIT, path,
                                "cannot read %.200s: it is larger than 1 MiB", path);
    }
    fclose(file);
    if (status != WEIR_OK) {
        weir__free(read);
        return status;
    }
    read[len] = '\0';
    *text = read;
    return WEIR_OK;
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

static enum weir_status add_line(const char *path, char *text, int number,
                                 struct weir__vec *properties, struct weir_error *error)
{
    text = trim(text);
    if (text[0] == '\0' || text[0] == '#') {
        return WEIR_OK;
    }
    char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        char where[sizeof error->where];
        snprintf(where, sizeof where, "%.120s:%d", path, number);
        return weir_error_set(error, WEIR_MALFORMED, where, "expected key=value, got \"%.80s\"",
                              text);
    }
    *equals = '\0';
    struct weir__property property = {trim(text), trim(equals + 1), number};
    weir__vec_push(properties, &property);
    return WEIR_OK;
}

enum weir_status weir__properties_load(const char *path, char **text, struct weir__vec *properties,
                                       struct weir_error *error)
{
    enum weir_status status = read_text(path, text, error);
    int number = 1;
    for (char *line = *text; line != NULL && status == WEIR_OK; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end++ = '\0';
        }
        status = add_line(path, line, number, properties, error);
        line = end;
    }
    return status;
}

/* ---- lists ---- */

void weir__property_list_set(struct weir__vec *list, const char *key, size_t key_len,
                             const char *value)
{
    char *text = weir__asprintf("%.*s=%s", (int)key_len, key, value);
    for (size_t i = 0; i < list->count; i++) {
        char **other = weir__vec_at(list, i);
        if (strncmp(*other, text, key_len + 1) == 0) {
            weir__free(*other);
            *other = text;
            return;
        }
    }
    weir__vec_push(list, &text);
}

enum weir_status weir__property_list_add(struct weir__vec *list, const char *text,
                                         struct weir_error *error)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        return weir_error_set(error, WEIR_MALFORMED, NULL, "expected key=value, got \"%.80s\"",
                              text);
    }
    weir__property_list_set(list, text, (size_t)(equals - text), equals + 1);
    return WEIR_OK;
}

enum weir_status weir__property_list_load(struct weir__vec *list, const char *path,
                                          struct weir_error *error)
{
    struct weir__vec properties = WEIR__VEC_OF(struct weir__property);
    char *text = NULL;
    enum weir_status status = weir__properties_load(path, &text, &properties, error);
    for (size_t i = 0; i < properties.count && status == WEIR_OK; i++) {
        const struct weir__property *property = weir__vec_at(&properties, i);
        weir__property_list_set(list, property->key, strlen(property->key), property->value);
    }
    weir__vec_fini(&properties);
    weir__free(text);
    return status;
}

void weir__property_list_end(struct weir__vec *list)
{
    char *end = NULL;
    weir__vec_push(list, &end);
}

void weir__property_list_fini(struct weir__vec *list)
{
    for (size_t i = 0; i < list->count; i++) {
        weir__free(*(char **)weir__vec_at(list, i));
    }
    weir__vec_fini(list);
}
