/*
 * Two streams in one operator: connected streams, broadcast state, and joins.
 *
 * An operator with two inputs sees events of both in the order in which they come, which says
 * nothing about their timestamps; its watermark is the minimum of the inputs' that are not idle.
 * What a key is to mean the same on both sides must be of one kind: keys of a string and of an
 * int64 are never equal. Source: semantics sheet, sections 13 and 15.
 *
 *     weir_stream *enriched = weir_co_process(
 *         weir_connect_keyed(weir_key_by(clicks, WEIR_FIELD(click_event, user_id)),
 *                            weir_key_by(users, WEIR_FIELD(user, id))), &enrich);
 */
#ifndef WEIR_CONNECT_H
#define WEIR_CONNECT_H

#include <weir/stream.h>

/* Two streams on their way into one operator. Belongs to the env. */
typedef struct weir_connected_stream weir_connected_stream;

/*
 * Two streams without keys: what reaches a subtask is decided by their own partitioning. Errors of
 * all connections (kept on the env): WEIR_INVALID: the streams belong to two envs.
 * Source: Flink's connect.
 */
weir_connected_stream *weir_connect(weir_stream *first, weir_stream *second);
/*
 * Two keyed streams: events with equal keys meet in one subtask, and share its state and timers.
 * Errors (kept on the env): WEIR_MISMATCH: the keys are of different kinds.
 * Source: semantics sheet, section 16; Flink's connect of two keyed streams.
 */
weir_connected_stream *weir_connect_keyed(weir_keyed_stream *first, weir_keyed_stream *second);
/* The second stream goes to every subtask of the operator, whatever its partitioning was. Source:
 * Flink's connect with a broadcast stream. */
weir_connected_stream *weir_connect_broadcast(weir_stream *main, weir_stream *broadcast);
weir_connected_stream *weir_connect_keyed_broadcast(weir_keyed_stream *main,
                                                    weir_stream *broadcast);

/* ---- co-process functions ---- */

/*
 * A process function for two inputs. On keyed streams both functions and on_timer work on the same
 * states and timers of the key in hand; without keys there are neither.
 * Source: semantics sheet, section 10 (as for one input) and 13 (the watermark).
 */
struct weir_co_process_function {
    const char *name;
    const struct weir_type *in_type1;
    const struct weir_type *in_type2;
    const struct weir_type *out_type;
    /* An event of the first input, and one of the second. */
    void (*process1)(const void *value, weir_context *context, weir_collector *out, void *user);
    void (*process2)(const void *value, weir_context *context, weir_collector *out, void *user);
    /* Keyed streams only; NULL where no timer is set. event_time: false for a processing-time
     * timer. */
    void (*on_timer)(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                     void *user);
    const struct weir_state_descriptor *const *states; /* NULL-terminated; NULL: none */
    const struct weir_output_tag *const *side_outputs; /* NULL-terminated; NULL: none */
    void *user;                                        /* shared by all subtasks: read only */
};

/*
 * Copies the function struct. Errors (kept on the env): WEIR_MISMATCH: an input is of another type
 * than the function takes; WEIR_INVALID: a function is missing, or states and timers without keys,
 * or a broadcast connection. Source: semantics sheet, sections 10 and 13; Flink's
 * KeyedCoProcessFunction, and CoProcessFunction without keys.
 */
weir_stream *weir_co_process(weir_connected_stream *in,
                             const struct weir_co_process_function *function);

/* ---- broadcast state ---- */

/*
 * Rules that all events are measured by. Events of the broadcast stream reach every subtask, and
 * their function changes the broadcast states (weir_map_state_put and so on, with a descriptor from
 * the list); events of the main stream may only read them. All subtasks must change them alike, so
 * change them by nothing but the broadcast events: these reach every subtask, but in an order of
 * their own when several subtasks send them.
 *
 * A main event's function, or a timer, that changes a broadcast state fails the job. A broadcast
 * event has no key: keyed states and timers are out of reach of its function, and asking for them
 * ends the program. Each subtask keeps a copy of its own, which is part of its snapshot; a restore
 * from several snapshots takes the first one's. Source: Flink's broadcast state pattern.
 */
struct weir_broadcast_function {
    const char *name;
    const struct weir_type *in_type;        /* of the main stream */
    const struct weir_type *broadcast_type; /* of the broadcast stream */
    const struct weir_type *out_type;
    void (*process)(const void *value, weir_context *context, weir_collector *out, void *user);
    void (*process_broadcast)(const void *value, weir_context *context, weir_collector *out,
                              void *user);
    /* Keyed main streams only; NULL where no timer is set. */
    void (*on_timer)(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                     void *user);
    const struct weir_state_descriptor *const *states; /* keyed main streams only; NULL: none */
    /* NULL-terminated; of kind MAP, without TTL, with other names than `states` */
    const struct weir_state_descriptor *const *broadcast_states;
    const struct weir_output_tag *const *side_outputs; /* NULL-terminated; NULL: none */
    void *user;                                        /* shared by all subtasks: read only */
};

/*
 * Takes a connection made by weir_connect_broadcast or weir_connect_keyed_broadcast. Copies the
 * function struct. Errors (kept on the env): WEIR_MISMATCH: types; WEIR_INVALID: a function is
 * missing, a broadcast state is no map or has TTL, states and timers without keys, or another
 * connection. Source: Flink's broadcast state pattern.
 */
weir_stream *weir_broadcast_process(weir_connected_stream *in,
                                    const struct weir_broadcast_function *function);

/* ---- joins ---- */

/* What a join function may know about the pair in hand. Borrowed during the call. */
struct weir_join_context {
    const struct weir_type *key_type; /* scalar type of the key */
    const void *key;                  /* its value: struct weir_str *, int64_t *, … by key_type */
    int64_t left_timestamp;           /* epoch ms; WEIR_TIME_MIN: none */
    int64_t right_timestamp;
    int64_t timestamp;         /* that results are given; WEIR_TIME_MIN: none */
    struct weir_window window; /* window join: where they met; interval join: {0, 0} */
};

/* Called for each pair that is joined; emits any number of results. */
struct weir_join_function {
    const char *name;
    const struct weir_type *left_type;
    const struct weir_type *right_type;
    const struct weir_type *out_type;
    void (*join)(const void *left, const void *right, const struct weir_join_context *context,
                 weir_collector *out, void *user);
    void *user; /* shared by all subtasks: read only */
};

/*
 * Interval join: a left and a right event of one key are joined iff
 *
 *     left.ts + lower <= right.ts <= left.ts + upper
 *
 * An inner join: each pair once, when the later of its two arrives. The result's timestamp is the
 * larger of the two. Exclusive bounds are lower + 1 and upper - 1; an interval that they leave
 * empty joins nothing. WEIR_TIME_MIN as lower and WEIR_TIME_MAX as upper bound: no bound on that
 * side.
 *
 * An event is late iff its timestamp is below the watermark (one equal to it is on time, unlike in
 * windows): then it goes to its side's late output, or is dropped and counted
 * (numLateRecordsDropped). An event without a timestamp is rejected (numRecordsRejected).
 *
 * A left event is remembered until the watermark reaches ts + upper (ts when upper <= 0), a right
 * one until it reaches ts - lower (ts when lower >= 0); both saturate at the ends of time.
 * Pairs come by timestamp of the one that waited, equal ones in order of arrival.
 * Source: semantics sheet, section 15.
 */
struct weir_interval_join_config {
    const char *name; /* NULL: the function's name */
    int64_t lower_ms; /* <= upper_ms; may be negative */
    int64_t upper_ms;
    bool lower_exclusive; /* false: the bound itself belongs to the interval */
    bool upper_exclusive;
    const struct weir_output_tag *late_left; /* of the left type; NULL: dropped and counted */
    const struct weir_output_tag *late_right;
    const struct weir_join_function *function;
};

/*
 * Copies the configuration and the function struct. Errors (kept on the env): WEIR_INVALID: lower >
 * upper, or no function; WEIR_MISMATCH: types of inputs or late outputs, kinds of keys. Source:
 * semantics sheet, section 15.
 */
weir_stream *weir_interval_join(weir_keyed_stream *left, weir_keyed_stream *right,
                                const struct weir_interval_join_config *config);

/*
 * Window join: every left event with every right event of the same key in the same window, at each
 * firing of the window; left events first by arrival, right ones within. An inner join: a key with
 * events of one side only gives nothing. A result's timestamp is the window's last millisecond.
 *
 * Windows, triggers, lateness and clean-up are those of weir_window over both streams together: a
 * session is held together by events of either side, a count trigger counts both. Late events are
 * dropped and counted (numLateRecordsDropped). What would have to look at an event of no certain
 * side is refused: dynamic sessions, triggers and evictors by delta or of your own.
 * Source: semantics sheet, sections 1 to 9; Flink's JoinedStreams.
 */
struct weir_window_join_config {
    const char *name; /* NULL: the function's name */
    struct weir_window_assigner assigner;
    struct weir_trigger trigger; /* {0}: the assigner's default */
    struct weir_evictor evictor; /* {0}: none */
    int64_t allowed_lateness_ms; /* >= 0; event-time windows only */
    const struct weir_join_function *function;
};

/*
 * Copies the configuration and the function struct. Errors (kept on the env): WEIR_INVALID: as for
 * weir_window, no function, or a refused trigger; WEIR_MISMATCH: types of inputs, kinds of keys.
 * Source: semantics sheet, sections 1 to 9; Flink's JoinedStreams.
 */
weir_stream *weir_window_join(weir_keyed_stream *left, weir_keyed_stream *right,
                              const struct weir_window_join_config *config);

#endif
