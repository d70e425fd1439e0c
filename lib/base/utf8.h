/*
 * UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef WEIR__BASE_UTF8_H
#define WEIR__BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Length in bytes (1 to 4) of the well-formed character at `at`, of which `left` (>= 1) bytes may
 * be read; 0 when it is not one. *code_point (may be NULL) gets the character.
 */
int weir__utf8_decode(const char *at, size_t left, uint32_t *code_point);
/* Writes a code point (<= 0x10ffff) and returns its length, 1 to 4. */
int weir__utf8_encode(uint32_t code_point, char bytes[4]);
/* Offset of the first byte that does not belong to a well-formed character; `len` when all do. */
size_t weir__utf8_check(const char *bytes, size_t len);

/* A character that a terminal may obey instead of show: C0, DEL, C1. */
static inline bool weir__is_control(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
}

/*
 * A character that shows nothing by itself: zero-width space and word joiner, marks of direction,
 * separators of lines, a byte order mark. The two joiners (U+200C, U+200D) are none of them: words
 * and emoji that are seen are made with them.
 */
static inline bool weir__is_invisible(uint32_t code_point)
{
    return code_point == 0x200b || (code_point >= 0x200e && code_point <= 0x200f) ||
           (code_point >= 0x2028 && code_point <= 0x202e) ||
           (code_point >= 0x2060 && code_point <= 0x206f) || code_point == 0xfeff;
}

#endif
