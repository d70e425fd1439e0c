/*
 * A file of properties: lines key=value, as librdkafka's tools read them. Empty lines and lines
 * that begin with # are skipped; spaces around key and value are not theirs. At most 1 MiB.
 */
#ifndef WEIR__BASE_PROPERTIES_H
#define WEIR__BASE_PROPERTIES_H

#include "base/vec.h"

#include <weir/status.h>

struct weir__property {
    const char *key;
    const char *value;
    int line; /* from 1 */
};

/*
 * Appends what the file says to *properties (of struct weir__property). *text, owned by the caller,
 * is what they point into; NULL when the file cannot be read. After a line that is wrong those
 * before it are there. Errors: WEIR_IO (cannot be opened or read), WEIR_LIMIT (too large),
 * WEIR_MALFORMED (where is FILE:LINE).
 */
WEIR_MUST_USE enum weir_status weir__properties_load(const char *path, char **text,
                                                     struct weir__vec *properties,
                                                     struct weir_error *error);

#endif
