/*
 * The models without a memory of their own (see models.h), and the list of all.
 */
#include "produce/models.h"

#include "base/mem.h"
#include "produce/settings.h"

#include <clickstream/cart_event.h>
#include <clickstream/funnel_generator.h>
#include <clickstream/page_event.h>
#include <clickstream/weblog_generator.h>

#include <string.h>

/* ---- tutorial ---- */

static void *tutorial_open(const struct produce_settings *settings)
{
    return weir__memdup(&settings->generator, sizeof settings->generator);
}

static bool tutorial_make(void *self, int64_t index, struct model_moment moment, void *value)
{
    click_generator_event(self, (uint64_t)index, moment.time_us / 1000, value);
    return true;
}

static const struct model tutorial = {
    .name = "tutorial",
    .topic = "click-stream",
    .rate = 10,
    .users = CLICK_GENERATOR_USERS,
    .has_pages = true,
    .any_order = true,
    .type = &click_event_type,
    .user = WEIR_FIELD(click_event, user_id),
    .page = WEIR_FIELD(click_event, page_url),
    .kind = WEIR_FIELD(click_event, event_type),
    .kinds = click_type_names,
    .kind_count = CLICK_TYPES,
    .time = WEIR_FIELD(click_event, timestamp),
    .spoilt = WEIR_FIELD(click_event, page_url),
    .open = tutorial_open,
    .make = tutorial_make,
    .close = weir__free,
};

/* ---- funnel ---- */

static void *funnel_open(const struct produce_settings *settings)
{
    return funnel_generator_new(settings->generator.seed, settings->generator.users);
}

static bool funnel_make(void *self, int64_t index, struct model_moment moment, void *value)
{
    (void)index;
    funnel_generator_next(self, moment.time_us / 1000, value);
    return true;
}

static void funnel_close(void *self)
{
    funnel_generator_free(self);
}

static const struct model funnel = {
    .name = "funnel",
    .topic = "click-stream",
    .rate = 10,
    .users = 100,
    .type = &click_event_type,
    .user = WEIR_FIELD(click_event, user_id),
    .page = WEIR_FIELD(click_event, page_url),
    .kind = WEIR_FIELD(click_event, event_type),
    .kinds = click_type_names,
    .kind_count = CLICK_TYPES,
    .time = WEIR_FIELD(click_event, timestamp),
    .spoilt = WEIR_FIELD(click_event, page_url),
    .open = funnel_open,
    .make = funnel_make,
    .close = funnel_close,
};

/* ---- pages ---- */

static void *pages_open(const struct produce_settings *settings)
{
    struct page_generator *generator = WEIR__NEW(struct page_generator);
    generator->seed = settings->generator.seed;
    generator->users = settings->generator.users;
    return generator;
}

static bool pages_make(void *self, int64_t index, struct model_moment moment, void *value)
{
    page_generator_event(self, (uint64_t)index, moment.time_us / 1000, value);
    return true;
}

static const char *const page_kinds[] = {"PAGE_VIEW", "BUTTON_CLICK"};

static const struct model pages = {
    .name = "pages",
    .topic = "raw-events",
    .rate = 10,
    .users = PAGE_GENERATOR_USERS,
    .any_order = true,
    .type = &page_event_type,
    .user = WEIR_FIELD(page_event, user_id),
    .kind = WEIR_FIELD(page_event, event_type),
    .kinds = page_kinds,
    .kind_count = 2,
    .time = WEIR_FIELD(page_event, timestamp),
    .spoilt = WEIR_FIELD(page_event, event_type),
    .open = pages_open,
    .make = pages_make,
    .close = weir__free,
};

/* ---- cart ---- */

static void *cart_open(const struct produce_settings *settings)
{
    return cart_generator_new(settings->generator.seed, settings->generator.users);
}

static bool cart_make(void *self, int64_t index, struct model_moment moment, void *value)
{
    (void)index;
    cart_generator_next(self, moment.time_us / 1000, moment.delay_us / 1000, value);
    return true;
}

static void cart_close(void *self)
{
    cart_generator_free(self);
}

static const struct model cart = {
    .name = "cart",
    .topic = "clickstream",
    .rate = 10,
    .users = CART_GENERATOR_USERS,
    .late_share = 0.05,
    .late_from_ms = 10000,
    .late_ms = 110000,
    .type = &cart_event_type,
    .user = WEIR_FIELD(cart_event, user_id),
    .page = WEIR_FIELD(cart_event, page_url),
    .kind = WEIR_FIELD(cart_event, event_type),
    .kinds = cart_type_names,
    .kind_count = CART_TYPES,
    .time = WEIR_FIELD(cart_event, timestamp),
    .spoilt = WEIR_FIELD(cart_event, page_url),
    .open = cart_open,
    .make = cart_make,
    .close = cart_close,
};

/* ---- web log ---- */

static void *weblog_open(const struct produce_settings *settings)
{
    struct weblog_generator *generator = WEIR__NEW(struct weblog_generator);
    generator->seed = settings->generator.seed;
    generator->users = settings->generator.users;
    generator->pages = settings->generator.pages;
    return generator;
}

static bool weblog_make(void *self, int64_t index, struct model_moment moment, void *value)
{
    weblog_generator_event(self, (uint64_t)index, moment.time_us, value);
    return true;
}

static const char *const weblog_kinds[] = {"GET"};

static const struct model weblog = {
    .name = "weblog",
    .topic = "raw",
    .rate = 10,
    .users = WEBLOG_GENERATOR_USERS,
    .format = PRODUCE_ELB,
    .has_pages = true,
    .any_order = true,
    .type = &elb_request_type,
    .user = WEIR_FIELD(elb_request, client_ip),
    .page = WEIR_FIELD(elb_request, url),
    .kind = WEIR_FIELD(elb_request, method),
    .kinds = weblog_kinds,
    .kind_count = 1,
    .time = WEIR_FIELD(elb_request, timestamp),
    .spoilt = WEIR_FIELD(elb_request, client_ip),
    .open = weblog_open,
    .make = weblog_make,
    .close = weir__free,
};

/* ---- all ---- */

static const struct model *const models[] = {&tutorial,   &pages,  &cart,
                                             &model_shop, &weblog, &funnel};

const struct model *model_find(const char *name)
{
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        if (strcmp(models[i]->name, name) == 0) {
            return models[i];
        }
    }
    return NULL;
}

const char *model_names(void)
{
    return "tutorial, pages, cart, shop, weblog or funnel";
}
