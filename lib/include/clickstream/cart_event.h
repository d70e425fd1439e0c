/*
 * The event of the clickstream processor (its topic: clickstream), and its generator: users with a
 * cart.
 *
 *     empty cart      VIEW 70 %, ADD_TO_CART 30 %
 *     filled cart     VIEW 40 %, ADD_TO_CART 20 %, CHECKOUT 30 %, REMOVE_FROM_CART 10 %
 *
 * A session begins with a VIEW and ends when its user is idle for half an hour. A CHECKOUT is
 * followed by a PURCHASE for every item of the cart, which is empty then.
 */
#ifndef CLICKSTREAM_CART_EVENT_H
#define CLICKSTREAM_CART_EVENT_H

#include <weir/type.h>

/* timestamp: epoch ms, when it happened; processing_time: when it was written. */
#define CART_EVENT_FIELDS(F, T)                                                                    \
    F(T, string, event_id, "event_id", required)                                                   \
    F(T, string, user_id, "user_id", required)                                                     \
    F(T, string, session_id, "session_id", required)                                               \
    F(T, string, event_type, "event_type", required)                                               \
    F(T, string, page_url, "page_url", required)                                                   \
    F(T, int64, timestamp, "timestamp", required)                                                  \
    F(T, string, product_id, "product_id", nullable)                                               \
    F(T, real, price, "price", nullable)                                                           \
    F(T, int64, processing_time, "processing_time", nullable)                                      \
    F(T, string, ip_address, "ip_address", nullable)                                               \
    F(T, string, user_agent, "user_agent", nullable)                                               \
    F(T, string, referrer, "referrer", nullable)                                                   \
    F(T, string, country, "country", nullable)                                                     \
    F(T, string, device_type, "device_type", nullable)
WEIR_DECLARE_TYPE(cart_event, CART_EVENT_FIELDS);

#define CART_GENERATOR_USERS    100 /* USER_0000 … USER_0099 */
#define CART_GENERATOR_PRODUCTS 50  /* PROD_000 … PROD_049 */

enum cart_type { CART_VIEW, CART_ADD, CART_REMOVE, CART_CHECKOUT, CART_PURCHASE, CART_TYPES };
extern const char *const cart_type_names[CART_TYPES];

typedef struct cart_generator cart_generator;

/* users >= 1. On the heap; free it with cart_generator_free. */
cart_generator *cart_generator_new(uint64_t seed, int32_t users);
void cart_generator_free(cart_generator *generator);

/*
 * The next event, which happened at `timestamp` (epoch ms, never falling) and is written `delay_ms`
 * later. Its strings are the generator's, until the next call. One thread.
 */
void cart_generator_next(cart_generator *generator, int64_t timestamp, int64_t delay_ms,
                         struct cart_event *event);

#endif
