/*
 * The shop event and its generator. Every choice of a session is drawn from its user's number and
 * the number of the step, so a session is the same whoever walks beside it.
 */
#include "draw.h"

#include <clickstream/shop_event.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

WEIR_DEFINE_TYPE(shop_event, SHOP_EVENT_FIELDS);

const char shop_event_schema[] =
    "{\"type\":\"record\",\"name\":\"ClickEvent\",\"namespace\":\"samples.clickstream.avro\","
    "\"fields\":["
    "{\"name\":\"ip\",\"type\":\"string\"},"
    "{\"name\":\"eventtimestamp\",\"type\":\"long\"},"
    "{\"name\":\"devicetype\",\"type\":\"string\"},"
    "{\"name\":\"event_type\",\"type\":[\"string\",\"null\"]},"
    "{\"name\":\"product_type\",\"type\":[\"string\",\"null\"]},"
    "{\"name\":\"userid\",\"type\":\"int\"},"
    "{\"name\":\"globalseq\",\"type\":\"long\"},"
    "{\"name\":\"prevglobalseq\",\"type\":\"long\",\"default\":0}]}";

const char *const shop_page_names[SHOP_PAGES] = {
    [SHOP_HOME_PAGE] = "home_page",
    [SHOP_PRODUCT_CATALOG] = "product_catalog",
    [SHOP_PRODUCT_DETAIL] = "product_detail",
    [SHOP_ADD_TO_CART] = "add_to_cart",
    [SHOP_ORDER] = "order",
    [SHOP_REMOVE_FROM_CART] = "remove_from_cart",
    [SHOP_ORDER_CHECKOUT] = "order_checkout",
    [SHOP_END] = "end",
};

const char *const shop_products[SHOP_PRODUCTS] = {
    "cell phones", "laptops", "ear phones",  "soundbars",
    "cd players",  "AirPods", "video games", "cameras",
};

/* Where each page leads. */
static const struct arrows {
    int count;
    enum shop_page to[3];
} arrows[SHOP_PAGES] = {
    [SHOP_HOME_PAGE] = {1, {SHOP_PRODUCT_CATALOG}},
    [SHOP_PRODUCT_CATALOG] = {2, {SHOP_HOME_PAGE, SHOP_PRODUCT_DETAIL}},
    [SHOP_PRODUCT_DETAIL] = {2, {SHOP_PRODUCT_CATALOG, SHOP_ADD_TO_CART}},
    [SHOP_ADD_TO_CART] = {3, {SHOP_PRODUCT_CATALOG, SHOP_REMOVE_FROM_CART, SHOP_ORDER}},
    [SHOP_ORDER] = {3, {SHOP_ORDER_CHECKOUT, SHOP_REMOVE_FROM_CART, SHOP_PRODUCT_CATALOG}},
    [SHOP_REMOVE_FROM_CART] = {3, {SHOP_END, SHOP_PRODUCT_DETAIL, SHOP_PRODUCT_CATALOG}},
    [SHOP_ORDER_CHECKOUT] = {1, {SHOP_END}},
    [SHOP_END] = {0, {SHOP_END}},
};

/* Never renumber: the bytes of a seed depend on it. Steps of a session follow. */
enum purpose { DRAW_HABITS = 500, DRAW_STEP = 1000 };

struct walk {
    int64_t user;
    uint64_t steps;
    int64_t last_seq;
    enum shop_page page; /* of the next event */
    int product;
    int64_t sessions; /* begun by this thread */
};

struct shop_generator {
    struct shop_generator_config config;
    struct walk *walks; /* one a thread */
    int32_t turn;
    int32_t walking; /* threads that are not done */
    char ip[24];
};

static void begin_session(shop_generator *generator, struct walk *walk)
{
    if (generator->config.users > 0 && walk->sessions == generator->config.users) {
        walk->page = SHOP_PAGES; /* done */
        generator->walking--;
        return;
    }
    *walk = (struct walk){.user = generator->config.next_user++,
                          .page = SHOP_HOME_PAGE,
                          .sessions = walk->sessions + 1};
}

shop_generator *shop_generator_new(const struct shop_generator_config *config)
{
    assert(config->threads >= 0 && config->users >= 0);
    shop_generator *generator = calloc(1, sizeof *generator);
    if (generator == NULL) {
        abort();
    }
    generator->config = *config;
    generator->config.threads = config->threads > 0 ? config->threads : 8;
    generator->config.next_seq = config->next_seq > 0 ? config->next_seq : 1;
    generator->config.next_user = config->next_user > 0 ? config->next_user : 1;
    generator->walking = generator->config.threads;
    generator->walks = calloc((size_t)generator->walking, sizeof *generator->walks);
    if (generator->walks == NULL) {
        abort();
    }
    for (int32_t i = 0; i < generator->config.threads; i++) {
        begin_session(generator, &generator->walks[i]);
    }
    return generator;
}

void shop_generator_free(shop_generator *generator)
{
    if (generator != NULL) {
        free(generator->walks);
        free(generator);
    }
}

/* The thread whose turn it is, passing over those that are done. */
static struct walk *next_walk(shop_generator *generator)
{
    struct walk *walk;
    do {
        walk = &generator->walks[generator->turn];
        generator->turn = (generator->turn + 1) % generator->config.threads;
    } while (walk->page == SHOP_PAGES);
    return walk;
}

/* A product is chosen when its page is opened, and stays in mind until the catalog comes back. */
static struct weir_str product_of(const struct walk *walk)
{
    bool none = walk->page == SHOP_HOME_PAGE || walk->page == SHOP_PRODUCT_CATALOG ||
                walk->page == SHOP_END;
    return none ? WEIR_STR("N/A") : weir_str_from(shop_products[walk->product]);
}

/* Goes on to the next page. */
static void step(shop_generator *generator, struct walk *walk)
{
    const struct arrows *from = &arrows[walk->page];
    uint64_t user = (uint64_t)walk->user;
    uint64_t seed = generator->config.seed;
    if (walk->page == SHOP_END) {
        begin_session(generator, walk);
        return;
    }
    uint64_t draw = click_generator_draw(seed, user, DRAW_STEP + walk->steps++);
    walk->page = from->to[draw % (uint64_t)from->count];
    if (walk->page == SHOP_PRODUCT_DETAIL) {
        walk->product = (int)(draw / 6 % SHOP_PRODUCTS);
    }
}

bool shop_generator_next(shop_generator *generator, int64_t timestamp, struct shop_event *event)
{
    static const char *const devices[] = {"mobile", "computer", "tablet"};
    if (generator->walking == 0) {
        return false;
    }
    struct walk *walk = next_walk(generator);
    uint64_t habits =
        click_generator_draw(generator->config.seed, (uint64_t)walk->user, DRAW_HABITS);
    snprintf(generator->ip, sizeof generator->ip, "66.249.1.%d", (int)(habits % 255));
    *event = (struct shop_event){
        .ip = weir_str_from(generator->ip),
        .event_timestamp = timestamp,
        .device_type = weir_str_from(devices[habits / 255 % 3]),
        .event_type = weir_str_from(shop_page_names[walk->page]),
        .product_type = product_of(walk),
        .user_id = walk->user,
        .global_seq = generator->config.next_seq++,
        .prev_global_seq = walk->last_seq,
    };
    walk->last_seq = event->global_seq;
    step(generator, walk);
    return true;
}

void shop_generator_position(const shop_generator *generator, int64_t *next_seq, int64_t *next_user)
{
    *next_seq = generator->config.next_seq;
    *next_user = generator->config.next_user;
}
