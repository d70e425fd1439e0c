/*
 * Streams: the fluent part. Every function adds a step to the job's graph and returns the stream
 * that comes out of it.
 *
 * Nothing runs before weir_execute. Mistakes made here (a NULL stream, a type that does not match,
 * a window of size 0) are kept on the env and reported by weir_execute with the operator's name, so
 * lesson code needs no error ladder. Streams belong to their env. Names may be NULL: the operator's
 * kind is used.
 */
#ifndef WEIR_STREAM_H
#define WEIR_STREAM_H

#include <weir/env.h>
#include <weir/process.h>
#include <weir/sink.h>
#include <weir/source.h>
#include <weir/watermark.h>
#include <weir/window.h>

typedef struct weir_stream weir_stream;
typedef struct weir_keyed_stream weir_keyed_stream;

/* Takes the source. */
weir_stream *weir_from_source(weir_env *env, weir_source *source);

/* Keeps the events for which the predicate is true. */
weir_stream *weir_filter(weir_stream *in, const char *name,
                         bool (*predicate)(const void *value, void *user), void *user);
/* One event out for each event in. *out arrives zeroed; its strings may borrow from the input. */
weir_stream *weir_map(weir_stream *in, const char *name, const struct weir_type *out_type,
                      void (*map)(const void *value, void *out, void *user), void *user);
/* Any number of events out for each event in. */
weir_stream *weir_flat_map(weir_stream *in, const char *name, const struct weir_type *out_type,
                           void (*flat_map)(const void *value, weir_collector *out, void *user),
                           void *user);
/*
 * A process function without a key: side outputs, but no state and no timers. Copies the
 * function struct.
 */
weir_stream *weir_process(weir_stream *in, const struct weir_process_function *function);
/* A process function with keyed state and timers. */
weir_stream *weir_keyed_process(weir_keyed_stream *in,
                                const struct weir_process_function *function);

/*
 * Reads each event's timestamp from an int64 field of its type (NULL: keeps the source's) and
 * generates watermarks: per source partition where it is chained to a source, else per input.
 * Watermarks from upstream are swallowed, except the final one.
 */
weir_stream *weir_assign_watermarks(weir_stream *in, struct weir_watermark_strategy strategy,
                                    const struct weir_field *timestamp);

/*
 * Partitions by a string, int64 or bool field: equal keys reach the same subtask (semantics sheet,
 * section 16). NULL on a stream of plain strings, int64 or bool: by the value itself.
 */
weir_keyed_stream *weir_key_by(weir_stream *in, const struct weir_field *key);

enum weir_window_path { WEIR_PATH_AUTO, WEIR_PATH_GENERAL, WEIR_PATH_SLICES };

/*
 * What is kept of a window's events: all of them, for `process`; or one value, by `aggregate` or
 * `reduce`, which is the result, or what `process` sees when it is given too.
 */
struct weir_window_config {
    const char *name; /* NULL: the aggregate's, or the reduce's */
    struct weir_window_assigner assigner;
    struct weir_trigger trigger; /* {0}: the assigner's default */
    struct weir_evictor evictor; /* {0}: none */
    int64_t allowed_lateness_ms; /* >= 0; event-time windows only */
    const struct weir_output_tag
        *late_output; /* NULL: late events are dropped and counted (numLateRecordsDropped) */
    const struct weir_aggregate *aggregate; /* at most one of aggregate and reduce */
    const struct weir_reduce *reduce;
    const struct weir_window_function *process; /* needed when there is neither */
    enum weir_window_path path;                 /* AUTO: slices where they give the same result */
};

weir_stream *weir_window(weir_keyed_stream *in, const struct weir_window_config *config);
/* The short form: the assigner's default trigger, no lateness. */
weir_stream *weir_window_aggregate(weir_keyed_stream *in, struct weir_window_assigner assigner,
                                   const struct weir_aggregate *aggregate);
weir_stream *weir_window_reduce(weir_keyed_stream *in, struct weir_window_assigner assigner,
                                const struct weir_reduce *reduce);

/* The values that `of`'s operator sent to the tag. */
weir_stream *weir_side_output(weir_stream *of, const struct weir_output_tag *tag);
/* Both streams' events in one; types must be the same. */
weir_stream *weir_union(weir_stream *a, weir_stream *b);
/* Spreads events evenly over the next operator's subtasks. */
weir_stream *weir_rebalance(weir_stream *in);
/* Sends every event to every subtask of the next operator. */
weir_stream *weir_broadcast(weir_stream *in);
/*
 * Spreads the events of a subtask evenly over a few subtasks of the next operator, its own share of
 * them: 2 subtasks before 4 send to two each, 4 before 2 to one each. Fewer connections than
 * weir_rebalance, but as uneven as the subtasks before are.
 * Source: Flink's rescale (pointwise distribution).
 */
weir_stream *weir_rescale(weir_stream *in);
/*
 * Your own partitioner: choose gives the subtask, 0 … subtasks - 1, of the next operator for each
 * event (borrowed); another number fails the job. user is shared by all subtasks: read only.
 * Errors (kept on the env): WEIR_INVALID: choose is NULL. Threads: called by the sending subtask's.
 */
weir_stream *weir_partition_custom(weir_stream *in,
                                   int (*choose)(const void *value, int subtasks, void *user),
                                   void *user);

/* Ends a stream in a sink; takes the sink. */
void weir_sink_to(weir_stream *in, weir_sink *sink);

/* Settings of the operator that produced the stream; they return the stream. */
weir_stream *weir_set_parallelism(weir_stream *stream, int parallelism); /* 1 … max parallelism */
weir_stream *weir_set_name(weir_stream *stream, const char *name);
weir_stream *weir_set_uid(weir_stream *stream, const char *uid);
weir_stream *weir_disable_chaining(weir_stream *stream);

#endif
