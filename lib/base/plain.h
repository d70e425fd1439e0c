/*
 * Plain bytes: printable ASCII that JSON takes as it is inside a string, which is nearly all of
 * what comes. Looked for eight at a time, in one machine word.
 */
#ifndef WEIR__BASE_PLAIN_H
#define WEIR__BASE_PLAIN_H

#include "base/hash.h"

#include <stdbool.h>

/* 0x20 to 0x7e, but neither quote nor backslash. */
static inline bool weir__is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

#define WEIR__EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Has the high bit set in the first byte of the word that is not plain; 0 when all are.
 *
 * byte - n borrows into its high bit when byte < n, and byte ^ c is zero when byte == c. A borrow
 * may mark bytes behind the first hit falsely, never before it, and only the first is asked for.
 */
static inline uint64_t weir__odd_bytes(uint64_t word)
{
    uint64_t quote = word ^ WEIR__EACH_BYTE('"');
    uint64_t backslash = word ^ WEIR__EACH_BYTE('\\');
    uint64_t odd = (word - WEIR__EACH_BYTE(0x20)) | (quote - WEIR__EACH_BYTE(1)) |
                   (backslash - WEIR__EACH_BYTE(1)) | word |
                   ((word & WEIR__EACH_BYTE(0x7f)) + WEIR__EACH_BYTE(1));
    return odd & WEIR__EACH_BYTE(0x80);
}

/* The first byte from `at` on that is not plain, or `end`. */
static inline const char *weir__plain_end(const char *at, const char *end)
{
    while (end - at >= 8) {
        uint64_t odd = weir__odd_bytes(weir__load_u64(at));
        if (odd != 0) {
            return at + __builtin_ctzll(odd) / 8;
        }
        at += 8;
    }
    while (at < end && weir__is_plain((uint8_t)*at)) {
        at++;
    }
    return at;
}

#endif
