/*
 * The cart event and its generator. A user's cart is a small array; what a checkout still has to
 * bring is told before anything else is drawn.
 */
#include "draw.h"

#include <clickstream/cart_event.h>

#include <weir/time.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

WEIR_DEFINE_TYPE(cart_event, CART_EVENT_FIELDS);

enum { CART_ITEMS = 32, IDLE_MINUTES = 30 };

/* Never renumber: the bytes of a seed depend on it. */
enum purpose { DRAW_USER = 400, DRAW_STEP, DRAW_PRODUCT, DRAW_ITEM, DRAW_PRICE, DRAW_HABITS };

const char *const cart_type_names[CART_TYPES] = {
    [CART_VIEW] = "VIEW",         [CART_ADD] = "ADD_TO_CART",   [CART_REMOVE] = "REMOVE_FROM_CART",
    [CART_CHECKOUT] = "CHECKOUT", [CART_PURCHASE] = "PURCHASE",
};

struct shopper {
    int64_t last_ms; /* of the last event */
    int32_t sessions;
    int32_t items;
    int16_t cart[CART_ITEMS]; /* product numbers */
};

struct cart_generator {
    uint64_t seed;
    uint64_t index; /* of the next event */
    int32_t users;
    int32_t buyer; /* who is checking out; -1: nobody */
    struct shopper *shoppers;
    /* where the strings of the last event are */
    char event_id[40];
    char user_id[24];
    char session_id[48];
    char product_id[16];
    char page_url[64];
};

cart_generator *cart_generator_new(uint64_t seed, int32_t users)
{
    assert(users >= 1);
    cart_generator *generator = calloc(1, sizeof *generator);
    struct shopper *shoppers = calloc((size_t)users, sizeof *shoppers);
    if (generator == NULL || shoppers == NULL) {
        abort();
    }
    *generator =
        (struct cart_generator){.seed = seed, .users = users, .buyer = -1, .shoppers = shoppers};
    return generator;
}

void cart_generator_free(cart_generator *generator)
{
    if (generator != NULL) {
        free(generator->shoppers);
        free(generator);
    }
}

static enum cart_type draw_type(const cart_generator *generator, const struct shopper *shopper)
{
    double unit = draw_unit(generator->seed, generator->index, DRAW_STEP);
    if (shopper->items == 0) {
        return unit < 0.7 ? CART_VIEW : CART_ADD;
    }
    enum cart_type type = unit < 0.4   ? CART_VIEW
                          : unit < 0.6 ? CART_ADD
                          : unit < 0.9 ? CART_CHECKOUT
                                       : CART_REMOVE;
    return type == CART_ADD && shopper->items == CART_ITEMS ? CART_CHECKOUT : type;
}

/* Takes an item out of the cart; those behind move up. */
static int take_item(struct shopper *shopper, int32_t at)
{
    int product = shopper->cart[at];
    shopper->items--;
    for (int32_t i = at; i < shopper->items; i++) {
        shopper->cart[i] = shopper->cart[i + 1];
    }
    return product;
}

/* What the step does to the cart. Returns the product that it is about, -1: none. */
static int step(cart_generator *generator, struct shopper *shopper, int32_t user,
                enum cart_type type)
{
    uint64_t index = generator->index;
    int product = (int)draw_below(generator->seed, index, DRAW_PRODUCT, CART_GENERATOR_PRODUCTS);
    switch (type) {
    case CART_VIEW:
        return product;
    case CART_ADD:
        shopper->cart[shopper->items++] = (int16_t)product;
        return product;
    case CART_REMOVE:
        return take_item(shopper, (int32_t)draw_below(generator->seed, index, DRAW_ITEM,
                                                      (uint64_t)shopper->items));
    case CART_CHECKOUT:
        generator->buyer = user;
        return -1;
    case CART_PURCHASE:
        product = take_item(shopper, 0);
        generator->buyer = shopper->items > 0 ? user : -1;
        return product;
    case CART_TYPES:
        break;
    }
    return -1;
}

/* A product keeps its price: 5.00 to 504.99. */
static double price_of(const cart_generator *generator, int product)
{
    return 5 + (double)draw_below(generator->seed, (uint64_t)product, DRAW_PRICE, 50000) / 100;
}

static void name_things(cart_generator *generator, const struct shopper *shopper, int32_t user,
                        int product)
{
    uint64_t number = click_generator_draw(generator->seed, generator->index, DRAW_HABITS);
    snprintf(generator->event_id, sizeof generator->event_id, "evt_%016llx",
             (unsigned long long)number);
    snprintf(generator->user_id, sizeof generator->user_id, "USER_%04d", (int)user);
    snprintf(generator->session_id, sizeof generator->session_id, "sess_%04d_%d", (int)user,
             (int)shopper->sessions);
    snprintf(generator->product_id, sizeof generator->product_id, "PROD_%03d", product);
    if (product >= 0) {
        snprintf(generator->page_url, sizeof generator->page_url, "https://shop.example/product/%d",
                 product);
    } else {
        snprintf(generator->page_url, sizeof generator->page_url, "https://shop.example/checkout");
    }
}

/* Where and with what a user comes, always the same. */
static void add_habits(const cart_generator *generator, int32_t user, struct cart_event *event)
{
    static const char *const countries[] = {"US", "DE", "IN", "BR", "JP"};
    static const char *const devices[] = {"mobile", "desktop", "tablet"};
    static const char *const addresses[] = {"192.0.2.10", "198.51.100.4", "203.0.113.99"};
    static const char *const agents[] = {"Mozilla/5.0 (iPhone)", "Mozilla/5.0 (X11; Linux x86_64)",
                                         "Mozilla/5.0 (iPad)"};
    uint64_t habits = click_generator_draw(generator->seed, (uint64_t)user, DRAW_HABITS);
    uint64_t device = habits / 5 % 3;
    event->country = weir_str_from(countries[habits % 5]);
    event->device_type = weir_str_from(devices[device]);
    event->user_agent = weir_str_from(agents[device]);
    event->ip_address = weir_str_from(addresses[habits / 15 % 3]);
}

void cart_generator_next(cart_generator *generator, int64_t timestamp, int64_t delay_ms,
                         struct cart_event *event)
{
    bool buying = generator->buyer >= 0;
    int32_t user = buying ? generator->buyer
                          : (int32_t)draw_below(generator->seed, generator->index, DRAW_USER,
                                                (uint64_t)generator->users);
    struct shopper *shopper = &generator->shoppers[user];
    enum cart_type type = buying ? CART_PURCHASE : draw_type(generator, shopper);
    if (!buying &&
        (shopper->sessions == 0 || timestamp - shopper->last_ms > weir_minutes(IDLE_MINUTES))) {
        shopper->sessions++;
        shopper->items = 0;
        type = CART_VIEW;
    }
    shopper->last_ms = timestamp;
    int product = step(generator, shopper, user, type);
    name_things(generator, shopper, user, product);
    *event = (struct cart_event){
        .event_id = weir_str_from(generator->event_id),
        .user_id = weir_str_from(generator->user_id),
        .session_id = weir_str_from(generator->session_id),
        .event_type = weir_str_from(cart_type_names[type]),
        .page_url = weir_str_from(generator->page_url),
        .timestamp = timestamp,
        .product_id = weir_str_from(product >= 0 ? generator->product_id : NULL),
        .price = product >= 0 ? price_of(generator, product) : 0,
        .processing_time = timestamp + delay_ms,
    };
    add_habits(generator, user, event);
    generator->index++;
}
