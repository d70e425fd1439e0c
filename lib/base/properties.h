/*
 * Properties: files of them, and the list that a client takes.
 *
 * A file has lines key=value, as librdkafka's tools read them. Empty lines and lines that begin
 * with # are skipped; spaces around key and value are not theirs. At most 1 MiB.
 *
 * A list has each key once. It is made with set, add (the argument of -X) and load (a file: the
 * argument of -F), where the later value wins; then it is ended, so that
 * (const char *const *)list.items can be handed on.
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

/* An empty list: of char *, "key=value", owned. */
#define WEIR__PROPERTY_LIST WEIR__VEC_OF(char *)

void weir__property_list_set(struct weir__vec *list, const char *key, size_t key_len,
                             const char *value);
/* Takes "key=value". Errors: WEIR_MALFORMED. */
WEIR_MUST_USE enum weir_status weir__property_list_add(struct weir__vec *list, const char *text,
                                                       struct weir_error *error);
/* Takes all that a file says. Errors: as weir__properties_load; the list then stays. */
WEIR_MUST_USE enum weir_status weir__property_list_load(struct weir__vec *list, const char *path,
                                                        struct weir_error *error);
/* NULL behind the last; nothing is taken from then on. */
void weir__property_list_end(struct weir__vec *list);
void weir__property_list_fini(struct weir__vec *list);

#endif
