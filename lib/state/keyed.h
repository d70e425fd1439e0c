/*
 * The keyed side of an operator: the key in hand, what is remembered about it, and its timers.
 *
 *     open:     weir__keyed_init(&keyed, …); weir__keyed_declare(&keyed, states)
 *     record:   weir__keyed_set_key(&keyed, &key); … weir__keyed_value_get(&keyed, &my_state) …
 *     advance:  while (weir__keyed_next_timer(&keyed, WEIR__EVENT_TIME, watermark, &due)) {
 *                   the key is set; call on_timer
 *               }
 *     snapshot: weir__keyed_snapshot(&keyed, out)
 *     restore:  weir__keyed_restore(&keyed, &in, error)
 *
 * The functions over states follow <weir/state.h>, with the keyed struct in place of the context.
 * They see the states of the namespace keyed.ns, which is {0, 0}, that of the public timers, unless
 * the operator sets another: a window function's are those of its window. Time for TTL is read from
 * the clock once a call (set_key or next_timer), so a list does not shrink under a learner's loop.
 * One thread. Source: semantics sheet, sections 10 and 17.
 */
#ifndef WEIR__STATE_KEYED_H
#define WEIR__STATE_KEYED_H

#include "base/vec.h"
#include "state/backend.h"

#include <weir/clock.h>
#include <weir/state.h>

#define WEIR__NO_NAMESPACE ((struct weir__namespace){0, 0})

struct weir__keyed {
    struct weir__key key;        /* in hand; borrowed from the record, or from its node */
    struct weir__key_node *node; /* of that key, referred to; NULL: nothing is remembered about it
                                    (a backend outside of memory has one for every key in hand) */
    struct weir__namespace ns;   /* of the declared states in hand */
    struct weir__key_table keys;
    struct weir__backend *backend;
    struct weir__vec
        tables; /* struct weir__table *: all states, declared ones and the operator's own */
    struct weir__vec states;       /* struct weir__keyed_state *: declared ones (keyed_state.h) */
    struct weir__timers timers[2]; /* by enum weir__time_domain */
    const struct weir_clock *clock;
    int64_t now_ms; /* of the call in progress, when now_known */
    bool now_known;
    uint64_t call;   /* its number, from 1 */
    int first_group; /* of this subtask, both inclusive */
    int last_group;
};

/* backend: taken; NULL: the heap. clock: borrowed. */
void weir__keyed_init(struct weir__keyed *keyed, struct weir__backend *backend,
                      const struct weir_clock *clock, int subtask, int parallelism,
                      int max_parallelism);
void weir__keyed_fini(struct weir__keyed *keyed);

/* ---- at open ---- */

/*
 * Opens the declared states (NULL-terminated; NULL: none); one that was declared before is left
 * out. The descriptors are borrowed. Errors: WEIR_INVALID (two of one name, a type is missing, ttl
 * < 0) with a text that names the state.
 */
WEIR_MUST_USE enum weir_status weir__keyed_declare(
    struct weir__keyed *keyed, const struct weir_state_descriptor *const *states,
    struct weir_error *error);
/* A table of the operator's own. */
struct weir__table *weir__keyed_open_table(struct weir__keyed *keyed,
                                           const struct weir__table_config *config);
/* Whether the state was declared: the functions below demand it. */
bool weir__keyed_knows(const struct weir__keyed *keyed, const struct weir_state_descriptor *state);

/* ---- the key in hand ---- */

/* The key is borrowed until the next one is set. */
void weir__keyed_set_key(struct weir__keyed *keyed, const struct weir__key *key);
/*
 * The key's node, made when it has none; it outlives the call only when somebody takes a reference.
 */
struct weir__key_node *weir__keyed_node(struct weir__keyed *keyed);
/* The clock's time, the same during one call. */
int64_t weir__keyed_now(struct weir__keyed *keyed);

/* ---- timers ---- */

/* False when it was there already. */
bool weir__keyed_register_timer(struct weir__keyed *keyed, enum weir__time_domain domain,
                                struct weir__namespace ns, int64_t time);
/* False when there was none. */
bool weir__keyed_delete_timer(struct weir__keyed *keyed, enum weir__time_domain domain,
                              struct weir__namespace ns, int64_t time);
/* Takes the next timer with time <= limit, sets its key and returns true; false when none is due.
 * due->key is borrowed. */
bool weir__keyed_next_timer(struct weir__keyed *keyed, enum weir__time_domain domain, int64_t limit,
                            struct weir__timer *due);
/* When the first is due; WEIR_TIME_MAX: none. */
int64_t weir__keyed_next_time(const struct weir__keyed *keyed, enum weir__time_domain domain);
size_t weir__keyed_timer_count(const struct weir__keyed *keyed, enum weir__time_domain domain);

/* ---- declared states of the key in hand: see <weir/state.h> ---- */

const void *weir__keyed_value_get(struct weir__keyed *keyed,
                                  const struct weir_state_descriptor *state);
void weir__keyed_value_set(struct weir__keyed *keyed, const struct weir_state_descriptor *state,
                           const void *value);
void *weir__keyed_value_edit(struct weir__keyed *keyed, const struct weir_state_descriptor *state);

void weir__keyed_list_add(struct weir__keyed *keyed, const struct weir_state_descriptor *state,
                          const void *element);
size_t weir__keyed_list_count(struct weir__keyed *keyed, const struct weir_state_descriptor *state);
const void *weir__keyed_list_at(struct weir__keyed *keyed,
                                const struct weir_state_descriptor *state, size_t index);

const void *weir__keyed_map_get(struct weir__keyed *keyed,
                                const struct weir_state_descriptor *state, const void *key);
void weir__keyed_map_put(struct weir__keyed *keyed, const struct weir_state_descriptor *state,
                         const void *key, const void *value);
void weir__keyed_map_remove(struct weir__keyed *keyed, const struct weir_state_descriptor *state,
                            const void *key);
size_t weir__keyed_map_count(struct weir__keyed *keyed, const struct weir_state_descriptor *state);
bool weir__keyed_map_is_empty(struct weir__keyed *keyed, const struct weir_state_descriptor *state);
const void *weir__keyed_map_at(struct weir__keyed *keyed, const struct weir_state_descriptor *state,
                               size_t index, const void **key);

/* timestamp: of the event in hand, given to the aggregate. */
void weir__keyed_folding_add(struct weir__keyed *keyed, const struct weir_state_descriptor *state,
                             const void *value, int64_t timestamp);
const void *weir__keyed_reducing_get(struct weir__keyed *keyed,
                                     const struct weir_state_descriptor *state);
/* watermark: what the aggregate's result function is told. */
bool weir__keyed_aggregating_get(struct weir__keyed *keyed,
                                 const struct weir_state_descriptor *state, int64_t watermark,
                                 void *out);

void weir__keyed_state_clear(struct weir__keyed *keyed, const struct weir_state_descriptor *state);

/* ---- snapshots ---- */

/* All states and timers, by key group, in a form that does not depend on the backend. */
void weir__keyed_snapshot(struct weir__keyed *keyed, struct weir__buf *out);
/* The same bytes, once the gaps are filled (types/freeze.h); they end before `keyed` does. gaps:
 * NULL: all at once. */
void weir__keyed_freeze(struct weir__keyed *keyed, struct weir__buf *out, struct weir__vec *gaps);
/*
 * Adds what a snapshot holds for this subtask's key groups; may be called several times. All states
 * must be declared before. Errors: WEIR_CORRUPT; WEIR_MISMATCH (a state that is not declared, or is
 * of another type or TTL than it was).
 */
WEIR_MUST_USE enum weir_status weir__keyed_restore(struct weir__keyed *keyed,
                                                   struct weir__reader *in,
                                                   struct weir_error *error);
/*
 * The same with files, where the backend has native checkpoints: the states are files in the folder
 * `name` below `directory` (it must not be there yet), and `out` says what they are.
 * WEIR_UNSUPPORTED when the backend has none; after an error `out` is as before. restore_from takes
 * what either gave, in any number; directory: where the folders are, NULL: nowhere. Only a backend
 * of the same kind reads files. Errors: WEIR_IO; restoring: as weir__keyed_restore.
 */
WEIR_MUST_USE enum weir_status weir__keyed_checkpoint(struct weir__keyed *keyed,
                                                      const char *directory, const char *name,
                                                      struct weir__buf *out,
                                                      struct weir_error *error);
WEIR_MUST_USE enum weir_status weir__keyed_restore_from(struct weir__keyed *keyed,
                                                        const char *directory,
                                                        struct weir__reader *in,
                                                        struct weir_error *error);

#endif
