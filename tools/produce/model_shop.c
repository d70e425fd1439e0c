/*
 * The shop model (see models.h): it goes on where its bookmark says, and leaves one.
 *
 *     bookmark: "next sequence number, next user\n", as decimal numbers with a space between
 *
 * The bookmark is written under another name first, so a run that is killed leaves the old one or
 * the new one. It is written every two seconds and at the end: after a kill some numbers may come
 * again, after any other end none does.
 */
#include "base/mem.h"
#include "produce/models.h"
#include "produce/settings.h"

#include <clickstream/shop_event.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct shop {
    shop_generator *generator;
    const char *bookmark; /* NULL: none */
};

/* False: there is one, but it cannot be read. */
static bool read_bookmark(const char *path, struct shop_generator_config *config)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return errno == ENOENT;
    }
    bool good = fscanf(file, "%" SCNd64 " %" SCNd64, &config->next_seq, &config->next_user) == 2 &&
                config->next_seq > 0 && config->next_user > 0;
    (void)fclose(file);
    return good;
}

static void *shop_open(const struct produce_settings *settings)
{
    struct shop_generator_config config = {
        .seed = settings->generator.seed, .threads = settings->threads, .users = settings->users};
    if (settings->bookmark != NULL && !read_bookmark(settings->bookmark, &config)) {
        fprintf(stderr,
                "weir produce: --bookmark %s: expected two numbers above 0, the next sequence "
                "number and the next user, as a former run wrote; remove the file to begin anew\n",
                settings->bookmark);
        return NULL;
    }
    struct shop *shop = WEIR__NEW(struct shop);
    shop->generator = shop_generator_new(&config);
    shop->bookmark = settings->bookmark;
    return shop;
}

static bool shop_make(void *self, int64_t index, struct model_moment moment, void *value)
{
    struct shop *shop = self;
    (void)index;
    return shop_generator_next(shop->generator, moment.time_us / 1000, value);
}

static void shop_mark(void *self)
{
    struct shop *shop = self;
    int64_t seq;
    int64_t user;
    if (shop->bookmark == NULL) {
        return;
    }
    shop_generator_position(shop->generator, &seq, &user);
    char *temporary = weir__asprintf("%s.new", shop->bookmark);
    FILE *file = fopen(temporary, "w");
    bool ok = file != NULL && fprintf(file, "%" PRId64 " %" PRId64 "\n", seq, user) > 0;
    ok = (file == NULL || fclose(file) == 0) && ok && rename(temporary, shop->bookmark) == 0;
    if (!ok) {
        fprintf(stderr, "weir produce: cannot write the bookmark %s: %s\n", shop->bookmark,
                strerror(errno));
    }
    weir__free(temporary);
}

static void shop_close(void *self)
{
    struct shop *shop = self;
    shop_generator_free(shop->generator);
    weir__free(shop);
}

const struct model model_shop = {
    .name = "shop",
    .topic = "ExampleTopic",
    .rate = SHOP_THREAD_PER_SECOND, /* of each thread */
    .format = PRODUCE_JSON,
    .tells_status = true,
    .type = &shop_event_type,
    .schema = shop_event_schema,
    .user = WEIR_FIELD(shop_event, user_id),
    .kind = WEIR_FIELD(shop_event, event_type),
    .kinds = shop_page_names,
    .kind_count = SHOP_PAGES,
    .time = WEIR_FIELD(shop_event, event_timestamp),
    .spoilt = WEIR_FIELD(shop_event, device_type),
    .open = shop_open,
    .make = shop_make,
    .mark = shop_mark,
    .close = shop_close,
};
