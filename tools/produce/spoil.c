/*
 * Malformed events (see spoil.h).
 */
#include "produce/spoil.h"

#include <assert.h>
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

/* Where the value of a member begins, and how long it is up to the comma behind it. */
static size_t find_value(const struct weir__buf *text, const char *member, size_t *len)
{
    const char *at = strstr(text->data, member);
    assert(at != NULL); /* the event has just been encoded */
    at += strlen(member);
    *len = strcspn(at, ",}");
    return (size_t)(at - text->data);
}

void spoil(enum spoil_kind kind, struct weir__buf *text)
{
    size_t len;
    size_t at;
    switch (kind) {
    case SPOIL_TRUNCATED:
        replace(text, text->len / 2, text->len - text->len / 2, "");
        break;
    case SPOIL_WRONG_TYPE:
        at = find_value(text, "\"timestamp\":", &len);
        replace(text, at, len, "\"yesterday\"");
        break;
    case SPOIL_MISSING_FIELD:
        at = find_value(text, "\"pageUrl\":", &len);
        at -= strlen("\"pageUrl\":");
        replace(text, at, strlen("\"pageUrl\":") + len + 1, "");
        break;
    case SPOIL_NOT_JSON:
        replace(text, 0, text->len, "GET /index.html HTTP/1.1");
        break;
    case SPOIL_INVALID_UTF8:
        at = find_value(text, "\"pageUrl\":\"", &len);
        replace(text, at, 1, "\xff\xfe");
        break;
    case SPOIL_NOT:
        break;
    }
}
