/*
 * The funnel's generator (see <clickstream/funnel_generator.h>).
 */
#include "draw.h"

#include <clickstream/funnel_generator.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* Never renumber: the bytes of a seed depend on it. */
enum purpose { DRAW_USER = 700, DRAW_GOES_ON, DRAW_PRODUCT };

static const int go_on_percent[CLICK_TYPES] = {
    [CLICK_VIEW] = FUNNEL_CLICKS_OF_VIEWS,
    [CLICK_CLICK] = FUNNEL_CARTS_OF_CLICKS,
    [CLICK_ADD_TO_CART] = FUNNEL_PURCHASES_OF_CARTS,
    [CLICK_PURCHASE] = 0,
};

struct visitor {
    int32_t sessions;
    int16_t product;
    int8_t next; /* step of the next event */
};

struct funnel_generator {
    uint64_t seed;
    uint64_t index;
    int32_t users;
    struct visitor *visitors;
    /* where the strings of the last event are */
    char user_id[32];
    char session_id[64];
    char product_id[24];
    char page_url[48];
};

funnel_generator *funnel_generator_new(uint64_t seed, int32_t users)
{
    assert(users >= 1);
    funnel_generator *generator = calloc(1, sizeof *generator);
    struct visitor *visitors = calloc((size_t)users, sizeof *visitors);
    if (generator == NULL || visitors == NULL) {
        abort();
    }
    *generator = (struct funnel_generator){.seed = seed, .users = users, .visitors = visitors};
    return generator;
}

void funnel_generator_free(funnel_generator *generator)
{
    if (generator != NULL) {
        free(generator->visitors);
        free(generator);
    }
}

static void name_things(funnel_generator *generator, const struct visitor *visitor, int32_t user,
                        enum click_type step)
{
    snprintf(generator->user_id, sizeof generator->user_id, "user_%d", (int)user + 1);
    snprintf(generator->session_id, sizeof generator->session_id, "session_%d_%d", (int)user + 1,
             (int)visitor->sessions);
    snprintf(generator->product_id, sizeof generator->product_id, "product-%04d",
             (int)visitor->product);
    snprintf(generator->page_url, sizeof generator->page_url, "%s%s",
             step < CLICK_ADD_TO_CART ? "/product/" : "/cart",
             step < CLICK_ADD_TO_CART ? generator->product_id : "");
}

void funnel_generator_next(funnel_generator *generator, int64_t timestamp,
                           struct click_event *event)
{
    uint64_t index = generator->index++;
    uint64_t seed = generator->seed;
    int32_t user = (int32_t)draw_below(seed, index, DRAW_USER, (uint64_t)generator->users);
    struct visitor *visitor = &generator->visitors[user];
    enum click_type step = (enum click_type)visitor->next;
    if (step == CLICK_VIEW) {
        visitor->sessions++;
        visitor->product =
            (int16_t)(1 + draw_below(seed, index, DRAW_PRODUCT, CLICK_GENERATOR_PRODUCTS));
    }
    name_things(generator, visitor, user, step);
    *event = (struct click_event){
        .user_id = weir_str_from(generator->user_id),
        .page_url = weir_str_from(generator->page_url),
        .event_type = weir_str_from(click_type_names[step]),
        .timestamp = timestamp,
        .session_id = weir_str_from(generator->session_id),
        .product_id = weir_str_from(generator->product_id),
    };
    bool goes_on = (int)draw_below(seed, index, DRAW_GOES_ON, 100) < go_on_percent[step];
    visitor->next = (int8_t)(goes_on ? step + 1 : CLICK_VIEW);
}
