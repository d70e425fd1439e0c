/*
 * The graph: what a program described through <weir/stream.h>, as a list of transformations.
 *
 * A transformation is one operator; its edges say where its input comes from. Streams are only
 * handles: a stream is a list of edges that a next operator would take, so union, key_by, rebalance
 * and side outputs make no operator of their own.
 *
 *     weir_from_source ─▶ transformation 1
 *                              ◀─edge─ transformation 2 ◀─edge (hash, key)─ transformation 3 …
 *
 * Invariants: ids are 1, 2, 3 … in order of creation, so an edge always points to a smaller id and
 * the list is a topological order.
 * Threads: built by one thread; read-only while a job runs.
 */
#ifndef WEIR__GRAPH_GRAPH_H
#define WEIR__GRAPH_GRAPH_H

#include "base/vec.h"
#include "operator/factories.h"

#include <weir/stream.h>

enum weir__partition {
    WEIR__FORWARD,   /* subtask i to subtask i */
    WEIR__HASH,      /* by key group: semantics sheet, section 16 */
    WEIR__REBALANCE, /* round robin */
    WEIR__BROADCAST, /* every record to every subtask */
    WEIR__RESCALE,   /* round robin over a few subtasks: weir__rescale_range */
    WEIR__CUSTOM,    /* a learner's function chooses */
};

/* "forward", "hash", "rebalance", "broadcast", "rescale", "custom". */
const char *weir__partition_name(enum weir__partition partition);
/*
 * A rescale: sender 0 … senders - 1 sends to receivers first … end - 1, at least one; each receiver
 * hears from at least one. Source: Flink's pointwise distribution.
 */
void weir__rescale_range(int sender, int senders, int receivers, int *first, int *end);

struct weir__transformation;

struct weir__edge {
    struct weir__transformation *from;
    const char *tag; /* NULL: main output; else one of from's sides */
    enum weir__partition partition;
    const struct weir_field *key; /* HASH: where the key is */
    /* CUSTOM */
    int (*choose)(const void *value, int subtasks, void *user);
    void *choose_user;
    int input; /* 0, or 1 for the second input of a two-input operator */
};

struct weir__side {
    char *name;
    const struct weir_type *type;
};

struct weir__transformation {
    int id;
    char *name;
    char *uid;      /* NULL: none given */
    char *state_id; /* what checkpoints know it by: weir__graph_name_states; NULL before */
    struct weir__operator_factory *factory;
    struct weir__edge *inputs; /* none: a source */
    size_t input_count;
    const struct weir_type *in_type;     /* NULL: a source */
    const struct weir_type *out_type;    /* NULL: a sink */
    const struct weir_field *key;        /* keyed input: where the key is; else NULL */
    const struct weir_type *second_type; /* of the second input; NULL: there is one input */
    const struct weir_field *second_key;
    struct weir__side *sides; /* what it may emit beside its main output */
    size_t side_count;
    int parallelism;     /* 0: the job's */
    int max_parallelism; /* 0: any; a source that cannot be split says 1 */
    bool chaining;
    bool aligned; /* with other sources: must be in the task of its own */
    char *about;  /* "sliding 5m by 10s, event time": for people; NULL: nothing to add */
};

static inline const struct weir_type *weir__transformation_input_type(
    const struct weir__transformation *transformation, int input)
{
    return input == 0 ? transformation->in_type : transformation->second_type;
}

/* ---- the graph's part of the env ---- */

struct weir__graph {
    struct weir__vec transformations; /* of struct weir__transformation *, owned */
    struct weir__vec streams;         /* of struct weir_stream *, owned */
};

void weir__graph_init(struct weir__graph *graph);
void weir__graph_fini(struct weir__graph *graph);
static inline struct weir__transformation *weir__graph_at(const struct weir__graph *graph, size_t i)
{
    return *(struct weir__transformation **)weir__vec_at(&graph->transformations, i);
}

/*
 * Gives every operator its state_id: its uid, or its name, with "#2", "#3" … where several have one
 * name. So an operator without a uid keeps its state as long as its name, and the order of those of
 * the same name, stay as they are. False: two have the same; *first and *second say which.
 */
bool weir__graph_name_states(struct weir__graph *graph, const struct weir__transformation **first,
                             const struct weir__transformation **second);

/* The operator that a stream comes from; NULL for a dead stream and for a union. */
const struct weir__transformation *weir__stream_transformation(const weir_stream *stream);
const struct weir__transformation *weir__keyed_stream_transformation(
    const weir_keyed_stream *stream);

#endif
