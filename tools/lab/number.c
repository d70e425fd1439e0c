/* Exact sums. The pair of doubles is Knuth's two-sum: the error of one addition, found without
 * branches. */
#include "lab/number.h"

#include <float.h>
#include <math.h>

WEIR_DEFINE_TYPE(lab_sum, LAB_SUM_FIELDS);

static __int128 whole(const struct lab_sum *sum)
{
    unsigned __int128 bits = ((unsigned __int128)(uint64_t)sum->high << 64) | (uint64_t)sum->low;
    return (__int128)bits;
}

static void add_whole(struct lab_sum *sum, __int128 value)
{
    unsigned __int128 bits = (unsigned __int128)(whole(sum) + value);
    sum->high = (int64_t)(uint64_t)(bits >> 64);
    sum->low = (int64_t)(uint64_t)bits;
}

static void add_pair(struct lab_sum *sum, double value, double rest)
{
    double total = sum->sum + value;
    if (!isfinite(total)) {
        sum->sum = total < 0 ? -DBL_MAX : DBL_MAX;
        sum->rest = 0;
        return;
    }
    double moved = total - sum->sum;
    double error = (sum->sum - (total - moved)) + (value - moved);
    error += sum->rest + rest;
    sum->sum = total + error;
    sum->rest = error - (sum->sum - total);
}

void lab_sum_add_integer(struct lab_sum *sum, int64_t value)
{
    sum->count++;
    add_whole(sum, value);
}

void lab_sum_add_real(struct lab_sum *sum, double value)
{
    sum->count++;
    sum->any_real = true;
    add_pair(sum, value, 0);
}

void lab_sum_merge(struct lab_sum *sum, const struct lab_sum *other)
{
    sum->count += other->count;
    add_whole(sum, whole(other));
    sum->any_real = sum->any_real || other->any_real;
    add_pair(sum, other->sum, other->rest);
}

/* Whole and real parts together, as one pair. */
static struct lab_sum as_pair(const struct lab_sum *sum)
{
    struct lab_sum pair = *sum;
    __int128 exact = whole(sum);
    double rounded = (double)exact;
    add_pair(&pair, rounded, (double)(exact - (__int128)rounded));
    return pair;
}

bool lab_sum_result(const struct lab_sum *sum, int64_t *integer, double *real)
{
    if (sum->any_real) {
        *real = as_pair(sum).sum;
        return false;
    }
    __int128 exact = whole(sum);
    *integer = exact > INT64_MAX ? INT64_MAX : exact < INT64_MIN ? INT64_MIN : (int64_t)exact;
    return true;
}

double lab_sum_average(const struct lab_sum *sum)
{
    if (sum->count == 0) {
        return 0;
    }
    struct lab_sum pair = as_pair(sum);
    return (double)(((long double)pair.sum + pair.rest) / (long double)sum->count);
}
