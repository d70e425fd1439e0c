/*
 * The tutorial's click generator: events of a small shop, made from a seed.
 *
 * Event number i of a seed is always the same event, whoever asks and in whatever order: no state
 * runs along. So a program can make events out of order, in parallel, or again after a restart, and
 * a test can say what they are.
 *
 * What it makes: user_1 … user_1000; about a hundred pages (8 base pages, 50 categories, 30 blog
 * posts, 12 others), the base pages most often; VIEW 70%, CLICK 20%, ADD_TO_CART 7%, PURCHASE 3%; a
 * product (product-0001 … product-0500) on the last two. A user keeps an address and an agent, and
 * a session for half an hour of event time.
 */
#ifndef CLICKSTREAM_GENERATOR_H
#define CLICKSTREAM_GENERATOR_H

#include <clickstream/click_event.h>

#define CLICK_GENERATOR_USERS    1000
#define CLICK_GENERATOR_PAGES    100
#define CLICK_GENERATOR_PRODUCTS 500

/* Event types, in the order of the mix. */
enum click_type { CLICK_VIEW, CLICK_CLICK, CLICK_ADD_TO_CART, CLICK_PURCHASE, CLICK_TYPES };
extern const char *const click_type_names[CLICK_TYPES];

struct click_generator {
    uint64_t seed;
    int32_t users;            /* user_1 … user_<users>; >= 1 */
    int32_t pages;            /* only the first so many pages; 1 … CLICK_GENERATOR_PAGES */
    int32_t mix[CLICK_TYPES]; /* shares; their sum is >= 1 */
    /* where the strings of the last event are */
    char user_id[32];
    char session_id[64];
    char product_id[24];
};

/* A generator with the tutorial's settings; change the fields before the first event. */
struct click_generator click_generator_of(uint64_t seed);

/*
 * Fills *event with event number `index` (0 …), which happened at `timestamp` (epoch ms). Its
 * strings are the generator's, until the next call. Threads: one a generator; copies are
 * independent.
 */
void click_generator_event(struct click_generator *generator, uint64_t index, int64_t timestamp,
                           struct click_event *event);

/* The pages, in order of the page number. */
const char *click_generator_page(int32_t page);

/*
 * A pseudo-random number that depends on nothing but its arguments (splitmix64's mixer, Steele et
 * al. 2014): `purpose` keeps draws for the same index apart.
 */
uint64_t click_generator_draw(uint64_t seed, uint64_t index, uint64_t purpose);

#endif
