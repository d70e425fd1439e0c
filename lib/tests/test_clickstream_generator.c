/*
 * The click generator: the mix, valid fields, the same events from the same seed.
 */
#include <clickstream/generator.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define SEED  42
#define START 1700000000000

/* Upper 0.1 % points of chi-square: a right generator fails one seed in a thousand, and ours is
 * fixed. */
#define CHI_SQUARE_3   16.27
#define CHI_SQUARE_999 1143.9

static int number_behind(struct weir_str str, const char *prefix)
{
    ck_assert_msg(weir_str_starts_with(str, prefix), "%.*s", WEIR_STR_ARG(str));
    return (int)strtol(str.data + strlen(prefix), NULL, 10);
}

static int type_of(struct weir_str name)
{
    for (int type = 0; type < CLICK_TYPES; type++) {
        if (weir_str_equals(name, click_type_names[type])) {
            return type;
        }
    }
    ck_abort_msg("no such type: %.*s", WEIR_STR_ARG(name));
}

static double chi_square(const int *counts, const double *shares, int n, int total)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double expected = shares[i] * total;
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return sum;
}

static void expect_mix(struct click_generator *generator, const double shares[CLICK_TYPES])
{
    enum { EVENTS = 100000 };
    int counts[CLICK_TYPES] = {0};
    struct click_event event;
    for (int i = 0; i < EVENTS; i++) {
        click_generator_event(generator, (uint64_t)i, START, &event);
        counts[type_of(event.event_type)]++;
    }
    double sum = chi_square(counts, shares, CLICK_TYPES, EVENTS);
    ck_assert_msg(sum < CHI_SQUARE_3, "chi-square %.2f: %d %d %d %d", sum, counts[0], counts[1],
                  counts[2], counts[3]);
}

START_TEST(mix_is_the_tutorials)
{
    struct click_generator generator = click_generator_of(SEED);
    expect_mix(&generator, (const double[]){0.70, 0.20, 0.07, 0.03});
}
END_TEST

START_TEST(mix_can_be_changed)
{
    struct click_generator generator = click_generator_of(SEED);
    memcpy(generator.mix, (int32_t[]){60, 25, 10, 5}, sizeof generator.mix);
    expect_mix(&generator, (const double[]){0.60, 0.25, 0.10, 0.05});
}
END_TEST

START_TEST(users_are_even)
{
    enum { EVENTS = 200000 };
    static int counts[CLICK_GENERATOR_USERS];
    static double shares[CLICK_GENERATOR_USERS];
    struct click_generator generator = click_generator_of(SEED);
    struct click_event event;
    for (int i = 0; i < EVENTS; i++) {
        click_generator_event(&generator, (uint64_t)i, START, &event);
        int user = number_behind(event.user_id, "user_");
        ck_assert_int_ge(user, 1);
        ck_assert_int_le(user, CLICK_GENERATOR_USERS);
        counts[user - 1]++;
    }
    for (int i = 0; i < CLICK_GENERATOR_USERS; i++) {
        shares[i] = 1.0 / CLICK_GENERATOR_USERS;
    }
    ck_assert(chi_square(counts, shares, CLICK_GENERATOR_USERS, EVENTS) < CHI_SQUARE_999);
}
END_TEST

START_TEST(fields_are_valid)
{
    struct click_generator generator = click_generator_of(SEED);
    struct click_event event;
    for (int i = 0; i < 10000; i++) {
        click_generator_event(&generator, (uint64_t)i, START + i, &event);
        int type = type_of(event.event_type);
        ck_assert_int_eq(event.timestamp, START + i);
        ck_assert(weir_str_starts_with(event.page_url, "/"));
        ck_assert(weir_str_starts_with(event.session_id, "session_"));
        ck_assert(!weir_str_is_null(event.ip_address));
        ck_assert(!weir_str_is_null(event.user_agent));
        ck_assert(!weir_str_is_null(event.referrer));
        if (type == CLICK_ADD_TO_CART || type == CLICK_PURCHASE) {
            int product = number_behind(event.product_id, "product-");
            ck_assert_uint_eq(event.product_id.len, strlen("product-0001"));
            ck_assert_int_ge(product, 1);
            ck_assert_int_le(product, CLICK_GENERATOR_PRODUCTS);
        } else {
            ck_assert(weir_str_is_null(event.product_id));
        }
    }
}
END_TEST

/* How many different values `pick` finds among many events. */
static uint32_t distinct(struct click_generator *generator,
                         struct weir_str (*pick)(const struct click_event *event))
{
    struct weir_string_set set = {NULL};
    struct click_event event;
    for (int i = 0; i < 50000; i++) {
        click_generator_event(generator, (uint64_t)i, START, &event);
        weir_string_set_add(&set, pick(&event), 1);
    }
    uint32_t size = weir_string_set_size(&set);
    weir_string_set_clear(&set);
    return size;
}

static struct weir_str page(const struct click_event *event)
{
    return event->page_url;
}

static struct weir_str address(const struct click_event *event)
{
    return event->ip_address;
}

static struct weir_str agent(const struct click_event *event)
{
    return event->user_agent;
}

static struct weir_str referrer(const struct click_event *event)
{
    return event->referrer;
}

START_TEST(vocabulary_is_the_tutorials)
{
    struct click_generator generator = click_generator_of(SEED);
    ck_assert_uint_eq(distinct(&generator, page), 100);
    ck_assert_uint_eq(distinct(&generator, address), 5);
    ck_assert_uint_eq(distinct(&generator, agent), 5);
    ck_assert_uint_eq(distinct(&generator, referrer), 6);
}
END_TEST

START_TEST(pages_are_all_different)
{
    struct weir_string_set set = {NULL};
    for (int32_t i = 0; i < CLICK_GENERATOR_PAGES; i++) {
        weir_string_set_add(&set, weir_str_from(click_generator_page(i)), 1);
    }
    ck_assert_uint_eq(weir_string_set_size(&set), CLICK_GENERATOR_PAGES);
    weir_string_set_clear(&set);
}
END_TEST

START_TEST(users_and_pages_can_be_fewer)
{
    struct click_generator generator = click_generator_of(SEED);
    struct click_event event;
    generator.users = 3;
    generator.pages = 8;
    ck_assert_uint_eq(distinct(&generator, page), 8);
    for (int i = 0; i < 1000; i++) {
        click_generator_event(&generator, (uint64_t)i, START, &event);
        ck_assert_int_le(number_behind(event.user_id, "user_"), 3);
    }
}
END_TEST

static void to_json(uint64_t seed, uint64_t index, char *text, size_t size)
{
    struct click_generator generator = click_generator_of(seed);
    struct click_event event;
    click_generator_event(&generator, index, START, &event);
    ck_assert_uint_lt(weir_value_to_json(&click_event_type, &event, text, size), size);
}

START_TEST(same_seed_same_event_in_any_order)
{
    struct click_generator generator = click_generator_of(SEED);
    struct click_event event;
    for (int i = 999; i >= 0; i--) {
        char alone[1000];
        char among_others[1000];
        to_json(SEED, (uint64_t)i, alone, sizeof alone);
        click_generator_event(&generator, (uint64_t)i, START, &event);
        (void)weir_value_to_json(&click_event_type, &event, among_others, sizeof among_others);
        ck_assert_str_eq(alone, among_others);
    }
}
END_TEST

/* Guards the promise over time: another table or another order of draws would change every
 * learner's data. */
START_TEST(events_of_a_seed_stay_what_they_are)
{
    char text[1000];
    to_json(1, 0, text, sizeof text);
    ck_assert_str_eq(
        text, "{\"userId\":\"user_329\",\"pageUrl\":\"/products\",\"eventType\":\"ADD_TO_CART\","
              "\"timestamp\":1700000000000,\"sessionId\":\"session_329_944444\","
              "\"ipAddress\":\"198.51.100.4\",\"productId\":\"product-0354\","
              "\"userAgent\":\"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Safari/605.1\","
              "\"referrer\":\"https://www.example.com/\"}");
}
END_TEST

START_TEST(other_seeds_give_other_events)
{
    int same = 0;
    for (int i = 0; i < 1000; i++) {
        char a[1000];
        char b[1000];
        to_json(1, (uint64_t)i, a, sizeof a);
        to_json(2, (uint64_t)i, b, sizeof b);
        same += strcmp(a, b) == 0;
    }
    ck_assert_int_lt(same, 5);
}
END_TEST

START_TEST(user_keeps_address_agent_and_session)
{
    struct click_generator generator = click_generator_of(SEED);
    struct click_event event;
    char seen[3][64] = {"", "", ""};
    generator.users = 1;
    for (int i = 0; i < 100; i++) {
        click_generator_event(&generator, (uint64_t)i, START, &event);
        struct weir_str kept[3] = {event.ip_address, event.user_agent, event.session_id};
        for (int k = 0; k < 3; k++) {
            ck_assert(seen[k][0] == '\0' || weir_str_equals(kept[k], seen[k]));
            snprintf(seen[k], sizeof seen[k], "%.*s", WEIR_STR_ARG(kept[k]));
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clickstream generator");
    TCase *tests = tcase_create("generator");
    tcase_add_test(tests, mix_is_the_tutorials);
    tcase_add_test(tests, mix_can_be_changed);
    tcase_add_test(tests, users_are_even);
    tcase_add_test(tests, fields_are_valid);
    tcase_add_test(tests, vocabulary_is_the_tutorials);
    tcase_add_test(tests, pages_are_all_different);
    tcase_add_test(tests, users_and_pages_can_be_fewer);
    tcase_add_test(tests, same_seed_same_event_in_any_order);
    tcase_add_test(tests, events_of_a_seed_stay_what_they_are);
    tcase_add_test(tests, other_seeds_give_other_events);
    tcase_add_test(tests, user_keeps_address_agent_and_session);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
