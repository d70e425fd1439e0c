/*
 * Process functions: the lowest-level operators a learner writes. They see each event with its
 * timestamp and the watermark, write to the main output and to side outputs, and, on a keyed
 * stream, keep state and set timers.
 *
 * Source: semantics sheet, section 10.
 */
#ifndef WEIR_PROCESS_H
#define WEIR_PROCESS_H

#include <weir/state.h>
#include <weir/status.h>

/* Where a function sends its results. weir_emit is synchronous: when it returns, downstream
 * operators of the same chain have run. */

/* Emits a value (borrowed) with the timestamp of the event, timer or window in hand. */
void weir_emit(weir_collector *out, const void *value);
/* Emits a value with a timestamp of its own. */
void weir_emit_at(weir_collector *out, const void *value, int64_t timestamp);

/* A named second output of an operator. Two tags are the same when their names are. */
struct weir_output_tag {
    const char *name;
    const struct weir_type *type;
};

/* Sends a value to a side output of this operator, with the timestamp of the element in hand. A tag
 * that is NULL or has no name ends the program. */
void weir_side_emit(weir_context *context, const struct weir_output_tag *tag, const void *value);

/* ---- what is known about the call in progress ---- */

/* Of the event or timer; WEIR_TIME_MIN: none. */
int64_t weir_timestamp(const weir_context *context);
int64_t weir_current_watermark(const weir_context *context); /* WEIR_TIME_MIN before the first */
int64_t weir_current_processing_time(const weir_context *context);
/* The key of a keyed stream: struct weir_str *, int64_t *, … */
const void *weir_current_key(const weir_context *context);
int weir_subtask_index(const weir_context *context); /* 0 … parallelism - 1 */

/* Timers, keyed streams only: one a (key, time); setting it twice is one timer, deleting a missing
 * one does nothing. A timer fires when the watermark (or the clock) reaches its time, inclusive. */
void weir_register_event_timer(weir_context *context, int64_t time);
void weir_delete_event_timer(weir_context *context, int64_t time);
void weir_register_processing_timer(weir_context *context, int64_t time);
void weir_delete_processing_timer(weir_context *context, int64_t time);

/* A counter under the operator's name in the job's metrics; created at the first call. */
void weir_count(weir_context *context, const char *metric, int64_t increment);
/*
 * Flink's other kinds of metrics, each created at its first call; a name belongs to one kind. All
 * are seen while the job runs (--rest), and afterwards by weir_metric.
 *
 * weir_gauge sets how it is now. weir_meter counts too, and its rate a second, averaged over the
 * last minute, is what is shown. weir_histogram takes a value of many: the last 512 make the
 * smallest, the largest, the mean, the deviation and the quantiles p50 to p999.
 */
void weir_gauge(weir_context *context, const char *metric, double value);
void weir_meter(weir_context *context, const char *metric, int64_t increment);
void weir_histogram(weir_context *context, const char *metric, double value);
/* Fails the job, as an exception does in Flink: what it is restored from, and whether, is up to the
 * checkpoints and the restart strategy. For what cannot be, not for bad input, which belongs to a
 * side output. The call goes on to its end; nothing is called after it. */
void weir_fail(weir_context *context, const char *format, ...) WEIR_PRINTF(2, 3);

struct weir_process_function {
    const char *name;
    const struct weir_type *in_type;
    const struct weir_type *out_type;
    void (*process)(const void *value, weir_context *context, weir_collector *out, void *user);
    /* Keyed streams only; NULL where no timer is set. event_time: false for a processing-time
     * timer. */
    void (*on_timer)(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                     void *user);
    const struct weir_state_descriptor *const *states; /* NULL-terminated; NULL: none */
    const struct weir_output_tag *const *side_outputs; /* NULL-terminated; NULL: none */
    void *user;                                        /* shared by all subtasks: read only */
};

#endif
