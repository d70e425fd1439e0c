/*
 * The generators of the origin systems: the constants that their documents and code have, and the
 * same events from the same seed.
 */
#include <clickstream/cart_event.h>
#include <clickstream/funnel_generator.h>
#include <clickstream/page_event.h>
#include <clickstream/shop_event.h>
#include <clickstream/weblog_generator.h>

#include <weir/avro.h>

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SEED  42
#define START 1700000000000

/* In loops: Check's own assertions write a note each time. */
#define MUST(holds)                                                                                \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            ck_abort_msg("%s", #holds);                                                            \
        }                                                                                          \
    } while (0)

/* A share of n trials is within so many standard deviations of what it should be; the seeds are
 * fixed, so a right generator passes always. */
static void expect_share(const char *what, int64_t hits, int64_t n, double share)
{
    double deviation = sqrt(share * (1 - share) / (double)n);
    double is = (double)hits / (double)n;
    ck_assert_msg(fabs(is - share) < 4 * deviation, "%s: %.4f, expected %.4f ± %.4f", what, is,
                  share, 4 * deviation);
}

static int index_of(struct weir_str name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++) {
        if (weir_str_equals(name, names[i])) {
            return i;
        }
    }
    ck_abort_msg("unknown: %.*s", WEIR_STR_ARG(name));
}

/* ---- pages ---- */

START_TEST(pages_have_twenty_users_and_two_types)
{
    struct page_generator generator = {.seed = SEED, .users = PAGE_GENERATOR_USERS};
    int64_t views = 0;
    int64_t of_user[PAGE_GENERATOR_USERS] = {0};
    for (int i = 0; i < 20000; i++) {
        struct page_event event;
        page_generator_event(&generator, (uint64_t)i, START + i, &event);
        MUST(weir_str_starts_with(event.user_id, "userId"));
        long user = strtol(event.user_id.data + 6, NULL, 10);
        MUST(user >= 0 && user < PAGE_GENERATOR_USERS);
        of_user[user]++;
        MUST(event.timestamp == START + i);
        views += weir_str_equals(event.event_type, "PAGE_VIEW");
        MUST(weir_str_equals(event.event_type, "PAGE_VIEW") ||
             weir_str_equals(event.event_type, "BUTTON_CLICK"));
    }
    expect_share("views", views, 20000, 0.5);
    for (int i = 0; i < PAGE_GENERATOR_USERS; i++) {
        expect_share("a user", of_user[i], 20000, 1.0 / PAGE_GENERATOR_USERS);
    }
}
END_TEST

/* ---- cart ---- */

enum { CART_EVENTS = 60000 };

struct follower {
    int items;
    int sessions;
    int64_t last_ms;
};

START_TEST(cart_steps_have_their_shares_and_every_item_is_purchased)
{
    cart_generator *generator = cart_generator_new(SEED, CART_GENERATOR_USERS);
    static struct follower users[CART_GENERATOR_USERS];
    int64_t steps[2][CART_TYPES] = {{0}};
    int due = 0; /* purchases that the checkout owes */
    for (int i = 0; i < CART_EVENTS; i++) {
        struct cart_event event;
        cart_generator_next(generator, START + i * 100, 7, &event);
        long user = strtol(event.user_id.data + 5, NULL, 10);
        struct follower *follower = &users[user];
        int type = index_of(event.event_type, cart_type_names, CART_TYPES);
        MUST(event.processing_time == event.timestamp + 7);
        MUST((due > 0) == (type == CART_PURCHASE));
        bool fresh =
            follower->sessions == 0 || event.timestamp - follower->last_ms > 30 * 60 * 1000;
        if (fresh) {
            MUST(type == CART_VIEW);
            follower->items = 0;
            follower->sessions++;
        } else if (type != CART_PURCHASE) {
            steps[follower->items > 0][type]++;
        }
        follower->last_ms = event.timestamp;
        due = type == CART_CHECKOUT ? follower->items : due - (type == CART_PURCHASE);
        follower->items += type == CART_ADD                               ? 1
                           : type == CART_REMOVE || type == CART_PURCHASE ? -1
                                                                          : 0;
        MUST((follower->items) >= 0);
        if (type != CART_CHECKOUT) {
            long product = strtol(event.product_id.data + 5, NULL, 10);
            MUST(product >= 0 && product < CART_GENERATOR_PRODUCTS && event.price >= 5);
        }
    }
    int64_t empty = steps[0][CART_VIEW] + steps[0][CART_ADD];
    int64_t filled =
        steps[1][CART_VIEW] + steps[1][CART_ADD] + steps[1][CART_REMOVE] + steps[1][CART_CHECKOUT];
    expect_share("empty: VIEW", steps[0][CART_VIEW], empty, 0.7);
    ck_assert_int_eq(steps[0][CART_CHECKOUT] + steps[0][CART_REMOVE], 0);
    expect_share("filled: VIEW", steps[1][CART_VIEW], filled, 0.4);
    expect_share("filled: ADD_TO_CART", steps[1][CART_ADD], filled, 0.2);
    expect_share("filled: CHECKOUT", steps[1][CART_CHECKOUT], filled, 0.3);
    expect_share("filled: REMOVE_FROM_CART", steps[1][CART_REMOVE], filled, 0.1);
    cart_generator_free(generator);
}
END_TEST

START_TEST(cart_session_ends_after_half_an_hour_of_nothing)
{
    cart_generator *generator = cart_generator_new(SEED, 1);
    struct cart_event event;
    cart_generator_next(generator, START, 0, &event);
    ck_assert(weir_str_equals(event.session_id, "sess_0000_1"));
    cart_generator_next(generator, START + 30 * 60 * 1000, 0, &event);
    ck_assert(weir_str_equals(event.session_id, "sess_0000_1"));
    cart_generator_next(generator, START + 2 * 30 * 60 * 1000 + 1, 0, &event);
    ck_assert(weir_str_equals(event.session_id, "sess_0000_2"));
    ck_assert(weir_str_equals(event.event_type, "VIEW"));
    cart_generator_free(generator);
}
END_TEST

/* ---- shop ---- */

START_TEST(shop_sessions_have_38_4_events_and_three_of_seven_buy)
{
    enum { THREADS = 8, USERS = 2500, SESSIONS = THREADS * USERS };
    const double mean = 269.0 / 7;
    const double deviation = 33; /* of one session's length; measured */
    shop_generator *generator = shop_generator_new(
        &(struct shop_generator_config){.seed = SEED, .threads = THREADS, .users = USERS});
    struct shop_event event;
    int64_t events = 0;
    int64_t buyers = 0;
    int64_t ends = 0;
    while (shop_generator_next(generator, START, &event)) {
        events++;
        MUST(event.global_seq == events);
        buyers += weir_str_equals(event.event_type, "order_checkout");
        ends += weir_str_equals(event.event_type, "end");
    }
    ck_assert_int_eq(ends, SESSIONS);
    double is = (double)events / SESSIONS;
    ck_assert_msg(fabs(is - mean) < 4 * deviation / sqrt(SESSIONS), "mean %.3f", is);
    expect_share("buyers", buyers, SESSIONS, 3.0 / 7);
    shop_generator_free(generator);
}
END_TEST

struct session {
    int64_t last_seq;
    int page;
    char ip[24];
};

START_TEST(shop_walks_only_along_the_arrows_each_as_likely)
{
    enum { EVENTS = 100000, MOST_USERS = 4000 };
    static struct session sessions[MOST_USERS];
    static int64_t arrows[SHOP_PAGES][SHOP_PAGES];
    static const int leads_to[SHOP_PAGES] = {1, 2, 2, 3, 3, 3, 1, 0};
    shop_generator *generator = shop_generator_new(&(struct shop_generator_config){.seed = SEED});
    for (int i = 0; i < EVENTS; i++) {
        struct shop_event event;
        MUST(shop_generator_next(generator, START + i, &event));
        MUST(event.user_id > 0 && event.user_id < MOST_USERS);
        struct session *session = &sessions[event.user_id];
        int page = index_of(event.event_type, shop_page_names, SHOP_PAGES);
        MUST(event.prev_global_seq == (session->last_seq));
        if (session->last_seq == 0) {
            MUST(page == SHOP_HOME_PAGE);
            snprintf(session->ip, sizeof session->ip, "%.*s", WEIR_STR_ARG(event.ip));
        } else {
            arrows[session->page][page]++;
        }
        MUST(weir_str_equals(event.ip, session->ip));
        bool none = page == SHOP_HOME_PAGE || page == SHOP_PRODUCT_CATALOG || page == SHOP_END;
        MUST(weir_str_equals(event.product_type, "N/A") == none);
        session->last_seq = event.global_seq;
        session->page = page;
    }
    for (int from = 0; from < SHOP_PAGES; from++) {
        int64_t left = 0;
        int ways = 0;
        for (int to = 0; to < SHOP_PAGES; to++) {
            left += arrows[from][to];
            ways += arrows[from][to] > 0;
        }
        MUST(ways == leads_to[from]);
        for (int to = 0; to < SHOP_PAGES && ways > 1; to++) {
            if (arrows[from][to] > 0) {
                expect_share(shop_page_names[from], arrows[from][to], left, 1.0 / ways);
            }
        }
    }
    shop_generator_free(generator);
}
END_TEST

START_TEST(shop_goes_on_behind_its_bookmark_with_fresh_users)
{
    struct shop_generator_config config = {.seed = SEED, .threads = 2};
    struct shop_event event;
    int64_t seq;
    int64_t user;
    shop_generator *generator = shop_generator_new(&config);
    for (int i = 0; i < 1000; i++) {
        MUST(shop_generator_next(generator, START, &event));
    }
    int64_t last_user = event.user_id;
    shop_generator_position(generator, &seq, &user);
    shop_generator_free(generator);
    ck_assert_int_eq(seq, 1001);
    config.next_seq = seq;
    config.next_user = user;
    generator = shop_generator_new(&config);
    ck_assert(shop_generator_next(generator, START, &event));
    ck_assert_int_eq(event.global_seq, 1001);
    ck_assert_int_gt(event.user_id, last_user);
    ck_assert_int_eq(event.prev_global_seq, 0);
    shop_generator_free(generator);
}
END_TEST

START_TEST(shop_event_fits_its_schema)
{
    struct weir_avro_config config = {.type = &shop_event_type, .schema = shop_event_schema};
    struct weir_error error = {0};
    shop_generator *generator = shop_generator_new(&(struct shop_generator_config){.seed = SEED});
    weir_encoder *encoder = weir_encoder_new(weir_avro_with(&config));
    weir_decoder *decoder = weir_decoder_new(weir_avro_with(&config));
    for (int i = 0; i < 1000; i++) {
        struct shop_event event;
        struct shop_event again;
        MUST(shop_generator_next(generator, START, &event));
        struct weir_str bytes = weir_encoder_encode(encoder, &event);
        MUST(bytes.data != NULL);
        MUST(weir_decoder_decode(decoder, bytes.data, bytes.len, &again, &error) == WEIR_OK);
        MUST(weir_value_equals(&shop_event_type, &event, &again));
    }
    weir_encoder_free(encoder);
    weir_decoder_free(decoder);
    shop_generator_free(generator);
}
END_TEST

/* ---- web log ---- */

START_TEST(weblog_lines_are_read_again_quotes_and_failures_too)
{
    struct weblog_generator generator = {
        .seed = SEED, .users = WEBLOG_GENERATOR_USERS, .pages = CLICK_GENERATOR_PAGES};
    weir_encoder *encoder = weir_encoder_new(weir_elb(&elb_request_type));
    weir_decoder *decoder = weir_decoder_new(weir_elb(&elb_request_type));
    int64_t failed = 0;
    int64_t quoted = 0;
    for (int i = 0; i < 20000; i++) {
        struct elb_request request;
        struct elb_request again;
        struct weir_error error = {0};
        weblog_generator_event(&generator, (uint64_t)i, START * 1000 + i * 777, &request);
        struct weir_str line = weir_encoder_encode(encoder, &request);
        MUST(weir_decoder_decode(decoder, line.data, line.len, &again, &error) == WEIR_OK);
        MUST(weir_value_equals(&elb_request_type, &request, &again));
        failed += weir_str_is_null(request.backend_ip) && request.backend_time == -1 &&
                  request.elb_status == 504;
        quoted += weir_str_contains(request.user_agent, "\"");
    }
    expect_share("failed", failed, 20000, 0.01);
    ck_assert_int_gt(quoted, 100);
    weir_encoder_free(encoder);
    weir_decoder_free(decoder);
}
END_TEST

/* ---- funnel ---- */

START_TEST(funnel_steps_follow_each_other_with_known_rates)
{
    enum { EVENTS = 60000, USERS = 50 };
    funnel_generator *generator = funnel_generator_new(SEED, USERS);
    static char sessions[USERS][64];
    int step_of[USERS] = {0};
    int64_t steps[CLICK_TYPES] = {0};
    for (int i = 0; i < EVENTS; i++) {
        struct click_event event;
        funnel_generator_next(generator, START + i, &event);
        long user = strtol(event.user_id.data + 5, NULL, 10) - 1;
        int type = index_of(event.event_type, click_type_names, CLICK_TYPES);
        bool same = weir_str_equals(event.session_id, sessions[user]);
        MUST(type == (same ? step_of[user] + 1 : 0));
        snprintf(sessions[user], sizeof sessions[user], "%.*s", WEIR_STR_ARG(event.session_id));
        step_of[user] = type;
        steps[type]++;
    }
    expect_share("clicks", steps[CLICK_CLICK], steps[CLICK_VIEW], FUNNEL_CLICKS_OF_VIEWS / 100.0);
    expect_share("carts", steps[CLICK_ADD_TO_CART], steps[CLICK_CLICK],
                 FUNNEL_CARTS_OF_CLICKS / 100.0);
    expect_share("purchases", steps[CLICK_PURCHASE], steps[CLICK_ADD_TO_CART],
                 FUNNEL_PURCHASES_OF_CARTS / 100.0);
    funnel_generator_free(generator);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clickstream models");
    TCase *tests = tcase_create("models");
    tcase_add_test(tests, pages_have_twenty_users_and_two_types);
    tcase_add_test(tests, cart_steps_have_their_shares_and_every_item_is_purchased);
    tcase_add_test(tests, cart_session_ends_after_half_an_hour_of_nothing);
    tcase_add_test(tests, shop_sessions_have_38_4_events_and_three_of_seven_buy);
    tcase_add_test(tests, shop_walks_only_along_the_arrows_each_as_likely);
    tcase_add_test(tests, shop_goes_on_behind_its_bookmark_with_fresh_users);
    tcase_add_test(tests, shop_event_fits_its_schema);
    tcase_add_test(tests, weblog_lines_are_read_again_quotes_and_failures_too);
    tcase_add_test(tests, funnel_steps_follow_each_other_with_known_rates);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
