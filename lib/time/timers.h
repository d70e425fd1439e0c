/*
 * Timers of one time domain (event time or processing time): a queue of (key, namespace, time).
 *
 * A timer exists once: registering it again changes nothing. Timers fire in ascending time; equal
 * times fire in the order in which they were registered, also after a snapshot and restore. A timer
 * registered while others fire, at a time that is already due, fires in the same advance:
 *
 *     struct weir__timer due;
 *     while (weir__timers_pop(&timers, watermark, &due)) {
 *         … may register and delete timers …
 *         weir__key_unref(keys, due.key);
 *     }
 *
 * A heap of (time, sequence) whose items know their place, and a hash index over (key, namespace,
 * time): register, delete and pop cost O(log n), and nothing is allocated in steady work. One
 * thread. Source: semantics sheet, sections 7 and 10.
 */
#ifndef WEIR__TIME_TIMERS_H
#define WEIR__TIME_TIMERS_H

#include "base/hash.h"
#include "types/freeze.h"

#include <weir/time.h>

/* What a timer or a state belongs to besides its key: {start, end} of a window, {0, 0} for a
 * process function. */
struct weir__namespace {
    int64_t a;
    int64_t b;
};

enum weir__time_domain { WEIR__EVENT_TIME, WEIR__PROCESSING_TIME };

struct weir__timer {
    struct weir__key_node *key;
    struct weir__namespace ns;
    int64_t time;      /* epoch ms */
    uint64_t sequence; /* order of registration */
};

struct weir__timer_slot; /* of the heap */

struct weir__timers {
    struct weir__key_table *keys; /* borrowed; each timer holds a reference to its key */
    struct weir__pool pool;
    struct weir__index index;
    struct weir__timer_slot *heap;
    uint32_t count;
    uint32_t capacity;
    uint64_t next_sequence;
    struct weir__frozen frozen;
};

void weir__timers_init(struct weir__timers *timers, struct weir__key_table *keys);
/* Before the keys' weir__key_table_fini. */
void weir__timers_fini(struct weir__timers *timers);

/* True when the timer is new, false when it was there already. Takes a reference to the key. */
bool weir__timers_register(struct weir__timers *timers, struct weir__key_node *key,
                           struct weir__namespace ns, int64_t time);
/* False when there was none. May free the key with the timer's reference. */
bool weir__timers_delete(struct weir__timers *timers, struct weir__key_node *key,
                         struct weir__namespace ns, int64_t time);
/* Takes out the first timer with time <= limit, if there is one; the timer's reference to the key
 * is the caller's then. */
WEIR_MUST_USE bool weir__timers_pop(struct weir__timers *timers, int64_t limit,
                                    struct weir__timer *due);
/* The earliest time, WEIR_TIME_MAX when there is none. */
int64_t weir__timers_next(const struct weir__timers *timers);

/* Appends all timers, by key group; or leaves a gap for them (types/freeze.h). gaps: NULL: never.
 */
void weir__timers_snapshot(struct weir__timers *timers, struct weir__buf *out,
                           struct weir__vec *gaps);
/*
 * Adds the timers of a snapshot whose key group lies in first … last; may be called several times
 * (one snapshot each). Errors: WEIR_CORRUPT.
 */
WEIR_MUST_USE enum weir_status weir__timers_restore(struct weir__timers *timers,
                                                    struct weir__reader *in, int first_group,
                                                    int last_group, struct weir_error *error);

static inline uint64_t weir__namespace_hash(const struct weir__key_node *key,
                                            struct weir__namespace ns)
{
    return weir__hash_join(key->key.hash, weir__hash_join((uint64_t)ns.a, (uint64_t)ns.b));
}

static inline bool weir__namespace_equals(struct weir__namespace a, struct weir__namespace b)
{
    return a.a == b.a && a.b == b.b;
}

#endif
