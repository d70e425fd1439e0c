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

/* Two streams without keys: what reaches a subtask is decided by their own partitioning. */
weir_connected_stream *weir_connect(weir_stream *first, weir_stream *second);
/*
 * Two keyed streams: events with equal keys meet in one subtask, and share its state and timers.
 * Errors (kept on the env): WEIR_MISMATCH: the keys are of different kinds.
 */
weir_connected_stream *weir_connect_keyed(weir_keyed_stream *first, weir_keyed_stream *second);
/* The second stream goes to every subtask of the operator, whatever its partitioning was. */
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
 * or a broadcast connection.
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
 * connection.
 */
weir_stream *weir_broadcast_process(weir_connected_stream *in,
                                    const struct weir_broadcast_function *function);

#endif
