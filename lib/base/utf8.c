/*
 * UTF-8 by the table of well-formed sequences (Unicode 15, table 3-7).
 *
 *     0xxxxxxx
 *     110xxxxx 10xxxxxx
 *     1110xxxx 10xxxxxx 10xxxxxx
 *     11110xxx 10xxxxxx 10xxxxxx 10xxxxxx
 */
#include "base/utf8.h"

#include "base/hash.h"

static bool continues(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

int weir__utf8_decode(const char *at, size_t left, uint32_t *code_point)
{
    const uint8_t *b = (const uint8_t *)at;
    uint32_t code;
    int len;
    if (b[0] < 0x80) {
        code = b[0];
        len = 1;
    } else if (b[0] < 0xe0) {
        len = 2;
        if (b[0] < 0xc2 || left < 2 || !continues(b[1])) {
            return 0;
        }
        code = (uint32_t)(b[0] & 0x1f) << 6 | (b[1] & 0x3f);
    } else if (b[0] < 0xf0) {
        len = 3;
        if (left < 3 || !continues(b[1]) || !continues(b[2])) {
            return 0;
        }
        code = (uint32_t)(b[0] & 0x0f) << 12 | (uint32_t)(b[1] & 0x3f) << 6 | (b[2] & 0x3f);
        if (code < 0x800 || (code >= 0xd800 && code < 0xe000)) {
            return 0;
        }
    } else {
        len = 4;
        if (b[0] > 0xf4 || left < 4 || !continues(b[1]) || !continues(b[2]) || !continues(b[3])) {
            return 0;
        }
        code = (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3f) << 12 |
               (uint32_t)(b[2] & 0x3f) << 6 | (b[3] & 0x3f);
        if (code < 0x10000 || code > 0x10ffff) {
            return 0;
        }
    }
    if (code_point != NULL) {
        *code_point = code;
    }
    return len;
}

int weir__utf8_encode(uint32_t code_point, char bytes[4])
{
    if (code_point < 0x80) {
        bytes[0] = (char)code_point;
        return 1;
    }
    int len = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (int i = len - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    bytes[0] = (char)(lead[len] | code_point);
    return len;
}

size_t weir__utf8_check(const char *bytes, size_t len)
{
    size_t at = 0;
    while (at < len) {
        if (len - at >= 8 && (weir__load_u64(bytes + at) & 0x8080808080808080u) == 0) {
            at += 8;
            continue;
        }
        int step = weir__utf8_decode(bytes + at, len - at, NULL);
        if (step == 0) {
            return at;
        }
        at += (size_t)step;
    }
    return at;
}
