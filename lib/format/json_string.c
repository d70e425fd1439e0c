/*
 * Strings. UTF-8 is checked, control characters are refused, and escapes are undone; U+0000 is
 * refused even when escaped, because a text that C code may take for shorter than it is has no
 * business in an event.
 */
#include "format/json_scan.h"

#include "base/utf8.h"

static const char *fail_end(struct weir__json_scan *scan)
{
    return weir__json_unexpected(scan, scan->end, "'\"' at the end of a string");
}

/* Steps over one character that is not plain and is no quote or backslash. */
static const char *scan_character(struct weir__json_scan *scan, const char *at)
{
    uint8_t byte = (uint8_t)*at;
    if (byte < 0x20) {
        return weir__json_fail(
            scan, WEIR_MALFORMED, at,
            "expected control characters in a string to be escaped, got the raw byte 0x%02x", byte);
    }
    int len = weir__utf8_decode(at, (size_t)(scan->end - at), NULL);
    if (len == 0) {
        return weir__json_fail(scan, WEIR_MALFORMED, at,
                               "expected UTF-8, got the invalid byte 0x%02x", byte);
    }
    return at + len;
}

/* Four hexadecimal digits behind "\u". */
static const char *scan_hex(struct weir__json_scan *scan, const char *at, uint32_t *out)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++, at++) {
        uint8_t c = at < scan->end ? (uint8_t)*at : 0;
        uint8_t letter = c | 0x20;
        if (c >= '0' && c <= '9') {
            value = value << 4 | (uint32_t)(c - '0');
        } else if (letter >= 'a' && letter <= 'f') {
            value = value << 4 | (uint32_t)(letter - 'a' + 10);
        } else {
            return weir__json_unexpected(scan, at, "four hexadecimal digits behind \\u");
        }
    }
    *out = value;
    return at;
}

/* The character behind "\u", which for those beyond U+FFFF is written as a pair of surrogates. */
static const char *scan_unicode(struct weir__json_scan *scan, const char *at, uint32_t *out)
{
    const char *escape = at - 2;
    uint32_t high = 0;
    uint32_t low = 0;
    at = scan_hex(scan, at, &high);
    if (at == NULL) {
        return NULL;
    }
    if (high == 0) {
        return weir__json_fail(scan, WEIR_MALFORMED, escape,
                               "expected text without NUL characters, got \\u0000");
    }
    *out = high;
    if (high < 0xd800 || high > 0xdfff) {
        return at;
    }
    if (high <= 0xdbff && weir__json_is_word(scan, at, "\\u", 2)) {
        at = scan_hex(scan, at + 2, &low);
        if (at == NULL) {
            return NULL;
        }
        if (low >= 0xdc00 && low <= 0xdfff) {
            *out = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            return at;
        }
    }
    return weir__json_fail(scan, WEIR_MALFORMED, escape,
                           "expected a pair of surrogates, got one half, \\u%04x", (unsigned)high);
}

/* From behind the backslash; writes the character meant to *to and moves that on. */
static const char *scan_escape(struct weir__json_scan *scan, const char *at, char **to)
{
    static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t"; /* pairs: letter, character */
    if (weir__json_at(scan, at, 'u')) {
        uint32_t code_point = 0;
        at = scan_unicode(scan, at + 1, &code_point);
        if (at != NULL) {
            *to += weir__utf8_encode(code_point, *to);
        }
        return at;
    }
    for (size_t i = 0; i + 1 < sizeof(letters); i += 2) {
        if (weir__json_at(scan, at, letters[i])) {
            *(*to)++ = letters[i + 1];
            return at + 1;
        }
    }
    return weir__json_unexpected(scan, at, "one of \" \\ / b f n r t u behind a backslash");
}

/*
 * How many bytes stand before the closing quote: enough for the text, since no escape is shorter
 * than what it means.
 */
static size_t raw_length(const struct weir__json_scan *scan, const char *start)
{
    const char *at = start;
    while (at < scan->end && *at != '"') {
        at += *at == '\\' && scan->end - at >= 2 ? 2 : 1;
    }
    return (size_t)(at - start);
}

/* A string whose first escape is at `at`. */
static const char *unescape(struct weir__json_scan *scan, const char *start, const char *at,
                            struct weir_str *out)
{
    size_t before = (size_t)(at - start);
    char *text = weir__arena_alloc(&scan->arena, raw_length(scan, start) + 4);
    char *to = text + before;
    memcpy(text, start, before);
    while (at != NULL && at < scan->end && *at != '"') {
        const char *from = at;
        if (*at == '\\') {
            at = scan_escape(scan, at + 1, &to);
            continue;
        }
        at = weir__plain_end(at, scan->end);
        if (at == from) {
            at = scan_character(scan, at);
        }
        if (at != NULL) {
            memcpy(to, from, (size_t)(at - from));
            to += at - from;
        }
    }
    if (at == NULL) {
        return NULL;
    }
    if (at == scan->end) {
        return fail_end(scan);
    }
    *out = (struct weir_str){text, (uint32_t)(to - text)};
    return at + 1;
}

const char *weir__json_scan_any_string(struct weir__json_scan *scan, const char *at,
                                       struct weir_str *out)
{
    const char *start = at;
    while (at != NULL) {
        at = weir__plain_end(at, scan->end);
        if (at == scan->end) {
            return fail_end(scan);
        }
        if (*at == '"') {
            *out = (struct weir_str){start, (uint32_t)(at - start)};
            return at + 1;
        }
        if (*at == '\\') {
            return unescape(scan, start, at, out);
        }
        at = scan_character(scan, at);
    }
    return NULL;
}
