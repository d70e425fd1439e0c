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

void weir__buf_put_json_string(struct weir__buf *buf, struct weir_str str)
{
    if (str.data == NULL) {
        weir__buf_put(buf, "null", 4);
        return;
    }
    weir__buf_reserve(buf, (size_t)str.len + 2);
    weir__buf_put_u8(buf, '"');
    const char *at = str.data;
    const char *end = str.data + str.len;
    for (;;) {
        const char *run = weir__plain_end(at, end);
        weir__buf_put(buf, at, (size_t)(run - at));
        if (run == end) {
            break;
        }
        at = run;
        uint32_t code_point = 0xfffd;
        int len = weir__utf8_decode(at, (size_t)(end - at), &code_point);
        if (len <= 1 || weir__is_control(code_point)) {
            put_json_escape(buf, code_point);
        } else {
            weir__buf_put(buf, at, (size_t)len);
        }
        at += len > 0 ? len : 1;
    }
    weir__buf_put_u8(buf, '"');
}

/* The shown form of the character at `at`, into `out`; *step gets how many bytes it took. Returns its length. */
static size_t show(const char *at, size_t left, char out[8], size_t *step)
{
    uint32_t code_point;
    int len = weir__utf8_decode(at, left, &code_point);
    if (len > 0 && !weir__is_control(code_point)) {
        memcpy(out, at, (size_t)len);
        *step = (size_t)len;
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
