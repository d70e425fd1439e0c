/*
 * The scanner of scan.h. An escape is never shorter than the character it stands for, so unescaping
 * in place never overtakes reading.
 */
#include "trace/scan.h"

#include "base/utf8.h"

enum { DEEPEST = 32 };

static void fail(struct weir__scan *scan)
{
    scan->failed = true;
    scan->at = scan->end;
}

/* The next character that is not white space; NUL at the end. */
static char peek(struct weir__scan *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r')) {
        scan->at++;
    }
    return scan->at < scan->end ? *scan->at : '\0';
}

static bool accept(struct weir__scan *scan, char wanted)
{
    if (peek(scan) != wanted) {
        return false;
    }
    scan->at++;
    return true;
}

static void expect(struct weir__scan *scan, char wanted)
{
    if (!accept(scan, wanted)) {
        fail(scan);
    }
}

static bool accept_word(struct weir__scan *scan, const char *word)
{
    size_t len = strlen(word);
    peek(scan);
    if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, word, len) != 0) {
        return false;
    }
    scan->at += len;
    return true;
}

void weir__scan_open(struct weir__scan *scan, char bracket)
{
    expect(scan, bracket);
    scan->first = true;
}

/* Whether another member or element follows; steps over the comma or the closing bracket. */
static bool more(struct weir__scan *scan, char closing)
{
    bool first = scan->first;
    scan->first = false;
    if (accept(scan, closing)) {
        return false;
    }
    if (!first) {
        expect(scan, ',');
    }
    return !scan->failed;
}

bool weir__scan_member(struct weir__scan *scan, struct weir_str *name)
{
    if (!more(scan, '}')) {
        return false;
    }
    *name = weir__scan_string(scan);
    expect(scan, ':');
    return !scan->failed && !weir_str_is_null(*name);
}

bool weir__scan_element(struct weir__scan *scan)
{
    return more(scan, ']');
}

/* Four hexadecimal digits behind \u. */
static uint32_t read_hex(struct weir__scan *scan)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = scan->at < scan->end ? *scan->at++ : '\0';
        if (c >= '0' && c <= '9') {
            value = value << 4 | (uint32_t)(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            value = value << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
        } else {
            fail(scan);
            return 0;
        }
    }
    return value;
}

/* What \uXXXX stands for, with the second half of a surrogate pair; half a pair alone is U+FFFD. */
static uint32_t read_code_point(struct weir__scan *scan)
{
    uint32_t high = read_hex(scan);
    if (high < 0xD800 || high > 0xDFFF) {
        return high;
    }
    if (high > 0xDBFF || scan->end - scan->at < 6 || scan->at[0] != '\\' || scan->at[1] != 'u') {
        return 0xFFFD;
    }
    char *before = scan->at;
    scan->at += 2;
    uint32_t low = read_hex(scan);
    if (low >= 0xDC00 && low <= 0xDFFF) {
        return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    }
    if (!scan->failed) {
        scan->at = before;
    }
    return 0xFFFD;
}

/* Behind a backslash: writes the character and returns where the next one goes. */
static char *unescape(struct weir__scan *scan, char *to)
{
    static const char pairs[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    char c = scan->at < scan->end ? *scan->at++ : '\0';
    if (c == 'u') {
        char bytes[4];
        int len = weir__utf8_encode(read_code_point(scan), bytes);
        memcpy(to, bytes, (size_t)len);
        return to + len;
    }
    for (size_t i = 0; i + 1 < sizeof pairs; i += 2) {
        if (c == pairs[i]) {
            *to = pairs[i + 1];
            return to + 1;
        }
    }
    fail(scan);
    return to;
}

struct weir_str weir__scan_string(struct weir__scan *scan)
{
    const struct weir_str null = {NULL, 0};
    if (peek(scan) == 'n' && accept_word(scan, "null")) {
        return null;
    }
    expect(scan, '"');
    char *start = scan->at;
    char *to = start;
    while (scan->at < scan->end && *scan->at != '"') {
        if (*scan->at == '\\') {
            scan->at++;
            to = unescape(scan, to);
        } else {
            *to++ = *scan->at++;
        }
    }
    if (scan->failed || scan->at == scan->end) {
        fail(scan);
        return null;
    }
    scan->at++;
    return (struct weir_str){start, (uint32_t)(to - start)};
}

int64_t weir__scan_int(struct weir__scan *scan)
{
    bool negative = accept(scan, '-');
    int64_t value = 0;
    char *start = scan->at;
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') {
        int digit = *scan->at++ - '0';
        /* Counted downwards: INT64_MIN has no positive counterpart. */
        if (__builtin_mul_overflow(value, (int64_t)10, &value) ||
            __builtin_sub_overflow(value, (int64_t)digit, &value)) {
            fail(scan);
            return 0;
        }
    }
    bool fraction = scan->at < scan->end && (*scan->at == '.' || (*scan->at | 0x20) == 'e');
    if (scan->at == start || fraction || (!negative && value == INT64_MIN)) {
        fail(scan);
        return 0;
    }
    return negative ? value : -value;
}

bool weir__scan_bool(struct weir__scan *scan)
{
    if (accept_word(scan, "true")) {
        return true;
    }
    if (!accept_word(scan, "false")) {
        fail(scan);
    }
    return false;
}

static void skip_string(struct weir__scan *scan)
{
    expect(scan, '"');
    while (scan->at < scan->end && *scan->at != '"') {
        scan->at += *scan->at == '\\' && scan->end - scan->at > 1 ? 2 : 1;
    }
    if (scan->at == scan->end) {
        fail(scan);
        return;
    }
    scan->at++;
}

/* A number, true, false or null: letters, digits and signs. */
static void skip_word(struct weir__scan *scan)
{
    char *start = scan->at;
    while (scan->at < scan->end && (*scan->at == '-' || *scan->at == '+' || *scan->at == '.' ||
                                    (*scan->at >= '0' && *scan->at <= '9') ||
                                    ((*scan->at | 0x20) >= 'a' && (*scan->at | 0x20) <= 'z'))) {
        scan->at++;
    }
    if (scan->at == start) {
        fail(scan);
    }
}

static void skip_value(struct weir__scan *scan, int depth)
{
    char c = peek(scan);
    if (c == '"') {
        skip_string(scan);
        return;
    }
    if (c != '{' && c != '[') {
        skip_word(scan);
        return;
    }
    if (depth == DEEPEST) {
        fail(scan);
        return;
    }
    weir__scan_open(scan, c);
    while (more(scan, c == '{' ? '}' : ']')) {
        if (c == '{') {
            peek(scan);
            skip_string(scan);
            expect(scan, ':');
        }
        skip_value(scan, depth + 1);
    }
    scan->first = false;
}

struct weir_str weir__scan_skip(struct weir__scan *scan)
{
    peek(scan);
    char *start = scan->at;
    skip_value(scan, 0);
    return scan->failed ? (struct weir_str){NULL, 0}
                        : (struct weir_str){start, (uint32_t)(scan->at - start)};
}

bool weir__scan_done(struct weir__scan *scan)
{
    peek(scan);
    return !scan->failed && scan->at == scan->end;
}
