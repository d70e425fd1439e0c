/*
 * Time to live of state. Semantics sheet, section 17.
 */
#include "state_backends.h"

#include <check.h>
#include <stdlib.h>

static const struct weir_state_descriptor written = {
    .name = "written", .type = &weir_int64_type, .ttl = {.ttl_ms = 100}};
static const struct weir_state_descriptor read_too = {
    .name = "read",
    .type = &weir_int64_type,
    .ttl = {.ttl_ms = 100, .update = WEIR_TTL_ON_READ_AND_WRITE}};
static const struct weir_state_descriptor list = {
    .name = "list", .kind = WEIR_STATE_LIST, .type = &weir_int64_type, .ttl = {.ttl_ms = 100}};
static const struct weir_state_descriptor list_read = {
    .name = "list read",
    .kind = WEIR_STATE_LIST,
    .type = &weir_int64_type,
    .ttl = {.ttl_ms = 100, .update = WEIR_TTL_ON_READ_AND_WRITE}};
static const struct weir_state_descriptor map = {.name = "map",
                                                 .kind = WEIR_STATE_MAP,
                                                 .key_type = &weir_int64_type,
                                                 .type = &weir_int64_type,
                                                 .ttl = {.ttl_ms = 100}};
static const struct weir_state_descriptor forever = {
    .name = "forever", .type = &weir_int64_type, .ttl = {.ttl_ms = INT64_MAX}};

/* Expired values are returned once more. */
#define AGAIN                                                                                      \
    {                                                                                              \
        .ttl_ms = 100, .visibility = WEIR_TTL_RETURN_EXPIRED_IF_NOT_CLEANED_UP                     \
    }
static const struct weir_state_descriptor again = {
    .name = "again", .type = &weir_string_type, .ttl = AGAIN};
static const struct weir_state_descriptor list_again = {
    .name = "list again", .kind = WEIR_STATE_LIST, .type = &weir_int64_type, .ttl = AGAIN};
static const struct weir_state_descriptor list_read_again = {
    .name = "list read again",
    .kind = WEIR_STATE_LIST,
    .type = &weir_int64_type,
    .ttl = {100, WEIR_TTL_ON_READ_AND_WRITE, WEIR_TTL_RETURN_EXPIRED_IF_NOT_CLEANED_UP}};
static const struct weir_state_descriptor map_again = {.name = "map again",
                                                       .kind = WEIR_STATE_MAP,
                                                       .key_type = &weir_int64_type,
                                                       .type = &weir_int64_type,
                                                       .ttl = AGAIN};
static const struct weir_state_descriptor *const states[] = {
    &written,    &read_too,        &list,      &list_read, &map, &forever, &again,
    &list_again, &list_read_again, &map_again, NULL};

static struct weir_manual_clock manual;
static struct weir__keyed keyed;

static void open_keyed(void)
{
    keyed_init(&keyed, &manual.clock);
    ck_assert_int_eq(weir__keyed_declare(&keyed, states, NULL), WEIR_OK);
}

static void setup(void)
{
    weir_manual_clock_init(&manual, 0);
    open_keyed();
}

static void teardown(void)
{
    weir__keyed_fini(&keyed);
}

/* A call for a key at a time. */
static void at(int64_t ms, int64_t number)
{
    weir_manual_clock_set(&manual, ms);
    struct weir__key key = weir__key_integer(WEIR_KIND_INT64, number);
    weir__keyed_set_key(&keyed, &key);
}

static void set(const struct weir_state_descriptor *state, int64_t value)
{
    weir__keyed_value_set(&keyed, state, &value);
}

static int64_t get(const struct weir_state_descriptor *state)
{
    const int64_t *value = weir__keyed_value_get(&keyed, state);
    return value != NULL ? *value : -1;
}

START_TEST(a_value_expires_when_last_write_plus_ttl_is_now)
{
    at(0, 1);
    set(&written, 7);
    at(99, 1);
    ck_assert_int_eq(get(&written), 7);
    at(100, 1);
    ck_assert_int_eq(get(&written), -1);
}
END_TEST

START_TEST(a_write_renews_and_a_read_does_not)
{
    at(0, 1);
    set(&written, 7);
    at(60, 1);
    ck_assert_int_eq(get(&written), 7);
    set(&written, 8);
    at(159, 1);
    ck_assert_int_eq(get(&written), 8);
    at(160, 1);
    ck_assert_int_eq(get(&written), -1);
}
END_TEST

START_TEST(on_read_and_write_a_read_renews)
{
    at(0, 1);
    set(&read_too, 7);
    at(99, 1);
    ck_assert_int_eq(get(&read_too), 7);
    at(198, 1);
    ck_assert_int_eq(get(&read_too), 7);
    at(298, 1);
    ck_assert_int_eq(get(&read_too), -1);
}
END_TEST

START_TEST(an_expired_value_is_edited_from_zero)
{
    at(0, 1);
    set(&written, 7);
    at(100, 1);
    ck_assert_int_eq(*(int64_t *)weir__keyed_value_edit(&keyed, &written), 0);
}
END_TEST

START_TEST(time_to_live_saturates)
{
    at(1000, 1);
    set(&forever, 7);
    at(INT64_MAX - 1, 1);
    ck_assert_int_eq(get(&forever), 7);
}
END_TEST

START_TEST(list_elements_expire_one_by_one)
{
    for (int64_t ms = 0; ms <= 80; ms += 20) {
        at(ms, 1);
        weir__keyed_list_add(&keyed, &list, &ms);
    }
    at(119, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list), 4);
    at(120, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list), 3);
    ck_assert_int_eq(*(const int64_t *)weir__keyed_list_at(&keyed, &list, 0), 40);
    at(180, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list), 0);
}
END_TEST

START_TEST(a_list_does_not_shrink_during_a_call)
{
    at(0, 1);
    weir__keyed_list_add(&keyed, &list, &(int64_t){5});
    at(50, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list), 1);
    weir_manual_clock_set(&manual, 200);
    ck_assert_ptr_nonnull(weir__keyed_list_at(&keyed, &list, 0));
}
END_TEST

START_TEST(reading_a_list_renews_all_its_elements)
{
    at(0, 1);
    weir__keyed_list_add(&keyed, &list_read, &(int64_t){1});
    at(90, 1);
    weir__keyed_list_add(&keyed, &list_read, &(int64_t){2});
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list_read), 2);
    at(189, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list_read), 2);
}
END_TEST

START_TEST(map_entries_expire_one_by_one)
{
    for (int64_t ms = 0; ms < 100; ms += 5) {
        at(ms, 1);
        weir__keyed_map_put(&keyed, &map, &ms, &ms);
    }
    at(100, 1);
    weir__keyed_map_put(&keyed, &map, &(int64_t){10}, &(int64_t){1000}); /* renews */
    weir__keyed_map_put(&keyed, &map, &(int64_t){0},
                        &(int64_t){2000}); /* it had expired: now the last */
    ck_assert_uint_eq(weir__keyed_map_count(&keyed, &map), 20);
    at(115, 1);
    ck_assert_uint_eq(weir__keyed_map_count(&keyed, &map), 18);
    ck_assert_ptr_null(weir__keyed_map_get(&keyed, &map, &(int64_t){5}));
    ck_assert_int_eq(*(const int64_t *)weir__keyed_map_get(&keyed, &map, &(int64_t){10}), 1000);
    ck_assert_int_eq(*(const int64_t *)weir__keyed_map_at(&keyed, &map, 17, NULL), 2000);
    at(200, 1);
    ck_assert_uint_eq(weir__keyed_map_count(&keyed, &map), 0);
}
END_TEST

START_TEST(expired_keys_are_swept_while_others_are_used)
{
    for (int64_t key = 0; key < 100; key++) {
        at(0, key);
        set(&written, key);
    }
    ck_assert_uint_eq(cell_count(&keyed), 100);
    for (int64_t round = 0; round < 25; round++) {
        at(100 + round, 1000);
        set(&written, round);
        get(&written);
    }
    /* Those on the disk go when it is compacted: test_state_rocksdb.c. */
    ck_assert_uint_le(cell_count(&keyed), state_backend_keeps_cells() ? 1 : 101);
}
END_TEST

START_TEST(stamps_are_in_the_snapshot_and_time_goes_on_while_the_job_is_down)
{
    struct weir__buf bytes = {0};
    at(0, 1);
    set(&written, 1);
    weir__keyed_list_add(&keyed, &list, &(int64_t){1});
    weir__keyed_map_put(&keyed, &map, &(int64_t){1}, &(int64_t){1});
    at(50, 1);
    weir__keyed_list_add(&keyed, &list, &(int64_t){2});
    weir__keyed_snapshot(&keyed, &bytes);
    weir__keyed_fini(&keyed);
    open_keyed();
    struct weir__reader in = {bytes.data, bytes.data + bytes.len, false};
    ck_assert_int_eq(weir__keyed_restore(&keyed, &in, NULL), WEIR_OK);
    at(99, 1);
    ck_assert_int_eq(get(&written), 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list), 2);
    ck_assert_uint_eq(weir__keyed_map_count(&keyed, &map), 1);
    at(100, 1);
    ck_assert_int_eq(get(&written), -1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list), 1);
    ck_assert_uint_eq(weir__keyed_map_count(&keyed, &map), 0);
    weir__buf_fini(&bytes);
}
END_TEST

/* A snapshot, and a restore of it with other states declared. */
static enum weir_status restart_with(const struct weir_state_descriptor *const *declared)
{
    struct weir__buf bytes = {0};
    weir__keyed_snapshot(&keyed, &bytes);
    weir__keyed_fini(&keyed);
    keyed_init(&keyed, &manual.clock);
    ck_assert_int_eq(weir__keyed_declare(&keyed, declared, NULL), WEIR_OK);
    struct weir__reader in = {bytes.data, bytes.data + bytes.len, false};
    enum weir_status status = weir__keyed_restore(&keyed, &in, NULL);
    weir__buf_fini(&bytes);
    return status;
}

START_TEST(switching_ttl_off_or_on_makes_a_restore_fail)
{
    static const struct weir_state_descriptor plain = {.name = "written", .type = &weir_int64_type};
    static const struct weir_state_descriptor *const with[] = {&written, NULL};
    static const struct weir_state_descriptor *const without[] = {&plain, NULL};
    for (int on = 0; on <= 1; on++) {
        weir__keyed_fini(&keyed);
        keyed_init(&keyed, &manual.clock);
        ck_assert_int_eq(weir__keyed_declare(&keyed, on ? without : with, NULL), WEIR_OK);
        ck_assert_int_eq(restart_with(on ? without : with), WEIR_OK);
        ck_assert_int_eq(restart_with(on ? with : without), WEIR_MISMATCH);
    }
}
END_TEST

/* ---- expired values that are returned once more ---- */

START_TEST(an_expired_value_is_returned_once_and_removed)
{
    at(0, 1);
    weir__keyed_value_set(&keyed, &again, &WEIR_STR("a string that does not fit into a word"));
    at(100, 1);
    const struct weir_str *value = weir__keyed_value_get(&keyed, &again);
    ck_assert(value != NULL && weir_str_equals(*value, "a string that does not fit into a word"));
    ck_assert_ptr_null(weir__keyed_value_get(&keyed, &again));
    ck_assert_int_eq(restart_with(states), WEIR_OK);
    at(100, 1);
    ck_assert_ptr_null(weir__keyed_value_get(&keyed, &again));
}
END_TEST

START_TEST(an_expired_value_that_is_returned_can_be_written_back)
{
    at(0, 1);
    weir__keyed_value_set(&keyed, &again, &WEIR_STR("a string that does not fit into a word"));
    at(100, 1);
    weir__keyed_value_set(&keyed, &again, weir__keyed_value_get(&keyed, &again));
    at(199, 1);
    const struct weir_str *value = weir__keyed_value_get(&keyed, &again);
    ck_assert(value != NULL && weir_str_equals(*value, "a string that does not fit into a word"));
    at(299, 1);
    value = weir__keyed_value_edit(&keyed, &again); /* reads it, and writes it */
    ck_assert(weir_str_equals(*value, "a string that does not fit into a word"));
}
END_TEST

START_TEST(an_expired_value_that_was_swept_is_not_returned)
{
    at(0, 1);
    weir__keyed_value_set(&keyed, &again, &WEIR_STR("old"));
    at(100, 2);
    (void)weir__keyed_value_get(&keyed, &again);
    at(100, 1);
    if (state_backend_keeps_cells()) { /* on the disk it is there until the next compaction */
        ck_assert_ptr_null(weir__keyed_value_get(&keyed, &again));
    }
}
END_TEST

START_TEST(expired_list_elements_are_returned_until_the_last_one_is_expired)
{
    at(0, 1);
    weir__keyed_list_add(&keyed, &list_again, &(int64_t){1});
    at(50, 1);
    weir__keyed_list_add(&keyed, &list_again, &(int64_t){2});
    for (int64_t ms = 100; ms < 150; ms += 49) {
        at(ms, 1);
        ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list_again), 2);
    }
    at(150, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list_again), 2);
    ck_assert_int_eq(*(const int64_t *)weir__keyed_list_at(&keyed, &list_again, 1), 2);
    at(150, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list_again), 0);
}
END_TEST

START_TEST(an_addition_does_not_bring_back_a_list_that_was_returned_expired)
{
    at(0, 1);
    weir__keyed_list_add(&keyed, &list_again, &(int64_t){1});
    at(100, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list_again), 1);
    at(100, 1);
    weir__keyed_list_add(&keyed, &list_again, &(int64_t){2});
    at(100, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list_again), 1);
    ck_assert_int_eq(*(const int64_t *)weir__keyed_list_at(&keyed, &list_again, 0), 2);
}
END_TEST

START_TEST(a_list_that_was_returned_expired_is_not_in_the_snapshot)
{
    at(0, 1);
    weir__keyed_list_add(&keyed, &list_again, &(int64_t){1});
    at(100, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list_again), 1);
    ck_assert_int_eq(restart_with(states), WEIR_OK);
    at(100, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list_again), 0);
}
END_TEST

START_TEST(a_read_that_renews_a_list_returns_its_expired_elements_once)
{
    at(0, 1);
    weir__keyed_list_add(&keyed, &list_read_again, &(int64_t){1});
    at(50, 2); /* of another key: no read */
    at(50, 1);
    weir__keyed_list_add(&keyed, &list_read_again, &(int64_t){2});
    at(100, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list_read_again), 2);
    at(199, 1);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &list_read_again), 1);
    ck_assert_int_eq(*(const int64_t *)weir__keyed_list_at(&keyed, &list_read_again, 0), 2);
}
END_TEST

static void put(const struct weir_state_descriptor *state, int64_t key, int64_t value)
{
    weir__keyed_map_put(&keyed, state, &key, &value);
}

static int64_t look(const struct weir_state_descriptor *state, int64_t key)
{
    const int64_t *value = weir__keyed_map_get(&keyed, state, &key);
    return value != NULL ? *value : -1;
}

START_TEST(an_expired_map_entry_is_returned_once_and_removed)
{
    at(0, 1);
    put(&map_again, 1, 10);
    put(&map_again, 2, 20);
    at(100, 1);
    ck_assert_int_eq(look(&map_again, 1), 10);
    ck_assert_int_eq(look(&map_again, 1), -1);
    ck_assert_int_eq(restart_with(states), WEIR_OK);
    at(100, 1);
    ck_assert_int_eq(look(&map_again, 1), -1);
    ck_assert_int_eq(look(&map_again, 2), 20);
    put(&map_again, 2, 21);
    ck_assert_int_eq(look(&map_again, 2), 21);
    ck_assert_uint_eq(weir__keyed_map_count(&keyed, &map_again), 1);
}
END_TEST

START_TEST(a_walk_returns_expired_map_entries_once)
{
    at(0, 1);
    for (int64_t i = 0; i < 20; i++) {
        put(&map_again, i, i);
    }
    at(100, 1);
    ck_assert_int_eq(look(&map_again, 0), 0);
    put(&map_again, 20, 20);
    size_t count = weir__keyed_map_count(&keyed, &map_again);
    ck_assert_uint_eq(count, 20);
    for (size_t i = 0; i < count; i++) {
        const int64_t *value = weir__keyed_map_at(&keyed, &map_again, i, NULL);
        ck_assert_int_eq(*value, (int64_t)i + 1);
    }
    at(100, 1);
    ck_assert_uint_eq(weir__keyed_map_count(&keyed, &map_again), 1);
    ck_assert_int_eq(look(&map_again, 20), 20);
}
END_TEST

START_TEST(a_map_is_empty_when_nothing_is_stored_expired_or_not)
{
    at(0, 1);
    ck_assert(weir__keyed_map_is_empty(&keyed, &map));
    put(&map, 1, 10);
    put(&map, 2, 20);
    at(100, 1);
    ck_assert(!weir__keyed_map_is_empty(&keyed, &map));
    ck_assert_int_eq(look(&map, 1), -1); /* a get removes the entry that it finds expired */
    ck_assert(!weir__keyed_map_is_empty(&keyed, &map));
    ck_assert_uint_eq(weir__keyed_map_count(&keyed, &map), 0); /* a walk all of them */
    ck_assert(weir__keyed_map_is_empty(&keyed, &map));
}
END_TEST

static Suite *make_suite(const char *backend)
{
    Suite *suite = suite_create(backend);
    TCase *tests = tcase_create("ttl");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_value_expires_when_last_write_plus_ttl_is_now);
    tcase_add_test(tests, a_write_renews_and_a_read_does_not);
    tcase_add_test(tests, on_read_and_write_a_read_renews);
    tcase_add_test(tests, an_expired_value_is_edited_from_zero);
    tcase_add_test(tests, time_to_live_saturates);
    tcase_add_test(tests, list_elements_expire_one_by_one);
    tcase_add_test(tests, a_list_does_not_shrink_during_a_call);
    tcase_add_test(tests, reading_a_list_renews_all_its_elements);
    tcase_add_test(tests, map_entries_expire_one_by_one);
    tcase_add_test(tests, expired_keys_are_swept_while_others_are_used);
    tcase_add_test(tests, stamps_are_in_the_snapshot_and_time_goes_on_while_the_job_is_down);
    tcase_add_test(tests, switching_ttl_off_or_on_makes_a_restore_fail);
    tcase_add_test(tests, an_expired_value_is_returned_once_and_removed);
    tcase_add_test(tests, an_expired_value_that_is_returned_can_be_written_back);
    tcase_add_test(tests, an_expired_value_that_was_swept_is_not_returned);
    tcase_add_test(tests, expired_list_elements_are_returned_until_the_last_one_is_expired);
    tcase_add_test(tests, an_addition_does_not_bring_back_a_list_that_was_returned_expired);
    tcase_add_test(tests, a_list_that_was_returned_expired_is_not_in_the_snapshot);
    tcase_add_test(tests, a_read_that_renews_a_list_returns_its_expired_elements_once);
    tcase_add_test(tests, an_expired_map_entry_is_returned_once_and_removed);
    tcase_add_test(tests, a_walk_returns_expired_map_entries_once);
    tcase_add_test(tests, a_map_is_empty_when_nothing_is_stored_expired_or_not);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return run_for_state_backends(make_suite) != 0;
}
