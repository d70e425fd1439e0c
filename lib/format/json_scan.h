/*
 * The JSON scanner: reads a message once, left to right, straight into a struct, checking
 * everything that RFC 8259 asks for on the way.
 *
 * Every scan_ function takes the position of what it reads and returns the position behind it;
 * NULL after an error, which is then described in the scan. Strings become views of the message;
 * one with escapes is unescaped into the arena.
 *
 *     json_scan.c    objects against the plan, lists, sets, values by kind
 *     json_string.c  strings and escapes
 *     json_number.c  integers and doubles
 *     json_skip.c    values nobody asked for
 *     json_error.c   what was expected, what came, where
 */
#ifndef WEIR__FORMAT_JSON_SCAN_H
#define WEIR__FORMAT_JSON_SCAN_H

#include "base/arena.h"
#include "base/plain.h"
#include "base/vec.h"
#include "format/json_plan.h"

struct weir__json_scan {
    /* the message */
    const char *begin;
    const char *end;
    /* memory that lives until the next message */
    struct weir__arena arena;
    struct weir__vec sets; /* struct weir_string_set: those handed out, to be cleared */
    /* progress */
    int depth;
    const struct weir_field *field; /* the one being read, for errors; NULL: none */
    enum weir_status status;
    struct weir_error *error; /* may be NULL */
};

/* Reads a whole message into *out, which is zeroed before, and again after an error. */
enum weir_status weir__json_scan_message(struct weir__json_scan *scan, const struct weir_type *type,
                                         struct weir__json_plan *plan, void *out);

/* ---- json_error.c: all return NULL ---- */

const char *weir__json_fail(struct weir__json_scan *scan, enum weir_status status, const char *at,
                            const char *format, ...) WEIR_PRINTF(4, 5);
/* Malformed: something else than `expected` stands at `at`. */
const char *weir__json_unexpected(struct weir__json_scan *scan, const char *at,
                                  const char *expected);
/* Well-formed perhaps, but not what the type asks for. */
const char *weir__json_mismatch(struct weir__json_scan *scan, const char *at, const char *expected);

/* ---- json_string.c ---- */

/* From behind the opening quote: the general case, any character and escape. */
const char *weir__json_scan_any_string(struct weir__json_scan *scan, const char *at,
                                       struct weir_str *out);

static inline const char *weir__json_scan_string(struct weir__json_scan *scan, const char *at,
                                                 struct weir_str *out)
{
    const char *end = weir__plain_end(at, scan->end);
    if (__builtin_expect(end < scan->end && *end == '"', 1)) {
        *out = (struct weir_str){at, (uint32_t)(end - at)};
        return end + 1;
    }
    return weir__json_scan_any_string(scan, at, out);
}

/* ---- json_number.c ---- */

const char *weir__json_scan_int64(struct weir__json_scan *scan, const char *at, int64_t *out);
const char *weir__json_scan_double(struct weir__json_scan *scan, const char *at, double *out);
/* Checks the form of any number. */
const char *weir__json_scan_number(struct weir__json_scan *scan, const char *at, bool *is_integer);

/* ---- json_skip.c ---- */

/* Checks a value of any kind and forgets it. */
const char *weir__json_skip(struct weir__json_scan *scan, const char *at);
/* One level deeper; false when that is one too many, with the error set. */
bool weir__json_enter(struct weir__json_scan *scan, const char *at);

/* ---- small things ---- */

static inline bool weir__json_is_digit(const struct weir__json_scan *scan, const char *at)
{
    return at < scan->end && (uint8_t)(*at - '0') < 10;
}

static inline bool weir__json_at(const struct weir__json_scan *scan, const char *at, char c)
{
    return at < scan->end && *at == c;
}

static inline const char *weir__json_skip_space(const struct weir__json_scan *scan, const char *at)
{
    while (at < scan->end && (uint8_t)*at <= ' ' &&
           (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
    }
    return at;
}

/* `word` stands at `at`: true, false, null. */
static inline bool weir__json_is_word(const struct weir__json_scan *scan, const char *at,
                                      const char *word, size_t len)
{
    return (size_t)(scan->end - at) >= len && memcmp(at, word, len) == 0;
}

#endif
