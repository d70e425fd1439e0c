/*
 * The funnel of a shop: how many visits got how far on the way VIEW, CLICK, ADD_TO_CART, PURCHASE.
 */
#ifndef CLICKSTREAM_FUNNEL_H
#define CLICKSTREAM_FUNNEL_H

#include <weir/window.h>

/* reached: 0 none of the steps, 1 VIEW, … 4 PURCHASE. start: epoch ms. shop: by which visits are
 * counted together; all of them when nobody sets it. */
#define VISIT_FIELDS(F, T)                                                                         \
    F(T, string, user_id, "userId", required)                                                      \
    F(T, int64, reached, "reached", required)                                                      \
    F(T, int64, events, "events", required)                                                        \
    F(T, int64, start, "start", required)                                                          \
    F(T, int64, shop, "shop", required)
WEIR_DECLARE_TYPE(visit, VISIT_FIELDS);

/* Visits that reached a step or went beyond it. */
#define FUNNEL_FIELDS(F, T)                                                                        \
    F(T, int64, visits, "visits", required)                                                        \
    F(T, int64, viewed, "viewed", required)                                                        \
    F(T, int64, clicked, "clicked", required)                                                      \
    F(T, int64, carted, "carted", required)                                                        \
    F(T, int64, bought, "bought", required)                                                        \
    F(T, int64, window_start, "windowStart", required)                                             \
    F(T, int64, window_end, "windowEnd", required)
WEIR_DECLARE_TYPE(funnel, FUNNEL_FIELDS);

/* visit -> funnel. Mergeable. */
extern const struct weir_aggregate funnel_aggregate;

/*
 * For weir_print_lines: the heading, and one aligned line a funnel. Behind each step the percentage
 * of those that reached the step before, rounded down; a dash when there were none.
 */
extern const char funnel_heading[];
void funnel_line(const void *value, char *text, size_t size, void *user);

#endif
