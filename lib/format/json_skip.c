/*
 * Values of fields that the type does not have: checked like all others, then forgotten. Recursion
 * is bounded by the depth.
 */
#include "format/json_scan.h"

bool weir__json_enter(struct weir__json_scan *scan, const char *at)
{
    if (++scan->depth <= WEIR__MAX_DEPTH) {
        return true;
    }
    weir__json_fail(scan, WEIR_LIMIT, at, "expected at most %d levels of nesting, got more",
                    WEIR__MAX_DEPTH);
    return false;
}

static const char *skip_key(struct weir__json_scan *scan, const char *at)
{
    struct weir_str key;
    if (!weir__json_at(scan, at, '"')) {
        return weir__json_unexpected(scan, at, "a key in quotes");
    }
    at = weir__json_scan_string(scan, at + 1, &key);
    if (at == NULL) {
        return NULL;
    }
    at = weir__json_skip_space(scan, at);
    return weir__json_at(scan, at, ':') ? weir__json_skip_space(scan, at + 1)
                                        : weir__json_unexpected(scan, at, "':' behind a key");
}

/* Objects and lists alike: items between brackets, separated by commas. */
static const char *skip_container(struct weir__json_scan *scan, const char *at)
{
    bool is_object = *at == '{';
    char close = is_object ? '}' : ']';
    if (!weir__json_enter(scan, at)) {
        return NULL;
    }
    at = weir__json_skip_space(scan, at + 1);
    bool empty = weir__json_at(scan, at, close);
    while (!empty) {
        at = is_object ? skip_key(scan, at) : at;
        at = at != NULL ? weir__json_skip(scan, at) : NULL;
        if (at == NULL) {
            return NULL;
        }
        at = weir__json_skip_space(scan, at);
        if (weir__json_at(scan, at, close)) {
            break;
        }
        if (!weir__json_at(scan, at, ',')) {
            return weir__json_unexpected(scan, at, is_object ? "',' or '}'" : "',' or ']'");
        }
        at = weir__json_skip_space(scan, at + 1);
    }
    scan->depth--;
    return at + 1;
}

const char *weir__json_skip(struct weir__json_scan *scan, const char *at)
{
    struct weir_str text;
    bool is_integer;
    switch (at < scan->end ? *at : '\0') {
    case '"':
        return weir__json_scan_string(scan, at + 1, &text);
    case '{':
    case '[':
        return skip_container(scan, at);
    case 't':
        return weir__json_is_word(scan, at, "true", 4) ? at + 4
                                                       : weir__json_unexpected(scan, at, "a value");
    case 'f':
        return weir__json_is_word(scan, at, "false", 5)
                   ? at + 5
                   : weir__json_unexpected(scan, at, "a value");
    case 'n':
        return weir__json_is_word(scan, at, "null", 4) ? at + 4
                                                       : weir__json_unexpected(scan, at, "a value");
    default:
        if (weir__json_is_digit(scan, at) || weir__json_at(scan, at, '-')) {
            return weir__json_scan_number(scan, at, &is_integer);
        }
        return weir__json_unexpected(scan, at, "a value");
    }
}
