/*
 * Streams and results: owned copies of values in growable arrays, and their lines.
 */
#include "stream.h"

#include "base/mem.h"
#include "types/codec.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- values as text ---- */

void grading_hex_write(const struct weir_type *type, const void *value, struct weir__buf *out)
{
    struct weir__buf bytes = {0};
    weir__encode(type, value, &bytes);
    weir__buf_reserve(out, 2 * bytes.len + 1);
    for (size_t i = 0; i < bytes.len; i++) {
        weir__buf_printf(out, "%02x", (unsigned char)bytes.data[i]);
    }
    weir__buf_fini(&bytes);
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

void *grading_hex_read(const struct weir_type *type, const char *hex)
{
    struct weir__buf bytes = {0};
    void *value = NULL;
    for (; *hex != '\0'; hex += 2) {
        int high = hex_digit(hex[0]);
        int low = high < 0 ? -1 : hex_digit(hex[1]);
        if (low < 0) {
            goto out;
        }
        weir__buf_put_u8(&bytes, (uint8_t)(high << 4 | low));
    }
    struct weir__reader reader =
        weir__reader_of((struct weir_str){bytes.data, (uint32_t)bytes.len});
    value = weir__calloc(1, type->size);
    if (weir__decode(type, &reader, value) != WEIR_OK) {
        weir__free(value);
        value = NULL;
    } else if (reader.at != reader.end) {
        grading_value_free(type, value);
        value = NULL;
    }
out:
    weir__buf_fini(&bytes);
    return value;
}

static void *duplicate(const struct weir_type *type, const void *value)
{
    void *copy = weir__alloc(type->size);
    weir_value_copy(type, copy, value);
    return copy;
}

void grading_value_free(const struct weir_type *type, void *value)
{
    if (value != NULL) {
        weir_value_fini(type, value);
        weir__free(value);
    }
}

/* ---- streams ---- */

void grading_stream_init(struct grading_stream *stream, const struct weir_type *type)
{
    *stream = (struct grading_stream){
        .type = type,
        .steps = WEIR__VEC_OF(struct grading_step),
        .settings = WEIR__VEC_OF(struct grading_setting),
    };
}

void grading_stream_remove(struct grading_stream *stream, size_t first, size_t count)
{
    while (count-- > 0) {
        grading_value_free(stream->type, grading_stream_at(stream, first)->value);
        weir__vec_remove(&stream->steps, first);
    }
}

void grading_stream_fini(struct grading_stream *stream)
{
    grading_stream_remove(stream, 0, stream->steps.count);
    for (size_t i = 0; i < stream->settings.count; i++) {
        struct grading_setting *setting = weir__vec_at(&stream->settings, i);
        weir__free(setting->name);
        weir__free(setting->text);
    }
    weir__vec_fini(&stream->steps);
    weir__vec_fini(&stream->settings);
}

void grading_stream_event(struct grading_stream *stream, int64_t timestamp, const void *value)
{
    struct grading_step step = {GRADING_EVENT, timestamp, duplicate(stream->type, value)};
    weir__vec_push(&stream->steps, &step);
}

void grading_stream_part(struct grading_stream *stream)
{
    weir__vec_push(&stream->steps, &(struct grading_step){.kind = GRADING_PART});
}

size_t grading_stream_events(const struct grading_stream *stream)
{
    size_t events = 0;
    for (size_t i = 0; i < stream->steps.count; i++) {
        events += grading_stream_at(stream, i)->kind == GRADING_EVENT;
    }
    return events;
}

static struct grading_setting *find_setting(const struct grading_stream *stream, const char *name)
{
    for (size_t i = 0; i < stream->settings.count; i++) {
        struct grading_setting *setting = weir__vec_at(&stream->settings, i);
        if (strcmp(setting->name, name) == 0) {
            return setting;
        }
    }
    return NULL;
}

void grading_stream_set(struct grading_stream *stream, const char *name, const char *text)
{
    struct grading_setting *setting = find_setting(stream, name);
    if (setting == NULL) {
        setting = weir__vec_add(&stream->settings);
        *setting = (struct grading_setting){.name = weir__strdup(name)};
    }
    weir__free(setting->text);
    setting->text = weir__strdup(text);
}

void grading_stream_set_int(struct grading_stream *stream, const char *name, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    grading_stream_set(stream, name, text);
}

const char *grading_stream_setting(const struct grading_stream *stream, const char *name)
{
    struct grading_setting *setting = find_setting(stream, name);
    return setting != NULL ? setting->text : NULL;
}

int64_t grading_stream_setting_int(const struct grading_stream *stream, const char *name)
{
    const char *text = grading_stream_setting(stream, name);
    return text != NULL ? strtoll(text, NULL, 10) : 0;
}

void grading_stream_copy(struct grading_stream *copy, const struct grading_stream *stream)
{
    grading_stream_init(copy, stream->type);
    for (size_t i = 0; i < stream->steps.count; i++) {
        struct grading_step step = *grading_stream_at(stream, i);
        step.value = step.value != NULL ? duplicate(stream->type, step.value) : NULL;
        weir__vec_push(&copy->steps, &step);
    }
    for (size_t i = 0; i < stream->settings.count; i++) {
        const struct grading_setting *setting = weir__vec_at(&stream->settings, i);
        grading_stream_set(copy, setting->name, setting->text);
    }
}

void grading_stream_write(const struct grading_stream *stream, struct weir__buf *lines)
{
    for (size_t i = 0; i < stream->settings.count; i++) {
        const struct grading_setting *setting = weir__vec_at(&stream->settings, i);
        weir__buf_printf(lines, "set %s %s\n", setting->name, setting->text);
    }
    for (size_t i = 0; i < stream->steps.count; i++) {
        const struct grading_step *step = grading_stream_at(stream, i);
        if (step->kind == GRADING_PART) {
            weir__buf_printf(lines, "part\n");
            continue;
        }
        weir__buf_printf(lines, "event %" PRId64 " ", step->timestamp);
        grading_hex_write(stream->type, step->value, lines);
        weir__buf_printf(lines, "\n");
    }
}

static bool read_event(struct grading_stream *stream, const char *text)
{
    char *rest;
    int64_t timestamp = strtoll(text, &rest, 10);
    void *value = *rest == ' ' ? grading_hex_read(stream->type, rest + 1) : NULL;
    if (value == NULL) {
        return false;
    }
    weir__vec_push(&stream->steps, &(struct grading_step){GRADING_EVENT, timestamp, value});
    return true;
}

bool grading_stream_read(struct grading_stream *stream, const char *line)
{
    char name[32];
    int length = 0;
    if (strncmp(line, "event ", 6) == 0) {
        return read_event(stream, line + 6);
    }
    if (strcmp(line, "part") == 0) {
        grading_stream_part(stream);
        return true;
    }
    if (sscanf(line, "set %31s %n", name, &length) == 1 && length > 0) {
        grading_stream_set(stream, name, line + length);
        return true;
    }
    return false;
}

/* ---- results ---- */

void grading_results_init(struct grading_results *results, const struct weir_type *type)
{
    *results = (struct grading_results){.type = type, .rows = WEIR__VEC_OF(void *)};
}

void grading_results_fini(struct grading_results *results)
{
    for (size_t i = 0; i < results->rows.count; i++) {
        grading_value_free(results->type, *(void **)weir__vec_at(&results->rows, i));
    }
    weir__vec_fini(&results->rows);
}

void grading_results_add(struct grading_results *results, const void *value)
{
    void *copy = duplicate(results->type, value);
    weir__vec_push(&results->rows, &copy);
}

static int compare_int64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int grading_field_compare(const struct weir_field *field, const void *a, const void *b)
{
    const void *left = (const char *)a + field->offset;
    const void *right = (const char *)b + field->offset;
    switch (field->kind) {
    case WEIR_KIND_BOOL:
        return (int)*(const bool *)left - (int)*(const bool *)right;
    case WEIR_KIND_INT64:
        return compare_int64(*(const int64_t *)left, *(const int64_t *)right);
    case WEIR_KIND_DOUBLE:
        return (*(const double *)left > *(const double *)right) -
               (*(const double *)left < *(const double *)right);
    case WEIR_KIND_STRING:
        return weir_str_compare(*(const struct weir_str *)left, *(const struct weir_str *)right);
    case WEIR_KIND_STRING_SET:
    case WEIR_KIND_LIST:
    case WEIR_KIND_STRUCT:
        break;
    }
    return 0;
}

/* Insertion sort: a case has few results, and equal ones must keep their order. */
void grading_results_sort(struct grading_results *results, const struct weir_field *const *by)
{
    void **rows = results->rows.items;
    for (size_t i = 1; i < results->rows.count; i++) {
        for (size_t j = i; j > 0; j--) {
            int order = 0;
            for (size_t f = 0; by[f] != NULL && order == 0; f++) {
                order = grading_field_compare(by[f], rows[j - 1], rows[j]);
            }
            if (order <= 0) {
                break;
            }
            void *row = rows[j];
            rows[j] = rows[j - 1];
            rows[j - 1] = row;
        }
    }
}
