/*
 * Malformed events (see spoil.h).
 */
#include "produce/spoil.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum purpose { DRAW_IS_BAD = 200, DRAW_KIND };

const char *const spoil_kind_names[SPOIL_KINDS] = {
#define X(name, text) text,
    SPOIL_MAP(X)
#undef X
};

enum spoil_kind spoil_kind_of(const struct produce_settings *settings, int64_t index)
{
    uint64_t seed = settings->generator.seed;
    double unit =
        (double)(click_generator_draw(seed, (uint64_t)index, DRAW_IS_BAD) >> 11) * 0x1.0p-53;
    if (unit >= settings->bad_share) {
        return SPOIL_NOT;
    }
    return (enum spoil_kind)(click_generator_draw(seed, (uint64_t)index, DRAW_KIND) % SPOIL_KINDS);
}

/* Puts `with` in the place of `len` bytes at `at`. */
static void replace(struct weir__buf *text, size_t at, size_t len, const char *with)
{
    size_t tail = text->len - at - len;
    size_t with_len = strlen(with);
    weir__buf_reserve(text, with_len + 1);
    memmove(text->data + at + with_len, text->data + at + len, tail);
    memcpy(text->data + at, with, with_len);
    text->len = at + with_len + tail;
    text->data[text->len] = '\0';
}

/* ---- JSON ---- */

/* Where the value of a member begins, and how long it is up to the comma behind it. */
static size_t find_value(const struct weir__buf *text, const char *name, size_t *len)
{
    char member[80];
    snprintf(member, sizeof member, "\"%s\":", name);
    const char *at = strstr(text->data, member);
    assert(at != NULL); /* the event has just been encoded */
    at += strlen(member);
    *len = strcspn(at, ",}");
    return (size_t)(at - text->data);
}

static void spoil_json_type(struct weir__buf *text, const char *time)
{
    size_t len;
    size_t at = find_value(text, time, &len);
    replace(text, at, len, "\"yesterday\"");
}

/* The field goes with the comma behind it, or before it when it is the last. */
static void spoil_json_field(struct weir__buf *text, const char *name)
{
    size_t len;
    size_t at = find_value(text, name, &len);
    size_t key = strlen(name) + strlen("\"\":");
    bool last = text->data[at + len] != ',';
    replace(text, at - key - last, key + len + 1, "");
}

/* ---- lines of words, and bytes ---- */

static void spoil_first_word(struct weir__buf *text, const char *with)
{
    replace(text, 0, strcspn(text->data, " ,"), with);
}

/* A length that no message has, where the first field begins: behind the frame, when there is one.
 */
static void spoil_avro(const struct produce_settings *settings, struct weir__buf *text)
{
    size_t at = settings->registry != NULL ? 5 : 0;
    replace(text, at, 1, "\xff\xff\xff\xff\x7f");
}

/* The first byte of what a string field says. */
static void spoil_utf8(const struct produce_settings *settings, const void *event,
                       struct weir__buf *text)
{
    const struct weir_str *value =
        (const struct weir_str *)((const char *)event + settings->model->spoilt->offset);
    for (size_t at = 0; at + value->len <= text->len; at++) {
        if (memcmp(text->data + at, value->data, value->len) == 0) {
            replace(text, at, 1, "\xff\xfe");
            return;
        }
    }
}

void spoil(enum spoil_kind kind, const struct produce_settings *settings, const void *event,
           struct weir__buf *text)
{
    const struct model *model = settings->model;
    bool json = settings->format == PRODUCE_JSON;
    bool avro = settings->format == PRODUCE_AVRO;
    switch (kind) {
    case SPOIL_TRUNCATED:
        replace(text, text->len / 2, text->len - text->len / 2, "");
        break;
    case SPOIL_WRONG_TYPE:
        if (json) {
            spoil_json_type(text, model->time->wire_name);
        } else if (avro) {
            spoil_avro(settings, text);
        } else {
            spoil_first_word(text, "yesterday");
        }
        break;
    case SPOIL_MISSING_FIELD:
        if (json) {
            spoil_json_field(text, model->spoilt->wire_name);
        } else if (avro) {
            text->len--;
        } else {
            spoil_first_word(text, "");
        }
        break;
    case SPOIL_NOT_JSON:
        replace(text, 0, text->len, "GET /index.html HTTP/1.1");
        break;
    case SPOIL_INVALID_UTF8:
        spoil_utf8(settings, event, text);
        break;
    case SPOIL_NOT:
        break;
    }
}
