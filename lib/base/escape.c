/*
 * Escaping. Runs of plain bytes are copied whole; only the others are looked at one by one.
 */
#include "base/escape.h"

#include "base/plain.h"
#include "base/utf8.h"

#include <stdio.h>

static void put_json_escape(struct weir__buf *buf, uint32_t code_point)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: character, letter */
    for (size_t i = 0; i + 1 < sizeof(letters); i += 2) {
        if (code_point == (uint8_t)letters[i]) {
            weir__buf_put_u8(buf, '\\');
            weir__buf_put_u8(buf, (uint8_t)letters[i + 1]);
            return;
        }
    }
    weir__buf_printf(buf, "\\u%04x", (unsigned)code_point);
}

/* The rest of a string, from its first character that is not plain. */
static void put_json_rest(struct weir__buf *buf, const char *at, const char *end)
{
    while (at < end) {
        uint32_t code_point = 0xfffd;
        int len = weir__utf8_decode(at, (size_t)(end - at), &code_point);
        if (len <= 1 || weir__is_control(code_point)) {
            put_json_escape(buf, code_point);
        } else {
            weir__buf_put(buf, at, (size_t)len);
        }
        at += len > 0 ? len : 1;
        const char *run = weir__plain_end(at, end);
        weir__buf_put(buf, at, (size_t)(run - at));
        at = run;
    }
}

void weir__buf_put_json_string(struct weir__buf *buf, struct weir_str str)
{
    if (str.data == NULL) {
        weir__buf_put(buf, "null", 4);
        return;
    }
    const char *at = str.data;
    const char *end = str.data + str.len;
    weir__buf_reserve(buf, (size_t)str.len + 2);
    char *to = buf->data + buf->len;
    *to++ = '"';
    /* Looking and copying in one go. */
    while (end - at >= 8 && weir__odd_bytes(weir__load_u64(at)) == 0) {
        memcpy(to, at, 8);
        at += 8;
        to += 8;
    }
    size_t rest = (size_t)(end - at);
    if (rest < 8 && str.len >= 8 && weir__odd_bytes(weir__load_u64(end - 8)) == 0) {
        memcpy(to + rest - 8, end - 8, 8); /* the last word overlaps the one before */
        to += rest;
        at = end;
    }
    while (at < end && weir__is_plain((uint8_t)*at)) {
        *to++ = *at++;
    }
    buf->len = (size_t)(to - buf->data);
    if (at < end) {
        put_json_rest(buf, at, end);
    }
    weir__buf_put_u8(buf, '"');
}

/*
 * The shown form of the character at `at`, into `out`; *step gets how many bytes it took. Returns
 * its length.
 */
static size_t show(const char *at, size_t left, char out[8], size_t *step)
{
    uint32_t code_point;
    int len = weir__utf8_decode(at, left, &code_point);
    *step = (size_t)len;
    if (len > 0 && weir__is_invisible(code_point)) {
        return (size_t)snprintf(out, 8, "\\u%04x", (unsigned)code_point);
    }
    if (len > 0 && !weir__is_control(code_point)) {
        memcpy(out, at, (size_t)len);
        return *step;
    }
    *step = 1;
    return (size_t)snprintf(out, 8, "\\x%02x", (unsigned)(uint8_t)*at);
}

void weir__buf_put_printable(struct weir__buf *buf, struct weir_str str)
{
    size_t step;
    for (size_t at = 0; at < str.len; at += step) {
        char shown[8];
        size_t len = show(str.data + at, str.len - at, shown, &step);
        weir__buf_put(buf, shown, len);
    }
}

void weir__printable(struct weir_str str, char *text, size_t size)
{
    size_t used = 0;
    size_t step;
    for (size_t at = 0; at < str.len; at += step) {
        char shown[8];
        size_t len = show(str.data + at, str.len - at, shown, &step);
        if (used + len >= size) {
            break;
        }
        memcpy(text + used, shown, len);
        used += len;
    }
    if (size > 0) {
        text[used] = '\0';
    }
}
