/*
 * A reduce as an aggregate, so that windows know only one of them.
 *
 *     accumulator := any?, kept event
 */
#ifndef WEIR__OPERATOR_WINDOW_REDUCE_H
#define WEIR__OPERATOR_WINDOW_REDUCE_H

#include <weir/window.h>

/* Must not move: the aggregate points into it. */
struct weir__reduce_aggregate {
    struct weir_reduce reduce;
    struct weir_type type; /* of the accumulator */
    struct weir_field fields[2];
    struct weir_aggregate aggregate;
};

void weir__reduce_aggregate_init(struct weir__reduce_aggregate *self,
                                 const struct weir_reduce *reduce);

#endif
