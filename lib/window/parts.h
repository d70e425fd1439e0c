/*
 * The parts that an aggregate says it is made of: checked, and read and written.
 */
#ifndef WEIR__WINDOW_PARTS_H
#define WEIR__WINDOW_PARTS_H

#include <weir/window.h>

/* What is wrong with the parts of an aggregate: NULL, or a text. */
const char *weir__parts_check(const struct weir_aggregate *aggregate);
/* The distinct part, or NULL. */
const struct weir_aggregate_part *weir__parts_distinct(const struct weir_aggregate *aggregate);

/*
 * Fills an accumulator, zeroed or filled before, for the result function: sets have a size and no
 * members.
 */
void weir__parts_fill(const struct weir_aggregate *aggregate, void *accumulator, int64_t count,
                      int64_t distinct);

static inline void *weir__part_at(const struct weir_aggregate_part *part, void *accumulator)
{
    return (char *)accumulator + part->into->offset;
}

/* The value of a distinct part's field. */
static inline struct weir_str weir__part_text(const struct weir_aggregate_part *part,
                                              const void *value)
{
    return *(const struct weir_str *)(const void *)((const char *)value + part->of->offset);
}

#endif
