/*
 * Building operators that read two streams: what the functions of <weir/connect.h> have in common.
 */
#ifndef WEIR__GRAPH_CONNECT_H
#define WEIR__GRAPH_CONNECT_H

#include "graph/build.h"

#include <weir/connect.h>

struct weir_connected_stream {
    struct weir_stream
        both; /* edges of both, with their inputs; the first one's type; none: dead */
    const struct weir_type *second_type;
    const struct weir_field *second_key; /* NULL: a broadcast, or no key */
    bool keyed;                          /* the first stream has a key that operators see */
    bool broadcast;
};

/* As weir_connect_keyed; mistakes name the operator. NULL when there is no env to tell. */
weir_connected_stream *weir__connect_keyed(weir_keyed_stream *first, weir_keyed_stream *second,
                                           const char *operator_name);
/*
 * True when an operator that takes these types (NULL: any) can be built on it. Keeps the mistake.
 */
bool weir__connected_usable(const weir_connected_stream *in, const char *name,
                            const struct weir_type *first, const struct weir_type *second);
/* A dead stream in its env. */
weir_stream *weir__connected_dead_end(const weir_connected_stream *in);
/* Adds an operator that reads both. */
struct weir__transformation *weir__connected_add(const weir_connected_stream *in,
                                                 const struct weir__step *step);

#endif
