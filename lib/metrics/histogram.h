/*
 * A histogram, as Flink's DescriptiveStatisticsHistogram: statistics over the last values, WINDOW
 * of them unless it is made to look back less far.
 *
 * Adding a value is one store into a ring. The statistics are made when somebody is to see them:
 * the ring is copied and sorted, and a quantile is interpolated between the two values around it.
 * One thread.
 */
#ifndef WEIR__METRICS_HISTOGRAM_H
#define WEIR__METRICS_HISTOGRAM_H

#include <stdint.h>

enum { WEIR__HISTOGRAM_WINDOW = 512 };

/* What a summary consists of; WEIR__STATISTICS is their number. */
enum weir__statistic {
    WEIR__MIN,
    WEIR__MAX,
    WEIR__MEAN,
    WEIR__STDDEV,
    WEIR__P50, /* the quantiles that Flink reports */
    WEIR__P75,
    WEIR__P95,
    WEIR__P98,
    WEIR__P99,
    WEIR__P999,
    WEIR__STATISTICS,
};

struct weir__histogram_summary {
    double of[WEIR__STATISTICS]; /* all 0 when there was no value */
};

struct weir__histogram {
    int64_t count; /* of all values ever added */
    int window;    /* how many of the last ones count, set before the first; 0: all that fit */
    double values[WEIR__HISTOGRAM_WINDOW];
};

/* Flink's names: "min", "mean", "p99", … */
const char *weir__statistic_name(enum weir__statistic statistic);
/* 0.5 for WEIR__P50; negative for what is no quantile. */
double weir__statistic_quantile(enum weir__statistic statistic);

static inline int weir__histogram_window(const struct weir__histogram *histogram)
{
    return histogram->window > 0 ? histogram->window : WEIR__HISTOGRAM_WINDOW;
}
static inline void weir__histogram_add(struct weir__histogram *histogram, double value)
{
    histogram->values[histogram->count++ % weir__histogram_window(histogram)] = value;
}
void weir__histogram_summarize(const struct weir__histogram *histogram,
                               struct weir__histogram_summary *summary);

#endif
