/*
 * Keyed state: what an operator remembers about the key of the event in hand.
 *
 * A state is declared once, by a descriptor that a process function lists, and is opened through
 * the context inside a call. It is always scoped to the current key: the same code sees a different
 * value for every key. Values put in are deep-copied; values got are borrowed until the next call
 * that changes the same state. Threads: only inside a user function's call. Source: semantics
 * sheet, section 17 (TTL).
 */
#ifndef WEIR_STATE_H
#define WEIR_STATE_H

#include <weir/time.h>
#include <weir/type.h>
#include <weir/window.h>

enum weir_state_kind {
    WEIR_STATE_VALUE,
    WEIR_STATE_LIST,
    WEIR_STATE_MAP,
    WEIR_STATE_REDUCING,
    WEIR_STATE_AGGREGATING,
};

enum weir_ttl_update { WEIR_TTL_ON_WRITE, WEIR_TTL_ON_READ_AND_WRITE };

enum weir_ttl_visibility {
    WEIR_TTL_NEVER_RETURN_EXPIRED,
    WEIR_TTL_RETURN_EXPIRED_IF_NOT_CLEANED_UP
};

/*
 * Time to live, in processing time: a value is expired when last write + ttl <= now. Each element
 * of a list and each entry of a map has its own.
 *
 * Expired values are never returned; or, with RETURN_EXPIRED_IF_NOT_CLEANED_UP, once more by the
 * first call of the function that reads them, when they are still there: a value or a map's entry,
 * borrowed until the next access to the state, is gone with that read; of a list, what is expired
 * goes when all of it is, or when a read renews the rest.
 *
 * Time goes on while the job is down. A state that exists cannot be given a TTL, nor lose it: the
 * restore fails.
 */
struct weir_ttl {
    int64_t ttl_ms; /* > 0; 0: no TTL */
    enum weir_ttl_update update;
    enum weir_ttl_visibility visibility;
};

struct weir_state_descriptor {
    const char *name; /* unique in the operator; what checkpoints know it by */
    /* The type of values may gain fields (zero in what was kept before), lose and move them from
     * one version of a program to the next; kind, TTL and the type of a map's keys may not change.
     */
    enum weir_state_kind kind;
    const struct weir_type *type;     /* of the value, list element, map value */
    const struct weir_type *key_type; /* MAP: of the user key: a scalar type or a struct */
    /* REDUCING: folds value into the accumulator, an owned value of `type` */
    void (*reduce)(void *accumulator, const void *value, void *user);
    const struct weir_aggregate *aggregate; /* AGGREGATING */
    void *user;
    struct weir_ttl ttl;
};

/* VALUE: NULL when nothing is stored. */
const void *weir_value_state_get(weir_context *context, const struct weir_state_descriptor *state);
void weir_value_state_set(weir_context *context, const struct weir_state_descriptor *state,
                          const void *value);
/*
 * VALUE: the stored value for changing in place, created zeroed when absent. It owns its strings
 * and lists (weir_str_set, weir_list_append). Borrowed until the user function returns.
 */
void *weir_value_state_edit(weir_context *context, const struct weir_state_descriptor *state);

/* LIST: elements in order of addition. */
void weir_list_state_add(weir_context *context, const struct weir_state_descriptor *state,
                         const void *element);
size_t weir_list_state_count(weir_context *context, const struct weir_state_descriptor *state);
const void *weir_list_state_at(weir_context *context, const struct weir_state_descriptor *state,
                               size_t index);

/* MAP. get gives NULL for an absent key; entries come in insertion order: index < count. */
const void *weir_map_state_get(weir_context *context, const struct weir_state_descriptor *state,
                               const void *key);
void weir_map_state_put(weir_context *context, const struct weir_state_descriptor *state,
                        const void *key, const void *value);
void weir_map_state_remove(weir_context *context, const struct weir_state_descriptor *state,
                           const void *key);
size_t weir_map_state_count(weir_context *context, const struct weir_state_descriptor *state);
/* Whether nothing is stored. Cheap, and blind to TTL: entries that are expired, and not cleaned up
 * yet, count. */
bool weir_map_state_is_empty(weir_context *context, const struct weir_state_descriptor *state);
const void *weir_map_state_at(weir_context *context, const struct weir_state_descriptor *state,
                              size_t index, const void **key);

/* REDUCING and AGGREGATING: add folds a value in; REDUCING's get gives the accumulator, NULL when
 * nothing was added; AGGREGATING's get fills *out (of the aggregate's out_type) and returns false
 * when nothing was added. */
void weir_folding_state_add(weir_context *context, const struct weir_state_descriptor *state,
                            const void *value);
const void *weir_reducing_state_get(weir_context *context,
                                    const struct weir_state_descriptor *state);
bool weir_aggregating_state_get(weir_context *context, const struct weir_state_descriptor *state,
                                void *out);

/* Forgets the state of the current key. */
void weir_state_clear(weir_context *context, const struct weir_state_descriptor *state);

#endif
