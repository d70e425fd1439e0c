/*
 * Patterns: sequences of events of one key ("complex event processing").
 *
 *     three steps:   start ─▶ next middle (strict) ─▶ followed by end (relaxed)
 *     events:        s m x e      gives one match: s m e
 *                    s x m e      gives none: x came between s and m
 *
 * Events are kept until the watermark reaches them, and then taken in the order of their
 * timestamps, equal ones in the order of arrival; so disorder before the watermark does not matter.
 * An event at or below the watermark is late. Source: semantics sheet, section 22.
 *
 *     static const struct weir_pattern_step steps[] = {
 *         {.name = "cart", .where = is_cart},
 *         {.name = "pay", .follows = WEIR_FOLLOWED_BY, .where = is_payment},
 *         {0},
 *     };
 *     weir_pattern(weir_key_by(clicks, WEIR_FIELD(click_event, user_id)),
 *                  &(struct weir_pattern_config){.in_type = &click_event_type,
 *                                                .out_type = &sale_type,
 *                                                .steps = steps,
 *                                                .within_ms = weir_minutes(10),
 *                                                .match = sale});
 */
#ifndef WEIR_PATTERN_H
#define WEIR_PATTERN_H

#include <weir/stream.h>

/* Events by step: of a whole match, or of what there is of one so far. */
typedef struct weir_match weir_match;

/* How many events the step has; 0: none yet, or there is no step of that name. */
size_t weir_match_count(const weir_match *match, const char *step);
/* The step's event number `index` in order of time; NULL when there is none. Borrowed until the
 * user function returns. */
const void *weir_match_event(const weir_match *match, const char *step, size_t index);
/* Its timestamp (epoch ms); WEIR_TIME_MIN when there is none. */
int64_t weir_match_time(const weir_match *match, const char *step, size_t index);

/* What may lie between the event before and this one. */
enum weir_contiguity {
    WEIR_NEXT,            /* strict: nothing of this key; anything else ends the attempt */
    WEIR_FOLLOWED_BY,     /* relaxed: what does not fulfil the condition; the first that does counts
                           */
    WEIR_FOLLOWED_BY_ANY, /* also what does: each that fulfils the condition makes a match of its
                             own */
};

/* How many events a step takes. A loop that could end does so in one attempt, and goes on in
 * another. */
enum weir_loop {
    WEIR_ONCE,
    WEIR_ONE_OR_MORE,              /* relaxed between the events of the step */
    WEIR_ONE_OR_MORE_CONSECUTIVE,  /* strict */
    WEIR_ONE_OR_MORE_COMBINATIONS, /* any selection of them, in order: grows as 2^n */
};

struct weir_pattern_step {
    const char *name;             /* unique in the pattern */
    enum weir_contiguity follows; /* the step before; means nothing for the first */
    enum weir_loop loop;
    /* NULL: any event. so_far: what the attempt has, without this event. */
    bool (*where)(const void *value, const weir_match *so_far, void *user);
};

struct weir_pattern_config {
    const char *name; /* NULL: "Pattern" */
    const struct weir_type *in_type;
    const struct weir_type *out_type;
    const struct weir_pattern_step *steps; /* the last one is followed by {0} */
    /*
     * >= 0. An attempt fails when now - the timestamp of its first event >= within_ms, so events
     * exactly that far apart do not match; 0: no limit, and attempts are kept for good.
     */
    int64_t within_ms;
    /* Called for each match, at the timestamp of its last event. */
    void (*match)(const weir_match *match, weir_context *context, weir_collector *out, void *user);
    /*
     * Called for each attempt that ran out of time, at first event + within_ms; results go to side
     * outputs. A loop that may end or go on is two attempts, and one behind a match may go on too:
     * each of them is told. NULL: counted only (numTimedOutMatches).
     */
    void (*timed_out)(const weir_match *so_far, weir_context *context, void *user);
    /* NULL: late events are dropped and counted (numLateRecordsDropped) */
    const struct weir_output_tag *late_output;
    const struct weir_output_tag *const *side_outputs; /* NULL-terminated; NULL: none */
    void *user;                                        /* shared by all subtasks: read only */
};

/*
 * Finds the pattern in the events of each key. Every event that fulfils the first condition starts
 * an attempt of its own, whatever was matched before (Flink's NO_SKIP); an event may be part of
 * many matches. Matches that end with one event come in the order of their first events.
 *
 * in: keyed; needs timestamps and watermarks. config: copied, with its steps; names are borrowed.
 * Conditions must depend on nothing but their arguments. The functions may emit, and ask for key
 * and times; they have no states and no timers.
 * Errors (kept on the env): WEIR_MISMATCH: the stream is not of in_type; WEIR_INVALID: no step, two
 * of one name, a negative time, a function or a type that is missing.
 * Ownership: the stream belongs to the env. Threads: functions are called by the subtask's.
 * Source: semantics sheet, section 22.
 */
weir_stream *weir_pattern(weir_keyed_stream *in, const struct weir_pattern_config *config);

#endif
