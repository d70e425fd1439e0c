/*
 * Both hash indexes against a plain table: what was put and not taken out is found, and nothing
 * else, whatever the hashes are like.
 */
#include "base/dense_index.h"
#include "base/hash.h"
#include "base/index.h"
#include "base/rand.h"
#include "random_cases.h"

#include <check.h>
#include <stdbool.h>

#define ENTRIES 600u

/* Entries by number, as a pool gives them out: the last freed first. */
struct table {
    uint64_t hashes[ENTRIES];
    bool there[ENTRIES];
    uint32_t freed[ENTRIES];
    uint32_t freed_count;
    uint32_t used;
};

static uint32_t take(struct table *table, uint64_t hash)
{
    uint32_t entry = table->freed_count > 0 ? table->freed[--table->freed_count] : table->used++;
    table->hashes[entry] = hash;
    table->there[entry] = true;
    return entry;
}

static void give(struct table *table, uint32_t entry)
{
    table->there[entry] = false;
    table->freed[table->freed_count++] = entry;
}

/* All alike, a few homes with many entries, or as a hash should be. */
static uint64_t random_hash(struct weir__rand *rand, uint64_t kind)
{
    uint64_t number = weir__rand_below(rand, 2000);
    return kind == 0 ? 7 : kind == 1 ? number << 32 | number % 3 : weir__hash_u64(number);
}

/* ---- each index, behind one interface ---- */

struct both {
    struct weir__index index;
    struct weir__dense_index dense;
};

static void put_all(struct both *both, const struct table *table)
{
    weir__dense_grow(&both->dense);
    for (uint32_t entry = 0; entry < table->used; entry++) {
        if (table->there[entry]) {
            weir__dense_put(&both->dense, table->hashes[entry], entry);
        }
    }
}

static void put(struct both *both, const struct table *table, uint32_t entry)
{
    weir__index_put(&both->index, table->hashes[entry], entry);
    if (weir__dense_is_full(&both->dense)) {
        put_all(both, table);
    } else {
        weir__dense_put(&both->dense, table->hashes[entry], entry);
    }
}

static void take_out(struct both *both, const struct table *table, uint32_t entry)
{
    weir__index_remove(&both->index, table->hashes[entry], entry);
    weir__dense_remove(&both->dense, table->hashes[entry], entry);
}

/* How often the entries are found: by each index, once. Those whose hash only looks alike, too. */
static void find(const struct both *both, uint64_t hash, uint32_t times[ENTRIES])
{
    struct weir__index_cursor at = weir__index_find(&both->index, hash);
    for (uint32_t i; (i = weir__index_next(&both->index, &at)) != WEIR__INDEX_NONE;) {
        times[i]++;
    }
    struct weir__dense_cursor dense = weir__dense_find(&both->dense, hash);
    for (uint32_t i; (i = weir__dense_next(&both->dense, &dense)) != WEIR__DENSE_NONE;) {
        times[i]++;
    }
}

static void check(const struct both *both, const struct table *table, uint64_t hash, uint64_t seed)
{
    uint32_t times[ENTRIES] = {0};
    bool right = true;
    find(both, hash, times);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        bool meant = table->there[i] && table->hashes[i] == hash;
        right &= meant ? times[i] == 2 : table->there[i] || times[i] == 0;
    }
    ck_assert_msg(right, "SEED=%" PRIu64 ": hash %" PRIx64, seed, hash);
}

/* Nothing is left of what was there: look-ups end at once. */
static void check_empty(const struct both *both, uint64_t seed)
{
    bool empty = both->index.used == 0 && both->dense.used == 0;
    for (uint32_t i = 0; both->dense.lines != NULL && i <= both->dense.line_mask; i++) {
        empty &= both->dense.lines[i].words[WEIR__DENSE_CELLS] == 0;
    }
    ck_assert_msg(empty, "SEED=%" PRIu64 ": something is left", seed);
}

static void random_case(uint64_t seed)
{
    struct weir__rand rand;
    weir__rand_init(&rand, seed);
    struct table table = {0};
    struct both both = {0};
    uint64_t kind = weir__rand_below(&rand, 6);
    uint32_t most = 1 + (uint32_t)weir__rand_below(&rand, kind == 0 ? 60 : ENTRIES);
    for (uint32_t step = 0; step < 3 * most; step++) {
        uint32_t entry = (uint32_t)weir__rand_below(&rand, most);
        if (table.there[entry] && weir__rand_below(&rand, 3) != 0) {
            take_out(&both, &table, entry);
            give(&table, entry);
        } else if (table.used - table.freed_count < most) {
            put(&both, &table, take(&table, random_hash(&rand, kind)));
        }
        check(&both, &table, random_hash(&rand, kind), seed);
    }
    for (uint32_t entry = 0; entry < table.used; entry++) {
        check(&both, &table, table.hashes[entry], seed);
        if (table.there[entry]) {
            take_out(&both, &table, entry);
            give(&table, entry);
        }
    }
    check_empty(&both, seed);
    weir__index_fini(&both.index);
    weir__dense_fini(&both.dense);
}

START_TEST(indexes_find_what_is_there)
{
    struct random_cases cases = random_cases("indexes", 200);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        random_case(seed);
    }
}
END_TEST

START_TEST(an_empty_index_finds_nothing)
{
    struct both both = {0};
    struct table table = {0};
    check(&both, &table, 7, 0);
    ck_assert(weir__dense_is_full(&both.dense));
}
END_TEST

START_TEST(a_cell_of_the_dense_index_costs_less_than_eleven_bytes)
{
    struct table table = {0};
    struct both both = {0};
    for (uint32_t i = 0; i < ENTRIES; i++) {
        put(&both, &table, take(&table, weir__hash_u64(i)));
        size_t bytes = ((size_t)both.dense.line_mask + 1) * sizeof(struct weir__dense_line);
        ck_assert(i < 12 || bytes <= (size_t)(i + 1) * 11);
    }
    weir__index_fini(&both.index);
    weir__dense_fini(&both.dense);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base index");
    TCase *tests = tcase_create("index");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, indexes_find_what_is_there);
    tcase_add_test(tests, an_empty_index_finds_nothing);
    tcase_add_test(tests, a_cell_of_the_dense_index_costs_less_than_eleven_bytes);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
