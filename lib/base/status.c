/*
 * Names and texts of the status codes, and the one way to fill an error.
 */
#include "base/escape.h"

#include <weir/status.h>

#include <stdarg.h>
#include <stdio.h>

const char *weir_status_name(enum weir_status status)
{
    switch (status) {
#define X(name, text)                                                                              \
    case WEIR_##name:                                                                              \
        return #name;
        WEIR_STATUS_MAP(X)
#undef X
    }
    return "UNKNOWN";
}

const char *weir_status_text(enum weir_status status)
{
    switch (status) {
#define X(name, text)                                                                              \
    case WEIR_##name:                                                                              \
        return text;
        WEIR_STATUS_MAP(X)
#undef X
    }
    return "unknown status";
}

enum weir_status weir_error_set(struct weir_error *error, enum weir_status code, const char *where,
                                const char *format, ...)
{
    if (error == NULL) {
        return code;
    }
    error->code = code;
    error->retriable = code == WEIR_UNAVAILABLE || code == WEIR_TIMED_OUT;
    /* A caller may pass error->where itself on, to keep the place while it changes the message. */
    if (where != error->where) {
        weir__printable(weir_str_from(where != NULL ? where : ""), error->where,
                        sizeof(error->where));
    }
    char message[sizeof(error->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    /* It may quote what came from outside. */
    weir__printable(weir_str_from(message), error->message, sizeof(error->message));
    return code;
}
