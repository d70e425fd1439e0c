/*
 * What the grader's runner can run of exercise 3.2.
 */
#include "page_stats.h"

#include "runner.h"

WEIR_DEFINE_TYPE(page_stats, PAGE_STATS_FIELDS);
WEIR_DEFINE_TYPE(page_stats_accumulator, PAGE_STATS_ACCUMULATOR_FIELDS);

static const struct grading_window_job job = {
    .aggregate = &page_stats_aggregate,
    .key = WEIR_FIELD(click_event, page_url),
    .timestamp = WEIR_FIELD(click_event, timestamp),
};

const struct grading_subject grading_subjects[] = {
    {"aggregate", &click_event_type, grading_run_aggregate, &page_stats_aggregate},
    {"job", &click_event_type, grading_run_window_job, &job},
    {NULL, NULL, NULL, NULL},
};
