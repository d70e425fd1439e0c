/*
 * The click generator (see <clickstream/generator.h>): each property of event i is drawn from
 * (seed, i, property), so properties are independent of each other and of the order of the calls.
 */
#include <clickstream/generator.h>

#include <assert.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define HALF_HOUR_MS (30 * 60 * 1000)

enum { BASE = 8, CATEGORIES = 50, BLOG = 30, OTHER = 12 };
enum {
    BASE_SHARE = 40,
    CATEGORY_SHARE = 40,
    BLOG_SHARE = 12
}; /* percent; the others get the rest */

/* What a number is drawn for. Never renumber: the bytes of a seed depend on it. */
enum purpose { DRAW_TYPE = 1, DRAW_USER, DRAW_PAGE_GROUP, DRAW_PAGE, DRAW_PRODUCT, DRAW_REFERRER };

static_assert(BASE + CATEGORIES + BLOG + OTHER == CLICK_GENERATOR_PAGES, "a hundred pages");

const char *const click_type_names[CLICK_TYPES] = {"VIEW", "CLICK", "ADD_TO_CART", "PURCHASE"};

#define CATEGORY(name)                                                                             \
    "/category/" name, "/category/" name "/new", "/category/" name "/popular",                     \
        "/category/" name "/sale", "/category/" name "/used"
#define POSTS(decade)                                                                              \
    "/blog/post-" decade "0", "/blog/post-" decade "1", "/blog/post-" decade "2",                  \
        "/blog/post-" decade "3", "/blog/post-" decade "4", "/blog/post-" decade "5",              \
        "/blog/post-" decade "6", "/blog/post-" decade "7", "/blog/post-" decade "8",              \
        "/blog/post-" decade "9"

static const char *const pages[CLICK_GENERATOR_PAGES] = {
    /* base */
    "/home", "/products", "/search", "/cart", "/checkout", "/account", "/login", "/deals",
    /* categories */
    CATEGORY("audio"), CATEGORY("books"), CATEGORY("cameras"), CATEGORY("clothing"),
    CATEGORY("computers"), CATEGORY("games"), CATEGORY("garden"), CATEGORY("phones"),
    CATEGORY("sports"), CATEGORY("toys"),
    /* blog */
    POSTS("0"), POSTS("1"), POSTS("2"),
    /* other */
    "/about", "/careers", "/contact", "/faq", "/gift-cards", "/help", "/press", "/privacy",
    "/returns", "/shipping", "/stores", "/terms"};

static const char *const agents[] = {
    "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Safari/605.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Mobile Safari/604.1",
    "Mozilla/5.0 (Android 14; Mobile) Firefox/127.0",
};

static const char *const referrers[] = {
    "https://www.example.com/", "https://search.example/",     "https://news.example/",
    "https://social.example/",  "https://partner.example/ads", "direct",
};

/* Documentation addresses (RFC 5737). */
static const char *const addresses[] = {
    "192.0.2.10", "192.0.2.77", "198.51.100.4", "198.51.100.23", "203.0.113.99",
};

static uint64_t mix64(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t click_generator_draw(uint64_t seed, uint64_t index, uint64_t purpose)
{
    const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);
    return mix64(mix64(mix64(seed + golden) + index * golden + golden) + purpose * golden);
}

const char *click_generator_page(int32_t page)
{
    assert(page >= 0 && page < CLICK_GENERATOR_PAGES);
    return pages[page];
}

struct click_generator click_generator_of(uint64_t seed)
{
    return (struct click_generator){
        .seed = seed,
        .users = CLICK_GENERATOR_USERS,
        .pages = CLICK_GENERATOR_PAGES,
        .mix = {70, 20, 7, 3},
    };
}

/* 0 … n - 1. The bias of the remainder is below n / 2^64. */
static uint64_t draw_below(const struct click_generator *generator, uint64_t index,
                           enum purpose purpose, uint64_t n)
{
    return click_generator_draw(generator->seed, index, purpose) % n;
}

static enum click_type draw_type(const struct click_generator *generator, uint64_t index)
{
    int64_t sum = 0;
    for (int i = 0; i < CLICK_TYPES; i++) {
        sum += generator->mix[i];
    }
    assert(sum > 0);
    int64_t at = (int64_t)draw_below(generator, index, DRAW_TYPE, (uint64_t)sum);
    int type = 0;
    while (at >= generator->mix[type]) {
        at -= generator->mix[type++];
    }
    return (enum click_type)type;
}

static const char *draw_page(const struct click_generator *generator, uint64_t index)
{
    uint64_t group = draw_below(generator, index, DRAW_PAGE_GROUP, 100);
    uint64_t page;
    if (group < BASE_SHARE) {
        page = draw_below(generator, index, DRAW_PAGE, BASE);
    } else if (group < BASE_SHARE + CATEGORY_SHARE) {
        page = BASE + draw_below(generator, index, DRAW_PAGE, CATEGORIES);
    } else if (group < BASE_SHARE + CATEGORY_SHARE + BLOG_SHARE) {
        page = BASE + CATEGORIES + draw_below(generator, index, DRAW_PAGE, BLOG);
    } else {
        page = BASE + CATEGORIES + BLOG + draw_below(generator, index, DRAW_PAGE, OTHER);
    }
    return pages[page % (uint64_t)generator->pages];
}

void click_generator_event(struct click_generator *generator, uint64_t index, int64_t timestamp,
                           struct click_event *event)
{
    enum click_type type = draw_type(generator, index);
    uint64_t user = draw_below(generator, index, DRAW_USER, (uint64_t)generator->users) + 1;
    uint64_t habits = click_generator_draw(generator->seed, user, DRAW_USER);
    snprintf(generator->user_id, sizeof generator->user_id, "user_%llu", (unsigned long long)user);
    snprintf(generator->session_id, sizeof generator->session_id, "session_%llu_%lld",
             (unsigned long long)user, (long long)(timestamp / HALF_HOUR_MS));
    snprintf(generator->product_id, sizeof generator->product_id, "product-%04d",
             (int)draw_below(generator, index, DRAW_PRODUCT, CLICK_GENERATOR_PRODUCTS) + 1);
    bool about_product = type == CLICK_ADD_TO_CART || type == CLICK_PURCHASE;
    uint64_t referrer = draw_below(generator, index, DRAW_REFERRER, COUNT(referrers));
    *event = (struct click_event){
        .user_id = weir_str_from(generator->user_id),
        .page_url = weir_str_from(draw_page(generator, index)),
        .event_type = weir_str_from(click_type_names[type]),
        .timestamp = timestamp,
        .session_id = weir_str_from(generator->session_id),
        .ip_address = weir_str_from(addresses[habits % COUNT(addresses)]),
        .product_id = weir_str_from(about_product ? generator->product_id : NULL),
        .user_agent = weir_str_from(agents[habits / COUNT(addresses) % COUNT(agents)]),
        .referrer = weir_str_from(referrers[referrer]),
    };
}
