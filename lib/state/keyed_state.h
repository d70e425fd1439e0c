/*
 * A declared state, as the files of this module share it: the table behind a descriptor, and time
 * to live.
 */
#ifndef WEIR__STATE_KEYED_STATE_H
#define WEIR__STATE_KEYED_STATE_H

#include "state/keyed.h"
#include "types/codec.h"

/* How many cells an access to a state with TTL looks at for expired ones (Flink's default). */
#define WEIR__TTL_SWEEP 5

struct weir__keyed_state {
    const struct weir_state_descriptor *descriptor;
    struct weir__table *table;
    const struct weir_type *type; /* of what is kept: value, element, map value, accumulator */
    void *scratch;     /* one value of `type`: a copy is made here before what it may borrow from is
                          released */
    void *key_scratch; /* map: one key, likewise */
    struct weir__schema *written; /* while values are restored that had other fields; else NULL */
    void *lent; /* an expired value that has left the state and is read once more */
    bool has_lent;
};

/* The cells of the kinds. */
extern const struct weir__cell_ops weir__value_cell_ops; /* value, reducing, aggregating */
extern const struct weir__cell_ops weir__list_cell_ops;
extern const struct weir__cell_ops weir__map_cell_ops;
size_t weir__value_cell_size(const struct weir_type *type);
extern const size_t weir__list_cell_size;
extern const size_t weir__map_cell_size;

/* The state of a descriptor, which must have been declared. */
struct weir__keyed_state *weir__keyed_state_of(const struct weir__keyed *keyed,
                                               const struct weir_state_descriptor *descriptor);
/* The current key's cell, or NULL. Sweeps a little when the state has TTL. */
void *weir__state_find(struct weir__keyed *keyed, const struct weir__keyed_state *state);
void *weir__state_obtain(struct weir__keyed *keyed, const struct weir__keyed_state *state,
                         bool *created);
void weir__state_remove(struct weir__keyed *keyed, const struct weir__keyed_state *state);

/* A value from a snapshot, whatever fields it had when it was written. Errors: WEIR_CORRUPT. */
WEIR_MUST_USE static inline enum weir_status weir__state_decode(
    const struct weir__keyed_state *state, struct weir__reader *in, void *value)
{
    return state->written != NULL ? weir__schema_decode(state->written, in, value)
                                  : weir__decode(state->type, in, value);
}

static inline bool weir__ttl_on(const struct weir__keyed_state *state)
{
    return state->descriptor->ttl.ttl_ms > 0;
}

static inline bool weir__ttl_renews_on_read(const struct weir__keyed_state *state)
{
    return weir__ttl_on(state) && state->descriptor->ttl.update == WEIR_TTL_ON_READ_AND_WRITE;
}

static inline bool weir__ttl_returns_expired(const struct weir__keyed_state *state)
{
    return weir__ttl_on(state) &&
           state->descriptor->ttl.visibility == WEIR_TTL_RETURN_EXPIRED_IF_NOT_CLEANED_UP;
}

/* When a stamped value expires; WEIR_TIME_MAX without TTL. */
static inline int64_t weir__ttl_end(const struct weir__keyed_state *state, int64_t stamp_ms)
{
    return weir__ttl_on(state) ? weir_time_add(stamp_ms, state->descriptor->ttl.ttl_ms)
                               : WEIR_TIME_MAX;
}

/* expired iff last write + ttl <= now. Source: semantics sheet, section 17. */
static inline bool weir__ttl_expired(const struct weir__keyed_state *state, int64_t stamp_ms,
                                     int64_t now_ms)
{
    return weir__ttl_end(state, stamp_ms) <= now_ms;
}

/* The time to stamp a write with; 0 without TTL. */
static inline int64_t weir__ttl_stamp(struct weir__keyed *keyed,
                                      const struct weir__keyed_state *state)
{
    return weir__ttl_on(state) ? weir__keyed_now(keyed) : 0;
}

#endif
