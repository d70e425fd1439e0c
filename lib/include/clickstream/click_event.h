/*
 * The click event of the tutorial: one interaction of one user with one page.
 */
#ifndef CLICKSTREAM_CLICK_EVENT_H
#define CLICKSTREAM_CLICK_EVENT_H

#include <weir/type.h>

/* event_type: VIEW, CLICK, ADD_TO_CART, PURCHASE. timestamp: epoch ms, when it happened. */
#define CLICK_EVENT_FIELDS(F, T)                                                                   \
    F(T, string, user_id, "userId", required)                                                      \
    F(T, string, page_url, "pageUrl", required)                                                    \
    F(T, string, event_type, "eventType", required)                                                \
    F(T, int64, timestamp, "timestamp", required)                                                  \
    F(T, string, session_id, "sessionId", nullable)                                                \
    F(T, string, ip_address, "ipAddress", nullable)                                                \
    F(T, string, product_id, "productId", nullable)                                                \
    F(T, string, user_agent, "userAgent", nullable)                                                \
    F(T, string, referrer, "referrer", nullable)
WEIR_DECLARE_TYPE(click_event, CLICK_EVENT_FIELDS);

#endif
