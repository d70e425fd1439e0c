/*
 * Reading JSON in place, piece by piece: for traces, which are read line by line and whose objects
 * are nearly flat.
 *
 * A scanner walks over bytes that it may change: strings are unescaped where they lie, so what it
 * hands out are views of the line and nothing is allocated. After a mistake `failed` stays set and
 * everything that follows reads as absent.
 *
 *     struct weir__scan scan = weir__scan_of(line, len);
 *     weir__scan_open(&scan, '{');
 *     while (weir__scan_member(&scan, &name)) {
 *         if (weir_str_equals(name, "n")) { n = weir__scan_int(&scan); } else {
 * weir__scan_skip(&scan); }
 *     }
 */
#ifndef WEIR__TRACE_SCAN_H
#define WEIR__TRACE_SCAN_H

#include <weir/str.h>

struct weir__scan {
    char *at;
    char *end;
    bool failed;
    bool first; /* the next member or element needs no comma before it */
};

static inline struct weir__scan weir__scan_of(char *bytes, size_t len)
{
    return (struct weir__scan){.at = bytes, .end = bytes + len};
}

/* Enters an object '{' or an array '['. */
void weir__scan_open(struct weir__scan *scan, char bracket);
/* Goes to the next member's value and gives its name; false, behind the bracket, when there is
 * none. The value must be read or skipped. */
bool weir__scan_member(struct weir__scan *scan, struct weir_str *name);
/* Goes to the next element; false, behind the bracket, when there is none. */
bool weir__scan_element(struct weir__scan *scan);

/* Values. A number with a fraction, an exponent or more than 63 bits is a mistake; a string may be
 * null. */
struct weir_str weir__scan_string(struct weir__scan *scan);
int64_t weir__scan_int(struct weir__scan *scan);
bool weir__scan_bool(struct weir__scan *scan);
/* Any value, up to 32 levels deep: the bytes it takes, unchanged. */
struct weir_str weir__scan_skip(struct weir__scan *scan);
/* Nothing but white space is left, and there was no mistake. */
bool weir__scan_done(struct weir__scan *scan);

#endif
