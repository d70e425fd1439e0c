/*
 * Channels: what goes in comes out, in order, once; a full ring refuses; memory goes round; two
 * threads may use it with parking.
 */
#include "base/mem.h"
#include "base/rand.h"
#include "runtime/channel.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct weir__buf text_buffer(const char *text)
{
    struct weir__buf buffer = {0};
    weir__buf_put(&buffer, text, strlen(text));
    return buffer;
}

static void push_text(struct weir__channel *channel, const char *text, bool expected)
{
    struct weir__buf buffer = text_buffer(text);
    ck_assert_int_eq(weir__channel_push(channel, &buffer), expected);
    ck_assert_uint_eq(buffer.len, expected ? 0 : strlen(text));
    weir__buf_fini(&buffer);
}

static void pop_text(struct weir__channel *channel, const char *text)
{
    const struct weir__buf *front = weir__channel_front(channel);
    ck_assert_ptr_nonnull(front);
    ck_assert_uint_eq(front->len, strlen(text));
    ck_assert_mem_eq(front->data, text, front->len);
    weir__channel_pop(channel);
}

START_TEST(buffers_come_out_in_order_and_a_full_ring_refuses)
{
    struct weir__channel *channel = weir__channel_new(2, NULL, NULL);
    ck_assert_ptr_null(weir__channel_front(channel));
    push_text(channel, "one", true);
    push_text(channel, "two", true);
    push_text(channel, "three", false);
    ck_assert_uint_eq(weir__channel_used(channel), 2);
    pop_text(channel, "one");
    push_text(channel, "three", true);
    pop_text(channel, "two");
    pop_text(channel, "three");
    ck_assert_ptr_null(weir__channel_front(channel));
    weir__channel_free(channel);
}
END_TEST

START_TEST(memory_of_popped_buffers_goes_back_to_the_producer)
{
    struct weir__channel *channel = weir__channel_new(1, NULL, NULL);
    struct weir__buf buffer = text_buffer("first");
    const char *memory = buffer.data;
    ck_assert(weir__channel_push(channel, &buffer));
    weir__channel_pop(channel);
    weir__buf_put(&buffer, "second", 6);
    ck_assert(weir__channel_push(channel, &buffer));
    ck_assert_ptr_eq(buffer.data, memory);
    weir__buf_fini(&buffer);
    weir__channel_free(channel);
}
END_TEST

START_TEST(memory_of_an_oversized_buffer_is_given_back)
{
    struct weir__channel *channel = weir__channel_new(1, NULL, NULL);
    struct weir__buf buffer = {0};
    weir__buf_reserve(&buffer, 64 * WEIR__BUFFER_BYTES);
    weir__buf_put(&buffer, "x", 1);
    ck_assert(weir__channel_push(channel, &buffer));
    weir__channel_pop(channel);
    weir__buf_put(&buffer, "y", 1);
    ck_assert(weir__channel_push(channel, &buffer));
    ck_assert_uint_eq(buffer.capacity, 0);
    weir__buf_fini(&buffer);
    weir__channel_free(channel);
}
END_TEST

/* Against a plain queue of numbers, far around the ring. */
START_TEST(random_pushes_and_pops_agree_with_a_queue)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct weir__rand rand;
        weir__rand_init(&rand, seed);
        size_t capacity = (size_t)1 << weir__rand_below(&rand, 5);
        struct weir__channel *channel = weir__channel_new(capacity, NULL, NULL);
        struct weir__buf buffer = {0};
        int64_t pushed = 0;
        int64_t popped = 0;
        for (int i = 0; i < 5000; i++) {
            if (weir__rand_below(&rand, 2) == 0) {
                buffer.len = 0;
                weir__buf_put_i64(&buffer, pushed);
                bool room = (size_t)(pushed - popped) < capacity;
                ck_assert_msg(weir__channel_push(channel, &buffer) == room, "seed %llu",
                              (unsigned long long)seed);
                pushed += room;
            } else {
                const struct weir__buf *front = weir__channel_front(channel);
                ck_assert_msg((front != NULL) == (pushed > popped), "seed %llu",
                              (unsigned long long)seed);
                if (front != NULL) {
                    struct weir__reader in = {front->data, front->data + front->len, false};
                    ck_assert_int_eq(weir__read_i64(&in), popped++);
                    weir__channel_pop(channel);
                }
            }
        }
        weir__buf_fini(&buffer);
        weir__channel_free(channel);
    }
}
END_TEST

/* ---- two threads, both parking whenever they are blocked ---- */

enum { TRANSFERS = 20000 };

struct pair {
    struct weir__channel *channel;
    struct weir__parker producer;
    struct weir__parker consumer;
};

/* One attempt that may be blocked, and then parks: as a slot does it. */
static void insist(struct weir__parker *parker, bool (*attempt)(void *user), void *user)
{
    while (!attempt(user)) {
        weir__parker_announce(parker);
        if (attempt(user)) {
            weir__parker_cancel(parker);
            return;
        }
        weir__parker_sleep(parker, -1);
    }
}

struct push {
    struct pair *pair;
    struct weir__buf buffer;
};

static bool attempt_push(void *user)
{
    struct push *push = user;
    return weir__channel_push(push->pair->channel, &push->buffer);
}

static void *produce(void *arg)
{
    struct push push = {.pair = arg};
    for (int64_t i = 0; i < TRANSFERS; i++) {
        weir__buf_put_i64(&push.buffer, i);
        insist(&push.pair->producer, attempt_push, &push);
    }
    weir__buf_fini(&push.buffer);
    return NULL;
}

static bool attempt_front(void *user)
{
    return weir__channel_front(((struct pair *)user)->channel) != NULL;
}

START_TEST(no_wake_up_is_lost_between_two_parking_threads)
{
    static const size_t capacities[] = {1, 8};
    for (size_t c = 0; c < 2; c++) {
        struct pair pair = {0};
        struct weir_error error = {0};
        ck_assert_int_eq(weir__parker_init(&pair.producer, &error), WEIR_OK);
        ck_assert_int_eq(weir__parker_init(&pair.consumer, &error), WEIR_OK);
        pair.channel = weir__channel_new(capacities[c], &pair.producer, &pair.consumer);
        pthread_t thread;
        ck_assert_int_eq(pthread_create(&thread, NULL, produce, &pair), 0);
        for (int64_t i = 0; i < TRANSFERS; i++) {
            insist(&pair.consumer, attempt_front, &pair);
            const struct weir__buf *front = weir__channel_front(pair.channel);
            struct weir__reader in = {front->data, front->data + front->len, false};
            int64_t got = weir__read_i64(&in);
            if (got != i) {
                ck_abort_msg("expected %lld, got %lld", (long long)i, (long long)got);
            }
            weir__channel_pop(pair.channel);
        }
        pthread_join(thread, NULL);
        weir__channel_free(pair.channel);
        weir__parker_fini(&pair.producer);
        weir__parker_fini(&pair.consumer);
    }
}
END_TEST

START_TEST(wake_between_announcement_and_sleep_is_not_lost)
{
    struct weir__parker parker;
    struct weir_error error = {0};
    ck_assert_int_eq(weir__parker_init(&parker, &error), WEIR_OK);
    weir__parker_announce(&parker);
    weir__parker_wake(&parker);
    weir__parker_sleep(&parker, -1);
    /* A wake-up that nobody waits for leaves nothing behind. */
    weir__parker_wake(&parker);
    weir__parker_announce(&parker);
    weir__parker_sleep(&parker, 0);
    weir__parker_wake(NULL);
    weir__parker_fini(&parker);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime channel");
    TCase *tests = tcase_create("channel");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, buffers_come_out_in_order_and_a_full_ring_refuses);
    tcase_add_test(tests, memory_of_popped_buffers_goes_back_to_the_producer);
    tcase_add_test(tests, memory_of_an_oversized_buffer_is_given_back);
    tcase_add_test(tests, random_pushes_and_pops_agree_with_a_queue);
    tcase_add_test(tests, no_wake_up_is_lost_between_two_parking_threads);
    tcase_add_test(tests, wake_between_announcement_and_sleep_is_not_lost);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
