/*
 * Building the graph: what the functions of <weir/stream.h> have in common.
 *
 * A stream that a mistake led to is dead: it has no edges, and whatever is asked of it gives a dead
 * stream again, without a word.
 */
#ifndef WEIR__GRAPH_BUILD_H
#define WEIR__GRAPH_BUILD_H

#include "graph/env.h"

struct weir_stream {
    weir_env *env;
    const struct weir_type *type;
    struct weir__edge *edges; /* owned; several after a union; none: dead */
    size_t edge_count;
};

struct weir_keyed_stream {
    struct weir_stream stream;
};

/*
 * What a new operator is made of. The factory is taken, also when a mistake forbids the
 * operator.
 */
struct weir__step {
    const char *name; /* NULL: the factory's kind */
    struct weir__operator_factory *factory;
    const struct weir_type *in_type;  /* what it takes; NULL: whatever comes */
    const struct weir_type *out_type; /* NULL: a sink */
};

/*
 * The env of a stream; a NULL stream is a mistake of the latest env. NULL when there is no env
 * to tell.
 */
weir_env *weir__stream_env(const weir_stream *stream, const char *operator_name);
/*
 * True when the operator can be built on this stream: it lives, and in_type (NULL: any) is its
 * type. Keeps the mistake.
 */
bool weir__stream_check(const weir_stream *in, const char *operator_name,
                        const struct weir_type *in_type);
static inline bool weir__stream_usable(const weir_stream *in, const char *operator_name,
                                       const struct weir_type *in_type)
{
    /* The second half is for readers who see only this file, such as the analyzer. */
    return weir__stream_check(in, operator_name, in_type) && in != NULL;
}
bool weir__is_field_of(const struct weir_field *field, const struct weir_type *type);
weir_stream *weir__stream_dead(weir_env *env);
weir_stream *weir__stream_new(weir_env *env, const struct weir_type *type,
                              const struct weir__edge *edges, size_t count);

/* Adds an operator that reads `in` (NULL: a source), and gives its transformation. */
struct weir__transformation *weir__graph_add(weir_env *env, const weir_stream *in,
                                             const struct weir__step *step);
void weir__transformation_side(struct weir__transformation *transformation, const char *name,
                               const struct weir_type *type);
/* tags: NULL-terminated; NULL: none. */
void weir__transformation_sides(struct weir__transformation *transformation,
                                const struct weir_output_tag *const *tags);
/* The stream of its main output. */
weir_stream *weir__transformation_stream(weir_env *env,
                                         struct weir__transformation *transformation);

/* ---- what operators say about themselves in the plan; new strings ---- */

char *weir__describe_window(const struct weir_window_config *config);
char *weir__describe_watermarks(const struct weir_watermark_strategy *strategy,
                                const struct weir_field *timestamp);

#endif
