/*
 * Status codes and errors.
 *
 * A function that can fail returns an enum weir_status (0 is success) and, as its last argument,
 * may take a struct weir_error that says what was expected, what came, where, and what to do next.
 * Names and texts of all codes come from the one list below.
 */
#ifndef WEIR_STATUS_H
#define WEIR_STATUS_H

#include <stdbool.h>

#define WEIR_STATUS_MAP(X)                                                                         \
    X(OK, "ok")                                                                                    \
    X(INVALID, "invalid argument")                                                                 \
    X(MISMATCH, "type mismatch")                                                                   \
    X(MALFORMED, "malformed input")                                                                \
    X(NOT_FOUND, "not found")                                                                      \
    X(IO, "input/output error")                                                                    \
    X(UNAVAILABLE, "unavailable")                                                                  \
    X(TIMED_OUT, "timed out")                                                                      \
    X(CANCELLED, "cancelled")                                                                      \
    X(LIMIT, "limit exceeded")                                                                     \
    X(CORRUPT, "corrupt data")                                                                     \
    X(UNSUPPORTED, "not supported")                                                                \
    X(FENCED, "another instance has taken over")

enum weir_status {
#define X(name, text) WEIR_##name,
    WEIR_STATUS_MAP(X)
#undef X
};

struct weir_error {
    enum weir_status code;
    bool retriable;
    char where[160];   /* operator, file:line:column, or topic/partition/offset; may be empty */
    char message[480]; /* what was expected, what came, what to do next */
};

#define WEIR_MUST_USE            __attribute__((warn_unused_result))
#define WEIR_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))

/* The code's name ("MALFORMED") and its text ("malformed input"). Static storage. */
const char *weir_status_name(enum weir_status status);
const char *weir_status_text(enum weir_status status);

/*
 * Fills *error (which may be NULL) and returns `code`, so that a failing function can end with
 * `return weir_error_set(error, WEIR_MALFORMED, where, "expected …, got …")`.
 *
 * where: place of the failure, or NULL. Longer texts are cut at the field's size. What a terminal
 * would obey or not show (control characters, a byte order mark) is written as an escape in both.
 */
enum weir_status weir_error_set(struct weir_error *error, enum weir_status code, const char *where,
                                const char *format, ...) WEIR_PRINTF(4, 5);

#endif
