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

/*
 * The events of a source, taken over whatever happens. It sends the final watermark at its end.
 * Errors (kept on the env): WEIR_INVALID: the source is NULL, or does not say which type it emits.
 * Source: semantics sheet, section 11; Flink's fromSource.
 */
weir_stream *weir_from_source(weir_env *env, weir_source *source);

/*
 * Without a key and without state: filter, map and flat_map. A result carries its event's
 * timestamp; watermarks and idleness pass through, after what was emitted before them. What goes in
 * is borrowed until the function returns; `user` is shared by all subtasks: read only. Errors (kept
 * on the env): WEIR_INVALID: the function or out_type is NULL. They take any type: the function
 * must know which. Threads: the subtask's.
 */

/* Keeps the events for which the predicate is true. Source: Flink's filter. */
weir_stream *weir_filter(weir_stream *in, const char *name,
                         bool (*predicate)(const void *value, void *user), void *user);
/* One event out for each event in. *out arrives zeroed; its strings may borrow from the input.
 * Source: Flink's map. */
weir_stream *weir_map(weir_stream *in, const char *name, const struct weir_type *out_type,
                      void (*map)(const void *value, void *out, void *user), void *user);
/* Any number of events out for each event in. Source: Flink's flatMap. */
weir_stream *weir_flat_map(weir_stream *in, const char *name, const struct weir_type *out_type,
                           void (*flat_map)(const void *value, weir_collector *out, void *user),
                           void *user);
/*
 * A process function without a key: side outputs, but no state and no timers. Copies the
 * function struct. Errors (kept on the env): WEIR_MISMATCH: the stream is not of in_type;
 * WEIR_INVALID: a function or out_type is missing, or it has states or timers.
 * Source: semantics sheet, section 10; Flink's ProcessFunction.
 */
weir_stream *weir_process(weir_stream *in, const struct weir_process_function *function);
/*
 * A process function with keyed state and timers; otherwise as weir_process. Timers fire in order
 * of time over all keys, due at time <= watermark (or clock), before the watermark goes on; their
 * output carries the timer's time, or none by the clock. Source: semantics sheet, sections 7, 10
 * and 17; Flink's KeyedProcessFunction.
 */
weir_stream *weir_keyed_process(weir_keyed_stream *in,
                                const struct weir_process_function *function);

/*
 * Reads each event's timestamp from an int64 field of its type (NULL: keeps the source's) and
 * generates watermarks: per source partition where it is chained to a source, else per input.
 * Watermarks from upstream are swallowed, except the final one, and so is idleness. Errors (kept on
 * the env): WEIR_MISMATCH: the field is not one of the stream's type, or no int64; WEIR_INVALID: a
 * negative time, or a field with ingestion time. Source: semantics sheet, sections 11 and 12.
 */
weir_stream *weir_assign_watermarks(weir_stream *in, struct weir_watermark_strategy strategy,
                                    const struct weir_field *timestamp);

/*
 * Partitions by a string, int64 or bool field: equal keys reach the same subtask, the one that
 * Flink gives them. NULL on a stream of plain strings, int64 or bool: by the value itself.
 * Errors (kept on the env): WEIR_MISMATCH: the field is not one of the stream's type, or of another
 * kind; WEIR_INVALID: it is NULL on a stream of structs.
 * Source: semantics sheet, section 16; Flink's keyBy.
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
    enum weir_window_path path; /* AUTO: slices, or sessions without panes, where they can */
};

/*
 * One result, or what the window function emits, for each key and firing of a window; it carries
 * the window's last millisecond as its timestamp. Copies the configuration; what it points to must
 * outlive the job.
 * Errors (kept on the env): WEIR_MISMATCH: the aggregate, the reduce, the window function or the
 * late output is of another type than what it is given; WEIR_INVALID: a size, gap, count or
 * lateness that makes no sense, a function that is missing, an aggregate without merge or states of
 * a window with windows that merge, a path that cannot be taken.
 * Source: semantics sheet, sections 1 to 9.
 */
weir_stream *weir_window(weir_keyed_stream *in, const struct weir_window_config *config);
/* The short forms: the assigner's default trigger, no lateness. Source: semantics sheet, sections 1
 * to 9; Flink's aggregate of a windowed stream. */
weir_stream *weir_window_aggregate(weir_keyed_stream *in, struct weir_window_assigner assigner,
                                   const struct weir_aggregate *aggregate);
/* The same for a reduce. Source: semantics sheet, sections 1 to 9; Flink's reduce of a windowed
 * stream. */
weir_stream *weir_window_reduce(weir_keyed_stream *in, struct weir_window_assigner assigner,
                                const struct weir_reduce *reduce);

/*
 * The values that `of`'s operator sent to the tag. Errors (kept on the env): WEIR_INVALID: the
 * operator does not declare it; WEIR_MISMATCH: it carries another type.
 * Source: semantics sheet, section 10.
 */
weir_stream *weir_side_output(weir_stream *of, const struct weir_output_tag *tag);
/* Both streams' events in one, in the order in which they come; the watermark is the smaller of the
 * two. Errors (kept on the env): WEIR_MISMATCH: their types differ; WEIR_INVALID: they belong to
 * two envs. Source: semantics sheet, section 13. */
weir_stream *weir_union(weir_stream *a, weir_stream *b);
/*
 * Spreads events over the next operator's subtasks, each sender in turn over all of them: none gets
 * more than one event more than another. Rebalance, broadcast and rescale take any type and keep
 * it; events of one sender that reach the same subtask stay in order, and watermarks reach all.
 * Source: Flink's rebalance (round robin).
 */
weir_stream *weir_rebalance(weir_stream *in);
/* Sends every event to every subtask of the next operator. Source: Flink's broadcast. */
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
 * Source: Flink's partitionCustom.
 */
weir_stream *weir_partition_custom(weir_stream *in,
                                   int (*choose)(const void *value, int subtasks, void *user),
                                   void *user);

/* Ends a stream in a sink; takes the sink. Errors (kept on the env): WEIR_INVALID: it is NULL;
 * WEIR_MISMATCH: it takes another type. Source: Flink's sinkTo. */
void weir_sink_to(weir_stream *in, weir_sink *sink);

/* Settings of the operator that produced the stream; they return the stream. */
weir_stream *weir_set_parallelism(weir_stream *stream, int parallelism); /* 1 … max parallelism */
weir_stream *weir_set_name(weir_stream *stream, const char *name);
weir_stream *weir_set_uid(weir_stream *stream, const char *uid);
weir_stream *weir_disable_chaining(weir_stream *stream);

#endif
