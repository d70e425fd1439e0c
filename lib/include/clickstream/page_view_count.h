/*
 * Page views: how often a page was seen in a window, and by how many different users.
 */
#ifndef CLICKSTREAM_PAGE_VIEW_COUNT_H
#define CLICKSTREAM_PAGE_VIEW_COUNT_H

#include <weir/window.h>

#define PAGE_VIEW_COUNT_FIELDS(F, T)                                                               \
    F(T, string, page_url, "pageUrl", required)                                                    \
    F(T, int64, count, "count", required)                                                          \
    F(T, int64, unique_users, "uniqueUsers", required)                                             \
    F(T, int64, window_start, "windowStart", required)                                             \
    F(T, int64, window_end, "windowEnd", required)
WEIR_DECLARE_TYPE(page_view_count, PAGE_VIEW_COUNT_FIELDS);

/* click_event -> page_view_count, keyed by page: counts events and distinct users. Mergeable. */
extern const struct weir_aggregate page_view_count_aggregate;

/* For weir_print_lines: the heading, and one aligned line a result: page, window, count, users. */
extern const char page_view_count_heading[];
void page_view_count_line(const void *value, char *text, size_t size, void *user);

#endif
