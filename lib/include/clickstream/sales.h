/*
 * Sales: how many purchases were made on a page in a window.
 */
#ifndef CLICKSTREAM_SALES_H
#define CLICKSTREAM_SALES_H

#include <weir/window.h>

/* A purchase, checked out. together: the same of all, a key under which one function sees every
 * purchase. */
#define PURCHASE_FIELDS(F, T)                                                                      \
    F(T, string, page_url, "pageUrl", required)                                                    \
    F(T, int64, lag, "lag", required)                                                              \
    F(T, int64, together, "together", required)
WEIR_DECLARE_TYPE(purchase, PURCHASE_FIELDS);

#define SALES_FIELDS(F, T)                                                                         \
    F(T, string, page_url, "pageUrl", required)                                                    \
    F(T, int64, purchases, "purchases", required)                                                  \
    F(T, int64, window_start, "windowStart", required)                                             \
    F(T, int64, window_end, "windowEnd", required)
WEIR_DECLARE_TYPE(sales, SALES_FIELDS);

/* purchase -> sales, keyed by page. Mergeable. */
extern const struct weir_aggregate sales_aggregate;

#endif
