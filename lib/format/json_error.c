/*
 * Errors of the scanner. Whatever is quoted from a message is made printable.
 */
#include "format/json_scan.h"

#include "base/escape.h"

#include <stdarg.h>
#include <stdio.h>

enum { QUOTED_BYTES = 32 };

const char *weir__json_fail(struct weir__json_scan *scan, enum weir_status status, const char *at,
                            const char *format, ...)
{
    char where[64];
    char message[320];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    snprintf(where, sizeof(where), "column %zu", (size_t)(at - scan->begin) + 1);
    scan->status = status;
    if (scan->field != NULL) {
        weir_error_set(scan->error, status, where, "field \"%s\": %s", scan->field->wire_name,
                       message);
    } else {
        weir_error_set(scan->error, status, where, "%s", message);
    }
    return NULL;
}

/* Says what stands at `at`: "the end of the message", or its beginning in quotes. */
static void describe(const struct weir__json_scan *scan, const char *at, const char *end,
                     char text[160])
{
    if (at == scan->end) {
        snprintf(text, 160, "the end of the message");
        return;
    }
    size_t len = (size_t)(end - at);
    size_t shown = len < QUOTED_BYTES ? len : QUOTED_BYTES;
    while (shown < len && shown > 1 && ((uint8_t)at[shown] & 0xc0) == 0x80) { /* whole characters */
        shown--;
    }
    char printable[QUOTED_BYTES * 4 + 1];
    weir__printable((struct weir_str){at, (uint32_t)shown}, printable, sizeof(printable));
    snprintf(text, 160, "%s%s", printable, shown < len ? "…" : "");
}

const char *weir__json_unexpected(struct weir__json_scan *scan, const char *at,
                                  const char *expected)
{
    char got[160];
    const char *end = at;
    while (end < scan->end && end - at < 16 && strchr(" \t\r\n,}", *end) == NULL) {
        end++;
    }
    describe(scan, at, end > at || at == scan->end ? end : at + 1, got);
    return weir__json_fail(scan, WEIR_MALFORMED, at, "expected %s, got %s", expected, got);
}

const char *weir__json_mismatch(struct weir__json_scan *scan, const char *at, const char *expected)
{
    const char *end = weir__json_skip(scan, at);
    if (end == NULL) {
        return NULL; /* not even JSON: that is the better message */
    }
    char got[160];
    describe(scan, at, end, got);
    return weir__json_fail(scan, WEIR_MISMATCH, at, "expected %s, got %s", expected, got);
}
