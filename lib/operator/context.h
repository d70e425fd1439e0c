/*
 * What user functions get in their hands: the collector they emit into, and the context that tells
 * them where they are.
 *
 * Both are filled by the operator before each call, with the element in hand: what is emitted takes
 * over its timestamp, its number in the trace and its source split.
 */
#ifndef WEIR__OPERATOR_CONTEXT_H
#define WEIR__OPERATOR_CONTEXT_H

#include "operator/operator.h"
#include "time/timers.h"

struct weir__keyed; /* state/keyed.h */

struct weir_collector {
    const struct weir__output *output;
    struct weir__record element; /* in hand; its value is not used */
};

struct weir_context {
    struct weir__operator *op;
    struct weir_collector out;     /* the main output, with the element in hand */
    struct weir__keyed *keyed;     /* NULL: the stream, or the element in hand, has no key */
    struct weir__keyed *broadcast; /* broadcast states, under one key; NULL: there are none */
    bool may_change_broadcast;     /* a broadcast element is in hand */
    /* A window function's: its states lie under a namespace, and it may use those that it lists
     * there (NULL-terminated) under the name `list`; it sets no timers. listed: NULL elsewhere. */
    struct weir__namespace ns;
    const struct weir_state_descriptor *const *listed;
    const char *list;
};

/* The element for a timer's output: its time (WEIR_TIME_MIN for processing time), and nothing of
 * any event. */
static inline struct weir__record weir__element_of_timer(int64_t timestamp)
{
    return (struct weir__record){.timestamp = timestamp, .split = WEIR__NO_SPLIT};
}

/*
 * The keyed side of an operator, in the backend that the job chose; the operator fails with its
 * disk. After an error there is nothing to free. Errors: as weir__backend_new.
 */
WEIR_MUST_USE enum weir_status weir__operator_keyed_init(struct weir__operator *op,
                                                         struct weir__keyed *keyed,
                                                         struct weir_error *error);

/* Its snapshot, straight into the operator's, for the checkpoint that is taken; and back. Errors:
 * as weir__keyed_restore_from. */
void weir__operator_keyed_snapshot(struct weir__operator *op, struct weir__keyed *keyed,
                                   struct weir__buf *out);
WEIR_MUST_USE enum weir_status weir__operator_keyed_restore(struct weir__operator *op,
                                                            struct weir__keyed *keyed,
                                                            struct weir__reader *in,
                                                            struct weir_error *error);

#endif
