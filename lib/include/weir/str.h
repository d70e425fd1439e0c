/*
 * weir_str: a borrowed piece of text.
 *
 * Not NUL-terminated. It is a view of bytes that somebody else owns: of the Kafka message, of the
 * state, of a literal. data == NULL is null (an absent value), which is different from the empty
 * string. Inside a value that owns its strings (an accumulator, a value in state) the bytes belong
 * to the value: set those only with weir_str_set.
 */
#ifndef WEIR_STR_H
#define WEIR_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct weir_str {
    const char *data;
    uint32_t len;
};

/* A weir_str of a string literal; and the two arguments of printf's "%.*s". */
#define WEIR_STR(literal) ((struct weir_str){(literal), (uint32_t)(sizeof(literal) - 1)})
#define WEIR_STR_ARG(str) (int)(str).len, ((str).data ? (str).data : "")

static inline struct weir_str weir_str_from(const char *text)
{
    return (struct weir_str){text, text != NULL ? (uint32_t)strlen(text) : 0};
}

static inline bool weir_str_is_null(struct weir_str str)
{
    return str.data == NULL;
}

/* Equal bytes. A null string equals only a null string. */
static inline bool weir_str_same(struct weir_str a, struct weir_str b)
{
    if (a.data == NULL || b.data == NULL) {
        return a.data == b.data;
    }
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static inline bool weir_str_equals(struct weir_str str, const char *text)
{
    return weir_str_same(str, weir_str_from(text));
}

/* <0, 0, >0 by bytes; null sorts first. */
int weir_str_compare(struct weir_str a, struct weir_str b);

/* The hash that Java's String.hashCode() gives the same text, from its UTF-16 code units; it may be
 * negative. A null string has that of the empty one, 0. Source: semantics sheet, section 16. */
int32_t weir_str_java_hash(struct weir_str str);

bool weir_str_starts_with(struct weir_str str, const char *prefix);
bool weir_str_contains(struct weir_str str, const char *part);

/*
 * Replaces an OWNED string (of an accumulator or of a value in state) by a copy of `source`; frees
 * the old bytes.
 */
void weir_str_set(struct weir_str *owned, struct weir_str source);

/* Frees an owned string and makes it null. */
void weir_str_clear(struct weir_str *owned);

#endif
