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
