/*
 * The keyed window operator, as its files share it.
 *
 *     window_operator.c       life, time, snapshots
 *     window_element.c        one element; a timer; the end of a window
 *     window_merge.c          sessions that touch become one
 *     window_fire.c           contents become results; late elements
 *     window_slices.c         the fast path
 *     window_slices_state.c   its snapshots
 *     window_sessions.c       the fast path of sessions
 *     window_sessions_state.c its snapshots
 *     window_memory.c         the fast paths' way into the state backend
 *     window_trace.c          what the trace is told
 *     window_config.c         what a configuration must be like
 *     window_functions.c      and the functions of a window
 *
 * State: for each key a set of panes, one a window (window/pane_set.h); timers of (key, window).
 * Source: semantics sheet, sections 1 to 9.
 */
#ifndef WEIR__OPERATOR_WINDOW_OPERATOR_H
#define WEIR__OPERATOR_WINDOW_OPERATOR_H

#include "base/vec.h"
#include "operator/context.h"
#include "state/keyed.h"
#include "window/pane_set.h"
#include "window/sessions.h"
#include "window/slices.h"
#include "window/trigger.h"
#include "window/waiting.h"

struct weir__window_operator {
    struct weir__operator op;
    const struct weir_window_config *config; /* the factory's copy */
    struct weir__window_rules rules;
    struct weir__trigger trigger;
    struct weir__output *late; /* NULL: late elements are dropped */
    int64_t *late_dropped;     /* numLateRecordsDropped */
    int64_t *in_windows;       /* numRecordsInWindows: taken by at least one window */
    int64_t *in_no_window;     /* numRecordsInNoWindow: on time, but in a gap between windows */
    size_t room;               /* bytes of memory that fast paths may take; SIZE_MAX: any */
    bool open;

    /* state */
    struct weir__pane_layout layout;
    struct weir__keyed keyed;
    struct weir__table *table;            /* of struct weir__pane_set */
    uint64_t arrivals;                    /* elements so far: orders the elements of windows */
    struct weir__window_slices *sliced;   /* NULL: not in slices */
    struct weir__window_sessions *direct; /* NULL: no sessions kept directly */
    struct weir__frozen frozen;           /* of their cells */

    /* the call in progress */
    struct weir__pane_set *set; /* of the key in hand; NULL: it has no window */
    bool by_clock;              /* a processing-time timer fires */

    /* scratch */
    struct weir__vec windows;      /* struct weir_window: of the element in hand */
    struct weir__vec view;         /* struct weir_window_element: of the pane that fires */
    struct weir__vec keep;         /* bool: what an evictor says */
    struct weir__vec merged;       /* int64_t[2]: for the trace */
    void *accumulator;             /* an aggregate over a list of elements */
    void *result;                  /* an aggregate's result */
    struct weir_context functions; /* a window function's: output, and its key's states */
    struct weir_context of_window; /* and the states of its window */
    struct weir__output tap;       /* its output while tracing: tells the trace, and passes on */
    struct weir__receiver tap_receiver;
    int64_t tap_records;
};

static inline struct weir__window_operator *weir__window_operator_of(struct weir__operator *op)
{
    return (struct weir__window_operator *)op;
}

static inline struct weir__namespace weir__window_namespace(struct weir_window window)
{
    return (struct weir__namespace){window.start, window.end};
}

/* ---- window_element.c ---- */

/* Sets the key in hand, and finds its windows. */
void weir__window_set_key(struct weir__window_operator *self, const struct weir__key *key);
/* Fills self->windows with the element's windows; false when the element is rejected. */
bool weir__window_assign(struct weir__window_operator *self, const struct weir__record *record);
/* The general path of one window; true when the window took the element. */
bool weir__window_add(struct weir__window_operator *self, struct weir_window window,
                      const struct weir__record *record);
/* Counts an element: taken by a window, late, or in none. */
void weir__window_account(struct weir__window_operator *self, const struct weir__record *record,
                          bool taken);
void weir__window_process(struct weir__window_operator *self, const struct weir__record *record);
void weir__window_timer(struct weir__window_operator *self, enum weir__time_domain domain,
                        const struct weir__timer *due);

/* A context for calling the trigger about a pane. */
struct weir_trigger_context weir__window_trigger_context(struct weir__window_operator *self,
                                                         struct weir__pane *pane);
/* The pane of a new window of the key in hand. */
struct weir__pane *weir__window_open(struct weir__window_operator *self, struct weir_window window);
void weir__window_delete_cleanup(struct weir__window_operator *self, struct weir_window window);
/* The pane of a window of the key in hand, found or opened; and the timers that its windows need,
 * as if an element had come. */
struct weir__pane *weir__window_obtain(struct weir__window_operator *self,
                                       struct weir_window window);
void weir__window_register_timer(struct weir__window_operator *self, enum weir__time_domain domain,
                                 struct weir_window window, int64_t time);

/* ---- window_merge.c ---- */

/*
 * Sessions: the pane that `window` belongs to, after merging all that it touches; NULL when it
 * touches none.
 */
struct weir__pane *weir__window_merge(struct weir__window_operator *self,
                                      struct weir_window window);

/* ---- window_fire.c ---- */

/* Emits what the pane holds; nothing when it is empty. late: an element fires it after the window's
 * end. */
void weir__window_fire(struct weir__window_operator *self, struct weir__pane *pane, bool late);
/* Emits the aggregate's result for the key in hand. n: elements, for the trace. */
void weir__window_emit(struct weir__window_operator *self, struct weir_window window,
                       const void *accumulator, int64_t n, bool late);
/* The window is over: its function is told, and the function's states of the window go. */
void weir__window_clear_function(struct weir__window_operator *self, struct weir_window window);
/* An element that no window took. */
void weir__window_late(struct weir__window_operator *self, const struct weir__record *record);
void weir__window_fire_init(struct weir__window_operator *self);

/* ---- window_slices.c ---- */

/*
 * The fast path: windows of fixed size in event time with a mergeable aggregate and the default
 * trigger. Everything else, and the windows that `cut` and the ends of time set apart, take the
 * general path.
 */
struct weir__window_slices {
    struct weir__slices slices;
    struct weir__waiting waiting; /* on their way into slices */
    int64_t watermark;            /* windows that end here or earlier have fired */
    int64_t cut; /* windows that end here or earlier are panes: they were there before the last
                    restore */
    int64_t
        floor; /* the larger of the two: an element of windows that all end later is simply added */
};

/* What a configuration must be like: NULL, or why slices cannot be used. */
const char *weir__window_why_not_slices(const struct weir_window_config *config);
void weir__window_slices_open(struct weir__window_operator *self);
void weir__window_slices_close(struct weir__window_operator *self);
void weir__window_slices_process(struct weir__window_operator *self,
                                 const struct weir__record *record);
/* The slice of a time when all that is to be done with an element is to add it there; else NULL. */
static inline struct weir__slice *weir__window_open_slice(struct weir__window_slices *sliced,
                                                          int64_t timestamp)
{
    struct weir__slice *slice = sliced->slices.current;
    if (__builtin_expect(!weir__slice_contains(slice, timestamp), 0)) {
        slice = weir__slices_find(&sliced->slices, timestamp);
    }
    bool plain = slice != NULL && slice->oldest_max > sliced->floor && !slice->at_edge;
    return __builtin_expect(plain, 1) ? slice : NULL;
}
void weir__window_slices_advance(struct weir__window_operator *self, int64_t watermark);
void weir__window_slices_holdings(const struct weir__window_operator *self,
                                  struct weir__holdings *out);

/* ---- window_slices_batch.c ---- */

void weir__window_slices_process_batch(struct weir__window_operator *self,
                                       const struct weir__record *records, size_t count);
/* Adds the elements that wait. */
void weir__window_slices_settle(const struct weir__window_operator *self);

/* ---- both fast paths ---- */

/* The aggregate can be kept without panes, whatever cuts the windows: NULL, or why not. */
const char *weir__window_why_not_plain(const struct weir_window_config *config);

/* ---- window_sessions.c ---- */

/* The fast path of sessions: a fixed gap in event time, an aggregate, the default trigger. */
struct weir__window_sessions {
    struct weir__window_operator *owner;
    struct weir__sessions sessions;
    struct weir__waiting waiting; /* on their way into sessions */
    int64_t watermark;            /* that they came after: the context's may be the next one */
};

void weir__window_sessions_open(struct weir__window_operator *self);
void weir__window_sessions_close(struct weir__window_operator *self);
void weir__window_sessions_process(struct weir__window_operator *self,
                                   const struct weir__record *record);
void weir__window_sessions_process_batch(struct weir__window_operator *self,
                                         const struct weir__record *records, size_t count);
/* Adds the elements that wait. */
void weir__window_sessions_settle(struct weir__window_operator *self);
void weir__window_sessions_advance(struct weir__window_operator *self, int64_t watermark);
void weir__window_sessions_holdings(struct weir__window_operator *self, struct weir__holdings *out);

/* ---- window_sessions_state.c ---- */

void weir__window_sessions_snapshot(struct weir__window_operator *self, struct weir__buf *out);
/* Into sessions, or into panes where there are none. */
WEIR_MUST_USE enum weir_status weir__window_sessions_restore(struct weir__window_operator *self,
                                                             struct weir__reader *in,
                                                             struct weir_error *error);
/* The panes that a restore made become sessions. */
void weir__window_sessions_absorb(struct weir__window_operator *self);

/* ---- window_memory.c ---- */

/* Whether what the fast paths keep, accumulators of the aggregate, can be held to the memory that
 * there is. */
bool weir__window_has_room(const struct weir__window_operator *self);
/* Before an element: what does not fit any more goes to the state backend. */
void weir__window_keep_to_room(struct weir__window_operator *self);
/* At a restore, when the panes are there: more of them than fit stay where they are. */
void weir__window_make_room(struct weir__window_operator *self);

/* ---- window_slices_state.c ---- */

/* Both work without slices too: a snapshot of either path can be restored into either path. */
void weir__window_slices_snapshot(struct weir__window_operator *self, struct weir__buf *out);
WEIR_MUST_USE enum weir_status weir__window_slices_restore(struct weir__window_operator *self,
                                                           struct weir__reader *in,
                                                           struct weir_error *error);

/* ---- window_functions.c ---- */

/* Errors: WEIR_INVALID, WEIR_MISMATCH, with a text that says what is wrong and what would be right.
 */
WEIR_MUST_USE enum weir_status weir__window_functions_check(const struct weir_window_config *config,
                                                            const struct weir_type *in_type,
                                                            struct weir_error *error);

/*
 * Windows that become panes at a restore; their timers are registered when all are known, in the
 * order of `sequence`.
 */
struct weir__window_pending {
    uint64_t sequence;
    struct weir__key_node *key; /* referred to */
    struct weir_window window;
    bool fires;
};
/* Adds what the pane of a window, just obtained, waits for. */
void weir__window_pending_add(struct weir__window_operator *self, struct weir__vec *pending,
                              struct weir_window window, uint64_t sequence, bool fires);
void weir__window_pending_register(struct weir__window_operator *self, struct weir__vec *pending);

/* ---- window_trace.c: call only while tracing ---- */

void weir__window_trace(const struct weir__window_operator *self, const char *action,
                        struct weir_window window, int64_t n, const void *result);
void weir__window_trace_merge(struct weir__window_operator *self, uint32_t index, uint32_t run,
                              struct weir_window window, struct weir_window merged);
void weir__window_trace_late(const struct weir__window_operator *self,
                             const struct weir__record *record);
void weir__window_trace_result(const struct weir__window_operator *self,
                               const struct weir__record *record);

#endif
