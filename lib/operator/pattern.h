/*
 * The pattern operator, as its files share it: what is remembered about a key.
 *
 *     waiting:   events above the watermark, by timestamp
 *     attempts:  partial matches, oldest first event first; each points to its last link
 *
 *         attempt ─▶ link: step 2 ─▶ link: step 1 ─▶ link: step 0       attempts share what they
 *         attempt ─────────────────────▲    │             │             have in common
 *                                           ▼             ▼
 *                                         event         event
 *
 * An attempt is at a place of a step: it WAITS for the step's first event; it LOOPS when the step
 * took the event before, so it may take more or leave; it SKIPS when it decided to stay for more.
 * Events and links are counted references in pools of the operator. One thread.
 */
#ifndef WEIR__OPERATOR_PATTERN_H
#define WEIR__OPERATOR_PATTERN_H

#include "base/pool.h"
#include "operator/context.h"
#include "state/keyed.h"

#include <weir/pattern.h>

#define WEIR__TIMED_OUT_MATCHES "numTimedOutMatches"

struct weir__pattern_event {
    uint32_t number; /* in its pool */
    uint32_t refs;
    uint32_t mark; /* while a snapshot is written: position in it; else 0 */
    int64_t timestamp;
    _Alignas(8) char value[]; /* owned */
};

struct weir__pattern_link {
    uint32_t number;
    uint32_t refs;
    uint32_t mark;
    uint32_t step;
    struct weir__pattern_link *before; /* referred to; NULL: the first of the match */
    struct weir__pattern_event *event; /* referred to */
};

enum weir__pattern_place { WEIR__PATTERN_WAITS, WEIR__PATTERN_LOOPS, WEIR__PATTERN_SKIPS };

struct weir__attempt {
    struct weir__pattern_link *last; /* referred to */
    int64_t start;                   /* timestamp of the first event */
    uint32_t step;                   /* WAITS: the step that is to come; else the one it is in */
    enum weir__pattern_place place;
};

/* What is remembered about a key. */
struct weir__pattern_cell {
    struct weir__vec waiting;  /* of struct weir__pattern_event *, referred to */
    struct weir__vec attempts; /* of struct weir__attempt */
};

/* Where the events and links of all keys live. */
struct weir__pattern_store {
    const struct weir_type *type;
    const struct weir_pattern_step *steps;
    uint32_t step_count;
    struct weir__pool events;
    struct weir__pool links;
};

struct weir__pattern_operator {
    struct weir__operator op;
    const struct weir_pattern_config *config; /* the factory's copy */
    struct weir__pattern_store store;
    struct weir__keyed keyed;
    struct weir__table *table; /* of struct weir__pattern_cell, without a namespace */
    struct weir_context context;
    struct weir__output *late; /* NULL: dropped */
    int64_t *late_dropped;
    int64_t *timed_out;
    struct weir__vec before; /* attempts before the event in hand */
    bool open;
};

/* What user functions see. */
struct weir_match {
    const struct weir__pattern_store *store;
    const struct weir__pattern_link *last; /* NULL: nothing yet */
};

/* ---- the store; its cells (pattern_state.c) ---- */

void weir__pattern_store_init(struct weir__pattern_store *store,
                              const struct weir_pattern_config *config);
/* After the cells. */
void weir__pattern_store_fini(struct weir__pattern_store *store);

/* The caller's reference. The value is copied. */
struct weir__pattern_event *weir__pattern_event_new(struct weir__pattern_store *store,
                                                    const void *value, int64_t timestamp);
void weir__pattern_event_unref(struct weir__pattern_store *store,
                               struct weir__pattern_event *event);
/* The caller's reference; takes references to `before` (may be NULL) and the event. */
struct weir__pattern_link *weir__pattern_link_new(struct weir__pattern_store *store,
                                                  struct weir__pattern_link *before, uint32_t step,
                                                  struct weir__pattern_event *event);
void weir__pattern_link_unref(struct weir__pattern_store *store, struct weir__pattern_link *link);

/* Puts the event behind those that are not later; takes the caller's reference. */
void weir__pattern_wait(struct weir__pattern_cell *cell, struct weir__pattern_event *event);

/* spec: the store. */
extern const struct weir__cell_ops weir__pattern_cell_ops;

/* ---- matching (pattern_match.c) ---- */

/* One event, the next in order of time. True when it started an attempt. */
bool weir__pattern_take(struct weir__pattern_operator *self, struct weir__pattern_cell *cell,
                        struct weir__pattern_event *event);
/* Time is `now`: ends the attempts that have run out of it. */
void weir__pattern_advance(struct weir__pattern_operator *self, struct weir__pattern_cell *cell,
                           int64_t now);

#endif
