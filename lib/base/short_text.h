/*
 * Short strings compared and copied by loads that may overlap, instead of a call.
 */
#ifndef WEIR__BASE_SHORT_TEXT_H
#define WEIR__BASE_SHORT_TEXT_H

#include "base/hash.h"

#include <stdbool.h>

/* Equal bytes; len <= 16. */
static inline bool weir__short_equals(const char *a, const char *b, uint32_t len)
{
    if (len >= 8) {
        return weir__load_u64(a) == weir__load_u64(b) &&
               weir__load_u64(a + len - 8) == weir__load_u64(b + len - 8);
    }
    if (len >= 4) {
        return weir__load_u32(a) == weir__load_u32(b) &&
               weir__load_u32(a + len - 4) == weir__load_u32(b + len - 4);
    }
    return len == 0 || (a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1]);
}

/* A text of up to 16 bytes as two numbers: those of its bytes, and zeros behind them. */
struct weir__short {
    uint64_t low;
    uint64_t high;
};

static inline struct weir__short weir__short_load(const char *text, uint32_t len)
{
    if (len >= 8) {
        /* The last 8 bytes, without those of the first half; in two steps, as 64 is no shift. */
        uint32_t half = 64 - len * 4;
        return (struct weir__short){weir__load_u64(text),
                                    weir__load_u64(text + len - 8) >> half >> half};
    }
    if (len >= 4) {
        uint64_t last = weir__load_u32(text + len - 4);
        return (struct weir__short){weir__load_u32(text) | last << (len - 4) * 8, 0};
    }
    uint64_t low = 0;
    for (uint32_t i = 0; i < len; i++) {
        low |= (uint64_t)(uint8_t)text[i] << i * 8;
    }
    return (struct weir__short){low, 0};
}

/* Copies len <= 16 bytes. */
static inline void weir__short_copy(char *to, const char *from, uint32_t len)
{
    if (len >= 8) {
        memcpy(to, from, 8);
        memcpy(to + len - 8, from + len - 8, 8);
    } else if (len >= 4) {
        memcpy(to, from, 4);
        memcpy(to + len - 4, from + len - 4, 4);
    } else {
        for (uint32_t i = 0; i < len; i++) {
            to[i] = from[i];
        }
    }
}

#endif
