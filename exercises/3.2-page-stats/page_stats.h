/*
 * Exercise 3.2: statistics of a page in a window. Given; you need not change it.
 */
#ifndef PAGE_STATS_H
#define PAGE_STATS_H

#include <clickstream/click_event.h>
#include <weir/window.h>

/* What comes out: one value for each page and window. README.md has the exact rules. */
#define PAGE_STATS_FIELDS(F, T)                                                                    \
    F(T, string, page_url, "pageUrl", required)                                                    \
    F(T, int64, window_start, "windowStart", required)                                             \
    F(T, int64, window_end, "windowEnd", required)                                                 \
    F(T, int64, events, "events", required)                                                        \
    F(T, real, events_per_user, "eventsPerUser", required)                                         \
    F(T, string, most_active_user, "mostActiveUser", nullable)                                     \
    F(T, int64, first_event, "firstEvent", required)                                               \
    F(T, int64, last_event, "lastEvent", required)
WEIR_DECLARE_TYPE(page_stats, PAGE_STATS_FIELDS);

/*
 * What is remembered while a window is open: the accumulator. It starts as all zero bytes (an empty
 * set, 0, 0, 0), then your create is called. users holds every user once, with the number of times
 * that it was added: see weir_string_set in <weir/type.h>.
 */
#define PAGE_STATS_ACCUMULATOR_FIELDS(F, T)                                                        \
    F(T, int64, events, "events", required)                                                        \
    F(T, string_set, users, "users", required)                                                     \
    F(T, int64, first_event, "firstEvent", required)                                               \
    F(T, int64, last_event, "lastEvent", required)
WEIR_DECLARE_TYPE(page_stats_accumulator, PAGE_STATS_ACCUMULATOR_FIELDS);

/* Yours: click_event -> page_stats. */
extern const struct weir_aggregate page_stats_aggregate;

#endif
