/*
 * User activity: the aggregate that counts a user's events by type, and the pages they were on.
 */
#include <clickstream/click_event.h>
#include <clickstream/generator.h>
#include <clickstream/user_activity.h>

WEIR_DEFINE_TYPE(user_activity, USER_ACTIVITY_FIELDS);

#define USER_DEEDS_FIELDS(F, T)                                                                    \
    F(T, int64, events, "events", required)                                                        \
    F(T, int64, views, "views", required)                                                          \
    F(T, int64, clicks, "clicks", required)                                                        \
    F(T, int64, carts, "carts", required)                                                          \
    F(T, int64, purchases, "purchases", required)                                                  \
    F(T, string_set, pages, "pages", required)
WEIR_DECLARE_TYPE(user_deeds, USER_DEEDS_FIELDS);
WEIR_DEFINE_TYPE(user_deeds, USER_DEEDS_FIELDS);

static bool is_of(const struct click_event *event, enum click_type type)
{
    return weir_str_equals(event->event_type, click_type_names[type]);
}

static void add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    struct user_deeds *deeds = accumulator;
    const struct click_event *event = value;
    (void)timestamp;
    (void)user;
    deeds->events++;
    deeds->views += is_of(event, CLICK_VIEW);
    deeds->clicks += is_of(event, CLICK_CLICK);
    deeds->carts += is_of(event, CLICK_ADD_TO_CART);
    deeds->purchases += is_of(event, CLICK_PURCHASE);
    weir_string_set_add(&deeds->pages, event->page_url, 1);
}

static void merge(void *accumulator, const void *other, void *user)
{
    struct user_deeds *deeds = accumulator;
    const struct user_deeds *more = other;
    (void)user;
    deeds->events += more->events;
    deeds->views += more->views;
    deeds->clicks += more->clicks;
    deeds->carts += more->carts;
    deeds->purchases += more->purchases;
    weir_string_set_merge(&deeds->pages, &more->pages);
}

static void result(const void *accumulator, const struct weir_window_context *context, void *out,
                   void *user)
{
    const struct user_deeds *deeds = accumulator;
    const struct weir_str *user_id = context->key;
    (void)user;
    *(struct user_activity *)out = (struct user_activity){
        .user_id = *user_id,
        .events = deeds->events,
        .views = deeds->views,
        .clicks = deeds->clicks,
        .carts = deeds->carts,
        .purchases = deeds->purchases,
        .pages = weir_string_set_size(&deeds->pages),
        .window_start = context->window.start,
        .window_end = context->window.end,
    };
}

const struct weir_aggregate user_activity_aggregate = {
    .name = "UserActivity",
    .in_type = &click_event_type,
    .accumulator_type = &user_deeds_type,
    .out_type = &user_activity_type,
    .add = add,
    .merge = merge,
    .result = result,
};
