/*
 * User activity: what a user did in a window, by type of event, and on how many different pages.
 */
#ifndef CLICKSTREAM_USER_ACTIVITY_H
#define CLICKSTREAM_USER_ACTIVITY_H

#include <weir/window.h>

/* events counts all of them; views, clicks, carts and purchases those of the four known types. */
#define USER_ACTIVITY_FIELDS(F, T)                                                                 \
    F(T, string, user_id, "userId", required)                                                      \
    F(T, int64, events, "events", required)                                                        \
    F(T, int64, views, "views", required)                                                          \
    F(T, int64, clicks, "clicks", required)                                                        \
    F(T, int64, carts, "carts", required)                                                          \
    F(T, int64, purchases, "purchases", required)                                                  \
    F(T, int64, pages, "pages", required)                                                          \
    F(T, int64, window_start, "windowStart", required)                                             \
    F(T, int64, window_end, "windowEnd", required)
WEIR_DECLARE_TYPE(user_activity, USER_ACTIVITY_FIELDS);

/* click_event -> user_activity, keyed by user. Mergeable. */
extern const struct weir_aggregate user_activity_aggregate;

#endif
