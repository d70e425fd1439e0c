/*
 * The harness: your operators on a test bench, without a job around them. You push events,
 * watermarks and time by hand, and see at once what comes out, in order. Nothing runs by itself:
 * the clock stands still until you set it.
 *
 *     weir_env *env = weir_env_new("test", 0, NULL);
 *     weir_stream *clicks = weir_harness_input(env, &click_event_type);
 *     weir_stream *counts = weir_window_aggregate(
 *         weir_key_by(clicks, WEIR_FIELD(click_event, user_id)),
 *         weir_tumbling_event_time(3000), &my_count);
 *
 *     weir_harness *harness = weir_harness_new(env, counts);
 *     weir_harness_push(harness, &(struct click_event){.user_id = WEIR_STR("ann")}, 1000);
 *     weir_harness_watermark(harness, 2999);
 *     ck_assert_str_eq(weir_harness_take_text(harness), "1@2999 W2999");
 *
 *     weir_harness_free(harness);
 *     weir_env_free(env);
 *
 * All operators between the input and the given stream take part, as one subtask; most often that
 * is a single one. An operator that reads two streams (<weir/connect.h>), or a union, must be the
 * first, with a weir_harness_input on either side: weir_harness_push feeds its first stream,
 * weir_harness_push2 its second. The text form of what came out, one word each, separated by
 * blanks:
 *
 *     1@2999           a value as JSON, with its timestamp in epoch ms; "1@-" when it has none
 *     late:{…}@5       a value of the side output "late"
 *     W2999            the watermark, after the results that it caused; "Wmax": the final one
 *     idle, active     the stream fell silent; it is back
 *     failed(…)        the operator failed, and why; it then takes nothing more
 *
 * Threads: one at a time. Source of the rules that show here: semantics sheet, all sections.
 */
#ifndef WEIR_HARNESS_H
#define WEIR_HARNESS_H

#include <weir/stream.h>

typedef struct weir_harness weir_harness;

/* A stream of this type to build on: what it carries is what you push. */
weir_stream *weir_harness_input(weir_env *env, const struct weir_type *type);

/*
 * The operators that lead to `out`, open and with the clock at 0. The stream's source, if it is a
 * real one, is never opened: you are the source. Never NULL; what is wrong is told by
 * weir_harness_error. The env must outlive the harness.
 */
weir_harness *weir_harness_new(weir_env *env, const weir_stream *out);
/* The same as subtask 0 … parallelism - 1 of several: it owns the key groups of that subtask, and
 * you push only its keys. */
weir_harness *weir_harness_new_subtask(weir_env *env, const weir_stream *out, int subtask,
                                       int parallelism);
void weir_harness_free(weir_harness *harness);

/* Why it does not work (any more): a mistake in the graph, a failed operator. Code WEIR_OK: all is
 * well. Borrowed. */
const struct weir_error *weir_harness_error(const weir_harness *harness);

/* ---- what comes in ---- */

/* An event (borrowed). timestamp: epoch ms; WEIR_TIME_MIN: none. */
void weir_harness_push(weir_harness *harness, const void *value, int64_t timestamp);
/* An event of a source split (0, 1, …), for watermarks per split; announce splits before to let
 * them hold the watermark back. */
void weir_harness_push_from(weir_harness *harness, int32_t split, const void *value,
                            int64_t timestamp);
void weir_harness_split_added(weir_harness *harness, int32_t split);
void weir_harness_split_finished(weir_harness *harness, int32_t split);
/* Ignored when it does not rise, as everywhere. */
void weir_harness_watermark(weir_harness *harness, int64_t watermark);
void weir_harness_idle(weir_harness *harness, bool idle);
/*
 * Two inputs: an event (borrowed) of the second one; a watermark, and idleness, of one of them. The
 * operator sees the minimum over those that are not idle. The functions above tell both.
 */
void weir_harness_push2(weir_harness *harness, const void *value, int64_t timestamp);
void weir_harness_watermark1(weir_harness *harness, int64_t watermark);
void weir_harness_watermark2(weir_harness *harness, int64_t watermark);
void weir_harness_idle1(weir_harness *harness, bool idle);
void weir_harness_idle2(weir_harness *harness, bool idle);
/* The clock jumps to `ms` (epoch ms); then everything that is due fires, in order of time. Setting
 * it back fires no timer. */
void weir_harness_set_time(weir_harness *harness, int64_t ms);
/* The end of input: the final watermark, and then the operators' finish. */
void weir_harness_finish(weir_harness *harness);

/* ---- what came out ---- */

enum weir_harness_kind { WEIR_OUT_RECORD, WEIR_OUT_WATERMARK, WEIR_OUT_IDLE, WEIR_OUT_ACTIVE };

struct weir_harness_output {
    enum weir_harness_kind kind;
    const char *tag;              /* RECORD: the side output's name; NULL: main output */
    const struct weir_type *type; /* RECORD */
    const void *value;            /* RECORD: a deep copy that belongs to the harness */
    int64_t timestamp; /* RECORD: epoch ms, WEIR_TIME_MIN: none. WATERMARK: the watermark */
    int64_t trace_id;  /* RECORD: its number in the trace; 0: none */
};

/* Everything since the last weir_harness_clear, in the order in which it came. Borrowed until the
 * next clear or push. */
size_t weir_harness_count(const weir_harness *harness);
const struct weir_harness_output *weir_harness_at(const weir_harness *harness, size_t index);
void weir_harness_clear(weir_harness *harness);
/* The same as text (see above), and clears. Borrowed until the next call. */
const char *weir_harness_take_text(weir_harness *harness);

/* ---- state ---- */

/* What the operators hold: after the final watermark this should be nothing. */
struct weir_harness_state {
    int64_t entries; /* (key, window) pairs, or keys, that have a value in some state */
    int64_t windows; /* open windows */
    int64_t event_timers;
    int64_t processing_timers;
};
struct weir_harness_state weir_harness_state(const weir_harness *harness);

/* What a checkpoint would hold, as bytes. The watermark is not part of it. Borrowed until the next
 * snapshot. */
struct weir_str weir_harness_snapshot(weir_harness *harness);
/*
 * Throws the operators away, makes new ones and gives them the state of one or several snapshots
 * (those of all subtasks, when the parallelism changes). The watermark starts anew; clock, output
 * and counters of this harness stay. Errors: WEIR_CORRUPT, WEIR_MISMATCH (the operators are others
 * than those of the snapshot), also in weir_harness_error.
 */
enum weir_status weir_harness_restore(weir_harness *harness, const struct weir_str *snapshots,
                                      size_t count);

/* ---- counters ---- */

/* Of all operators together: numRecordsIn, numLateRecordsDropped, a weir_count of your own, …;
 * since the harness was made. */
int64_t weir_harness_metric(const weir_harness *harness, const char *name);
/* Why the last event was refused (numRecordsRejected counts them); code WEIR_OK: none was.
 * Borrowed. */
const struct weir_error *weir_harness_rejection(const weir_harness *harness);

#endif
