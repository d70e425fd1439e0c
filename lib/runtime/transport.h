/*
 * Transport: how a record's value lies in a channel's buffer.
 *
 * A flat type (scalars and strings only) travels as it lies in memory: the C struct, and behind it
 * the bytes of its strings, in order. The reader uses the struct where it lies, after pointing its
 * strings at the bytes that follow; nothing is decoded or copied.
 *
 *     | struct click_event {user_id {?, 5} page_url {?, 9} … timestamp} | u0042 | /products | pad |
 *
 * Other types are encoded by types/codec.h and decoded into a value of the reader's.
 * Threads: a transport belongs to one task.
 */
#ifndef WEIR__RUNTIME_TRANSPORT_H
#define WEIR__RUNTIME_TRANSPORT_H

#include "base/buf.h"

#include <weir/type.h>

struct weir__transport {
    const struct weir_type *type;
    bool flat;
    size_t *strings; /* flat: offsets of the strings in the struct, in order */
    size_t string_count;
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
