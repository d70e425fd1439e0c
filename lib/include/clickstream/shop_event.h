/*
 * The event of the MSK clickstream lab (its topic: ExampleTopic), and its generator: sessions that
 * walk through a shop as a Markov chain, several at a time.
 *
 *     home_page         ▶ product_catalog
 *     product_catalog   ▶ home_page | product_detail
 *     product_detail    ▶ product_catalog | add_to_cart
 *     add_to_cart       ▶ product_catalog | remove_from_cart | order
 *     order             ▶ order_checkout | remove_from_cart | product_catalog
 *     remove_from_cart  ▶ end | product_detail | product_catalog
 *     order_checkout    ▶ end
 *
 * Each arrow of a page is as likely as its others, so three sessions of seven buy, and a session
 * has 269/7 = 38.4 events on average, its end being the last.
 */
#ifndef CLICKSTREAM_SHOP_EVENT_H
#define CLICKSTREAM_SHOP_EVENT_H

#include <weir/type.h>

/* eventtimestamp: epoch ms. globalseq: number of the event among all; prevglobalseq: of the event
 * before it in its session, 0 for the first. */
#define SHOP_EVENT_FIELDS(F, T)                                                                    \
    F(T, string, ip, "ip", required)                                                               \
    F(T, int64, event_timestamp, "eventtimestamp", required)                                       \
    F(T, string, device_type, "devicetype", required)                                              \
    F(T, string, event_type, "event_type", nullable)                                               \
    F(T, string, product_type, "product_type", nullable)                                           \
    F(T, int64, user_id, "userid", required)                                                       \
    F(T, int64, global_seq, "globalseq", required)                                                 \
    F(T, int64, prev_global_seq, "prevglobalseq", nullable)
WEIR_DECLARE_TYPE(shop_event, SHOP_EVENT_FIELDS);

/* The Avro schema: samples.clickstream.avro.ClickEvent. */
extern const char shop_event_schema[];

enum shop_page {
    SHOP_HOME_PAGE,
    SHOP_PRODUCT_CATALOG,
    SHOP_PRODUCT_DETAIL,
    SHOP_ADD_TO_CART,
    SHOP_ORDER,
    SHOP_REMOVE_FROM_CART,
    SHOP_ORDER_CHECKOUT,
    SHOP_END,
    SHOP_PAGES,
};
extern const char *const shop_page_names[SHOP_PAGES];

#define SHOP_PRODUCTS          8
#define SHOP_THREAD_PER_SECOND 128 /* events of one thread: 8 of them make 267 sessions in 10 s */
extern const char *const shop_products[SHOP_PRODUCTS];

struct shop_generator_config {
    uint64_t seed;
    int32_t threads;  /* sessions at a time; 0: 8 */
    int64_t users;    /* sessions that each thread makes; 0: no end */
    int64_t next_seq; /* where a former run stopped; 0: 1 */
    int64_t next_user;
};

typedef struct shop_generator shop_generator;

shop_generator *shop_generator_new(const struct shop_generator_config *config);
void shop_generator_free(shop_generator *generator);

/*
 * The next event: the threads take turns, and number their events from one sequence. False: all
 * threads have made their sessions. Strings are static or the generator's, until the next call. One
 * thread.
 */
bool shop_generator_next(shop_generator *generator, int64_t timestamp, struct shop_event *event);

/* Where a later run goes on, with fresh users. */
void shop_generator_position(const shop_generator *generator, int64_t *next_seq,
                             int64_t *next_user);

#endif
