/*
 * Windows: assigners, triggers, evictors, and the functions that turn a window's contents into a
 * result.
 *
 * A window is [start, end): start inclusive, end exclusive. Everything is decided with its last
 * millisecond, end - 1. Source: semantics sheet, sections 1 to 9.
 */
#ifndef WEIR_WINDOW_H
#define WEIR_WINDOW_H

#include <weir/time.h>
#include <weir/type.h>

typedef struct weir_collector weir_collector; /* weir_emit: <weir/process.h> */
typedef struct weir_context weir_context;     /* states: <weir/state.h> */

struct weir_output_tag;       /* <weir/process.h> */
struct weir_state_descriptor; /* <weir/state.h> */

struct weir_window {
    int64_t start; /* epoch ms, inclusive */
    int64_t end;   /* epoch ms, exclusive; the global window is [WEIR_TIME_MIN, WEIR_TIME_MAX] */
};

/* ---- assigners: which windows an event belongs to ---- */

enum weir_assigner_kind {
    WEIR_ASSIGN_TUMBLING,
    WEIR_ASSIGN_SLIDING,
    WEIR_ASSIGN_SESSION,
    WEIR_ASSIGN_DYNAMIC_SESSION,
    WEIR_ASSIGN_GLOBAL,
};

/* Where tumbling windows of an operator's subtask begin, so that not all end at the same moment. */
enum weir_window_stagger {
    WEIR_STAGGER_ALIGNED, /* at multiples of the size, plus the offset */
    /* as far behind those as the clock was at the subtask's first event; never negative. Chosen
       once: it is not state, and another one is chosen after a restart. Source: semantics sheet,
       section 2 */
    WEIR_STAGGER_NATURAL,
    /* by a random part of the size, uniform over [0, size); drawn once, at the subtask's first
       event, from the job's --seed: equal seeds draw equally. Not state either. Source: Flink's
       WindowStagger.RANDOM */
    WEIR_STAGGER_RANDOM,
};

struct weir_window_assigner {
    enum weir_assigner_kind kind;
    bool processing_time;             /* by the clock instead of the event's timestamp */
    int64_t size_ms;                  /* tumbling, sliding: > 0 */
    int64_t slide_ms;                 /* sliding: > 0 */
    int64_t offset_ms;                /* tumbling: |offset| < size; sliding: |offset| < slide */
    int64_t gap_ms;                   /* session: > 0 */
    enum weir_window_stagger stagger; /* tumbling */
    /* dynamic session: gap in ms; <= 0 rejects the event, which is counted (numRecordsRejected) and
       skipped. It has moved the watermark before: watermarks are made in front of the windows. */
    int64_t (*gap_of)(const void *value, void *user);
    void *user;
};

struct weir_window_assigner weir_tumbling_event_time(int64_t size_ms);
struct weir_window_assigner weir_sliding_event_time(int64_t size_ms, int64_t slide_ms);
struct weir_window_assigner weir_session_event_time(int64_t gap_ms);
struct weir_window_assigner weir_tumbling_processing_time(int64_t size_ms);
struct weir_window_assigner weir_sliding_processing_time(int64_t size_ms, int64_t slide_ms);
struct weir_window_assigner weir_session_processing_time(int64_t gap_ms);
struct weir_window_assigner weir_dynamic_session_event_time(int64_t (*gap_of)(const void *value,
                                                                              void *user),
                                                            void *user);
struct weir_window_assigner weir_global_window(void);

/* ---- triggers: when a window's contents become a result ---- */

enum weir_trigger_kind {
    WEIR_TRIGGER_DEFAULT,         /* the assigner's own; never for a global window */
    WEIR_TRIGGER_EVENT_TIME,      /* at the window's end: not for a global window, which has none */
    WEIR_TRIGGER_PROCESSING_TIME, /* at the window's end by the clock: not for a global window */
    WEIR_TRIGGER_COUNT,
    WEIR_TRIGGER_CONTINUOUS_EVENT_TIME,
    WEIR_TRIGGER_CONTINUOUS_PROCESSING_TIME,
    WEIR_TRIGGER_DELTA,
    WEIR_TRIGGER_END_OF_STREAM,
    WEIR_TRIGGER_NEVER,
    WEIR_TRIGGER_CUSTOM,
};

enum weir_trigger_result { WEIR_CONTINUE, WEIR_FIRE, WEIR_PURGE, WEIR_FIRE_AND_PURGE };

struct weir_trigger_ops; /* a learner's own trigger: <weir/trigger.h> */

struct weir_trigger {
    enum weir_trigger_kind kind;
    bool purging;        /* every FIRE becomes FIRE_AND_PURGE */
    int64_t count;       /* COUNT: > 0 */
    int64_t interval_ms; /* CONTINUOUS: > 0 */
    double threshold;    /* DELTA: fires when delta > threshold */
    double (*delta)(const void *from, const void *to, void *user);
    const struct weir_trigger_ops *ops; /* CUSTOM */
    void *user;
};

/* ---- evictors: which elements leave the window around a firing ---- */

enum weir_evictor_kind {
    WEIR_EVICT_NONE,
    WEIR_EVICT_COUNT,
    WEIR_EVICT_TIME,
    WEIR_EVICT_DELTA,
    WEIR_EVICT_CUSTOM,
};

struct weir_evictor_ops; /* a learner's own evictor: <weir/evictor.h> */

struct weir_evictor {
    enum weir_evictor_kind kind;
    bool after;          /* evict after the window function instead of before it; not CUSTOM */
    int64_t count;       /* COUNT: keep this many, >= 0 */
    int64_t duration_ms; /* TIME: keep elements newer than the newest - duration */
    double threshold;    /* DELTA: evict when delta >= threshold */
    double (*delta)(const void *from, const void *to, void *user);
    const struct weir_evictor_ops *ops; /* CUSTOM */
    void *user;
};

/* ---- functions ---- */

/* What a function may know about the window that fires, and a window function's states. Borrowed
 * during the call. */
struct weir_window_context {
    struct weir_window window;
    bool is_global;
    const struct weir_type *key_type; /* scalar type of the key */
    const void *key;         /* the key's value: struct weir_str *, int64_t *, … by key_type */
    int64_t watermark;       /* the operator's, epoch ms */
    int64_t processing_time; /* the clock's, epoch ms */
    /*
     * A window function's, for the functions of <weir/state.h>: the states of this key and window,
     * and those of this key whatever the window. weir_side_emit and weir_count take either of
     * them. NULL in an aggregate's result function.
     */
    weir_context *window_state;
    weir_context *global_state;
};

/*
 * What a field of an accumulator is, when it is one of these. See weir_aggregate.parts.
 */
enum weir_part_kind {
    WEIR_PART_COUNT,    /* an int64: the number of events */
    WEIR_PART_DISTINCT, /* a string_set: the values of a string field, null left out */
};

struct weir_aggregate_part {
    enum weir_part_kind kind;
    const struct weir_field *into; /* of accumulator_type */
    const struct weir_field *of;   /* DISTINCT: of in_type */
};

/*
 * An incremental aggregate: one accumulator a window, updated by every event.
 * The accumulator is a value of accumulator_type that owns its strings, lists and sets
 * (weir_str_set, weir_list_append, weir_string_set_add); the library copies, stores and releases it
 * through the descriptor.
 */
struct weir_aggregate {
    const char *name;
    const struct weir_type *in_type;
    const struct weir_type *accumulator_type;
    const struct weir_type *out_type;
    /* Sets up a zeroed accumulator; NULL: zero is right. */
    void (*create)(void *accumulator, void *user);
    /* Adds one event. */
    void (*add)(void *accumulator, const void *value, int64_t timestamp, void *user);
    /* Adds another accumulator; needed by session windows and by slices; NULL: not mergeable. */
    void (*merge)(void *accumulator, const void *other, void *user);
    /* Fills a zeroed out value, which may borrow from the accumulator and the context. */
    void (*result)(const void *accumulator, const struct weir_window_context *context, void *out,
                   void *user);
    /* The result depends on the order in which events are added or merged (first, last, a list, a
     * sum of doubles to the last bit): windows that overlap are then never merged from slices. */
    bool ordered;
    /*
     * Optional, for speed: what every field of the accumulator is, as a promise that add and merge
     * do no more than that, and result looks at no more than counts and sizes of sets. Sliding
     * windows of such an aggregate cost an event no more than tumbling ones.
     */
    const struct weir_aggregate_part *parts;
    size_t part_count;
    void *user; /* shared by all subtasks: read only */
};

/*
 * A plain reduce: the events of a window are folded into one of the same type. The first is kept as
 * it came; `reduce` combines the kept one, which owns its strings, lists and sets (weir_str_set,
 * weir_list_append, weir_string_set_add), with the next, or with another window's when sessions
 * merge. It must be associative. The window's result is the kept event; a window whose events were
 * all evicted has none, and emits nothing. Source: semantics sheet, section 9; Flink's
 * ReduceFunction.
 */
struct weir_reduce {
    const char *name;
    const struct weir_type *type; /* of the events, and of the result */
    void (*reduce)(void *kept, const void *value, void *user);
    void *user; /* shared by all subtasks: read only */
};

/* One element of a window's contents, as a window function sees it. */
struct weir_window_element {
    const void *value;
    int64_t timestamp; /* WEIR_TIME_MIN: none */
};

/*
 * A window process function: sees all elements at a firing, in order of arrival. After an aggregate
 * or a reduce it sees its single result, which has no timestamp, and adds what it knows about the
 * window: nothing but an accumulator is kept.
 *
 *     static void process(const struct weir_window_context *context,
 *                         const struct weir_window_element *elements, size_t count,
 *                         weir_collector *out, void *user)
 *     {
 *         int64_t *firings = weir_value_state_edit(context->window_state, &firings_state);
 *         ...
 *     }
 *
 * States are per key; those in window_states are also per window, and go with it at its clean-up.
 * A purge leaves them alone. Windows that merge (sessions) can have none. A window function sets no
 * timers: triggers do. Errors (kept on the env): WEIR_INVALID, WEIR_MISMATCH. Threads: the
 * subtask's. Source: semantics sheet, sections 4, 6 and 8; Flink's ProcessWindowFunction.
 */
struct weir_window_function {
    const struct weir_type *in_type; /* of the events; of the aggregate's or reduce's result */
    const struct weir_type *out_type;
    void (*process)(const struct weir_window_context *context,
                    const struct weir_window_element *elements, size_t count, weir_collector *out,
                    void *user);
    /* The window is over, its window_states are still there: the place to change global_states.
     * Emits nothing. NULL: nothing to do. */
    void (*clear)(const struct weir_window_context *context, void *user);
    const struct weir_state_descriptor *const *window_states; /* NULL-terminated; NULL: none */
    const struct weir_state_descriptor *const *global_states; /* NULL-terminated; NULL: none */
    const struct weir_output_tag *const *side_outputs;        /* NULL-terminated; NULL: none */
    void *user; /* shared by all subtasks: read only */
};

#endif
