/*
 * Exact sums.
 *
 * Whole numbers are added in 128 bits, which no input is long enough to overflow; the result stops
 * at the ends of int64. Real numbers are added as a pair of doubles (the second holds what rounding
 * took from the first), so a sum does not depend on the order in which slices or sessions put it
 * together: 0.1 + 0.2 + 0.3 is 0.6.
 */
#ifndef WEIR_LAB_NUMBER_H
#define WEIR_LAB_NUMBER_H

#include <weir/type.h>

/* whole: high * 2^64 + low, as two's complement. real: sum + rest, where any_real. */
#define LAB_SUM_FIELDS(F, T)                                                                       \
    F(T, int64, count, "count", required)                                                          \
    F(T, int64, high, "high", required)                                                            \
    F(T, int64, low, "low", required)                                                              \
    F(T, boolean, any_real, "anyReal", required)                                                   \
    F(T, real, sum, "sum", required)                                                               \
    F(T, real, rest, "rest", required)
WEIR_DECLARE_TYPE(lab_sum, LAB_SUM_FIELDS);

void lab_sum_add_integer(struct lab_sum *sum, int64_t value);
void lab_sum_add_real(struct lab_sum *sum, double value);
void lab_sum_merge(struct lab_sum *sum, const struct lab_sum *other);

/* True: all were whole, and *integer is the sum; else *real is. Sums that no number holds become
 * the largest one. */
bool lab_sum_result(const struct lab_sum *sum, int64_t *integer, double *real);
/* NaN is not possible: 0 for no numbers at all. */
double lab_sum_average(const struct lab_sum *sum);

#endif
