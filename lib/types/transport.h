/*
 * Transport: how a record's value lies in a buffer: a channel's, or a held batch's.
 *
 * A flat type (scalars and strings only) travels as it lies in memory (types/flat.h), padded to a
 * multiple of 8 bytes: nothing is decoded or copied. Other types are encoded by types/codec.h and
 * decoded into a value of the reader's. Threads: a transport belongs to one task.
 */
#ifndef WEIR__TYPES_TRANSPORT_H
#define WEIR__TYPES_TRANSPORT_H

#include "types/flat.h"

#include <weir/type.h>

struct weir__transport {
    const struct weir_type *type;
    bool is_flat;
    struct weir__flat flat;
    void *value; /* not flat: what is decoded into; made with the first read */
};

void weir__transport_init(struct weir__transport *transport, const struct weir_type *type);
void weir__transport_fini(struct weir__transport *transport);

/* Appends the value. Flat: the buffer's length must be a multiple of 8. */
void weir__transport_put(const struct weir__transport *transport, const void *value,
                         struct weir__buf *out);
/*
 * The value in these bytes, which are changed; they were aligned to 8 bytes when written. Borrowed
 * until weir__transport_release, which comes before the next. NULL: the bytes hold no such value.
 */
const void *weir__transport_get(struct weir__transport *transport, char *bytes, size_t len);
void weir__transport_release(struct weir__transport *transport);

#endif
