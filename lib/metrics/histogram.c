/*
 * Statistics over the last values.
 */
#include "metrics/histogram.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    double quantile;
} statistics[WEIR__STATISTICS] = {
    [WEIR__MIN] = {"min", -1},       [WEIR__MAX] = {"max", -1},   [WEIR__MEAN] = {"mean", -1},
    [WEIR__STDDEV] = {"stddev", -1}, [WEIR__P50] = {"p50", 0.5},  [WEIR__P75] = {"p75", 0.75},
    [WEIR__P95] = {"p95", 0.95},     [WEIR__P98] = {"p98", 0.98}, [WEIR__P99] = {"p99", 0.99},
    [WEIR__P999] = {"p999", 0.999},
};

const char *weir__statistic_name(enum weir__statistic statistic)
{
    return statistics[statistic].name;
}

double weir__statistic_quantile(enum weir__statistic statistic)
{
    return statistics[statistic].quantile;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Of n sorted values: at position q (n + 1) counted from 1, as Commons Math's percentile has it,
 * which Flink uses. */
static double quantile(const double *sorted, size_t n, double q)
{
    double position = q * (double)(n + 1);
    if (position < 1) {
        return sorted[0];
    }
    if (position >= (double)n) {
        return sorted[n - 1];
    }
    size_t below = (size_t)position;
    double share = position - (double)below;
    return sorted[below - 1] + share * (sorted[below] - sorted[below - 1]);
}

/* The sample's: divided by n - 1. */
static double deviation(const double *values, size_t n, double mean)
{
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        squares += (values[i] - mean) * (values[i] - mean);
    }
    return n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
}

void weir__histogram_summarize(const struct weir__histogram *histogram,
                               struct weir__histogram_summary *summary)
{
    *summary = (struct weir__histogram_summary){{0}};
    if (histogram->count == 0) {
        return;
    }
    int window = weir__histogram_window(histogram);
    size_t n = (size_t)(histogram->count < window ? histogram->count : window);
    double sorted[WEIR__HISTOGRAM_WINDOW];
    memcpy(sorted, histogram->values, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), compare);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += sorted[i];
    }
    summary->of[WEIR__MIN] = sorted[0];
    summary->of[WEIR__MAX] = sorted[n - 1];
    summary->of[WEIR__MEAN] = sum / (double)n;
    summary->of[WEIR__STDDEV] = deviation(sorted, n, summary->of[WEIR__MEAN]);
    for (int i = 0; i < WEIR__STATISTICS; i++) {
        if (statistics[i].quantile >= 0) {
            summary->of[i] = quantile(sorted, n, statistics[i].quantile);
        }
    }
}
