/*
 * Numbers. An integer field takes integers only: 1.0 and 1e3 are refused, and so is what does not
 * fit into 64 bits. Nothing is cast before it has been checked.
 */
#include "format/json_scan.h"

#include "base/number.h"

static bool is_number_start(const struct weir__json_scan *scan, const char *at)
{
    return weir__json_is_digit(scan, at) || weir__json_at(scan, at, '-');
}

static const char *skip_digits(const struct weir__json_scan *scan, const char *at)
{
    while (weir__json_is_digit(scan, at)) {
        at++;
    }
    return at;
}

/* number = [-] (0 | 1-9 digits) [. digits] [e [+-] digits] */
const char *weir__json_scan_number(struct weir__json_scan *scan, const char *at, bool *is_integer)
{
    at += weir__json_at(scan, at, '-');
    if (!weir__json_is_digit(scan, at)) {
        return weir__json_unexpected(scan, at, "a digit");
    }
    if (*at == '0' && weir__json_is_digit(scan, at + 1)) {
        return weir__json_unexpected(scan, at, "a number without leading zeros");
    }
    at = skip_digits(scan, at);
    *is_integer = true;
    if (weir__json_at(scan, at, '.')) {
        *is_integer = false;
        if (!weir__json_is_digit(scan, at + 1)) {
            return weir__json_unexpected(scan, at + 1, "a digit behind the decimal point");
        }
        at = skip_digits(scan, at + 1);
    }
    if (weir__json_at(scan, at, 'e') || weir__json_at(scan, at, 'E')) {
        *is_integer = false;
        at++;
        at += weir__json_at(scan, at, '+') || weir__json_at(scan, at, '-');
        if (!weir__json_is_digit(scan, at)) {
            return weir__json_unexpected(scan, at, "a digit in the exponent");
        }
        at = skip_digits(scan, at);
    }
    return at;
}

/* Integers of 19 digits, and all that is wrong with the others. */
static const char *scan_any_int64(struct weir__json_scan *scan, const char *at, int64_t *out)
{
    bool is_integer = false;
    if (!is_number_start(scan, at)) {
        return weir__json_mismatch(scan, at, "an integer");
    }
    const char *end = weir__json_scan_number(scan, at, &is_integer);
    if (end == NULL) {
        return NULL;
    }
    if (!is_integer) {
        return weir__json_mismatch(scan, at, "an integer");
    }
    /* Built negative: INT64_MIN has no positive. */
    bool negative = *at == '-';
    int64_t value = 0;
    bool overflow = false;
    for (const char *digit = at + negative; digit < end; digit++) {
        overflow |= __builtin_mul_overflow(value, 10, &value);
        overflow |= __builtin_sub_overflow(value, *digit - '0', &value);
    }
    if (!negative) {
        overflow |= __builtin_sub_overflow((int64_t)0, value, &value);
    }
    if (overflow) {
        return weir__json_fail(scan, WEIR_LIMIT, at,
                               "expected an integer of 64 bits, got one of %d digits",
                               (int)(end - at - negative));
    }
    *out = value;
    return end;
}

/* Eight digits in a word: high nibbles are 3, and low ones stay below 10 when 6 is added. */
static bool are_eight_digits(uint64_t word)
{
    return ((word & WEIR__EACH_BYTE(0xf0)) |
            (((word + WEIR__EACH_BYTE(6)) & WEIR__EACH_BYTE(0xf0)) >> 4)) == WEIR__EACH_BYTE(0x33);
}

/* Their value: neighbours are joined to two digits each, then four, then eight (Lemire 2018). */
static uint64_t value_of_eight_digits(uint64_t word)
{
    word = (word & WEIR__EACH_BYTE(0x0f)) * (10 * 256 + 1) >> 8;
    word = (word & UINT64_C(0x00ff00ff00ff00ff)) * (100 * 65536 + 1) >> 16;
    return (word & UINT64_C(0x0000ffff0000ffff)) * (UINT64_C(10000) * 4294967296 + 1) >> 32;
}

const char *weir__json_scan_int64(struct weir__json_scan *scan, const char *at, int64_t *out)
{
    bool negative = weir__json_at(scan, at, '-');
    const char *digits = at + negative;
    const char *end = digits;
    uint64_t value = 0;
    if (scan->end - digits >= 8 && are_eight_digits(weir__load_u64(digits))) { /* timestamps */
        value = value_of_eight_digits(weir__load_u64(digits));
        end += 8;
    }
    while (weir__json_is_digit(scan, end)) {
        value = value * 10 + (uint64_t)(*end - '0');
        end++;
    }
    size_t count = (size_t)(end - digits);
    bool plain = count >= 1 && count <= 18 && (*digits != '0' || count == 1) &&
                 (end == scan->end || (*end != '.' && (*end | 0x20) != 'e'));
    if (!plain) {
        return scan_any_int64(scan, at, out);
    }
    *out = negative ? -(int64_t)value : (int64_t)value;
    return end;
}

const char *weir__json_scan_double(struct weir__json_scan *scan, const char *at, double *out)
{
    bool is_integer;
    if (!is_number_start(scan, at)) {
        return weir__json_mismatch(scan, at, "a number");
    }
    const char *end = weir__json_scan_number(scan, at, &is_integer);
    if (end != NULL && !weir__double_parse(at, (size_t)(end - at), out)) {
        return weir__json_fail(scan, WEIR_LIMIT, at,
                               "expected a number of at most 1.8e308 (a double), got a larger one");
    }
    return end;
}
