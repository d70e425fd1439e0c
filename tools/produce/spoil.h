/*
 * Malformed events, as they come in real life: what a robust job must survive.
 */
#ifndef WEIR_TOOLS_PRODUCE_SPOIL_H
#define WEIR_TOOLS_PRODUCE_SPOIL_H

#include "base/buf.h"
#include "produce/settings.h"

#define SPOIL_MAP(X)                                                                               \
    X(TRUNCATED, "truncated")                                                                      \
    X(WRONG_TYPE, "wrong type")                                                                    \
    X(MISSING_FIELD, "missing field")                                                              \
    X(NOT_JSON, "not JSON")                                                                        \
    X(INVALID_UTF8, "invalid UTF-8")

enum spoil_kind {
#define X(name, text) SPOIL_##name,
    SPOIL_MAP(X)
#undef X
        SPOIL_KINDS,
    SPOIL_NOT = SPOIL_KINDS
};

extern const char *const spoil_kind_names[SPOIL_KINDS];

/* Whether and how event number `index` is malformed. */
enum spoil_kind spoil_kind_of(const struct produce_settings *settings, int64_t index);

/* Changes the event as it was written into `text` (NUL-terminated behind its len); `event` is what
 * it says. */
void spoil(enum spoil_kind kind, const struct produce_settings *settings, const void *event,
           struct weir__buf *text);

#endif
