/*
 * What a shop wants to know of its visits: each visit by itself, the departments that were visited,
 * and how many of the visits bought something. Field names on the wire are those of the MSK
 * clickstream lab.
 */
#ifndef CLICKSTREAM_SHOP_SESSION_H
#define CLICKSTREAM_SHOP_SESSION_H

#include <weir/process.h>

/*
 * A visit. event_count: its events that are about a product; checkouts: its orders; departments: of
 * these products. everybody: 1, by which all visits can be brought together.
 */
#define SHOP_SESSION_FIELDS(F, T)                                                                  \
    F(T, int64, user_id, "userId", required)                                                       \
    F(T, int64, event_count, "eventCount", required)                                               \
    F(T, int64, checkouts, "orderCheckoutEventCount", required)                                    \
    F(T, string_set, departments, "deptList", required)                                            \
    F(T, int64, everybody, "eventKey", required)                                                   \
    F(T, int64, window_start, "windowBeginTime", required)                                         \
    F(T, int64, window_end, "windowEndTime", required)
WEIR_DECLARE_TYPE(shop_session, SHOP_SESSION_FIELDS);

/* How many visits saw a department. */
#define DEPARTMENT_COUNT_FIELDS(F, T)                                                              \
    F(T, string, department, "departmentName", required)                                           \
    F(T, int64, sessions, "departmentCount", required)                                             \
    F(T, int64, window_start, "windowBeginTime", required)                                         \
    F(T, int64, window_end, "windowEndTime", required)
WEIR_DECLARE_TYPE(department_count, DEPARTMENT_COUNT_FIELDS);

/* How many visits there were, and how many of them bought something. percent is rounded down. */
#define SHOP_TOTALS_FIELDS(F, T)                                                                   \
    F(T, int64, sessions, "userSessionCount", required)                                            \
    F(T, int64, buyers, "userSessionCountWithOrderCheckout", required)                             \
    F(T, real, percent, "percentSessionswithBuy", required)                                        \
    F(T, int64, window_start, "windowBeginTime", required)                                         \
    F(T, int64, window_end, "windowEndTime", required)
WEIR_DECLARE_TYPE(shop_totals, SHOP_TOTALS_FIELDS);

/* shop_event -> shop_session, keyed by user. Mergeable: for session windows. */
extern const struct weir_aggregate shop_session_aggregate;

/* For weir_flat_map: a visit's departments, each as a department_count of one visit. */
void shop_session_departments(const void *session, weir_collector *out, void *user);

/* department_count -> department_count, keyed by department: adds up the visits. Mergeable. */
extern const struct weir_aggregate department_count_aggregate;

/* shop_session -> shop_totals, keyed by everybody. Mergeable. */
extern const struct weir_aggregate shop_totals_aggregate;

#endif
