/*
 * Doubles and their texts. Common numbers are done here by exact arithmetic; the others go through
 * strtod and printf, which use the locale's decimal point, so that is exchanged for ours.
 */
#include "base/number.h"

#include "base/mem.h"

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/*
 * Mantissas up to 2^53 and powers of ten up to 10^22 are exact as doubles, so one multiplication
 * or division of the two rounds correctly (Clinger 1990). False: not such a number.
 */
static bool parse_exactly(const char *text, size_t len, double *value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *at = text;
    const char *end = text + len;
    bool negative = at < end && *at == '-';
    uint64_t mantissa = 0;
    int exponent = 0;
    bool in_fraction = false;
    if (len > 19) { /* so many digits cannot wrap the sum */
        return false;
    }
    for (at += negative; at < end && (is_digit(*at) || *at == '.'); at++) {
        if (*at == '.') {
            in_fraction = true;
            continue;
        }
        mantissa = mantissa * 10 + (uint64_t)(*at - '0');
        exponent -= in_fraction;
    }
    if (at < end || mantissa > (UINT64_C(1) << 53) || exponent < -22) {
        return false;
    }
    double magnitude = (double)mantissa / powers[-exponent];
    *value = negative ? -magnitude : magnitude;
    return true;
}

bool weir__double_parse(const char *text, size_t len, double *value)
{
    if (parse_exactly(text, len, value)) {
        return true;
    }
    const char *point = localeconv()->decimal_point;
    size_t point_len = strlen(point);
    char small[64];
    char *copy = len + point_len < sizeof(small) ? small : weir__alloc(len + point_len + 1);
    const char *ours = memchr(text, '.', len);
    if (ours == NULL) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    } else {
        size_t before = (size_t)(ours - text);
        memcpy(copy, text, before);
        memcpy(copy + before, point, point_len);
        memcpy(copy + before + point_len, ours + 1, len - before - 1);
        copy[len - 1 + point_len] = '\0';
    }
    double parsed = strtod(copy, NULL);
    if (copy != small) {
        weir__free(copy);
    }
    if (!isfinite(parsed)) {
        return false;
    }
    *value = parsed;
    return true;
}

/* Exchanges the locale's decimal point for ours; returns the new length. */
static size_t normalise_point(char *text, size_t len)
{
    const char *point = localeconv()->decimal_point;
    size_t point_len = strlen(point);
    char *found = strstr(text, point);
    if (found == NULL || strcmp(point, ".") == 0) {
        return len;
    }
    *found = '.';
    memmove(found + 1, found + point_len, len - (size_t)(found - text) - point_len + 1);
    return len - point_len + 1;
}

size_t weir__double_format(double value, char text[WEIR__DOUBLE_TEXT])
{
    if (fabs(value) < 1e15 && value == trunc(value)) {
        return (size_t)snprintf(text, WEIR__DOUBLE_TEXT, "%s%lld.0", signbit(value) ? "-" : "",
                                (long long)fabs(value));
    }
    int len = 0;
    for (int digits = 15; digits <= 17; digits++) {
        len = snprintf(text, WEIR__DOUBLE_TEXT, "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    size_t normal = normalise_point(text, (size_t)len);
    if (strpbrk(text, ".e") == NULL) {
        memcpy(text + normal, ".0", 3);
        normal += 2;
    }
    return normal;
}
